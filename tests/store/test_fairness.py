"""Fair delivery: jobs take turns, and changes that many cards show are spread."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text, update

from bot.domain.actors import Actor
from bot.domain.outbox import Done, Failed, GivenUp, JobKind, Priority, pause
from bot.domain.voting import UP
from bot.usecases import categories, guilds, publishing, tagging
from bot.usecases.publishing import (
    due_jobs,
    readers_changed,
    refresh_more,
    settle,
)
from data import outbox, refreshes
from data.models import Post
from tests.store.forum import Forum
from tests.support.kinds import on_sqlite

REFRESHED = 20  # cards a portion here; see `small_portions`
PLENTY = REFRESHED + REFRESHED // 2


async def enqueue(forum: Forum, keys: Iterable[int], priority: Priority) -> None:
    async with forum.db.write() as tx:
        await outbox.enqueue(tx, forum.guild_id, JobKind.CARD, keys, priority, forum.now)


async def asked(forum: Forum, person: Actor, number: int, **form: Any) -> list[int]:
    """Many questions."""
    await forum.set("limit.questions", "1000")
    found = [await forum.ask(person, **form) for _ in range(number)]
    await forum.clear_jobs()
    return found


async def go_on(forum: Forum) -> int:
    """What delivery does once it has little left to do."""
    outlook = await publishing.look_out(forum.db, forum.now, 1)
    return await refresh_more(forum.db, outlook.unfinished, forum.now)


async def delivered(forum: Forum) -> set[int]:
    """Deliver all there is until nothing is left, and tell what that was."""
    shown: set[int] = set()
    while True:
        jobs = await forum.jobs()
        assert len(jobs) <= REFRESHED
        for job in jobs:
            await settle(forum.db, job, Done())
            shown.add(job.key)
        if not jobs and not await go_on(forum):
            return shown


class TestTurns:
    @pytest.mark.parametrize("priority", Priority)
    async def test_many_jobs_of_a_server_hide_none_of_another(
        self, forum: Forum, elsewhere: Forum, priority: Priority
    ) -> None:
        await enqueue(forum, range(1, 1001), priority)
        elsewhere.now = forum.later()
        await enqueue(elsewhere, [5000], Priority.REFRESH)
        jobs = await due_jobs(forum.db, forum.now, 100)
        assert len(jobs) == 100
        assert 5000 in {job.key for job in jobs[:5]}

    async def test_a_long_thread_hides_nothing_of_its_server(
        self, forum: Forum, alice: Actor, bob: Actor
    ) -> None:
        await forum.set("limit.answers", "1000")
        question = await forum.ask(alice)
        for _ in range(120):
            await forum.answer(bob, question)
        forum.later()
        others = [await forum.ask(forum.member(40 + n)) for n in range(30)]
        jobs = await due_jobs(forum.db, forum.now, 100)
        assert set(others) <= {job.key for job in jobs}
        assert len(jobs) == 100, "what is left of the room goes to the thread"

    async def test_a_process_reads_only_its_own_servers_however_many_wait(
        self, forum: Forum, elsewhere: Forum
    ) -> None:
        await enqueue(forum, range(1, 301), Priority.NEW_POST)
        await enqueue(elsewhere, range(1001, 1301), Priority.BULK)
        theirs = await due_jobs(forum.db, forum.now, 100, frozenset({elsewhere.guild_id}))
        assert {job.guild_id for job in theirs} == {elsewhere.guild_id}
        assert len(theirs) == 100
        assert await due_jobs(forum.db, forum.now, 100, frozenset()) == []

    async def test_a_job_that_is_put_off_delays_no_other(self, forum: Forum) -> None:
        await enqueue(forum, range(1, 201), Priority.REFRESH)
        for job in await forum.jobs():
            await settle(forum.db, job, Failed("503", forum.now))
        await enqueue(forum, range(301, 501), Priority.BULK)
        jobs = await due_jobs(forum.db, forum.now, 100)
        assert len(jobs) == 100
        assert all(job.key > 300 for job in jobs)


@pytest.fixture
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fifth of the real size: what goes over a portion's end is the same, and sooner written."""
    monkeypatch.setattr(refreshes, "AT_ONCE", REFRESHED)
    monkeypatch.setattr(refreshes, "_FEW", REFRESHED // 2)
    monkeypatch.setattr(categories, "REFRESHED", REFRESHED)


@pytest.mark.usefixtures("small_portions")
class TestManyCards:
    async def test_a_renamed_category_is_followed_in_portions_to_the_last_card(
        self, forum: Forum, alice: Actor
    ) -> None:
        category = await categories.add_category(forum.db, forum.manager, "Sleep", now=forum.now)
        questions = await asked(forum, alice, PLENTY, category_id=category)
        await forum.ask(alice)
        await forum.clear_jobs()
        await categories.change_category(
            forum.db, forum.manager, category, name="Rest", now=forum.later()
        )
        jobs = await forum.jobs()
        assert {job.key for job in jobs} == set(questions[-REFRESHED:]), "the newest first"
        assert {job.priority for job in jobs} == {Priority.BULK}
        assert not await go_on(forum), "there is enough to do"
        assert await delivered(forum) == set(questions)

    async def test_a_second_change_begins_anew(self, forum: Forum, alice: Actor) -> None:
        category = await categories.add_category(forum.db, forum.manager, "Sleep", now=forum.now)
        questions = await asked(forum, alice, PLENTY, category_id=category)
        change = categories.change_category
        await change(forum.db, forum.manager, category, name="Rest", now=forum.later())
        for job in await forum.jobs():
            await settle(forum.db, job, Done())
        assert await go_on(forum) == PLENTY - REFRESHED
        await change(forum.db, forum.manager, category, name="Night", now=forum.later())
        assert await delivered(forum) == set(questions)

    async def test_a_change_while_there_is_no_room_is_followed_too(
        self, forum: Forum, alice: Actor
    ) -> None:
        category = await categories.add_category(forum.db, forum.manager, "Sleep", now=forum.now)
        questions = await asked(forum, alice, PLENTY, category_id=category)
        await forum.set("locale", "de")
        await categories.change_category(
            forum.db, forum.manager, category, name="Rest", now=forum.later()
        )
        assert len(await forum.jobs()) == REFRESHED
        assert await delivered(forum) == set(questions)

    async def test_settings_are_followed_by_every_post(
        self, forum: Forum, alice: Actor, bob: Actor, question: int, answer: int
    ) -> None:
        await forum.set("limit.answers", "1000")
        answers = [await forum.answer(bob, question) for _ in range(PLENTY)]
        questions = await asked(forum, alice, 10)
        hidden = answers.pop()
        await forum.hide(hidden)
        await forum.clear_jobs()
        await guilds.choose_vote_emoji(forum.db, forum.manager, "👍", "👎", now=forum.later())
        assert await delivered(forum) == {question, answer, *answers, *questions}

    async def test_a_merge_of_tags_is_followed_in_portions(
        self, forum: Forum, alice: Actor, moderator: Actor
    ) -> None:
        questions = await asked(forum, alice, PLENTY, tags="insomnia")
        merge = await tagging.start_merge(
            forum.db, moderator, "insomnia", "sleep", now=forum.later()
        )
        while await tagging.merge_some(forum.db, moderator, merge.tag, now=forum.now):
            assert len(await forum.jobs()) <= REFRESHED
        assert await delivered(forum) == set(questions)

    @pytest.mark.parametrize("below", [True, False])
    async def test_the_questions_of_a_removed_category_follow(
        self, forum: Forum, alice: Actor, below: bool
    ) -> None:
        db, manager = forum.db, forum.manager
        top = await categories.add_category(db, manager, "Health", now=forum.now)
        parent = top if below else None
        category = await categories.add_category(
            db, manager, "Sleep", categories.CategoryForm(parent_id=parent), now=forum.now
        )
        questions = await asked(forum, alice, PLENTY, category_id=category)
        await categories.remove_category(db, manager, category, now=forum.later())
        assert await delivered(forum) >= set(questions)
        assert (await forum.card(questions[0])).category_id == parent

    async def test_duplicates_of_a_question_follow_in_portions(
        self, forum: Forum, alice: Actor, question: int
    ) -> None:
        questions = await asked(forum, alice, PLENTY)
        async with forum.db.write() as tx:
            await tx.execute(
                update(Post).where(Post.id.in_(questions)).values(duplicate_of=question)
            )
        await forum.edit(alice, question, "I lie awake.", title="How do I sleep by day?")
        assert len(await forum.jobs()) <= REFRESHED + 1
        shown: set[int] = set()
        while jobs := await forum.jobs():
            for job in jobs:
                await settle(forum.db, job, Done())
                shown.add(job.key)
            await go_on(forum)
        assert shown == {question, *questions}

    async def test_duplicates_and_originals_follow_who_may_read_them(
        self, forum: Forum, alice: Actor, question: int
    ) -> None:
        questions = await asked(forum, alice, PLENTY)
        other, apart, *_ = await asked(forum, alice, 2)
        assert not await readers_changed(forum.db, forum.guild_id, forum.now)
        async with forum.db.write() as tx:
            many = update(Post).where(Post.id.in_(questions)).values(duplicate_of=question)
            await tx.execute(many)
            one = update(Post).where(Post.id == questions[0]).values(duplicate_of=other)
            await tx.execute(one)
        await forum.clear_jobs()
        assert await readers_changed(forum.db, forum.guild_id, forum.later())
        shown: set[int] = set()
        while jobs := await forum.jobs():
            assert len(jobs) <= REFRESHED
            for job in jobs:
                await settle(forum.db, job, Done())
                shown.add(job.key)
            await go_on(forum)
        assert shown == {question, other, *questions}
        assert apart not in shown

    async def test_a_vote_meanwhile_comes_first(
        self, forum: Forum, alice: Actor, bob: Actor
    ) -> None:
        category = await categories.add_category(forum.db, forum.manager, "Sleep", now=forum.now)
        questions = await asked(forum, alice, PLENTY, category_id=category)
        await categories.change_category(
            forum.db, forum.manager, category, name="Rest", now=forum.later()
        )
        await forum.vote(bob, questions[3], UP)
        [first, *_] = await due_jobs(forum.db, forum.later(), 100)
        assert (first.key, first.priority) == (questions[3], Priority.REFRESH)

    async def test_what_discord_refuses_holds_up_no_others(
        self, forum: Forum, alice: Actor
    ) -> None:
        """For good, or for so long that it counts no more."""
        category = await categories.add_category(forum.db, forum.manager, "Sleep", now=forum.now)
        questions = await asked(forum, alice, PLENTY, category_id=category)
        await categories.change_category(
            forum.db, forum.manager, category, name="Rest", now=forum.later()
        )
        for n, job in enumerate(await forum.jobs()):
            if n % 2:
                await settle(forum.db, job, GivenUp("404"))
                continue
            async with forum.db.write() as tx:
                failed = Failed("403", forum.now - pause(7))
                await outbox.fail(tx, replace(job, attempts=7), failed)
        assert await go_on(forum) == PLENTY - REFRESHED
        left = {job.key for job in await forum.jobs() if not job.attempts}
        assert left == set(questions[: PLENTY - REFRESHED])


@on_sqlite  # what PostgreSQL reads of it is looked at in `test_plans_at_size.py`
async def test_a_look_into_the_outbox_is_quick_however_many_jobs_wait(
    forum: Forum, elsewhere: Forum
) -> None:
    """300,000 rows were sorted for each look. That is what it is held against: on a busy machine
    both take longer."""
    async with forum.db.write() as tx:
        await tx.execute(
            text(
                "INSERT INTO outbox (kind, key, guild_id, group_id, revision, priority, due_at,"
                " created_at) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                " WHERE i < 300000) SELECT 'card', i, 1000 + i % 50, i / 7, 1, 2, i, i FROM n"
            )
        )
    await enqueue(elsewhere, [900_000], Priority.REFRESH)
    every_row = text(
        "SELECT count(*) FROM (SELECT key, row_number() OVER (ORDER BY priority,"
        " created_at, key) AS place FROM outbox) AS line WHERE place > 0"
    )
    looks: list[float] = []
    sorts: list[float] = []
    for _ in range(3):
        began = time.perf_counter()
        jobs = await due_jobs(forum.db, forum.now, 100)
        looked = time.perf_counter()
        async with forum.db.read() as tx:
            assert await tx.scalar(every_row) == 300_001
        looks.append(looked - began)
        sorts.append(time.perf_counter() - looked)
        assert len(jobs) == 100
        assert len({job.guild_id for job in jobs}) >= 25
    assert min(looks) < min(sorts) / 2, (looks, sorts)
