"""The inbox and messages of anonymous authors: theirs, and nobody finds out whose."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.domain.actors import Actor
from bot.domain.inbox_marks import LENGTH, NOTICES_MAX, Marks, packed, unpacked
from bot.domain.notices import Digest, FollowKind, Mail, NoticeKind
from bot.domain.outbox import JobKind, Later
from bot.domain.review import Decision, ReportReason, Verdict
from bot.domain.sealed import is_sealed
from bot.domain.voting import UP
from bot.sealing import BOX_OVERHEAD, Sealing
from bot.usecases import (
    anonymous_inbox,
    appealing,
    choosing,
    digesting,
    following,
    mailing,
    news,
    personas,
    publishing,
    reporting,
    stopping,
)
from bot.usecases.appealing import Appealable
from bot.usecases.commenting import comment_on
from bot.usecases.digesting import Due
from bot.usecases.following import Inbox
from data import appeals, inbox_marks
from data.models import Base, InboxMark, Notice, OutboxRow, PersonaRow
from tests.store.forum import CHANNEL, Forum
from tests.store.test_plans import asked_of
from tests.support.anonymous import ALICE, anonymous, member, persona_of, rows_with
from tests.support.keys import SEALING

_MINUTES = timedelta(minutes=2)


@pytest.fixture
async def forum(db: Any) -> Forum:
    """A server with anonymous posts, at a time that isn't a whole minute."""
    made = await Forum(db).open({"anonymous": "on"})
    made.later(seconds=17, microseconds=123_456)
    return made


@pytest.fixture
def alice(forum: Forum) -> Actor:
    """Alice, who can write anonymously."""
    return member(forum)


@pytest.fixture
def bob(forum: Forum) -> Actor:
    """Bob, who could as well."""
    return member(forum, 2)


async def dump(forum: Forum) -> dict[str, list[tuple[Any, ...]]]:
    found: dict[str, list[tuple[Any, ...]]] = {}
    async with forum.db.read() as tx:
        for table in Base.metadata.sorted_tables:
            found[table.name] = [tuple(row) for row in await tx.rows(select(table))]
    return found


async def shown(forum: Forum, question: int) -> int:
    """A question is shown in its channel."""
    await publishing.record_shown(forum.db, forum.guild_id, question, home_id=CHANNEL)
    return question


async def asked(forum: Forum, person: Actor, *, notify: bool = False) -> int:
    """A person asks anonymously."""
    return await shown(forum, await forum.ask(await anonymous(forum, person), notify=notify))


async def look(forum: Forum, person: Actor, page: int = 0) -> Inbox:
    """A page of a person's inbox, which isn't marked as read."""
    return await following.open_inbox(
        forum.db, person, page, channels=[CHANNEL], now=forum.later(seconds=7)
    )


async def opened(forum: Forum, person: Actor, page: int = 0) -> Inbox:
    """A person opens a page of their inbox."""
    inbox = await look(forum, person, page)
    await following.note_read(forum.db, person, inbox, now=forum.now)
    return inbox


def lines(inbox: Inbox) -> list[tuple[NoticeKind, int, bool]]:
    return [(each.kind, each.post.post_id, each.read) for each in inbox.notices]


async def bell(forum: Forum, person: Actor) -> int:
    """What the bell counts."""
    who = (forum.db, forum.guild_id)
    found = await news.news_of(*who, person.user_id, now=forum.now)
    unread = found.unread(lambda home: home == CHANNEL)
    if not found.anonymous or person.seal is None:
        return unread
    return unread + await anonymous_inbox.unread(*who, person.seal, [CHANNEL], forum.now)


async def comment(forum: Forum, person: Actor, post: int, body: str = "And you?") -> int:
    origin = forum.later().microsecond + post * 1_000_000 + secrets.randbits(30)
    posted = await comment_on(forum.db, person, post, body, origin_id=origin, now=forum.now)
    return posted.post_id


# Reading


async def test_both_are_read_as_one(forum: Forum, alice: Actor, bob: Actor) -> None:
    by_name = await shown(forum, await forum.ask(alice))
    question = await asked(forum, alice)
    first = await forum.answer(bob, by_name)
    forum.later()
    second = await forum.answer(bob, question)
    assert await bell(forum, alice) == 2
    inbox = await opened(forum, alice)
    answered = NoticeKind.ANSWERED
    assert lines(inbox) == [(answered, second, False), (answered, first, False)]
    assert inbox.unread == 2
    assert [each.asks for each in inbox.notices] == [True, True]
    assert await bell(forum, alice) == 0
    again = await look(forum, alice)
    assert (again.unread, {each.read for each in again.notices}) == (0, {True})
    for other in (bob, forum.member(ALICE), member(forum, 77)):
        found = await look(forum, other)
        assert second not in {each.post.post_id for each in found.notices}


