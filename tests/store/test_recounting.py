"""Recounting changes nothing in consistent data, and repairs and reports the rest."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, insert, select, update

from bot.domain.actors import Actor
from bot.domain.outbox import Done
from bot.domain.posts import PostStatus
from bot.domain.reputation import Reason
from bot.domain.voting import DOWN, UP
from bot.usecases import guilds, publishing, recounting
from bot.usecases.recounting import finish_recounts, recount
from data.models import LedgerEntry, Member, Post, Vote
from tests.store.forum import Forum, contents


@pytest.fixture
async def lively(
    forum: Forum, alice: Actor, bob: Actor, carol: Actor, question: int, answer: int
) -> Forum:
    """A question solved, an answer capped, one hidden and one deleted."""
    for n in range(12):
        await forum.vote(forum.member(20 + n), answer, UP)
    await forum.choose(alice, answer)
    await forum.vote(carol, question, UP)
    await forum.vote(bob, question, DOWN)
    hidden, gone = await forum.answer(carol, question), await forum.answer(carol, question)
    await forum.vote(alice, hidden, UP)
    await forum.hide(hidden)
    await forum.delete(carol, gone)
    await forum.clear_jobs()
    return forum


@pytest.mark.parametrize("apply", [False, True])
async def test_consistent_data_stays_as_it_is(lively: Forum, apply: bool) -> None:
    before = await contents(lively.db)
    assert await recount(lively.db, apply=apply, now=lively.later()) == []
    assert await contents(lively.db) == before


async def test_broken_figures_are_repaired_and_told(
    lively: Forum, alice: Actor, bob: Actor, carol: Actor, question: int, answer: int
) -> None:
    healthy = await contents(lively.db)
    async with lively.db.write() as tx:
        wrong_score = {"up_votes": 3, "score": 2, "answer_count": 7, "repliers": 4}
        await tx.execute(update(Post).where(Post.id == question).values(wrong_score))
        await tx.execute(update(Member).where(Member.user_id == carol.user_id).values(points=7))
        best = LedgerEntry.reason == Reason.BEST_ANSWER
        await tx.execute(delete(LedgerEntry).where(best))
        cap = LedgerEntry.reason == Reason.VOTE_LIMIT
        await tx.execute(update(LedgerEntry).where(cap).values(points=-1))
        invented = {"guild_id": lively.guild_id, "user_id": alice.user_id, "at": lively.now}
        invented |= {"post_id": answer, "reason": Reason.VOTE, "actor_id": 77, "points": 20}
        await tx.execute(insert(LedgerEntry).values(invented))
        await tx.execute(delete(Member).where(Member.user_id == alice.user_id))
    told = [str(one) for one in await recount(lively.db, apply=False, now=lively.now)]
    done = [str(one) for one in await recount(lively.db, now=lively.now)]
    assert done == told, "a dry run tells what would be done"
    assert {line.removeprefix("server 100: ") for line in done} == {
        "up-votes of #1: 3 → 1",
        "answers of #1: 7 → 1",
        "people who replied of #1: 4 → 1",
        "ledger line of #1.1: missing → 300",
        "ledger line of #1.1: -1 → gone",
        "ledger line of #1.1: missing → -40",
        "ledger line of #1.1: 20 → gone",
        f"points of member {carol.user_id}: 7 → 0",
        f"points of member {alice.user_id}: 0 → 50",
    }
    assert await recount(lively.db, apply=False, now=lively.now) == []
    repaired = await contents(lively.db)
    for table in ("posts", "members", "votes", "ledger"):
        assert repaired[table] == healthy[table]
    assert {job.key for job in await lively.jobs()} >= {question}, "cards follow"


async def test_a_dry_run_tells_and_changes_nothing(lively: Forum, bob: Actor) -> None:
    async with lively.db.write() as tx:
        await tx.execute(update(Member).where(Member.user_id == bob.user_id).values(points=1))
    before = await contents(lively.db)
    [correction] = await recount(lively.db, apply=False, now=lively.now)
    assert (correction.of, correction.stored, correction.right) == (bob.user_id, 1, 540)
    assert await contents(lively.db) == before


async def test_votes_that_are_facts_are_never_touched(lively: Forum, answer: int) -> None:
    async with lively.db.write() as tx:
        await tx.execute(delete(Vote).where(Vote.voter_id == 20))
    changed = {str(one) for one in await recount(lively.db, now=lively.now)}
    assert "server 100: up-votes of #1.1: 12 → 11" in changed
    assert (await lively.card(answer)).score == 11
    async with lively.db.read() as tx:
        rows = await tx.rows(select(Vote.voter_id).where(Vote.post_id == answer))
    assert {row[0] for row in rows} == {20 + n for n in range(1, 12)}


async def test_one_server_is_recounted_alone(lively: Forum, elsewhere: Forum) -> None:
    post = await elsewhere.ask(elsewhere.member(1))
    async with lively.db.write() as tx:
        await tx.execute(update(Post).where(Post.id == post).values(answer_count=5))
    assert await recount(lively.db, lively.guild_id, now=lively.now) == []
    [correction] = await recount(lively.db, elsewhere.guild_id, now=lively.now)
    assert (correction.stored, correction.right) == (5, 0)


async def test_a_large_forum_is_recounted_in_pieces(
    lively: Forum, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recounting, "PIECE", 2)
    async with lively.db.write() as tx:
        await tx.execute(update(Post).values(answer_count=9))
    seen: list[int] = []

    async def progress(looked_at: int) -> None:
        seen.append(looked_at)

    changed = await recount(lively.db, lively.guild_id, now=lively.now, progress=progress)
    assert seen == [2, 4, 4]
    assert len(changed) == 4
    assert await recount(lively.db, apply=False, now=lively.now) == []


class Ended(Exception):
    """The process ended."""


async def test_a_recount_that_was_cut_short_is_finished(
    lively: Forum, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A weight was changed, and the process ended before all points were counted anew."""
    monkeypatch.setattr(recounting, "PIECE", 1)

    async def end(_posts: int) -> None:
        raise Ended

    db, now = lively.db, lively.now
    change = ("points.answer", "75")
    with pytest.raises(Ended):
        await guilds.change_setting(db, lively.manager, *change, now=now, progress=end)
    assert await recount(db, apply=False, now=now), "nothing was left to do"

    assert await finish_recounts(db, now=now) == 1
    await lively.assert_consistent()
    assert await finish_recounts(db, now=now) == 0


