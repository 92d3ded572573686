"""After an erasure nothing of a member is in the bytes of SQLite's files: neither their id, in
digits or as a number, nor their name, nor, where asked, their words."""

from __future__ import annotations

import pytest

from bot.domain.actors import Actor
from bot.usecases import forgetting
from data.database import Database
from tests.store.forum import Forum
from tests.store.test_forgetting import (
    NAME,
    NOOR,
    WORDS,
    everything_of,
    take_reactions_off,
)
from tests.support.kinds import on_sqlite

pytestmark = on_sqlite


@pytest.fixture
def noor(forum: Forum) -> Actor:
    """Who is erased."""
    return forum.member(NOOR, name=NAME, avatar="a_0123", is_moderator=True)


def traces() -> dict[str, bytes]:
    """What a member can be found by in bytes. SQLite stores numbers big-endian."""
    size = (NOOR.bit_length() + 7) // 8
    return {
        "digits": str(NOOR).encode(),
        "big-endian": NOOR.to_bytes(size, "big"),
        "little-endian": NOOR.to_bytes(size, "little"),
        "name": NAME.encode(),
        "stem of the name": NAME[:-2].lower().encode(),
        "words": WORDS.encode(),
        "words in the index": WORDS.lower().encode(),
    }


def found(db: Database) -> set[str]:
    """What of a member is in the files of a database: the file with its freed pages, and its
    log."""
    assert db.path is not None
    files = sorted(db.path.parent.glob(f"{db.path.name}*"))
    assert f"{db.path.name}-wal" in {file.name for file in files}
    held = b"".join(file.read_bytes() for file in files)
    return {what for what, trace in traces().items() if trace in held}


async def test_nothing_of_a_member_is_in_the_files(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor
) -> None:
    await everything_of(forum, noor, alice, bob)
    assert await forum.db.empty_log()
    before = found(forum.db)
    assert before >= {"digits", "big-endian", "name", "words"}
    await forgetting.begin(forum.db, forum.guild_id, NOOR, texts=True, now=forum.now)
    await forgetting.finish(forum.db, forum.guild_id, NOOR, sealing=None, now=forum.now)
    await take_reactions_off(forum)
    assert await forum.db.empty_log()
    assert found(forum.db) == set()


async def test_texts_that_stay_are_all_that_is_left(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor
) -> None:
    await everything_of(forum, noor, alice, bob)
    await forgetting.begin(forum.db, forum.guild_id, NOOR, texts=False, now=forum.now)
    await forgetting.finish(forum.db, forum.guild_id, NOOR, sealing=None, now=forum.now)
    await take_reactions_off(forum)
    assert await forum.db.empty_log()
    assert found(forum.db) <= {"words", "words in the index"}
