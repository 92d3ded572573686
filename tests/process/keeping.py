"""What `backup`, `restore`, `copy`, `export` and `import` are held against."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.support.every_table import TABLES

FILE = Path("var") / "askwell.sqlite3"
Rows = dict[str, list[tuple[Any, ...]]]


def rows_of(path: Path) -> Rows:
    """All rows of a SQLite file, as they are stored."""
    with closing(sqlite3.connect(path)) as connection:
        return {
            table.name: sorted(connection.execute(f"SELECT * FROM {table.name}"), key=repr)  # noqa: S608
            for table in TABLES
        }


def files_of(folder: Path) -> dict[str, bytes]:
    """The files of an export."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}
