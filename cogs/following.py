"""`/follow`, `/unfollow` and `/inbox`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.actors import Actor
from bot.domain.appeals import Appeal
from bot.domain.errors import Missing, NotFound
from bot.domain.notices import FollowKind
from bot.domain.rules import Rules
from bot.i18n import N_
from bot.usecases import (
    appealing,
    browsing,
    delaying,
    following,
    listing,
    personas,
    reporting,
    stopping,
)
from bot.usecases.following import Followed
from bot.usecases.reporting import WaitingReports
from cogs.foundation.moderating import Reach, reach_of
from cogs.interaction.choices import (
    Choices,
    category_choices,
    check_category,
    chosen_category,
    question_choices,
    tag_choices,
)
from cogs.interaction.people import guild_of, reader, rules_and_actor
from cogs.interaction.replies import replace_clicked, reply, tell_saved
from cogs.interaction.routing import Control, control
from cogs.interaction.visible import (
    moderated_channels,
    named_post,
    readable_channels,
    shown_categories,
)
from cogs.ui.appeals import waiting_options
from cogs.ui.bell import NEWS
from cogs.ui.controls import button, first_chosen, number_in, one_of, view_of
from cogs.ui.follows import FollowChoices, followed_text, follows_embed, follows_view
from cogs.ui.help import command_mention
from cogs.ui.notices import inbox_embed, inbox_view, stopped_text
from cogs.ui.reports import with_reports
from cogs.ui.selects import page_chosen

if TYPE_CHECKING:
    from bot.app import Askwell


@dataclass(frozen=True, slots=True)
class _Waiting:
    """What waits for a moderator: reported posts, and appeals."""

    reports: list[WaitingReports] = field(default_factory=list[WaitingReports])
    appeals: list[Appeal] = field(default_factory=list[Appeal])


class Following(commands.Cog):
    """Follows and notices."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot

    async def _named(
        self,
        interaction: discord.Interaction[Askwell],
        question: str | None,
        category: str | None,
        tag: str | None,
        member: discord.User | None,
    ) -> tuple[FollowKind, str]:
        """What was named; if nothing was, the question of the thread."""
        if category is not None:
            return FollowKind.CATEGORY, str(await chosen_category(interaction, category))
        if tag is not None:
            return FollowKind.TAG, tag
        if member is not None:
            return FollowKind.MEMBER, str(member.id)
        card = await named_post(interaction, question, question=True)
        return FollowKind.QUESTION, str(card.post_id)

    @app_commands.command(description=N_("Follow a question, category, tag or member."))
    @app_commands.guild_only()
    @app_commands.describe(
        question=N_("The question: its number, link or words from its title"),
        category=N_("New questions in this category"),
        tag=N_("New questions with this tag"),
        member=N_("This member's questions and answers"),
    )
    async def follow(
        self,
        interaction: discord.Interaction[Askwell],
        question: str | None = None,
        category: str | None = None,
        tag: app_commands.Range[str, 1, 60] | None = None,
        member: discord.User | None = None,
    ) -> None:
        """Follow something. If nothing is named outside a thread, list what the member follows."""
        try:
            kind, key = await self._named(interaction, question, category, tag, member)
        except NotFound as error:
            if Missing(error.reason) is not Missing.UNNAMED:
                raise
            await self._show_follows(interaction, 0)
            return
        await self._follow(interaction, kind, key)

    @control("follows")
    async def follows_turned(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Turn to another page of what the member follows."""
        replace_clicked(interaction)
        await self._show_follows(interaction, wanted.page(0))

    async def _show_follows(
        self,
        interaction: discord.Interaction[Askwell],
        page: int,
        *,
        done: str | None = None,
        offered: int | None = None,
    ) -> None:
        """What the member follows, with selects to follow more and to unfollow. `done` is said
        above it; `offered` is the page of categories in their select."""
        _, actor = await rules_and_actor(interaction)
        channels, t = readable_channels(interaction), reader(interaction)
        found = await following.follows(self.bot.db, actor, channels=channels)
        shown = [
            each
            for each in found
            if each.category is None or shown_categories(interaction, [each.category])
        ]
        known = await browsing.categories_of(self.bot.db, actor.guild_id)
        categories = shown_categories(interaction, known)
        tags, _ = await listing.list_tags(
            self.bot.db, actor.guild_id, channels=channels, reader_id=actor.user_id
        )
        embed, more = follows_embed(shown, page, t)
        choices = FollowChoices(shown, categories, [tag for tag, _ in tags], offered)
        view = follows_view(choices, page, t, more=more)
        tell = reply if done is None else tell_saved
        await tell(interaction, done, embed=embed, view=view)

    @control("follow.category")
    async def category_chosen(self, interaction: discord.Interaction[Askwell], _: Control) -> None:
        """Follow the chosen category, or offer more of them."""
        replace_clicked(interaction)
        chosen = first_chosen(interaction)
        page = page_chosen(chosen)
        if page is not None:
            await self._show_follows(interaction, 0, offered=page)
            return
        await check_category(interaction, number_in(chosen))
        await self._follow_more(interaction, FollowKind.CATEGORY, chosen)

    @control("follow.tag")
    async def tag_chosen(self, interaction: discord.Interaction[Askwell], _: Control) -> None:
        """Follow the chosen tag."""
        replace_clicked(interaction)
        await self._follow_more(interaction, FollowKind.TAG, first_chosen(interaction))

    @control("follow.member")
    async def member_chosen(self, interaction: discord.Interaction[Askwell], _: Control) -> None:
        """Follow the chosen member."""
        replace_clicked(interaction)
        member_id = number_in(first_chosen(interaction))
        await self._follow_more(interaction, FollowKind.MEMBER, str(member_id))

    async def _follow_more(
        self, interaction: discord.Interaction[Askwell], kind: FollowKind, key: str
    ) -> None:
        followed = await self._save(interaction, kind, key)
        t = reader(interaction)
        done = t("You're following {name}.", name=followed_text(followed, t))
        await self._show_follows(interaction, 0, done=done)

    @control("unfollow.chosen")
    async def unfollow_chosen(self, interaction: discord.Interaction[Askwell], _: Control) -> None:
        """Stop following what was chosen."""
        replace_clicked(interaction)
        kind, _sign, key = first_chosen(interaction).partition(":")
        _rules, actor = await rules_and_actor(interaction)
        now, t = discord.utils.utcnow(), reader(interaction)
        await following.unfollow(self.bot.db, actor, one_of(FollowKind, kind), key, now=now)
        await self._show_follows(interaction, 0, done=t("You're no longer following this."))

    async def _save(
        self, interaction: discord.Interaction[Askwell], kind: FollowKind, key: str
    ) -> Followed:
        _, actor = await rules_and_actor(interaction)
        channels, now = readable_channels(interaction), discord.utils.utcnow()
        return await following.follow(self.bot.db, actor, kind, key, channels=channels, now=now)

    async def _follow(
        self, interaction: discord.Interaction[Askwell], kind: FollowKind, key: str
    ) -> None:
        followed = await self._save(interaction, kind, key)
        who = guild_of(interaction), interaction.user.id
        wishes = await following.preferences(self.bot.db, *who)
        t = reader(interaction)
        named = {
            "name": followed_text(followed, t),
            "inbox": command_mention("inbox", self.bot.command_ids),
        }
        buttons: list[discord.ui.Button[discord.ui.View]] = []
        if wishes.by_message:
            text = t("You're following {name}. You'll get news by DM and in {inbox}.", **named)
        else:
            text = t("You're following {name}. News goes to {inbox}.", **named)
            buttons.append(button(t("Send me DMs too"), "dms"))
        if kind is FollowKind.QUESTION:
            buttons.append(button(t("Unfollow"), "unfollow", followed.key))
        await tell_saved(interaction, text, view=view_of(*buttons) if buttons else None)

    @control("follow", of_post=True)
    async def follow_clicked(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Follow a question from its card."""
        await self._follow(interaction, FollowKind.QUESTION, str(wanted.number(0)))

    @control("unfollow")
    async def unfollow_clicked(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Unfollow a question."""
        _, actor = await rules_and_actor(interaction)
        key, now = str(wanted.number(0)), discord.utils.utcnow()
        await following.unfollow(self.bot.db, actor, FollowKind.QUESTION, key, now=now)
        t = reader(interaction)
        await tell_saved(interaction, t("You're no longer following this."), update=True)

    @control("dms")
    async def dms_wanted(self, interaction: discord.Interaction[Askwell], _: Control) -> None:
        """Turn on direct messages about what the member follows."""
        _rules, actor = await rules_and_actor(interaction)
        now = discord.utils.utcnow()
        await following.change_preferences(self.bot.db, actor, {"by_message": True}, now=now)
        t = reader(interaction)
        text = t(
            "You'll now get news about what you follow by DM. You can change this in "
            "{notifications}.",
            notifications=command_mention("notifications", self.bot.command_ids),
        )
        await tell_saved(interaction, text, update=True)

    @app_commands.command(description=N_("Unfollow a question, category, tag or member."))
    @app_commands.guild_only()
    @app_commands.describe(
        question=N_("The question: its number, link or words from its title"),
        category=N_("The category"),
        tag=N_("The tag"),
        member=N_("The member"),
    )
    async def unfollow(
        self,
        interaction: discord.Interaction[Askwell],
        question: str | None = None,
        category: str | None = None,
        tag: app_commands.Range[str, 1, 60] | None = None,
        member: discord.User | None = None,
    ) -> None:
        """Stop following something. If nothing is named outside a thread, offer what the member
        follows."""
        try:
            kind, key = await self._named(interaction, question, category, tag, member)
        except NotFound as error:
            if Missing(error.reason) is not Missing.UNNAMED:
                raise
            await self._show_follows(interaction, 0)
            return
        _, actor = await rules_and_actor(interaction)
        now = discord.utils.utcnow()
        followed = await following.unfollow(self.bot.db, actor, kind, key, now=now)
        t = reader(interaction)
        await tell_saved(
            interaction,
            t("You're no longer following this.") if followed else t("You weren't following this."),
        )

    @follow.autocomplete("question")
    @unfollow.autocomplete("question")
    async def suggest_question(
        self, interaction: discord.Interaction[Askwell], typed: str
    ) -> Choices:
        """Offer questions."""
        return await question_choices(interaction, typed)

    @follow.autocomplete("category")
    @unfollow.autocomplete("category")
    async def suggest_category(
        self, interaction: discord.Interaction[Askwell], typed: str
    ) -> Choices:
        """Offer categories."""
        return await category_choices(interaction, typed)

    @follow.autocomplete("tag")
    @unfollow.autocomplete("tag")
    async def suggest_tag(self, interaction: discord.Interaction[Askwell], typed: str) -> Choices:
        """Offer tags."""
        return await tag_choices(interaction, typed)

    @app_commands.command(description=N_("See what's new with your posts and what you follow."))
    @app_commands.guild_only()
    async def inbox(self, interaction: discord.Interaction[Askwell]) -> None:
        """Show the inbox."""
        await self._show_inbox(interaction, 0)

    @control("inbox")
    async def inbox_turned(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Turn to another page of the inbox."""
        await self._show_inbox(interaction, wanted.page(0), update=True)

    @control(NEWS)
    async def bell_pressed(self, interaction: discord.Interaction[Askwell], _: Control) -> None:
        """Show the inbox, from the bell under another reply, which stays."""
        await self._show_inbox(interaction, 0)

    async def _show_inbox(
        self, interaction: discord.Interaction[Askwell], page: int, *, update: bool = False
    ) -> None:
        rules, actor = await rules_and_actor(interaction)
        channels = readable_channels(interaction)
        inbox = await following.open_inbox(
            self.bot.db, actor, page, channels=channels, now=discord.utils.utcnow()
        )
        t, now = reader(interaction), discord.utils.utcnow()
        if inbox.block is not None and not inbox.block.block.holds(now):
            inbox = replace(inbox, block=None)
        if not page and inbox.theirs is not None and inbox.theirs.waiting:
            who = (actor.guild_id, actor.user_id)
            delayed = await delaying.own(self.bot.db, self.bot.sealing, *who)
            inbox = replace(inbox, delayed=delayed)
        view = inbox_view(inbox, page, t)
        waiting = _Waiting() if page else await self._waiting(interaction, actor, rules)
        reports, appeals = waiting.reports, waiting.appeals
        embed = inbox_embed(inbox, page, t, self.bot.command_ids, reports, appeals)
        if reports or appeals:
            view = with_reports(view, reports, t, waiting_options(appeals, t))
        if await reply(interaction, embed=embed, view=view, update=update, bell=False):
            await following.note_read(self.bot.db, actor, inbox, now=now)

    async def _waiting(
        self, interaction: discord.Interaction[Askwell], actor: Actor, rules: Rules
    ) -> _Waiting:
        """What waits for the person as a moderator, where no channel has it."""
        if reach_of(interaction.guild, rules) is Reach.REACHED:
            return _Waiting()
        channels = await moderated_channels(interaction)
        return _Waiting(
            await reporting.waiting_reports(self.bot.db, actor, channels),
            await appealing.waiting_appeals(self.bot.db, actor, channels),
        )

    @control("stop")
    async def stop(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Stop direct messages, from one of them."""
        now, t = discord.utils.utcnow(), reader(interaction)
        about, notice_id = wanted.number(1), wanted.number(2) or None
        who = wanted.number(0), interaction.user.id
        seal = personas.seal_of(self.bot.sealing, *who)
        stopped = await stopping.stop_messages(
            self.bot.db, *who, about, notice_id=notice_id, seal=seal, now=now
        )
        await reply(interaction, stopped_text(stopped, t))


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Following(bot))
