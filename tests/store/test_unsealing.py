"""Unsealing: two moderators see who wrote an anonymous post, and no row says who it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.domain.actors import Actor
from bot.domain.audit import AuditFilter, AuditKind
from bot.domain.errors import Denial, Denied, Invalid, Problem
from bot.domain.notices import NoticeKind
from bot.domain.outbox import JobKind
from bot.domain.review import Item, ItemKind, ReportReason
from bot.domain.unsealing import OPEN_FOR, SPARED_FOR, Outcome
from bot.usecases import auditing, personas, queueing, reporting, unsealing
from bot.usecases.queueing import Wanted
from bot.usecases.reporting import Queue
from data import unsealing as rows
from data.models import Base, ModeratorRow, Notice, UnsealRequest
from tests.store.forum import Forum
from tests.support.anonymous import ALICE, anonymous, member, persona_of, rows_with, themselves
from tests.support.keys import SEALING

WHY = "They threaten another member with violence."


@pytest.fixture
async def forum(db: Any) -> Forum:
    """A server with anonymous posts and two moderators whom the bot has known for two weeks."""
    made = await Forum(db).open({"anonymous": "on"})
    for user_id in (50, 51):
        await unsealing.note_try(db, moderator(made, user_id), now=made.now)
    made.later(days=14, seconds=17, microseconds=123_456)
    return made


def moderator(forum: Forum, user_id: int = 50, **rights: Any) -> Actor:
    return member(forum, user_id, is_moderator=True, **rights)


@pytest.fixture
async def post(forum: Forum) -> int:
    """A question that Alice asked anonymously."""
    return await forum.ask(await anonymous(forum, member(forum), name="Quiet Otter"))


async def ask(forum: Forum, post: int, person: Actor | None = None, why: str = WHY) -> Any:
    who = person or moderator(forum)
    return await unsealing.ask(forum.db, who, post, why, now=forum.now)


async def agree(forum: Forum, post: int, person: Actor | None = None) -> unsealing.Seen:
    who, opening = person or moderator(forum, 51), personas.opening(SEALING)
    return await unsealing.agree(forum.db, who, post, opening, now=forum.now)


async def look(forum: Forum, post: int, person: Actor | None = None) -> unsealing.Seen:
    who, opening = person or moderator(forum), personas.opening(SEALING)
    return await unsealing.look(forum.db, who, post, opening, now=forum.now)


async def dump(forum: Forum) -> dict[str, list[tuple[Any, ...]]]:
    found: dict[str, list[tuple[Any, ...]]] = {}
    async with forum.db.read() as tx:
        for table in Base.metadata.sorted_tables:
            found[table.name] = [tuple(row) for row in await tx.rows(select(table))]
    return found


async def told(forum: Forum, post: int) -> int:
    """How often the post's author is told that they were unsealed."""
    number = (await persona_of(forum, member(forum), post)).number
    async with forum.db.read() as tx:
        theirs = (Notice.user_id == number, Notice.kind == NoticeKind.UNSEALED)
        return len(await tx.rows(select(Notice.id).where(*theirs)))


async def log(forum: Forum) -> list[tuple[int | None, dict[str, str], str]]:
    """What the audit log says of unsealing, the oldest first."""
    reader = auditing.Reader(moderator(forum), (), ())
    page = await auditing.page_of(forum.db, reader, AuditFilter(kind=AuditKind.UNSEAL), 0)
    assert all(line.entry.subject_id is None for line in page.lines)
    return [
        (line.entry.actor_id, dict(line.entry.after), line.entry.reason)
        for line in reversed(page.lines)
    ]


async def waiting(forum: Forum, queue: Queue = Queue.ALL, **where: Any) -> list[int]:
    """The posts whose requests wait in the queue."""
    page = await queueing.review(forum.db, moderator(forum), Wanted(queue), now=forum.now, **where)
    return [] if page is None or page.request is None else [page.request.post_id]


