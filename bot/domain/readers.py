"""Comparing who can read two channels: whether all readers of one may read the other.

The bot doesn't know all members and their roles, so every possible member is considered: any
combination of roles.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import product
from typing import NamedTuple


class Reading(NamedTuple):
    """What an overwrite says about viewing a channel and reading its history: granted, denied, or
    None."""

    view: bool | None = None
    history: bool | None = None


class Position(NamedTuple):
    """What a role, or one member's overwrite, says in two channels, and (`base`) what a role grants
    in the whole server."""

    here: Reading = Reading()
    there: Reading = Reading()
    base: Reading = Reading(view=False, history=False)


def all_may_read(
    everyone: Position, roles: Iterable[Position], members: Iterable[Position]
) -> bool:
    """Whether everybody who reads a channel (`here`) may read another one (`there`), too.

    `roles` excludes those with Administrator, whose members read everything; `members` are the
    overwrites of single members.
    """
    return _all_may_read(everyone, frozenset(roles), frozenset([*members, Position()]))


@lru_cache(maxsize=1024)
def _all_may_read(
    everyone: Position, roles: frozenset[Position], members: frozenset[Position]
) -> bool:
    unions = _unions({_signs(role) for role in roles})
    readings = {_read_with(union, everyone) for union in unions}
    return all(_may_too(reading, own) for reading, own in product(readings, members))


def _signs(role: Position) -> int:
    """What a role says, as ten bits; several roles say the union of theirs."""
    said = (*role.here, *role.there)
    answers = [
        *(each is True for each in said),
        *(each is False for each in said),
        role.base.view is True,
        role.base.history is True,
    ]
    return sum(1 << place for place, answer in enumerate(answers) if answer)


def _unions(kinds: set[int]) -> set[int]:
    """What combinations of roles say: at most 1,024 values of ten bits, however many roles there
    are."""
    unions = {0}
    for kind in kinds:
        if kind not in unions:  # each value in here was united with all of them
            unions |= {kind | union for union in unions}
    return unions


def _read_with(union: int, everyone: Position) -> tuple[bool, bool, bool, bool]:
    """What a member with these roles may do without an overwrite of their own: view and read here,
    view and read there.

    In Discord's order of overwrites: what any role grants, what any role denies, @everyone's
    overwrite, then the permissions in the whole server.
    """

    def decided(place: int, told: bool | None, base: bool | None) -> bool:
        if union >> place & 1:
            return True
        if union >> place + 4 & 1:
            return False
        return bool(base or union >> 8 + place % 2 & 1) if told is None else told

    (here, there, base) = everyone
    return (
        decided(0, here.view, base.view),
        decided(1, here.history, base.history),
        decided(2, there.view, base.view),
        decided(3, there.history, base.history),
    )


def _may_too(reading: tuple[bool, bool, bool, bool], own: Position) -> bool:
    """Whether a member who reads this channel reads the other one. Their own overwrite comes before
    those of roles."""
    see_here, read_here, see_there, read_there = (
        said if told is None else told
        for said, told in zip(reading, (*own.here, *own.there), strict=True)
    )
    if not see_here:
        return True
    return see_there and (read_there or not read_here)
