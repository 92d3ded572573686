"""How simcord waits until the bot is at rest: quickly, and patiently on a busy machine.

After each act it looks at all the bot's tasks for what they wait for, and it comes to rest at each
timer of the time it lets pass. That was half of the work of the sandbox's story, and a fifth of a
test's. (These are private parts of simcord, as in `_simcord`.)
"""

# pyright: reportPrivateUsage=false, reportUnknownMemberType=false
# ruff: noqa: SLF001

import asyncio
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import Any, cast
from weakref import WeakKeyDictionary

import discord
from discord.ext import tasks

# Through that module, which keeps the import quiet and asserts the version.
from bot.sandbox._simcord import simcord

from simcord import env as simcord_env  # isort: skip
from simcord._settlement import _park_reason  # isort: skip

# Seconds between looks. A look costs half a millisecond, and nearly always the end of a task is
# what ends the wait: looking every millisecond took a third more time than this, most of it for
# looking.
_IDLE = 0.01
# A task that awaits one of these awaits that future directly: it resumes when the future is done,
# and not before, as it can with `wait_for`, which puts its own future in between.
_LASTING = (
    "discord View/Modal completion",
    "discord View/Modal expiry timer",
    "discord.ext.tasks loop interval",
)


@contextmanager
def settling_for_people() -> Generator[None, None, None]:
    """Wait as the sandbox needs it while the block runs. People in its story pause for a minute,
    and nobody sees whether what the bot does on its own meanwhile is ten seconds late."""
    with (
        quick_settling(),
        patiently(20.0),
        timers_in_batches(longer_than=30.0, share=6, latest=60.0),
    ):
        yield


@contextmanager
def quick_settling() -> Generator[None, None, None]:
    """Look again after `_IDLE` seconds, not 50 ms, and only at what was not seen before."""
    with _looking_often(), _looking_once():
        yield


@contextmanager
def _looking_often() -> Generator[None, None, None]:
    defaults = cast("dict[str, Any]", simcord.Env._settle_internal.__kwdefaults__)
    original = defaults["idle"]
    defaults["idle"] = _IDLE
    try:
        yield
    finally:
        defaults["idle"] = original


@contextmanager
def _looking_once() -> Generator[None, None, None]:
    """Look once at what a task waits for, and not again while it waits for the same."""
    module: Any = simcord_env
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
def patiently(seconds: float) -> Generator[None, None, None]:
    """Give a busy machine so long to bring the bot to rest, where simcord gives it five seconds.

    Those five seconds also tell what is a rest: whoever sleeps for longer counts as resting. So it
    is not the five seconds that change: they begin again. In a block within another, its own
    patience counts.
    """
    settle, advance = simcord.Env._settle_internal, simcord.Env._advance_to
    settle_once = getattr(settle, "__wrapped__", settle)

    @wraps(settle_once)
    async def settle_patiently(self: simcord.Env, **options: Any) -> None:
        end = time.perf_counter() + seconds
        while True:
            try:
                return await settle_once(self, **options)
            except TimeoutError:
                if time.perf_counter() > end:
                    raise
                options.pop("_deadline", None)

    @wraps(advance)
    async def advance_patiently(self: simcord.Env, target: float, deadline: float) -> None:
        await advance(self, target, deadline + seconds)

    simcord.Env._settle_internal = settle_patiently
    simcord.Env._advance_to = advance_patiently
    try:
        yield
    finally:
        simcord.Env._settle_internal, simcord.Env._advance_to = settle, advance


@contextmanager
def timers_in_batches(
    *, longer_than: float, share: int, latest: float
) -> Generator[None, None, None]:
    """Where more than `longer_than` seconds pass at once, delay timers by up to that `share` of
    them, and by no more than `latest`: those of a longer span run together, as after a computer
    slept. A week of a sweep every two seconds took a minute to run.

    The library's loops would then run once for each time that they missed; here they go on.
    """
    module: Any = simcord_env
    advance, next_timer = simcord.Env._advance_to, module._next_virtual_timer
    next_run = tasks.Loop[Any]._get_next_sleep_time
    late = 0.0

    @wraps(advance)
    async def advance_in_batches(self: simcord.Env, target: float, deadline: float) -> None:
        nonlocal late
        passing = target - self._virtual_time
        late = min(passing / share, latest) if passing > longer_than else 0.0
        try:
            await advance(self, target, deadline)
        finally:
            late = 0.0

    @wraps(next_timer)
    def next_batch(state: Any) -> float | None:
        due = next_timer(state)
        return None if due is None else due + late

    @wraps(next_run)
    def go_on(self: tasks.Loop[Any], now: Any = discord.utils.MISSING) -> datetime:
        return max(next_run(self, now), discord.utils.utcnow()) if late else next_run(self, now)

    simcord.Env._advance_to = advance_in_batches
    module._next_virtual_timer = next_batch
    tasks.Loop._get_next_sleep_time = go_on
    try:
        yield
    finally:
        simcord.Env._advance_to = advance
        module._next_virtual_timer = next_timer
        tasks.Loop._get_next_sleep_time = next_run
