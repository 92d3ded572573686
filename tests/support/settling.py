"""Waiting until the bot is idle after each act in the simulated Discord.

It looks at all the bot's tasks for what they wait for. The tests do some forty things each, and
this was a fifth of their time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import Any
from weakref import WeakKeyDictionary

import discord
import simcord
from discord.ext.tasks import Loop
from simcord._settlement import _park_reason

from bot.sandbox._simcord import quick_settling

# Seconds between looks. A look costs half a millisecond, and nearly always the end of a task is
# what ends the wait: looking every millisecond took a third more time than this, most of it for
# looking.
_IDLE = 0.01
_PATIENCE = 60.0  # seconds of a busy machine until the bot counts as stuck
# Timers are on time while no more than these seconds pass at once, and never later than these.
_MINUTES, _LATE = 300.0, 1_800.0
# A task that awaits one of these awaits that future directly: it resumes when the future is done,
# and not before, as it can with `wait_for`, which puts its own future in between.
_LASTING = (
    "discord View/Modal completion",
    "discord View/Modal expiry timer",
    "discord.ext.tasks loop interval",
)


@contextmanager
def settling_like_a_test() -> Iterator[None]:
    """Wait as the tests need it while the block runs: quickly, and patiently where it must."""
    with quick_settling(_IDLE), _patiently(), _timers_in_batches(), _looking_once():
        yield


@contextmanager
def _looking_once() -> Iterator[None]:
    """Look once at what a task waits for, and not again while it waits for the same."""
    module: Any = simcord.env
    virtualize, is_parked = module._virtualize_recognized_waits, module._is_parked
    resting: WeakKeyDictionary[asyncio.Task[Any], Any] = WeakKeyDictionary()

    def rests(task: asyncio.Task[Any]) -> bool:
        waiter: Any = getattr(task, "_fut_waiter", None)
        return waiter is not None and not waiter.done() and resting.get(task) is waiter

    @wraps(virtualize)
    def virtualize_new(state: Any, pending: list[asyncio.Task[Any]]) -> None:
        virtualize(state, [task for task in pending if not rests(task)])

    @wraps(is_parked)
    def is_parked_still(state: Any, task: asyncio.Task[Any], deadline: float) -> bool:
        if rests(task):
            return True
        reason = _park_reason(state, task, deadline)
        if reason in _LASTING:
            resting[task] = getattr(task, "_fut_waiter", None)
        return reason is not None

    module._virtualize_recognized_waits = virtualize_new
    module._is_parked = is_parked_still
    try:
        yield
    finally:
        module._virtualize_recognized_waits = virtualize
        module._is_parked = is_parked


@contextmanager
def _patiently() -> Iterator[None]:
    """Give a busy machine a minute to bring the bot to rest, where simcord gives it five seconds.

    Those five seconds also tell what is a rest: whoever sleeps for longer counts as resting. So it
    is not the five seconds that change: they begin again.
    """
    settle, advance = simcord.Env._settle_internal, simcord.Env._advance_to

    @wraps(settle)
    async def settle_patiently(self: simcord.Env, **options: Any) -> None:
        end = time.perf_counter() + _PATIENCE
        while True:
            try:
                return await settle(self, **options)
            except TimeoutError:
                if time.perf_counter() > end:
                    raise
                options.pop("_deadline", None)

    @wraps(advance)
    async def advance_patiently(self: simcord.Env, target: float, deadline: float) -> None:
        await advance(self, target, deadline + _PATIENCE)

    simcord.Env._settle_internal = settle_patiently
    simcord.Env._advance_to = advance_patiently
    try:
        yield
    finally:
        simcord.Env._settle_internal, simcord.Env._advance_to = settle, advance


@contextmanager
def _timers_in_batches() -> Iterator[None]:
    """Delay timers by up to a twentieth of the time that passes, so that those of a longer span run
    together, as after a computer slept: a week of a sweep every two seconds took a minute to run.

    The library's loops would then run once for each time that they missed; here they go on.
    """
    module: Any = simcord.env
    advance, next_timer = simcord.Env._advance_to, module._next_virtual_timer
    next_run = Loop._get_next_sleep_time
    late = 0.0

    @wraps(advance)
    async def advance_in_batches(self: simcord.Env, target: float, deadline: float) -> None:
        nonlocal late
        passing = target - self._virtual_time
        late = min(passing / 20, _LATE) if passing > _MINUTES else 0.0
        try:
            await advance(self, target, deadline)
        finally:
            late = 0.0

    @wraps(next_timer)
    def next_batch(state: Any) -> float | None:
        due = next_timer(state)
        return None if due is None else due + late

    @wraps(next_run)
    def go_on(self: Loop[Any], now: Any = discord.utils.MISSING) -> datetime:
        return max(next_run(self, now), discord.utils.utcnow()) if late else next_run(self, now)

    simcord.Env._advance_to = advance_in_batches
    module._next_virtual_timer = next_batch
    Loop._get_next_sleep_time = go_on
    try:
        yield
    finally:
        simcord.Env._advance_to = advance
        module._next_virtual_timer = next_timer
        Loop._get_next_sleep_time = next_run
