"""Reading lists page by page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of a page: at most `limit`, after the first `offset`."""

    limit: int
    offset: int = 0
