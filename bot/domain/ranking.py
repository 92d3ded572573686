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
    WAITING = "waiting"
    MINE = "mine"


_Z = 1.96  # of the normal distribution, for 95 % confidence


def wilson(up: int, down: int) -> float:
    """The lower bound of the share of up-votes, 0 to 1, at 95 % confidence.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    1927; as used for ranking by E. Miller, "How not to sort by average rating", 2009. Ten votes of
    ten rank above one of one.
    """
    n = up + down
    if n == 0:
        return 0.0
    share = up / n
    spread = _Z * sqrt((share * (1 - share) + _Z * _Z / (4 * n)) / n)
    return (share + _Z * _Z / (2 * n) - spread) / (1 + _Z * _Z / n)


def answer_rank(*, best: bool, up: int, down: int) -> tuple[bool, int, float]:
    """A sort key: the best answer first, then by score; of equal scores, the answer whose votes
    agree more."""
    return (not best, down - up, -wilson(up, down))
