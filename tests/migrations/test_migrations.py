"""A database that an earlier version wrote comes up to date, whole or not at all."""

from __future__ import annotations

import ast
import io
import json
import os
import re
import sqlite3
import time
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, inspect, text

from bot.domain.actors import Access, Actor
from bot.domain.posts import CloseReason
from bot.domain.queries import parse_query
from bot.domain.voting import Ballot, VoteSource
from bot.usecases import browsing, following, publishing, recounting, stopping
from bot.usecases.asking import similar_questions
from bot.usecases.closing import ClosingForm, close_question
from bot.usecases.editing import EditForm, edit_post
from bot.usecases.erasing import erase_deleted
from bot.usecases.recounting import finish_recounts
from bot.usecases.voting import cast_votes
from data import attachments, guilds, migrating, search
from data.database import Database
from data.models import Base
from data.paging import Page
from tests.support.unreachable import writing_by

FOLDER = Path(migrating.__file__).parent / "migrations"
GUILD, ALICE = 4_000_000_000_000_000_001, 4_000_000_000_000_000_002
WHEN = 1_790_000_000_000_000  # microseconds since 1970
FACTS = (
    "INSERT INTO guilds (id, settings, last_number, created_at)"
    ' VALUES (:guild, \'{"channel_id": "7"}\', 1, :at)',
    "INSERT INTO members (guild_id, user_id, points) VALUES (:guild, :alice, 20)",
    "INSERT INTO posts (id, guild_id, kind, number, question_id, author_id, score, up_votes,"
    " created_at) VALUES (1, :guild, 'question', 1, 1, :alice, 1, 1, :at)",
    "INSERT INTO post_texts (post_id, guild_id, title, body, tags) VALUES"
    " (1, :guild, 'How do I sleep after a night shift?', 'I lie awake until noon.', 'sleep')",
    "INSERT INTO votes (post_id, voter_id, guild_id, value, source, at)"
    " VALUES (1, 9, :guild, 1, 'reaction', :at)",
)
# The full-text index is made by SQL of each database's own.
NOT_OF_THE_MODELS = ("post_words", "alembic_version")


def config(connection: Connection | None = None) -> Config:
    made = Config()
    made.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


VERSIONS = [
    script.revision
    for script in reversed(list(ScriptDirectory.from_config(config()).walk_revisions()))
]

# The tables for searching came with 0004, which filled them.
WITHOUT_SEARCH = VERSIONS[: VERSIONS.index("0004")]


@pytest.fixture
async def empty(empty_database_url: str) -> AsyncIterator[Database]:
    """A database without any table."""
    db = Database(empty_database_url)
    await db.open()
    yield db
    await db.close()


async def written_by(db: Database, version: str) -> None:
    """Make the database as that version made it, with a question in it."""

    def make(connection: Connection) -> None:
        command.upgrade(config(connection), version)
        for statement in FACTS:
            connection.execute(text(statement), {"guild": GUILD, "alice": ALICE, "at": WHEN})

    async with db.write() as tx:
        await tx.run_sync(make)


def test_files_are_named_after_their_versions() -> None:
    """`data.migrating` tells the newest version by the names alone."""
    names = sorted(path.name for path in (FOLDER / "versions").glob("*.py"))
    assert [name.partition("_")[0] for name in names] == VERSIONS
    assert migrating.newest() == VERSIONS[-1]
    assert ScriptDirectory.from_config(config()).get_heads() == [VERSIONS[-1]]


def _foreign(name: str | None, kind: str) -> bool:
    return kind == "table" and (name or "").startswith(NOT_OF_THE_MODELS)


async def test_migrations_make_what_the_models_say(db: Database) -> None:
    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, _parents: not _foreign(name, kind),
            },
        )
        return compare_metadata(context, Base.metadata)

    async with db.read() as tx:
        with warnings.catch_warnings():
            # SQLite does not tell of an index over an expression; PostgreSQL compares it.
            warnings.filterwarnings("ignore", ".*expression-based index")
            assert await tx.run_sync(differences) == []


