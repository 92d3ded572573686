"""No hot statement reads a whole table: tried on both databases with 300,000 posts.

SQLite plans without statistics, PostgreSQL by them. So the tables are filled and analysed once for
each database, and every statement that ran is explained afterwards, with its parameters. Filling
takes seconds, so one process runs all tests of a database. No test depends on another one.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.domain.appeals import About
from bot.domain.audit import KEPT, AuditFilter, AuditKind
from bot.domain.blocks import BlockSpan
from bot.domain.notices import FollowKind
from bot.domain.outbox import Done, Failed, GivenUp, Job, JobKind, Priority
from bot.domain.posts import CloseReason
from bot.domain.queries import Sort
from bot.domain.ranking import View
from bot.domain.review import Item, ItemKind
from bot.domain.rules import WEEKDAYS, Rules
from bot.domain.sealed import SEALED
from bot.domain.voting import DOWN, NONE, UP, Ballot, VoteSource
from bot.usecases import (
    anonymous_inbox,
    appealing,
    asking,
    auditing,
    browsing,
    choosing,
    closing,
    commenting,
    delaying,
    digesting,
    erasing,
    following,
    forgetting,
    leaving,
    listing,
    locking,
    mailing,
    news,
    personas,
    publishing,
    queueing,
    reconciling,
    recounting,
    reminding,
    reporting,
    rounding_up,
    sealed_blocks,
    searching,
    seeing,
    stopping,
    sweeping,
    unsealing,
)
from bot.usecases.blocking import BlockForm
from bot.usecases.queueing import Wanted
from bot.usecases.voting import cast_votes
from data import counting, guilds, inboxes, presences, readers, telling
from data.database import Database
from data.paging import Page
from tests.store.forum import CHANNEL, Forum
from tests.store.test_appeals import decide, hide, inbox, known
from tests.store.test_plans import asked_of
from tests.support.anonymous import ALICE, anonymous, member
from tests.support.databases import KINDS, Databases, apart
from tests.support.delayed import due, send, waits_of
from tests.support.delayed import post as post_delayed
from tests.support.keys import SEALING

POSTS = 300_000  # a third of them questions, each with two answers
MANY = 100_000  # rows of what is about the first of them
OTHERS = 30_000  # rows of the smaller tables: enough for PostgreSQL to prefer an index
FREELY = {"privilege.down_vote": "0", "limit.votes": "10000", "limit.answers": "10000"}
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {most}) "
AT = "1767225600000000 + i * CAST(1000000 AS bigint)"

# What each table is filled with, from the numbers from 1 on; server 100 has all but the outbox.
ROWS = {
    "posts (id, guild_id, kind, number, sub_number, question_id, parent_id, author_id, up_votes,"
    " score, answer_count, last_sub_number, duplicate_of, best_answer_id, best_chosen_at,"
    " created_at, last_answer_at, active_at)": (
        POSTS,
        "i, 100, CASE WHEN i % 3 = 1 THEN 'question' ELSE 'answer' END, (i - 1) / 3 + 1,"
        " (i - 1) % 3, i - (i - 1) % 3, CASE WHEN i % 3 = 1 THEN NULL ELSE i - (i - 1) % 3 END,"
        " i % 5000 + 1000, i % 7, i % 7, CASE WHEN i % 3 = 1 THEN 2 ELSE 0 END,"
        " CASE WHEN i % 3 = 1 THEN 2 ELSE 0 END,"
        " CASE WHEN i % 30 = 1 THEN i + 3 ELSE NULL END,"
        " CASE WHEN i % 12 = 4 THEN i + 1 ELSE NULL END,"
        f" CASE WHEN i % 12 = 4 THEN {AT} ELSE NULL END, {AT}, {AT}, {AT}",
    ),
    "post_texts (post_id, guild_id, title, body, tags)": (
        POSTS,
        "i, 100, CASE WHEN i % 3 = 1 THEN 'How does thing ' || i || ' work?' ELSE '' END,"
        " 'By reason ' || i, ''",
    ),
    "places (post_id, guild_id, channel_id, message_id, thread_id, home_id)": (
        MANY,
        "i, 100, 500, 1000000 + i, CASE WHEN i % 3 = 1 THEN 1000000 + i ELSE NULL END, 500",
    ),
    "votes (post_id, voter_id, guild_id, value, source, at)": (
        MANY,
        f"i, i % 5000 + 1000, 100, 1, 'button', {AT}",
    ),
    "ledger (post_id, reason, actor_id, guild_id, user_id, points, at)": (
        MANY,
        f"i, 'vote', 0, 100, i % 5000 + 1000, 10, {AT}",
    ),
    "notices (guild_id, user_id, kind, post_id, created_at)": (
        MANY,
        f"100, i % 5000 + 1000, 'answered', i, {AT}",
    ),
    # Those of anonymous authors.
    "notices (user_id, guild_id, kind, post_id, created_at)": (
        OTHERS,
        "-5000000000000000000 - i, CASE WHEN i % 50 = 0 THEN 100 ELSE 300 END, 'answered', i,"
        f" {AT}",
    ),
    "outbox (kind, key, guild_id, group_id, revision, priority, due_at, created_at)": (
        OTHERS,
        f"'card', i, 1000 + i % 50, i - (i - 1) % 3, 1, i % 4, {AT}, {AT}",
    ),
    "members (guild_id, user_id, points)": (OTHERS, "100, i + 1000, i % 997"),
    "post_tags (guild_id, tag, post_id)": (OTHERS, "100, 'tag' || i % 300, i * 3 - 2"),
    "title_words (guild_id, word, post_id, weight)": (OTHERS, "100, 'w' || i % 300, i * 3 - 2, 9"),
    "written_words (guild_id, word, home_id, posts)": (MANY, "100, 'word' || i, 500, 9"),
    "word_keys (guild_id, key, word)": (MANY, "100, 'key' || i, 'word' || i"),
    "counted_posts (post_id, guild_id, home_id, words)": (OTHERS, "i, 100, 500, 'word' || i"),
    "uncounted_posts (guild_id, post_id)": (OTHERS, "100, i"),
    "follows (guild_id, user_id, kind, key, since)": (
        OTHERS,
        f"100, i % 5000 + 1000, 'question', CAST(i * 3 - 2 AS text), {AT}",
    ),
    "flags (post_id, user_id, guild_id, reason, at, decided_at)": (
        OTHERS,
        f"i, i % 5000 + 1000, 100, 'spam', {AT}, CASE WHEN i % 900 = 0 THEN NULL ELSE {AT} END",
    ),
    "revisions (post_id, number, guild_id, title, body, tags, reason, replaced_at)": (
        OTHERS,
        f"i, 1, 100, '', 'By another reason', '', '', {AT}",
    ),
    "hourly_counts (guild_id, user_id, action, since, times)": (
        OTHERS,
        f"100, i + 1000, 'votes', {AT}, 1",
    ),
    "attachments (post_id, position, guild_id, filename, size)": (OTHERS, "i, 0, 100, 'a.png', 9"),
    "continuations (post_id, position, guild_id, message_id)": (
        OTHERS,
        "i, 1, 100, 5000000 + i",
    ),
    'drafts (guild_id, user_id, form, "values", created_at)': (
        OTHERS,
        f"100, i % 5000 + 1000, 'ask', '{{}}', {AT}",
    ),
    "audit (guild_id, at, actor_id, kind, post_id, subject_id)": (
        MANY,
        f"CASE WHEN i % 50 = 0 THEN 100 ELSE 300 END, {AT}, i / 50 % 20 + 1,"
        " CASE WHEN i / 50 % 9 = 0 THEN 'hide' ELSE 'show' END, i, NULL",
    ),
    "sweeps (id, guild_id, kind, member_id, actor_id, at, audit_id)": (
        OTHERS,
        f"i, 100, 'hide', i % 5000 + 5000, 4, {AT}, i",
    ),
    "sweep_posts (sweep_id, post_id, guild_id, position, state)": (
        OTHERS,
        "i, i + 1000, 100, 0, CASE WHEN i % 9000 = 0 THEN 'waiting' ELSE 'done' END",
    ),
    "appeals (guild_id, author_id, about, post_id, told_at, first_by, words, at, decision,"
    " decided_by, decided_at, read_at)": (
        OTHERS,
        f"100, i % 5000 + 1000, 'hidden', i, {AT}, 4,"
        f" CASE WHEN i % 900 = 0 THEN 'Why?' ELSE '' END, {AT},"
        " CASE WHEN i % 900 = 0 THEN NULL ELSE 'stands' END, 5,"
        f" CASE WHEN i % 900 = 0 THEN NULL ELSE {AT} END, {AT}",
    ),
    "claims (guild_id, kind, key, user_id, at, passed)": (
        MANY,
        f"CASE WHEN i % 900 = 0 THEN 100 ELSE 300 END, 'post', i, 4, {AT}, i % 9000 <> 0",
    ),
    # Whoever writes anonymously, or is sent a message about it, has all of their server's read.
    "preferences (guild_id, user_id)": (
        OTHERS,
        "CASE WHEN i % 50 = 0 THEN 100 ELSE 300 END, i + 1000",
    ),
    "presences (guild_id, user_id, looked_at, gone_at)": (
        OTHERS,
        f"100, i + 1500, {AT}, CASE WHEN i % 900 = 0 THEN {AT} ELSE NULL END",
    ),
    "bonuses (guild_id, user_id, points, reason, given_by, at, origin_id)": (
        OTHERS,
        f"100, i % 5000 + 1000, 10, 'For helping', i % 50 + 1000, {AT}, i",
    ),
    "blocks (guild_id, user_id, by_id, at)": (
        OTHERS,
        f"CASE WHEN i % 50 = 0 THEN 100 ELSE 50 END, i + 90000, i % 50 + 1000, {AT}",
    ),
    "personas (number, guild_id, question_number, handle, name, is_asker)": (
        OTHERS,
        "-5000000000000000000 - i, CASE WHEN i % 50 = 0 THEN 100 ELSE 300 END, i,"
        " CAST('handle' || i AS BLOB), 'Quiet Otter', i % 2 = 0",
    ),
    "anonymous_slots (guild_id, hour, slot)": (
        OTHERS,
        f"CASE WHEN i % 50 = 0 THEN 100 ELSE 300 END, {AT} + CASE WHEN i % 900 = 0 THEN 0"
        " ELSE 90000000000000 END, CAST('slot' || i AS BLOB)",
    ),
    "post_blocks (id, guild_id, salt, handle, by_id)": (
        OTHERS,
        "i, CASE WHEN i % 50 = 0 THEN 100 ELSE 300 END, CAST('salt' || i AS BLOB),"
        " CAST('handle' || i AS BLOB), i % 50 + 1000",
    ),
    "waiting (id, guild_id, appear_minute, box)": (
        OTHERS,
        f"i, CASE WHEN i % 500 = 0 THEN 100 ELSE 300 END, {AT} + 9000000000000,"
        " CAST('box' || i AS BLOB)",
    ),
    "names (guild_id, user_id, name)": (OTHERS, "100, i + 1000, 'name' || i"),
    # As many members were erased, of whom nobody is any of the others.
    "erasures (guild_id, digest, day)": (
        OTHERS,
        "CASE WHEN i % 3000 = 0 THEN 100 ELSE 1000 + i % 600 END, -2000000000000 - i, 1",
    ),
    "receipts (guild_id, user_id, act, origin_id, created_at)": (
        OTHERS,
        f"100, i % 5000 + 1000, 'follow', i, {AT}",
    ),
    "refused_votes (guild_id, user_id, channel_id, message_id, reason, figures, at)": (
        OTHERS,
        f"100, i + 1000, 500, i, 'points', '{{}}', {AT}",
    ),
    "hints (thread_id, user_id, guild_id)": (OTHERS, "i, i % 5000 + 1000, 100"),
    "draft_files (guild_id, user_id, filename, size, url, created_at)": (
        OTHERS,
        f"100, i % 5000 + 1000, 'a.png', 9, '', {AT}",
    ),
    "report_cards (post_id, guild_id, waiting, reported_at, decision, decided_by)": (
        OTHERS,
        f"i, 100, i % 900 = 0, {AT}, CASE WHEN i % 900 = 0 THEN NULL ELSE 'dismissed' END,"
        " i % 50 + 1000",
    ),
    "removals (post_id, guild_id, erase_at)": (
        OTHERS,
        f"i, 100, CASE WHEN i % 9 = 0 THEN {AT} + 9000000000000 ELSE NULL END",
    ),
}
BIG = frozenset(into.split(" ", 1)[0] for into in ROWS)


def statements() -> Iterator[str]:
    """Fill the tables."""
    for into, (most, values) in ROWS.items():
        numbers = NUMBERS.format(most=most)
        yield f"INSERT INTO {into} {numbers} SELECT {values} FROM n"  # noqa: S608 - our own words
    yield "UPDATE guilds SET last_number = 100000, erasure_secret = '00ff', sealing_salt = '00ff'"


async def fill(db: Database) -> None:
    """Fill a database past the use cases, without looking at each reference."""
    if db.path is not None:
        connection = sqlite3.connect(db.path)
        for statement in statements():
            connection.execute(statement)
        connection.commit()
        connection.close()
        return
    async with db.write() as tx:
        await tx.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements():
            await tx.execute(text(statement.replace("AS BLOB", "AS bytea")))
        for table in ("posts", "notices", "drafts", "sweeps", "appeals"):
            ids = f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {POSTS})"
            await tx.execute(text(ids))
        await tx.execute(text("ANALYZE"))


# What people do and delivery does all the time, in the same forum: no act needs another one before.
QUESTION, ANSWER = 60_001, 60_002
ASKER, AUTHOR = 1001, 1002
Act = Callable[[Forum], Awaitable[object]]


def _reader(user_id: int = ASKER) -> dict[str, Any]:
    return {"channels": [CHANNEL], "reader_id": user_id}


def _lists(view: View) -> Act:
    wanted = listing.Selection(view)
    return lambda f: listing.list_questions(f.db, f.guild_id, wanted, **_reader())


def _searches(**wanted: Any) -> Act:
    looked = searching.Search("thing reason", **wanted)
    return lambda f: searching.search_posts(f.db, f.guild_id, looked, **_reader())


async def _search_misspelt(f: Forum) -> None:
    await f.edit(f.manager, QUESTION + 3, "A reason.", title="How does this thing work?")
    await recounting.count_words(f.db, f.guild_id)
    looked = searching.Search("thing raeson")
    assert (await searching.search_posts(f.db, f.guild_id, looked, **_reader())).corrected


async def _vote(f: Forum) -> None:
    """They vote up, then down, and then take their votes back."""
    for value in (UP, DOWN, NONE):
        ballots = [
            Ballot(f.member(9000 + n), ANSWER + 3 * n, value, VoteSource.REACTION, f.now)
            for n in range(50)
        ]
        assert all(outcome.changed for outcome in await cast_votes(f.db, ballots, now=f.now))


async def _deliver(f: Forum) -> None:
    for number in range(3):
        await f.vote(f.member(9500), ANSWER + 300 + 3 * number, UP)
    outlook = await publishing.look_out(f.db, f.now, 100)
    assert len(outlook.jobs) == 100
    mine = await publishing.due_jobs(f.db, f.now, 100, frozenset({f.guild_id}))
    [card, later, bad, *_] = [job for job in mine if job.kind is JobKind.CARD]
    assert await publishing.card_to_show(f.db, card)
    await publishing.record_shown(f.db, f.guild_id, card.key, message_id=1, moved_at=f.now)
    await publishing.settle(f.db, card, Done())
    await publishing.settle(f.db, later, Failed("503", f.now, refused=True))
    await publishing.settle(f.db, bad, GivenUp("404"))
    await publishing.hasten(f.db, f.guild_id, f.now, 5)
    await publishing.failures_of(f.db, f.guild_id)
    await publishing.retry_failures(f.db, f.guild_id, f.now)
    await publishing.forget_place(f.db, f.guild_id, card.key)


async def _mail(f: Forum) -> None:
    async with f.db.write() as tx:
        await inboxes.unsent(tx, f.guild_id, AUTHOR, Rules(), 30)
        await telling.mark_sent(tx, f.guild_id, AUTHOR, 5)
        reader = readers.Reader(f.guild_id, AUTHOR, [CHANNEL])
        await inboxes.inbox(tx, reader, Rules(), Page(8), only_unread=True)


async def _inbox(f: Forum) -> None:
    reader = f.member(AUTHOR)
    inbox = await following.open_inbox(f.db, reader, 0, channels=[CHANNEL], now=f.now)
    await following.note_read(f.db, reader, inbox, now=f.now)
    await news.news_of(f.db, f.guild_id, AUTHOR, now=f.now)


async def _follow(f: Forum) -> None:
    for kind, key in ((FollowKind.QUESTION, str(QUESTION)), (FollowKind.TAG, "tag1")):
        await following.follow(f.db, f.member(2000), kind, key, now=f.now)
    await following.follows(f.db, f.member(2000), channels=[CHANNEL])
    await following.unfollow(f.db, f.member(2000), FollowKind.TAG, "tag1", now=f.now)
    await stopping.stop_messages(f.db, f.guild_id, 2000, QUESTION, now=f.now)


async def _choose(f: Forum) -> None:
    card = await f.card(ANSWER)
    assert await reconciling.follow_pin(f.db, card, pinned=True, now=f.now)
    await choosing.choose_best_answer(f.db, f.member(ASKER), ANSWER, chosen=False, now=f.later())


async def _close(f: Forum) -> None:
    form = closing.ClosingForm(CloseReason.OTHER, note="Done")
    await closing.close_question(f.db, f.manager, QUESTION, form, now=f.later())
    await closing.reopen_question(f.db, f.manager, QUESTION, now=f.later())


async def _moderate(f: Forum) -> None:
    post, mona = ANSWER + 60, f.member(4, is_moderator=True)
    await reporting.report_post(
        f.db, f.member(2000), post, "Spam", by_moderator=False, now=f.later()
    )
    await reporting.hide_post(f.db, mona, post, now=f.later())
    for queue in reporting.Queue:
        await f.review(mona, queue)
    await reporting.hidden_posts(f.db, f.guild_id, "reason", channels=[CHANNEL])
    await reporting.show_post(f.db, mona, post, now=f.later())
    await f.delete(f.manager, ANSWER + 63)
    await erasing.erase_deleted(f.db, now=f.later())


async def _appeal(f: Forum) -> None:
    post, mona, nell = ANSWER + 69, f.member(4, is_moderator=True), f.member(5, is_moderator=True)
    author = f.member(post % 5000 + 1000)
    for undo in (False, True):
        await hide(f, mona, post)
        f.later()
        await appealing.appeal(f.db, author, About.HIDDEN, post, "Why?", now=f.now)
        row = (await appealing.waiting_appeals(f.db, nell, [CHANNEL]))[-1].appeal_id
        [job] = [job for job in await f.jobs(JobKind.APPEAL) if job.key == row]
        assert await appealing.appeal_to_show(f.db, job, f.now)
        await appealing.who_else(f.db, mona, await known(f, row), f.now)
        await decide(f, nell, row, undo=undo)
        await inbox(f, author)
        if not undo:
            await reporting.show_post(f.db, mona, post, now=f.later())
    await appealing.drop_old(f.db, f.later(days=40))


async def _queue(f: Forum) -> None:
    post, mona = ANSWER + 72, f.member(4, is_moderator=True)
    await f.set("moderators_channel", "77")
    await f.set("report_role", "78")
    why = {"by_moderator": False, "now": f.later()}
    await reporting.report_post(f.db, f.member(2000), post, "Spam", **why)
    item = Item(ItemKind.POST, post)
    await queueing.take(f.db, mona, item, now=f.now)
    await queueing.pass_on(f.db, mona, item, now=f.now)
    for queue in reporting.Queue:
        await f.review(mona, queue)
    assert await queueing.find_overdue(f.db, f.guild_id, f.later(days=2))
    [job] = await f.jobs(JobKind.OVERDUE)
    assert await queueing.overdue(f.db, job, f.now)
    await queueing.end_claims(f.db, f.now)
    await reporting.dismiss_reports(f.db, mona, post, now=f.now)


async def _reconcile(f: Forum) -> None:
    await reconciling.note_absence(f.db, [f.guild_id])
    assert await reconciling.due_questions(f.db, f.guild_id)
    await reconciling.note_compared(f.db, f.guild_id, {QUESTION: 1}, f.now)
    await reconciling.thread_to_compare(f.db, f.guild_id, QUESTION)
    await reconciling.question_at(f.db, f.guild_id, 1_000_001)


async def _in_the_background(f: Forum) -> None:
    await mailing.drop_old_notices(f.db, f.now)
    await digesting.claim_digests(f.db, f.now, None)
    await reminding.find_waiting(f.db, f.guild_id, f.now)
    await reminding.nudge_askers(f.db, f.guild_id, f.now)


async def _audit(f: Forum) -> None:
    reader = auditing.Reader(f.member(4, is_moderator=True), [CHANNEL], [501])
    month = f.now - timedelta(days=30)
    for wanted in (
        AuditFilter(),
        AuditFilter(actor_id=3),
        AuditFilter(kind=AuditKind.HIDE),
        AuditFilter(kind=AuditKind.DUTY),
        AuditFilter(post_id=1009),
        AuditFilter(since=month),
        AuditFilter(actor_id=3, kind=AuditKind.SHOW, post_id=ANSWER, since=f.now),
    ):
        await auditing.page_of(f.db, reader, wanted, 2)
    await locking.follow_lock(f.db, f.guild_id, 1_000_000 + QUESTION, locked=True, now=f.now)
    assert await auditing.drop_old(f.db, month + KEPT + timedelta(seconds=200)) > 0


async def _sweep(f: Forum) -> None:
    """All 60 posts of a member, a third of them questions, are hidden and shown again."""
    who = sweeping.Sweeper(f.member(4, is_moderator=True), [CHANNEL])
    wanted = sweeping.Wanted(AUTHOR + 30)
    assert (await sweeping.look_at_shown(f.db, who, wanted)).posts == 60
    sweep = await sweeping.begin_hiding(f.db, who, wanted, now=f.later())
    assert sweep is not None
    assert await sweeping.finish(f.db, sweep, now=f.now) == 60
    assert await sweeping.begin_hiding(f.db, who, wanted, now=f.later()) == sweep
    assert await sweeping.look_at_hidden(f.db, who, wanted.member_id)
    assert await sweeping.to_undo(f.db, who, sweep.sweep_id, f.now)
    await sweeping.begin_showing(f.db, who, wanted.member_id, now=f.later(), undone=sweep)
    assert await sweeping.finish_all(f.db, now=f.now) >= 1


async def _erase(f: Forum) -> None:
    """A member of 60 posts is erased."""
    whose = AUTHOR + 60
    assert (await forgetting.outlook(f.db, f.guild_id, whose)).posts == 60
    await forgetting.begin(f.db, f.guild_id, whose, texts=True, now=f.later())
    assert await forgetting.finish_all(f.db, sealing=None, now=f.now) == 1
    await f.vote(f.member(whose), QUESTION, UP)
    await f.answer(f.member(whose), QUESTION)


async def _leave(f: Forum) -> None:
    """Some left, and what is kept of a member of 60 posts is erased."""
    await f.set("unname_left", "on")
    assert await leaving.look_after(f.db, f.guild_id, f.now)
    served = {f.guild_id, 5}
    looks = await leaving.next_looks(f.db, served, f.later(days=2), 30)
    assert len(looks) == 30
    for found in leaving.Found:
        await leaving.note(f.db, [leaving.Answer(each, found) for each in looks], f.now)
    assert (f.guild_id, looks[0].user_id) in await leaving.gone(f.db, served)
    await leaving.is_back(f.db, f.guild_id, looks[0].user_id, f.now)
    whose = next(each for each in looks[1:] if each.gone_at).user_id
    await leaving.forget(f.db, f.guild_id, whose, now=f.later(days=40))
    async with f.db.read() as tx:
        assert await presences.unknown(tx, f.guild_id, [whose]) == [whose]


async def _recount(f: Forum) -> None:
    """The first posts, of which many figures are wrong here; and the points of some members. All
    members' are compared in a transaction that reads the whole ledger, and holds up nobody."""
    async with aclosing(recounting.corrections(f.db, f.guild_id, now=f.now)) as found:
        async for each in found:
            if each.of > 2 * recounting.PIECE:
                break
    async with f.db.read() as tx:
        assert await counting.wrong_points(tx, f.guild_id, range(2000, 2050))


