"""A database that cannot be reached, and one whose transactions a test has replaced."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NoReturn, TypeVar

from data.database import Database, Transaction

_T = TypeVar("_T")
_WAYS: Final = ("read", "write", "in_read", "in_lookup", "in_write")


@contextmanager
def unreachable(db: Database, error: BaseException) -> Iterator[None]:
    """Every transaction fails with an error in the block."""
    cut_off(db, error)
    try:
        yield
    finally:
        for way in _WAYS:
            delattr(db, way)


def cut_off(db: Database, error: BaseException) -> None:
    """Have every transaction fail with an error from now on."""

    def away(*_args: Any) -> NoReturn:
        raise error

    for way in _WAYS:
        setattr(db, way, away)


@contextmanager
def writing_by(db: Database, write: Any) -> Iterator[None]:
    """All that is written in the block goes through `write`, which is what `Database.write` is."""

    async def in_write(work: Callable[[Transaction], Awaitable[_T]]) -> _T:
        async with write() as tx:
            return await work(tx)

    db.write, db.in_write = write, in_write  # type: ignore[method-assign]
    try:
        yield
    finally:
        del db.write, db.in_write
