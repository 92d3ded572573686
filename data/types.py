"""Column types that mean the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Integer
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

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
