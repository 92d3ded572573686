"""Nothing of who writes anonymously is in the bytes of SQLite's files: the file with its freed
pages, its log and the log's index."""

from __future__ import annotations

import pytest

from bot.domain.actors import Actor
from data.database import Database
from tests.store.forum import Forum
from tests.store.test_sealed import story
from tests.support.anonymous import ALICE, member
from tests.support.delayed import WORDS, send, waits_of
from tests.support.kinds import on_sqlite

pytestmark = on_sqlite
NAME = "Xylonympha"


@pytest.fixture
async def forum(db: Database) -> Forum:
    return await Forum(db).open({"anonymous": "on"})


@pytest.fixture
def alice(forum: Forum) -> Actor:
    """Who never does anything by name."""
    return member(forum, ALICE, name=NAME, avatar="a_0123")


def found(db: Database, **others: str) -> set[str]:
    """What of her is in the files. SQLite stores numbers big-endian."""
    assert db.path is not None
    held = b"".join(each.read_bytes() for each in db.path.parent.glob(f"{db.path.name}*"))
    size = (ALICE.bit_length() + 7) // 8
    traces = {
        "digits": str(ALICE).encode(),
        "big-endian": ALICE.to_bytes(size, "big"),
        "little-endian": ALICE.to_bytes(size, "little"),
        "name": NAME.encode(),
        "avatar": b"a_0123",
    } | {what: words.encode() for what, words in others.items()}
    return {what for what, trace in traces.items() if trace in held}


async def test_nothing_of_an_author_is_in_the_files(forum: Forum, alice: Actor) -> None:
    await story(forum, alice)
    assert found(forum.db, posted="May I cry here") == {"posted"}
    assert await forum.db.empty_log()
    assert found(forum.db, posted="May I cry here") == {"posted"}


async def test_nor_is_what_waits(forum: Forum, alice: Actor) -> None:
    await forum.set("anonymous_delay", "10")
    await send(forum, alice, "Does anybody hear this?", origin=71)
    assert await waits_of(forum, alice)
    assert found(forum.db, words=WORDS, title="anybody hear") == set()


async def test_by_name_it_would_be_found(forum: Forum, alice: Actor) -> None:
    await forum.ask(alice)
    assert found(forum.db) >= {"big-endian", "name"}
