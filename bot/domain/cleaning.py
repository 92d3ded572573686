"""When tables from which something was erased are written anew, so that it leaves their files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

WINDOW: Final = timedelta(hours=2)
"""How long after its hour a rewriting may begin. What was not done by then is tried on the next
day."""


@dataclass(frozen=True, slots=True)
class Weekly:
    """A weekday (0: Monday) and a minute of the day, in UTC."""

    weekday: int
    minute: int

    def is_due(self, last: datetime, now: datetime) -> bool:
        """Whether a week's rewriting is due, and it is the hour for it; `last` is when all was
        rewritten last."""
        day = timedelta(days=1)
        hour = now.replace(hour=0, minute=0, second=0, microsecond=0)
        hour += timedelta(minutes=self.minute)
        if hour > now:
            hour -= day
        week = hour - day * ((hour.weekday() - self.weekday) % 7)
        return last < week and now < hour + WINDOW
