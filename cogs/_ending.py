"""How work ends when the bot stops."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

_PATIENCE = 1.5  # seconds; closing has six in all, also where several ask for it in turn


async def end(tasks: Iterable[asyncio.Task[Any] | None]) -> None:
    """Wait a moment for tasks to end by themselves, then cancel those that have not.

    A task that is cancelled amid a statement costs its database connection, and most end at once.
    """
    running = {task for task in tasks if task is not None and not task.done()}
    if not running:
        return
    _, late = await asyncio.wait(running, timeout=_PATIENCE)
    for task in late:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
