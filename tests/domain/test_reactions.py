"""Comparing reactions in Discord with stored votes."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.domain.voting import DOWN, NONE, UP, Found, VoteSource, added, compare_reactions, taken_off

NORMAL, SUPER, BOTH = VoteSource.REACTION, VoteSource.SUPER, VoteSource.BOTH
BUTTON, COMMAND = VoteSource.BUTTON, VoteSource.COMMAND
Stored = tuple[int, VoteSource]


@pytest.mark.parametrize(
    ("before", "kind", "after"),
    [
        (None, NORMAL, NORMAL),
        (BUTTON, SUPER, SUPER),
        (NORMAL, NORMAL, NORMAL),
        (NORMAL, SUPER, BOTH),
        (BOTH, SUPER, BOTH),
    ],
)
def test_a_reaction_is_added(
    before: VoteSource | None, kind: VoteSource, after: VoteSource
) -> None:
    assert added(before, kind) is after


@pytest.mark.parametrize(
    ("before", "kind", "after"),
    [
        (NORMAL, NORMAL, None),
        (NORMAL, SUPER, NORMAL),
        (SUPER, NORMAL, SUPER),
        (BOTH, NORMAL, SUPER),
        (BOTH, SUPER, NORMAL),
        (BOTH, BOTH, None),
    ],
)
def test_a_reaction_is_taken_off(
    before: VoteSource, kind: VoteSource, after: VoteSource | None
) -> None:
    assert taken_off(before, kind) is after


ANN = 5


@pytest.mark.parametrize(
    ("stored", "up", "down", "waiting", "found"),
    [
        # Nothing was missed.
        (None, "", "", "", None),
        ((UP, NORMAL), "normal", "", "", None),
        ((UP, BOTH), "normal super", "", "", None),
        ((UP, BUTTON), "", "", "", None),
        # Added, taken off, changed.
        (None, "normal", "", "", (UP, NORMAL, False)),
        (None, "", "super", "", (DOWN, SUPER, False)),
        ((UP, NORMAL), "", "", "", (NONE, BOTH, False)),
        ((UP, NORMAL), "", "normal", "", (DOWN, NORMAL, False)),
        ((UP, NORMAL), "super", "", "", (UP, SUPER, False)),
        # Both are there: the one that is not stored is the newer one.
        ((UP, NORMAL), "normal", "normal", "", (DOWN, NORMAL, True)),
        ((DOWN, NORMAL), "normal", "normal", "", (UP, NORMAL, True)),
        ((DOWN, BUTTON), "normal", "normal", "", (UP, NORMAL, True)),
        (None, "normal", "normal", "", (UP, NORMAL, True)),
        # A reaction about to be removed doesn't count: a later choice replaced it.
        ((DOWN, BUTTON), "normal", "", "up", None),
        (None, "normal", "", "up", None),
        ((DOWN, NORMAL), "normal", "normal", "up", None),
        ((DOWN, NORMAL), "normal", "", "up", (NONE, BOTH, False)),
        (None, "normal", "normal", "up", (DOWN, NORMAL, False)),
        # One that came while the bot was away is newer than a button before.
        ((DOWN, BUTTON), "normal", "", "", (UP, NORMAL, False)),
        # The same vote, by a button and by a reaction: it must be taken back where it is shown.
        ((UP, COMMAND), "normal", "", "", (UP, NORMAL, False)),
    ],
)
def test_comparing_one_members_reactions(
    stored: Stored | None,
    up: str,
    down: str,
    waiting: str,
    found: tuple[int, VoteSource, bool] | None,
) -> None:
    kinds = {"normal": NORMAL, "super": SUPER}
    shown: Mapping[int, Mapping[int, list[VoteSource]]] = {
        value: {ANN: [kinds[name] for name in names.split()]} if names else {}
        for value, names in ((UP, up), (DOWN, down))
    }
    off = {(ANN, {"up": UP, "down": DOWN}[name]) for name in waiting.split()}
    before = {ANN: stored} if stored else {}
    seen = stored or (NONE, None)
    expected = [Found(ANN, found[0], found[1], seen, found[2])] if found else []
    assert compare_reactions(before, shown, off) == expected
