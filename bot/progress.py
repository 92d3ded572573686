"""Bars with the time left, for commands that take long. Only people at a terminal see them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

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
