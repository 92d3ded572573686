"""What an edit changed, as lines a person can read.

A text is compared line by line, long lines sentence by sentence; what is the same is left out, but
for what stands beside a change. Within one long sentence only the words around the change remain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from enum import StrEnum

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")
_LONG_LINE = 90  # characters from which a line is compared sentence by sentence
_BESIDE = 50  # characters left of what is the same beside a change
_MANY = 500  # units from which the comparison takes the quick way, which misses some likeness


class Sign(StrEnum):
    """What became of a line."""

    SAME = " "
    GONE = "-"
    NEW = "+"
    LEFT_OUT = "…"


Difference = tuple[Sign, str]


def differences(before: str, after: str) -> list[Difference]:
    """What was changed from one text to the other; empty where nothing was."""
    old, new = _units(before), _units(after)
    quick = max(len(old), len(new)) > _MANY
    matcher = SequenceMatcher(None, old, new, autojunk=quick)
    found: list[Difference] = []
    for what, a, b, c, d in matcher.get_opcodes():
        if what == "equal":
            found.extend(_beside(old[a:b], first=not a, last=b == len(old)))
        else:
            found.extend(_changed(old[a:b], new[c:d]))
    return found if any(sign in (Sign.GONE, Sign.NEW) for sign, _ in found) else []


def _units(text: str) -> list[str]:
    units: list[str] = []
    for line in text.split("\n"):
        parts = _SENTENCE_END.split(line) if len(line) > _LONG_LINE else [line]
        units += [part.rstrip() for part in parts]
    while units and not units[-1]:
        units.pop()
    return units


def _beside(same: Sequence[str], *, first: bool, last: bool) -> Iterator[Difference]:
    """What is left of lines that are the same, between two changes or at an end."""
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
    """Two wordings of a sentence, without most of how both begin and end."""
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
    """How many characters two texts begin with alike, in whole words."""
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
