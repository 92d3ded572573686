"""Keeping track of what the bot does: simcord notes each callback, task and look at the clock.

That was a twentieth of a test's work, and a tenth where much time passes. (These are private parts
of simcord, as in `_simcord`.)
"""

# pyright: reportPrivateUsage=false, reportUnknownMemberType=false
# ruff: noqa: SLF001

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from functools import wraps
from typing import Any
from weakref import WeakKeyDictionary

from simcord import _dpy_internals, _runtime
from simcord import env as simcord_env


@contextmanager
def tracking_quickly() -> Generator[None, None, None]:
    """Note no more than what settling asks for while the block runs."""
    with (
        _steps_are_their_tasks(),
        _records_are_themselves(),
        _clock_at_hand(),
        _plain_states(),
        _frames_read_once(),
    ):
        yield


@contextmanager
def _steps_are_their_tasks() -> Generator[None, None, None]:
    """A task that is about to go on is known to run by itself, and reports its own errors: its
    steps, which are most callbacks, need no record."""
    track = _runtime._track_callback

    @wraps(track)
    def track_others(
        work: Any,
        original: Any,
        callback: Any,
        args: tuple[Any, ...],
        *,
        when: float | None,
        context: Any,
        **options: Any,
    ) -> asyncio.Handle:
        task = getattr(callback, "__self__", None)
        if when is None and isinstance(task, asyncio.Task) and task in work.tasks:
            return original(callback, *args, context=context)
        return track(work, original, callback, args, when=when, context=context, **options)

    _runtime._track_callback = track_others
    try:
        yield
    finally:
        _runtime._track_callback = track


@contextmanager
def _records_are_themselves() -> Generator[None, None, None]:
    """A record is looked up in a list of them: it was compared with each, field by field."""
    kind: Any = _runtime._CallbackRecord
    compare = kind.__eq__
    kind.__eq__ = object.__eq__
    try:
        yield
    finally:
        kind.__eq__ = compare


@contextmanager
def _clock_at_hand() -> Generator[None, None, None]:
    """The event loop asks for the time at each of its turns, and twice for each timer."""
    module: Any = _dpy_internals
    before, real, scope_of = (
        module._clock_monotonic,
        module._REAL_MONOTONIC,
        _runtime._BOT_SCOPE.get,
    )

    def clock() -> float:
        scope = scope_of()
        if scope is None:
            return real()
        env, generation = scope
        if env._started and env._runtime is not None and generation == env._generation:
            return env._virtual_time
        return real()

    module._clock_monotonic = clock
    try:
        yield
    finally:
        module._clock_monotonic = before


class _State:
    """What `_SettlementState` has. That one is frozen, which makes it slow to make."""

    __slots__ = (
        "work", "bot", "loop", "virtual_time", "advancing", "generation", "last_dispatch"
    )  # fmt: skip

    def __init__(
        self,
        work: Any,
        bot: Any,
        loop: Any,
        virtual_time: float,
        advancing: bool,
        generation: int,
        last_dispatch: str | None,
    ) -> None:
        # More parameters than a function should have: they are that one's fields.
        self.work = work
        self.bot = bot
        self.loop = loop
        self.virtual_time = virtual_time
        self.advancing = advancing
        self.generation = generation
        self.last_dispatch = last_dispatch


@contextmanager
def _plain_states() -> Generator[None, None, None]:
    """One is made for each task at each look at it."""
    module: Any = simcord_env
    before = module._SettlementState
    module._SettlementState = _State
    try:
        yield
    finally:
        module._SettlementState = before


@contextmanager
def _frames_read_once() -> Generator[None, None, None]:
    """What a task waits for is looked up in its frames, at each look. While it waits for the same
    future, its frames stay as they are."""
    module: Any = _dpy_internals
    compose, in_wait_for = module.composed_tasks, module._listener_wait_for_frame
    composed: WeakKeyDictionary[asyncio.Task[Any], tuple[Any, list[Any]]] = WeakKeyDictionary()
    plain: WeakKeyDictionary[asyncio.Task[Any], Any] = WeakKeyDictionary()

    def composed_once(task: asyncio.Task[Any], waiter: Any) -> list[Any]:
        known = composed.get(task)
        if known is None or known[0] is not waiter:
            known = composed[task] = (waiter, compose(task, waiter))
        return known[1]

    def in_wait_for_once(client: Any, task: asyncio.Task[Any]) -> bool:
        waiter = getattr(task, "_fut_waiter", None)
        if waiter is not None and plain.get(task) is waiter:
            return False
        found = in_wait_for(client, task)
        if not found:
            plain[task] = waiter
        return found

    module.composed_tasks = composed_once
    module._listener_wait_for_frame = in_wait_for_once
    try:
        yield
    finally:
        module.composed_tasks = compose
        module._listener_wait_for_frame = in_wait_for
