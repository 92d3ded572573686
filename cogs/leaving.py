"""Members who left: whether those of whom something is kept are still in their servers."""

from __future__ import annotations

import logging
from collections import deque
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import discord
from discord.ext import commands, tasks

from bot.usecases import leaving
from bot.usecases.leaving import Answer, Found
from cogs.failures import DISCORD_FAILED, Code

if TYPE_CHECKING:
    from bot.app import Askwell
    from data.presences import Look

_log = logging.getLogger(__name__)

BETWEEN: Final = 2.0  # seconds between two requests: 30 a minute, over all servers and processes
_READ: Final = 30  # members to ask for, read at once
_REST: Final = timedelta(minutes=1)  # until it is looked again whether anybody is to be asked for


class Leaving(commands.Cog):
    """Asks Discord for members, one after the other, and notices those who are back by what they
    do. What isn't noted yet when the bot ends is asked again."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot
        self._looks: deque[Look] = deque()
        self._answers: list[Answer] = []
        self._gone: set[tuple[int, int]] | None = None
        self._next_turn = discord.utils.utcnow()
        shards = bot.settings.shard_ids  # the others ask for the members of theirs
        share = (bot.settings.shard_count or len(shards)) / len(shards) if shards else 1.0
        self._between = timedelta(seconds=BETWEEN * share)

    async def cog_load(self) -> None:
        """Ask from now on."""
        self._look.start()
        self._look_after.start()

    async def cog_unload(self) -> None:
        """Stop."""
        self._look.cancel()
        self._look_after.cancel()
        await self.bot.ending.end([self._look.get_task(), self._look_after.get_task()])

    def _served(self) -> frozenset[int]:
        """The servers whose members can be asked for."""
        return frozenset(guild.id for guild in self.bot.guilds if not guild.unavailable)

    @tasks.loop(hours=1)
    async def _look_after(self) -> None:
        """Find the members of whom something is kept since the last time."""
        if not self.bot.is_ready():
            return
        for guild_id in self._served():
            try:
                await leaving.look_after(self.bot.db, guild_id, discord.utils.utcnow())
            except Exception as error:
                self.bot.missed.report(error, "new members are looked after an hour later")

    @tasks.loop(seconds=BETWEEN)
    async def _look(self) -> None:
        now = discord.utils.utcnow()
        # The library runs what it has missed, as while the computer slept, without a pause. And the
        # clock may have been set back.
        if not self.bot.is_ready() or now < self._next_turn <= now + 2 * _REST:
            return
        try:
            await self._take_turn(now)
        except Exception as error:
            self.bot.missed.report(error, "members are asked for a minute later")
            self._looks.clear()
            self._answers.clear()
            self._next_turn = now + _REST

    async def _take_turn(self, now: datetime) -> None:
        """Ask for the next member, or read who they are. A minute's answers are noted at once."""
        if self._looks:
            look = self._looks.popleft()
            self._next_turn = now + self._between
            self._answers.append(Answer(look, await self._ask(look)))
            if not self._looks:
                await self._note()
            return
        db, served = self.bot.db, self._served()
        if self._gone is None:
            self._gone = await leaving.gone(db, served)
        self._looks.extend(await leaving.next_looks(db, served, now, _READ))
        if not self._looks:
            self._next_turn = now + _REST

    async def _ask(self, look: Look) -> Found:
        """Whether a member is in their server. Only Discord's word that they aren't counts."""
        guild = self.bot.get_guild(look.guild_id)
        if guild is None or guild.unavailable:
            return Found.UNKNOWN
        try:
            await guild.fetch_member(look.user_id)
        except discord.NotFound as error:
            return Found.GONE if error.code == Code.UNKNOWN_MEMBER else Found.UNKNOWN
        except DISCORD_FAILED:
            return Found.UNKNOWN
        return Found.HERE

    async def _note(self) -> None:
        answers, self._answers = self._answers, []
        db, now = self.bot.db, discord.utils.utcnow()
        time_is_up = await leaving.note(db, answers, now)
        known = self._gone = self._gone or set()
        for answer in answers:
            who = (answer.look.guild_id, answer.look.user_id)
            if answer.found is Found.GONE:
                known.add(who)
            elif answer.found is Found.HERE:
                known.discard(who)
        for look in time_is_up:
            await leaving.forget(db, look.guild_id, look.user_id, now=now)
            known.discard((look.guild_id, look.user_id))
        if time_is_up:
            _log.info("what is kept of %s members who left was erased", len(time_is_up))

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Askwell]) -> None:
        """Who types a command or clicks is there."""
        await self._is_there(interaction.guild_id, interaction.user.id)

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        """Who reacts is there."""
        await self._is_there(payload.guild_id, payload.user_id)

    async def _is_there(self, guild_id: int | None, user_id: int) -> None:
        """Notice a member who is back. Of others nothing is read or written."""
        if guild_id is None or not self._gone or (guild_id, user_id) not in self._gone:
            return
        self._gone.discard((guild_id, user_id))
        try:
            await leaving.is_back(self.bot.db, guild_id, user_id, discord.utils.utcnow())
        except Exception as error:
            self.bot.missed.report(error, "that a member is back is noticed when they're asked for")


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Leaving(bot))
