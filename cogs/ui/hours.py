"""Hours of a day as the reader writes them, and time zones."""

from __future__ import annotations

from typing import Final

from bot.domain.zones import UTC

# Discord's languages whose readers write 9 PM for 21:00.
_TWELVE: Final = frozenset({"en-US", "hi", "ko", "zh-TW"})


def hour_text(hour: int, locale: str) -> str:
    """An hour from 0 to 23, in a Discord locale: "9 PM" or "21:00"."""
    if locale not in _TWELVE:
        return f"{hour:02}:00"
    return f"{hour % 12 or 12} {'AM' if hour < 12 else 'PM'}"


def zone_label(zone: str) -> str:
    """A time zone for people: "New York (America/New_York)"."""
    if zone == UTC:
        return zone
    city = zone.rsplit("/", maxsplit=1)[-1].replace("_", " ")
    return f"{city} ({zone})"
