"""Recipients of notices, and which notices count as sent."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.domain.actors import Actor
from bot.domain.errors import Invalid
from bot.domain.notices import FollowKind, Mail, NoticeKind
from bot.domain.outbox import JobKind
from bot.usecases import categories, commenting, following, mailing, publishing, stopping
from bot.usecases.mailing import drop_old_notices, mail_sent, mail_to_send
from data import guilds as guild_rows
from data.models import HourlyCount, Notice, Post
from tests.store.forum import CHANNEL, Forum


async def follow_tag(forum: Forum, person: Actor, tag: str = "sleep") -> None:
    await following.follow(forum.db, person, FollowKind.TAG, tag, now=forum.now)


async def wants_messages(forum: Forum, person: Actor) -> None:
    await following.change_preferences(forum.db, person, {"by_message": True}, now=forum.now)


async def told(forum: Forum) -> set[int]:
    """The members who have a notice of something."""
    async with forum.db.read() as tx:
        return {row[0] for row in await tx.rows(select(Notice.user_id))}


async def unread(forum: Forum, person: Actor) -> int:
    inbox = await following.open_inbox(forum.db, person, 0, channels=[CHANNEL], now=forum.now)
    assert len(inbox.notices) == inbox.unread
    return inbox.unread


async def test_an_author_who_follows_has_a_row_like_others_and_reads_none(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    for person in (alice, bob):
        await follow_tag(forum, person)
        await wants_messages(forum, person)
    question = await forum.ask(alice, tags="sleep")
    await publishing.record_shown(forum.db, forum.guild_id, question, home_id=CHANNEL)
    assert await told(forum) == {alice.user_id, bob.user_id}
    assert await forum.news(alice) == []
    assert await forum.news(bob) == [(NoticeKind.ASKED, question)]
    for job in await forum.jobs(JobKind.NOTICE):
        mail = await mail_to_send(forum.db, job, forum.now + timedelta(minutes=2))
        if mail is None:
            await mailing.nothing_to_send(forum.db, job)
        elif isinstance(mail, Mail):
            await mail_sent(forum.db, mail, job)
    assert await forum.jobs(JobKind.NOTICE) == []
    async with forum.db.read() as tx:
        assert {row[0] for row in await tx.rows(select(Notice.sent))} == {True}
    assert (await unread(forum, alice), await unread(forum, bob)) == (0, 1)


async def test_an_asker_who_chooses_has_a_row_like_others_and_reads_none(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    carol = forum.member(3)
    question = await forum.ask(alice)
    await publishing.record_shown(forum.db, forum.guild_id, question, home_id=CHANNEL)
    for person in (alice, bob, carol):
        what = (FollowKind.QUESTION, str(question))
        await following.follow(forum.db, person, *what, now=forum.now)
        await wants_messages(forum, person)
    answer, other = await forum.answer(bob, question), await forum.answer(bob, question)
    await forum.choose(alice, answer)
    chosen = (NoticeKind.CHOSEN, answer)
    async with forum.db.read() as tx:
        rows = await tx.rows(select(Notice.user_id).where(Notice.kind == NoticeKind.CHOSEN))
        assert {row[0] for row in rows} == {alice.user_id, bob.user_id, carol.user_id}
    assert chosen not in await forum.news(alice), "they chose it"
    assert chosen in await forum.news(bob)
    assert chosen in await forum.news(carol)
    await forum.choose(forum.manager, other)
    assert (NoticeKind.CHOSEN, other) in await forum.news(alice), "somebody else chose that one"
    for person in (alice, bob, carol):
        assert chosen not in await forum.news(person), "it was taken back"


async def test_a_follow_does_not_undo_what_was_ticked(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    """Followers' wishes are about what they follow; the box was ticked for this question."""
    question = await forum.ask(alice, notify=True)
    await following.follow(forum.db, alice, FollowKind.QUESTION, str(question), now=forum.now)
    answer = await forum.answer(bob, question)
    assert await forum.news(alice) == [(NoticeKind.ANSWERED, answer)]


async def test_stopping_stops_what_is_said_about_an_answer_too(
    forum: Forum, alice: Actor, bob: Actor, carol: Actor
) -> None:
    question = await forum.ask(alice)
    answer = await forum.answer(bob, question, notify=True)
    await commenting.comment_on(
        forum.db, carol, answer, "And earplugs.", origin_id=7, now=forum.now
    )
    assert len(await forum.news(bob)) == 1
    await stopping.stop_messages(forum.db, forum.guild_id, bob.user_id, answer, now=forum.later())
    assert await forum.news(bob) == []


