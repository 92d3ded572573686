"""A random forum: after every step each cached figure agrees with the facts.

`Facts` keeps the votes, choices and visible posts a second time, as simply as possible, and
computes scores and points from them by its own formula.

Longer and on fresh seeds with `make soak` (`ASKWELL_SOAK=examples`).
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from bot.domain.actors import Actor
from bot.domain.errors import Denial, Missing, Refusal
from bot.domain.posts import PostStatus
from bot.domain.voting import DOWN, NONE, UP, VoteSource
from bot.usecases.recounting import recount
from data.database import Database
from data.models import Member, Post, PostText
from tests.store.forum import Forum

_T = TypeVar("_T")
_guilds = count(1_000)

MEMBERS = range(1, 7)
MODERATOR = 6
# Low caps are reached by six members; and voting down needs points, as by default.
SETTINGS = {
    "points.question_votes_highest": "30",
    "points.answer_votes_highest": "50",
    "limit.questions": "10000",
    "limit.answers": "10000",
    "limit.edits": "10000",
    "limit.votes": "10000",
}


@dataclass
class Written:
    """What somebody wrote: a question, or with `question` an answer to it."""

    author: int
    question: int | None = None
    visible: bool = True
    body: str = ""
    best: int | None = None
    votes: dict[int, int] = field(default_factory=dict)

    @property
    def score(self) -> int:
        return sum(self.votes.values())


@dataclass
class Facts:
    """What happened, and what follows from it."""

    posts: dict[int, Written] = field(default_factory=dict)
    bonuses: Counter[int] = field(default_factory=Counter)

    def answers(self, question: int) -> list[int]:
        return [
            number
            for number, post in self.posts.items()
            if post.question == question and post.visible
        ]

    def points(self, member: int) -> int:
        earned = sum(self._earned(number, member) for number in self.posts)
        return earned + self.bonuses[member]

    def _earned(self, number: int, member: int) -> int:
        post = self.posts[number]
        if post.author != member or not post.visible:
            return 0
        if post.question is None:
            points = 20 + min(max(10 * post.score, -30), 30)
            best = self.posts.get(post.best or 0)
            return points + 30 * (best is not None and best.author != member)
        question = self.posts[post.question]
        points = 40 * (question.author != member) + min(max(20 * post.score, -50), 50)
        return points + 300 * (question.best == number and question.author != member)

    def refusal_of_vote(self, post: Written, member: int, value: int) -> str | None:
        if value == NONE or post.votes.get(member, NONE) == value:
            return None
        if not post.visible:
            return Denial.POST_HIDDEN
        if post.author == member:
            return Denial.OWN_POST
        if value == DOWN and 100 + self.points(member) < 120 and member != MODERATOR:
            return Denial.NEEDS_POINTS
        return None


class Stored(NamedTuple):
    """What the database says: posts by row, and members' points."""

    posts: dict[int, tuple[Any, ...]]
    points: dict[int, int]


