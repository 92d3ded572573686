"""Shared by all tables: names of constraints, and column types by Python type."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Boolean, Index, MetaData, Text, TextClause
from sqlalchemy.orm import DeclarativeBase

from data.types import UTCDateTime


def partial_index(name: str, *columns: str | TextClause, where: TextClause) -> Index:
    """A partial index, of the rows for which `where` is true.

    Both databases get it from the migrations. PostgreSQL's keyword would load all of its dialect, 2
    MB that SQLite doesn't need, and nothing reads it, since Alembic only compares columns.
    """
    return Index(name, *columns, sqlite_where=where)


class Base(DeclarativeBase):
    """Names every constraint, so that migrations can refer to it on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UTCDateTime,
        int: BigInteger,
        str: Text,
        bool: Boolean,
        dict[str, str]: JSON,
        dict[str, Any]: JSON,
    }