async def _write_anonymously(f: Forum) -> None:
    await f.set("anonymous", "on")
    alice = member(f)
    await personas.way_to_post(f.db, alice, None, f.now)
    question = await f.ask(await anonymous(f, alice))
    me = await anonymous(f, alice, QUESTION)
    await f.answer(me, QUESTION)
    await f.edit(await anonymous(f, alice, question), question, "More.")
    await f.ask(alice)
    listed = listing.Selection(View.MINE)
    await listing.list_questions(f.db, f.guild_id, listed, **_reader(ALICE), seal=alice.seal)
    await personas.drop_old(f.db, f.later(days=2))


async def _appear_later(f: Forum) -> None:
    await f.set("anonymous", "on")
    await f.set("anonymous_delay", "10")
    alice = member(f)
    for origin in (1, 2):
        await send(f, alice, f"May I cry {origin} here?", origin=origin)
    first, second = await waits_of(f, alice)
    who = (f.db, SEALING, f.guild_id)
    await delaying.take_back(*who, ALICE, first.row_id, now=f.now)
    await delaying.let_go(f.db, f.guild_id, first.row_id)
    assert await delaying.servers_due(f.db, f.later(minutes=10)) == [f.guild_id]
    (found,) = await due(f)
    assert found.row_id == second.row_id
    await delaying.could_not_appear(f.db, SEALING, found, "Late.", now=f.now)
    await send(f, alice, "May I cry 2 here?", origin=2)
    f.later(minutes=10)
    await post_delayed(f, (await due(f))[0])
    await delaying.appeared(f.db, found)
    await delaying.seal_anew(*who)
    await delaying.authors(*who)
    await delaying.count_shut(*who)
    await delaying.drop_shut(*who)


