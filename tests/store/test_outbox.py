"""The outbox holds desired state: one row for each thing to show, however often it is enqueued."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.actors import Actor
from bot.domain.outbox import Done, Failed, GivenUp, Job, JobKind, Later, Priority
from bot.domain.voting import UP
from bot.usecases import publishing
from bot.usecases.publishing import (
    due_jobs,
    retry_failures,
    settle,
)
from data import outbox
from tests.store.faults import Broken, failing
from tests.store.forum import Forum
from tests.support.outbox import next_due


async def enqueue(
    forum: Forum, *keys: int, kind: JobKind = JobKind.CARD, priority: Priority = Priority.REFRESH
) -> None:
    async with forum.db.write() as tx:
        await outbox.enqueue(tx, forum.guild_id, kind, keys, priority, forum.now)


async def only_job(forum: Forum) -> Job:
    [job] = await forum.jobs()
    return job


async def test_asking_again_is_asking_once(forum: Forum) -> None:
    for _ in range(3):
        await enqueue(forum, 1, 1, 2)
    jobs = await forum.jobs()
    assert [(job.key, job.revision, job.attempts) for job in jobs] == [(1, 3, 0), (2, 3, 0)]


async def test_a_job_done_is_gone(forum: Forum) -> None:
    await enqueue(forum, 1)
    await settle(forum.db, await only_job(forum), Done())
    assert await forum.jobs() == []
    assert await next_due(forum.db) is None


async def test_a_job_enqueued_during_delivery_is_delivered_again(forum: Forum) -> None:
    await enqueue(forum, 1)
    read = await only_job(forum)
    await enqueue(forum, 1)
    await settle(forum.db, read, Done())
    again = await only_job(forum)
    assert again.revision == read.revision + 1
    await settle(forum.db, again, Done())
    assert await forum.jobs() == []


async def test_new_posts_come_first_then_what_people_wait_for(forum: Forum) -> None:
    await enqueue(forum, 1, priority=Priority.REFRESH)
    await enqueue(forum, 2, priority=Priority.WAITED_FOR)
    forum.later()
    await enqueue(forum, 3, priority=Priority.NEW_POST)
    await enqueue(forum, 4, priority=Priority.REFRESH)
    assert [job.key for job in await forum.jobs()] == [3, 2, 1, 4]
    await enqueue(forum, 4, priority=Priority.NEW_POST)
    await enqueue(forum, 3, priority=Priority.REFRESH)
    assert [job.key for job in await forum.jobs()] == [3, 4, 2, 1], "urgent stays urgent"
    assert [job.key for job in await due_jobs(forum.db, forum.now, 2)] == [3, 4]


async def test_a_failure_is_tried_again_later_and_later(forum: Forum) -> None:
    await enqueue(forum, 1)
    pauses: list[timedelta] = []
    for failures in range(4):
        job = await only_job(forum)
        assert job.attempts == failures
        await settle(forum.db, job, Failed("503", forum.now))
        assert await forum.jobs() == []
        due = await next_due(forum.db)
        assert due is not None
        pauses.append(due - forum.now)
        forum.now = due
    assert pauses == [timedelta(seconds=s) for s in (1, 2, 4, 8)]
    await enqueue(forum, 1)
    job = await only_job(forum)
    await settle(forum.db, job, Done())
    assert await forum.jobs() == []


async def test_a_pause_after_a_failure_is_not_cut_short_by_new_facts(forum: Forum) -> None:
    await enqueue(forum, 1)
    await settle(forum.db, await only_job(forum), Failed("503", forum.now))
    await enqueue(forum, 1, priority=Priority.WAITED_FOR)
    assert await forum.jobs() == [], "Discord is down for whoever waits, too"


async def test_a_refresh_left_for_later_comes_at_once_when_somebody_waits(forum: Forum) -> None:
    await enqueue(forum, 1)
    await settle(forum.db, await only_job(forum), Later(forum.now + timedelta(seconds=2)))
    await enqueue(forum, 1)
    assert await forum.jobs() == [], "a burst stays a burst"
    await enqueue(forum, 1, priority=Priority.WAITED_FOR)
    assert (await only_job(forum)).priority is Priority.WAITED_FOR


async def test_a_job_enqueued_while_it_is_put_off_stays_due(
    forum: Forum,
) -> None:
    """It is enqueued between the read and the postponement: nothing else would make it due."""
    await enqueue(forum, 1)
    read = await only_job(forum)
    await enqueue(forum, 1, priority=Priority.WAITED_FOR)
    await settle(forum.db, read, Later(forum.now + timedelta(days=1)))
    again = await only_job(forum)
    assert again.priority is Priority.WAITED_FOR
    await settle(forum.db, again, Later(forum.now + timedelta(seconds=2)))
    assert await forum.jobs() == [], "put off by who knows of it"
    await enqueue(forum, 2)
    read = await only_job(forum)
    await enqueue(forum, 2, priority=Priority.WAITED_FOR)
    await settle(forum.db, read, Failed("503", forum.now))
    assert await forum.jobs() == [], "Discord is down for whoever waits, too"


async def test_what_discord_refuses_is_kept_with_its_reason(forum: Forum, elsewhere: Forum) -> None:
    await enqueue(forum, 1, 2)
    await enqueue(elsewhere, 3)
    for job in [*(await forum.jobs()), *(await elsewhere.jobs())]:
        await settle(forum.db, job, GivenUp(f"403 for {job.key}"))
    assert await forum.jobs() == []
    failures = await publishing.failures_of(forum.db, forum.guild_id)
    assert [(failure.key, failure.error) for failure in failures] == [
        (1, "403 for 1"),
        (2, "403 for 2"),
    ]
    assert len(await publishing.failures_of(forum.db)) == 3
    await enqueue(forum, 1)
    assert (await only_job(forum)).key == 1, "new facts are a new chance"
    assert await retry_failures(forum.db, forum.guild_id, forum.now) == 1
    assert {job.key for job in await forum.jobs()} == {1, 2}
    assert await elsewhere.jobs() == []


async def test_a_pause_after_a_refusal_is_cut_short_by_new_facts(forum: Forum) -> None:
    """The new facts may pass, unlike those that were refused."""
    await enqueue(forum, 1)
    job = replace(await only_job(forum), attempts=11)
    await publishing.settle(
        forum.db, job, Failed("403 50013: Missing Permissions", forum.now, refused=True)
    )
    await enqueue(forum, 1, priority=Priority.REFRESH)
    assert await forum.jobs() == [], "but not for each of a hundred votes"
    forum.now += timedelta(seconds=11)
    assert (await only_job(forum)).attempts == 12
    await publishing.settle(
        forum.db, job, Failed("403 50013: Missing Permissions", forum.now, refused=True)
    )
    await enqueue(forum, 1, priority=Priority.WAITED_FOR)
    assert await only_job(forum)


async def test_a_job_given_up_and_enqueued_again_counts_as_tried_once(forum: Forum) -> None:
    """An attempt may have reached Discord; the pauses start over."""
    await enqueue(forum, 1, 2, 3)
    for job in await forum.jobs():
        tried = replace(job, attempts=6)
        await publishing.settle(forum.db, tried, Failed("503", forum.now))
        if job.key != 3:
            await settle(forum.db, tried, GivenUp("404 10003: Unknown Channel"))
    forum.now += timedelta(hours=2)
    await enqueue(forum, 1, 3)
    assert {job.key: job.attempts for job in await forum.jobs()} == {1: 1, 3: 7}
    assert await retry_failures(forum.db, forum.guild_id, forum.now) == 1
    assert {job.key: job.attempts for job in await forum.jobs()} == {1: 1, 2: 1, 3: 7}


async def test_a_refusal_is_told_by_its_state_not_by_its_words(forum: Forum) -> None:
    """A failure of ours may say anything, and a refusal too."""
    await enqueue(forum, 1, 2)
    [first, second] = await forum.jobs()
    late = replace(first, attempts=11)
    await publishing.settle(forum.db, late, Failed("404 things were not there", forum.now))
    late = replace(second, attempts=11)
    await publishing.settle(forum.db, late, Failed("no permission", forum.now, refused=True))
    await enqueue(forum, 1, 2, priority=Priority.WAITED_FOR)
    assert (await only_job(forum)).key == 2
    await settle(forum.db, await only_job(forum), Later(forum.now + timedelta(minutes=1)))
    await enqueue(forum, 2, priority=Priority.WAITED_FOR)
    assert await forum.jobs() == [], "what is put off was not refused last"


async def test_jobs_that_wait_after_a_failure_are_retried_a_few_at_a_time(
    forum: Forum, elsewhere: Forum
) -> None:
    await enqueue(forum, 1, 2, 3, 4)
    await enqueue(elsewhere, 5)
    for job in [*(await forum.jobs()), *(await elsewhere.jobs())]:
        if job.key == 4:
            await settle(forum.db, job, GivenUp("404 10003: Unknown Channel"))
        else:
            await publishing.settle(
                forum.db, job, Failed("403 50013: Missing Permissions", forum.now, refused=True)
            )
    assert await forum.jobs() == []
    assert set(await publishing.guilds_with_failures(forum.db)) == {
        forum.guild_id,
        elsewhere.guild_id,
    }
    assert await publishing.hasten(forum.db, forum.guild_id, forum.now, 2) == 2
    assert [job.key for job in await forum.jobs()] == [1, 2]
    assert all(job.attempts == 1 for job in await forum.jobs()), "pauses go on growing"
    assert await publishing.hasten(forum.db, forum.guild_id, forum.now, 2) == 1
    assert await publishing.hasten(forum.db, forum.guild_id, forum.now, 2) == 0
    assert await elsewhere.jobs() == []
    kept = await publishing.failures_of(forum.db, forum.guild_id)
    assert [(f.key, f.final) for f in kept] == [(4, True), (1, False), (2, False), (3, False)]


async def test_new_facts_during_a_refusal_are_tried(forum: Forum) -> None:
    await enqueue(forum, 1)
    read = await only_job(forum)
    await enqueue(forum, 1)
    await settle(forum.db, read, GivenUp("403"))
    assert (await only_job(forum)).revision == read.revision + 1


async def test_a_process_delivers_for_its_own_servers(forum: Forum, elsewhere: Forum) -> None:
    await enqueue(forum, 1)
    await enqueue(elsewhere, 2)
    mine, theirs = frozenset({forum.guild_id}), frozenset({elsewhere.guild_id})
    assert [job.key for job in await due_jobs(forum.db, forum.now, 9, mine)] == [1]
    assert [job.key for job in await due_jobs(forum.db, forum.now, 9)] == [1, 2]
    await settle(forum.db, (await forum.jobs())[0], Done())
    assert await next_due(forum.db, mine) is None
    assert await next_due(forum.db, theirs) == forum.now


async def test_delivery_is_woken_after_the_commit_and_only_by_work(
    forum: Forum, alice: Actor, answer: int
) -> None:
    woken: list[int] = []

    def wake() -> None:
        woken.append(1)

    forum.db.on_enqueue = wake
    await forum.vote(alice, answer, UP)
    assert len(woken) == 1
    await forum.vote(alice, answer, UP)
    assert len(woken) == 1, "nothing changed"
    with failing(forum.db, 0), pytest.raises(Broken):
        await enqueue(forum, 1)
    assert len(woken) == 1, "what was rolled back is no work"
