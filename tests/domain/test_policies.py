"""Who may do what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.actors import Actor
from bot.domain.errors import Denial, Denied
from bot.domain.policies import (
    Action,
    PostForVote,
    check_can_choose_best,
    check_can_close,
    check_can_curate,
    check_can_delete,
    check_can_edit,
    check_can_retag,
    check_can_see_edits,
    check_can_vote,
    check_limit,
    check_manager,
    check_moderator,
    check_points,
    depends_on_member,
)
from bot.domain.posts import PostKind, PostStatus
from bot.domain.rules import SETTINGS, Rules
from bot.domain.voting import DOWN, NONE, UP, Ballot, VoteSource

RULES = Rules.of({})
ALICE, MONA = Actor(1, 2), Actor(1, 3, is_moderator=True)
OTHER = 9


def denied(check: Callable[..., None], *arguments: object) -> Denied:
    with pytest.raises(Denied) as refused:
        check(*arguments)
    return refused.value


@pytest.mark.parametrize("action", Action)
def test_each_act_has_an_hourly_limit(action: Action) -> None:
    limit = int(SETTINGS[f"limit.{action}"].default)
    check_limit(action, limit - 1, False, RULES)
    check_limit(action, limit + 9, True, RULES)
    refusal = denied(check_limit, action, limit, False, RULES)
    assert refusal.reason is Denial.HOURLY_LIMIT
    assert refusal.data == {"action": action, "limit": limit}


@pytest.mark.parametrize(
    "privilege", [name.split(".")[1] for name in SETTINGS if name.startswith("privilege.")]
)
def test_a_privilege_needs_the_points_that_are_displayed(privilege: str) -> None:
    rules = Rules.of({f"privilege.{privilege}": "150"})
    check_points(privilege, 50, False, rules)
    check_points(privilege, -999, True, rules)
    refusal = denied(check_points, privilege, 49, False, rules)
    assert refusal.data == {"privilege": privilege, "needed": 150, "have": 149}
    free = Rules.of({f"privilege.{privilege}": "0"})
    check_points(privilege, -999, False, free)
    kept = Rules.of({f"privilege.{privilege}": "moderators"})
    check_points(privilege, -999, True, kept)
    refusal = denied(check_points, privilege, 999_999, False, kept)
    assert refusal.reason is Denial.NEEDS_MODERATOR
    assert refusal.data == {"privilege": privilege}


def test_the_best_answer_is_chosen_by_asker_and_moderators() -> None:
    check_can_choose_best(ALICE, asker_id=ALICE.user_id)
    check_can_choose_best(MONA, asker_id=None)
    assert denied(check_can_choose_best, ALICE, OTHER).reason is Denial.NOT_ASKER
    assert denied(check_can_choose_best, ALICE, None).reason is Denial.NOT_ASKER


@pytest.mark.parametrize("check", [check_can_edit, check_can_close])
def test_others_posts_are_for_moderators_unless_points_are_set(
    check: Callable[..., None],
) -> None:
    check(ALICE, ALICE.user_id, -999, RULES)
    check(MONA, OTHER, 0, RULES)
    assert denied(check, ALICE, OTHER, 999_999, RULES).reason is Denial.NEEDS_MODERATOR
    points = Rules.of({"privilege.edit_others": "2000", "privilege.close": "2000"})
    check(ALICE, OTHER, 1900, points)
    assert denied(check, ALICE, OTHER, 1899, points).reason is Denial.NEEDS_POINTS


def test_no_number_of_points_shows_earlier_versions() -> None:
    check_can_see_edits(ALICE, ALICE.user_id)
    check_can_see_edits(MONA, OTHER)
    assert denied(check_can_see_edits, ALICE, OTHER).reason is Denial.NOT_EDITOR


def test_questions_are_retagged_by_authors_moderators_and_those_with_the_points() -> None:
    check_can_retag(ALICE, ALICE.user_id, -999, RULES)
    check_can_retag(MONA, OTHER, 0, RULES)
    check_can_retag(ALICE, OTHER, 400, RULES)
    refusal = denied(check_can_retag, ALICE, OTHER, 399, RULES)
    assert refusal.data == {"privilege": "retag", "needed": 500, "have": 499}
    editing = Rules.of({"privilege.edit_others": "200"})  # who may edit may do that too
    check_can_retag(ALICE, OTHER, 100, editing)
    refusal = denied(check_can_retag, ALICE, OTHER, 99, editing)
    assert refusal.data == {"privilege": "edit_others", "needed": 200, "have": 199}
    never = Rules.of({"privilege.retag": "moderators"})
    assert denied(check_can_retag, ALICE, OTHER, 9999, never).reason is Denial.NEEDS_MODERATOR


def test_posts_are_deleted_by_authors_and_moderators() -> None:
    check_can_delete(ALICE, ALICE.user_id)
    check_can_delete(MONA, OTHER)
    assert denied(check_can_delete, ALICE, OTHER).reason is Denial.NOT_AUTHOR


def test_only_moderators_moderate_and_only_managers_manage() -> None:
    check_moderator(MONA)
    check_manager(Actor(1, 4, is_manager=True))
    check_can_curate(MONA)
    check_can_curate(Actor(1, 4, is_manager=True))
    assert denied(check_can_curate, ALICE).reason is Denial.NOT_MODERATOR
    assert denied(check_moderator, ALICE).reason is Denial.NOT_MODERATOR
    assert denied(check_manager, MONA).reason is Denial.NOT_MANAGER


def test_a_refusal_for_the_hour_says_when_it_ends() -> None:
    now = datetime(2026, 1, 1, 14, 37, 5, 8, tzinfo=UTC)
    refusal = denied(check_limit, Action.VOTES, 10**6, False, RULES, now)
    assert refusal.data["until"] == datetime(2026, 1, 1, 15, tzinfo=UTC)


NOW = datetime(2026, 1, 31, tzinfo=UTC)


def ballot(
    value: int, *, account: datetime | None = None, joined: datetime | None = None
) -> Ballot:
    voter = Actor(1, 2, account_created=account, joined=joined)
    return Ballot(voter, 10, value, VoteSource.BUTTON, NOW)


@pytest.mark.parametrize(
    ("setting", "since"), [("min_account_days", "account"), ("min_member_days", "joined")]
)
def test_voting_begins_at_the_moment_that_is_named(setting: str, since: str) -> None:
    rules = Rules.of({setting: "7"})
    post = PostForVote(PostKind.ANSWER, PostStatus.VISIBLE, OTHER)
    week = NOW - timedelta(days=7)
    check_can_vote(ballot(UP, **{since: week}), post, 0, rules)
    later = week + timedelta(microseconds=1)
    refusal = denied(check_can_vote, ballot(UP, **{since: later}), post, 0, rules)
    assert refusal.data == {"days": 7, "until": NOW + timedelta(microseconds=1)}
    check_can_vote(ballot(NONE, **{since: NOW}), post, 0, rules)


def test_a_member_is_looked_up_only_where_a_rule_asks_for_it() -> None:
    free = {"privilege.vote": "0", "privilege.down_vote": "0"}
    assert not depends_on_member(ballot(UP), Rules.of(free))
    assert not depends_on_member(ballot(DOWN), Rules.of(free))
    assert depends_on_member(ballot(DOWN), Rules.of({"privilege.vote": "0"}))
    for asked in ("min_account_days", "min_member_days", "privilege.vote"):
        assert depends_on_member(ballot(UP), Rules.of(free | {asked: "3"}))
        assert not depends_on_member(ballot(NONE), Rules.of(free | {asked: "3"}))
