"""When a week's rewriting is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.cleaning import Weekly

SUNDAY = datetime(2026, 11, 29, 4, 30, tzinfo=UTC)
WEEKLY = Weekly(6, 4 * 60 + 30)


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (-168, 0, True),
        (-168, -0.01, False),
        (-168, 1.99, True),
        (-168, 2, False),
        (-168, 24.5, True),  # tried on the next day, at the same hour
        (-168, 30, False),
        (0, 0.1, False),  # it was done
        (0.1, 24, False),
        (0.1, 167.9, False),
        (0.1, 168, True),
        (-400, 72, True),
        (-400, 71.9, False),
    ],
)
def test_it_is_due_at_its_hour_until_it_is_done(last: float, now: float, *, due: bool) -> None:
    hour = timedelta(hours=1)
    assert WEEKLY.is_due(SUNDAY + last * hour, SUNDAY + now * hour) is due


def test_the_hour_before_midnight_reaches_into_the_next_day() -> None:
    late, hour = Weekly(6, 23 * 60 + 30), timedelta(hours=1)
    at = datetime(2026, 11, 29, 23, 30, tzinfo=UTC)
    assert late.is_due(at - 100 * hour, at + hour)
    assert not late.is_due(at + 0.5 * hour, at + hour)
