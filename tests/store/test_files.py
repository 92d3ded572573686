"""Files in the database: from the command to the post of the member who attached them."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

import pytest

from bot.domain.actors import Actor
from bot.domain.errors import Invalid, Problem
from bot.domain.files import GivenFile
from bot.usecases import attaching, publishing
from bot.usecases.erasing import erase_deleted
from data import attachments
from data.drafts import DRAFTS_KEPT
from tests.store.forum import Forum, contents

ROOM = GivenFile("my room.png", "image/png", 4, "https://cdn.example/room")
NOTES = GivenFile("notes.txt", "text/plain", 5, "https://cdn.example/notes")


class Content(attaching.Fetched):
    """A file's content, in two pieces."""

    def __init__(self, file: GivenFile, content: bytes) -> None:
        self._file = replace(file, size=len(content))
        self._content = content

    @property
    def given(self) -> GivenFile:
        return self._file

    def pieces(self) -> list[bytes]:
        return [self._content[:3], self._content[3:]]


@asynccontextmanager
async def fetch(file: GivenFile) -> AsyncIterator[Content]:
    """Discord's answer."""
    yield Content(file, f"from {file.url}".encode())


async def held(forum: Forum, post_id: int) -> list[tuple[str, bytes]]:
    """The content of a post's files that wait to be sent."""
    found: list[tuple[str, bytes]] = []
    for file in await publishing.waiting_files(forum.db, post_id):
        copy = io.BytesIO()
        await publishing.copy_file(forum.db, post_id, file, copy)
        found.append((file.name, copy.getvalue()))
    return found


MUCH = attaching.Room(10**9, 10**9)


def of(person: Actor, file_ids: Sequence[int]) -> attaching.MemberFiles:
    """The files that a person attached."""
    return attaching.MemberFiles(person.guild_id, person.user_id, file_ids)


async def given(forum: Forum, person: Actor, *files: GivenFile) -> tuple[int, ...]:
    """A person attaches files, and their content is fetched."""
    ids = await attaching.keep_files(forum.db, forum.guild_id, person.user_id, files, now=forum.now)
    await attaching.fetch_files(forum.db, of(person, ids), fetch, MUCH, now=forum.now)
    return tuple(ids)


async def test_fetched_files_become_the_posts(forum: Forum, alice: Actor) -> None:
    files = await given(forum, alice, ROOM, NOTES)
    question = await forum.ask(alice, files=files)

    assert await held(forum, question) == [
        ("my_room.png", b"from https://cdn.example/room"),
        ("notes.txt", b"from https://cdn.example/notes"),
    ]
    async with forum.db.read() as tx:
        stored = await attachments.files_of(tx, question)
    assert [(f.content_type, f.kept) for f in stored] == [
        ("image/png", True),
        ("text/plain", True),
    ]
    left = await contents(forum.db)
    assert left["draft_files"] == left["draft_file_pieces"] == []


async def test_a_file_is_kept_under_the_name_that_it_got(forum: Forum, alice: Actor) -> None:
    @asynccontextmanager
    async def redrawn(file: GivenFile) -> AsyncIterator[Content]:
        yield Content(replace(file, name="room.jpg", content_type="image/jpeg"), b"drawn")

    where = (forum.db, forum.guild_id, alice.user_id)
    ids = await attaching.keep_files(*where, [ROOM], now=forum.now)
    await attaching.fetch_files(forum.db, of(alice, ids), redrawn, MUCH, now=forum.now)
    (kept,) = (await contents(forum.db))["draft_files"]
    assert ROOM.url not in map(str, kept), "its address in Discord is forgotten"
    question = await forum.ask(alice, files=tuple(ids))
    assert await held(forum, question) == [("room.jpg", b"drawn")]
    async with forum.db.read() as tx:
        (stored,) = await attachments.files_of(tx, question)
    assert (stored.content_type, stored.size) == ("image/jpeg", 5)


