"""When a weekly round-up is due."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.domain.errors import Invalid
from bot.domain.round_ups import RoundUp, latest_round_up
from bot.domain.rules import Rules, check_setting


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "hour", "zone", "now", "due"),
    [
        # 2026-11-27 is a Friday.
        ("friday", "18", "UTC", "2026-11-27T18:00", "2026-11-27T18:00"),
        ("friday", "18", "UTC", "2026-11-27T17:59", "2026-11-20T18:00"),
        ("saturday", "0", "UTC", "2026-11-27T23:00", "2026-11-21T00:00"),
        ("monday", "9", "Europe/Berlin", "2026-11-27T12:00", "2026-11-23T08:00"),
        # Friday evening in Los Angeles is Saturday in UTC.
        ("friday", "20", "America/Los_Angeles", "2026-11-28T04:30", "2026-11-28T04:00"),
        # Summer time ended on October 25, 2026.
        ("saturday", "18", "Europe/Berlin", "2026-10-30T12:00", "2026-10-24T16:00"),
        ("sunday", "18", "Europe/Berlin", "2026-10-30T12:00", "2026-10-25T17:00"),
        # The hour that the change leaves out, and the one that comes twice.
        ("sunday", "2", "Europe/Berlin", "2026-03-29T12:00", "2026-03-29T01:00"),
        ("sunday", "2", "Europe/Berlin", "2026-10-25T12:00", "2026-10-25T00:00"),
    ],
)
def test_it_is_due_at_the_servers_hour(day: str, hour: str, zone: str, now: str, due: str) -> None:
    rules = Rules.of({"roundup_day": day, "roundup_hour": hour, "roundup_zone": zone})
    assert latest_round_up(rules, at(now)) == at(due)


def test_a_zone_is_typed_as_people_call_it() -> None:
    assert check_setting("roundup_zone", "new york") == "America/New_York"
    assert check_setting("roundup_zone", "Europe/Berlin") == "Europe/Berlin"
    for typed in ("", "Nowhere at all", "san"):
        with pytest.raises(Invalid) as refusal:
            check_setting("roundup_zone", typed)
        assert refusal.value.field == "timezone"


def test_nothing_to_tell() -> None:
    assert RoundUp((), (), 0, ()).is_empty