async def _inbox_of_anonymous(f: Forum) -> None:
    await f.set("anonymous", "on")
    alice = member(f)
    question = await f.ask(await anonymous(f, alice), notify=True)
    answer = await f.answer(f.member(2000), question)
    for page in (0, 1):
        inbox = await following.open_inbox(f.db, alice, page, channels=[CHANNEL], now=f.now)
        assert inbox.theirs is not None
        assert inbox.theirs.numbers
        await following.note_read(f.db, alice, inbox, now=f.now)
    assert alice.seal is not None
    await anonymous_inbox.unread(f.db, f.guild_id, alice.seal, [CHANNEL], f.now)
    async with f.db.read() as tx:
        query = "SELECT id FROM notices WHERE post_id = :post AND user_id <= :sealed"
        notice = await tx.scalar(text(query), {"post": answer, "sealed": SEALED})
    assert notice is not None
    job = Job(JobKind.NOTICE, notice, f.guild_id, 1, 0, f.now, Priority.REFRESH, 0)
    await mailing.mail_to_send(f.db, job, f.later(minutes=2), SEALING)
    who = (f.db, f.guild_id, ALICE)
    for post_id in (question, 0):
        await stopping.stop_messages(*who, post_id, notice_id=notice, seal=alice.seal, now=f.now)
    await choosing.leave_open(*who, answer, alice.seal)


