"""Lists are read a page at a time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a list are read: `limit` at most, after the first `offset`."""

    limit: int
    offset: int = 0
