"""`/retag`, and `/tag` for moderators: synonyms, and merging one tag into another."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.errors import Refusal
from bot.domain.typed import one_line
from bot.i18n import N_
from bot.usecases import tagging
from bot.usecases.drafts import Draft, Values
from bot.usecases.tagging import TagForm
from cogs.interaction.choices import Choices, question_choices, tag_choices, tags_choices
from cogs.interaction.forms import form_failed, show_form
from cogs.interaction.people import reader, rules_and_actor
from cogs.interaction.pointing import question_meant
from cogs.interaction.replies import defer, reply, tell_done, tell_saved
from cogs.interaction.routing import Control, control, form_values
from cogs.interaction.typed import CARRIED, carried, carry
from cogs.interaction.visible import actor_at, named_post, readable_channels
from cogs.managing.server import acknowledge_click
from cogs.ui.cards import way_to_card
from cogs.ui.controls import custom_id
from cogs.ui.lists import pages_view
from cogs.ui.modals import tags_form
from cogs.ui.tagging import merge_text, merge_view, synonyms_embed, tag_text

if TYPE_CHECKING:
    from bot.app import Askwell

_Tag = app_commands.Range[str, 1, 60]
_Tags = app_commands.Range[str, 0, 180]
PROGRESS_SECONDS = 2.0  # between two edits of the reply with the progress of a merge


class Tagging(commands.Cog):
    """Tags."""

    tag = app_commands.Group(
        name="tag",
        description=N_("Manage tags and synonyms."),
        allowed_contexts=app_commands.AppCommandContext(guild=True),
        default_permissions=discord.Permissions(manage_messages=True),
        guild_only=True,
    )

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot

    # --- one question's tags ---------------------------------------------------------------------

    @app_commands.command(description=N_("Change the tags of a question."))
    @app_commands.guild_only()
    @app_commands.describe(
        tags=N_("The new tags, separated by commas, up to five. They replace the current ones."),
        post=N_("The question: its number, link or words from its title"),
    )
    async def retag(
        self, interaction: discord.Interaction[Askwell], tags: _Tags, post: str | None = None
    ) -> None:
        """Change a question's tags."""
        beside = carry(interaction, tags)
        card = await question_meant(interaction, post, "retag", CARRIED, beside=beside)
        if card is not None:
            await self._retag(interaction, card.post_id, TagForm(card.version, tags))

    @retag.autocomplete("post")
    async def suggest_post(self, interaction: discord.Interaction[Askwell], typed: str) -> Choices:
        """Offer questions."""
        return await question_choices(interaction, typed)

    @retag.autocomplete("tags")
    async def suggest_tags(self, interaction: discord.Interaction[Askwell], typed: str) -> Choices:
        """Complete the last of the tags; at first, suggest the question's current ones."""
        try:
            named = getattr(interaction.namespace, "post", None)
            card = await named_post(interaction, named, question=True)
        except Refusal:
            return await tags_choices(interaction, typed)
        return await tags_choices(interaction, typed, card.tags)

    @control("retag", of_post=True)
    async def retag_clicked(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Open the form from the *More* menu, or for the question chosen after `/retag`."""
        typed = carried(interaction, wanted.number(1))
        actor = await actor_at(interaction, wanted.number(0), writing=True)
        now = discord.utils.utcnow()
        card = await tagging.question_to_retag(self.bot.db, actor, wanted.number(0), now)
        values: Values = {"tags": typed or ", ".join(card.tags)}
        form = tags_form(card.post_id, card.version, card.title, values, reader(interaction))
        await show_form(interaction, form)

    @control("retag.form", of_post=True)
    async def sent(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Save the submitted tags."""
        values = form_values(interaction)
        post_id, version = wanted.number(0), wanted.number(1)
        form = TagForm(version, str(values.get("tags", "")), str(values.get("reason", "")))
        await self._retag(interaction, post_id, form)

    async def _retag(
        self, interaction: discord.Interaction[Askwell], post_id: int, form: TagForm
    ) -> None:
        try:
            actor = await actor_at(interaction, post_id, writing=True)
            await defer(interaction)
            card = await tagging.retag_question(
                self.bot.db,
                actor,
                post_id,
                form,
                channels=readable_channels(interaction),
                now=discord.utils.utcnow(),
            )
        except Exception as error:
            values: dict[str, str | list[str]] = {"tags": form.tags, "reason": form.reason}
            draft = Draft(custom_id("retag.form", post_id, form.version), values)
            await form_failed(interaction, error, draft)
            return
        t = reader(interaction)
        shown = {"number": card.reference, "tags": " ".join(map(tag_text, card.tags))}
        if card.version == form.version:
            text = t("No changes to {number}.", number=card.reference)
        elif card.tags:
            text = t("Saved. Tags on {number}: {tags}", **shown)
        else:
            text = t("Removed all tags from {number}.", number=card.reference)
        await tell_done(interaction, card.post_id, text, view=way_to_card(card, t))

    # --- the words for tags ----------------------------------------------------------------------

    @tag.command(description=N_("Add a synonym: anyone who types it gets the tag instead."))
    @app_commands.describe(
        tag=N_("The synonym: a word that no question is tagged with"),
        target=N_("The tag to use instead"),
    )
    async def synonym(
        self, interaction: discord.Interaction[Askwell], tag: _Tag, target: _Tag
    ) -> None:
        """Add a synonym, or change its tag."""
        _, actor = await rules_and_actor(interaction)
        now, channels = discord.utils.utcnow(), readable_channels(interaction)
        made = await tagging.add_synonym(
            self.bot.db, actor, tag, target, channels=channels, now=now
        )
        t = reader(interaction)
        named = {"tag": tag_text(made.tag), "target": tag_text(made.target)}
        await tell_saved(
            interaction, t("Saved. Anyone who types {tag} now gets {target}.", **named)
        )

    @tag.command(description=N_("Remove a synonym and make it a separate tag again."))
    @app_commands.describe(tag=N_("The synonym to remove"))
    async def unsynonym(self, interaction: discord.Interaction[Askwell], tag: _Tag) -> None:
        """Remove a synonym."""
        _, actor = await rules_and_actor(interaction)
        now, channels = discord.utils.utcnow(), readable_channels(interaction)
        gone = await tagging.remove_synonym(self.bot.db, actor, tag, channels=channels, now=now)
        t = reader(interaction)
        await tell_saved(
            interaction,
            t("Removed the synonym. {tag} is a separate tag again.", tag=tag_text(gone)),
        )

    @tag.command(name="list", description=N_("List all synonyms and the tags they stand for."))
    async def all(self, interaction: discord.Interaction[Askwell]) -> None:
        """List the synonyms."""
        await self._list(interaction, 0)

    @control("tag.list")
    async def turned(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Turn to another page of synonyms."""
        await self._list(interaction, wanted.page(0), update=True)

    async def _list(
        self, interaction: discord.Interaction[Askwell], page: int, *, update: bool = False
    ) -> None:
        _, actor = await rules_and_actor(interaction)
        found, more = await tagging.list_synonyms(
            self.bot.db, actor, channels=readable_channels(interaction), page=page
        )
        t = reader(interaction)
        view = pages_view("tag.list", page=page, more=more, t=t)
        embed = synonyms_embed(found, page, more=more, t=t)
        await reply(interaction, embed=embed, view=view, update=update)

    @tag.command(description=N_("Rename a tag, or merge it into another one on all questions."))
    @app_commands.describe(
        tag=N_("The tag to replace; it becomes a synonym"),
        into=N_("The tag to use instead; it can be new"),
    )
    async def merge(self, interaction: discord.Interaction[Askwell], tag: _Tag, into: _Tag) -> None:
        """Say what a merge would do, and ask for confirmation."""
        _, actor = await rules_and_actor(interaction)
        found = await tagging.merge_to_confirm(
            self.bot.db, actor, tag, into, channels=readable_channels(interaction)
        )
        t = reader(interaction)
        await reply(interaction, merge_text(found, t), view=merge_view(found, t))

    @control("tag.merge")
    async def confirmed(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Merge in batches; after an interruption, running it again does the rest. Moderators are
        only told about questions that they can read, though those in other channels are changed as
        well."""
        _, actor = await rules_and_actor(interaction)
        tag, into, channels = wanted.word(0), wanted.word(1), readable_channels(interaction)
        now, db, t = discord.utils.utcnow(), self.bot.db, reader(interaction)
        merge = await tagging.start_merge(db, actor, tag, into, channels=channels, now=now)
        await acknowledge_click(interaction)
        named = {"tag": tag_text(merge.tag), "target": tag_text(merge.target)}
        told = time.monotonic()
        while await tagging.merge_some(db, actor, merge.tag, now=discord.utils.utcnow()):
            if time.monotonic() - told < PROGRESS_SECONDS:
                continue
            left = await tagging.left_to_merge(db, actor, merge.tag, channels=channels)
            if left:
                told = time.monotonic()
                done = max(0, merge.left - left)
                far = {"done": t.number(done), "all": t.number(merge.left)}
                await reply(
                    interaction, t("Merging {tag} into {target}: {done} of {all}…", **named, **far)
                )
        text = t.plural(
            "Merged {tag} into {target} on {n} question. Its card will be updated.",
            "Merged {tag} into {target} on {n} questions. Their cards will be updated.",
            merge.left - await tagging.left_to_merge(db, actor, merge.tag, channels=channels),
            **named,
        )
        await reply(interaction, text)

    @synonym.autocomplete("tag")
    @synonym.autocomplete("target")
    @merge.autocomplete("tag")
    @merge.autocomplete("into")
    async def suggest_tag(self, interaction: discord.Interaction[Askwell], typed: str) -> Choices:
        """Offer tags."""
        return await tag_choices(interaction, typed)

    @unsynonym.autocomplete("tag")
    async def suggest_synonym(
        self, interaction: discord.Interaction[Askwell], typed: str
    ) -> Choices:
        """Offer synonyms."""
        _, actor = await rules_and_actor(interaction)
        begins = one_line(typed).lstrip("#").lower().replace(" ", "-")
        found, _ = await tagging.list_synonyms(
            self.bot.db, actor, begins=begins, channels=readable_channels(interaction)
        )
        return [
            app_commands.Choice(name=f"{each.tag} → {each.target}", value=each.tag)
            for each in found
        ]


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Tagging(bot))
