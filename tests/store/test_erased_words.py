"""Erased words are nowhere in the bytes of SQLite's files, with any version."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from bot.domain.actors import Actor
from bot.usecases import recounting, searching
from bot.usecases.erasing import erase_deleted
from data import erased_words, search_index
from data.database import Database
from tests.store.faults import counted
from tests.store.forum import CHANNEL, Forum
from tests.support.kinds import on_sqlite

pytestmark = on_sqlite

# It begins like no other word, so that the index stores it whole. It is stemmed.
WORD = "zyxxograph"
OLD, NEW = (3, 40, 1), (3, 42, 0)


def in_the_files(db: Database) -> list[str]:
    """The files of a database with the word in them."""
    assert db.path is not None
    files = sorted(db.path.parent.glob(f"{db.path.name}*"))
    return [file.suffix for file in files if WORD.encode() in file.read_bytes()]


async def told(forum: Forum, bob: Actor) -> int:
    """Post an answer with the word among others, then edit and delete it."""
    question = await forum.ask(forum.member(1), "How do I make maps?")
    answer = await forum.answer(bob, question, f"Ask Karl the {WORD} about it.")
    await forum.set("limit.answers", "1000")
    for number in range(50):
        await forum.answer(forum.member(3), question, f"Another answer, number {number}.")
    await forum.edit(bob, answer, f"Ask Karl the {WORD} again.")
    await forum.delete(bob, answer)
    assert await forum.db.empty_log()
    return answer


async def test_an_erased_word_is_in_no_file(forum: Forum, bob: Actor) -> None:
    await told(forum, bob)
    assert in_the_files(forum.db)
    async with forum.db.read() as tx:
        blocks = await tx.rows(text("SELECT block FROM post_words_data"))
    assert any(WORD.encode() in row[0] for row in blocks) != erased_words.at_once()
    assert await erase_deleted(forum.db, now=forum.later(days=6)) == 0
    assert in_the_files(forum.db)
    assert await erase_deleted(forum.db, now=forum.later(days=2)) == 1
    assert in_the_files(forum.db) == []
    found = await searching.search_posts(
        forum.db,
        forum.guild_id,
        searching.Search("maps"),
        channels=[CHANNEL],
        reader_id=1,
    )
    assert found.findings


async def test_the_log_holds_nothing_of_it_either(forum: Forum, bob: Actor) -> None:
    """While a reader is in the way, that is said."""
    await told(forum, bob)
    async with forum.db.read() as tx:
        await tx.scalar(text("SELECT count(*) FROM posts"))
        await forum.ask(forum.member(5))
        assert not await forum.db.empty_log()
    assert await forum.db.empty_log()
    assert forum.db.path is not None
    assert Path(f"{forum.db.path}-wal").stat().st_size == 0


async def test_it_is_done_in_small_pieces(
    forum: Forum, bob: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It continues after an interruption: the post is still due."""
    monkeypatch.setattr(erased_words, "at_once", lambda: False)
    monkeypatch.setattr(erased_words, "_PAGES", 1)
    await told(forum, bob)
    forum.later(days=8)
    with counted(forum.db) as statements:
        assert await erase_deleted(forum.db, now=forum.now) == 1
    assert len([each for each in statements if "merge" in each]) > 1
    assert in_the_files(forum.db) == []


async def test_nothing_is_merged_where_nothing_is_due(forum: Forum, bob: Actor) -> None:
    await told(forum, bob)
    with counted(forum.db) as statements:
        assert await erase_deleted(forum.db, now=forum.now) == 0
    assert len(statements) == 1


# --- versions of SQLite --------------------------------------------------------------------------


