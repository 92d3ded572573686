"""First posts of newcomers wait for a moderator: for nobody else they are there until then."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.actors import Actor
from bot.domain.audit import AuditKind
from bot.domain.errors import Denial, Denied, Missing, NotFound
from bot.domain.notices import FollowKind, NoticeKind
from bot.domain.outbox import JobKind
from bot.domain.posts import CloseReason, HideReason, PostStatus
from bot.domain.ranking import View
from bot.domain.review import Decision, ReportReason
from bot.domain.voting import UP
from bot.usecases import alerting, approving, browsing, following, listing, reporting
from bot.usecases.closing import ClosingForm, close_question
from bot.usecases.commenting import comment_on
from bot.usecases.editing import EditForm, edit_post, post_to_edit
from bot.usecases.listing import Selection
from bot.usecases.news import news_of
from bot.usecases.recounting import recount
from bot.usecases.reporting import Queue
from data import cards, guilds
from tests.store.forum import CHANNEL, Forum, contents
from tests.store.test_reports import status


@pytest.fixture
async def held(forum: Forum, alice: Actor, question: int, answer: int) -> int:
    """Nina's first question, in a server where newcomers wait."""
    await forum.set("hold_points", "101")
    return await forum.ask(nina(forum), "How do I begin here?", "I am new.", tags="start")


def nina(forum: Forum) -> Actor:
    """Nina, who is new."""
    return forum.member(20)


async def approve(forum: Forum, moderator: Actor, post: int) -> None:
    """A moderator approves a post."""
    await approving.approve_post(forum.db, moderator, post, now=forum.now)


async def inbox(forum: Forum, person: Actor) -> list[tuple[NoticeKind, int]]:
    """What a member who reads every channel has in their inbox."""
    found = await following.open_inbox(forum.db, person, 0, channels=[CHANNEL], now=forum.now)
    return [(notice.kind, notice.post.post_id) for notice in found.notices]


async def any_card(forum: Forum, post: int) -> Any:
    """A post's card, whatever its status."""
    async with forum.db.read() as tx:
        rules = await guilds.read_rules(tx, forum.guild_id)
        return await cards.load_card(tx, forum.guild_id, post, rules)


async def test_nobody_finds_it_and_it_earns_nothing(
    forum: Forum, alice: Actor, held: int, question: int
) -> None:
    assert await status(forum, held) is PostStatus.HELD
    assert await forum.points(nina(forum)) == 0
    with pytest.raises(NotFound):
        await forum.card(held)
    for reader, lines in ((1, [question]), (20, [])):  # neither question has a card yet
        shown = await listing.list_questions(
            forum.db, forum.guild_id, Selection(View.NEWEST), channels=[CHANNEL], reader_id=reader
        )
        assert [line.post_id for line in shown.lines] == lines
    assert await browsing.suggest_questions(forum.db, forum.guild_id, "begin here") == []
    assert [job for job in await forum.jobs() if job.key == held] == []
    tags, _ = await listing.list_tags(forum.db, forum.guild_id)
    assert tags == []
    profile = await browsing.profile(forum.db, forum.guild_id, 20)
    assert profile.questions == 0
    with pytest.raises(NotFound):
        await forum.answer(alice, held)
    assert (await forum.vote(alice, held, UP)).refusal is not None
    await forum.assert_consistent()
    before = await contents(forum.db)
    assert await recount(forum.db, forum.guild_id, now=forum.now) == []
    assert await contents(forum.db) == before


async def test_approved_it_appears_as_if_posted_then(
    forum: Forum, alice: Actor, bob: Actor, moderator: Actor, held: int
) -> None:
    await following.follow(forum.db, bob, FollowKind.MEMBER, "20", channels=[], now=forum.now)
    await following.follow(forum.db, alice, FollowKind.TAG, "start", channels=[], now=forum.now)
    assert await inbox(forum, bob) == await inbox(forum, nina(forum)) == []
    now = forum.later(hours=5)
    await approve(forum, moderator, held)
    card = await forum.card(held)
    assert (card.number, card.created_at, card.tags) == (2, now, ("start",))
    assert await forum.points(nina(forum)) == 20
    assert (JobKind.CARD, held) in [(job.kind, job.key) for job in await forum.jobs()]
    found = await browsing.suggest_questions(forum.db, forum.guild_id, "begin")
    assert [line.post_id for line in found] == [held]
    await forum.assert_consistent()
    assert await recount(forum.db, forum.guild_id, now=forum.now) == []
    rows = (await contents(forum.db))["notices"]
    told = {(row[2], row[3]) for row in rows if str(held) in row}
    assert {reader for reader, _ in told} >= {"1", "2", "20"}, told
    # The next ones needn't wait.
    assert await status(forum, await forum.ask(nina(forum))) is PostStatus.VISIBLE


