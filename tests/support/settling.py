"""Waiting until the bot is idle after each act in the simulated Discord, as the tests need it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.sandbox._simcord_settling import patiently, quick_settling, timers_in_batches

_PATIENCE = 60.0  # seconds of a busy machine until the bot counts as stuck
# Timers are on time while no more than these seconds pass at once, and never later than these.
_MINUTES, _LATE = 300.0, 7_200.0


@contextmanager
def settling_like_a_test() -> Iterator[None]:
    """Quickly, and patiently where it must be."""
    with (
        quick_settling(),
        patiently(_PATIENCE),
        timers_in_batches(longer_than=_MINUTES, share=20, latest=_LATE),
    ):
        yield
