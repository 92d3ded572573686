"""The weekly round-up of a server: when it is due, and what it tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.cards import Author, QuestionLine
from bot.domain.notices import zone_of
from bot.domain.rules import WEEKDAYS, Rules


@dataclass(frozen=True, slots=True)
class Chosen:
    """An answer that was chosen as best answer to a question."""

    question: QuestionLine
    answer: str
    author: Author


@dataclass(frozen=True, slots=True)
class RoundUp:
    """What happened in a week: best answers, questions that still wait for an answer (`waiting` is
    how many there are in all), and members who answered for the first time."""

    chosen: tuple[Chosen, ...]
    questions: tuple[QuestionLine, ...]
    waiting: int
    helpers: tuple[Author, ...]
    more_helpers: int = 0
    unsealing_from: datetime | None = None
    """From when on anonymous posts can be unsealed, where that was switched on again lately."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        told = self.chosen or self.questions or self.helpers
        return not told and self.unsealing_from is None


def latest_round_up(rules: Rules, now: datetime) -> datetime:
    """When a server's latest round-up was due at `now`: at its hour and day, in its time zone."""
    day, hour = WEEKDAYS.index(rules.text("roundup_day")), rules.number("roundup_hour")
    local = now.astimezone(zone_of(rules.text("roundup_zone")))
    due = local.replace(hour=hour, minute=0, second=0, microsecond=0, fold=0)
    due -= timedelta(days=(local.weekday() - day) % 7)
    if due > local:
        due -= timedelta(days=7)
    return due.replace(hour=hour).astimezone(now.tzinfo)
