"""When people are told: digests at their hour, and silence in their quiet hours, in any time zone
and on the days when clocks are changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from bot.domain.notices import Digest, Preferences, latest_digest, next_digest, quiet_until

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]
# Clocks are changed in Europe, America and on Lord Howe Island within days of these.
CHANGES = [datetime(2026, month, 1, tzinfo=UTC) for month in (3, 4, 10, 11)]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("hour", [0, 1, 2, 3, 9, 23])
@pytest.mark.parametrize("start", CHANGES)
def test_clock_changes_leave_one_digest_a_day(zone: str, hour: int, start: datetime) -> None:
    wishes = Preferences(timezone=zone, digest=Digest.DAILY, digest_hour=hour)
    times = [start]
    for _ in range(31):
        due = next_digest(wishes, times[-1])
        assert due is not None
        times.append(due)
        # A look some minutes late is for the same digest, and the next one is a day later.
        for late in (0, 1, 7, 299, 3600, 4000):
            assert latest_digest(wishes, due + timedelta(seconds=late)) == due
    days = [time.astimezone(ZoneInfo(zone)) for time in times[1:]]
    assert len({day.date() for day in days}) == 31
    assert sum(day.hour != hour for day in days) <= 1, "but where a change leaves that hour out"
    for one, other in pairwise(times[1:]):
        assert timedelta(hours=23) <= other - one <= timedelta(hours=25)


@pytest.mark.parametrize("zone", ZONES)
def test_weekly_ones_come_on_mondays(zone: str) -> None:
    wishes = Preferences(timezone=zone, digest=Digest.WEEKLY, digest_hour=8)
    due = next_digest(wishes, CHANGES[0])
    for _ in range(60):
        assert due is not None
        local = due.astimezone(ZoneInfo(zone))
        assert (local.weekday(), local.hour) == (0, 8)
        assert latest_digest(wishes, due + timedelta(days=6)) == due
        due = next_digest(wishes, due)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("begin", "end"), [(22, 7), (0, 3), (1, 2), (23, 0), (2, 1), (13, 15)])
@pytest.mark.parametrize("start", CHANGES)
def test_quiet_hours_end_when_they_say(zone: str, begin: int, end: int, start: datetime) -> None:
    wishes = Preferences(timezone=zone, quiet_from=begin, quiet_to=end)
    length = (end - begin) % 24
    for n in range(31 * 24 * 4):
        now = start + timedelta(minutes=15 * n)
        until = quiet_until(wishes, now)
        hour = now.astimezone(ZoneInfo(zone)).hour
        assert (until is not None) == ((hour - begin) % 24 < length)
        if until is not None:
            assert now < until <= now + timedelta(hours=length + 1)
            assert quiet_until(wishes, until) is None


def test_no_quiet_hours() -> None:
    for begin, end in ((None, None), (7, 7), (7, None), (None, 7)):
        wishes = Preferences(quiet_from=begin, quiet_to=end)
        assert quiet_until(wishes, CHANGES[0]) is None
