"""`/lock` and `/unlock`: a question's thread, in which nobody but moderators writes then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.access import check_moderates
from bot.domain.cards import PostCard
from bot.domain.errors import Missing, NotFound
from bot.i18n import N_
from bot.usecases import locking
from cogs.foundation.turns import Turns
from cogs.interaction.choices import Choices, question_choices
from cogs.interaction.people import reader
from cogs.interaction.pointing import question_meant
from cogs.interaction.replies import defer, replace_clicked, reply
from cogs.interaction.routing import Control, control
from cogs.interaction.visible import actor_at, card_at
from cogs.managing.server import server_of
from cogs.ui.cards import way_to_card

if TYPE_CHECKING:
    from bot.app import Askwell

_QUESTION = N_("The question: its number, link or words from its title")


class Locking(commands.Cog):
    """Locks of questions' threads."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot
        self._turns = Turns()  # of threads

    @app_commands.command(description=N_("Lock a question's thread, so that nobody can write."))
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    @app_commands.describe(question=_QUESTION)
    async def lock(
        self, interaction: discord.Interaction[Askwell], question: str | None = None
    ) -> None:
        """Lock a thread."""
        card = await question_meant(interaction, question, "lock")
        if card is not None:
            await self._set(interaction, card, locked=True)

    @app_commands.command(description=N_("Unlock a question's thread."))
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    @app_commands.describe(question=_QUESTION)
    async def unlock(
        self, interaction: discord.Interaction[Askwell], question: str | None = None
    ) -> None:
        """Unlock a thread."""
        card = await question_meant(interaction, question, "unlock")
        if card is not None:
            await self._set(interaction, card, locked=False)

    @lock.autocomplete("question")
    @unlock.autocomplete("question")
    async def suggest(self, interaction: discord.Interaction[Askwell], typed: str) -> Choices:
        """Offer questions."""
        return await question_choices(interaction, typed)

    @control("lock", of_post=True)
    async def lock_clicked(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Lock a thread from the *More* menu."""
        replace_clicked(interaction)
        await self._set(interaction, await card_at(interaction, wanted.number(0)), locked=True)

    @control("unlock", of_post=True)
    async def unlock_clicked(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Unlock a thread from the *More* menu."""
        replace_clicked(interaction)
        await self._set(interaction, await card_at(interaction, wanted.number(0)), locked=False)

    async def _set(
        self, interaction: discord.Interaction[Askwell], card: PostCard, *, locked: bool
    ) -> None:
        """Lock or unlock a question's thread in Discord, which alone knows of it."""
        actor = await actor_at(interaction, card.post_id, by_name=True)
        check_moderates(actor)
        t, guild = reader(interaction), server_of(interaction)
        await defer(interaction)
        thread = await _thread(guild, card.place.thread_id)
        done = t("The thread of {number} is locked.", number=card.reference)
        if not locked:
            done = t("The thread of {number} is open again.", number=card.reference)
        if thread.locked != locked:
            reason = f"{interaction.user} ({interaction.user.id})"
            # Discord's event waits until it is known who did it.
            async with self._turns.of(guild.id, thread.id):
                # An archived thread takes no other change than this.
                await thread.edit(archived=False, locked=locked, reason=reason)
                about, now = card.question_id, discord.utils.utcnow()
                await locking.note_lock(self.bot.db, actor, about, locked=locked, now=now)
        await reply(interaction, done, view=way_to_card(card, t))

    @commands.Cog.listener()
    async def on_thread_update(self, before: discord.Thread, after: discord.Thread) -> None:
        """Follow a lock that somebody set or removed in Discord."""
        if before.locked != after.locked:
            await self._follow(after.guild.id, after.id, locked=after.locked)

    @commands.Cog.listener()
    async def on_raw_thread_update(self, payload: discord.RawThreadUpdateEvent) -> None:
        """The same, for a thread that the library doesn't know: an archived one that is."""
        if payload.thread is None:
            locked = bool(payload.data["thread_metadata"].get("locked"))
            await self._follow(payload.guild_id, payload.thread_id, locked=locked)

    async def _follow(self, guild_id: int, thread_id: int, *, locked: bool) -> None:
        try:
            async with self._turns.of(guild_id, thread_id):
                now, where = discord.utils.utcnow(), (guild_id, thread_id)
                await locking.follow_lock(self.bot.db, *where, locked=locked, now=now)
        except Exception as error:
            self.bot.missed.report(error, f"a lock of thread {thread_id} isn't in the audit log")


async def _thread(guild: discord.Guild, thread_id: int | None) -> discord.Thread:
    """A question's thread. The library doesn't know archived ones. Raises `NotFound(POST)` if there
    is none."""
    if thread_id is None:
        raise NotFound(Missing.POST)
    found = guild.get_thread(thread_id)
    if found is None:
        try:
            fetched = await guild.fetch_channel(thread_id)
        except discord.NotFound:
            raise NotFound(Missing.POST) from None
        if not isinstance(fetched, discord.Thread):
            raise NotFound(Missing.POST)
        found = fetched
    return found


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Locking(bot))
