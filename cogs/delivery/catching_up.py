"""Catching up after an absence: all questions are compared with Discord, slowly.

The questions to compare are stored in the database, so that a restart continues where it was. Only
the servers with questions left and the budget of requests for this half minute are in memory.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import discord

from bot.usecases import browsing, reconciling
from cogs.delivery.comparing import Comparison, HomeGone
from cogs.delivery.missed import About
from cogs.failures import DISCORD_FAILED
from cogs.foundation.turns import Turns

if TYPE_CHECKING:
    from bot.app import Askwell
    from data.absences import DueQuestion

_log = logging.getLogger(__name__)
PERIOD = 10.0  # seconds
REQUESTS = 30  # in each, over all servers: 10,800 an hour, a sixteenth of what Discord allows
_AT_ONCE = 90  # what may be saved up while there is nothing to do
_READ = 100  # questions of a server
_DISBELIEF = timedelta(hours=1)
_FIRST_REST, _LONGEST_REST = timedelta(seconds=5), timedelta(minutes=5)  # after failures


@dataclass(slots=True)
class _Rest:
    """The pause after a failure, longer each time."""

    until: datetime | None = None
    failures: int = 0

    def failed(self, now: datetime) -> None:
        self.until = now + min(_FIRST_REST * 2 ** min(self.failures, 10), _LONGEST_REST)
        self.failures += 1

    def over(self, now: datetime) -> bool:
        return self.until is None or self.until <= now


@dataclass(slots=True)
class _Server:
    """A server that has questions to compare."""

    questions: deque[DueQuestion] = field(default_factory=deque["DueQuestion"])
    compared: dict[int, int] = field(default_factory=dict[int, int])
    rest: _Rest = field(default_factory=_Rest)


class CatchingUp:
    """Compares questions with Discord. Servers take turns, question by question, so that each
    server's most active questions come first."""

    def __init__(self, bot: Askwell, turns: Turns) -> None:
        self.bot = bot
        self.turns = turns  # of threads
        # Unreadable channels, with their servers and the earliest time to try again.
        self._closed: dict[int, tuple[int, datetime]] = {}
        self._servers: dict[int, _Server] = {}
        self._rests: dict[About, _Rest] = {}
        self._requests = _AT_ONCE  # that may be made now
        self._stopped = False

    def stop(self) -> None:
        """Begin with no further question."""
        self._stopped = True

    def refill(self) -> None:
        """Begin a new period. Overspending of an earlier one is deducted."""
        self._requests = min(self._requests + REQUESTS, _AT_ONCE)

    def has_work(self) -> bool:
        """Whether anything is to be compared."""
        missed = self.bot.missed
        return bool(missed.servers or missed.waiting or self._servers or self._opened())

    def closed(self, guild_id: int, channel_id: int) -> None:
        """Note that a channel can't be read any more: its events are missed until it can."""
        now = discord.utils.utcnow()
        # If the library takes it for readable, Discord knows better.
        wrong = self._can_read(guild_id, channel_id)
        self._closed[channel_id] = (guild_id, now + _DISBELIEF if wrong else now)

    def _may_begin(self) -> bool:
        return self._requests > 0 and not self._stopped

    async def run(self) -> None:
        """Compare until the requests of this period are spent."""
        try:
            await self._note_absences()
        except Exception as error:
            self.bot.missed.report(error, "absences are noted again")
            return
        await self._look_again()
        working = True
        while working and self._may_begin():
            working = False
            for guild_id in list(self._servers):
                if self._may_begin() and guild_id in self._servers:
                    working |= await self._go_on(guild_id)
        for guild_id in list(self._servers):
            await self._guarded(guild_id, self._save(guild_id))

    async def _note_absences(self) -> None:
        """Store what is to be compared."""
        absent = self.bot.missed.servers
        if absent:
            await reconciling.note_absence(self.bot.db, absent)
            self.bot.missed.noted(absent)
            # The questions read before aren't all that must be compared now.
            self._servers.update({guild_id: _Server() for guild_id in absent})
        for channel_id in self._opened():
            guild_id, now = self._closed[channel_id][0], discord.utils.utcnow()
            await reconciling.note_channel(self.bot.db, guild_id, channel_id, now, due=True)
            del self._closed[channel_id]
            self._servers.setdefault(guild_id, _Server())

    def _opened(self) -> list[int]:
        """The channels that can be read again."""
        now = discord.utils.utcnow()
        return [
            channel_id
            for channel_id, (guild_id, until) in self._closed.items()
            if until <= now and self._can_read(guild_id, channel_id)
        ]

    def _can_read(self, guild_id: int, channel_id: int) -> bool:
        guild = self.bot.get_guild(guild_id)
        channel = guild.get_channel(channel_id) if guild is not None else None
        if guild is None or channel is None:
            return False
        allowed = channel.permissions_for(guild.me)
        return allowed.view_channel and allowed.read_message_history

    async def _look_again(self) -> None:
        """Compare the questions with missed events, until that succeeds."""
        for about in self.bot.missed.waiting:
            rest = self._rests.setdefault(about, _Rest())
            if not self._may_begin():
                return
            if not rest.over(discord.utils.utcnow()):
                continue
            # Done first, so that an event missed from now on is noted again.
            self.bot.missed.done(about)
            try:
                await self._look_at(about)
            except Exception as error:
                self._report(error, "a question is looked at again")
                rest.failed(discord.utils.utcnow())
                self.bot.missed.note(about)
            else:
                del self._rests[about]

    async def _look_at(self, about: About) -> None:
        guild_id, place_id, question_id = about
        found = question_id or await reconciling.question_at(self.bot.db, guild_id, place_id)
        guild = self.bot.get_guild(guild_id)
        if found is not None and guild is not None:
            try:
                await self._compare(guild, found)
            except (discord.Forbidden, HomeGone) as error:
                home_id = await reconciling.home_of(self.bot.db, guild_id, found)
                await self._close(guild_id, home_id, error)

    async def _compare(self, guild: discord.Guild, question_id: int) -> None:
        rules = await browsing.rules_of(self.bot.db, guild.id)
        comparison = Comparison(self.bot, guild, question_id, rules)
        try:
            await comparison.run(self.turns)
        finally:
            self._requests -= comparison.requests

    async def _go_on(self, guild_id: int) -> bool:
        """Compare the next question of a server; False if there is nothing to do now."""
        server, guild = self._servers[guild_id], self.bot.get_guild(guild_id)
        if guild is None:  # it will be an absence when the bot is back there
            del self._servers[guild_id]
            return False
        if guild.unavailable or not server.rest.over(discord.utils.utcnow()):
            return False
        if not server.questions and not await self._guarded(guild_id, self._read(guild_id)):
            return False
        question = server.questions.popleft()
        if question.home_id is not None and not self._can_read(guild_id, question.home_id):
            return await self._guarded(guild_id, self._close(guild_id, question.home_id))
        try:
            await self._compare(guild, question.question_id)
        except (discord.Forbidden, HomeGone) as error:
            server.compared[question.question_id] = question.absences
            return await self._guarded(guild_id, self._close(guild_id, question.home_id, error))
        except Exception as error:
            # It must not hold up other questions.
            self._report(error, "a question is looked at again")
            server.rest.failed(discord.utils.utcnow())
            self.bot.missed.note(About(guild_id, question_id=question.question_id))
        else:
            server.rest = _Rest()
        server.compared[question.question_id] = question.absences
        return True

    async def _guarded(self, guild_id: int, step: Coroutine[None, None, bool]) -> bool:
        """A step with a server; False where it failed, or there is nothing more to do."""
        try:
            return await step
        except Exception as error:
            self._report(error, "a server is compared later")
            if guild_id in self._servers:
                self._servers[guild_id].rest.failed(discord.utils.utcnow())
            return False

    async def _read(self, guild_id: int) -> bool:
        """Read which questions of a server come next. False where none is left."""
        await self._save(guild_id)
        server = self._servers[guild_id]
        server.questions.extend(await reconciling.due_questions(self.bot.db, guild_id, _READ))
        if not server.questions and self._servers[guild_id] is server:
            del self._servers[guild_id]
        return bool(server.questions)

    async def _save(self, guild_id: int) -> bool:
        """Record what was compared."""
        server = self._servers[guild_id]
        if server.compared:
            done, now = dict(server.compared), discord.utils.utcnow()
            await reconciling.note_compared(self.bot.db, guild_id, done, now)
            server.compared.clear()
        return True

    async def _close(
        self, guild_id: int, home_id: int | None, error: Exception | None = None
    ) -> bool:
        """Skip an unreadable channel with all its questions, which are compared once it can be read
        again. A deleted one never can."""
        if home_id is None:
            return True
        if not isinstance(error, HomeGone):
            self.closed(guild_id, home_id)
        now = discord.utils.utcnow()
        await reconciling.note_channel(self.bot.db, guild_id, home_id, now, due=False)
        if guild_id in self._servers:
            server = self._servers[guild_id]
            left = (q for q in server.questions if q.home_id != home_id)
            server.questions = deque(left)
        return True

    def _report(self, error: Exception, what: str) -> None:
        if isinstance(error, DISCORD_FAILED):
            _log.info("%s: %s", what, error)
        else:
            self.bot.missed.report(error, what)
