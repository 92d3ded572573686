"""The bot's shutdown: a time budget, shared among its steps.

All steps share one deadline, so that no step's patience depends on another's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Any, Final

# Seconds for closing. Supervisors kill after ten; the process ends itself after nine.
CLOSING: Final = 6.0
# Seconds that each step leaves for later ones, from the first to the last.
FOR_REPLIES: Final = 3.0  # replies under way need the connection, so they come first
FOR_TASKS: Final = 1.5  # delivery and other work of the cogs, all of them together
FOR_COMMITS: Final = 0.3  # what is left of replies only needs the database
# Seconds that open transactions get at least, even if all steps before have used up theirs.
FOR_DATABASE: Final = 1.0
_ALONE = 1.5  # seconds for tasks if only a cog ends and the bot goes on


class Ending:
    """The time budget since the shutdown began."""

    def __init__(self) -> None:
        self._deadline: float | None = None

    @property
    def begun(self) -> bool:
        """Whether the shutdown has begun."""
        return self._deadline is not None

    def begin(self) -> None:
        """Start the clock. Calling it again doesn't restart it."""
        if self._deadline is None:
            self._deadline = time.monotonic() + CLOSING

    def left(self, leaving: float) -> float:
        """How many seconds a step may take that leaves `leaving` seconds for the later ones."""
        if self._deadline is None:
            return _ALONE
        return max(0.0, self._deadline - time.monotonic() - leaving)

    async def wait(self, tasks: Iterable[asyncio.Task[Any]], leaving: float) -> None:
        """Wait for tasks as long as the budget allows. None is cancelled, because cancelling one
        within a statement loses a database connection."""
        running = {task for task in tasks if not task.done()}
        if running:
            await asyncio.wait(running, timeout=self.left(leaving))

    async def end(self, tasks: Iterable[asyncio.Task[Any] | None]) -> None:
        """Wait a moment for a cog's tasks to end by themselves, then cancel those that have not.

        A task that is cancelled within a statement loses its database connection, and most tasks
        end at once.
        """
        running = {task for task in tasks if task is not None and not task.done()}
        if not running:
            return
        _, late = await asyncio.wait(running, timeout=self.left(FOR_TASKS))
        for task in late:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
