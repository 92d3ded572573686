"""A server's export is complete, goes into another database, and comes out of it the same."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import LargeBinary, func, insert, select, text, update

from bot.domain.actors import Actor
from bot.domain.blocks import BlockSpan
from bot.domain.erasures import is_erased
from bot.domain.queries import parse_query
from bot.domain.spreadsheets import cell, number_cell
from bot.usecases import blocking
from bot.usecases.recounting import count_words, recount
from data import exporting, importing, migrating, search
from data.copying import NotEmpty, OtherSchema
from data.database import Database, Transaction
from data.models import Bonus, Guild, Post, Vote
from data.paging import Page
from data.types import EPOCH
from tests.store.forum import Forum
from tests.store.test_forgetting import erase
from tests.support.databases import KINDS, Databases
from tests.support.every_table import GUILDS, TABLES, fill

GUILD, OTHER = GUILDS
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "export.md"
# What is made of posts, and made again from them.
DERIVED = {"title_words", "written_words", "word_keys", "counted_posts", "uncounted_posts"}
LEFT_OUT = DERIVED | {"upkeep"}  # which is the whole installation's


class Killed(Exception):
    """Somebody pulled the plug."""


def unseen(_what: str, _done: int, _total: int) -> None:
    """Nobody looks at the progress."""


@pytest.fixture(params=KINDS)
async def target(request: pytest.FixtureRequest, databases: Databases) -> AsyncIterator[Database]:
    """An empty database, of the one kind and of the other."""
    url = databases.new(request.param)
    database = Database(url)
    await database.open()
    yield database
    await database.close()
    databases.drop(url)


async def exported(
    db: Database, folder: Path, guild_id: int = GUILD, *, sealed: bool = True
) -> Path:
    folder.mkdir()
    await exporting.export(db, guild_id, folder, unseen, sealed=sealed)
    return folder


async def imported(db: Database, folder: Path) -> int:
    return await importing.import_export(db, importing.look(folder, unseen), unseen)


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def lines_of(folder: Path, table: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{table}.jsonl").read_bytes().splitlines()]


async def counts_of(db: Database) -> dict[str, int]:
    async with db.read() as tx:
        return {
            table.name: await tx.scalar(select(func.count()).select_from(table)) for table in TABLES
        }


async def test_out_in_and_out_again_is_the_same(
    db: Database, target: Database, tmp_path: Path
) -> None:
    await fill(db)
    first = await exported(db, tmp_path / "first")
    await imported(target, first)
    assert files_of(await exported(target, tmp_path / "second")) == files_of(first)


async def test_every_table_and_column_is_in_it_and_nobody_elses_row(
    db: Database, tmp_path: Path
) -> None:
    await fill(db)
    folder = await exported(db, tmp_path / "out")
    names = {path.name for path in folder.glob("*.jsonl")}
    assert names == {f"{table.name}.jsonl" for table in TABLES if table.name not in LEFT_OUT}
    counts = await counts_of(db)
    for table in TABLES:
        if table.name in LEFT_OUT:
            continue
        lines = lines_of(folder, table.name)
        assert len(lines) == counts[table.name] // len(GUILDS) > 0, table.name
        for line in lines:
            assert list(line) == [column.name for column in table.columns]
            assert line.get("guild_id", str(GUILD)) == str(GUILD)
        for column in table.columns:
            assert any(line[column.name] is not None for line in lines), column
    assert (folder.stat().st_mode & 0o077, (folder / "posts.csv").stat().st_mode & 0o777) == (
        folder.stat().st_mode & 0o077,
        0o600,
    )


async def test_the_manifest_says_what_is_in_it(db: Database, tmp_path: Path) -> None:
    await fill(db)
    folder = await exported(db, tmp_path / "out")
    manifest = json.loads((folder / "askwell.json").read_bytes())
    assert (manifest["format"], manifest["version"]) == ("askwell", 1)
    assert (manifest["schema"], manifest["guild_id"]) == (migrating.newest(), str(GUILD))
    for name, entry in manifest["tables"].items():
        content = (folder / f"{name}.jsonl").read_bytes()
        assert entry["rows"] == content.count(b"\n")
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()


def test_the_document_names_every_table_and_column() -> None:
    said = dict(
        re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", DOCUMENT.read_text(), re.MULTILINE)
    )
    for table in exporting.EXPORTED:
        columns = re.findall(r"`(\w+)`", said[table.name])
        assert columns == [column.name for column in table.columns], table.name
    assert set(said) == {table.name for table in exporting.EXPORTED}


async def test_an_imported_forum_works(
    forum: Forum, target: Database, tmp_path: Path, alice: Actor, bob: Actor, carol: Actor
) -> None:
    question = await forum.ask(alice, "How do I sleep after a night shift?", "I lie awake.")
    answer = await forum.answer(bob, question, "Dark curtains, and no screens before bed.")
    await forum.vote(carol, answer, 1)
    await forum.choose(alice, answer)
    folder = await exported(forum.db, tmp_path / "out", forum.guild_id)
    await imported(target, folder)
    assert await recount(target, now=forum.now) == []
    there = Forum(target, forum.guild_id)
    there.now = forum.now
    assert await there.card(answer) == await forum.card(answer)
    assert await count_words(target, forum.guild_id) == 2
    async with target.read() as tx:
        wanted = search.Wanted(parse_query("curtains"))
        assert await search.find(tx, forum.guild_id, wanted, search.Reader(), Page(5)) == [answer]
    # Numbers go on where they were.
    newest = await there.ask(alice, "Is there a quiet hour?", "On the ward.")
    assert newest > answer
    assert (await there.card(newest)).number == 2


async def test_an_erased_members_block_goes_with_it(
    forum: Forum, target: Database, tmp_path: Path, alice: Actor, bob: Actor, moderator: Actor
) -> None:
    await forum.ask(bob, "How do I sleep after a night shift?", "I lie awake.")
    form = blocking.BlockForm(BlockSpan.MONTH, "Again and again.")
    await blocking.block_member(forum.db, moderator, bob, form, now=forum.now)
    await erase(forum, bob)
    folder = await exported(forum.db, tmp_path / "out", forum.guild_id)
    assert all(is_erased(int(line["user_id"])) for line in lines_of(folder, "blocks"))
    await imported(target, folder)
    assert await blocking.block_of(target, forum.guild_id, bob.user_id)
    assert await blocking.block_of(target, forum.guild_id, alice.user_id) is None


async def test_a_server_with_posts_is_not_imported_into(db: Database, tmp_path: Path) -> None:
    await fill(db)
    folder = await exported(db, tmp_path / "out")
    before = await counts_of(db)
    with pytest.raises(NotEmpty):
        await imported(db, folder)
    assert await counts_of(db) == before


async def test_what_a_server_without_posts_had_makes_room(
    db: Database, target: Database, tmp_path: Path
) -> None:
    await fill(db)
    folder = await exported(db, tmp_path / "out")
    async with target.write() as tx:
        values = {"id": GUILD, "settings": {"locale": "de"}, "created_at": EPOCH}
        await tx.execute(insert(Guild).values(**values))
        await tx.execute(_bonus(5))
    await imported(target, folder)
    assert files_of(await exported(target, tmp_path / "again")) == files_of(folder)


def _bonus(number: int, guild_id: int = GUILD) -> Any:
    values = {"id": number, "guild_id": guild_id, "user_id": 1, "points": 1, "reason": ""}
    return insert(Bonus).values(**values, given_by=1, at=EPOCH, origin_id=77)


async def test_another_servers_rows_stay_and_their_numbers_are_not_taken(
    db: Database, target: Database, tmp_path: Path
) -> None:
    await fill(db)
    folder = await exported(db, tmp_path / "out")
    await imported(target, await exported(db, tmp_path / "other", OTHER))
    before = await exported(target, tmp_path / "before", OTHER)
    await imported(target, folder)
    assert files_of(await exported(target, tmp_path / "after", OTHER)) == files_of(before)

    taken = lines_of(folder, "bonuses")[0]["id"]
    await _empty(target, GUILD)
    async with target.write() as tx:
        await tx.execute(_bonus(int(taken), OTHER))
    counts = await counts_of(target)
    with pytest.raises(importing.Taken):
        await imported(target, folder)
    assert await counts_of(target) == counts


async def _empty(db: Database, guild_id: int) -> None:
    async with db.write() as tx:
        for table in reversed(TABLES):
            if "guild_id" in table.columns:
                await tx.execute(table.delete().where(table.c.guild_id == guild_id))
        await tx.execute(text("DELETE FROM guilds WHERE id = :id"), {"id": guild_id})


async def test_an_import_that_is_interrupted_leaves_nothing(
    db: Database, target: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(db)
    folder = await exported(db, tmp_path / "out")
    before = await counts_of(target)
    for step in (1, 9, 30):
        with monkeypatch.context() as patch:
            execute, left = Transaction.execute, step + 50

            async def dying(
                self: Transaction, *args: Any, execute: Any = execute, **rest: Any
            ) -> Any:
                nonlocal left
                left -= 1
                if not left:
                    raise Killed
                return await execute(self, *args, **rest)

            patch.setattr(Transaction, "execute", dying)
            with pytest.raises(Killed):
                await imported(target, folder)
        assert await counts_of(target) == before
    await imported(target, folder)
    assert files_of(await exported(target, tmp_path / "again")) == files_of(folder)


async def test_an_unknown_server_and_another_schema_are_not_exported(
    db: Database, tmp_path: Path
) -> None:
    await fill(db)
    with pytest.raises(exporting.NoSuchServer):
        await exported(db, tmp_path / "unknown", 123456789012345678)
    async with db.write() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '0002'"))
    with pytest.raises(OtherSchema):
        await exported(db, tmp_path / "older")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"version": 2}, "its format is askwell 2"),
        ({"format": "discourse"}, "its format is discourse 1"),
        ({"schema": "0002"}, "its schema is 0002, where this version has"),
        ({"schema": "9999"}, "its schema is 9999, where this version has"),
        ({"tables": {}}, "names other tables"),
        ({"guild_id": "x"}, "is not that of an export"),
    ],
)
async def test_a_folder_of_another_kind_is_refused(
    db: Database, tmp_path: Path, changes: dict[str, Any], why: str
) -> None:
    await fill(db)
    folder = await exported(db, tmp_path / "out")
    manifest = json.loads((folder / "askwell.json").read_bytes())
    (folder / "askwell.json").write_text(json.dumps(manifest | changes))
    with pytest.raises(importing.BadExport, match=why):
        importing.look(folder, unseen)


async def test_a_damaged_file_is_refused(db: Database, tmp_path: Path) -> None:
    await fill(db)
    folder = await exported(db, tmp_path / "out")
    votes = folder / "votes.jsonl"
    whole = votes.read_bytes()
    votes.write_bytes(whole.replace(b'"value":1', b'"value":-1', 1))
    with pytest.raises(importing.BadExport, match=r"votes.jsonl was changed or is damaged"):
        importing.look(folder, unseen)
    votes.unlink()
    with pytest.raises(importing.BadExport, match=r"votes.jsonl can't be read"):
        importing.look(folder, unseen)


@pytest.mark.parametrize("line", ["{", "[]", '{"post_id":"1"}', '{"id":5}'])
async def test_a_line_that_is_no_row_is_refused_and_nothing_stays(
    db: Database, target: Database, tmp_path: Path, line: str
) -> None:
    await fill(db)
    folder = await exported(db, tmp_path / "out")
    content = f"{line}\n".encode()
    (folder / "votes.jsonl").write_bytes(content)
    manifest = json.loads((folder / "askwell.json").read_bytes())
    manifest["tables"]["votes"] = {"rows": 1, "sha256": hashlib.sha256(content).hexdigest()}
    (folder / "askwell.json").write_text(json.dumps(manifest))
    before = await counts_of(target)
    with pytest.raises(importing.BadExport, match=Vote.__tablename__):
        await imported(target, folder)
    assert await counts_of(target) == before


async def test_the_csv_files_are_safe_to_open_and_have_every_row(
    db: Database, tmp_path: Path
) -> None:
    await fill(db)
    folder = await exported(db, tmp_path / "out")
    for table in exporting.EXPORTED:
        path = folder / f"{table.name}.csv"
        if any(isinstance(column.type, LargeBinary) for column in table.columns):
            assert not path.exists()
            continue
        header, *rows = csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""))
        assert header == [column.name for column in table.columns]
        assert len(rows) == len(lines_of(folder, table.name))
        for row in rows:
            assert len(row) == len(header)
            for value in row:
                assert not value.startswith(("=", "+", "@", "\t", "\r", "\n"))
                assert not value.startswith("-") or value[1:].isdigit()
                assert not value.isdigit() or len(value) <= 15
    titles = next(csv.DictReader(io.StringIO((folder / "post_texts.csv").read_text("utf-8-sig"))))
    assert titles["title"].startswith("'=")


def test_what_a_spreadsheet_would_take_for_a_formula_is_marked() -> None:
    for text_ in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"):
        assert cell(text_) == f"'{text_}"
    assert cell("1 = 1") == "1 = 1"
    assert number_cell(-3) == "-3"
    assert number_cell(999_999_999_999_999) == "999999999999999"
    assert number_cell(1_000_000_000_000_000) == "'1000000000000000"


async def test_files_are_for_their_owner_alone(db: Database, tmp_path: Path) -> None:
    await fill(db)
    before = os.umask(0)
    try:
        folder = await exported(db, tmp_path / "out")
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


async def test_texts_are_kept_to_the_letter(db: Database, target: Database, tmp_path: Path) -> None:
    await fill(db)
    strange = "\u2028 \x7f \x01 \\ \" ' \ud7ff \U0010ffff \r\n\t</script> 🌙"
    async with db.write() as tx:
        await tx.execute(text("UPDATE post_texts SET body = :body"), {"body": strange})
        await tx.execute(update(Post).values(close_note=strange))
    folder = await exported(db, tmp_path / "out")
    await imported(target, folder)
    async with target.read() as tx:
        assert await tx.scalar(text("SELECT min(body) FROM post_texts")) == strange
    assert files_of(await exported(target, tmp_path / "again")) == files_of(folder)
