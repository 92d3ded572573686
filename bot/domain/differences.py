"""What an edit changed, as lines a person can read.

Texts are compared line by line, and long lines sentence by sentence. What is unchanged is left out,
except right beside a change. Of a long sentence only the words around the change remain.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from enum import StrEnum

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")
_LONG_LINE = 90  # characters from which a line is compared sentence by sentence
_BESIDE = 50  # characters kept of what is unchanged beside a change
_FEW = 100  # units up to which two texts are compared in every detail; the time grows cubically
_GAP = 30  # the same limit, between two units that are unique in each text


class Sign(StrEnum):
    """What became of a line."""

    SAME = " "
    GONE = "-"
    NEW = "+"
    LEFT_OUT = "…"


Difference = tuple[Sign, str]


def differences(before: str, after: str) -> list[Difference]:
    """The changes from one text to the other; empty if there are none."""
    old, new = _units(before), _units(after)
    found: list[Difference] = []
    for same, a, b, c, d in _stretches(old, new):
        if same:
            found.extend(_beside(old[a:b], first=not a, last=b == len(old)))
        else:
            found.extend(_changed(old[a:b], new[c:d]))
    return found if any(sign in (Sign.GONE, Sign.NEW) for sign, _ in found) else []


# Whether it is unchanged; start and end in the old text; start and end in the new one.
Stretch = tuple[bool, int, int, int, int]


def _stretches(old: Sequence[str], new: Sequence[str]) -> list[Stretch]:
    """The unchanged and the changed parts of both texts, in order.

    As in patience diff, the units that occur exactly once in each text are the anchors. What lies
    between two anchors is compared in detail if it is short.
    """
    most = _FEW
    ends = [(len(old), len(new))]
    if max(len(old), len(new)) > _FEW:
        most = _GAP
        ends = [*_anchors(old, new), *ends]
    found: list[Stretch] = []
    a = c = 0
    for b, d in ends:
        found += _between(old, new, (a, b, c, d), most)
        if b < len(old) and d < len(new):
            found.append((True, b, b + 1, d, d + 1))
        a, c = b + 1, d + 1
    return _merged(found)


def _between(
    old: Sequence[str], new: Sequence[str], part: tuple[int, int, int, int], most: int
) -> list[Stretch]:
    a, b, c, d = part
    if max(b - a, d - c) > most:
        return [(False, a, b, c, d)]
    matcher = SequenceMatcher(None, old[a:b], new[c:d], autojunk=False)
    return [
        (what == "equal", a + i, a + j, c + k, c + m) for what, i, j, k, m in matcher.get_opcodes()
    ]


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The positions of the unique units in both texts: as many as stand in the same order.

    The longest increasing subsequence, by patience sorting: O(n log n).
    """
    often, there = Counter(old), Counter(new)
    place = {unit: i for i, unit in enumerate(new) if there[unit] == 1}
    pairs = [(i, place[unit]) for i, unit in enumerate(old) if often[unit] == 1 and unit in place]
    tops: list[int] = []  # the lowest place that a run of each length ends with
    last: list[int] = []  # the pair it ends with
    before: list[int] = []  # for each pair, the one before it in its run; -1 for none
    for n, (_, where) in enumerate(pairs):
        length = bisect_left(tops, where)
        before.append(last[length - 1] if length else -1)
        tops[length : length + 1] = [where]
        last[length : length + 1] = [n]
    chain: list[tuple[int, int]] = []
    n = last[-1] if last else -1
    while n >= 0:
        chain.append(pairs[n])
        n = before[n]
    return chain[::-1]


def _merged(stretches: Sequence[Stretch]) -> list[Stretch]:
    """Merge neighbouring parts of the same kind."""
    merged: list[Stretch] = []
    for same, a, b, c, d in stretches:
        if merged and merged[-1][0] == same:
            _, first, _, start, _ = merged[-1]
            merged[-1] = (same, first, b, start, d)
        else:
            merged.append((same, a, b, c, d))
    return merged


def _units(text: str) -> list[str]:
    units: list[str] = []
    for line in text.split("\n"):
        parts = _SENTENCE_END.split(line) if len(line) > _LONG_LINE else [line]
        units += [part.rstrip() for part in parts]
    while units and not units[-1]:
        units.pop()
    return units


def _beside(same: Sequence[str], *, first: bool, last: bool) -> Iterator[Difference]:
    """The part that is kept of unchanged lines, between two changes or at an end."""
    kept = [unit for unit in same if unit]
    if not kept:
        return
    if first:
        yield from [(Sign.LEFT_OUT, "")] if len(kept) > 1 else []
        yield Sign.SAME, _end_of(kept[-1])
    elif last:
        yield Sign.SAME, _begin_of(kept[0])
        yield from [(Sign.LEFT_OUT, "")] if len(kept) > 1 else []
    elif len(kept) <= 2:
        yield from ((Sign.SAME, _begin_of(unit)) for unit in kept)
    else:
        yield Sign.SAME, _begin_of(kept[0])
        yield Sign.LEFT_OUT, ""
        yield Sign.SAME, _end_of(kept[-1])


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[Difference]:
    pairs = len(old) == len(new)
    gone, come = list(old), list(new)
    if pairs:
        for i, (one, other) in enumerate(zip(old, new, strict=True)):
            gone[i], come[i] = _around_the_change(one, other)
    yield from ((Sign.GONE, unit) for unit in gone if unit or len(gone) == 1)
    yield from ((Sign.NEW, unit) for unit in come if unit or len(come) == 1)


def _around_the_change(one: str, other: str) -> tuple[str, str]:
    """Two versions of a sentence, without most of their common beginning and end."""
    if min(len(one), len(other)) <= 2 * _BESIDE:
        return one, other
    begin = _shared(one, other)
    end = _shared(one[begin:][::-1], other[begin:][::-1])
    if not begin and not end:
        return one, other
    lead = one[:begin] if begin <= _BESIDE else _end_of(one[:begin])
    tail = one[len(one) - end :] if end <= _BESIDE else _begin_of(one[len(one) - end :])
    return (
        lead + one[begin : len(one) - end] + tail,
        lead + other[begin : len(other) - end] + tail,
    )


def _shared(one: str, other: str) -> int:
    """The length of the common beginning of two texts, in whole words."""
    length = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        length += 1
    if length == min(len(one), len(other)):
        return length
    return one.rfind(" ", 0, length) + 1


def _begin_of(text: str) -> str:
    if len(text) <= _BESIDE:
        return text
    cut = text[:_BESIDE]
    return cut[: cut.rfind(" ")] + " …" if " " in cut else cut + "…"


def _end_of(text: str) -> str:
    if len(text) <= _BESIDE:
        return text
    cut = text[-_BESIDE:]
    return "… " + cut[cut.find(" ") + 1 :] if " " in cut else "…" + cut
