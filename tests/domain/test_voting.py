"""Votes are absolute values, and who may give them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.actors import Actor
from bot.domain.errors import Denial, Denied
from bot.domain.policies import PostForVote, check_can_vote
from bot.domain.posts import PostKind, PostStatus
from bot.domain.rules import Rules
from bot.domain.voting import DOWN, NONE, UP, Ballot, VoteOutcome, VoteSource, change, wanted

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BOB = Actor(1, 2, account_created=NOW - timedelta(days=9), joined=NOW - timedelta(days=3))
ANSWER = PostForVote(PostKind.ANSWER, PostStatus.VISIBLE, author_id=5)
VALUES = st.sampled_from([UP, NONE, DOWN])


def ballot(value: int = UP, voter: Actor = BOB, source: VoteSource = VoteSource.REACTION) -> Ballot:
    return Ballot(voter, 10, value, source, NOW)


def denial(
    given: Ballot, post: PostForVote = ANSWER, points: int = 20, **settings: str
) -> str | None:
    """Why a ballot is refused, or None where it is not."""
    try:
        check_can_vote(given, post, points, Rules.of(settings))
    except Denied as denied:
        return denied.reason
    return None


@given(st.lists(VALUES))
def test_changes_add_up_to_the_last_vote(values: list[int]) -> None:
    up = down = 0
    for old, new in zip([NONE, *values], values, strict=False):
        more_up, more_down = change(old, new)
        up, down = up + more_up, down + more_down
    last = values[-1] if values else NONE
    assert (up, down) == (int(last == UP), int(last == DOWN))


@given(VALUES, VALUES)
def test_a_vote_is_the_value_it_should_be(old: int, new: int) -> None:
    assert wanted(ballot(new), old) == new
    assert VoteOutcome(10, old, new, 0).changed == (old != new)


def test_taking_a_reaction_away_undoes_only_that_vote() -> None:
    removal = replace(ballot(NONE), only_if=DOWN)
    assert wanted(removal, DOWN) == NONE
    assert wanted(removal, UP) == UP


def test_members_vote_on_what_others_wrote() -> None:
    assert denial(ballot(UP)) is None
    assert denial(ballot(DOWN)) is None
    own = replace(ANSWER, author_id=BOB.user_id)
    assert denial(ballot(UP), own) is Denial.OWN_POST
    assert denial(ballot(UP, replace(BOB, is_bot=True))) is Denial.BOT


@pytest.mark.parametrize("status", [PostStatus.HIDDEN, PostStatus.DELETED])
def test_what_is_not_shown_is_not_voted_on(status: PostStatus) -> None:
    assert denial(ballot(UP), replace(ANSWER, status=status)) is Denial.POST_HIDDEN
    assert denial(ballot(NONE), replace(ANSWER, status=status)) is None, "a vote can be taken back"
    comment = replace(ANSWER, kind=PostKind.COMMENT)
    assert denial(ballot(UP), comment) is Denial.COMMENT_VOTE


def test_a_server_decides_how_votes_are_given() -> None:
    assert denial(ballot(DOWN), downvotes="off") is Denial.DOWNVOTES_OFF
    assert denial(ballot(UP), downvotes="off") is None
    assert denial(ballot(UP), voting="private") is Denial.PRIVATE_VOTING
    assert denial(ballot(UP, source=VoteSource.BUTTON), voting="private") is None
    assert denial(ballot(NONE), voting="private", downvotes="off") is None


def test_voting_down_needs_points() -> None:
    assert denial(ballot(DOWN), points=19) is Denial.NEEDS_POINTS
    assert denial(ballot(DOWN), points=20) is None, "with the 100 of the start that makes 120"
    assert denial(ballot(DOWN, replace(BOB, is_moderator=True)), points=-50) is None
    assert denial(ballot(UP), points=-500) is None
    with pytest.raises(Denied, match="needs_points"):
        check_can_vote(ballot(UP), ANSWER, 0, Rules.of({"privilege.vote": "101"}))


def test_young_accounts_and_members_wait() -> None:
    assert denial(ballot(), min_account_days="10") is Denial.ACCOUNT_TOO_YOUNG
    assert denial(ballot(), min_account_days="9") is None
    assert denial(ballot(), min_member_days="4") is Denial.MEMBERSHIP_TOO_YOUNG
    assert denial(ballot(), min_member_days="3") is None
    assert denial(ballot(voter=replace(BOB, is_moderator=True)), min_member_days="4") is None
    unknown = replace(BOB, account_created=None, joined=None)
    assert denial(ballot(voter=unknown)) is None
    assert denial(ballot(voter=unknown), min_account_days="9") is Denial.ACCOUNT_TOO_YOUNG
    assert denial(ballot(voter=unknown), min_member_days="9") is Denial.MEMBERSHIP_TOO_YOUNG


def test_a_refusal_for_age_says_when_it_ends() -> None:
    with pytest.raises(Denied) as denied:
        check_can_vote(ballot(), ANSWER, 20, Rules.of({"min_member_days": "4"}))
    assert denied.value.data == {"days": 4, "until": NOW + timedelta(days=1)}