async def test_an_opening_changes_nothing_but_a_box_of_whoever_opens(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    question = await asked(forum, alice)
    await forum.answer(bob, question)
    await forum.vote(forum.member(3), question, UP)
    before = await dump(forum)
    for person in (alice, bob, alice, member(forum, 77)):
        await opened(forum, person)
    after = await dump(forum)
    assert {table for table in after if after[table] != before[table]} == {"inbox_marks"}
    boxes = [row[2] for row in after["inbox_marks"]]
    assert len(boxes) == len({row[1] for row in after["inbox_marks"]}) == 3
    assert {len(box) for box in boxes} == {LENGTH + BOX_OVERHEAD}
    assert not rows_with({"inbox_marks": after["inbox_marks"]}, ALICE)
    for person in (alice, bob):
        await opened(forum, person)
    later = {row[2] for row in (await dump(forum))["inbox_marks"]}
    assert len(later - set(boxes)) == 2, "whoever didn't open theirs has the box of before"


async def test_where_nobody_wrote_anonymously_an_opening_writes_no_box(
    forum: Forum, alice: Actor
) -> None:
    await forum.answer(forum.member(2), await shown(forum, await forum.ask(alice)))
    assert (await opened(forum, alice)).theirs is None
    assert not (await dump(forum))["inbox_marks"]


async def test_pages_have_each_notice_once(forum: Forum, alice: Actor, bob: Actor) -> None:
    by_name, sealed = await shown(forum, await forum.ask(alice)), await asked(forum, alice)
    for n in range(9):
        forum.later()
        await forum.answer(forum.member(100 + n), by_name if n % 2 else sealed)
        await forum.answer(forum.member(200 + n), by_name if n % 3 else sealed)
    pages = [await look(forum, alice, page) for page in range(3)]
    assert [len(each.notices) for each in pages] == [8, 8, 2]
    assert [each.more for each in pages] == [True, True, False]
    assert {each.unread for each in pages} == {18}
    found = [each.notice_id for page in pages for each in page.notices]
    assert len(set(found)) == 18
    at = [each.at for page in pages for each in page.notices]
    assert at == sorted(at, reverse=True)
    await opened(forum, alice, 1)
    assert (await look(forum, alice)).unread == await bell(forum, alice) == 10


async def test_votes_are_new_until_they_were_read(forum: Forum, alice: Actor) -> None:
    question = await asked(forum, alice)
    for n in range(3):
        await forum.vote(forum.member(300 + n), question, UP)
    [line] = (await opened(forum, alice)).notices
    assert (line.kind, line.votes, line.read) == (NoticeKind.VOTED, 3, False)
    [line] = (await opened(forum, alice)).notices
    assert (line.votes, line.read) == (3, True)
    await forum.vote(forum.member(400), question, UP)
    assert await bell(forum, alice) == 1
    [line] = (await opened(forum, alice)).notices
    assert (line.votes, line.read) == (1, False)
    assert await bell(forum, alice) == 0


async def test_what_waits_for_approval_is_in_its_authors_inbox(forum: Forum, alice: Actor) -> None:
    await forum.set("hold_first", "1")
    await forum.set("hold_points", "500")
    held = await forum.ask(await anonymous(forum, alice))
    assert [each.post_id for each in (await look(forum, alice)).held] == [held]
    assert (await look(forum, member(forum, 77))).held == []


async def test_a_best_answer_of_an_anonymous_author_promises_no_points(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    question = await shown(forum, await forum.ask(bob))
    answer = await forum.answer(await anonymous(forum, alice, question), question)
    await forum.choose(bob, answer)
    [line] = [n for n in (await look(forum, alice)).notices if n.kind is NoticeKind.CHOSEN]
    assert (line.own, line.points) == (True, 0)


async def test_not_yet_is_said_of_an_anonymous_question(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    question = await asked(forum, alice)
    answer = await forum.answer(bob, question)
    who = (forum.db, forum.guild_id)
    await choosing.leave_open(*who, 2, answer, bob.seal)
    assert (await look(forum, alice)).notices[0].asks
    before = rows_with(await dump(forum), ALICE)
    await choosing.leave_open(*who, ALICE, answer, alice.seal)
    assert not (await look(forum, alice)).notices[0].asks
    assert rows_with(await dump(forum), ALICE) == before


async def test_without_the_key_an_inbox_is_ones_own(forum: Forum, alice: Actor, bob: Actor) -> None:
    by_name, question = await shown(forum, await forum.ask(alice)), await asked(forum, alice)
    first = await forum.answer(bob, by_name)
    await forum.answer(bob, question)
    await opened(forum, alice)
    other = personas.seal_of(Sealing([secrets.token_bytes(32)]), forum.guild_id, ALICE)
    for person in (forum.member(ALICE), Actor(forum.guild_id, ALICE, seal=other)):
        assert [each.post.post_id for each in (await opened(forum, person)).notices] == [first]


async def test_a_rotated_key_finds_what_was_read(forum: Forum, alice: Actor, bob: Actor) -> None:
    await forum.answer(bob, await asked(forum, alice))
    await opened(forum, alice)
    old = SEALING._ring[0]  # pyright: ignore[reportPrivateUsage]
    ring = Sealing([secrets.token_bytes(32), old])
    seal = personas.seal_of(ring, forum.guild_id, ALICE)
    now = Actor(forum.guild_id, ALICE, seal=seal)
    assert (await opened(forum, now)).unread == 0
    assert seal is not None
    assert [row[1] for row in (await dump(forum))["inbox_marks"]] == [seal.owners()[0]]
    assert (await look(forum, now)).unread == 0


async def test_notices_of_anonymous_authors_go_after_a_month(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    by_name, question = await shown(forum, await forum.ask(alice)), await asked(forum, alice)
    await forum.answer(bob, by_name)
    await forum.answer(bob, question)
    assert await mailing.drop_old_notices(forum.db, forum.now + mailing.SEALED_KEPT) == 0
    forum.later(days=31)
    assert await mailing.drop_old_notices(forum.db, forum.now) == 1
    async with forum.db.read() as tx:
        assert [row[0] for row in await tx.rows(select(Notice.user_id))] == [ALICE]


def test_marks_have_one_length_whatever_was_read() -> None:
    many = {n: n % 7 - 3 for n in range(1, 500)}
    for marks in (
        Marks(),
        Marks().with_read({5: 0}, [9], [5]),
        Marks(silent=2**62).with_read(many, range(1, 90), many),
    ):
        assert len(packed(marks)) == LENGTH
        assert unpacked(packed(marks)) == marks
    full = Marks().with_read(many, [], many)
    assert len(full.notices) == NOTICES_MAX
    assert all(full.has_read(n, votes) for n, votes in many.items())
    assert not full.has_read(500, 0)
    gone = Marks().with_read({1: 0, 2: 0}, [], [1, 2]).with_read({3: 0}, [], [2, 3])
    assert set(gone.notices) == {2, 3}


# Messages


async def mails(forum: Forum, sealing: Sealing | None = SEALING) -> list[Mail | Later | None]:
    """What the due jobs of messages are about to send."""
    now = forum.now + _MINUTES
    jobs = await forum.jobs(JobKind.NOTICE)
    return [await mailing.mail_to_send(forum.db, job, now, sealing) for job in jobs]


async def answered_by_message(forum: Forum, alice: Actor, bob: Actor) -> tuple[int, int]:
    """Alice's anonymous question, with a tick to be told by message, and Bob's answer."""
    question = await asked(forum, alice, notify=True)
    await forum.clear_jobs()
    return question, await forum.answer(bob, question)


async def test_a_message_goes_to_the_author_and_no_row_says_so(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    before = rows_with(await dump(forum), ALICE)
    question, answer = await answered_by_message(forum, alice, bob)
    number = (await persona_of(forum, alice, question)).number
    [job] = await forum.jobs(JobKind.NOTICE)
    assert job.group == number
    [mail] = await mails(forum)
    assert isinstance(mail, Mail)
    assert (mail.member_id, mail.user_id) == (ALICE, number)
    assert [each.post.post_id for each in mail.notices] == [answer]
    assert str(ALICE) not in repr(mail)
    await mailing.mail_sent(forum.db, mail.fitting({n.notice_id for n in mail.notices}), job)
    assert rows_with(await dump(forum), ALICE) == before
    assert await forum.jobs(JobKind.NOTICE) == []
    async with forum.db.read() as tx:
        rows = await tx.rows(select(Notice.sent).where(Notice.user_id == number))
    assert [row[0] for row in rows] == [True]


async def test_who_cannot_read_it_has_rows_like_everybody(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    found: list[list[tuple[Any, ...]]] = []
    for readable in (True, False):
        await answered_by_message(forum, alice, bob)
        [job] = await forum.jobs(JobKind.NOTICE)
        [mail] = await mails(forum)
        assert isinstance(mail, Mail)
        there = {n.notice_id for n in mail.notices} if readable else set[int]()
        await mailing.mail_sent(forum.db, mail.fitting(there), job)
        async with forum.db.read() as tx:
            query = select(Notice.by_message, Notice.sent).where(Notice.id == job.key)
            found.append([tuple(row) for row in await tx.rows(query)])
    assert found[0] == found[1]


@pytest.mark.parametrize("hours", [(0, 23), (22, 7), (9, 20)])
async def test_in_quiet_hours_a_message_is_looked_at_every_full_hour(
    forum: Forum, alice: Actor, bob: Actor, hours: tuple[int, int]
) -> None:
    changes = {"quiet_from": hours[0], "quiet_to": hours[1]}
    await following.change_preferences(forum.db, alice, changes, now=forum.now)
    forum.now = forum.now.replace(hour=(hours[0] + 1) % 24, minute=20)
    await answered_by_message(forum, alice, bob)
    [job] = await forum.jobs(JobKind.NOTICE)
    [later] = await mails(forum)
    assert isinstance(later, Later)
    assert later.until == forum.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    await publishing.settle(forum.db, job, later)
    async with forum.db.read() as tx:
        query = select(OutboxRow.due_at, OutboxRow.error, OutboxRow.attempts)
        row = await tx.row(query.where(OutboxRow.kind == JobKind.NOTICE))
    assert row is not None
    assert tuple(row) == (later.until, "", 0)


async def test_no_statement_of_a_message_has_its_recipient(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    await following.change_preferences(forum.db, alice, {"locale": "de"}, now=forum.now)
    await answered_by_message(forum, alice, bob)
    [job] = await forum.jobs(JobKind.NOTICE)
    with asked_of(forum.db) as ran:
        [mail] = await mails(forum)
        assert isinstance(mail, Mail)
        await mailing.mail_sent(forum.db, mail.fitting({mail.first}), job)
    assert mail.locale == "de"
    assert str(mail.user_id) in str(ran)
    assert str(ALICE) not in str(ran)


async def test_no_statement_of_an_opening_has_both_an_id_and_a_number(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    by_name, question = await shown(forum, await forum.ask(alice)), await asked(forum, alice)
    for post in (by_name, question):
        await forum.answer(bob, post)
    number = (await persona_of(forum, alice, question)).number
    with asked_of(forum.db) as ran:
        await opened(forum, alice)
        await bell(forum, alice)
    of_id = [each for each in ran if str(ALICE) in str(each)]
    of_number = [each for each in ran if str(number) in str(each)]
    assert of_id
    assert of_number
    assert not [each for each in of_id if each in of_number]


@pytest.mark.parametrize("gone", ["erased", "no box", "no key", "another key"])
async def test_nobody_is_sent_what_nobody_can_know(
    forum: Forum, alice: Actor, bob: Actor, gone: str
) -> None:
    await answered_by_message(forum, alice, bob)
    sealing: Sealing | None = SEALING
    if gone == "no key":
        sealing = None
    elif gone == "another key":
        sealing = Sealing([secrets.token_bytes(32)])
    else:
        box = None if gone == "no box" else secrets.token_bytes(37)
        values = {"box": box, "handle": secrets.token_bytes(16)}
        async with forum.db.write() as tx:
            await tx.execute(update(PersonaRow).values(**values))
    assert await mails(forum, sealing) == [None]
    [job] = await forum.jobs(JobKind.NOTICE)
    await mailing.nothing_to_send(forum.db, job)
    assert await forum.jobs(JobKind.NOTICE) == []
    if gone in ("erased", "no box"):
        assert (await look(forum, alice)).notices == []
        assert await bell(forum, alice) == 0


# Stopping


async def stop(forum: Forum, person: Actor, post: int, notice: int | None) -> stopping.Stopped:
    who = (forum.db, forum.guild_id, person.user_id)
    return await stopping.stop_messages(
        *who, post, notice_id=notice, seal=person.seal, now=forum.now
    )


@pytest.mark.parametrize("known", [True, False])
async def test_messages_about_an_anonymous_post_are_stopped_under_its_number(
    forum: Forum, alice: Actor, bob: Actor, known: bool
) -> None:
    question, _ = await answered_by_message(forum, alice, bob)
    await following.follow(forum.db, alice, FollowKind.QUESTION, str(question), now=forum.now)
    [job] = await forum.jobs(JobKind.NOTICE)
    before = rows_with(await dump(forum), ALICE)
    assert await stop(forum, alice, question, job.key if known else 4711) is stopping.Stopped.POST
    assert rows_with(await dump(forum), ALICE) == before
    assert await mails(forum) == [None]
    await forum.clear_jobs()
    await forum.answer(forum.member(5), question)
    assert await mails(forum) == []


async def test_nobody_else_stops_them(forum: Forum, alice: Actor, bob: Actor) -> None:
    question, _ = await answered_by_message(forum, alice, bob)
    [job] = await forum.jobs(JobKind.NOTICE)
    await stop(forum, bob, question, job.key)
    [mail] = await mails(forum)
    assert isinstance(mail, Mail)


async def test_all_messages_are_stopped_and_no_post_says_so(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    questions = [(await answered_by_message(forum, alice, bob))[0] for _ in range(2)]
    before = await dump(forum)
    assert await stop(forum, alice, 0, None) is stopping.Stopped.ALL
    after = await dump(forum)
    assert {t for t in after if after[t] != before[t]} == {"inbox_marks", "preferences"}
    await forum.clear_jobs()
    for question in questions:
        await forum.answer(forum.member(5), question)
    assert await mails(forum) == [None, None]
    await answered_by_message(forum, alice, bob)
    [mail] = await mails(forum)
    assert isinstance(mail, Mail)


# Digests, and appeals


async def test_a_digest_has_what_is_new_of_anonymous_posts(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    question = await asked(forum, alice)
    answer = await forum.answer(bob, question)
    changes = {"digest": Digest.DAILY}
    await following.change_preferences(forum.db, alice, changes, now=forum.now)
    due = Due(forum.guild_id, ALICE, forum.now, again=False)
    before = await dump(forum)
    channels = frozenset({CHANNEL})
    found = await digesting.digest_to_send(forum.db, due, channels, alice.seal)
    assert [each.post.post_id for each in found.notices] == [answer]
    assert found.unread == 1
    assert await dump(forum) == before
    await opened(forum, alice)
    found = await digesting.digest_to_send(forum.db, due, channels, alice.seal)
    assert (found.notices, found.unread) == ((), 0)


def about_posts(found: Sequence[Appealable]) -> list[int | None]:
    return [each.post_id for each in found]


async def test_an_appeal_is_offered_and_its_outcome_is_told(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    question = await asked(forum, alice)
    me = await anonymous(forum, alice, question)
    moderator = forum.member(9, is_moderator=True)
    why = ReportReason.SPAM
    await reporting.hide_post(forum.db, moderator, question, now=forum.later(), reason=why)
    inbox = await opened(forum, alice)
    assert about_posts(inbox.appealable) == [question]
    assert about_posts((await look(forum, bob)).appealable) == []
    [what] = inbox.appealable
    await appealing.appeal(
        forum.db, me, what.about, question, "It is a question.", now=forum.later()
    )
    assert about_posts((await look(forum, alice)).appealable) == []
    [waits] = (await opened(forum, alice)).all_appeals
    assert (waits.outcome, waits.read) == (None, False)
    async with forum.db.write() as tx:
        found = await appeals.find(tx, forum.guild_id, waits.appeal_id)
        assert found is not None
        assert is_sealed(found.author_id)
        verdict = Verdict(Decision.STANDS, 9, "m")
        await appeals.decide(tx, found, verdict, forum.later(), alone=False)
    assert await bell(forum, alice) == 1
    before = await dump(forum)
    [told] = (await opened(forum, alice)).all_appeals
    assert (told.outcome, told.read) == (Decision.STANDS, False)
    [told] = (await opened(forum, alice)).all_appeals
    assert told.read
    after = await dump(forum)
    assert {table for table in after if after[table] != before[table]} == {"inbox_marks"}
    assert await bell(forum, alice) == 0
    forum.later(days=8)
    assert (await look(forum, alice)).all_appeals == []


async def test_no_mark_is_anothers(forum: Forum, alice: Actor, bob: Actor) -> None:
    await forum.answer(bob, await asked(forum, alice))
    await opened(forum, alice)
    assert bob.seal is not None
    async with forum.db.write() as tx:
        await tx.execute(update(InboxMark).values(owner=bob.seal.owners()[0]))
    async with forum.db.read() as tx:
        assert await inbox_marks.read(tx, forum.guild_id, bob.seal) == Marks()
