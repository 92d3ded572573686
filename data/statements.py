"""The few statements that differ between the two databases, and statements that are compiled
once."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Dialect,
    Executable,
    Subquery,
    TextClause,
    UpdateBase,
    column,
    lambda_stmt,
    text,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import InstrumentedAttribute

from data.models import Base

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql


def upsert(dialect: str, model: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that can say what happens `on_conflict_do_update` or `…_do_nothing`."""
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # 2 MB that nobody needs on SQLite

        return postgresql.insert(model)
    return sqlite.insert(model)


def of_server(
    model: Any, guild_id: int | BindParameter[int] | InstrumentedAttribute[int]
) -> ColumnElement[bool]:
    """The condition that rows, which are selected by other ids, belong to a server. It is checked,
    but not used for the look-up: SQLite, which has no statistics of these tables, would prefer an
    index that begins with the server, and read all of a server's posts to find five of them."""
    return model.guild_id + 0 == guild_id


def known_by_place(build: Callable[[], Executable]) -> Callable[[], Executable]:
    """A statement that is built once, and which SQLAlchemy finds among those it has compiled by
    where `build` stands in the code. To compare all that is in a card's statement takes longer than
    to run it.

    What `build` makes must be the same each time: values come as named parameters.
    """

    @cache  # so that nothing is built while modules are loaded
    def built() -> Executable:
        return lambda_stmt(build, enable_tracking=False)

    return built


class ForEach:
    """A statement that runs once for each row of a set, compiled once for each database.

    For hot paths: building an upsert costs SQLAlchemy 0.5 ms, and each row of a set 8 µs. Values go
    to the driver as they are, so a time must be given in microseconds. `build` gets the dialect's
    name; the statement's parameters must be the keys of every row.
    """

    def __init__(self, build: Callable[[str], UpdateBase]) -> None:
        self._build = build
        self._compiled: dict[str, tuple[str, Sequence[str], Mapping[str, Any]]] = {}

    def driver_sql(
        self, dialect: Dialect, rows: Sequence[Mapping[str, Any]]
    ) -> tuple[str, list[tuple[Any, ...]]]:
        """The statement as the driver takes it, and its parameters. Needs at least one row."""
        if dialect.name not in self._compiled:
            self._compiled[dialect.name] = self._compile(dialect, rows[0].keys())
        statement, names, constants = self._compiled[dialect.name]
        if constants:
            rows = [{**constants, **row} for row in rows]
        return statement, [tuple([row[name] for name in names]) for row in rows]

    def _compile(
        self, dialect: Dialect, columns: Collection[str]
    ) -> tuple[str, Sequence[str], Mapping[str, Any]]:
        compiled = self._build(dialect.name).compile(
            dialect=dialect, column_keys=list(columns), for_executemany=True
        )
        names: Sequence[str] = compiled.positiontup or []
        constants = {k: v for k, v in compiled.params.items() if k not in columns}
        return str(compiled), names, constants


_PAIRS: dict[str, TextClause] = {
    "sqlite": text(
        "SELECT json_extract(value, '$[0]') AS a, json_extract(value, '$[1]') AS b"
        " FROM json_each(:pairs)"
    ),
    "postgresql": text(
        "SELECT (value->>0)::bigint AS a, (value->>1)::bigint AS b"
        " FROM json_array_elements(CAST(:pairs AS json)) AS value"
    ),
}


@cache
def pairs_table(dialect: str) -> Subquery:
    """A table of number pairs `a`, `b`, given as one parameter `pairs` (see `pairs_value`).

    A join with it uses an index; on SQLite `tuple_(a, b).in_(…)` scans the whole table.
    """
    statement = _PAIRS[dialect].columns(column("a", BigInteger), column("b", BigInteger))
    return statement.subquery("pairs")


def pairs_value(pairs: Iterable[tuple[int, int]]) -> dict[str, Any]:
    """The parameter of `pairs_table`."""
    return {"pairs": json.dumps(list(pairs))}