async def test_notices_that_a_reader_cannot_read_are_left_out_and_not_marked_as_sent(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    await follow_tag(forum, bob)
    await wants_messages(forum, bob)
    posts = [await forum.ask(alice, tags="sleep") for _ in range(10)]
    [job, *_] = await forum.jobs(JobKind.NOTICE)
    mail = await mail_to_send(forum.db, job, forum.now + timedelta(minutes=2))
    assert isinstance(mail, Mail)
    readable = {n.notice_id for n in mail.notices if n.post.post_id in posts[8:]}
    fitting = mail.fitting(readable)
    assert [n.post.post_id for n in fitting.notices] == posts[8:]
    assert (fitting.more, len(fitting.untold)) == (0, 8)
    assert (len(mail.fitting({n.notice_id for n in mail.notices}).notices)) == 6
    await mail_sent(forum.db, fitting, job)
    async with forum.db.read() as tx:
        sent = select(Notice.post_id).where(Notice.sent.is_(True))
        assert {row[0] for row in await tx.rows(sent)} == set(posts[8:])
    assert await forum.news(bob) == [], "nor is it tried for ever"


async def test_follows_of_what_is_gone_take_no_room(
    forum: Forum, alice: Actor, bob: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "FOLLOWS_MAX", 3)
    category = await categories.add_category(forum.db, forum.manager, "Sleep", now=forum.now)
    deleted, hidden, there = [await forum.ask(alice) for _ in range(3)]

    async def follow(kind: FollowKind, key: int | str) -> None:
        await following.follow(forum.db, bob, kind, str(key), now=forum.later())

    await follow(FollowKind.CATEGORY, category)
    await follow(FollowKind.QUESTION, deleted)
    await follow(FollowKind.QUESTION, hidden)
    with pytest.raises(Invalid):
        await follow(FollowKind.TAG, "sleep")
    await forum.delete(alice, deleted)
    await follow(FollowKind.TAG, "sleep")
    await categories.remove_category(forum.db, forum.manager, category, now=forum.now)
    await follow(FollowKind.TAG, "work")
    await forum.hide(hidden)
    await follow(FollowKind.QUESTION, there)
    with pytest.raises(Invalid):
        await follow(FollowKind.TAG, "dreams")


async def test_old_notices_go_some_at_a_time(
    forum: Forum, alice: Actor, bob: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing, "_SWEPT", 2)
    await follow_tag(forum, bob)
    for _ in range(3):
        await forum.ask(alice, tags="sleep")
    assert await drop_old_notices(forum.db, forum.now + mailing.KEPT) == 0
    forum.later(hours=1)
    await forum.ask(alice, tags="sleep")
    now = forum.now + mailing.KEPT
    assert [await drop_old_notices(forum.db, now) for _ in range(3)] == [2, 1, 0]
    assert await told(forum) == {bob.user_id}, "what is new stays"


async def test_counts_begin_at_the_full_hour(forum: Forum, alice: Actor) -> None:
    forum.later(minutes=20, seconds=3, microseconds=9)
    await forum.ask(alice)
    async with forum.db.read() as tx:
        since = await tx.scalar(select(HourlyCount.since))
        assert since == forum.now.replace(minute=0, second=0, microsecond=0)
        tied = (
            select(func.count())
            .select_from(HourlyCount)
            .join(Post, Post.created_at == HourlyCount.since)
        )
        assert await tx.scalar(tied) == 0


async def test_an_inbox_is_read_while_somebody_writes_and_is_read_once_it_was_shown(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    question = await forum.ask(alice, notify=True)
    await forum.answer(bob, question)
    await publishing.record_shown(forum.db, forum.guild_id, question, home_id=CHANNEL)
    async with forum.db.write() as tx:
        await guild_rows.lock_rules(tx, forum.guild_id, forum.now)
        async with asyncio.timeout(4):  # a lock is waited for longer than that
            inbox = await following.open_inbox(
                forum.db, alice, 0, channels=[CHANNEL], now=forum.now
            )
    assert (len(inbox.notices), inbox.unread) == (1, 1)
    assert await unread(forum, alice) == 1, "it was not shown yet"
    await following.note_read(forum.db, alice, inbox, now=forum.now)
    assert (
        await following.open_inbox(forum.db, alice, 0, channels=[CHANNEL], now=forum.now)
    ).unread == 0