async def _unseal(f: Forum) -> None:
    await f.set("anonymous", "on")
    post, opening = await f.ask(await anonymous(f, member(f))), personas.opening(SEALING)
    mona, nell = (member(f, user_id, is_moderator=True) for user_id in (4, 5))
    for person in (mona, nell):
        await unsealing.note_try(f.db, person, now=f.now)
    f.later(days=8)
    why = "They threaten another member with violence."
    await unsealing.ask(f.db, mona, post, why, now=f.now)
    await queueing.review(f.db, nell, Wanted(), closed=[CHANNEL + 1], now=f.now)
    await unsealing.spare(f.db, f.manager, post, now=f.now)
    await unsealing.agree(f.db, nell, post, opening, now=f.now)
    await unsealing.look(f.db, mona, post, opening, now=f.now)
    form = BlockForm(BlockSpan.WEEK)
    await sealed_blocks.block_author(f.db, mona, post, form, opening, now=f.now)
    await sealed_blocks.unblock_author(f.db, mona, post, opening, now=f.now)
    await unsealing.end_due(f.db, f.later(days=4))


async def _round_up(f: Forum) -> None:
    await f.set("roundup_channel", str(CHANNEL))
    await f.set("roundup_hour", "0")
    await f.set("roundup_day", WEEKDAYS[f.later(days=1).weekday() - 6])  # tomorrow's
    assert await rounding_up.begin_round_up(f.db, f.guild_id, f.later(days=1))
    assert await rounding_up.round_up_to_send(f.db, f.guild_id, f.now)
    await rounding_up.round_up_of(f.db, f.guild_id, [CHANNEL], f.now)
    await rounding_up.waiting_for(f.db, f.member(2000), [CHANNEL])
    await rounding_up.leave_out(f.db, f.member(2000), now=f.now)


