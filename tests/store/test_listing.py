"""Lists of questions: the database sorts by the documented formulas."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import literal_column, select

from bot.domain.actors import Actor
from bot.domain.voting import UP
from data.models import Post
from data.models.posts import HOTNESS
from tests.store.forum import Forum


def hotness(asked: float, last_answer: float | None, answers: int, score: int) -> int:
    """As qa-include/db/hotness.php of Question2Answer has it, without views; times in seconds."""
    latest = asked if last_answer is None else last_answer
    return int(100 * (asked + latest)) + 16_000_000 * (answers + score)


async def test_questions_are_as_hot_as_the_formula_says(
    forum: Forum, alice: Actor, bob: Actor, carol: Actor
) -> None:
    quiet = await forum.ask(alice, "What helps against stage fright before a talk?")
    busy = await forum.ask(alice, "How do I fall asleep after a night shift?")
    forum.now += timedelta(hours=5)
    await forum.answer(bob, busy)
    await forum.vote(carol, busy, UP)

    async with forum.db.read() as tx:
        rows = await tx.rows(
            select(
                Post.id,
                literal_column(f"({HOTNESS})"),
                Post.created_at,
                Post.last_answer_at,
                Post.answer_count,
                Post.score,
            ).where(Post.kind == "question")
        )
    stored = {row[0]: row[1] for row in rows}
    for post_id, stored_hotness, asked, answered, answers, score in rows:
        last = answered.timestamp() if answered else None
        formula = hotness(asked.timestamp(), last, answers, score)
        assert stored_hotness == pytest.approx(formula, abs=1), post_id
    assert stored[busy] - stored[quiet] == pytest.approx(2 * 16_000_000 + 5 * 3600 * 100, abs=200)