async def test_each_of_two_sees_once_who_it_was(forum: Forum, post: int) -> None:
    request = await ask(forum, post)
    assert request.expires == forum.now + OPEN_FOR
    assert await waiting(forum) == await waiting(forum, Queue.UNSEALING) == [post]
    assert [job.key for job in await forum.jobs(JobKind.UNSEAL)] == [post]
    with pytest.raises(Denied, match=Denial.UNSEALING_OVER):
        await look(forum, post)
    forum.later(hours=1)
    seen = await agree(forum, post)
    assert seen.member_id == ALICE
    assert str(ALICE) not in repr(seen)
    assert await told(forum, post) == 1
    assert await waiting(forum) == []
    for again in (agree, look):
        with pytest.raises(Denied):
            await again(forum, post, moderator(forum, 51))
    forum.later(hours=23)
    assert (await look(forum, post)).member_id == ALICE
    with pytest.raises(Denied, match=Denial.UNSEALING_OVER):
        await look(forum, post)
    assert await log(forum) == [
        (50, {"unseal": "asked"}, WHY),
        (51, {"unseal": "agreed"}, ""),
    ]


async def test_no_row_says_who_it_was(forum: Forum, post: int) -> None:
    before = rows_with(await dump(forum), ALICE)
    await ask(forum, post)
    await agree(forum, post)
    await look(forum, post)
    assert rows_with(await dump(forum), ALICE) == before
    forum.later(days=3)
    await unsealing.end_due(forum.db, forum.now)
    assert rows_with(await dump(forum), ALICE) == before


async def test_who_asked_can_look_for_a_day(forum: Forum, post: int) -> None:
    await ask(forum, post)
    await agree(forum, post)
    forum.later(hours=24)
    with pytest.raises(Denied, match=Denial.UNSEALING_OVER):
        await look(forum, post)


async def test_one_moderator_alone_sees_nothing(forum: Forum, post: int) -> None:
    await ask(forum, post)
    with pytest.raises(Denied, match=Denial.ASKED_BY_YOU):
        await agree(forum, post, moderator(forum))
    for person in (
        member(forum, 60),
        member(forum, 61, is_manager=True),
        member(forum, 62, access=None),
    ):
        for act in (ask, agree, look):
            with pytest.raises(Denied, match=Denial.NOT_MODERATOR):
                await act(forum, post, person)
        with pytest.raises(Denied, match=Denial.NOT_MODERATOR):
            await unsealing.refuse(forum.db, person, post, now=forum.now)
    assert await told(forum, post) == 0
    assert len(await log(forum)) == 1


async def test_who_reported_it_takes_no_part(forum: Forum, post: int) -> None:
    for user_id in (50, 51):
        await reporting.report_post(
            forum.db,
            moderator(forum, user_id),
            post,
            "",
            by_moderator=True,
            now=forum.now,
            why=ReportReason.WORRIED if user_id == 50 else ReportReason.UNKIND,
        )
    with pytest.raises(Denied, match=Denial.REPORTED_BY_YOU):
        await ask(forum, post)
    third = moderator(forum, 52)
    await unsealing.note_try(forum.db, third, now=forum.now)
    forum.later(days=7)
    await ask(forum, post, third)
    with pytest.raises(Denied, match=Denial.REPORTED_BY_YOU):
        await agree(forum, post)


async def test_its_author_takes_no_part(forum: Forum) -> None:
    author = moderator(forum, 52)
    await unsealing.note_try(forum.db, author, now=forum.now)
    post = await forum.ask(await anonymous(forum, author))
    forum.later(days=8)
    me = await themselves(forum, author, post)
    with pytest.raises(Denied, match=Denial.OWN_UNSEAL):
        await ask(forum, post, me)
    await ask(forum, post)
    with pytest.raises(Denied, match=Denial.OWN_UNSEAL):
        await agree(forum, post, me)
    with pytest.raises(Denied, match=Denial.OWN_UNSEAL):
        await unsealing.refuse(forum.db, me, post, now=forum.now)


async def test_moderators_are_known_for_a_week_first(forum: Forum, post: int) -> None:
    new = moderator(forum, 52)
    with pytest.raises(Denied, match=Denial.MODERATOR_TOO_NEW) as refused:
        await ask(forum, post, new)
    assert refused.value.data["until"] == forum.now + timedelta(days=7)
    await forum.hide(post)
    await reporting.show_post(forum.db, new, post, now=forum.now)  # any act as a moderator counts
    forum.later(days=6, hours=23)
    with pytest.raises(Denied, match=Denial.MODERATOR_TOO_NEW):
        await ask(forum, post, new)
    forum.later(hours=1)
    await ask(forum, post, new)