async def _homes(f: Forum) -> None:
    async with f.db.read() as tx:
        assert await guilds.all_homes(tx, f.guild_id) == {CHANNEL}


async def _look(f: Forum) -> None:
    found = await seeing.look_at_message(f.db, f.guild_id, 1_000_000 + ANSWER)
    assert found
    await browsing.thread_of(f.db, f.guild_id, 1_000_000 + QUESTION)
    await listing.list_answers(f.db, f.guild_id, QUESTION, channels=[CHANNEL])
    for typed in ("", "60", "thing"):
        await browsing.suggest_questions(f.db, f.guild_id, typed, **_reader())
    await asking.similar_questions(f.db, f.guild_id, "How does it work?", **_reader())


ACTS: dict[str, Act] = {
    "look at posts": _look,
    "look for channels": _homes,
    "follow who may read": lambda f: publishing.readers_changed(f.db, f.guild_id, f.now),
    "vote": _vote,
    "ask": lambda f: f.ask(f.member(2000), tags="tag1 tag2"),
    "answer": lambda f: f.answer(f.member(2000), QUESTION),
    "comment": lambda f: commenting.comment_on(
        f.db, f.member(2000), ANSWER, "And earplugs.", origin_id=7, now=f.now
    ),
    "write anonymously": _write_anonymously,
    "appear later": _appear_later,
    "unseal": _unseal,
    "edit": lambda f: f.edit(f.manager, QUESTION, "More.", title="How does this thing work?"),
    "choose": _choose,
    "close": _close,
    "moderate": _moderate,
    "audit": _audit,
    "sweep": _sweep,
    "appeal": _appeal,
    "erase": _erase,
    "leave": _leave,
    "queue": _queue,
    "recount": _recount,
    "follow": _follow,
    "inbox": _inbox,
    "inbox of an anonymous author": _inbox_of_anonymous,
    "mail": _mail,
    "deliver": _deliver,
    "reconcile": _reconcile,
    "in the background": _in_the_background,
    "round up": _round_up,
    "profile": lambda f: browsing.profile(f.db, f.guild_id, AUTHOR),
    "leaderboard": lambda f: browsing.leaderboard(f.db, f.guild_id, AUTHOR),
    "points": lambda f: browsing.points_history(f.db, f.guild_id, AUTHOR),
    "search": _searches(),
    "search misspelt": _search_misspelt,
    "search by tag": _searches(tag="tag1", sort=Sort.NEWEST),
    "search by author": _searches(author_id=AUTHOR),
    **{f"list {view}": _lists(view) for view in View},
    "list by tag": lambda f: listing.list_questions(
        f.db, f.guild_id, listing.Selection(View.HOT, tag="tag1"), **_reader()
    ),
}


