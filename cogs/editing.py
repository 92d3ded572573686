"""Editing and deleting posts, and the *More* menu with everything a person may do to one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.cards import PostCard
from bot.domain.errors import Denial, Denied, Invalid, Problem
from bot.domain.policies import check_can_delete
from bot.i18n import N_, Texts
from bot.usecases import editing
from bot.usecases.drafts import Draft
from bot.usecases.editing import EditForm, PostRights
from bot.usecases.removing import GRACE
from cogs.interaction.bell import look_for_menu, menu_of
from cogs.interaction.choices import Choices, post_choices
from cogs.interaction.forms import form_failed, show_form
from cogs.interaction.people import reader
from cogs.interaction.pointing import own_meant
from cogs.interaction.replies import defer, reply, tell_done, tell_saved
from cogs.interaction.routing import Control, control, form_values
from cogs.interaction.visible import (
    actor_at,
    card_at,
    own_card_at,
    post_of_message,
    readable_channels,
)
from cogs.ui.cards import card_link, way_to_card
from cogs.ui.controls import button, custom_id, link_button, view_of
from cogs.ui.menu import moderation_items
from cogs.ui.modals import edit_form, edit_values, edited_text

if TYPE_CHECKING:
    from bot.app import Askwell


class Editing(commands.Cog):
    """Changing posts."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot
        self.menu = app_commands.ContextMenu(name=N_("Edit post"), callback=self.edit_message)
        app_commands.guild_only(self.menu)

    async def cog_load(self) -> None:
        """Add the message menu."""
        self.bot.tree.add_command(self.menu)

    async def cog_unload(self) -> None:
        """Remove the message menu."""
        self.bot.tree.remove_command(self.menu.name, type=self.menu.type)

    @app_commands.command(description=N_("Edit a question or answer."))
    @app_commands.guild_only()
    @app_commands.describe(
        post=N_(
            "The post's number or link. In a question's thread, the default is your latest post."
        )
    )
    async def edit(
        self, interaction: discord.Interaction[Askwell], post: str | None = None
    ) -> None:
        """Open a post's form."""
        card = await own_meant(interaction, post, "edit")
        if card is not None:
            await self._open(interaction, card.post_id)

    @app_commands.command(description=N_("Delete a question or answer."))
    @app_commands.guild_only()
    @app_commands.describe(
        post=N_(
            "The post's number or link. In a question's thread, the default is your latest post."
        )
    )
    async def delete(
        self, interaction: discord.Interaction[Askwell], post: str | None = None
    ) -> None:
        """Ask for confirmation, then delete."""
        card = await own_meant(interaction, post, "delete")
        if card is not None:
            await self._ask_deletion(interaction, card)

    @edit.autocomplete("post")
    @delete.autocomplete("post")
    async def suggest(self, interaction: discord.Interaction[Askwell], typed: str) -> Choices:
        """Offer posts."""
        return await post_choices(interaction, typed)

    async def edit_message(
        self, interaction: discord.Interaction[Askwell], message: discord.Message
    ) -> None:
        """Open the form of the post whose card a message is."""
        card = await post_of_message(interaction, message)
        if card is None:
            raise Invalid("post", Problem.NOT_A_CARD)
        await self._open(interaction, card.post_id)

    @control("edit", of_post=True)
    async def edit_clicked(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Open a post's form from the *More* menu."""
        await self._open(interaction, wanted.number(0))

    async def _open(self, interaction: discord.Interaction[Askwell], post_id: int) -> None:
        actor = await actor_at(interaction, post_id, writing=True)
        now = discord.utils.utcnow()
        card = await editing.post_to_edit(self.bot.db, actor, post_id, now)
        values = edit_values(card)
        if values is None:
            raise Denied(Denial.TOO_LONG_FOR_FORM)
        form = edit_form(post_id, card.version, card.kind, values, reader(interaction))
        await show_form(interaction, form)

    @control("edit.form", of_post=True)
    async def sent(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Save the submitted edit."""
        values = form_values(interaction)
        post_id, version = wanted.number(0), wanted.number(1)
        form = EditForm(
            version=version,
            body=edited_text(values),
            title=str(values.get("title", "")),
            tags=str(values["tags"]) if "tags" in values else None,
            reason=str(values.get("reason", "")),
        )
        try:
            actor = await actor_at(interaction, post_id, writing=True)
            await defer(interaction)
            card = await editing.edit_post(
                self.bot.db,
                actor,
                post_id,
                form,
                channels=readable_channels(interaction),
                now=discord.utils.utcnow(),
            )
        except Exception as error:
            draft = Draft(custom_id("edit.form", post_id, version), values)
            await form_failed(interaction, error, draft)
            return
        t = reader(interaction)
        if card.version == version:
            await reply(interaction, t("No changes to {number}.", number=card.reference))
            return
        text = t("Saved your changes to {number}.", number=card.reference)
        await tell_done(interaction, post_id, text, view=way_to_card(card, t))

    @control("delete", of_post=True)
    async def delete_clicked(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Ask for confirmation, from the *More* menu."""
        card = await own_card_at(interaction, wanted.number(0))
        await self._ask_deletion(interaction, card, update=True)

    async def _ask_deletion(
        self, interaction: discord.Interaction[Askwell], card: PostCard, *, update: bool = False
    ) -> None:
        actor = await actor_at(interaction, card.post_id)
        await editing.check_deletion(self.bot.db, actor, card)
        t = reader(interaction)
        yes = button(t("Delete"), "delete.yes", card.post_id, style=discord.ButtonStyle.danger)
        text = t(
            "Delete {number}? Moderators can restore it for {days} days. After that, its text is "
            "erased.",
            number=card.reference,
            days=GRACE.days,
        )
        await reply(interaction, text, view=view_of(yes), update=update)

    @control("delete.yes", of_post=True)
    async def deleted(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Delete a post."""
        actor = await actor_at(interaction, wanted.number(0))
        card = await editing.delete_post(
            self.bot.db, actor, wanted.number(0), now=discord.utils.utcnow()
        )
        t = reader(interaction)
        await tell_saved(interaction, t("{number} is deleted.", number=card.reference), update=True)

    @control("files", of_post=True)
    async def files_clicked(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Ask for confirmation before a post's files are removed."""
        card = await card_at(interaction, wanted.number(0))
        check_can_delete(await actor_at(interaction, card.post_id), card.author.id)
        t, danger = reader(interaction), discord.ButtonStyle.danger
        yes = button(t("Remove files"), "files.yes", card.post_id, style=danger)
        text = t("Remove the files from {number}? This can't be undone.", number=card.reference)
        await reply(interaction, text, view=view_of(yes), update=True)

    @control("files.yes", of_post=True)
    async def files_removed(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Remove a post's files."""
        actor = await actor_at(interaction, wanted.number(0))
        card = await editing.remove_files(
            self.bot.db, actor, wanted.number(0), now=discord.utils.utcnow()
        )
        t = reader(interaction)
        text = t("Removed the files from {number}.", number=card.reference)
        await tell_done(interaction, card.post_id, text, update=True)

    @control("more", of_post=True, look=look_for_menu)
    async def more(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Show what this person may do to a post."""
        card = await card_at(interaction, wanted.number(0))
        message = interaction.message
        shown = card.place.message_id
        if message is not None and shown is not None and message.id != shown:
            raise Denied(Denial.CARD_OUTDATED)
        actor = await actor_at(interaction, card.post_id, writing=True)
        menu = menu_of(interaction)
        rights = editing.rights(actor, card, menu.facts, menu.news.rules, discord.utils.utcnow())
        t = reader(interaction)
        guild, thread_id = interaction.guild, card.place.thread_id
        thread = guild.get_thread(thread_id) if guild and thread_id else None
        view = more_view(card, rights, t, locked=thread is not None and thread.locked)
        await reply(interaction, more_text(card, rights, t), view=view)


def more_text(card: PostCard, rights: PostRights, t: Texts) -> str:
    """The heading of the *More* menu: the post, and the member's vote."""
    if rights.vote > 0:
        state = t("You upvoted this.")
    elif rights.vote < 0:
        state = t("You downvoted this.")
    else:
        state = ""
    return f"**{card.reference}** {state}".strip()


def more_view(
    card: PostCard, rights: PostRights, t: Texts, *, locked: bool = False
) -> discord.ui.View:
    """The *More* menu: only what this person may do to this post, in rows: what every reader may
    do, what its author may, and what its moderators may. `locked` is said of its thread."""
    items: list[discord.ui.Button[Any]] = []
    own = _changes(card, rights, t)
    others: list[discord.ui.Button[Any]] = []
    if rights.up and rights.vote <= 0:
        items.append(button(t("Upvote"), "vote", card.post_id, "up", emoji="⬆️"))
    if rights.down and rights.vote >= 0:
        items.append(button(t("Downvote"), "vote", card.post_id, "down", emoji="⬇️"))
    if rights.vote:
        items.append(button(t("Remove vote"), "vote", card.post_id, "clear"))
    if rights.choose and card.is_best:
        items.append(button(t("Unmark best answer"), "unbest", card.post_id))
    elif rights.choose:
        success = discord.ButtonStyle.success
        items.append(button(t("Mark as best"), "best", card.post_id, style=success, emoji="✅"))
    if rights.comment:
        items.append(button(t("Comment"), "comment", card.post_id))
    if card.answers > 1:
        items.append(button(t("Answers by votes"), "answers", card.post_id, 0))
    if rights.report:
        others.append(button(t("Report"), "report", card.post_id))
        others.append(button(t("I'm worried…"), "worry", card.post_id))
    link = card_link(card)
    if link:
        others.append(link_button(t("Link"), link))
    for row, members in enumerate(each for each in (items, own, others) if each):
        for member in members:
            member.row = row
    return view_of(*items, *own, *others, *moderation_items(card, rights, t, locked=locked))


def _changes(card: PostCard, rights: PostRights, t: Texts) -> list[discord.ui.Button[Any]]:
    """Buttons that change the post, or show how it was changed."""
    found: list[discord.ui.Button[Any]] = []
    if rights.edit:
        found.append(button(t("Edit"), "edit", card.post_id))
    if rights.retag:
        found.append(button(t("Change tags"), "retag", card.post_id))
    if rights.remove_files:
        found.append(button(t("Remove files"), "files", card.post_id))
    if rights.history:
        found.append(button(t("History"), "history", card.post_id))
    if rights.delete:
        danger = discord.ButtonStyle.danger
        found.append(button(t("Delete"), "delete", card.post_id, style=danger))
    return found


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Editing(bot))
