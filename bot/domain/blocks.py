"""Blocks: members who may read along in a server, but not take part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class BlockSpan(StrEnum):
    """How long a member is blocked."""

    HOUR = "1h"
    DAY = "1d"
    WEEK = "7d"
    MONTH = "30d"
    FOR_GOOD = "for_good"


_LASTS: Final = {
    BlockSpan.HOUR: timedelta(hours=1),
    BlockSpan.DAY: timedelta(days=1),
    BlockSpan.WEEK: timedelta(days=7),
    BlockSpan.MONTH: timedelta(days=30),
}


def end_of(span: BlockSpan, now: datetime) -> datetime | None:
    """When a block that begins now ends; None is never."""
    lasts = _LASTS.get(span)
    return None if lasts is None else now + lasts


@dataclass(frozen=True, slots=True)
class Block:
    """A member's block: until when (None: for good), and why, as the moderator wrote it, or empty.
    One set from an anonymous post keeps them from what they would do anonymously alone."""

    until: datetime | None
    reason: str = ""
    anonymous: bool = False

    def holds(self, now: datetime) -> bool:
        """Whether it is in force. One that has ended is none."""
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class BlockNotice:
    """A block as the member reads it in their inbox; `read` if they have seen it before."""

    block: Block
    at: datetime
    read: bool
