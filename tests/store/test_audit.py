"""The audit log: each act of a moderator once, with states, and no word of what people wrote."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Collection, Mapping
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from bot.domain.actors import Access, Actor
from bot.domain.audit import KEPT, AuditFilter, AuditKind, AuditLine, csv_of
from bot.domain.errors import Denial, Denied
from bot.domain.posts import CloseReason
from bot.domain.review import ReportReason
from bot.usecases import (
    auditing,
    categories,
    closing,
    guilds,
    locking,
    moving,
    reporting,
    revising,
    tagging,
)
from bot.usecases.auditing import Reader
from bot.usecases.categories import CategoryForm
from bot.usecases.closing import ClosingForm
from data.models import AuditRow, Member, Place, Post
from tests.store.forum import CHANNEL, Forum
from tests.store.test_reports import people_of_age

Told = tuple[AuditKind, int | None, str, str, Mapping[str, str], Mapping[str, str]]


@pytest.fixture
async def forum(forum: Forum) -> Forum:
    """A server whose log is still empty: its setup is in none of these tests."""
    async with forum.db.write() as tx:
        await tx.execute(delete(AuditRow))
    return forum


def reads(actor: Actor, closed: Collection[int] = ()) -> Reader:
    """A moderator, who can read all channels but the closed ones."""
    return Reader(actor, {CHANNEL} - set(closed), closed)


async def log(
    forum: Forum, wanted: AuditFilter | None = None, closed: Collection[int] = ()
) -> list[AuditLine]:
    """The log, the oldest first."""
    reader = reads(forum.member(77, is_moderator=True), closed)
    lines = await auditing.table_of(forum.db, reader, wanted or AuditFilter())
    return lines[::-1]


async def told(forum: Forum) -> list[Told]:
    """What the log says: kind, actor, post, reason, before and after."""
    return [
        (e.kind, e.actor_id, line.number, e.reason, e.before, e.after)
        for line in await log(forum)
        if (e := line.entry)
    ]


VISIBLE, HIDDEN, DELETED = ({"status": each} for each in ("visible", "hidden", "deleted"))


async def test_hiding_and_showing(
    forum: Forum, carol: Actor, moderator: Actor, answer: int
) -> None:
    for _ in range(2):  # the same click twice
        await reporting.hide_post(
            forum.db, moderator, answer, now=forum.later(), reason=ReportReason.SPAM
        )
    for _ in range(2):
        await reporting.show_post(forum.db, moderator, answer, now=forum.later())
    assert await told(forum) == [
        (AuditKind.HIDE, 4, "#1.1", "spam", VISIBLE, HIDDEN),
        (AuditKind.SHOW, 4, "#1.1", "", HIDDEN, VISIBLE),
    ]
    await reporting.report_post(forum.db, carol, answer, "x", by_moderator=False, now=forum.now)
    for expected in (1, 0):
        count = await reporting.dismiss_reports(forum.db, moderator, answer, now=forum.later())
        assert count == expected
    assert (await told(forum))[2:] == [(AuditKind.DISMISS, 4, "#1.1", "", VISIBLE, VISIBLE)]


async def test_reports_and_deleted_messages_have_no_actor(
    forum: Forum, moderator: Actor, question: int, answer: int
) -> None:
    for person in people_of_age(forum, 100, 8):
        if not (await told(forum)):
            await reporting.report_post(
                forum.db, person, answer, "", by_moderator=False, now=forum.now
            )
    await forum.hide(question)
    assert await told(forum) == [
        (AuditKind.HIDE, None, "#1.1", "reports", VISIBLE, HIDDEN),
        (AuditKind.HIDE, None, "#1", "message", VISIBLE, HIDDEN),
    ]
    # A moderator who agrees decides the reports, which is an act.
    await reporting.hide_post(forum.db, moderator, answer, now=forum.later())
    assert (await told(forum))[2:] == [(AuditKind.HIDE, 4, "#1.1", "other", HIDDEN, HIDDEN)]


async def test_closing_with_its_reason_and_the_originals_number(
    forum: Forum, alice: Actor, moderator: Actor, question: int
) -> None:
    second = await forum.ask(alice, "How do I sleep by day, please?")
    for form in (
        ClosingForm(CloseReason.OFF_TOPIC, note="Rude words"),
        ClosingForm(CloseReason.OFF_TOPIC, note="Rude words"),
        ClosingForm(CloseReason.DUPLICATE, question),
    ):
        await closing.close_question(forum.db, moderator, second, form, now=forum.later())
    await closing.reopen_question(forum.db, moderator, second, now=forum.later())
    await closing.reopen_question(forum.db, moderator, second, now=forum.later())
    opened = {"question": "open"}
    off_topic = {"question": "closed", "reason": "off_topic"}
    duplicate = {"question": "closed", "reason": "duplicate", "original": "#1"}
    assert await told(forum) == [
        (AuditKind.CLOSE, 4, "#2", "off_topic", opened, off_topic),
        (AuditKind.CLOSE, 4, "#2", "duplicate", off_topic, duplicate),
        (AuditKind.REOPEN, 4, "#2", "", duplicate, opened),
    ]


async def test_closing_a_reported_question_is_one_act(
    forum: Forum, carol: Actor, moderator: Actor, question: int
) -> None:
    await reporting.report_post(forum.db, carol, question, "", by_moderator=False, now=forum.now)
    form = ClosingForm(CloseReason.OTHER)
    await reporting.close_reported(forum.db, moderator, question, form, now=forum.later())
    assert [(kind, reason) for kind, _, _, reason, *_ in await told(forum)] == [
        (AuditKind.CLOSE, "other")
    ]


async def test_the_best_answer_chosen_by_others_than_the_asker(
    forum: Forum, alice: Actor, bob: Actor, moderator: Actor, question: int, answer: int
) -> None:
    other = await forum.answer(moderator, question)
    await forum.choose(alice, answer)
    await forum.choose(moderator, other)
    await forum.choose(moderator, other)
    await forum.choose(moderator, other, chosen=False)
    none, this = {"best": "none"}, {"best": "this answer"}
    assert await told(forum) == [
        (AuditKind.BEST, 4, "#1.2", "", {"best": "another answer"}, this),
        (AuditKind.BEST, 4, "#1.2", "", this, none),
    ]
    pin = Actor(forum.guild_id, 0, is_moderator=True)
    await forum.choose(pin, answer)
    assert (await told(forum))[2:] == [(AuditKind.BEST, None, "#1.1", "", none, this)]


async def test_edits_of_others_posts_with_versions_and_tags(
    forum: Forum, alice: Actor, moderator: Actor, question: int
) -> None:
    await forum.edit(alice, question, "All of it is mine.", tags="sleep")
    await forum.edit(moderator, question, "All of it is better.")
    await forum.edit(moderator, question, "All of it is better.")  # changes nothing
    form = tagging.TagForm(3, "night sleep")
    await tagging.retag_question(forum.db, moderator, question, form, now=forum.later())
    revert = revising.Revert(1, 4, "Back")
    await revising.go_back(forum.db, moderator, question, revert, now=forum.later())
    assert [line[2:] for line in await told(forum)] == [
        ("#1", "", {"version": "2"}, {"version": "3"}),
        ("#1", "", {"version": "3", "tags": "sleep"}, {"version": "4", "tags": "night sleep"}),
        ("#1", "", {"version": "4", "tags": "night sleep"}, {"version": "5", "tags": ""}),
    ]


async def test_deleting_and_moving(
    forum: Forum, alice: Actor, bob: Actor, moderator: Actor, question: int, answer: int
) -> None:
    first = await categories.add_category(forum.db, forum.manager, "Work", now=forum.now)
    await moving.move_question(forum.db, moderator, question, first, now=forum.later())
    await moving.move_question(forum.db, moderator, question, first, now=forum.later())
    await moving.move_question(forum.db, alice, question, None, now=forum.later())
    await forum.delete(moderator, answer)
    await reporting.show_post(forum.db, moderator, answer, now=forum.later())
    await forum.delete(bob, answer)
    assert [line for line in await told(forum) if line[0] is not AuditKind.CATEGORY] == [
        (AuditKind.MOVE, 4, "#1", "", {}, {"category": "Work"}),
        (AuditKind.DELETE, 4, "#1.1", "", VISIBLE, DELETED),
        (AuditKind.SHOW, 4, "#1.1", "", DELETED, VISIBLE),
    ]


async def test_tags_of_the_whole_server(forum: Forum, alice: Actor, moderator: Actor) -> None:
    await forum.ask(alice, tags="naps")
    for _ in range(2):  # interrupted, and begun once more
        await tagging.start_merge(forum.db, moderator, "naps", "sleep", now=forum.later())
    await tagging.add_synonym(forum.db, moderator, "snooze", "sleep", now=forum.later())
    await tagging.remove_synonym(forum.db, moderator, "snooze", now=forum.later())
    assert [line[3:] for line in await told(forum)] == [
        ("", {"tags": "naps"}, {"tags": "sleep"}),
        ("", {"tags": "snooze"}, {"tags": "sleep"}),
        ("separated", {"tags": "sleep"}, {"tags": "snooze"}),
    ]


async def test_locks_by_whom_it_is_known_and_by_nobody(
    forum: Forum, moderator: Actor, question: int
) -> None:
    async with forum.db.write() as tx:
        place = {"guild_id": forum.guild_id, "home_id": CHANNEL, "thread_id": 70}
        await tx.execute(insert(Place).values(post_id=question, **place))
    where, db = (forum.guild_id, 70), forum.db

    async def follows(*, locked: bool) -> bool:
        return await locking.follow_lock(db, *where, locked=locked, now=forum.later())

    await locking.note_lock(db, moderator, question, locked=True, now=forum.later())
    assert not await follows(locked=True), "the event of the same lock"
    assert await follows(locked=False)
    assert not await follows(locked=False)
    assert await follows(locked=True)
    opened, locked = {"thread": "open"}, {"thread": "locked"}
    assert await told(forum) == [
        (AuditKind.LOCK, 4, "#1", "", opened, locked),
        (AuditKind.UNLOCK, None, "#1", "", locked, opened),
        (AuditKind.LOCK, None, "#1", "", opened, locked),
    ]
    await follows(locked=False)
    await reporting.hide_post(db, moderator, question, now=forum.later())
    assert not await follows(locked=True), "the bot locks the thread of a hidden question"
    assert not await locking.follow_lock(db, forum.guild_id, 71, locked=True, now=forum.now)


async def test_points_settings_categories_and_a_recount(forum: Forum, bob: Actor) -> None:
    db, manager = forum.db, forum.manager
    for _ in range(2):
        await forum.give(bob, 200, "For *rude* words", origin_id=1)
    await forum.set("flags_to_hide", "7")
    await forum.set("flags_to_hide", "7")
    await forum.set("welcome", "Rude words")
    work = await categories.add_category(db, manager, "Work", now=forum.now)
    form = CategoryForm(emoji="🌙", description="Rude words")
    await categories.change_category(db, manager, work, form, name="Job", now=forum.now)
    await categories.change_category(db, manager, work, form, name="Job", now=forum.now)
    await categories.remove_category(db, manager, work, now=forum.now)
    async with db.write() as tx:
        await tx.execute(update(Member).where(Member.user_id == 2).values(points=5))
    await guilds.recount_server(db, manager, now=forum.now)
    await guilds.recount_server(db, manager, now=forum.now)
    assert [(e[0], *e[3:]) for e in await told(forum)] == [
        (AuditKind.BONUS, "", {"points": "100"}, {"points": "300"}),
        (AuditKind.SETTING, "", {"flags_to_hide": "5"}, {"flags_to_hide": "7"}),
        (AuditKind.SETTING, "", {}, {"welcome": "changed"}),
        (AuditKind.CATEGORY, "", {}, {"category": "Work"}),
        (
            AuditKind.CATEGORY,
            "",
            {"category": "Work", "emoji": ""},
            {"category": "Job", "emoji": "🌙", "description": "changed"},
        ),
        (AuditKind.CATEGORY, "", {"category": "Job"}, {}),
        (AuditKind.RECOUNT, "", {}, {"corrections": "1"}),
    ]
    assert {line.entry.actor_id for line in await log(forum)} == {9}
    assert (await log(forum))[0].entry.subject_id == 2


async def test_what_authors_do_to_their_own_posts_is_not_kept(
    forum: Forum, alice: Actor, question: int
) -> None:
    mona = forum.member(1, is_moderator=True)  # Alice, as a moderator
    await forum.edit(mona, question, "All of it is mine.")
    form = ClosingForm(CloseReason.OTHER)
    await closing.close_question(forum.db, mona, question, form, now=forum.later())
    await closing.reopen_question(forum.db, mona, question, now=forum.later())
    await reporting.hide_post(forum.db, mona, question, now=forum.later())
    await reporting.show_post(forum.db, mona, question, now=forum.later())
    await forum.delete(alice, question)
    assert await told(forum) == []


async def test_who_may_be_a_sealed_posts_author_is_not_named(
    forum: Forum, alice: Actor, moderator: Actor, question: int
) -> None:
    async with forum.db.write() as tx:
        await tx.execute(update(Post).where(Post.id == question).values(author_id=None))
    await forum.set("privilege.edit_others", "0")
    await forum.edit(alice, question, "Perhaps mine.")
    await forum.edit(moderator, question, "A moderator's.")
    edits = [line for line in await told(forum) if line[0] is AuditKind.EDIT]
    assert [actor for _, actor, *_ in edits] == [4]


HOSTILE = "xylophagous"  # in every title, body and note


async def test_no_word_that_somebody_posted_is_in_the_table(
    forum: Forum, alice: Actor, bob: Actor, carol: Actor, moderator: Actor
) -> None:
    db = forum.db
    question = await forum.ask(alice, f"Why {HOSTILE} at night?", f"So {HOSTILE}.", tags="sleep")
    answer = await forum.answer(bob, question, f"Be {HOSTILE} before you go to bed.")
    second = await forum.ask(alice, f"Why {HOSTILE} by day?")
    await forum.edit(moderator, question, f"More {HOSTILE}.", reason=f"{HOSTILE}!")
    form = ClosingForm(CloseReason.DUPLICATE, question, note=HOSTILE)
    await closing.close_question(db, moderator, second, form, now=forum.later())
    await reporting.report_post(db, carol, answer, HOSTILE, by_moderator=False, now=forum.now)
    await reporting.hide_post(db, moderator, answer, now=forum.later())
    await forum.give(bob, 5, HOSTILE)
    await forum.set("welcome", f"Come and be {HOSTILE}.")
    await forum.set("titles", f"100 {HOSTILE}")
    about = CategoryForm(description=HOSTILE)
    await categories.add_category(db, forum.manager, "Work", about, now=forum.now)
    await forum.delete(moderator, question)
    async with db.read() as tx:
        rows = await tx.rows(select(AuditRow.reason, AuditRow.before, AuditRow.after))
    assert len(rows) == 8
    assert HOSTILE not in repr(rows)


async def test_what_is_refused_is_not_kept(forum: Forum, bob: Actor, question: int) -> None:
    with pytest.raises(Denied):
        await reporting.hide_post(forum.db, bob, question, now=forum.now)
    assert await told(forum) == []


async def test_two_moderators_at_once_are_one_act(
    forum: Forum, carol: Actor, moderator: Actor, answer: int
) -> None:
    await reporting.report_post(forum.db, carol, answer, "", by_moderator=False, now=forum.now)
    other = forum.member(5, is_moderator=True)
    done = await asyncio.gather(
        *(
            reporting.hide_post(forum.db, each, answer, now=forum.now, reported=True)
            for each in (moderator, other)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(each, Denied) for each in done) == 1
    assert [kind for kind, *_ in await told(forum)] == [AuditKind.HIDE]


async def test_filters_and_pages(
    forum: Forum, elsewhere: Forum, moderator: Actor, question: int, answer: int
) -> None:
    await elsewhere.set("flags_to_hide", "9")
    for n in range(12):
        what = reporting.show_post if n % 2 else reporting.hide_post
        await what(forum.db, moderator, answer, now=forum.later(hours=1))
    since = forum.later(hours=1)
    await forum.set("flags_to_hide", "7")
    await reporting.hide_post(forum.db, forum.manager, question, now=forum.now)
    reader = reads(moderator)

    async def pages(wanted: AuditFilter) -> list[tuple[int, bool]]:
        found = [await auditing.page_of(forum.db, reader, wanted, page) for page in (0, 1)]
        return [(len(page.lines), page.more) for page in found]

    assert await pages(AuditFilter()) == [(10, True), (4, False)]
    assert await pages(AuditFilter(actor_id=4)) == [(10, True), (2, False)]
    assert await pages(AuditFilter(kind=AuditKind.SHOW)) == [(6, False), (0, False)]
    assert await pages(AuditFilter(post_id=question)) == [(1, False), (0, False)]
    assert await pages(AuditFilter(since=since)) == [(2, False), (0, False)]
    assert await pages(AuditFilter(4, AuditKind.HIDE, answer, since)) == [(0, False)] * 2
    newest = (await auditing.page_of(forum.db, reader, AuditFilter(), 0)).lines[0]
    assert (newest.entry.kind, newest.actor, newest.number) == (AuditKind.HIDE, "Member 9", "#1")


async def test_only_the_servers_moderators_read_it(forum: Forum, bob: Actor) -> None:
    keeper = forum.member(6, access=Access(moderates=True))  # of one channel alone
    for person in (bob, keeper):
        for read in (
            auditing.page_of(forum.db, reads(person), AuditFilter(), 0),
            auditing.table_of(forum.db, reads(person), AuditFilter()),
            auditing.post_meant(forum.db, person, "#1"),
        ):
            with pytest.raises(Denied) as refused:
                await read
            assert refused.value.reason is Denial.NOT_MODERATOR


async def test_what_stands_in_a_closed_channel_is_a_number_alone(
    forum: Forum, alice: Actor, moderator: Actor
) -> None:
    secret = 501
    form = CategoryForm(channel_id=secret)
    category = await categories.add_category(forum.db, forum.manager, "Plan", form, now=forum.now)
    question = await forum.ask(alice, tags="merger", category_id=category)
    async with forum.db.write() as tx:
        place = {"guild_id": forum.guild_id, "home_id": secret}
        place |= {"channel_id": secret, "message_id": 70, "thread_id": 70}
        await tx.execute(insert(Place).values(post_id=question, **place))
    await forum.edit(moderator, question, "More.", tags="merger other")
    await tagging.start_merge(forum.db, moderator, "merger", "deal", now=forum.later())
    while await tagging.merge_some(forum.db, moderator, "merger", now=forum.later()):
        pass
    seen, shut = await log(forum), await log(forum, closed=[secret])
    assert [line.number for line in shut] == [line.number for line in seen] == ["", "#1", ""]
    assert seen[1].message_id == 70
    assert "merger" in repr(seen)
    assert "Plan" in repr(seen)
    assert shut[1].message_id is None
    for word in ("merger", "deal", "Plan", str(secret)):
        assert word not in repr([(line.entry.before, line.entry.after) for line in shut])


async def test_it_is_kept_for_a_year(forum: Forum, moderator: Actor, answer: int) -> None:
    await reporting.hide_post(forum.db, moderator, answer, now=forum.now)
    begun = forum.now
    await reporting.show_post(forum.db, moderator, answer, now=forum.later(days=1))
    assert await auditing.drop_old(forum.db, begun + KEPT) == 0
    assert await auditing.drop_old(forum.db, begun + KEPT + timedelta(seconds=1)) == 1
    assert [kind for kind, *_ in await told(forum)] == [AuditKind.SHOW]


async def test_a_table_that_no_spreadsheet_takes_for_formulas(
    forum: Forum, bob: Actor, question: int
) -> None:
    names = ("=1+1", "+1", "-1", "@SUM", "\t=1", 'Ümit, "B"')
    for n, name in enumerate(names):
        person = forum.member(50 + n, is_moderator=True, name=name)
        await reporting.hide_post(forum.db, person, question, now=forum.later())
        await reporting.show_post(forum.db, forum.manager, question, now=forum.later())
    made = csv_of(await log(forum))
    header, *rows = csv.reader(io.StringIO(made.decode("utf-8-sig")))
    assert header[:4] == ["time", "moderator_id", "moderator", "act"]
    shown = [row[2] for row in rows if row[3] == "hide"]
    assert shown == [*(f"'{name}" for name in names[:-1]), names[-1]]
    assert rows[0][-2:] == ["status: visible", "status: hidden"]
