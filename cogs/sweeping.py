"""All posts of a member: what `/hide member:` and `/show member:` do, with a preview and *Undo*."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import discord
from discord.ext import commands

from bot.domain.review import ReportReason
from bot.domain.sweeps import Sweep
from bot.usecases import sweeping
from bot.usecases.sweeping import Progress, Sweeper, Wanted
from cogs.interaction.people import reader
from cogs.interaction.replies import defer, replace_clicked, reply, tell_saved
from cogs.interaction.routing import Control, control
from cogs.interaction.sweeps import member_named, nothing_to_hide, nothing_to_show, sweeper
from cogs.ui.controls import Forged, number_in, one_of
from cogs.ui.sweeps import hidden_text, shown_text, undo_view

if TYPE_CHECKING:
    from bot.app import Askwell

_BETWEEN: Final = timedelta(seconds=3)  # between updates of a reply that shows progress
_LAST: Final = 10**11  # seconds: later times aren't dates


class Sweeping(commands.Cog):
    """The buttons under these previews. Who moderates where is asked again at each click."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot

    @control("hide.member")
    async def hide(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Hide all posts of a member that the preview was about."""
        replace_clicked(interaction)
        t, member_id, now = reader(interaction), wanted.number(0), discord.utils.utcnow()
        since, _, reason = wanted.word(1).partition(".")
        form = Wanted(member_id, _time(since), one_of(ReportReason, reason))
        who, name = await sweeper(interaction), await member_named(interaction, member_id)
        await defer(interaction)
        sweep = await sweeping.begin_hiding(self.bot.db, who, form, now=now)
        if sweep is None:
            await tell_saved(interaction, nothing_to_hide(interaction, name))
            return
        done = await self._finish(interaction, sweep)
        await tell_saved(interaction, hidden_text(done, name, t), view=undo_view(sweep, t))

    @control("hide.undo")
    async def undo(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Show again what an act hid, for a week."""
        t, now = reader(interaction), discord.utils.utcnow()
        who = await sweeper(interaction)
        hid = await sweeping.to_undo(self.bot.db, who, wanted.number(0), now)
        if hid is None:
            text = t("This can only be undone within a week. Use /show with the member instead.")
            await reply(interaction, text)
            return
        replace_clicked(interaction)
        await self._show(interaction, who, hid.member_id, hid)

    @control("show.member")
    async def show(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Show again all posts of a member that were hidden so."""
        replace_clicked(interaction)
        await self._show(interaction, await sweeper(interaction), wanted.number(0), None)

    async def _show(
        self,
        interaction: discord.Interaction[Askwell],
        who: Sweeper,
        member_id: int,
        undone: Sweep | None,
    ) -> None:
        t, now = reader(interaction), discord.utils.utcnow()
        name = await member_named(interaction, member_id)
        await defer(interaction)
        db = self.bot.db
        sweep = await sweeping.begin_showing(db, who, member_id, now=now, undone=undone)
        if sweep is None:
            await tell_saved(interaction, nothing_to_show(interaction, name))
            return
        done = await self._finish(interaction, sweep)
        await tell_saved(interaction, shown_text(done, name, t))

    async def _finish(self, interaction: discord.Interaction[Askwell], sweep: Sweep) -> int:
        now, progress = discord.utils.utcnow(), _progress(interaction)
        return await sweeping.finish(self.bot.db, sweep, now=now, progress=progress)


def _time(typed: str) -> datetime | None:
    """A time in a custom id; None for 0. Raises `Forged`."""
    seconds = number_in(typed)
    if seconds > _LAST:
        raise Forged(f"no such time: {typed}")
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _progress(interaction: discord.Interaction[Askwell]) -> Progress:
    """Shows in the reply how far it is, every few seconds."""
    t, last = reader(interaction), discord.utils.utcnow()

    async def show(done: int) -> None:
        nonlocal last
        now = discord.utils.utcnow()
        if now - last >= _BETWEEN:
            last = now
            text = t.plural("{n} post so far…", "{n} posts so far…", done)
            await reply(interaction, text)

    return show


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Sweeping(bot))
