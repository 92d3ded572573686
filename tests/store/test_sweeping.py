"""Hiding all posts of a member: which, in batches, once, and back again; on both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from bot.domain.actors import Actor
from bot.domain.audit import AuditFilter, AuditKind
from bot.domain.errors import Denial, Denied
from bot.domain.notices import NoticeKind
from bot.domain.posts import HideReason, PostStatus
from bot.domain.review import ReportReason
from bot.domain.sweeps import Outlook, Sweep
from bot.usecases import auditing, following, reporting, sweeping
from bot.usecases.auditing import Reader
from bot.usecases.sweeping import Sweeper, Wanted
from data.models import Place, Post
from tests.store.forum import CHANNEL, Forum
from tests.store.test_reports import status

AWAY = 501


@pytest.fixture
async def who(moderator: Actor) -> Sweeper:
    """A moderator of the server."""
    return Sweeper(moderator, {CHANNEL})


async def place(forum: Forum, question: int, home: int) -> None:
    """A question stands in a channel."""
    async with forum.db.write() as tx:
        values = {"post_id": question, "guild_id": forum.guild_id, "home_id": home}
        values |= {"channel_id": home, "message_id": question, "thread_id": question}
        await tx.execute(insert(Place).values(**values))


async def hide(forum: Forum, who: Sweeper, member: Actor, **wanted: object) -> Sweep:
    """A moderator hides all posts of a member."""
    form = Wanted(member.user_id, **wanted)  # type: ignore[arg-type]
    sweep = await sweeping.begin_hiding(forum.db, who, form, now=forum.later())
    assert sweep is not None
    await sweeping.finish(forum.db, sweep, now=forum.now)
    return sweep


async def shown_of(forum: Forum, member: Actor) -> int:
    """How many visible posts a member has."""
    async with forum.db.read() as tx:
        of_theirs = (Post.guild_id == forum.guild_id, Post.author_id == member.user_id)
        visible = Post.status == PostStatus.VISIBLE
        return int(await tx.scalar(select(func.count()).where(*of_theirs, visible)) or 0)


async def kinds(forum: Forum) -> list[AuditKind]:
    """What the log says about posts and members, the oldest first."""
    reader = Reader(forum.member(77, is_moderator=True), {CHANNEL}, ())
    lines = await auditing.table_of(forum.db, reader, AuditFilter())
    told = [line.entry.kind for line in reversed(lines)]
    return [kind for kind in told if kind is not AuditKind.SETTING]


async def test_all_of_a_member_are_hidden_and_shown_as_they_were(
    forum: Forum, alice: Actor, bob: Actor, carol: Actor, who: Sweeper, answer: int
) -> None:
    asked = await forum.ask(bob)
    await forum.answer(alice, asked)
    own = await forum.answer(bob, asked)
    await forum.choose(alice, answer)
    points = await forum.points(bob)

    outlook = await sweeping.look_at_shown(forum.db, who, Wanted(bob.user_id))
    assert outlook == Outlook(posts=3, questions=2, below=1)
    sweep = await hide(forum, who, bob, reason=ReportReason.SPAM)
    assert [await status(forum, post) for post in (answer, asked, own)] == [PostStatus.HIDDEN] * 3
    assert await forum.points(bob) == 0
    await forum.assert_consistent()
    assert await sweeping.look_at_hidden(forum.db, who, bob.user_id) == Outlook(3, 2, 1)

    undone = await sweeping.to_undo(forum.db, who, sweep.sweep_id, forum.now)
    shown = await sweeping.begin_showing(
        forum.db, who, bob.user_id, now=forum.later(), undone=undone
    )
    assert shown is not None
    assert await sweeping.finish(forum.db, shown, now=forum.now) == 3
    assert await shown_of(forum, bob) == 3
    assert await forum.points(bob) == points, "the best answer is the best again"
    await forum.assert_consistent()
    assert (await kinds(forum))[-2:] == [AuditKind.HIDE_MEMBER, AuditKind.SHOW_MEMBER]


async def test_only_where_the_moderator_moderates_and_since_then(
    forum: Forum, alice: Actor, bob: Actor, moderator: Actor
) -> None:
    old, here, away, nowhere = [await forum.ask(bob) for _ in range(4)]
    for question, home in ((old, CHANNEL), (here, CHANNEL), (away, AWAY)):
        await place(forum, question, home)
    answered = await forum.ask(alice)
    await place(forum, answered, AWAY)
    await forum.answer(bob, answered)
    keeper = Sweeper(forum.member(6), {CHANNEL})  # of one channel alone
    count = sweeping.look_at_shown
    assert (await count(forum.db, keeper, Wanted(bob.user_id))).posts == 2
    everywhere = Sweeper(moderator, {CHANNEL, AWAY})
    assert (await count(forum.db, everywhere, Wanted(bob.user_id))).posts == 5
    since = forum.later(days=1)
    async with forum.db.write() as tx:
        await tx.execute(update(Post).where(Post.id == here).values(created_at=forum.later()))
    assert (await count(forum.db, keeper, Wanted(bob.user_id, since))).posts == 1
    await hide(forum, keeper, bob)
    assert await status(forum, away) is await status(forum, nowhere) is PostStatus.VISIBLE
    assert await status(forum, old) is PostStatus.HIDDEN


async def test_sealed_posts_are_left_out(
    forum: Forum, bob: Actor, who: Sweeper, answer: int
) -> None:
    sealed = await forum.ask(bob)
    async with forum.db.write() as tx:
        await tx.execute(update(Post).where(Post.id == sealed).values(author_id=None))
    assert (await sweeping.look_at_shown(forum.db, who, Wanted(bob.user_id))).posts == 1
    await hide(forum, who, bob)
    assert await status(forum, sealed) is PostStatus.VISIBLE


async def test_whoever_moderates_nowhere_is_refused(
    forum: Forum, bob: Actor, carol: Actor, answer: int
) -> None:
    """Also if it was different when they looked."""
    nobody, now = Sweeper(carol, ()), forum.now
    for refused in (
        sweeping.look_at_shown(forum.db, nobody, Wanted(bob.user_id)),
        sweeping.look_at_hidden(forum.db, nobody, bob.user_id),
        sweeping.begin_hiding(forum.db, nobody, Wanted(bob.user_id), now=now),
        sweeping.begin_showing(forum.db, nobody, bob.user_id, now=now),
        sweeping.to_undo(forum.db, nobody, 1, now),
    ):
        with pytest.raises(Denied) as why:
            await refused
        assert why.value.reason is Denial.NOT_MODERATOR
    assert await shown_of(forum, bob) == 1


async def test_the_author_reads_one_line(
    forum: Forum, bob: Actor, who: Sweeper, question: int, answer: int
) -> None:
    asked = await forum.ask(bob)
    for each in (question, asked):
        await place(forum, each, CHANNEL)
    await forum.answer(bob, asked)
    sweep = await hide(forum, who, bob, reason=ReportReason.UNKIND)
    inbox = await following.open_inbox(forum.db, bob, 0, channels=[CHANNEL], now=forum.now)
    (notice,) = inbox.notices
    assert (notice.kind, notice.post.post_id, notice.why) == (
        NoticeKind.HIDDEN,
        asked,
        HideReason.UNKIND,
    )
    assert notice.votes == 2, "how many more"
    await sweeping.begin_showing(forum.db, who, bob.user_id, now=forum.later(), undone=sweep)
    await sweeping.finish_all(forum.db, now=forum.now)
    inbox = await following.open_inbox(forum.db, bob, 0, channels=[CHANNEL], now=forum.now)
    assert [(each.kind, each.votes) for each in inbox.notices] == [(NoticeKind.SHOWN, 2)]


async def test_a_second_press_does_nothing_twice(
    forum: Forum, bob: Actor, who: Sweeper, answer: int
) -> None:
    form = Wanted(bob.user_id)
    both = await asyncio.gather(
        *(sweeping.begin_hiding(forum.db, who, form, now=forum.now) for _ in range(2))
    )
    first, second = both
    assert first is not None
    assert second is not None
    assert first.sweep_id == second.sweep_id
    done = await asyncio.gather(
        *(sweeping.finish(forum.db, first, now=forum.now) for _ in range(2))
    )
    assert max(done) == 1
    assert (await kinds(forum)).count(AuditKind.HIDE_MEMBER) == 1
    forum.later(hours=1)
    assert await sweeping.begin_hiding(forum.db, who, form, now=forum.now) is None
    for expected in (True, False):
        shown = await sweeping.begin_showing(forum.db, who, bob.user_id, now=forum.now)
        assert (shown is not None) is expected
        await sweeping.finish_all(forum.db, now=forum.now)
    assert (await kinds(forum)).count(AuditKind.SHOW_MEMBER) == 1
    await forum.assert_consistent()


async def test_two_moderators_at_once_hide_each_post_once(
    forum: Forum, bob: Actor, who: Sweeper, answer: int
) -> None:
    await forum.ask(bob)
    other = Sweeper(forum.member(5, is_moderator=True), {CHANNEL})
    begun = await asyncio.gather(
        *(
            sweeping.begin_hiding(forum.db, each, Wanted(bob.user_id), now=forum.now)
            for each in (who, other)
        )
    )
    assert sum(each is not None for each in begun) == 1
    await sweeping.finish_all(forum.db, now=forum.now)
    assert await shown_of(forum, bob) == 0
    assert (await kinds(forum)).count(AuditKind.HIDE_MEMBER) == 1
    await forum.assert_consistent()


async def test_it_goes_on_where_a_process_ended(
    forum: Forum, bob: Actor, who: Sweeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "BATCH", 2)
    for _ in range(5):
        await forum.ask(bob)
    sweep = await sweeping.begin_hiding(forum.db, who, Wanted(bob.user_id), now=forum.now)
    assert sweep is not None

    async def ends(done: int) -> None:
        raise RuntimeError(f"the process ends after {done} posts")

    with pytest.raises(RuntimeError, match="after 2 posts"):
        await sweeping.finish(forum.db, sweep, now=forum.now, progress=ends)
    assert await shown_of(forum, bob) == 3
    # What they write meanwhile wasn't meant.
    await forum.ask(bob)
    assert await sweeping.finish_all(forum.db, now=forum.now) == 1
    assert await sweeping.finish_all(forum.db, now=forum.now) == 0
    assert await shown_of(forum, bob) == 1
    assert (await kinds(forum)).count(AuditKind.HIDE_MEMBER) == 1


async def test_what_changed_meanwhile_is_passed_over(
    forum: Forum, bob: Actor, who: Sweeper, moderator: Actor
) -> None:
    first, second, third = [await forum.ask(bob) for _ in range(3)]
    sweep = await sweeping.begin_hiding(forum.db, who, Wanted(bob.user_id), now=forum.now)
    assert sweep is not None
    await forum.delete(bob, first)
    assert await sweeping.finish(forum.db, sweep, now=forum.now) == 2
    await reporting.show_post(forum.db, moderator, second, now=forum.later())
    await reporting.hide_post(forum.db, moderator, second, now=forum.later())
    shown = await sweeping.begin_showing(forum.db, who, bob.user_id, now=forum.later())
    assert shown is not None
    await sweeping.finish(forum.db, shown, now=forum.now)
    assert await status(forum, first) is PostStatus.DELETED
    assert await status(forum, second) is PostStatus.HIDDEN, "another act hid it since"
    assert await status(forum, third) is PostStatus.VISIBLE


async def test_undoing_stops_what_still_waits(
    forum: Forum, bob: Actor, who: Sweeper, answer: int
) -> None:
    sweep = await sweeping.begin_hiding(forum.db, who, Wanted(bob.user_id), now=forum.now)
    assert sweep is not None
    undo = sweeping.begin_showing
    assert await undo(forum.db, who, bob.user_id, now=forum.now, undone=sweep) is None
    await sweeping.finish_all(forum.db, now=forum.now)
    assert await shown_of(forum, bob) == 1


async def test_it_can_be_undone_for_a_week(
    forum: Forum, elsewhere: Forum, bob: Actor, who: Sweeper, answer: int
) -> None:
    sweep = await hide(forum, who, bob)
    week = forum.now + timedelta(days=7)
    stranger = Sweeper(elsewhere.member(4, is_moderator=True), {CHANNEL})
    for undoes, at, possible in (
        (who, week, True),
        (who, week + timedelta(seconds=1), False),
        (stranger, week, False),
    ):
        found = await sweeping.to_undo(forum.db, undoes, sweep.sweep_id, at)
        assert (found is not None) is possible
    shown = await sweeping.begin_showing(forum.db, who, bob.user_id, now=week)
    assert shown is not None, "/show member: has no such limit"
    found = await sweeping.to_undo(forum.db, who, shown.sweep_id, week)
    assert found is None, "showing isn't undone"


async def test_the_log_of_a_post_has_what_was_done_to_all_of_its_author(
    forum: Forum, bob: Actor, carol: Actor, who: Sweeper, question: int, answer: int
) -> None:
    await hide(forum, who, bob, reason=ReportReason.SPAM)
    reader = Reader(who.actor, {CHANNEL}, ())

    async def of_post(post: int) -> list[AuditKind]:
        page = await auditing.page_of(forum.db, reader, AuditFilter(post_id=post), 0)
        return [line.entry.kind for line in page.lines]

    assert await of_post(answer) == [AuditKind.HIDE_MEMBER]
    assert await of_post(question) == []
    (line,) = (
        await auditing.page_of(forum.db, reader, AuditFilter(kind=AuditKind.HIDE_MEMBER), 0)
    ).lines
    entry = line.entry
    assert (entry.subject_id, entry.reason, entry.after) == (2, "spam", {"posts": "1"})