class ForumMachine(RuleBasedStateMachine):
    """Members ask, answer, vote, choose, edit and delete, in any order."""

    db: Database
    runner: asyncio.Runner

    questions = Bundle("questions")
    answers = Bundle("answers")
    posts = Bundle("posts")
    members = st.sampled_from(MEMBERS)

    def __init__(self) -> None:
        super().__init__()
        self.forum = Forum(self.db, next(_guilds))  # a server of its own for each example
        self.facts = Facts()
        self.run(self.forum.open(SETTINGS))

    def run(self, act: Awaitable[_T]) -> _T:
        self.forum.later(seconds=7)

        async def acting() -> _T:
            return await act

        return self.runner.run(acting())

    def refusal(self, act: Awaitable[Any]) -> str | None:
        """Why an act is refused, or None where it is done."""
        try:
            self.run(act)
        except Refusal as refused:
            return refused.reason
        return None

    def actor(self, member: int) -> Actor:
        return self.forum.member(member, is_moderator=member == MODERATOR)

    @initialize(targets=(questions, posts), member=members)
    def ask_first(self, member: int) -> int:
        return self._ask(member)

    @rule(targets=(questions, posts), member=members)
    def ask(self, member: int) -> int:
        return self._ask(member)

    def _ask(self, member: int) -> int:
        number = self.run(self.forum.ask(self.actor(member)))
        self.facts.posts[number] = Written(member)
        return number

    @rule(targets=(answers, posts), question=questions, member=members)
    def answer(self, question: int, member: int) -> Any:
        act = self.forum.answer(self.actor(member), question)
        if not self.facts.posts[question].visible:
            assert self.refusal(act) == Missing.POST
            return multiple()
        number = self.run(act)
        self.facts.posts[number] = Written(member, question)
        return number

    @rule(
        number=posts,
        member=members,
        value=st.sampled_from((UP, UP, DOWN, NONE)),
        source=st.sampled_from((VoteSource.REACTION, VoteSource.BUTTON)),
    )
    def vote(self, number: int, member: int, value: int, source: VoteSource) -> None:
        post = self.facts.posts[number]
        expected = self.facts.refusal_of_vote(post, member, value)
        outcome = self.run(self.forum.vote(self.actor(member), number, value, source))
        assert (outcome.refusal.reason if outcome.refusal else None) == expected
        assert outcome.old == post.votes.get(member, NONE)
        if expected is None:
            post.votes[member] = value
        assert (outcome.new, outcome.score) == (post.votes.get(member, NONE), post.score)

    @rule(number=posts, member=members, value=st.sampled_from((UP, DOWN)))
    def take_reaction_off(self, number: int, member: int, value: int) -> None:
        votes = self.facts.posts[number].votes
        act = self.forum.vote(self.actor(member), number, NONE, VoteSource.REACTION, only_if=value)
        self.run(act)
        if votes.get(member) == value:
            votes[member] = NONE

    @rule(number=answers, member=members, chosen=st.booleans())
    def choose(self, number: int, member: int, chosen: bool) -> None:
        answer = self.facts.posts[number]
        question = self.facts.posts[answer.question or 0]
        refused = self.refusal(self.forum.choose(self.actor(member), number, chosen=chosen))
        if not (answer.visible and question.visible):
            assert refused == Missing.POST
        elif member not in {question.author, MODERATOR}:
            assert refused == Denial.NOT_ASKER
        else:
            assert refused is None
            if chosen or question.best == number:
                question.best = number if chosen else None

    @rule(member=members, points=st.sampled_from((-300, -20, 50, 500)))
    def give(self, member: int, points: int) -> None:
        self.facts.bonuses[member] += points
        shown = self.run(self.forum.give(self.actor(member), points))
        assert shown == max(0, 100 + self.facts.points(member))

    @rule(number=posts, member=members, text=st.sampled_from(("one", "two", "three")))
    def edit(self, number: int, member: int, text: str) -> None:
        post, body = self.facts.posts[number], f"It works because of reason {text}."
        refused = self.refusal(self.forum.edit(self.actor(member), number, body))
        if not post.visible:
            assert refused == Missing.POST
        elif member not in {post.author, MODERATOR}:
            assert refused == Denial.NEEDS_MODERATOR
        else:
            assert refused is None
            post.body = body

    @rule(number=posts, member=members)
    def delete(self, number: int, member: int) -> None:
        post = self.facts.posts[number]
        others = {self.facts.posts[each].author for each in self.facts.answers(number)} - {member}
        refused = self.refusal(self.forum.delete(self.actor(member), number))
        if not post.visible:
            assert refused == Missing.POST
        elif member not in {post.author, MODERATOR}:
            assert refused == Denial.NOT_AUTHOR
        elif others and member != MODERATOR:
            assert refused == Denial.HAS_ANSWERS
        else:
            assert refused is None
            self._gone(number)

    @rule(number=posts)
    def hide(self, number: int) -> None:
        visible = self.facts.posts[number].visible
        assert self.run(self.forum.hide(number)) == visible
        if visible:
            self._gone(number)

    def _gone(self, number: int) -> None:
        post = self.facts.posts[number]
        post.visible = False
        if post.question is not None and self.facts.posts[post.question].best == number:
            self.facts.posts[post.question].best = None

    @invariant()
    def a_recount_changes_nothing(self) -> None:
        guild, now = self.forum.guild_id, self.forum.now
        assert self.run(recount(self.db, guild, apply=False, now=now)) == []

    @invariant()
    def figures_are_what_happened(self) -> None:
        stored = self.run(self._stored())
        posts, points = self.facts.posts, self.facts.points
        assert stored.points == {member: points(member) for member in stored.points}
        assert {member for member in MEMBERS if points(member)} <= stored.points.keys()
        assert stored.posts == {
            number: (
                post.author,
                post.visible,
                post.score,
                None if post.question else post.best,
                0 if post.question else len(self.facts.answers(number)),
                stored.posts[number][-1] if not post.body else post.body,
            )
            for number, post in posts.items()
        }

    async def _stored(self) -> Stored:
        columns = (Post.id, Post.author_id, Post.status == PostStatus.VISIBLE, Post.score)
        columns += (Post.best_answer_id, Post.answer_count, PostText.body)
        query = select(*columns).join(PostText, PostText.post_id == Post.id)
        async with self.db.read() as tx:
            posts = await tx.rows(query.where(Post.guild_id == self.forum.guild_id))
            members = await tx.rows(
                select(Member.user_id, Member.points).where(Member.guild_id == self.forum.guild_id)
            )
        return Stored(
            {row[0]: tuple(row[1:]) for row in posts}, {row[0]: row[1] for row in members}
        )


@pytest.fixture
def machine(database_url: str) -> Iterator[type[ForumMachine]]:
    """The machine over a database of the test's own."""
    database = Database(database_url)
    with asyncio.Runner() as loop:
        loop.run(database.open())
        yield type("ForumMachine", (ForumMachine,), {"db": database, "runner": loop})
        loop.run(database.close())


def test_whatever_members_do_the_figures_follow(
    machine: type[ForumMachine], database_kind: str
) -> None:
    examples = int(os.environ.get("ASKWELL_SOAK") or (12 if database_kind == "sqlite" else 5))
    soaking = "ASKWELL_SOAK" in os.environ
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=60 if soaking else 25,
            derandomize=not soaking,
            database=None,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
