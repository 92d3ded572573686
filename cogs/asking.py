"""`/ask`, and *Ask about this* on a message: the form, similar questions, then the question.

If the title is known before, similar questions come first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.access import Deed, check_may, check_unblocked
from bot.domain.cards import Category
from bot.domain.errors import Denial, Denied, NotFound
from bot.domain.files import GivenFile
from bot.domain.posts import question_of_message
from bot.domain.text import shorten
from bot.domain.typed import one_line
from bot.i18n import N_
from bot.usecases import acted, asking, browsing, drafts, redirecting
from bot.usecases.drafts import Draft, Values
from cogs.failures import DISCORD_FAILED
from cogs.interaction.anonymous import offer_form, send_anonymously
from cogs.interaction.asked import ask, check_beginning, checked, similar_to, tell_asked
from cogs.interaction.beginning import asker_now, categories_for
from cogs.interaction.choices import (
    Choices,
    categories_to_ask,
    matching_categories,
    named_category,
    tags_in_use,
)
from cogs.interaction.files import (
    FormFiles,
    acceptable_files,
    fetch_for_draft,
    given_files,
    take_files,
)
from cogs.interaction.forms import OPENED_WITH, form_failed, give_back, show_form
from cogs.interaction.people import enter, guild_of, reader
from cogs.interaction.reopening import form_of
from cogs.interaction.replies import defer, reply
from cogs.interaction.routing import Control, control, form_values
from cogs.ui.carried import can_carry
from cogs.ui.controls import Forged, button, custom_id, first_chosen, number_in, of_draft, view_of
from cogs.ui.form_files import file_ids, files_in
from cogs.ui.messages import words_of
from cogs.ui.modals import ANONYMOUS, FILES, Offer, ask_form
from cogs.ui.questions import similar_embed
from cogs.ui.texts import explain

if TYPE_CHECKING:
    from bot.app import Askwell

_ORIGIN = "origin"  # in a draft's values: the interaction its form was sent with


class Asking(commands.Cog):
    """Asking questions, and reopening any form with what was typed into it."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot
        self.menu = app_commands.ContextMenu(name=N_("Ask about this"), callback=self.ask_about)
        app_commands.guild_only(self.menu)

    async def cog_load(self) -> None:
        """Add the message menu."""
        self.bot.tree.add_command(self.menu)

    async def cog_unload(self) -> None:
        """Remove the message menu."""
        self.bot.tree.remove_command(self.menu.name, type=self.menu.type)

    @app_commands.command(description=N_("Ask a question."))
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.describe(
        title=N_("Your question in one sentence. You'll see similar questions first."),
        category=N_("What your question is about"),
        attachment=N_("A picture, PDF or text file to attach, up to 10 MB"),
    )
    async def ask(
        self,
        interaction: discord.Interaction[Askwell],
        title: app_commands.Range[str, 1, 150] | None = None,
        category: str | None = None,
        attachment: discord.Attachment | None = None,
    ) -> None:
        """Show similar questions, or the form at once. In a direct message, ask for the server
        first, so that nobody in a channel sees it being typed."""
        if interaction.guild_id is None:
            await self._ask_where(interaction, title or "", attached=attachment is not None)
            return
        chosen = await named_category(interaction, category) if category is not None else None
        await self._begin(interaction, {"title": title or ""}, chosen, given_files(attachment))

    async def _ask_where(
        self, interaction: discord.Interaction[Askwell], title: str, *, attached: bool
    ) -> None:
        """Offer the servers in which the person takes part."""
        t, bot = reader(interaction), self.bot
        await defer(interaction)
        known = map(bot.get_guild, await acted.servers_of(bot.db, interaction.user.id))
        there = [guild for guild in known if guild is not None and not guild.unavailable]
        members = await asyncio.gather(*(_is_member(g, interaction.user.id) for g in there))
        mine = [guild for guild, member in zip(there, members, strict=True) if member]
        elsewhere = t("To begin in another server, use /ask there once.")
        if not mine:
            nowhere = t("I haven't seen you take part in a server yet.")
            await reply(interaction, f"{nowhere} {elsewhere}")
            return
        select: discord.ui.Select[discord.ui.View] = discord.ui.Select(
            custom_id=custom_id("ask.server"),
            placeholder=t("Server"),
            options=[
                discord.SelectOption(label=shorten(one_line(g.name), 100), value=str(g.id))
                for g in mine
            ],
        )
        embed = discord.Embed(title=t("Where do you want to ask?"), description=elsewhere)
        if title:
            embed.set_footer(text=title)
        if attached:
            lost = t("Your file can't come along. Attach it with /ask in the server.")
            embed.description = f"{elsewhere}\n{lost}"
        await reply(interaction, embed=embed, view=view_of(select))

    @control("ask.server")
    async def ask_there(self, interaction: discord.Interaction[Askwell], _: Control) -> None:
        """Open the form for the chosen server, with the rights that the person has there now."""
        if interaction.guild_id is None:
            await enter(interaction, number_in(first_chosen(interaction)))
        shown = interaction.message.embeds if interaction.message is not None else []
        title = shown[0].footer.text if shown else ""
        await self._begin(interaction, {"title": title or ""}, None, [])

    async def ask_about(
        self, interaction: discord.Interaction[Askwell], message: discord.Message
    ) -> None:
        """Make a question from a message: from the member's own text, or quoting somebody
        else's."""
        forwarded = bool(message.message_snapshots)  # somebody else's text, which is no question
        own = message.author.id == interaction.user.id and not forwarded
        link = None if own else message.jump_url
        title, details = question_of_message(
            words_of(message), quoted_from=link, titled=not forwarded
        )
        files = acceptable_files(message) if own else []
        await self._begin(interaction, {"title": title, "details": details}, None, files)

    async def _begin(
        self,
        interaction: discord.Interaction[Askwell],
        values: Values,
        chosen: Category | None,
        given: Sequence[GivenFile],
    ) -> None:
        title = str(values["title"])
        rules = await browsing.rules_of(self.bot.db, guild_of(interaction))
        if rules.channel_id is None:
            raise Denied(Denial.NOT_SET_UP)
        categories = await categories_for(interaction, title)
        if chosen is not None:
            values["category"] = [str(chosen.category_id)]
        actor = await asker_now(interaction, rules, chosen)
        if not title and not values.get("details"):  # there is nothing to lose
            check_unblocked(actor)
            if not categories:
                check_may(actor, Deed.ASK)
        files = await take_files(interaction, given)
        try:
            check_beginning(actor, chosen, offered=bool(categories), attached=bool(given))
        except Denied as denied:
            draft = Draft(custom_id("ask.form", *file_ids(files)), values)
            await form_failed(interaction, denied, draft)
            await fetch_for_draft(interaction, files)
            return
        similar = await similar_to(interaction, title) if title else []
        anonymous = rules.on("anonymous")
        if similar:
            draft = Draft(custom_id("ask.anyway", *file_ids(files)), values)
            await self._show_similar(interaction, similar, draft, anonymous=anonymous)
            return
        draft = Draft(custom_id("ask.form", *file_ids(files)), values)
        offer = Offer(categories, await tags_in_use(interaction), anonymous)
        form = ask_form(offer, values, reader(interaction), files)
        await show_form(interaction, form, draft)

    async def _show_similar(
        self,
        interaction: discord.Interaction[Askwell],
        similar: list[asking.Similar],
        draft: Draft,
        *,
        anonymous: bool,
    ) -> None:
        """Show similar questions in place of the form, which is kept as a draft; or is carried
        along, where the server has `anonymous` posts and it may still become one."""
        if anonymous and can_carry(draft):
            await offer_form(interaction, draft, similar)
            return
        who, t = (guild_of(interaction), interaction.user.id), reader(interaction)
        draft_id = await drafts.keep_draft(self.bot.db, *who, draft, now=discord.utils.utcnow())
        view = view_of(
            button(t("Ask anyway"), "draft", draft_id, style=discord.ButtonStyle.primary),
            button(t("That helped, don't ask"), "ask.helped", draft_id),
        )
        await reply(interaction, embed=similar_embed(who[0], similar, t), view=view)

    @control("ask")
    async def clicked(self, interaction: discord.Interaction[Askwell], _: Control) -> None:
        """Open the form, from the how-to."""
        await self._begin(interaction, {"title": ""}, None, [])

    @control("stray.ask")
    async def ask_instead(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Make a question of a thread that the member opened by hand: its name is the title, and
        the details link to it."""
        where = (self.bot.db, guild_of(interaction), wanted.number(0))
        sign = await redirecting.opened_thread(*where)
        if sign.person_id != interaction.user.id:
            raise Denied(Denial.NOT_ITS_OPENER)
        thread = interaction.channel
        name = thread.name if isinstance(thread, discord.Thread) else ""
        link = f"https://discord.com/channels/{sign.guild_id}/{sign.key}"
        await self._begin(interaction, {"title": one_line(name), "details": link}, None, [])

    @ask.autocomplete("category")
    async def suggest_category(
        self, interaction: discord.Interaction[Askwell], typed: str
    ) -> Choices:
        """Suggest the categories in which the member may ask; none in a direct message."""
        if interaction.guild_id is None:
            return []
        return matching_categories(await categories_to_ask(interaction), typed)

    @control("ask.form")
    async def sent(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Post the submitted question; if there are similar ones, show those first."""
        await self._sent(interaction, wanted)

    @control("ask.anyway")
    async def sent_anyway(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Post the submitted question, whose asker has seen similar ones."""
        await self._sent(interaction, wanted)

    async def _sent(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        values = form_values(interaction)
        values.pop(FILES, None)
        if ANONYMOUS in values.get("how", []):
            draft = Draft(custom_id(wanted.action), values)
            await send_anonymously(interaction, draft, files_in(wanted.arguments, 0))
            return
        files = FormFiles(interaction, files_in(wanted.arguments, 0))
        try:
            question, actor = await checked(interaction, values)
            if wanted.action == "ask.form":
                similar = await similar_to(interaction, question.title)
                if similar:
                    await self._offer(interaction, similar, await files.taken(), values)
                    return
            question = replace(question, files=await files.taken())
            await defer(interaction)
            posted = await ask(interaction, actor, question, interaction.id)
        except Exception as error:
            back = file_ids(await files.given_back(error))
            draft = Draft(custom_id(wanted.action, *back), values)
            await form_failed(interaction, error, draft)
            await files.fetch_for_draft()
            return
        # If nothing is similar, nothing tells what its category may be.
        alike = wanted.action == "ask.anyway" and not values.get("category")
        await tell_asked(interaction, posted, question if alike else None)

    async def _offer(
        self,
        interaction: discord.Interaction[Askwell],
        similar: Sequence[asking.Similar],
        files: Sequence[int],
        values: Values,
    ) -> None:
        """Show similar questions before a new one is posted, which is kept as a draft meanwhile.

        The draft names the interaction of its form, so that it is never posted twice.
        """
        guild_id, t = guild_of(interaction), reader(interaction)
        kept: Values = {**values, _ORIGIN: [str(interaction.id)]}
        draft_id = await drafts.keep_draft(
            self.bot.db,
            guild_id,
            interaction.user.id,
            Draft(custom_id("ask.anyway", *file_ids(files)), kept),
            now=discord.utils.utcnow(),
            instead_of=interaction.extras.pop(OPENED_WITH, None),
        )
        view = view_of(
            button(t("Post mine"), "ask.post", draft_id, style=discord.ButtonStyle.primary),
            button(t("That helped, don't post"), "ask.helped", draft_id),
            button(t("Change mine"), "draft", draft_id),
        )
        await reply(interaction, embed=similar_embed(guild_id, similar, t), view=view)

    @control("ask.post")
    async def post_mine(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Post a question that was kept while its asker looked at similar ones."""
        db, who = self.bot.db, (guild_of(interaction), interaction.user.id)
        draft = await drafts.open_draft(db, *who, wanted.number(0))
        if not draft.form.startswith(custom_id("ask.anyway")):
            raise Forged("a draft of something else")
        files = FormFiles(interaction, files_in(draft.form.split(":")[3:], 0))
        try:
            question, actor = await checked(interaction, draft.values)
            question = replace(question, files=await files.taken())
            await defer(interaction)
            origin_id = _origin_of(draft, interaction)
            posted = await ask(interaction, actor, question, origin_id)
        except Exception as error:
            back = file_ids(await files.given_back(error))
            interaction.extras[OPENED_WITH] = wanted.number(0)  # it takes that one's place
            await form_failed(
                interaction, error, replace(draft, form=custom_id("ask.anyway", *back))
            )
            return
        await drafts.drop_draft(db, *who, wanted.number(0))
        unchosen = not draft.values.get("category")
        await tell_asked(interaction, posted, question if unchosen else None)

    @control("ask.helped")
    async def helped(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Drop a question that needn't be posted, and count that."""
        now, t = discord.utils.utcnow(), reader(interaction)
        who = (guild_of(interaction), interaction.user.id)
        await drafts.not_needed(self.bot.db, *who, wanted.number(0), now=now)
        message = interaction.message
        shown = message.embeds[0] if message is not None and message.embeds else None
        text = t("Glad that helped. Nothing was posted, and what you typed is gone.")
        await reply(interaction, text, embed=shown, update=True)

    @control("draft")
    async def open_again(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Reopen a form with what was typed into it before."""
        guild_id, db, t = guild_of(interaction), self.bot.db, reader(interaction)
        draft = await drafts.open_draft(db, guild_id, interaction.user.id, wanted.number(0))
        try:
            shown = await form_of(interaction, draft, kept=True)
        except NotFound as gone:
            await give_back(interaction, explain(gone, t), draft)
            return
        shown.custom_id = of_draft(shown.custom_id, wanted.number(0))
        interaction.extras[OPENED_WITH] = wanted.number(0)  # kept there if it doesn't open
        await show_form(interaction, shown, draft)


async def _is_member(guild: discord.Guild, user_id: int) -> bool:
    try:
        await guild.fetch_member(user_id)
    except DISCORD_FAILED:  # they left, or it can't be told now
        return False
    return True


def _origin_of(draft: Draft, interaction: discord.Interaction[Askwell]) -> int:
    """The interaction that a kept question was sent with."""
    origin = draft.values.get(_ORIGIN)
    return number_in(origin[0]) if isinstance(origin, list) and origin else interaction.id


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Asking(bot))
