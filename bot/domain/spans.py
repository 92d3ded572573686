"""Where a text may be cut, and which marks keep both halves looking right."""

from __future__ import annotations

import re
from bisect import bisect_left

from bot.domain.markup import Kind, read

_LEAD = re.compile(r" *(?:> )?(?: *#{1,3} )?")
_WHOLE = frozenset({Kind.ESCAPE, Kind.WHOLE, Kind.MENTION, Kind.FENCE, Kind.QUOTE, Kind.HEADING})
_LONG = 300  # characters of an address or block of code that may be cut

# Start, start of its inside, end of its inside, end; and its mark.
_Span = tuple[int, int, int, int, str]


class Spans:
    """The spans of a text, including inline code, and the parts that must not be cut.

    `room` is the space for the marks that close all spans at any place.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._spans: list[_Span] = []
        self._whole: list[tuple[int, int]] = []
        waiting: list[tuple[int, int]] = []
        self.room = taken = 0  # by the marks of the spans that are open
        begins, ends = Kind.OPEN, Kind.CLOSE
        for kind, start, end, value in read(text):
            if kind is begins:
                waiting.append((start, end))
                taken += end - start
                self.room = max(self.room, taken)
            elif kind is ends:
                begin, inside = waiting.pop()
                taken -= inside - begin
                self._spans.append((begin, inside, start, end, value))
            elif kind is Kind.CODE:
                ticks = len(value)
                self._spans.append((start, start + ticks, end - ticks, end, value))
                self.room = max(self.room, taken + ticks)
            elif 1 < end - start <= _LONG and kind in _WHOLE:
                self._whole.append((start, end))
        self._spans.sort()
        self._begins = [span[0] for span in self._spans]
        self._outer = _enclosing(self._spans)

    def between(self, at: int) -> int:
        """Where to cut instead, if a place is within a mark or right beside it inside its span."""
        place = bisect_left(self._whole, (at,)) - 1
        if place >= 0 and self._whole[place][0] < at < self._whole[place][1]:
            at = self._whole[place][0]
        for begin, inside, stop, end, mark in self._around(at):
            if not begin < at < end:
                continue
            if at <= inside or not self._text[inside:at].strip():
                at = begin
            elif at >= stop or not self._text[at:stop].strip():
                # Its end still fits: room was kept for it.
                at = end if end - at <= len(mark) else stop
        return at

    def closed_at(self, at: int) -> str:
        """The marks that close the spans open at a place."""
        return "".join(reversed(self._open(at)))

    def opened_at(self, at: int) -> str:
        """What keeps the text from a place on looking the same: its line's prefix, and its open
        spans."""
        begin = self._text.rfind("\n", 0, at) + 1
        lead = _LEAD.match(self._text, begin)
        led = lead is not None and begin < lead.end() <= at and not self._in_code(at)
        return (lead[0] if lead and led else "") + "".join(self._open(at))

    def _open(self, at: int) -> list[str]:
        return [span[4] for span in reversed(self._around(at))]

    def _around(self, at: int) -> list[_Span]:
        """The spans around a place, the innermost first."""
        found: list[_Span] = []
        number = bisect_left(self._begins, at) - 1
        while number >= 0:
            if self._spans[number][3] > at:
                found.append(self._spans[number])
            number = self._outer[number]
        return found

    def _in_code(self, at: int) -> bool:
        place = bisect_left(self._whole, (at,)) - 1
        return place >= 0 and self._whole[place][0] < at < self._whole[place][1]


def _enclosing(spans: list[_Span]) -> list[int]:
    """For each span, the index of the span around it, -1 for none."""
    outer: list[int] = []
    open_: list[int] = []
    for number, span in enumerate(spans):
        while open_ and spans[open_[-1]][3] <= span[0]:
            open_.pop()
        outer.append(open_[-1] if open_ else -1)
        open_.append(number)
    return outer