@pytest.mark.parametrize("version", VERSIONS)
async def test_what_was_written_before_is_there_afterwards(empty: Database, version: str) -> None:
    await written_by(empty, version)
    assert await migrating.version(empty) == version
    assert await migrating.upgrade(empty) == (version, VERSIONS[-1])
    assert await migrating.upgrade(empty) == (VERSIONS[-1], VERSIONS[-1])

    card = await browsing.post_card(empty, GUILD, 1)
    assert (card.title, card.body) == (
        "How do I sleep after a night shift?",
        "I lie awake until noon.",
    )
    assert (card.score, card.author.points, card.tags) == (1, 120, ("sleep",))
    assert card.created_at == datetime.fromtimestamp(WHEN / 1e6, UTC)


@pytest.mark.parametrize("version", WITHOUT_SEARCH)
async def test_what_was_written_before_is_found_afterwards(empty: Database, version: str) -> None:
    await written_by(empty, version)
    await migrating.upgrade(empty)
    await finish_recounts(empty, now=datetime.now(UTC))  # as the bot's start does
    (line,) = await similar_questions(empty, GUILD, "Sleeping after night shifts")
    assert line.number == 1
    async with empty.read() as tx:
        query, reader = parse_query("awake"), search.Reader(ALICE, None)
        found = await search.find(tx, GUILD, search.Wanted(query), reader, Page(5))
    assert found == [1]


