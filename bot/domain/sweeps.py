"""Sweeps: hiding all posts of a member at once, and showing them again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.review import ReportReason

UNDONE_WITHIN: Final = timedelta(days=7)
"""How long the reply to hiding all posts of a member offers to undo that."""


class SweepKind(StrEnum):
    """What is done to all posts of a member."""

    HIDE = "hide"
    SHOW = "show"


class SweepState(StrEnum):
    """What became of one of the posts: it waits for its turn, or it was hidden or shown; it was
    passed over, since it was gone or shown meanwhile; or, once hidden, it was shown again."""

    WAITING = "waiting"
    DONE = "done"
    PASSED = "passed"
    SHOWN = "shown"


@dataclass(frozen=True, slots=True)
class Sweep:
    """An act on all posts of a member."""

    sweep_id: int
    guild_id: int
    kind: SweepKind
    member_id: int
    actor_id: int
    reason: ReportReason
    at: datetime


@dataclass(frozen=True, slots=True)
class Outlook:
    """What such an act would be about: how many posts, in how many questions; and how many others'
    answers and comments stand below them."""

    posts: int
    questions: int = 0
    below: int = 0
