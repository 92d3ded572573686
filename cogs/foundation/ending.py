"""How the bot ends: its seconds, and who has how many of them.

All that ends in turn shares one deadline, so that no patience depends on another one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Any, Final

# Seconds for closing. Supervisors kill after ten; the process ends itself after nine.
CLOSING: Final = 6.0
# Seconds that each step leaves for those that come after it, from the first to the last.
FOR_REPLIES: Final = 3.0  # what is being answered needs the connection, so it comes first
FOR_TASKS: Final = 1.5  # delivery and other work of the cogs, all of them together
FOR_COMMITS: Final = 0.3  # what is left of answering needs the database alone
# Seconds at least for what is open in the database then, though all before have used theirs up.
FOR_DATABASE: Final = 1.0
_ALONE = 1.5  # seconds for tasks where a cog ends and the bot goes on


class Ending:
    """The seconds that are left since the bot began to end."""

    def __init__(self) -> None:
        self._deadline: float | None = None

    @property
    def begun(self) -> bool:
        """Whether the bot ends."""
        return self._deadline is not None

    def begin(self) -> None:
        """Count from now. Beginning again gives no second term."""
        if self._deadline is None:
            self._deadline = time.monotonic() + CLOSING

    def left(self, leaving: float) -> float:
        """How many seconds a step may take that leaves `leaving` seconds for the later ones."""
        if self._deadline is None:
            return _ALONE
        return max(0.0, self._deadline - time.monotonic() - leaving)

    async def wait(self, tasks: Iterable[asyncio.Task[Any]], leaving: float) -> None:
        """Wait for tasks as long as that is possible. None is cancelled: that amid a statement
        would cost a database connection."""
        running = {task for task in tasks if not task.done()}
        if running:
            await asyncio.wait(running, timeout=self.left(leaving))

    async def end(self, tasks: Iterable[asyncio.Task[Any] | None]) -> None:
        """Wait a moment for a cog's tasks to end by themselves, then cancel those that have not.

        A task that is cancelled amid a statement costs its database connection, and most end at
        once.
        """
        running = {task for task in tasks if task is not None and not task.done()}
        if not running:
            return
        _, late = await asyncio.wait(running, timeout=self.left(FOR_TASKS))
        for task in late:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
