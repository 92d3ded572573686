"""Bars with the time left, for commands that take long. Only people at a terminal see them."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TypeVar

_T = TypeVar("_T")

# What is done, how much of it, and how much there is.
Step = Callable[[str, int, int], None]


@contextmanager
def progress() -> Generator[Step]:
    """A function that shows how far the work is; outside a terminal it shows nothing."""
    if not sys.stderr.isatty():
        yield lambda _what, _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description:<22}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(compact=True),
    )
    bars: dict[str, TaskID] = {}
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:

        def step(what: str, done: int, total: int) -> None:
            if what not in bars:
                bars[what] = shown.add_task(what)
            shown.update(bars[what], completed=done, total=max(total, 1))

        yield step


class _Stopped(Exception):
    """The work was cancelled."""


async def in_thread(work: Callable[[Step], _T], step: Step) -> _T:
    """Do work that blocks. Where it is cancelled, as by Ctrl-C, it ends at its next step, and this
    waits for that."""
    stop = threading.Event()

    def step_or_stop(what: str, done: int, total: int) -> None:
        if stop.is_set():
            raise _Stopped
        step(what, done, total)

    working = asyncio.ensure_future(asyncio.to_thread(work, step_or_stop))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait([working])
        working.exception()
        raise
