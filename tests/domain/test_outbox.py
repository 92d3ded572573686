"""How long delivery waits before it tries again."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.outbox import pause


def test_pauses_double_up_to_an_hour() -> None:
    pauses = [pause(failures) for failures in range(100)]
    assert pauses[:4] == [timedelta(seconds=s) for s in (1, 2, 4, 8)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(hours=1)
