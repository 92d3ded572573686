"""Points: Question2Answer's scale as a pure function of the facts.

Source of the scale and its caps: Question2Answer 1.8, options `points_*` times ten. Every figure is
a server setting (`points.*`). A member's points are `points.start` plus the sum of the ledger, plus
bonuses from managers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.posts import PostKind
from bot.domain.rules import Rules


class Reason(StrEnum):
    """Why points were given."""

    QUESTION = "question"
    ANSWER = "answer"
    CHOOSING_BEST = "choosing_best"
    BEST_ANSWER = "best_answer"
    VOTE = "vote"
    VOTE_LIMIT = "vote_limit"
    BONUS = "bonus"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger: a member's points for one reason.

    `actor_id` is the voter for `VOTE` and 0 otherwise; (reason, post, actor) is unique.
    """

    user_id: int
    post_id: int
    reason: Reason
    actor_id: int
    points: int
    at: datetime


@dataclass(frozen=True, slots=True)
class PostFacts:
    """The facts that points depend on. `author_id` is None for posts that earn nobody anything."""

    post_id: int
    kind: PostKind
    author_id: int | None
    visible: bool
    created_at: datetime
    question_author_id: int | None = None
    best_answer_id: int | None = None
    best_answer_author_id: int | None = None
    best_answer_visible: bool = False
    best_chosen_at: datetime | None = None


def votes_limit(kind: PostKind, up: int, down: int, rules: Rules) -> int:
    """What the cap of a post's votes adds to (or takes from) the plain sum of its votes.

    Each question's votes are worth ±10 within -30…+100, each answer's ±20 within -50…+200.
    """
    if kind is PostKind.COMMENT:
        return 0
    plain = (up - down) * vote_weight(kind, rules)
    lowest = rules.number(f"points.{kind}_votes_lowest")
    highest = rules.number(f"points.{kind}_votes_highest")
    return min(max(plain, lowest), highest) - plain


def vote_weight(kind: PostKind, rules: Rules) -> int:
    """What one vote on a post of this kind is worth."""
    return 0 if kind is PostKind.COMMENT else rules.number(f"points.{kind}_vote")


def post_entries(post: PostFacts, rules: Rules) -> Iterator[Entry]:
    """The ledger lines that a post earns its author, apart from votes.

    A question's include the choice of a best answer, and a chosen answer's being chosen. Answering
    one's own question earns nothing, and neither does choosing that answer.
    """
    if post.author_id is None or not post.visible or post.kind is PostKind.COMMENT:
        return
    if earns_by_being_there(post.kind, post.author_id, post.question_author_id):
        reason = Reason.QUESTION if post.kind is PostKind.QUESTION else Reason.ANSWER
        points = rules.number(f"points.{reason}")
        yield Entry(post.author_id, post.post_id, reason, 0, points, post.created_at)
    if post.best_answer_id is None or post.best_chosen_at is None:
        return
    if post.kind is PostKind.QUESTION:
        if post.best_answer_visible and post.best_answer_author_id != post.author_id:
            yield Entry(
                post.author_id,
                post.post_id,
                Reason.CHOOSING_BEST,
                0,
                rules.number("points.choosing_best"),
                post.best_chosen_at,
            )
    elif post.best_answer_id == post.post_id and post.question_author_id != post.author_id:
        yield Entry(
            post.author_id,
            post.post_id,
            Reason.BEST_ANSWER,
            0,
            rules.number("points.best_answer"),
            post.best_chosen_at,
        )


def earns_by_being_there(kind: PostKind, author_id: int, asker_id: int | None) -> bool:
    """Whether a post earns its author points before anybody votes: questions do, and answers to
    other members' questions."""
    return kind is PostKind.QUESTION or (kind is PostKind.ANSWER and author_id != asker_id)


def vote_entries(
    post: PostFacts, votes: Iterable[tuple[int, int, datetime]], rules: Rules
) -> Iterator[Entry]:
    """The ledger lines of a post's votes, given as (voter, value, time), and of their cap."""
    if post.author_id is None or not post.visible or post.kind is PostKind.COMMENT:
        return
    weight = vote_weight(post.kind, rules)
    up = down = 0
    latest: datetime | None = None
    for voter_id, value, at in votes:
        up, down = up + (value > 0), down + (value < 0)
        latest = at if latest is None else max(latest, at)
        yield Entry(post.author_id, post.post_id, Reason.VOTE, voter_id, value * weight, at)
    excess = votes_limit(post.kind, up, down, rules)
    if excess and latest is not None:
        yield Entry(post.author_id, post.post_id, Reason.VOTE_LIMIT, 0, excess, latest)


def displayed(points: int, rules: Rules) -> int:
    """A member's points as shown, from the sum of their ledger: never below 0."""
    return max(0, rules.number("points.start") + points)


def compact(points: int) -> str:
    """Write points as Question2Answer does: `950`, `6.3k`, `12k`, `1.2m`."""
    for size, unit in ((1_000_000, "m"), (1_000, "k")):
        if points >= size:
            tenths = points * 10 // size
            if tenths >= 100 or tenths % 10 == 0:
                return f"{tenths // 10}{unit}"
            return f"{tenths // 10}.{tenths % 10}{unit}"
    return str(points)
