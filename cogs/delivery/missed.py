"""Events that couldn't be processed, so that none is lost.

Nobody retries a listener. If the database is busy or full, it notes its message here, and the
message's question is compared with Discord until that succeeds.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable, Generator, Iterable
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, NamedTuple

from cogs.failures import DISCORD_FAILED
from cogs.foundation.ending import Ending

if TYPE_CHECKING:
    from data.database import Database

_log = logging.getLogger(__name__)
_MOST = 1000


class About(NamedTuple):
    """The subject of a missed event: a message or thread, or a question."""

    guild_id: int
    place_id: int = 0
    question_id: int = 0


class Missed:
    """The subjects to compare because of missed events, and the cards being compared."""

    def __init__(self, db: Database, ending: Ending) -> None:
        self._db = db
        self._ending = ending
        self._waiting: dict[About, None] = {}
        self._servers: set[int] = set()
        self._watched: dict[int, set[int]] = {}
        self.on_note: Callable[[], None] | None = None

    @asynccontextmanager
    async def second_chance(self, guild_id: int, place_id: int) -> AsyncGenerator[None]:
        """Run the block about a message or a thread; if it fails, have the subject compared."""
        try:
            yield
        except Exception as error:
            self.report(error, f"an event of {place_id} is looked at again")
            self.note(About(guild_id, place_id))

    def report(self, error: Exception, what: str) -> None:
        """Log a failure: one line if the database or Discord failed, or if the bot ends and has
        closed its connections; a traceback if it is a bug."""
        if self._db.is_failure(error):
            _log.warning("the database failed (%s): %s", type(error).__name__, what)
        elif self._ending.begun and isinstance(error, RuntimeError):  # "Session is closed"
            _log.warning("the bot ends (%s): %s", error, what)
        elif isinstance(error, DISCORD_FAILED):
            _log.warning("Discord failed (%s): %s", error, what)
        else:
            _log.exception(what, exc_info=error)

    def note(self, about: About) -> None:
        """Note a missed event. If there are too many, the whole server is compared."""
        if len(self._waiting) < _MOST or about in self._waiting:
            self._waiting[about] = None
        else:
            self._servers.add(about.guild_id)
        if self.on_note is not None:
            self.on_note()

    def absent(self, guild_ids: Iterable[int]) -> None:
        """Note servers in which any events may have been missed."""
        self._servers.update(guild_ids)

    def waits(self, guild_id: int, place_id: int | None) -> bool:
        """Whether events may have been missed there that aren't stored as an absence yet."""
        return guild_id in self._servers or About(guild_id, place_id or 0) in self._waiting

    @property
    def waiting(self) -> list[About]:
        """The subjects to compare, in order."""
        return list(self._waiting)

    @property
    def servers(self) -> frozenset[int]:
        """The servers to compare as a whole."""
        return frozenset(self._servers)

    def done(self, about: About) -> None:
        """Note that a subject was compared."""
        self._waiting.pop(about, None)

    def noted(self, guild_ids: Iterable[int]) -> None:
        """Note that the servers' absences are stored."""
        self._servers.difference_update(guild_ids)

    # Reactions that arrive while a card is compared are newer than the comparison.

    @contextmanager
    def listening(self, message_id: int) -> Generator[set[int]]:
        """Collects in the block the members whose reactions to a message change (0 means all)."""
        heard = self._watched[message_id] = set[int]()
        try:
            yield heard
        finally:
            if self._watched.get(message_id) is heard:
                del self._watched[message_id]

    def heard(self, message_id: int, user_id: int = 0) -> None:
        """A member's reaction to a message was added or removed, or (0) all were."""
        if message_id in self._watched:
            self._watched[message_id].add(user_id)
