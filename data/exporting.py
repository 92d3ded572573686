"""A server's data as JSON Lines, a file for each table, and as CSV; and back into a database.

`docs/export.md` describes the format; see decision 31. Rows keep the numbers they have: the buttons
on cards in Discord name them.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import os
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    LargeBinary,
    Table,
)

from bot.domain.spreadsheets import cell, number_cell
from data import migrating
from data.backups import Gentle, Step, problems
from data.copy_ends import End, Row, reading
from data.copying import TABLES, OtherSchema
from data.database import Database
from data.models import CountedPost, TitleWord, UncountedPost, WordKey, WrittenWord
from data.types import EPOCH, UTCDateTime

FORMAT: Final = "askwell"
VERSION: Final = 1
MANIFEST: Final = "askwell.json"

# Made of the posts, and made again when they are imported.
_DERIVED: Final = frozenset(
    model.__tablename__ for model in (TitleWord, WrittenWord, WordKey, CountedPost, UncountedPost)
)


def is_of_a_server(table: Table) -> bool:
    """Whether a table's rows belong to servers, and not to the whole installation."""
    return "guild_id" in table.columns or bool(table.foreign_keys) or table.name == "guilds"


EXPORTED: Final = tuple(
    table for table in TABLES if table.name not in _DERIVED and is_of_a_server(table)
)
"""Each after those that its rows point at."""


class NoSuchServer(Exception):
    """The database knows no server of this id."""


@dataclass(frozen=True, slots=True)
class Exported:
    """How many rows of how many tables were written."""

    tables: int
    rows: int


def of_guild(table: Table, guild_id: int) -> str:
    """The SQL by which a table's rows are of a server."""
    if table.name == "guilds":
        return f"id = {int(guild_id)}"
    if "guild_id" in table.columns:
        return f"guild_id = {int(guild_id)}"
    # A file's pieces, which have no server of their own.
    key = next(iter(table.foreign_key_constraints)).elements[0]
    parent = key.column.table
    rows = f"SELECT {key.column.name} FROM {parent.name} WHERE {of_guild(parent, guild_id)}"  # noqa: S608
    return f"{key.parent.name} IN ({rows})"


async def export(db: Database, guild_id: int, folder: Path, step: Step) -> Exported:
    """Write all that is of a server, as it is at one moment, into an empty folder.

    Raises `OtherSchema`, `NoSuchServer` and `FileProblem`.
    """
    with problems():
        found = await migrating.version(db)
        if found != migrating.newest():
            raise OtherSchema(found)
        return await _export(db, guild_id, folder, step)


async def _export(db: Database, guild_id: int, folder: Path, step: Step) -> Exported:
    written: dict[str, dict[str, Any]] = {}
    async with reading(db) as end:
        for place, table in enumerate(EXPORTED):
            entry = await _export_table(end, table, guild_id, folder)
            if table.name == "guilds" and not entry["rows"]:
                raise NoSuchServer
            written[table.name] = entry
            step("Exporting", place + 1, len(EXPORTED))
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "schema": migrating.newest(),
        "guild_id": str(guild_id),
        "tables": written,
    }
    with _fresh(folder / MANIFEST) as file:
        file.write(json.dumps(manifest, indent=2).encode() + b"\n")
    used = [entry["rows"] for entry in written.values() if entry["rows"]]
    return Exported(len(used), sum(used))


async def _export_table(end: End, table: Table, guild_id: int, folder: Path) -> dict[str, Any]:
    """Write a table's files; returns its entry in the manifest."""
    summed, count = hashlib.sha256(), 0
    with ExitStack() as stack:
        lines = stack.enter_context(_fresh(folder / f"{table.name}.jsonl"))
        cells = stack.enter_context(_csv(folder, table))
        async for rows in end.rows(table, of_guild(table, guild_id)):
            text = b"".join(line_of(table, row) for row in rows)
            summed.update(text)
            lines.write(text)
            cells(rows)
            count += len(rows)
    return {"rows": count, "sha256": summed.hexdigest()}


@contextmanager
def _fresh(path: Path) -> Generator[Gentle]:
    """A new file, for its owner alone, which is on disk at the end."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        yield Gentle(file)
        file.flush()
        os.fsync(file.fileno())


# JSON Lines


def line_of(table: Table, row: Row) -> bytes:
    """A row as a line of JSON, with its line break."""
    values = {c.name: _to_json(c, v) for c, v in zip(table.columns, row, strict=True)}
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def row_of(table: Table, line: bytes) -> dict[str, Any]:
    """A line's row, as SQLAlchemy takes it. Raises ValueError or KeyError if it is none."""
    values = json.loads(line)
    if set(values) != set(table.columns.keys()):
        raise ValueError(f"other columns than {table.name} has")
    return {column.name: _from_json(column, values[column.name]) for column in table.columns}


def _to_json(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, UTCDateTime):
        return _time(value)
    if isinstance(column.type, JSON):
        return json.loads(value)
    if isinstance(column.type, LargeBinary):
        return base64.b64encode(value).decode()
    if isinstance(column.type, BigInteger):
        return str(value)  # as Discord's API writes ids: JavaScript's numbers have 53 bits
    return value


def _from_json(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, UTCDateTime):
        return datetime.fromisoformat(value)
    if isinstance(column.type, LargeBinary):
        return base64.b64decode(value, validate=True)
    if isinstance(column.type, BigInteger):
        return int(value)
    return value


def _time(stored: int) -> str:
    return (EPOCH + timedelta(microseconds=stored)).isoformat(timespec="microseconds")


# CSV


@contextmanager
def _csv(folder: Path, table: Table) -> Generator[Callable[[Sequence[Row]], None]]:
    """A function that writes rows into a table's CSV file. Contents of files have none."""
    if any(isinstance(column.type, LargeBinary) for column in table.columns):
        yield _unwritten
        return
    with _fresh(folder / f"{table.name}.csv") as file:
        file.write("\ufeff".encode())  # the mark by which spreadsheets know UTF-8
        writer = csv.writer(_Encoded(file))
        writer.writerow([column.name for column in table.columns])

        def write(rows: Sequence[Row]) -> None:
            writer.writerows(_cells(table, row) for row in rows)

        yield write


def _unwritten(_rows: Sequence[Row]) -> None:
    """Of these rows, no cells are written."""


class _Encoded:
    """A text file of a binary one, which knows how to write."""

    def __init__(self, file: Gentle) -> None:
        self._file = file

    def write(self, text: str) -> int:
        return self._file.write(text.encode())


def _cells(table: Table, row: Row) -> list[str]:
    return [_cell(c, v) for c, v in zip(table.columns, row, strict=True)]


def _cell(column: Column[Any], value: Any) -> str:
    if value is None:
        return ""
    if isinstance(column.type, UTCDateTime):
        return _time(value)
    if isinstance(column.type, Boolean):
        return "true" if value else "false"
    return number_cell(value) if isinstance(value, int) else cell(str(value))