ONE_PROCESS = [
    pytest.param(kind, marks=pytest.mark.xdist_group(f"at size on {kind}")) for kind in KINDS
]


@pytest.fixture(scope="module", params=ONE_PROCESS)
def full_url(request: pytest.FixtureRequest, databases: Databases) -> Iterator[str]:
    """A forum with all of these rows, for all tests here."""
    url = databases.new(request.param)
    apart(_filled(url))
    yield url
    databases.drop(url)


async def _filled(url: str) -> None:
    db = Database(url)
    await db.open()
    await Forum(db).open(FREELY)
    await fill(db)
    await db.close()


@pytest.fixture
async def full(full_url: str) -> AsyncIterator[Forum]:
    """The forum, a month later."""
    db = Database(full_url)
    await db.open()
    forum = Forum(db)
    forum.later(days=30)
    yield forum
    await db.close()


async def scans(db: Database, asked: Sequence[tuple[str, Any]]) -> list[str]:
    """The steps by which statements read a large table from end to end, with their statements."""
    found: dict[str, None] = {}
    for statement, parameters in asked:
        if not re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", statement):
            continue
        steps = await plan_of(db, statement, parameters)
        for number, step in enumerate(steps):
            below = steps[number + 1] if number + 1 < len(steps) else ""
            meant = "members.points >" in statement  # a rank counts
            if _reads_all(step, below) and not meant:
                found["\n".join([step.strip(), *steps, statement])] = None
    return list(found)


