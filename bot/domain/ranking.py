"""How questions and answers are ranked in lists. Each formula names its source."""

from __future__ import annotations

from enum import StrEnum
from math import sqrt


class View(StrEnum):
    """The lists of `/questions`."""

    NEWEST = "newest"
    ACTIVE = "active"
    HOT = "hot"
    VOTES = "votes"
    UNANSWERED = "unanswered"
    UNSOLVED = "unsolved"
    MINE = "mine"


# Question2Answer's hotness (qa-include/db/hotness.php): a point for each second of the question's
# and of its latest answer's time, times 100, and 16,000,000 for each answer and net vote: 22 hours
# of being newer. Its 400,000 for each view are left out: Discord tells nobody of views.
HOT_SECOND = 100
HOT_ANSWER_OR_VOTE = 16_000_000


def hotness(asked: float, last_answer: float | None, answers: int, score: int) -> int:
    """Question2Answer's hotness of a question; times are seconds since 1970."""
    latest = asked if last_answer is None else last_answer
    return int(HOT_SECOND * (asked + latest)) + HOT_ANSWER_OR_VOTE * (answers + score)


def wilson(up: int, down: int, z: float = 1.96) -> float:
    """The lower bound of the share of up-votes, 0 to 1, at 95 % confidence for the default `z`.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    1927; as used for ranking by E. Miller, "How not to sort by average rating", 2009. Ten of ten
    count more than one of one.
    """
    n = up + down
    if n == 0:
        return 0.0
    share = up / n
    spread = z * sqrt((share * (1 - share) + z * z / (4 * n)) / n)
    return (share + z * z / (2 * n) - spread) / (1 + z * z / n)


def answer_rank(*, best: bool, up: int, down: int) -> tuple[bool, int, float]:
    """A sort key that puts a question's best answer first, then the higher scores; of equal ones
    that whose votes agree more."""
    return (not best, down - up, -wilson(up, down))
