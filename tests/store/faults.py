"""Counting statements, and making them fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
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
def at_statement(db: Database, number: int, do: Callable[[], object]) -> Iterator[None]:
    """Call a function in the block just before the statement with this number, counted from 1."""
    with counted(db) as statements:

        def check(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if len(statements) == number and statements[-1:] == [statement]:
                do()

        with listening(db, "before_cursor_execute", check):
            yield


@contextmanager
def failing(db: Database, number: int) -> Iterator[None]:
    """Make the statement with this number, counted from 1, fail in the block; 0 is the commit."""

    def fail(*_arguments: Any) -> None:
        raise Broken(f"statement {number}")

    with ExitStack() as stack:
        stack.enter_context(at_statement(db, number, fail))
        if not number:
            stack.enter_context(listening(db, "commit", fail))
        yield


@contextmanager
def listening(db: Database, name: str, function: Any) -> Iterator[None]:
    """Have SQLAlchemy call a function in the block."""
    engines = db.engines
    for engine in engines:
        event.listen(engine, name, function)
    try:
        yield
    finally:
        for engine in engines:
            event.remove(engine, name, function)
