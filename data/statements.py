"""The few statements the two databases write differently."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Subquery, TextClause, column, text
from sqlalchemy.dialects import postgresql, sqlite

from data.models import Base


def upsert(dialect: str, model: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that can say what happens `on_conflict_do_update` or `…_do_nothing`."""
    return postgresql.insert(model) if dialect == "postgresql" else sqlite.insert(model)


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


def pairs_table(dialect: str) -> Subquery:
    """A table of number pairs `a`, `b`, given as one parameter `pairs` (see `pairs_value`).

    Joined, it is sought by index; on SQLite `tuple_(a, b).in_(…)` scans the whole table.
    """
    statement = _PAIRS[dialect].columns(column("a", BigInteger), column("b", BigInteger))
    return statement.subquery("pairs")


def pairs_value(pairs: Iterable[tuple[int, int]]) -> dict[str, Any]:
    """The parameter that goes with `pairs_table`."""
    return {"pairs": json.dumps(list(pairs))}
