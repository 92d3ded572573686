"""Whether all readers of one channel may read another."""

from __future__ import annotations

import random
from itertools import product
from time import thread_time

import pytest

from bot.domain.readers import Position, Reading, all_may_read

EVERYBODY = Reading(view=True, history=True)
SHUT = Reading(view=False)
OPENED = Reading(view=True)
NOBODY = Reading(view=False, history=False)


SILENT = Reading()


def everyone(here: Reading = SILENT, there: Reading = SILENT) -> Position:
    return Position(here, there, EVERYBODY)


PUBLIC = everyone()
PRIVATE_THERE = everyone(there=SHUT)
BOTH_PRIVATE = everyone(SHUT, SHUT)


@pytest.mark.parametrize(
    ("who", "roles", "members", "expected"),
    [
        (PUBLIC, [], [], True),
        (everyone(here=SHUT), [Position(here=OPENED)], [], True),  # a public one, from a private
        (PRIVATE_THERE, [], [], False),
        (PRIVATE_THERE, [Position(there=OPENED)], [], False),
        (BOTH_PRIVATE, [Position(OPENED, OPENED)], [], True),  # the same people
        (BOTH_PRIVATE, [Position(OPENED, OPENED), Position(there=OPENED)], [], True),
        (BOTH_PRIVATE, [Position(OPENED, OPENED), Position(here=OPENED)], [], False),
        (BOTH_PRIVATE, [Position(OPENED, OPENED), Position(OPENED, SHUT)], [], False),
        (PUBLIC, [Position(there=SHUT)], [], False),  # all but some
        (PUBLIC, [Position(SHUT, SHUT)], [], True),
        (everyone(SHUT), [Position(OPENED), Position(SHUT, SHUT)], [], False),  # has both roles
        (PUBLIC, [], [Position(there=SHUT)], False),
        (PUBLIC, [], [Position(SHUT, SHUT)], True),
        (BOTH_PRIVATE, [], [Position(OPENED)], False),
        (BOTH_PRIVATE, [], [Position(OPENED, OPENED)], True),
        # A member who sees a channel reads new messages without its history.
        (everyone(there=Reading(history=False)), [], [], False),
        (everyone(here=Reading(history=False)), [], [], True),
        (everyone(Reading(history=False), Reading(history=False)), [], [], True),
        # Who does not see this channel need not be told of anything.
        (everyone(SHUT, NOBODY), [Position(OPENED, EVERYBODY)], [], True),
        # Only some see anything at all in the server.
        (Position(base=NOBODY), [Position(base=EVERYBODY)], [], True),
        (Position(base=NOBODY), [Position(base=EVERYBODY), Position(here=EVERYBODY)], [], False),
    ],
)
def test_channels_side_by_side(
    who: Position, roles: list[Position], members: list[Position], expected: bool
) -> None:
    assert all_may_read(who, roles, members) is expected


def test_every_combination_of_roles_is_considered() -> None:
    """Against the plain way: all subsets of the roles."""
    dice = random.Random(8)
    says = [Reading(*each) for each in product((None, True, False), repeat=2)]
    grants = [Reading(*each) for each in product((True, False), repeat=2)]

    def position() -> Position:
        return Position(dice.choice(says), dice.choice(says), dice.choice(grants))

    answers: set[bool] = set()
    for _ in range(400):
        who, roles = position(), [position() for _ in range(4)]
        members = [position()._replace(base=NOBODY) for _ in range(dice.randrange(2))]
        own = [*members, Position()]
        subsets = [
            [role for role, taken in zip(roles, chosen, strict=True) if taken]
            for chosen in product((False, True), repeat=len(roles))
        ]
        expected = all(_reads_too(who, theirs, one) for theirs in subsets for one in own)
        assert all_may_read(who, roles, members) is expected
        answers.add(expected)
    assert answers == {True, False}


def _reads_too(who: Position, roles: list[Position], own: Position) -> bool:
    def may(where: str, what: str) -> bool:
        allowed = any(getattr(one.base, what) for one in (who, *roles))
        told = getattr(getattr(who, where), what)
        allowed = allowed if told is None else told
        for verdict in (False, True):  # what one role denies, another grants
            if any(getattr(getattr(role, where), what) is verdict for role in roles):
                allowed = verdict
        told = getattr(getattr(own, where), what)
        return allowed if told is None else told

    if not may("here", "view"):
        return True
    return may("there", "view") and (may("there", "history") or not may("here", "history"))


def test_as_many_kinds_of_roles_as_there_can_be() -> None:
    """More kinds than a server has roles, and every kind of overwrite of single members."""
    says = [Reading(*each) for each in product((None, True, False), repeat=2)]
    grants = [Reading(*each) for each in product((True, False), repeat=2)]
    roles = [Position(*each) for each in product(says, [SILENT, OPENED, EVERYBODY], grants)]
    roles += [Position(SHUT, there, base) for there, base in product(says, grants)]
    members = [Position(each, EVERYBODY) for each in says]
    members += [Position(SHUT, each) for each in says]

    def seconds(attempt: int) -> float:
        before = thread_time()
        all_may_read(PUBLIC, roles, members[attempt:])  # never the same twice: answers are kept
        return thread_time() - before

    assert not all_may_read(
        PUBLIC, roles, members
    )  # whoever has a role that shuts and one that opens
    assert all_may_read(PUBLIC, roles[:108], members)
    assert min(seconds(attempt) for attempt in range(1, 6)) < 0.05