async def test_who_was_away_for_long_begins_anew(forum: Forum, post: int) -> None:
    forum.later(days=91)
    with pytest.raises(Denied, match=Denial.MODERATOR_TOO_NEW):
        await ask(forum, post)
    await unsealing.note_try(forum.db, moderator(forum), now=forum.now)
    with pytest.raises(Denied, match=Denial.MODERATOR_TOO_NEW):
        await ask(forum, post)
    await unsealing.end_due(forum.db, forum.now)
    async with forum.db.read() as tx:
        known = {row[0] for row in await tx.rows(select(ModeratorRow.user_id))}
    assert known & {50, 51} == {50}


@pytest.mark.parametrize("act", ["edit a post of another", "change a setting"])
async def test_managers_and_moderators_of_a_channel_arent_known_for_it(
    forum: Forum, post: int, act: str
) -> None:
    manager = member(forum, 61, is_manager=True)
    if act == "change a setting":
        forum.manager = manager
        await forum.set("downvotes", "off")
    else:
        await forum.set("privilege.edit_others", "0")
        question = await forum.ask(forum.member(2))
        await forum.edit(member(forum, 61), question, "Other words.")
    async with forum.db.read() as tx:
        assert await rows.known_since(tx, forum.guild_id, 61, forum.now) is None


async def test_a_reason_says_something(forum: Forum, post: int) -> None:
    for why in ("because", "  because   .  ", "x" * 19):
        with pytest.raises(Invalid, match=Problem.TOO_SHORT):
            await ask(forum, post, why=why)
    with pytest.raises(Invalid, match=Problem.TOO_LONG):
        await ask(forum, post, why="x" * 201)


async def test_nobody_agrees_after_a_day(forum: Forum, post: int) -> None:
    await ask(forum, post)
    forum.later(hours=24)
    with pytest.raises(Denied, match=Denial.UNSEALING_OVER):
        await agree(forum, post)
    assert await waiting(forum) == []
    await unsealing.end_due(forum.db, forum.now)
    assert (await log(forum))[-1] == (None, {"unseal": "ran out"}, "")
    before = len(await log(forum))
    await unsealing.end_due(forum.db, forum.now)
    assert len(await log(forum)) == before
    assert await told(forum, post) == 0


async def test_a_refusal_ends_it(forum: Forum, post: int) -> None:
    await ask(forum, post)
    ended = await unsealing.refuse(forum.db, moderator(forum, 51), post, now=forum.now)
    assert ended.outcome is Outcome.REFUSED
    with pytest.raises(Denied, match=Denial.UNSEALING_OVER):
        await agree(forum, post)
    with pytest.raises(Denied, match=Denial.UNSEALING_OVER):
        await look(forum, post)
    assert await told(forum, post) == 0
    assert (await log(forum))[-1] == (51, {"unseal": "refused"}, "")


async def test_there_are_three_a_day(forum: Forum, post: int) -> None:
    for _ in range(3):
        await ask(forum, post)
        with pytest.raises(Denied, match=Denial.UNSEALING_OPEN):
            await ask(forum, post)
        await unsealing.refuse(forum.db, moderator(forum, 51), post, now=forum.now)
        forum.later(hours=1)
    other = await forum.ask(await anonymous(forum, member(forum)))
    with pytest.raises(Denied, match=Denial.UNSEALING_LIMIT):
        await ask(forum, other, moderator(forum, 51))
    forum.later(hours=21)
    await ask(forum, other, moderator(forum, 51))


