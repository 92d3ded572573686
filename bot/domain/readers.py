"""Who reads a channel, compared: whether all readers of one may read another.

Nobody knows all members of a server with their roles, so it is decided for every member there
could be: whoever has the roles in any combination.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import chain, combinations
from typing import Final, NamedTuple

# Of one that sees, one that lets see and one that lets read back, three roles at most are needed
# to find a reader of the one channel who may not read the other.
_WITNESSES: Final = 3
_MOST: Final = 20  # roles that differ: with more of them, nothing is said to be readable


class Reading(NamedTuple):
    """What is said of seeing a channel and of reading what stands in it: granted, denied, or (None)
    nothing."""

    view: bool | None = None
    history: bool | None = None


class Position(NamedTuple):
    """What a role, or an overwrite of one member, says in two channels, and (`base`) what a role
    grants in the whole server."""

    here: Reading = Reading()
    there: Reading = Reading()
    base: Reading = Reading(view=False, history=False)


def all_may_read(
    everyone: Position, roles: Iterable[Position], members: Iterable[Position]
) -> bool:
    """Whether everybody who reads a channel (`here`) may read another one (`there`), too.

    `roles` are those that people have, without administrators', who read everything; `members`
    what overwrites say of single members.
    """
    silent = Position()
    kinds = frozenset(role for role in roles if role != silent)
    return _all_may_read(everyone, kinds, frozenset([*members, silent]))


@lru_cache(maxsize=1024)
def _all_may_read(
    everyone: Position, roles: frozenset[Position], members: frozenset[Position]
) -> bool:
    if len(roles) > _MOST:
        return False
    ordered = sorted(roles, key=repr)
    sets = chain.from_iterable(combinations(ordered, n) for n in range(_WITNESSES + 1))
    return all(_may_too(everyone, theirs, own) for theirs in sets for own in members)


def _may_too(everyone: Position, theirs: tuple[Position, ...], own: Position) -> bool:
    """Whether somebody with these roles reads the other channel as they read this one."""
    base = [role.base for role in (everyone, *theirs)]
    here = _granted(everyone.here, [role.here for role in theirs], own.here, base)
    there = _granted(everyone.there, [role.there for role in theirs], own.there, base)
    if not here.view:
        return True
    return bool(there.view and (there.history or not here.history))


def _granted(everyone: Reading, roles: list[Reading], own: Reading, base: list[Reading]) -> Reading:
    """What comes of overwrites, as Discord reads them: a member's own first, then what any of their
    roles grants, what any denies, what @everyone is told, and what holds in the whole server."""

    def decided(
        own: bool | None, roles: list[bool | None], everyone: bool | None, base: list[bool | None]
    ) -> bool:
        if own is not None:
            return own
        if True in roles:
            return True
        if False in roles:
            return False
        return any(base) if everyone is None else everyone

    return Reading(
        decided(own.view, [r.view for r in roles], everyone.view, [b.view for b in base]),
        decided(
            own.history,
            [r.history for r in roles],
            everyone.history,
            [b.history for b in base],
        ),
    )
