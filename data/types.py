"""Column types that mean the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import BigInteger, ColumnElement, Integer, String, literal_column
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from collections.abc import Iterable

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Row numbers: SQLite only assigns them by itself to a column of exactly this type.
RowId = BigInteger().with_variant(Integer, "sqlite")


def microseconds(at: datetime) -> int:
    """A time as whole microseconds since 1970 (UTC), as it is stored. `at` must know its zone."""
    if at.tzinfo is None:
        raise ValueError("a time without a time zone can't be stored")
    return (at - EPOCH) // timedelta(microseconds=1)


class UTCDateTime(TypeDecorator[datetime]):
    """An aware time in UTC, kept as whole microseconds since 1970.

    An integer compares, sorts and sums alike in SQLite and PostgreSQL; SQLite has no time type.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 - the library's signature
    ) -> int | None:
        return None if value is None else microseconds(value)

    def process_result_value(
        self,
        value: Any | None,
        dialect: Dialect,  # noqa: ARG002 - the library's signature
    ) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=int(value))


class Word(String):
    """A word out of a set of ours, such as a post's kind. Where a statement compares it with one of
    them, that stands in the statement itself.

    As a parameter it would have SQLite plan the statement anew each time it runs, to see whether a
    partial index `WHERE kind = 'question'` serves it now. That takes longer than most look-ups.
    """

    class Comparator(String.Comparator[str]):
        """Writes out the words of our sets."""

        def operate(self, op: Any, *other: Any, **options: Any) -> ColumnElement[Any]:
            """Compare with the others."""
            return super().operate(op, *map(_written_out, other), **options)

    comparator_factory = Comparator


def _written_out(other: object) -> object:
    """A word of ours, or several, as they stand in a statement; all else as it is."""
    if isinstance(other, StrEnum):
        return literal_column(f"'{other.value}'", String)
    if isinstance(other, list | tuple | set | frozenset):
        return [_written_out(each) for each in cast("Iterable[object]", other)]
    return other
