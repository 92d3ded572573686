"""Time zones as people name them."""

from __future__ import annotations

import pytest

from bot.domain.zones import likely_zones, time_zones, zones_named
from cogs.ui.hours import hour_text


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("Berlin", "Europe/Berlin"),
        ("berlin ", "Europe/Berlin"),
        ("München", "Europe/Berlin"),
        ("munchen", "Europe/Berlin"),
        ("New York", "America/New_York"),
        ("new_york", "America/New_York"),
        ("san francisco", "America/Los_Angeles"),
        ("São Paulo", "America/Sao_Paulo"),
        ("Mumbai", "Asia/Kolkata"),
        ("Belin", "Europe/Berlin"),
        ("europe/paris", "Europe/Paris"),
        ("US/Pacific", "US/Pacific"),
        ("utc", "UTC"),
    ],
)
def test_a_name_a_city_or_a_slip_of_the_pen_is_one_zone(typed: str, zone: str) -> None:
    assert zones_named(typed) == [zone]


def test_several_are_offered_and_nonsense_is_none() -> None:
    assert {"America/Santiago", "America/Santo_Domingo"} <= {*zones_named("sant")}
    assert zones_named("zzzzqqqq") == []
    assert zones_named("") == []
    assert zones_named("\x00" * 500) == []
    assert len(zones_named("a")) == 25


@pytest.mark.parametrize("locale", ["en-US", "en-GB", "de", "es-419", "ja", "xx", ""])
def test_the_likely_ones_fit_into_a_select(locale: str) -> None:
    zones = likely_zones(locale)
    assert 1 < len(zones) <= 25
    assert len(set(zones)) == len(zones)
    assert set(zones) <= time_zones()
    assert zones[-1] == "UTC"


def test_the_likeliest_and_the_chosen_one_come_first() -> None:
    assert likely_zones("de")[0] == "Europe/Berlin"
    assert likely_zones("de", "Asia/Tokyo")[:2] == ["Asia/Tokyo", "Europe/Berlin"]


def test_hours_are_written_as_the_reader_writes_them() -> None:
    assert [hour_text(hour, "en-US") for hour in (0, 9, 12, 21)] == [
        "12 AM", "9 AM", "12 PM", "9 PM"
    ]  # fmt: skip
    assert [hour_text(hour, "de") for hour in (0, 9, 21)] == ["00:00", "09:00", "21:00"]
    assert hour_text(9, "en-GB") == "09:00"
