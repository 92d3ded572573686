"""What it costs the simulated Discord to watch the bot's event loop, made less.

It wraps each callback of the loop to see when it has run, and asks whose clock holds at each look
at the clock. The loop does both thousands of times a test.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from simcord import _dpy_internals, _runtime


@contextmanager
def watching_lightly() -> Iterator[None]:
    """Watch the loop as before while the block runs, with less work for it."""
    with _steps_of_watched_tasks_unwrapped(), _clock_asked_once():
        yield


@contextmanager
def _steps_of_watched_tasks_unwrapped() -> Iterator[None]:
    """A task that the simulator watches counts as busy until it waits for something: whether its
    next step has run need not be seen as well."""
    track = _runtime._track_callback

    @wraps(track)
    def track_others(
        work: Any,
        original: Any,
        callback: Any,
        args: Any,
        *,
        context: Any,
        when: Any,
        **options: Any,
    ) -> asyncio.Handle:
        if when is None:
            task = getattr(callback, "__self__", None)
            if isinstance(task, asyncio.Task) and task in work.tasks:
                return original(callback, *args, context=context)
        return track(work, original, callback, args, context=context, when=when, **options)

    _runtime._track_callback = track_others
    try:
        yield
    finally:
        _runtime._track_callback = track


@contextmanager
def _clock_asked_once() -> Iterator[None]:
    """The real clock is told without looking for a simulated one where nothing of the bot runs."""
    virtual, scope, real = _dpy_internals._clock_monotonic, _runtime._BOT_SCOPE.get, time.monotonic

    def monotonic() -> float:
        return real() if scope() is None else virtual()

    _dpy_internals._clock_monotonic = monotonic
    try:
        yield
    finally:
        _dpy_internals._clock_monotonic = virtual
