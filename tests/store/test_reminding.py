"""Periodic work: what the bot looks for every few minutes, in every server."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.actors import Actor
from bot.domain.voting import UP
from bot.usecases import reminding
from bot.usecases.publishing import record_shown
from tests.store.forum import Forum


async def test_waiting_questions_are_found_once(
    forum: Forum, alice: Actor, question: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await forum.set("helper_role", "77")
    for post in (question, await forum.ask(alice)):
        await record_shown(forum.db, forum.guild_id, post, thread_id=post)
    later = forum.now + timedelta(days=3)
    assert await reminding.find_waiting(forum.db, forum.guild_id, later) == 2
    monkeypatch.setattr(forum.db, "write", _locked)
    assert await reminding.find_waiting(forum.db, forum.guild_id, later) == 0


async def test_askers_are_nudged_once(
    forum: Forum, carol: Actor, question: int, answer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await record_shown(forum.db, forum.guild_id, question, thread_id=question)
    await forum.vote(carol, answer, UP)
    later = forum.now + timedelta(days=9)
    assert await reminding.nudge_askers(forum.db, forum.guild_id, later) == 1
    monkeypatch.setattr(forum.db, "write", _locked)
    assert await reminding.nudge_askers(forum.db, forum.guild_id, later) == 0


async def test_a_question_may_wait_for_months(
    forum: Forum, carol: Actor, question: int, answer: int
) -> None:
    other = await forum.ask(forum.member(1))
    for post in (question, other):
        await record_shown(forum.db, forum.guild_id, post, thread_id=post)
    await forum.vote(carol, answer, UP)
    for name, value in (
        ("helper_role", "77"),
        ("unanswered_hours", "2000"),
        ("nudge_hours", "2000"),
    ):
        await forum.set(name, value)
    later = forum.now + timedelta(hours=2001)
    assert await reminding.find_waiting(forum.db, forum.guild_id, later) == 2, "one reply is few"
    assert await reminding.nudge_askers(forum.db, forum.guild_id, later) == 1


def _locked() -> None:
    raise AssertionError("a look around needs nobody else to wait")
