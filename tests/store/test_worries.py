"""Worries in the database: before all other reports, told to the author, and nobody's name."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.domain.actors import Actor
from bot.domain.errors import Denial, Denied
from bot.domain.notices import NoticeKind
from bot.domain.posts import PostStatus
from bot.domain.review import AGAIN, DECIDED, Report, ReportReason, ShownMessage
from bot.usecases import alerting, following, reporting
from bot.usecases.reporting import Queue, report_post
from data import report_cards
from data.models import AuditRow
from tests.store.forum import CHANNEL, Forum
from tests.store.test_reports import status

HELP = "Call 123, day and night."


async def worry(forum: Forum, person: Actor, post: int, note: str = "") -> bool:
    reported = await report_post(
        forum.db,
        person,
        post,
        note,
        by_moderator=False,
        now=forum.now,
        why=ReportReason.WORRIED,
    )
    return reported.hidden


async def told(forum: Forum, person: Actor) -> list[tuple[NoticeKind, str]]:
    inbox = await following.open_inbox(forum.db, person, 0, channels=[CHANNEL], now=forum.now)
    return [(n.kind, n.helplines) for n in inbox.notices if n.kind is NoticeKind.WORRIED]


async def test_nobody_learns_who_is_worried(
    since_setup: Forum, alice: Actor, carol: Actor, moderator: Actor, question: int
) -> None:
    forum = since_setup
    await worry(forum, carol, question, "So alone.")
    item = await forum.review(moderator, Queue.REPORTED)
    assert item is not None
    assert item.reports == (Report(0, "So alone.", forum.now, "", ReportReason.WORRIED),)
    [job] = [j for j in await forum.jobs(alerting.JobKind.REPORT) if j.key == question]
    shown = await alerting.report_to_show(forum.db, job, forum.now)
    assert shown is not None
    assert [(r.user_id, r.name) for r in shown.reports] == [(0, "")]
    read = await reporting.reported_post(forum.db, moderator, question)
    assert [(r.user_id, r.name) for r in read.reports] == [(0, "")]
    async with forum.db.read() as tx:
        assert await tx.rows(select(AuditRow.id)) == []
    assert await told(forum, alice) == []


async def test_one_a_member_and_post_like_any_report(
    forum: Forum, alice: Actor, carol: Actor, question: int
) -> None:
    await worry(forum, carol, question)
    for again in (ReportReason.WORRIED, ReportReason.SPAM):
        with pytest.raises(Denied) as refused:
            await report_post(
                forum.db, carol, question, "", by_moderator=False, now=forum.now, why=again
            )
        assert refused.value.reason is Denial.ALREADY_REPORTED
    with pytest.raises(Denied) as refused:
        await worry(forum, alice, question)
    assert refused.value.reason is Denial.OWN_REPORT


async def test_it_stands_before_all_else(
    forum: Forum, carol: Actor, moderator: Actor, question: int, answer: int
) -> None:
    await report_post(forum.db, carol, answer, "Spam.", by_moderator=False, now=forum.now)
    forum.later(days=1)
    await worry(forum, carol, question)
    first = await forum.review(moderator, Queue.REPORTED)
    assert first is not None
    assert first.card.post_id == question
    waiting = await reporting.waiting_reports(forum.db, moderator, [CHANNEL])
    assert [each.card.post_id for each in waiting] == [question, answer]


async def test_any_number_hides_nothing(forum: Forum, alice: Actor, question: int) -> None:
    await forum.set("flags_to_hide", "1")
    old = {
        "account_created": forum.now - timedelta(days=9),
        "joined": forum.now - timedelta(days=9),
    }
    for number in range(3):
        assert not await worry(forum, forum.member(100 + number, **old), question)
    assert await status(forum, question) is PostStatus.VISIBLE
    last = forum.member(200, **old)
    reported = await report_post(forum.db, last, question, "", by_moderator=False, now=forum.now)
    assert reported.hidden, "one that counts still does"


async def test_the_author_reads_the_helplines_once_a_post(
    forum: Forum, alice: Actor, carol: Actor, moderator: Actor, question: int
) -> None:
    await forum.set("helplines", HELP)
    await worry(forum, carol, question)
    await worry(forum, forum.member(5), question)
    assert await told(forum, alice) == [(NoticeKind.WORRIED, HELP)]
    assert await told(forum, carol) == []
    assert await forum.news(alice) == [], "no direct message they didn't ask for"
    await reporting.hide_post(forum.db, moderator, question, now=forum.now)
    assert await told(forum, alice) == [(NoticeKind.WORRIED, HELP)], "whatever became of the post"
    gone = await following.open_inbox(forum.db, alice, 0, channels=[], now=forum.now)
    assert NoticeKind.WORRIED in [n.kind for n in gone.notices]


async def test_by_message_where_they_ticked_that(forum: Forum, alice: Actor, carol: Actor) -> None:
    await forum.set("helplines", HELP)
    question = await forum.ask(alice, notify=True)
    await worry(forum, carol, question)
    assert await forum.news(alice) == [(NoticeKind.WORRIED, question)]


async def test_a_card_that_waits_is_sent_anew_once(
    forum: Forum, carol: Actor, moderator: Actor, question: int
) -> None:
    async def shown() -> str:
        async with forum.db.read() as tx:
            card = await report_cards.card_of(tx, forum.guild_id, question)
        assert card is not None
        return card.message.shown

    async def record(digest: str) -> None:
        async with forum.db.write() as tx:
            await report_cards.record(tx, question, ShownMessage(7, 8, digest, 0))

    await report_post(forum.db, carol, question, "", by_moderator=False, now=forum.now)
    await record("so it looks")
    await worry(forum, forum.member(5), question)
    assert await shown() == AGAIN
    await record("so it looks now")
    await worry(forum, forum.member(6), question)
    assert await shown() == "so it looks now", "it called already"
    await reporting.dismiss_reports(forum.db, moderator, question, now=forum.now)
    await record(DECIDED)
    await worry(forum, forum.member(7), question)
    assert await shown() == "", "a new card after a decision"