@pytest.mark.parametrize("kind", ["answer", "comment"])
async def test_below_a_question_the_number_stays(
    forum: Forum, alice: Actor, bob: Actor, moderator: Actor, held: int, question: int, kind: str
) -> None:
    if kind == "answer":
        post = await forum.answer(nina(forum), question)
    else:
        said = await comment_on(
            forum.db, nina(forum), question, "Me too.", origin_id=5, now=forum.now
        )
        post = said.post_id
        assert said.held
    later = await forum.answer(bob, question, "Another answer, which is shown at once.")
    assert (await forum.card(question)).answers == 2
    assert (await forum.card(question)).comments == 0
    await forum.assert_consistent()
    await approve(forum, moderator, post)
    assert (await forum.card(post)).sub_number == 2
    assert (await forum.card(later)).sub_number == 3
    about = await forum.card(question)
    assert (about.answers, about.comments) == ((3, 0) if kind == "answer" else (2, 1))
    assert await forum.points(nina(forum)) == (40 if kind == "answer" else 0)
    told = NoticeKind.ANSWERED if kind == "answer" else NoticeKind.COMMENTED
    rows = [row for row in (await contents(forum.db))["notices"] if str(post) in row]
    assert any(told in row and "1" in row for row in rows), rows
    await forum.assert_consistent()


async def test_not_approved_its_author_reads_why(
    forum: Forum, moderator: Actor, held: int, question: int
) -> None:
    answer = await forum.answer(nina(forum), question)
    for post in (held, answer):
        await approving.reject_post(forum.db, moderator, post, ReportReason.SPAM, now=forum.later())
        assert await status(forum, post) is PostStatus.HIDDEN
    found = await following.open_inbox(forum.db, nina(forum), 0, channels=[], now=forum.now)
    # An answer's question stands in no channel here, so nobody can be said to read it.
    assert [(n.kind, n.post.post_id, n.why) for n in found.notices] == [
        (NoticeKind.REJECTED, answer, HideReason.SPAM),
        (NoticeKind.REJECTED, held, HideReason.SPAM),
    ]
    bell = await news_of(forum.db, forum.guild_id, 20, now=forum.now)
    assert bell.unread(lambda _: False) == 2
    assert await inbox(forum, forum.member(3)) == []
    await forum.assert_consistent()
    # Shown again, it is there like any other.
    await reporting.show_post(forum.db, moderator, answer, now=forum.later())
    assert (await forum.card(question)).answers == 2
    await forum.assert_consistent()


async def test_its_author_changes_it_and_it_stays_held(
    forum: Forum, alice: Actor, moderator: Actor, held: int
) -> None:
    for person in (alice, moderator):
        with pytest.raises(NotFound):
            await post_to_edit(forum.db, person, held, forum.now)
    await post_to_edit(forum.db, nina(forum), held, forum.now)
    form = EditForm(1, "I am very new.", "How do I begin here, please?", "start first")
    await edit_post(forum.db, nina(forum), held, form, now=forum.now)
    card = await any_card(forum, held)
    assert (card.status, card.body, card.tags) == (
        PostStatus.HELD,
        "I am very new.",
        ("start", "first"),
    )
    assert await browsing.suggest_questions(forum.db, forum.guild_id, "begin") == []
    await forum.assert_consistent()
    (waiting,) = (
        await following.open_inbox(forum.db, nina(forum), 0, channels=[], now=forum.now)
    ).held
    assert waiting.post_id == held
    with pytest.raises(NotFound):
        await forum.delete(alice, held)
    await forum.delete(nina(forum), held)
    assert await status(forum, held) is PostStatus.DELETED
    with pytest.raises(Denied, match=Denial.ALREADY_DECIDED) as refused:
        await approve(forum, moderator, held)
    verdict: Any = refused.value.data["verdict"]
    assert verdict.decision is Decision.WITHDRAWN
    await forum.assert_consistent()


async def test_two_moderators_at_once_decide_once(
    forum: Forum, moderator: Actor, held: int, question: int
) -> None:
    posts = [held] + [await forum.answer(nina(forum), question) for _ in range(4)]
    people = [forum.member(300 + n, is_moderator=True) for n in range(6)]
    now = forum.now
    acts = [
        approving.approve_post(forum.db, person, post, now=now)
        if n % 2
        else approving.reject_post(forum.db, person, post, ReportReason.RULES, now=now)
        for post in posts
        for n, person in enumerate(people)
    ]
    done = await asyncio.gather(*acts, return_exceptions=True)
    failed = [each for each in done if isinstance(each, BaseException)]
    assert len(done) - len(failed) == len(posts)
    assert all(isinstance(e, Denied) and e.reason is Denial.ALREADY_DECIDED for e in failed)
    rows = (await contents(forum.db))["audit"]
    kinds = [row for row in rows if AuditKind.APPROVE in row or AuditKind.REJECT in row]
    assert len(kinds) == len(posts)
    await forum.assert_consistent()


