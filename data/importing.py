"""Reading what `data.exporting` wrote into a server that has no posts, in one transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Table, bindparam, delete, exc, func, select, text

from data import migrating, search_index, written_words
from data.backups import SKIPPED, Step, problems
from data.copy_ends import own_number, rows_at_once
from data.copying import TABLES, NotEmpty, own_references
from data.database import Database, Transaction
from data.exporting import EXPORTED, FORMAT, MANIFEST, VERSION, row_of
from data.models import Guild, Post

_INDEXED: Final = 200  # posts at once


class BadExport(Exception):
    """A folder that can't be imported: why, as a clause."""


class Taken(Exception):
    """Another server of this database has numbers that the export has, too."""


@dataclass(frozen=True, slots=True)
class Export:
    """A folder that was looked at: whose data it has, and how many rows each table."""

    folder: Path
    guild_id: int
    rows: dict[str, int]


def look(folder: Path, step: Step) -> Export:
    """Check that a folder is a whole export of this version's schema. Raises `BadExport`."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        kind, version = manifest["format"], manifest["version"]
        schema, guild_id, tables = manifest["schema"], int(manifest["guild_id"]), manifest["tables"]
    except OSError as error:
        raise BadExport(f"its {MANIFEST} can't be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BadExport(f"its {MANIFEST} is not that of an export") from error
    if (kind, version) != (FORMAT, VERSION):
        raise BadExport(f"its format is {kind} {version}, where this version reads {VERSION}")
    if schema != migrating.newest():
        raise BadExport(
            f"its schema is {schema}, where this version has {migrating.newest()}: import it with "
            "the version of Askwell that wrote it, then update"
        )
    if set(tables) != {table.name for table in EXPORTED}:
        raise BadExport(f"its {MANIFEST} names other tables")
    for place, table in enumerate(EXPORTED):
        _check(folder / f"{table.name}.jsonl", tables[table.name])
        step("Checking", place + 1, len(EXPORTED))
    return Export(folder, guild_id, {name: entry["rows"] for name, entry in tables.items()})


def _check(path: Path, entry: dict[str, Any]) -> None:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadExport(f"its {path.name} can't be read ({error.strerror})") from error
    if found != entry.get("sha256"):
        raise BadExport(f"its {path.name} was changed or is damaged")


async def import_export(db: Database, export: Export, step: Step) -> int:
    """Put an export's rows into the database; returns how many. A server's settings and whatever
    else it has make room. All of it is there at the end, or nothing of it.

    Raises `NotEmpty` if the server has posts, `Taken`, `BadExport` and `FileProblem`.
    """
    with problems():
        return await _import(db, export, step)


async def _import(db: Database, export: Export, step: Step) -> int:
    async with db.write() as tx:
        posts = select(func.count()).select_from(Post).where(Post.guild_id == export.guild_id)
        if await tx.scalar(posts):
            raise NotEmpty
        await _make_room(tx, export.guild_id)
        done, total = 0, sum(export.rows.values())
        for table in EXPORTED:
            try:
                async for count in _import_table(tx, export.folder, table):
                    done += count
                    step("Importing", done, total)
            except exc.IntegrityError as error:
                raise Taken(table.name) from error
        await _index(tx, export, step)
    return done


async def _make_room(tx: Transaction, guild_id: int) -> None:
    for table in reversed(TABLES):
        if "guild_id" in table.columns:
            await tx.execute(delete(table).where(table.c.guild_id == guild_id))
    await tx.execute(delete(Guild).where(Guild.id == guild_id))


async def _import_table(tx: Transaction, folder: Path, table: Table) -> AsyncGenerator[int]:
    """Add a table's rows; yields how many were added at once."""
    own = own_references(table)
    later: dict[str, list[dict[str, int]]] = {column: [] for column in own}
    for rows in _portions(folder, table):
        for column in own:
            # It points at a row that isn't there yet.
            for row in rows:
                if row[column] is not None and row[column] > row["id"]:
                    later[column].append({"row": row["id"], "target": row[column]})
                    row[column] = None
        await tx.execute(table.insert(), rows)
        yield len(rows)
    for column, targets in later.items():
        if targets:
            update = table.update().where(table.c.id == bindparam("row"))
            await tx.execute(update.values({column: bindparam("target")}), targets)
    number = own_number(table)
    if number is not None:
        await _count_on(tx, table, number)


def _portions(folder: Path, table: Table) -> Generator[list[dict[str, Any]]]:
    """The rows of a table's file, some at once."""
    with (folder / f"{table.name}.jsonl").open("rb") as file:
        while lines := list(islice(file, rows_at_once(table))):
            try:
                yield [row_of(table, line) for line in lines]
            except (ValueError, KeyError, TypeError) as error:
                raise BadExport(f"a line of its {table.name}.jsonl is no row: {error}") from error


async def _count_on(tx: Transaction, table: Table, number: str) -> None:
    """Give out higher numbers than those that came in, and than those of what was written there
    since, whose cards may still stand in Discord: see `data.backups.skip_numbers`."""
    if tx.dialect == "postgresql":
        sequence = await tx.scalar(
            text("SELECT pg_get_serial_sequence(:table, :number)"),
            {"table": table.name, "number": number},
        )
        highest = f"(SELECT coalesce(max({number}), 0) FROM {table.name})"  # noqa: S608 - of ours
        await tx.execute(
            text(
                f"SELECT setval('{sequence}', greatest({highest}, last_value) + {SKIPPED})"  # noqa: S608
                f" FROM {sequence}"
            )
        )
        return
    this = {"name": table.name}
    last = await tx.scalar(text("SELECT max(seq) FROM sqlite_sequence WHERE name = :name"), this)
    await tx.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), this)
    await tx.execute(
        text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)"),
        {**this, "seq": (last or 0) + SKIPPED},
    )


async def _index(tx: Transaction, export: Export, step: Step) -> None:
    """Have the posts found by their words; the bot counts words as written in the background."""
    after = done = 0
    while True:
        some = select(Post.id).where(Post.guild_id == export.guild_id, Post.id > after)
        ids = [row[0] for row in await tx.rows(some.order_by(Post.id).limit(_INDEXED))]
        if ids:
            await search_index.index_posts(tx, export.guild_id, ids)
            await written_words.mark(tx, ids)
            after = ids[-1]
        done += len(ids)
        step("Words to search by", done, export.rows["posts"])
        if len(ids) < _INDEXED:
            return
