"""Duty in the database: who may, until when, and what is kept of it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.domain.actors import Actor
from bot.domain.audit import AuditKind
from bot.domain.blocks import BlockSpan
from bot.domain.errors import Denial, Denied
from bot.domain.outbox import JobKind
from bot.usecases import blocking, duty, publishing, reminding
from bot.usecases.blocking import BlockForm
from data.models import AuditRow
from tests.store.forum import Forum

HELPERS = 77


@pytest.fixture
def helper(forum: Forum) -> Actor:
    """Helen, a helper."""
    return forum.member(31, roles=frozenset({HELPERS}))


async def on(forum: Forum) -> list[int]:
    return [each.user_id for each in await duty.people(forum.db, forum.guild_id, forum.now)]


async def go_on(forum: Forum, who: Actor, whom: Actor | None = None) -> None:
    await duty.go_on(forum.db, who, whom or who, now=forum.now)


async def test_helpers_and_moderators_the_longest_first(
    forum: Forum, alice: Actor, moderator: Actor, helper: Actor
) -> None:
    for person in (alice, helper, forum.member(40, is_manager=True)):
        with pytest.raises(Denied) as refused:
            await go_on(forum, person)
        assert refused.value.reason is Denial.NOT_ON_CALL
        assert refused.value.data == {"role": None}
    await forum.set("helper_role", str(HELPERS))
    await go_on(forum, moderator)
    forum.later()
    await go_on(forum, helper)
    assert await on(forum) == [moderator.user_id, helper.user_id]
    with pytest.raises(Denied) as refused:
        await go_on(forum, alice)
    assert refused.value.data == {"role": HELPERS}
    forum.later()
    await go_on(forum, moderator)
    assert await on(forum) == [helper.user_id, moderator.user_id], "who goes on again begins anew"
    assert await duty.go_off(forum.db, helper, helper.user_id, now=forum.now)
    assert not await duty.go_off(forum.db, helper, helper.user_id, now=forum.now)
    assert await on(forum) == [moderator.user_id]


async def test_a_blocked_helper_is_not_on_duty(
    forum: Forum, moderator: Actor, helper: Actor
) -> None:
    await forum.set("helper_role", str(HELPERS))
    form = BlockForm(BlockSpan.DAY)
    await blocking.block_member(forum.db, moderator, helper, form, now=forum.now)
    with pytest.raises(Denied) as refused:
        await go_on(forum, helper)
    assert refused.value.reason is Denial.BLOCKED


async def test_it_ends_by_itself(forum: Forum, moderator: Actor) -> None:
    await go_on(forum, moderator)
    forum.later(hours=12, microseconds=-1)
    assert await on(forum) == [moderator.user_id]
    assert (await duty.over(forum.db, forum.guild_id, forum.now))[0] == []
    forum.later(microseconds=1)
    assert await on(forum) == []
    assert (await duty.over(forum.db, forum.guild_id, forum.now))[0] == [moderator.user_id]
    await forum.set("duty_hours", "0")
    assert await on(forum) == [moderator.user_id], "0: never"
    await forum.set("duty_hours", "1")
    await duty.ended(forum.db, forum.guild_id, moderator.user_id, now=forum.now)
    await forum.set("duty_hours", "0")
    assert await on(forum) == []


async def test_whoever_began_anew_meanwhile_stays_on(forum: Forum, moderator: Actor) -> None:
    await go_on(forum, moderator)
    forum.later(hours=13)
    await go_on(forum, moderator)
    await duty.ended(forum.db, forum.guild_id, moderator.user_id, now=forum.now)
    assert await on(forum) == [moderator.user_id]


async def test_only_what_was_done_for_others_is_in_the_audit_log(
    since_setup: Forum, alice: Actor, moderator: Actor, helper: Actor
) -> None:
    forum = since_setup
    await forum.set("helper_role", str(HELPERS))
    await go_on(forum, helper)
    for whom in (moderator.user_id, alice.user_id):
        with pytest.raises(Denied) as refused:
            await duty.go_off(forum.db, helper, whom, now=forum.now)
        assert refused.value.reason is Denial.NOT_MODERATOR
    await go_on(forum, moderator, helper)
    await duty.go_off(forum.db, moderator, helper.user_id, now=forum.now)
    await go_on(forum, moderator)
    async with forum.db.read() as tx:
        rows = await tx.rows(select(AuditRow.__table__).order_by(AuditRow.id))
    kept = [(row.kind, row.actor_id, row.subject_id, json.loads(row.after)) for row in rows]
    who = (moderator.user_id, helper.user_id)
    assert kept[1:] == [
        (AuditKind.DUTY, *who, {"duty": "on"}),
        (AuditKind.DUTY, *who, {"duty": "off"}),
    ]
    assert kept[0] == (AuditKind.SETTING, 9, None, {"helper_role": "77"}), "the role, by a manager"


async def test_one_server_s_duty_is_no_other_s(
    forum: Forum, elsewhere: Forum, moderator: Actor
) -> None:
    await go_on(forum, moderator)
    assert await on(elsewhere) == []
    there = elsewhere.member(50, is_moderator=True)
    assert not await duty.go_off(forum.db, there, moderator.user_id, now=forum.now)
    assert await on(forum) == [moderator.user_id]


async def test_a_waiting_question_calls_those_on_duty_also_without_a_role(
    forum: Forum, moderator: Actor, question: int
) -> None:
    await publishing.record_shown(forum.db, forum.guild_id, question, thread_id=question)
    later = forum.now + timedelta(hours=25)
    assert await reminding.find_waiting(forum.db, forum.guild_id, later) == 0
    forum.now = later
    await go_on(forum, moderator)
    assert await reminding.find_waiting(forum.db, forum.guild_id, later) == 1
    [job] = await forum.jobs(JobKind.WAITING)
    waiting = await reminding.waiting_question(forum.db, job, later)
    assert waiting is not None
    assert (waiting.on_duty, waiting.role_id) == ((moderator.user_id,), None)
    await duty.go_off(forum.db, moderator, moderator.user_id, now=later)
    assert await reminding.waiting_question(forum.db, job, later) is None