async def test_words_of_signs_are_found_in_what_was_written_before(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index of an earlier version did not have them; the bot puts them in, piece by piece, and
    goes on where it was cut off."""
    await written_by(empty, "0015")
    names = {"guild": GUILD, "at": WHEN}
    facts = (
        "INSERT INTO posts (id, guild_id, kind, number, question_id, author_id, created_at)"
        " SELECT i + 1, :guild, 'question', i + 1, i + 1, 7, :at FROM n",
        "INSERT INTO post_texts (post_id, guild_id, title, body) SELECT i + 1, :guild,"
        " 'Question ' || i, CASE i WHEN 5 THEN 'We use C++ and .NET here.' ELSE 'No.' END FROM n",
    )
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) "
    async with empty.write() as tx:
        for fact in facts:
            into, _, rest = fact.partition(" SELECT")
            used = {name: value for name, value in names.items() if f":{name}" in fact}
            await tx.execute(text(f"{into} {numbers} SELECT{rest}"), used)
        if empty.is_sqlite:
            old = "INSERT INTO post_words (rowid, body, scope) VALUES (6, 'c net', :scope)"
        else:
            old = "INSERT INTO post_words (post_id, words) VALUES (6, CAST(:scope AS tsvector))"
        scope = f"g{GUILD}" if empty.is_sqlite else f"'.g{GUILD}' 'c' 'net'"
        await tx.execute(text(old), {"scope": scope})
    await migrating.upgrade(empty)

    async def found(word: str) -> list[int]:
        async with empty.read() as tx:
            query, reader = parse_query(word), search.Reader(ALICE, None)
            return await search.find(tx, GUILD, search.Wanted(query), reader, Page(5))

    assert await found("C++") == []
    monkeypatch.setattr(recounting, "INDEXED", 2)
    steps = 0
    write = empty.write

    @asynccontextmanager
    async def killed_at_the_third() -> AsyncIterator[Any]:
        nonlocal steps
        steps += 1
        if steps == 3:
            raise RuntimeError("killed")
        async with write() as tx:
            yield tx

    with writing_by(empty, killed_at_the_third), pytest.raises(RuntimeError, match="killed"):
        await recounting.finish_indexing(empty, now=datetime.now(UTC))
    assert await found("C++") == []
    assert await recounting.finish_indexing(empty, now=datetime.now(UTC)) == 2, "the rest"
    assert await found("C++") == await found(".NET") == [6]
    assert await recounting.finish_indexing(empty, now=datetime.now(UTC)) == 0
    async with empty.read() as tx:
        assert "reindex" not in str(await tx.scalar(text("SELECT settings FROM guilds")))


@pytest.mark.parametrize("locale", ["en", "de"])
async def test_stems_of_before_are_found_until_all_are_new(empty: Database, locale: str) -> None:
    """Words of any language were stemmed by the rules of English of 1980."""
    await written_by(empty, "0020")
    if empty.is_sqlite:
        old = (
            "INSERT INTO post_words (rowid, title, body, scope) VALUES (1, 'sleep', :words, :scope)"
        )
    else:
        old = "INSERT INTO post_words (post_id, words) VALUES (1, CAST(:words AS tsvector))"
    said = {"text": "Communities, Kindern.", "settings": json.dumps({"locale": locale})}
    words = {"words": "commun kindern", "scope": f"g{GUILD}"}
    if not empty.is_sqlite:
        words = {"words": f"'.g{GUILD}' 'commun' 'kindern'"}
    async with empty.write() as tx:
        await tx.execute(text("UPDATE post_texts SET body = :text"), {"text": said["text"]})
        await tx.execute(text("UPDATE guilds SET settings = :settings"), said)
        await tx.execute(text(old), words)
    await migrating.upgrade(empty)

    async def found(word: str) -> list[int]:
        async with empty.read() as tx:
            rules = await guilds.read_rules(tx, GUILD)
            query, reader = parse_query(word, rules.languages), search.Reader(ALICE, None)
            return await search.find(tx, GUILD, search.Wanted(query), reader, Page(5))

    for _ in range(2):
        assert await found("communities") == await found("Kindern") == [1]
        assert await found("unknown") == []
        await recounting.finish_indexing(empty, now=datetime.now(UTC))
    assert await found("Kinder") == ([1] if locale == "de" else [])
    async with empty.read() as tx:
        assert (await guilds.read_rules(tx, GUILD)).languages == (locale,)


async def test_what_was_deleted_before_is_erased_and_own_answers_are_counted_anew(
    empty: Database,
) -> None:
    await written_by(empty, "0010")
    facts = (
        "INSERT INTO posts (id, guild_id, kind, status, number, sub_number, question_id, parent_id,"
        " author_id, created_at) VALUES"
        " (2, :guild, 'answer', 'deleted', 1, 1, 1, 1, 5, :at),"
        " (3, :guild, 'answer', 'visible', 1, 2, 1, 1, :alice, :at)",
        "INSERT INTO post_texts (post_id, guild_id, body) VALUES"
        " (2, :guild, 'Nobody may ever know this.'), (3, :guild, 'I have found out myself.')",
        "INSERT INTO ledger (post_id, reason, actor_id, guild_id, user_id, points, at) VALUES"
        " (1, 'question', 0, :guild, :alice, 20, :at), (3, 'answer', 0, :guild, :alice, 40, :at)",
        "UPDATE members SET points = 60",
    )
    names = {"guild": GUILD, "alice": ALICE, "at": WHEN}
    async with empty.write() as tx:
        for statement in facts:
            used = {name: value for name, value in names.items() if f":{name}" in statement}
            await tx.execute(text(statement), used)
    await migrating.upgrade(empty)

    assert await erase_deleted(empty, now=datetime.now(UTC)) == 1
    async with empty.read() as tx:
        rows = await tx.rows(text("SELECT body FROM post_texts WHERE post_id > 1 ORDER BY post_id"))
    assert [row[0] for row in rows] == ["", "I have found out myself."]
    assert await finish_recounts(empty, now=datetime.now(UTC)) == 1
    async with empty.read() as tx:
        points = await tx.scalar(text("SELECT points FROM members"))
        settings = await tx.scalar(text("SELECT settings FROM guilds"))
    assert points == 30  # the question, and the vote on it
    assert "recount_due" not in str(settings)


async def test_who_wrote_before_names_were_kept_has_none_until_they_do_something(
    empty: Database,
) -> None:
    await written_by(empty, "0014")
    async with empty.write() as tx:
        await tx.execute(text("UPDATE posts SET edited_by = author_id, edited_at = created_at"))
    await migrating.upgrade(empty)
    card = await browsing.post_card(empty, GUILD, 1)
    assert (card.author.id, card.author.name) == (ALICE, "")
    assert (card.edited_by, card.editor_name) == (ALICE, "")

    alice = Actor(GUILD, ALICE, access=Access(), name="Alice")
    form = EditForm(card.version, "It was the light.", card.title, None)
    card = await edit_post(empty, alice, 1, form, now=datetime.now(UTC))
    assert (card.author.name, card.editor_name) == ("Alice", "Alice")


async def test_files_that_waited_before_wait_in_pieces(empty: Database) -> None:
    await written_by(empty, "0013")
    facts = (
        "INSERT INTO draft_files (id, guild_id, user_id, filename, size, url, content, created_at)"
        " VALUES (7, :guild, :alice, 'given.png', 5, '', :given, :at),"
        " (8, :guild, :alice, 'noted.png', 5, '', NULL, :at)",
        "INSERT INTO attachments (post_id, position, guild_id, filename, size, content) VALUES"
        " (1, 0, :guild, 'sent.png', 4, NULL), (1, 1, :guild, 'waits.png', 5, :waits)",
    )
    values = {"guild": GUILD, "alice": ALICE, "at": WHEN, "given": b"given", "waits": b"waits"}
    async with empty.write() as tx:
        for statement in facts:
            used = {name: value for name, value in values.items() if f":{name}" in statement}
            await tx.execute(text(statement), used)
    await migrating.upgrade(empty)

    (file,) = await publishing.waiting_files(empty, 1)
    copy = io.BytesIO()
    await publishing.copy_file(empty, 1, file, copy)
    assert (file.name, copy.getvalue()) == ("waits.png", b"waits")
    async with empty.read() as tx:
        given = await attachments.given(tx, GUILD, ALICE, [7, 8])
        pieces = await tx.rows(text("SELECT file_id, content FROM draft_file_pieces"))
        assert await attachments.bytes_waiting(tx, GUILD) == 10
    assert {file_id: kept for file_id, (_, kept) in given.items()} == {7: True, 8: False}
    assert [(row[0], bytes(row[1])) for row in pieces] == [(7, b"given")]


async def test_unused_columns_are_dropped_and_the_rest_of_a_post_stays(empty: Database) -> None:
    """SQLite writes the table anew without them."""
    await written_by(empty, "0020")
    facts = (
        "INSERT INTO posts (id, guild_id, kind, number, question_id, display_name, created_at)"
        " VALUES (70, :guild, 'question', 2, 70, 'Somebody', :at)",
        "DELETE FROM posts WHERE id = 70",
        "UPDATE posts SET display_name = 'Somebody', version = 3",
    )
    async with empty.write() as tx:
        for statement in facts:
            used = {"guild": GUILD, "at": WHEN} if ":guild" in statement else {}
            await tx.execute(text(statement), used)
    before = await _posts(empty)
    indexes = await _indexes(empty)
    await migrating.upgrade(empty)

    after = await _posts(empty)
    assert before.keys() - after.keys() == {"sealed_author", "display_name"}
    stayed = {name: value for name, value in before.items() if name in after}
    assert after == {**stayed, "repliers": 0}
    assert {_name(made) for made in await _indexes(empty) - indexes} == {
        "ix_posts_waiting",
        "ix_posts_chosen",
        "ix_posts_few_replies",
        "ix_posts_server",
    }
    assert indexes <= await _indexes(empty)
    if empty.is_sqlite:
        async with empty.write() as tx:
            assert await tx.scalar(text("PRAGMA integrity_check")) == "ok"
            assert await tx.rows(text("PRAGMA foreign_key_check")) == []
            # An id is never given twice: a control in Discord may still name the post that it was.
            new = (
                "INSERT INTO posts (guild_id, kind, number, created_at)"
                " VALUES (:guild, 'question', 2, :at)"
            )
            await tx.execute(text(new), {"guild": GUILD, "at": WHEN})
            assert await tx.scalar(text("SELECT max(id) FROM posts")) == 71


async def _posts(db: Database) -> dict[str, Any]:
    """The columns of the one post."""
    async with db.read() as tx:
        (row,) = await tx.rows(text("SELECT * FROM posts"))
    return dict(row._mapping)


def _name(made: str) -> str:
    """The name of an index, from how it was made."""
    return re.sub(r"CREATE (UNIQUE )?INDEX (IF NOT EXISTS )?", "", made).split(" ", 1)[0]


async def _indexes(db: Database) -> set[str]:
    """How the indexes over posts are made."""
    said = (
        "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'posts'"
        " AND sql IS NOT NULL"
        if db.is_sqlite
        else "SELECT indexdef FROM pg_indexes WHERE tablename = 'posts'"
    )
    async with db.read() as tx:
        return {row[0] for row in await tx.rows(text(said))}


async def test_a_migration_that_fails_leaves_everything_as_it_was(empty: Database) -> None:
    before = WITHOUT_SEARCH[-1]
    await written_by(empty, before)

    def in_the_way(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE post_words (id integer)"))

    async with empty.write() as tx:
        await tx.run_sync(in_the_way)
    tables = await _tables(empty)
    with pytest.raises(Exception, match="post_words"):
        await migrating.upgrade(empty)
    assert await migrating.version(empty) == before
    assert await _tables(empty) == tables


async def _tables(db: Database) -> set[str]:
    async with db.read() as tx:
        return await tx.run_sync(lambda connection: set(inspect(connection).get_table_names()))


async def test_a_newer_database_is_refused_untouched(db: Database) -> None:
    async with db.write() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrating.SchemaTooNew, match="9999 is newer"):
        await migrating.upgrade(db)
    assert await migrating.version(db) == "9999"


BEFORE_INDEXES = VERSIONS[VERSIONS.index("0009") - 1]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_a_file_is_copied_before_it_is_changed(empty: Database) -> None:
    await written_by(empty, BEFORE_INDEXES)
    await migrating.upgrade(empty)
    assert empty.path is not None
    path = migrating.copy_of(empty.path, BEFORE_INDEXES)
    assert path.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(path)) as copy:
        assert copy.execute("SELECT version_num FROM alembic_version").fetchall() == [
            (BEFORE_INDEXES,)
        ]
        assert copy.execute("SELECT title FROM post_texts").fetchall() == [
            ("How do I sleep after a night shift?",)
        ]
    await migrating.upgrade(empty)
    assert path.exists()
    week_ago = time.time() - 8 * 24 * 3600
    os.utime(path, (week_ago, week_ago))
    await migrating.upgrade(empty)
    assert not path.exists(), "what members delete would be in it still"


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_a_new_file_is_not_copied(empty: Database) -> None:
    await migrating.upgrade(empty)
    assert empty.path is not None
    assert not list(empty.path.parent.glob(f"{empty.path.name}.schema-*"))


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
async def test_large_indexes_are_built_while_others_write(empty: Database) -> None:
    """One of which was cut short before."""
    await written_by(empty, BEFORE_INDEXES)
    async with empty.write() as tx:
        await tx.execute(text("CREATE INDEX ix_notices_post ON notices (post_id)"))
        await tx.execute(
            text(
                "UPDATE pg_index SET indisvalid = false"
                " WHERE indexrelid = 'ix_notices_post'::regclass"
            )
        )
    ran: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if "INDEX" in statement and ("posts" in statement or "notices" in statement):
            ran.append(" ".join(statement.split()[:3]))

    event.listen(empty.engine.sync_engine, "before_cursor_execute", note)
    assert await migrating.upgrade(empty) == (BEFORE_INDEXES, VERSIONS[-1])
    assert ran.count("CREATE INDEX CONCURRENTLY") == 14
    assert ran.count("DROP INDEX CONCURRENTLY") == 1
    assert set(ran[:10]) == {"CREATE INDEX CONCURRENTLY", "DROP INDEX CONCURRENTLY"}
    async with empty.read() as tx:
        invalid = text("SELECT count(*) FROM pg_index WHERE NOT indisvalid")
        assert await tx.scalar(invalid) == 0


# The outbox is as large as what waits. And 0002 writes every post anew anyway.
SMALL = {"outbox"}


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
@pytest.mark.parametrize("version", VERSIONS[VERSIONS.index("0002") : -1])
async def test_no_migration_keeps_others_from_writing_while_it_builds_an_index(
    empty: Database, version: str
) -> None:
    """Of a table that was there before: it may be large. Those that were cut short are built
    again, by the next try as well."""
    await written_by(empty, version)
    tables = await _tables(empty)
    names: list[str] = []
    building = re.compile(
        r"CREATE (?:UNIQUE )?INDEX (CONCURRENTLY )?(IF NOT EXISTS )?(\w+) ON (\w+)"
    )

    def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        found = building.match(statement)
        if found is None or found[4] not in tables - SMALL:
            return
        if found[1]:
            names.append(found[3])
        else:
            assert found[2], statement
            assert found[3] in names, statement

    event.listen(empty.engine.sync_engine, "before_cursor_execute", note)
    with pytest.raises(RuntimeError, match="killed"), _killed_when_all_are_built(empty):
        await migrating.upgrade(empty)
    async with empty.write() as tx:
        cut = text("UPDATE pg_index SET indisvalid = false WHERE indexrelid = to_regclass(:name)")
        for name in names:
            await tx.execute(cut, {"name": name})
    first, names[:] = list(names), []
    assert await migrating.upgrade(empty) == (version, VERSIONS[-1])
    assert names == first
    async with empty.read() as tx:
        found = await tx.rows(
            text(
                "SELECT relname, indisvalid FROM pg_index JOIN pg_class"
                " ON oid = indexrelid WHERE relname LIKE 'ix_%'"
            )
        )
    indexes = {index.name for table in Base.metadata.tables.values() for index in table.indexes}
    assert {row[0] for row in found if row[1]} - {"ix_post_words"} == {
        name for name in indexes if name and name.startswith("ix_")
    }


@contextmanager
def _killed_when_all_are_built(db: Database) -> Iterator[None]:
    @asynccontextmanager
    async def killed() -> AsyncIterator[Any]:
        raise RuntimeError("killed")
        yield

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "write", killed)
        yield


def test_migrations_carry_their_own_code() -> None:
    """What today's models and functions say is not what they said then."""
    for path in (FOLDER / "versions").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = (
                    [node.module or ""]
                    if isinstance(node, ast.ImportFrom)
                    else [each.name for each in node.names]
                )
                assert not [n for n in names if n.split(".")[0] in {"bot", "cogs", "data"}], path


async def test_notices_of_before_stay_and_take_new_ones(empty: Database) -> None:
    await written_by(empty, "0022")
    values = {"guild": GUILD, "alice": ALICE, "at": WHEN}
    notice = (
        "INSERT INTO notices (guild_id, user_id, kind, post_id, created_at)"
        " VALUES (:guild, :alice, 'nudge', 1, :at)"
    )
    async with empty.write() as tx:
        await tx.execute(text(notice), values)
    await migrating.upgrade(empty)
    home = 500
    await publishing.record_shown(empty, GUILD, 1, home_id=home)
    alice, bob = Actor(GUILD, ALICE), Actor(GUILD, 77, is_moderator=True)
    now = datetime.now(UTC)
    await close_question(empty, bob, 1, ClosingForm(CloseReason.OTHER), now=now)
    await cast_votes(empty, [Ballot(bob, 1, 1, VoteSource.BUTTON, now)], now=now)
    inbox = await following.open_inbox(empty, alice, 0, channels=[home], now=datetime.now(UTC))
    assert {n.kind for n in inbox.notices} == {"nudge", "closed", "voted"}
    await following.note_read(empty, alice, inbox, now=now)
    assert (
        await following.open_inbox(empty, alice, 0, channels=[home], now=datetime.now(UTC))
    ).unread == 0
    assert await stopping.stop_messages(empty, GUILD, ALICE, 1, now=now) == "post"