async def test_below_what_is_closed_or_gone_it_cannot_be_approved(
    forum: Forum, alice: Actor, moderator: Actor, held: int, question: int, answer: int
) -> None:
    waiting = await forum.answer(nina(forum), question)
    remark = await comment_on(
        forum.db, nina(forum), answer, "Thank you.", origin_id=6, now=forum.now
    )
    await close_question(forum.db, alice, question, ClosingForm(CloseReason.OTHER), now=forum.now)
    with pytest.raises(Denied, match=Denial.QUESTION_CLOSED):
        await approve(forum, moderator, waiting)
    await forum.hide(answer)
    with pytest.raises(Denied, match=Denial.QUESTION_GONE):
        await approve(forum, moderator, remark.post_id)
    await forum.hide(question)
    with pytest.raises(Denied, match=Denial.QUESTION_GONE):
        await approve(forum, moderator, waiting)
    await approving.reject_post(forum.db, moderator, waiting, ReportReason.OTHER, now=forum.now)
    await forum.assert_consistent()


async def test_who_waits(forum: Forum, moderator: Actor, question: int) -> None:
    """By points, by age, and until so many posts are shown; moderators never."""
    old = {"account_created": forum.now - timedelta(days=9), "joined": forum.now}

    async def waits(person: Actor) -> bool:
        return await status(forum, await forum.answer(person, question)) is PostStatus.HELD

    assert not await waits(forum.member(30))
    await forum.set("hold_days", "7")
    assert await waits(forum.member(31)), "of unknown age"
    assert await waits(forum.member(32, **old)), "joined today"
    assert not await waits(forum.member(33, **{**old, "joined": old["account_created"]}))
    assert not await waits(moderator)
    assert not await waits(forum.member(30)), "one of theirs is shown"
    await forum.set("hold_first", "3")
    assert await waits(forum.member(30))


async def test_blocked_words_hold(
    forum: Forum, bob: Actor, moderator: Actor, question: int
) -> None:
    await forum.set("blocked_words", "grim")
    await forum.set("blocked_words_do", "hold")
    text = "What a grim thing to ask here."
    post = await forum.answer(bob, question, text)
    assert await status(forum, post) is PostStatus.HELD
    await approve(forum, moderator, post)
    assert (await forum.card(post)).body == text
    # What is shown already is reported instead.
    await forum.edit(bob, post, f"{text} So grim.")
    await forum.edit(bob, post, "A kind thing to ask here.")
    await forum.edit(bob, post, text)
    assert await status(forum, post) is PostStatus.VISIBLE
    item = await forum.review(moderator, Queue.REPORTED)
    assert item is not None
    assert item.card.post_id == post


async def test_it_is_in_the_queue_and_on_a_card(
    forum: Forum, bob: Actor, moderator: Actor, held: int
) -> None:
    item = await forum.review(moderator, Queue.HELD)
    assert item is not None
    assert (item.card.post_id, item.pages) == (held, 1)
    assert await forum.review(moderator, Queue.HELD, closed=[CHANNEL]) is None
    assert await forum.review(moderator, Queue.REPORTED) is None
    (job,) = await forum.jobs(JobKind.REPORT)
    shown = await alerting.report_to_show(forum.db, job, forum.now)
    assert shown is not None
    assert (shown.card.status, shown.home_id) == (PostStatus.HELD, CHANNEL)
    (waiting,) = await reporting.waiting_reports(forum.db, moderator, [CHANNEL])
    assert (waiting.card.post_id, waiting.count) == (held, 0)
    with pytest.raises(NotFound):
        await reporting.dismiss_reports(forum.db, moderator, held, now=forum.now)
    with pytest.raises(Denied, match=Denial.NOT_MODERATOR):
        await approve(forum, bob, held)


async def test_hiding_and_showing_it_decides_too(
    forum: Forum, moderator: Actor, held: int, question: int
) -> None:
    answer = await forum.answer(nina(forum), question)
    assert await reporting.hide_post(forum.db, moderator, answer, now=forum.now)
    assert await status(forum, answer) is PostStatus.HIDDEN
    assert await reporting.show_post(forum.db, moderator, held, now=forum.now)
    assert await status(forum, held) is PostStatus.VISIBLE
    for post in (held, answer):
        with pytest.raises(Denied, match=Denial.ALREADY_DECIDED):
            await approve(forum, moderator, post)
    await forum.assert_consistent()


async def test_another_servers_moderator_decides_nothing(
    forum: Forum, elsewhere: Forum, held: int
) -> None:
    stranger = elsewhere.member(5, is_moderator=True)
    with pytest.raises(NotFound) as refused:
        await approving.approve_post(forum.db, stranger, held, now=forum.now)
    assert refused.value.reason is Missing.POST
    assert await status(forum, held) is PostStatus.HELD
