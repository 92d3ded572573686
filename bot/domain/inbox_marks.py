"""What somebody has read of the notices of their anonymous posts.

The rows of such notices never change with what their author does: when they read them would say who
they are. What was read is kept apart, sealed, in a box of the same length for everybody.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

NOTICES_MAX: Final = 120
"""Notices that are remembered as read one by one; older ones count as read with them."""
APPEALS_MAX: Final = 8
_HEAD: Final = struct.Struct(">qq")
_MARK: Final = struct.Struct(">qi")
LENGTH: Final = _HEAD.size + _MARK.size * (NOTICES_MAX + APPEALS_MAX)


@dataclass(frozen=True, slots=True)
class Marks:
    """Notices that were read, with the votes that they told of then; those up to `floor` are read
    anyway. `appeals` are those whose outcome was read. About posts up to `silent` no messages are
    sent."""

    notices: Mapping[int, int] = field(default_factory=dict[int, int])
    appeals: frozenset[int] = frozenset()
    floor: int = 0
    silent: int = 0

    def has_read(self, notice_id: int, votes: int) -> bool:
        """Whether a notice was read, as it is now."""
        return notice_id <= self.floor or self.notices.get(notice_id) == votes

    def new_votes(self, notice_id: int, votes: int) -> int:
        """What is new of a notice's votes; all of them where none are."""
        return votes - self.notices.get(notice_id, 0) or votes

    def with_read(
        self, notices: Mapping[int, int], appeals: Collection[int], there: Collection[int]
    ) -> Marks:
        """The same, after more was read. `there` are all notices that the reader has now."""
        kept = {n: votes for n, votes in self.notices.items() if n in there} | dict(notices)
        dropped = sorted(kept)[:-NOTICES_MAX]
        for notice_id in dropped:
            del kept[notice_id]
        floor = max([self.floor, *dropped])
        newest = sorted(self.appeals | set(appeals))[-APPEALS_MAX:]
        return replace(self, notices=kept, appeals=frozenset(newest), floor=floor)


def packed(marks: Marks) -> bytes:
    """Marks as bytes, of one length whatever was read."""
    rows = [*sorted(marks.notices.items())[-NOTICES_MAX:]]
    rows += [(0, 0)] * (NOTICES_MAX - len(rows))
    told = sorted(marks.appeals)[-APPEALS_MAX:]
    rows += [(appeal, 0) for appeal in told] + [(0, 0)] * (APPEALS_MAX - len(told))
    return _HEAD.pack(marks.floor, marks.silent) + b"".join(_MARK.pack(*row) for row in rows)


def unpacked(plain: bytes) -> Marks:
    """Marks from what `packed` made."""
    floor, silent = _HEAD.unpack_from(plain)
    rows = list(_MARK.iter_unpack(plain[_HEAD.size :]))
    notices = {number: votes for number, votes in rows[:NOTICES_MAX] if number}
    appeals = frozenset(number for number, _ in rows[NOTICES_MAX:] if number)
    return Marks(notices, appeals, floor, silent)
