"""Statements counted, and made to fail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from data.database import Database


class Broken(Exception):
    """The database failed."""


@contextmanager
def counted(db: Database) -> Iterator[list[str]]:
    """The statements that run in the block, BEGIN and COMMIT aside. A set is one statement."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    with listening(db, "before_cursor_execute", note):
        yield statements


@contextmanager
def failing(db: Database, number: int) -> Iterator[None]:
    """The statement of this number, counted from 1, fails in the block; 0 is the commit."""
    with counted(db) as statements:

        def fail(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if number and len(statements) == number:
                raise Broken(statement)

        def fail_commit(_connection: Any) -> None:
            if number == 0:
                raise Broken("commit")

        with listening(db, "before_cursor_execute", fail), listening(db, "commit", fail_commit):
            yield


@contextmanager
def listening(db: Database, name: str, function: Any) -> Iterator[None]:
    """Have SQLAlchemy call a function in the block."""
    engine = db.engine.sync_engine
    event.listen(engine, name, function)
    try:
        yield
    finally:
        event.remove(engine, name, function)