async def test_the_author_is_told_later_where_a_manager_sees_danger(
    forum: Forum, post: int
) -> None:
    await ask(forum, post)
    with pytest.raises(Denied, match=Denial.NOT_MANAGER):
        await unsealing.spare(forum.db, moderator(forum), post, now=forum.now)
    manager = member(forum, 61, is_manager=True)
    for _ in range(2):
        await unsealing.spare(forum.db, manager, post, now=forum.now)
    await agree(forum, post)
    assert [each[1]["unseal"] for each in await log(forum)] == ["asked", "danger", "agreed"]
    assert await told(forum, post) == 0
    forum.later(hours=71)
    await unsealing.end_due(forum.db, forum.now)
    assert await told(forum, post) == 0
    forum.later(hours=1)
    assert forum.now > SPARED_FOR + forum.now - timedelta(hours=72, minutes=1)
    await unsealing.end_due(forum.db, forum.now)
    assert await told(forum, post) == 1
    await unsealing.end_due(forum.db, forum.now)
    async with forum.db.read() as tx:
        assert not await tx.rows(select(UnsealRequest.post_id))


async def test_an_ended_request_goes_after_a_day(forum: Forum, post: int) -> None:
    await ask(forum, post)
    await agree(forum, post)
    forum.later(hours=23)
    await unsealing.end_due(forum.db, forum.now)
    async with forum.db.read() as tx:
        assert await tx.rows(select(UnsealRequest.post_id))
    forum.later(hours=2)
    await unsealing.end_due(forum.db, forum.now)
    async with forum.db.read() as tx:
        assert not await tx.rows(select(UnsealRequest.post_id))


async def test_posts_with_a_name_are_refused(forum: Forum) -> None:
    question = await forum.ask(forum.member(2))
    with pytest.raises(Denied, match=Denial.NOT_ANONYMOUS):
        await ask(forum, question)


async def test_a_server_can_do_without(forum: Forum, post: int) -> None:
    await ask(forum, post)
    await forum.set("unsealing", "off")
    with pytest.raises(Denied, match=Denial.UNSEALING_OFF):
        await agree(forum, post)
    with pytest.raises(Denied, match=Denial.UNSEALING_OFF):
        await ask(forum, await forum.ask(await anonymous(forum, member(forum))))


async def test_switched_on_again_it_is_for_posts_after_a_week(forum: Forum, post: int) -> None:
    await forum.set("unsealing", "off")
    meanwhile = await forum.ask(await anonymous(forum, member(forum)))
    forum.later(hours=1)
    await forum.set("unsealing", "on")
    [job] = await forum.jobs(JobKind.UNSEALING)
    assert job.key == forum.guild_id
    warned = await forum.ask(await anonymous(forum, member(forum)))
    forum.later(days=6, hours=23)
    for each in (post, meanwhile, warned):
        with pytest.raises(Denied, match=Denial.UNSEALING_LATER):
            await ask(forum, each)
    forum.later(hours=1, minutes=1)
    later = await forum.ask(await anonymous(forum, member(forum)))
    await ask(forum, later)
    for each in (post, meanwhile, warned):
        with pytest.raises(Denied, match=Denial.UNSEALING_LATER):
            await ask(forum, each)


async def test_a_moderator_takes_it_in_the_queue(forum: Forum, post: int) -> None:
    await ask(forum, post)
    item = Item(ItemKind.UNSEAL, post)
    await queueing.take(forum.db, moderator(forum, 51), item, now=forum.now)
    page = await queueing.review(forum.db, moderator(forum), Wanted(), now=forum.now)
    assert page is not None
    assert page.claim is not None
    assert page.claim.user_id == 51
    await agree(forum, post)
    with pytest.raises(Denied, match=Denial.UNSEALING_OVER):
        await queueing.take(forum.db, moderator(forum, 51), item, now=forum.now)


async def test_where_nobody_can_know_it_says_so(forum: Forum, post: int) -> None:
    number = (await persona_of(forum, member(forum), post)).number
    async with forum.db.write() as tx:
        table = Base.metadata.tables["personas"]
        await tx.execute(table.update().where(table.c.number == number).values(box=b"1" * 37))
    await ask(forum, post)  # one moderator alone doesn't learn it
    assert (await agree(forum, post)).member_id is None


async def test_without_a_key_nothing_is_decided(forum: Forum, post: int) -> None:
    await ask(forum, post)
    with pytest.raises(Denied, match=Denial.NO_KEY):
        await unsealing.agree(forum.db, moderator(forum, 51), post, None, now=forum.now)
    assert (await agree(forum, post)).member_id == ALICE