async def test_files_that_will_not_be_posted_are_dropped(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    (alices,), (bobs,) = await given(forum, alice, ROOM), await given(forum, bob, NOTES)
    await attaching.drop_files(forum.db, of(alice, [alices, bobs]), now=forum.now)
    left = await contents(forum.db)
    assert [row[0] for row in left["draft_files"]] == [str(bobs)]
    assert {row[0] for row in left["draft_file_pieces"]} == {str(bobs)}


async def test_what_was_fetched_is_not_fetched_again(forum: Forum, alice: Actor) -> None:
    def never(file: GivenFile) -> AbstractAsyncContextManager[attaching.Fetched]:
        raise AssertionError(file)

    files = await given(forum, alice, ROOM)
    await attaching.fetch_files(forum.db, of(alice, files), never, MUCH, now=forum.now)


async def test_a_file_that_was_not_fetched_is_not_attached(forum: Forum, alice: Actor) -> None:
    where = (forum.db, forum.guild_id, alice.user_id)
    files = await attaching.keep_files(*where, [ROOM], now=forum.now)
    before = await contents(forum.db)
    with pytest.raises(Invalid) as refused:
        await forum.ask(alice, files=tuple(files))
    assert refused.value.reason is Problem.FILE_LOST
    assert await contents(forum.db) == before, "a refused question leaves nothing"


async def test_files_of_others_are_not_attached(
    forum: Forum, elsewhere: Forum, alice: Actor, bob: Actor
) -> None:
    files = await given(forum, alice, ROOM)
    for other, person in ((forum, bob), (elsewhere, elsewhere.member(alice.user_id))):
        with pytest.raises(Invalid) as refused:
            await other.ask(person, files=files)
        assert refused.value.reason is Problem.FILE_LOST
    await forum.ask(alice, files=files)


async def test_too_much_together(forum: Forum, alice: Actor) -> None:
    @asynccontextmanager
    async def large(file: GivenFile) -> AsyncIterator[Content]:
        yield Content(file, b"x" * (6 * 2**20))

    where = (forum.db, forum.guild_id, alice.user_id)
    ids = [(await attaching.keep_files(*where, [file], now=forum.now))[0] for file in (ROOM, NOTES)]
    await attaching.fetch_files(forum.db, of(alice, ids), large, MUCH, now=forum.now)
    with pytest.raises(Invalid) as refused:
        await forum.ask(alice, files=tuple(ids))
    assert refused.value.reason is Problem.FILES_TOO_BIG


async def test_once_each(forum: Forum, alice: Actor, question: int) -> None:
    files = await given(forum, alice, ROOM)
    await forum.answer(alice, question, files=files)
    with pytest.raises(Invalid):
        await forum.answer(alice, question, files=files)


async def test_files_that_are_never_sent_are_erased_after_a_week(
    forum: Forum, alice: Actor
) -> None:
    files = await given(forum, alice, ROOM)
    forum.later(seconds=DRAFTS_KEPT.total_seconds() + 1)
    await given(forum, alice, NOTES)
    with pytest.raises(Invalid):
        await forum.ask(alice, files=files)


async def test_only_the_newest_files_are_kept(forum: Forum, alice: Actor, bob: Actor) -> None:
    (bobs,) = await given(forum, bob, NOTES)
    all_of_them = [(await given(forum, alice, ROOM))[0] for _ in range(attachments.GIVEN_MAX + 2)]
    async with forum.db.read() as tx:
        where = (tx, forum.guild_id)
        assert set(await attachments.given(*where, alice.user_id, all_of_them)) == set(
            all_of_them[2:]
        )
        assert list(await attachments.given(*where, bob.user_id, [bobs])) == [bobs]


async def test_the_content_of_files_is_erased_with_a_deleted_post(
    forum: Forum, alice: Actor, question: int
) -> None:
    answer = await forum.answer(alice, question, files=await given(forum, alice, ROOM))
    await forum.delete(alice, answer)
    assert len(await held(forum, answer)) == 1  # should it come back
    await erase_deleted(forum.db, now=forum.later(days=7))
    async with forum.db.read() as tx:
        assert await attachments.files_of(tx, answer) == []
    assert (await contents(forum.db))["attachment_pieces"] == []


async def kept_bytes(forum: Forum) -> int:
    async with forum.db.read() as tx:
        return await attachments.bytes_waiting(tx, forum.guild_id)


async def test_waiting_files_are_limited_per_member_and_server(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    room = attaching.Room(member=100, server=250)
    picture = GivenFile("big.png", "image/png", 40, "https://cdn.example/big")

    @asynccontextmanager
    async def fetch(file: GivenFile) -> AsyncIterator[Content]:
        yield Content(file, b"x" * 40)

    async def one(person: Actor) -> int:
        where = (forum.db, forum.guild_id, person.user_id)
        (file_id,) = await attaching.keep_files(*where, [picture], now=forum.now)
        await attaching.fetch_files(forum.db, of(person, [file_id]), fetch, room, now=forum.now)
        return file_id

    given = [await one(alice) for _ in range(5)]
    assert await kept_bytes(forum) == 80  # the newest two
    async with forum.db.read() as tx:
        left = await attachments.given(tx, forum.guild_id, alice.user_id, given)
    assert sorted(left) == given[-2:]

    for n in range(2):
        for _ in range(2):
            await one(forum.member(100 + n))
    assert await kept_bytes(forum) == 240
    with pytest.raises(Invalid, match=Problem.NO_ROOM):
        await one(bob)
    assert await kept_bytes(forum) == 240


async def test_a_file_that_is_larger_than_announced_must_have_room_too(
    forum: Forum, alice: Actor
) -> None:
    room = attaching.Room(member=100, server=50)
    small = GivenFile("small.png", "image/png", 1, "https://cdn.example/small")

    @asynccontextmanager
    async def fetch(file: GivenFile) -> AsyncIterator[Content]:
        yield Content(file, b"x" * 60)

    where = (forum.db, forum.guild_id, alice.user_id)
    ids = await attaching.keep_files(*where, [small], now=forum.now)
    with pytest.raises(Invalid, match=Problem.NO_ROOM):
        await attaching.fetch_files(forum.db, of(alice, ids), fetch, room, now=forum.now)
    assert await kept_bytes(forum) == 0
