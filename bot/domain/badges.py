"""Badges: what a member's figures amount to, in three levels.

They are computed from a member's posts and votes whenever a profile is shown. None is stored, so
none can be out of date, and an imported forum has them at once. As in Question2Answer's badge
plugin and on Stack Exchange, each counts one thing, and the levels are bronze, silver and gold.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from bot.domain.cards import Profile


class Level(IntEnum):
    """The level of a badge."""

    BRONZE = 1
    SILVER = 2
    GOLD = 3


class BadgeKind(StrEnum):
    """What a badge counts."""

    QUESTIONS = "questions"
    ANSWERS = "answers"
    BEST_ANSWERS = "best_answers"
    VOTES_RECEIVED = "votes_received"
    VOTES_GIVEN = "votes_given"


@dataclass(frozen=True, slots=True)
class Badge:
    """A badge at the highest level reached; `needed` is what that level takes."""

    kind: BadgeKind
    level: Level
    needed: int


NEEDED: Final = {
    BadgeKind.QUESTIONS: (1, 10, 50),
    BadgeKind.ANSWERS: (1, 25, 100),
    BadgeKind.BEST_ANSWERS: (1, 10, 50),
    BadgeKind.VOTES_RECEIVED: (10, 100, 1000),
    BadgeKind.VOTES_GIVEN: (10, 100, 1000),
}


def badges_of(profile: Profile, *, with_votes_given: bool = True) -> list[Badge]:
    """A member's badges, each once, with its highest level."""
    counts = {
        BadgeKind.QUESTIONS: profile.questions,
        BadgeKind.ANSWERS: profile.answers,
        BadgeKind.BEST_ANSWERS: profile.best_answers,
        BadgeKind.VOTES_RECEIVED: profile.votes_received,
        BadgeKind.VOTES_GIVEN: profile.votes_given if with_votes_given else 0,
    }
    found: list[Badge] = []
    for kind, count in counts.items():
        reached = [
            Badge(kind, level, needed)
            for level, needed in zip(Level, NEEDED[kind], strict=True)
            if count >= needed
        ]
        found += reached[-1:]
    return found
