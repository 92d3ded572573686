"""`/audit`: what moderators and managers did, for the server's moderators."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.audit import AuditFilter, AuditKind, csv_of
from bot.domain.policies import check_moderator
from bot.i18n import N_
from bot.usecases import auditing
from bot.usecases.auditing import Reader
from cogs.interaction.choices import Choices, post_choices
from cogs.interaction.people import reader, rules_and_actor
from cogs.interaction.replies import defer, reply
from cogs.interaction.routing import Control, control
from cogs.interaction.sweeps import begin_of
from cogs.interaction.visible import closed_channels, readable_channels
from cogs.ui.audit import ANY, KINDS, SINCE, audit_embed, audit_view
from cogs.ui.controls import first_chosen, number_in, one_of

if TYPE_CHECKING:
    from bot.app import Askwell

_LAST: Final = 10**11  # seconds: later times aren't dates


class Auditing(commands.Cog):
    """The audit log."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot

    @app_commands.command(description=N_("See what moderators and managers did."))
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    @app_commands.describe(
        moderator=N_("Only what this person did"),
        kind=N_("Only one kind of action"),
        post=N_("Only what was done to this post: its number or link"),
        since=N_("Only since then"),
    )
    @app_commands.choices(
        kind=[app_commands.Choice(name=name, value=each.value) for each, name in KINDS.items()],
        since=[app_commands.Choice(name=name, value=each) for each, name in SINCE.items()],
    )
    async def audit(
        self,
        interaction: discord.Interaction[Askwell],
        moderator: discord.User | None = None,
        kind: str | None = None,
        post: str | None = None,
        since: str | None = None,
    ) -> None:
        """Show the newest acts."""
        _, actor = await rules_and_actor(interaction)
        check_moderator(actor)
        wanted = AuditFilter(
            None if moderator is None else moderator.id,
            None if kind is None else one_of(AuditKind, kind),
            await auditing.post_meant(self.bot.db, actor, post) if post else None,
            begin_of(since),
        )
        await self._show(interaction, wanted, 0)

    @audit.autocomplete("post")
    async def suggest(self, interaction: discord.Interaction[Askwell], typed: str) -> Choices:
        """Offer posts."""
        return await post_choices(interaction, typed)

    @control("audit")
    async def turned(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Turn to another page."""
        chosen = _kind(wanted.word(0))
        await self._show(interaction, _filter(wanted, 1, chosen), wanted.page(3), update=True)

    @control("audit.kind")
    async def kind_chosen(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Show another kind of act."""
        chosen = _kind(first_chosen(interaction))
        await self._show(interaction, _filter(wanted, 0, chosen), 0, update=True)

    async def _show(
        self,
        interaction: discord.Interaction[Askwell],
        wanted: AuditFilter,
        page: int,
        *,
        update: bool = False,
    ) -> None:
        who, t = await _reader(interaction), reader(interaction)
        found = await auditing.page_of(self.bot.db, who, wanted, page)
        embed = audit_embed(who.actor.guild_id, found, t)
        view = audit_view(wanted, page, more=found.more, t=t)
        await reply(interaction, embed=embed, view=view, update=update)

    @control("audit.csv")
    async def table(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Give the log as a table, privately."""
        chosen, t = _filter(wanted, 1, _kind(wanted.word(0))), reader(interaction)
        who = await _reader(interaction)
        check_moderator(who.actor)
        await defer(interaction)
        lines = await auditing.table_of(self.bot.db, who, chosen)
        made = await asyncio.to_thread(csv_of, lines)
        text = t.plural(
            "{n} action, the newest first.", "{n} actions, the newest first.", len(lines)
        )
        if len(lines) == auditing.EXPORTED:
            text += " " + t("Older ones are left out. Choose a kind or a time to see them.")
        file = discord.File(io.BytesIO(made), "audit.csv")
        await reply(interaction, text, files=[file])


async def _reader(interaction: discord.Interaction[Askwell]) -> Reader:
    _, actor = await rules_and_actor(interaction)
    return Reader(actor, readable_channels(interaction), closed_channels(interaction))


def _kind(word: str) -> AuditKind | None:
    return None if word == ANY else one_of(AuditKind, word)


def _filter(wanted: Control, first: int, kind: AuditKind | None) -> AuditFilter:
    """The filter in a custom id, whose moderator is its argument `first`. Raises `Forged`."""
    post, _, since = wanted.word(first + 1).partition(".")
    at = min(number_in(since or "0"), _LAST)
    chosen = AuditFilter(wanted.number(first) or None, kind, number_in(post) or None)
    return replace(chosen, since=datetime.fromtimestamp(at, UTC)) if at else chosen


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Auditing(bot))
