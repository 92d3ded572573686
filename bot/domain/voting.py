"""Votes: absolute values, one per member and post."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.domain.actors import Actor
from bot.domain.errors import Refusal

UP, NONE, DOWN = 1, 0, -1


class VoteSource(StrEnum):
    """How a vote was given. A comparison with Discord only takes back votes given by reaction.

    A member can add the same emoji twice, as a normal and as a super reaction. That is one vote,
    which stands until both are gone.
    """

    REACTION = "reaction"
    SUPER = "super"
    BOTH = "both"
    BUTTON = "button"
    COMMAND = "command"
    IMPORT = "import"


REACTIONS = frozenset({VoteSource.REACTION, VoteSource.SUPER, VoteSource.BOTH})
_KINDS = {
    VoteSource.REACTION: frozenset({VoteSource.REACTION}),
    VoteSource.SUPER: frozenset({VoteSource.SUPER}),
    VoteSource.BOTH: frozenset({VoteSource.REACTION, VoteSource.SUPER}),
}
Standing = tuple[int, VoteSource | None]
"""A member's vote on a post, and how it came; `(0, None)` is no vote."""


BY_MESSAGE: Final = 0  # in place of a post's row


@dataclass(frozen=True, slots=True)
class Ballot:
    """ "This member wants this value on this post", given at a time.

    `value` is 1, 0 or -1. With `only_if`, the ballot holds only while the member's vote has that
    value: taking a ⬇️ reaction away does not undo the ⬆️ that replaced it. With `seen`, it holds
    only while the vote is still the one that was seen: what a member does during a comparison with
    Discord overrides the comparison.

    Of a reaction only the message is known that it is on: then `post_id` is `BY_MESSAGE`.

    `unsure` means that there may be reactions that were never counted. Then the emoji of the other
    vote is removed even if no vote by reaction is known.

    `shown` means that the button's card is about to show the new score as the answer to the click,
    so it is edited only if that fails.
    """

    voter: Actor
    post_id: int
    value: int
    source: VoteSource
    at: datetime
    only_if: int | None = None
    seen: Standing | None = None
    unsure: bool = False
    message_id: int = 0
    shown: bool = False


@dataclass(frozen=True, slots=True)
class VoteOutcome:
    """The outcome of a ballot.

    `old` and `new` are the member's vote before and after; `refusal` says why nothing changed.
    `post_id` is 0 where there is no post at a message.
    """

    post_id: int
    old: int
    new: int
    score: int
    refusal: Refusal | None = None
    message_id: int | None = None
    channel_id: int | None = None

    @property
    def changed(self) -> bool:
        """Whether the vote has changed."""
        return self.old != self.new


def wanted(ballot: Ballot, old: int) -> int:
    """The value a member's vote should have after a ballot, given the value it has."""
    if ballot.only_if is not None and old != ballot.only_if:
        return old
    return ballot.value


def change(old: int, new: int) -> tuple[int, int]:
    """The changes of a post's up-votes and down-votes when one vote goes from `old` to `new`."""
    return (new == UP) - (old == UP), (new == DOWN) - (old == DOWN)


def kinds_shown(kinds: Collection[VoteSource]) -> VoteSource:
    """The source of a vote whose emoji has these kinds of reaction: normal, super, or both."""
    return VoteSource.BOTH if len(kinds) > 1 else next(iter(kinds))


def added(source: VoteSource | None, kind: VoteSource) -> VoteSource:
    """The source of a vote after its emoji was added as a reaction of a kind."""
    known = _KINDS.get(source, frozenset()) if source is not None else frozenset[VoteSource]()
    return kinds_shown(known | _KINDS[kind])


def taken_off(source: VoteSource, kind: VoteSource) -> VoteSource | None:
    """The source of a vote by reaction without its reaction of a kind; None if no vote is left.

    Removing a kind that wasn't known leaves the known one.
    """
    left = _KINDS[source] - _KINDS[kind]
    return kinds_shown(left) if left else None


@dataclass(frozen=True, slots=True)
class Found:
    """What a comparison finds of one member under one card: the vote to count, its source, and
    whether the other emoji is there as well."""

    voter_id: int
    value: int
    source: VoteSource
    seen: Standing
    both: bool = False


def compare_reactions(
    stored: Mapping[int, tuple[int, VoteSource]],
    shown: Mapping[int, Mapping[int, Collection[VoteSource]]],
    waiting: Collection[tuple[int, int]],
) -> list[Found]:
    """The ballots that make a post's votes agree with the reactions under its card.

    `stored` is voter → vote; `shown` is value → voter → kinds of reaction that are there; `waiting`
    are the reactions (voter, value) about to be removed, which don't count: a later choice replaced
    them. Any other reaction that isn't stored was added since, so it is the newer choice. Votes
    that weren't given by reaction are never taken back.
    """
    found: list[Found] = []
    voters = {v for v, (_, source) in stored.items() if source in REACTIONS}
    for voter in sorted(voters.union(*shown.values())):
        old, source = seen = stored.get(voter, (NONE, None))
        there = [
            value
            for value in (UP, DOWN)
            if voter in shown.get(value, ()) and (voter, value) not in waiting
        ]
        if not there:
            if source in REACTIONS:
                found.append(Found(voter, NONE, VoteSource.BOTH, seen))
            continue
        value = next((v for v in there if v != old), old)
        kinds = kinds_shown(shown[value][voter])
        if (value, kinds) != seen:
            found.append(Found(voter, value, kinds, seen, both=len(there) > 1))
    return found