async def test_cards_follow_new_weights_once_all_is_counted(
    lively: Forum, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Delivery may be quicker than the recount: what it shows amid that is not the end of it."""
    monkeypatch.setattr(recounting, "PIECE", 2)
    db, now = lively.db, lively.later()

    async def deliver(_posts: int = 0) -> None:
        for job in await lively.jobs():
            await publishing.settle(db, job, Done())

    await deliver()
    change = ("points.answer", "75")
    await guilds.change_setting(db, lively.manager, *change, now=now, progress=deliver)
    async with db.read() as tx:
        visible = select(Post.id).where(Post.status == PostStatus.VISIBLE)
        shown = {row[0] for row in await tx.rows(visible)}
    assert {job.key for job in await lively.jobs()} == shown


async def test_a_weight_changed_amid_a_recount_is_counted_too(
    lively: Forum, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first recount read the weights before; it must not pass for the second one's."""
    monkeypatch.setattr(recounting, "PIECE", 1)
    db, now = lively.db, lively.later()

    async def end(_posts: int) -> None:
        raise Ended

    async def change_again(posts: int) -> None:
        if posts == 3:
            with pytest.raises(Ended):
                await guilds.change_setting(
                    db, lively.manager, "points.answer", "80", now=now, progress=end
                )

    change = ("points.answer", "75")
    await guilds.change_setting(db, lively.manager, *change, now=now, progress=change_again)
    assert await recount(db, apply=False, now=now), "the first posts have the old weight"
    assert await finish_recounts(db, now=now) == 1
    await lively.assert_consistent()