class Spy(sqlite3.Connection):
    """A connection that records statements, and skips those that this version doesn't know."""

    asked: list[str]

    def execute(self, sql: str, *parameters: object) -> sqlite3.Cursor:  # type: ignore[override]
        """Note a statement."""
        self.asked.append(sql)
        if "secure-delete', 1" in sql and not erased_words.at_once():
            sql = "INSERT INTO post_words_config VALUES ('secure-delete', 1)"
        return super().execute(sql, *parameters)  # type: ignore[arg-type]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path, tuple[int, ...]], list[str]]:
    """The statements that a version of SQLite gets when a file is opened."""

    def prepare(path: Path, version: tuple[int, ...]) -> list[str]:
        connect, statements = sqlite3.connect, list[str]()

        def connected(*args: object, **kwargs: object) -> Spy:
            connection = connect(*args, **kwargs, factory=Spy)  # type: ignore[call-overload]
            connection.asked = statements
            return connection

        with monkeypatch.context() as patch:
            patch.setattr(sqlite3, "connect", connected)
            erased_words.prepare(path, version)
        return [each for each in statements if "INSERT" in each or "post_words_config" in each][1:]

    return prepare


async def test_a_newer_version_is_told_once(
    db: Database, asked: Callable[[Path, tuple[int, ...]], list[str]]
) -> None:
    versions = ((3, 8, 11), (3, 41, 2), (3, 42, 0), (3, 50, 4), (4, 0, 0))
    assert [erased_words.at_once(each) for each in versions] == [False, False, True, True, True]
    assert db.path is not None
    erased_words.prepare(db.path, OLD)
    assert asked(db.path, OLD) == []
    on, merged = asked(db.path, NEW)
    assert "'secure-delete', 1" in on
    assert "optimize" in merged
    assert asked(db.path, NEW) == []


async def test_an_older_version_reads_what_a_newer_one_wrote(
    forum: Forum, bob: Actor, asked: Callable[[Path, tuple[int, ...]], list[str]]
) -> None:
    """It says that the file's format is 5, refuses it, and refuses to rebuild it."""
    answer = await told(forum, bob)
    path = forum.db.path
    assert path is not None
    await forum.db.close()
    with closing(sqlite3.connect(path)) as newer, newer:
        newer.execute("INSERT OR REPLACE INTO post_words_config VALUES ('secure-delete', 1)")
        newer.execute("UPDATE post_words_config SET v = 5 WHERE k = 'version'")
    if not erased_words.at_once():
        with closing(sqlite3.connect(path)) as older, pytest.raises(sqlite3.Error, match="format"):
            older.execute("SELECT rowid FROM post_words WHERE post_words MATCH 'map'").fetchall()
    assert "rebuild" in asked(path, OLD)[-1]
    assert asked(path, OLD) == []
    await forum.db.open()
    found = await searching.search_posts(
        forum.db, forum.guild_id, searching.Search("maps"), channels=[CHANNEL], reader_id=1
    )
    assert found.findings
    assert answer
    assert asked(path, NEW), "and back again"


async def test_what_stands_in_the_index_already_is_left_alone(
    forum: Forum, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taking words out at once costs: a recount does so for no post that has not changed."""
    first, second, third = [await forum.ask(forum.member(1)) for _ in range(3)]
    hidden = await forum.ask(forum.member(1))
    await forum.hide(hidden)
    async with forum.db.write() as tx:
        wrong = text("UPDATE post_words SET body = 'wrong' WHERE rowid = :post")
        await tx.execute(wrong, {"post": second})
    left_alone: list[set[int]] = []
    write_rows = search_index.write_rows

    def write(
        connection: Connection,
        rows: list[search_index.IndexRow],
        same: set[int],
    ) -> None:
        left_alone.append(set(same))
        write_rows(connection, rows, same)

    monkeypatch.setattr(search_index, "write_rows", write)
    assert await recounting.recount(forum.db, now=forum.now) == []
    assert left_alone == [{first, third}]
    async with forum.db.read() as tx:
        held = await tx.rows(text("SELECT rowid, body FROM post_words ORDER BY rowid"))
    assert [tuple(row) for row in held] == [(first, ""), (second, ""), (third, "")]