async def plan_of(db: Database, statement: str, parameters: Any) -> list[str]:
    """The steps of a statement's plan."""
    first = parameters[0] if isinstance(parameters, list) else parameters  # of many rows
    explain = ("EXPLAIN QUERY PLAN " if db.is_sqlite else "EXPLAIN ") + statement
    async with db.read() as tx:
        rows = await tx.run_sync(
            lambda connection: connection.exec_driver_sql(explain, first).all()
        )
    return [str(row[-1]) for row in rows]


# Partial indexes of few rows: what was deleted in the last seven days, what is about to be hidden,
# who left in the last month.
FEW = frozenset({"ix_removals_due", "ix_sweep_posts_waiting", "ix_presences_gone"})


def _reads_all(step: str, below: str) -> bool:
    """Whether a step of a plan reads a large table, or an index of one, from end to end."""
    scan = re.search(r"(?:Seq Scan on|SCAN) (\w+)", step)
    if scan is not None:
        return scan[1] in BIG and not any(name in step for name in FEW)
    index = re.search(r"Index (?:Only )?Scan .*using (\w+) on (\w+)", step)
    if index is None or index[1] in FEW:
        return False
    return index[2] in BIG and "Index Cond" not in below


@pytest.mark.parametrize("act", ACTS)
async def test_no_table_is_read_from_end_to_end(full: Forum, act: str) -> None:
    with asked_of(full.db) as asked:
        await ACTS[act](full)
    assert asked
    found = await scans(full.db, asked)
    assert not found, "\n\n".join(found)


async def test_the_next_posts_are_found_without_looking_at_all(full: Forum) -> None:
    """A recount asks for them thousands of times."""
    with asked_of(full.db) as asked:
        async with full.db.read() as tx:
            assert len(await counting.post_ids(tx, full.guild_id, 60_000, 50)) == 50
    [(statement, parameters)] = [each for each in asked if "posts" in each[0]]
    steps = await plan_of(full.db, statement, parameters)
    assert "ix_posts_server" in "\n".join(steps) or "pk_posts" in "\n".join(steps)
    assert not [step for step in steps if "TEMP B-TREE" in step or "Sort" in step]


async def test_a_scan_is_seen(full: Forum) -> None:
    with asked_of(full.db) as asked:
        async with full.db.read() as tx:
            await tx.rows(text("SELECT count(*) FROM posts WHERE version = :v"), {"v": 3})
    [seen] = await scans(full.db, asked)
    assert "posts" in seen
