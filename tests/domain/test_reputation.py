"""Question2Answer's scale of points."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.posts import PostKind
from bot.domain.reputation import (
    Entry,
    PostFacts,
    Reason,
    compact,
    displayed,
    post_entries,
    vote_entries,
    votes_limit,
)
from bot.domain.rules import Rules

RULES = Rules.of({})
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ASKER, ANSWERER = 1, 2


def question(**changes: object) -> PostFacts:
    facts = {"post_id": 10, "kind": PostKind.QUESTION, "author_id": ASKER, "visible": True}
    return PostFacts(**(facts | {"created_at": NOW, "question_author_id": ASKER} | changes))  # type: ignore[arg-type]


def answer(**changes: object) -> PostFacts:
    facts = {"post_id": 11, "kind": PostKind.ANSWER, "author_id": ANSWERER, "visible": True}
    return PostFacts(**(facts | {"created_at": NOW, "question_author_id": ASKER} | changes))  # type: ignore[arg-type]


CHOSEN = {
    "best_answer_id": 11,
    "best_answer_author_id": ANSWERER,
    "best_answer_visible": True,
    "best_chosen_at": NOW,
}


def points(post: PostFacts) -> dict[str, int]:
    return {entry.reason.value: entry.points for entry in post_entries(post, RULES)}


def votes_points(kind: PostKind, up: int, down: int) -> int:
    """What a post's votes are worth in all."""
    post = PostFacts(1, kind, ASKER, True, NOW)
    votes = [(voter, 1 if voter < up else -1, NOW) for voter in range(up + down)]
    return sum(entry.points for entry in vote_entries(post, votes, RULES))


def test_asking_answering_and_the_best_answer() -> None:
    assert points(question()) == {"question": 20}
    assert points(answer()) == {"answer": 40}
    assert points(question(**CHOSEN)) == {"question": 20, "choosing_best": 30}
    assert points(answer(**CHOSEN)) == {"answer": 40, "best_answer": 300}
    assert points(answer(**CHOSEN | {"best_answer_id": 12})) == {"answer": 40}


def test_a_choice_that_nobody_sees_earns_nothing() -> None:
    assert points(question(**CHOSEN | {"best_answer_visible": False})) == {"question": 20}


def test_nobody_earns_by_choosing_their_own_answer() -> None:
    own = CHOSEN | {"best_answer_author_id": ASKER}
    assert points(question(**own)) == {"question": 20}
    assert points(answer(**own | {"author_id": ASKER})) == {}


def test_answering_oneself_only_earns_votes() -> None:
    own = answer(author_id=ASKER)
    assert points(own) == {}
    assert [e.points for e in vote_entries(own, [(3, 1, NOW)], RULES)] == [20]


@pytest.mark.parametrize("nothing", [{"visible": False}, {"author_id": None}])
def test_hidden_and_authorless_posts_earn_nothing(nothing: dict[str, object]) -> None:
    for post in (question(**CHOSEN | nothing), answer(**CHOSEN | nothing)):
        assert points(post) == {}
        assert list(vote_entries(post, [(3, 1, NOW)], RULES)) == []


def test_comments_earn_nothing() -> None:
    comment = answer(kind=PostKind.COMMENT)
    assert points(comment) == {}
    assert list(vote_entries(comment, [(3, 1, NOW)], RULES)) == []
    assert votes_limit(PostKind.COMMENT, 99, 0, RULES) == 0


@pytest.mark.parametrize(
    ("kind", "up", "down", "worth"),
    [
        (PostKind.QUESTION, 3, 1, 20),
        (PostKind.QUESTION, 10, 0, 100),
        (PostKind.QUESTION, 53, 0, 100),
        (PostKind.QUESTION, 0, 3, -30),
        (PostKind.QUESTION, 0, 9, -30),
        (PostKind.ANSWER, 3, 1, 40),
        (PostKind.ANSWER, 33, 0, 200),
        (PostKind.ANSWER, 0, 2, -40),
        (PostKind.ANSWER, 0, 3, -50),
        (PostKind.ANSWER, 0, 0, 0),
    ],
)
def test_votes_count_within_bounds(kind: PostKind, up: int, down: int, worth: int) -> None:
    assert votes_points(kind, up, down) == worth


@given(
    st.sampled_from([PostKind.QUESTION, PostKind.ANSWER]), st.integers(0, 30), st.integers(0, 30)
)
def test_another_upvote_never_lowers_points(kind: PostKind, up: int, down: int) -> None:
    worth = votes_points(kind, up, down)
    assert votes_points(kind, up + 1, down) >= worth >= votes_points(kind, up, down + 1)


def test_each_vote_is_a_line_and_the_cap_one_more() -> None:
    later = NOW + timedelta(minutes=1)
    votes = [(3, -1, NOW), (4, -1, later), (5, -1, NOW)]
    assert list(vote_entries(answer(), votes, RULES)) == [
        Entry(ANSWERER, 11, Reason.VOTE, 3, -20, NOW),
        Entry(ANSWERER, 11, Reason.VOTE, 4, -20, later),
        Entry(ANSWERER, 11, Reason.VOTE, 5, -20, NOW),
        Entry(ANSWERER, 11, Reason.VOTE_LIMIT, 0, 10, later),
    ]


def test_points_are_shown_from_the_start_and_never_below_nothing() -> None:
    assert displayed(0, RULES) == 100
    assert displayed(-70, RULES) == 30
    assert displayed(-500, RULES) == 0
    assert displayed(7, Rules.of({"points.start": "0"})) == 7


@pytest.mark.parametrize(
    ("exact", "short"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1k"),
        (6349, "6.3k"),
        (6300, "6.3k"),
        (9999, "9.9k"),
        (12_345, "12k"),
        (999_999, "999k"),
        (1_250_000, "1.2m"),
        (3_000_000, "3m"),
    ],
)
def test_large_figures_are_shown_short(exact: int, short: str) -> None:
    assert compact(exact) == short
