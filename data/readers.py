"""Whoever reads: what a query needs to know of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement


@dataclass(frozen=True, slots=True)
class Reader:
    """A member, with the channels they can read, and the numbers under which they wrote
    anonymously."""

    guild_id: int
    user_id: int
    channels: Collection[int]
    numbers: Collection[int] = ()

    def is_author(self, column: Any) -> ColumnElement[bool]:
        """The condition that they are an author."""
        if not self.numbers:
            return column == self.user_id
        return column.in_((self.user_id, *self.numbers))

    def is_no_author(self, column: Any) -> ColumnElement[bool]:
        """The condition that they are none, also where the author isn't known."""
        if not self.numbers:
            return column.is_distinct_from(self.user_id)
        return column.is_(None) | column.not_in((self.user_id, *self.numbers))
