"""Badges: what a member's figures amount to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.badges import NEEDED, Badge, BadgeKind, Level, badges_of
from bot.domain.cards import Profile

NOBODY = Profile(7, 100, None, 0, 0, 0, 0, 0)


def test_an_inactive_member_has_no_badge() -> None:
    assert badges_of(NOBODY) == []


@pytest.mark.parametrize("kind", BadgeKind)
@pytest.mark.parametrize("level", Level)
def test_each_level_begins_where_it_says(kind: BadgeKind, level: Level) -> None:
    needed = NEEDED[kind][level - 1]
    assert badges_of(replace(NOBODY, **{kind.value: needed})) == [Badge(kind, level, needed)]
    lower = [Badge(kind, Level(level - 1), NEEDED[kind][level - 2])] if level > 1 else []
    assert badges_of(replace(NOBODY, **{kind.value: needed - 1})) == lower


def test_the_badge_for_voting_can_be_left_out() -> None:
    voter = replace(NOBODY, votes_given=500)
    assert [badge.level for badge in badges_of(voter)] == [Level.SILVER]
    assert badges_of(voter, with_votes_given=False) == []


@given(st.lists(st.integers(0, 2000), min_size=5, max_size=5), st.integers(0, 4))
def test_more_never_takes_a_badge_away(figures: list[int], which: int) -> None:
    more = [count + (index == which) for index, count in enumerate(figures)]
    before, after = (
        {badge.kind: badge.level for badge in badges_of(_profile(*counts))}
        for counts in (figures, more)
    )
    assert all(after[kind] >= level for kind, level in before.items())


def _profile(asked: int, answered: int, best: int, received: int, given: int) -> Profile:
    return Profile(7, 100, 1, asked, answered, best, received, given)
