"""Blocking the author of an anonymous post, whom nobody learns."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.domain.actors import Actor
from bot.domain.audit import AuditFilter
from bot.domain.blocks import BlockSpan
from bot.domain.errors import Denial, Denied, Missing, NotFound
from bot.domain.notices import NoticeKind
from bot.usecases import auditing, personas, sealed_blocks
from bot.usecases.blocking import BlockForm
from data.models import Base, Notice, PostBlock
from tests.store.forum import Forum
from tests.support.anonymous import ALICE, anonymous, member, persona_of, rows_with, themselves
from tests.support.keys import SEALING


@pytest.fixture
async def forum(db: Any) -> Forum:
    """A server with anonymous posts."""
    made = await Forum(db).open({"anonymous": "on"})
    made.later(seconds=17, microseconds=123_456)
    return made


@pytest.fixture
def mona(forum: Forum) -> Actor:
    """A moderator."""
    return member(forum, 50, is_moderator=True)


async def block(
    forum: Forum, person: Actor, post: int, span: BlockSpan = BlockSpan.FOR_GOOD
) -> Any:
    opening, form = personas.opening(SEALING), BlockForm(span, "Threats")
    return await sealed_blocks.block_author(forum.db, person, post, form, opening, now=forum.now)


async def unblock(forum: Forum, person: Actor, post: int) -> None:
    opening = personas.opening(SEALING)
    await sealed_blocks.unblock_author(forum.db, person, post, opening, now=forum.now)


async def dump(forum: Forum) -> dict[str, list[tuple[Any, ...]]]:
    found: dict[str, list[tuple[Any, ...]]] = {}
    async with forum.db.read() as tx:
        for table in Base.metadata.sorted_tables:
            found[table.name] = [tuple(row) for row in await tx.rows(select(table))]
    return found


async def test_it_stops_anonymous_posts_alone(forum: Forum, mona: Actor) -> None:
    alice = member(forum)
    post = await forum.ask(await anonymous(forum, alice))
    before = rows_with(await dump(forum), ALICE)
    await block(forum, mona, post)
    with pytest.raises(Denied, match=Denial.BLOCKED_ANONYMOUS):
        await forum.ask(await anonymous(forum, alice))
    with pytest.raises(Denied, match=Denial.BLOCKED_ANONYMOUS):
        await forum.edit(await anonymous(forum, alice, post), post, "Other words.")
    assert rows_with(await dump(forum), ALICE) == before
    assert await forum.ask(alice)  # by name
    assert await forum.ask(await anonymous(forum, member(forum, 77)))  # another one
    await unblock(forum, mona, post)
    assert await forum.ask(await anonymous(forum, alice))


async def test_its_row_names_no_post_and_no_time(forum: Forum, mona: Actor) -> None:
    alice = member(forum)
    post = await forum.ask(await anonymous(forum, alice))
    for _ in range(2):
        ended = await block(forum, mona, post, BlockSpan.DAY)
    assert (ended.until.hour, ended.until.minute, ended.until.microsecond) == (0, 0, 0)
    assert ended.until > forum.now
    async with forum.db.read() as tx:
        rows = await tx.rows(select(PostBlock.id, PostBlock.salt, PostBlock.handle))
    assert len(rows) == len({row[2] for row in rows}) == len({row[1] for row in rows}) == 2
    number = (await persona_of(forum, alice, post)).number
    assert not [r for r in (await dump(forum))["post_blocks"] if {post, number} & set(r)]
    forum.now = ended.until
    assert await forum.ask(await anonymous(forum, alice))


async def test_the_author_alone_is_told(forum: Forum, mona: Actor) -> None:
    alice = member(forum)
    post = await forum.ask(await anonymous(forum, alice))
    await block(forum, mona, post)
    number = (await persona_of(forum, alice, post)).number
    async with forum.db.read() as tx:
        told = await tx.rows(select(Notice.user_id).where(Notice.kind == NoticeKind.SILENCED))
    assert [row[0] for row in told] == [number]


async def test_moderators_take_no_notice_of_whom(forum: Forum, mona: Actor) -> None:
    """The same happens for a moderator's post, and where nobody can know any more."""
    nell = member(forum, 51, is_moderator=True)
    lost = await forum.ask(await anonymous(forum, member(forum)))
    theirs = await forum.ask(await anonymous(forum, nell))
    number = (await persona_of(forum, member(forum), lost)).number
    async with forum.db.write() as tx:
        table = Base.metadata.tables["personas"]
        await tx.execute(table.update().where(table.c.number == number).values(box=b"1" * 37))
    ended = [await block(forum, mona, post, BlockSpan.WEEK) for post in (lost, theirs)]
    assert ended[0] == ended[1]
    for post in (lost, theirs):
        await unblock(forum, mona, post)
    reader = auditing.Reader(mona, (), ())
    lines = (await auditing.page_of(forum.db, reader, AuditFilter(), 0)).lines
    assert all(line.entry.subject_id is None for line in lines)
    kinds = [line.entry.kind for line in lines][:4]
    assert kinds == ["unblock", "unblock", "block", "block"]


async def test_moderators_are_blocked_like_everybody(forum: Forum, mona: Actor) -> None:
    nell = member(forum, 51, is_moderator=True)
    post = await forum.ask(await anonymous(forum, nell))
    await block(forum, mona, post)
    with pytest.raises(Denied, match=Denial.BLOCKED_ANONYMOUS):
        await forum.ask(await anonymous(forum, nell))
    with pytest.raises(Denied, match=Denial.OWN_BLOCK):
        await unblock(forum, await themselves(forum, nell, post), post)


async def test_who_may_and_what(forum: Forum, mona: Actor) -> None:
    named = await forum.ask(forum.member(2))
    sealed = await forum.ask(await anonymous(forum, member(forum)))
    with pytest.raises(NotFound, match=Missing.POST):
        await block(forum, mona, named)
    for act in (block, unblock):
        with pytest.raises(Denied, match=Denial.NOT_MODERATOR):
            await act(forum, member(forum, 60, is_manager=True), sealed)
    with pytest.raises(Denied, match=Denial.NO_KEY):
        await sealed_blocks.unblock_author(forum.db, mona, sealed, None, now=forum.now)
