"""Votes: absolute values, one per member and post."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.actors import Actor
from bot.domain.errors import Refusal

UP, NONE, DOWN = 1, 0, -1


class VoteSource(StrEnum):
    """How a vote was given. Reconciling touches only those that came by reaction."""

    REACTION = "reaction"
    BUTTON = "button"
    COMMAND = "command"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Ballot:
    """ "This member wants this value on this post", given at a time.

    `value` is 1, 0 or -1. With `only_if`, the ballot holds only while the member's vote has that
    value: taking a ⬇️ reaction away does not undo the ⬆️ that replaced it.
    """

    voter: Actor
    post_id: int
    value: int
    source: VoteSource
    at: datetime
    only_if: int | None = None


@dataclass(frozen=True, slots=True)
class VoteOutcome:
    """What became of a ballot.

    `old` and `new` are the member's vote before and after; `refusal` says why nothing changed.
    `old_source` tells whether a reaction is left under the card that no longer is the vote.
    """

    post_id: int
    old: int
    new: int
    score: int
    old_source: VoteSource | None = None
    refusal: Refusal | None = None
    message_id: int | None = None
    channel_id: int | None = None

    @property
    def changed(self) -> bool:
        """Whether the vote is another one than before."""
        return self.old != self.new


def wanted(ballot: Ballot, old: int) -> int:
    """The value a member's vote should have after a ballot, given the value it has."""
    if ballot.only_if is not None and old != ballot.only_if:
        return old
    return ballot.value


def change(old: int, new: int) -> tuple[int, int]:
    """How much up-votes and down-votes of a post change when one vote goes from `old` to `new`."""
    return (new == UP) - (old == UP), (new == DOWN) - (old == DOWN)
