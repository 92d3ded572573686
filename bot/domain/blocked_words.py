"""The words that a server blocks: its list, and finding them in a text as it reads.

A word is found whole, or with `*` at its ends as the beginning, end or part of one, as Discord's
AutoMod reads it. It is found however it is written: with look-alikes, digits for letters, marks,
invisible signs, letters repeated three times or more, or spelt out (`b a d`, `b.a.d`).

A. Aho and M. Corasick, "Efficient string matching" (1975): all words at once, in linear time.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from bot.domain.lookalikes import DIGIT, EITHER, GAP, INSIDE, LETTER, read_as
from bot.domain.runs import runs_of

ENTRIES_MAX: Final = 500
_STRETCHED: Final = 3  # times a letter stands in a row where it is no spelling any more
_ALONE: Final = "ai"  # words of one letter, which may stand before one that is spelt out
_GAP: Final = " "
_WORDY: Final = LETTER | DIGIT


def entries_of(value: str) -> list[str]:
    """The entries of a list that is separated by lines or commas, each once."""
    entries = (" ".join(each.split()) for each in re.split(r"[,\n]", value))
    return list(dict.fromkeys(filter(None, entries)))


def is_entry(entry: str) -> bool:
    """Whether an entry has a letter or digit to be found by."""
    return bool(_entry_of(entry, entry).key)


def blocked_word(value: str, *texts: str) -> str | None:
    """The first word of a list that one of these texts has, as it is written there, without the
    text's markup; None if there is none."""
    if not value or not any(texts):
        return None
    words = _words_of(value)
    for text in texts:
        found = words.first("".join(run.text for run in runs_of(text)))
        if found is not None:
            return found
    return None


@dataclass(slots=True)
class _Stretches:
    """A text as stretches of one letter: which, how often, made of what, and where each begins in
    the text. Gaps between words are stretches too; their number is their width."""

    letters: list[str] = field(default_factory=list[str])
    numbers: list[int] = field(default_factory=list[int])
    made_of: list[int] = field(default_factory=list[int])
    starts: list[int] = field(default_factory=list[int])
    spelt: bool = False

    def add(self, letter: str, number: int, made_of: int, start: int) -> None:
        """Add a stretch, or add to the last one if it is of the same letter."""
        if self.letters and self.letters[-1] == letter:
            self.numbers[-1] += number
            self.made_of[-1] |= made_of
            return
        self.letters.append(letter)
        self.numbers.append(number)
        self.made_of.append(made_of)
        self.starts.append(start)

    def ends_word(self, at: int) -> bool:
        """Whether there is no letter and no digit at a place."""
        return not 0 <= at < len(self.letters) or not self.made_of[at] & _WORDY

    def begins_after(self, at: int) -> bool:
        """Whether a word can begin after a place: also after "a" or "I" if it is spelt out."""
        if self.ends_word(at):
            return True
        alone = self.spelt and self.letters[at] in _ALONE and self.numbers[at] == 1
        return alone and self.ends_word(at - 1)


def _stretches(text: str, either: str) -> _Stretches:
    """A text in stretches, with a gap at its end. `either` is the letter that signs for both `i`
    and `l` are read as."""
    found = _Stretches()
    last = ""
    all_letters, numbers, all_made_of = found.letters, found.numbers, found.made_of
    known = {c: _known(c, either) for c in set(text)}
    for at, c in enumerate(text):
        made_of, letters = known[c]
        if not made_of:
            continue
        if c in INSIDE and not _is_inside(text, at):
            made_of, letters = GAP, _GAP
        if letters == last:
            numbers[-1] += 1
            all_made_of[-1] |= made_of
        elif len(letters) == 1:
            all_letters.append(letters)
            numbers.append(1)
            all_made_of.append(made_of)
            found.starts.append(at)
            last = letters
        else:
            for letter in letters:
                found.add(either if letter == EITHER else letter, 1, made_of, at)
            last = all_letters[-1]
    found.add(_GAP, 1, GAP, len(text))
    return found


def _known(c: str, either: str) -> tuple[int, str]:
    made_of, letters = read_as(c)
    if made_of and not letters:
        return GAP, _GAP
    return made_of, either if letters == EITHER else letters


def _is_inside(text: str, at: int) -> bool:
    return text[at - 1 : at].isalnum() and text[at + 1 : at + 2].isalnum()


_ALONE_IN_A_ROW: Final = re.compile(r"(?<![^ ])[^ ](?: [^ ]){2,}(?![^ ])")


def _spelt_out(text: _Stretches) -> _Stretches:
    """The words of a text that are spelt out: three single letters in a row, at least. Between such
    words, gaps are wider than within."""
    found = _Stretches(spelt=True)
    add, letters, numbers = found.add, text.letters, text.numbers
    made_of, starts = text.made_of, text.starts
    for row in _ALONE_IN_A_ROW.finditer("".join(letters)):
        begin, end = row.span()
        narrow = min(numbers[begin + 1 : end : 2])
        for at in range(begin, end, 2):
            if at > begin and numbers[at - 1] > narrow:
                add(_GAP, 1, GAP, starts[at - 1])
            add(letters[at], numbers[at], made_of[at], starts[at])
        add(_GAP, 1, GAP, starts[end])
    return found


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry: the letters of its stretches, and their numbers. It is `open` at the ends that have
    a `*`."""

    key: str
    numbers: tuple[int, ...]
    open_before: bool
    open_after: bool
    has_letters: bool
    only_spelt: bool = False

    def is_at(self, text: _Stretches, end: int) -> bool:
        """Whether a text whose stretches from `end` back have this entry's letters has it there."""
        start, last = end - len(self.numbers) + 1, len(self.numbers) - 1
        if self.only_spelt and not text.spelt:
            return False
        if not (self.open_before or text.begins_after(start - 1)):
            return False
        if not (self.open_after or text.ends_word(end + 1)):
            return False
        made_of = 0
        for n, wanted in enumerate(self.numbers):
            there, made_of = text.numbers[start + n], made_of | text.made_of[start + n]
            is_open = (self.open_before and n == 0) or (self.open_after and n == last)
            if there == wanted or self.key[n] == _GAP:
                continue
            if there < wanted or (there < _STRETCHED and not is_open):
                return False
        # A number is no word: 455 reads like one only where letters stand beside it.
        if self.has_letters:
            return bool(made_of & LETTER) or not made_of & DIGIT
        return not made_of & LETTER


def _entry_of(entry: str, written: str) -> _Entry:
    text = _stretches(written.strip("*"), "i")
    key = "".join(text.letters)
    here = slice(len(key) - len(key.lstrip(_GAP)), len(key.rstrip(_GAP)))
    return _Entry(
        key.strip(_GAP),
        tuple(text.numbers[here]),
        entry.startswith("*"),
        entry.endswith("*"),
        any(made_of & LETTER for made_of in text.made_of[here]),
    )


def _without_gaps(entry: _Entry) -> _Entry:
    """A phrase as it is spelt out, without gaps between its words."""
    joined = _Stretches()
    for letter, number in zip(entry.key, entry.numbers, strict=True):
        if letter != _GAP:
            joined.add(letter, number, LETTER, 0)
    return _Entry(
        "".join(joined.letters),
        tuple(joined.numbers),
        entry.open_before,
        entry.open_after,
        entry.has_letters,
        only_spelt=True,
    )


def _forms(entry: str) -> Iterator[_Entry]:
    """An entry in each case: a capital can look like another letter than its small one (Н, н)."""
    cases = () if entry.isascii() else (entry.lower(), entry.upper(), entry.title())
    for written in dict.fromkeys((entry, *cases)):
        form = _entry_of(entry, written)
        yield form
        if _GAP in form.key:
            yield _without_gaps(form)


class _Words:
    """A server's list as an automaton: a tree of the entries' letters. From each place, `_back`
    leads to the longest other beginning of an entry that ends there."""

    def __init__(self, entries: list[str]) -> None:
        self._next: list[dict[str, int]] = [{}]
        self._entries: dict[int, set[_Entry]] = {}
        self._back = [0]
        for form in (form for entry in entries for form in _forms(entry) if form.key):
            at = 0
            for letter in form.key:
                if letter not in self._next[at]:
                    self._next[at][letter] = len(self._back)
                    self._back.append(0)
                    self._next.append({})
                at = self._next[at][letter]
            self._entries.setdefault(at, set()).add(form)
        self._shorter = [0] * len(self._back)
        self._lead_back()

    def _lead_back(self) -> None:
        """Link the places, the nearest to the root first; `_shorter` is the next one on the way
        back at which an entry ends."""
        waiting = deque(self._next[0].values())
        while waiting:
            at = waiting.popleft()
            back = self._back[at]
            self._shorter[at] = back if back in self._entries else self._shorter[back]
            for letter, there in self._next[at].items():
                self._back[there] = self._step(back, letter)
                waiting.append(there)

    def _step(self, at: int, letter: str) -> int:
        while at and letter not in self._next[at]:
            at = self._back[at]
        return self._next[at].get(letter, 0)

    def first(self, text: str) -> str | None:
        """The first word in a text that has an entry, as it is written there."""
        both = any(EITHER in read_as(c)[1] for c in set(text))
        for either in "il" if both else "i":
            stretches = _stretches(text, either)
            for each in (stretches, _spelt_out(stretches)):
                found = self._found(each) if each.letters else None
                if found is not None:
                    return _whole(text, each, *found)
        return None

    def _found(self, text: _Stretches) -> tuple[int, int] | None:
        """The first and the last stretch of the first entry in a text."""
        at, following, back = 0, self._next, self._back
        entries, shorter = self._entries, self._shorter
        for end, letter in enumerate(text.letters):
            while at and letter not in following[at]:
                at = back[at]
            at = following[at].get(letter, 0)
            ending = at if at in entries else shorter[at]
            while ending:
                for entry in entries[ending]:
                    if entry.is_at(text, end):
                        return end - len(entry.numbers) + 1, end
                ending = shorter[ending]
        return None


def _whole(text: str, stretches: _Stretches, first: int, last: int) -> str:
    """The word or words of a text that some stretches are in."""
    while not (stretches.spelt or stretches.ends_word(first - 1)):
        first -= 1
    while not (stretches.spelt or stretches.ends_word(last + 1)):
        last += 1
    return text[stretches.starts[first] : stretches.starts[last + 1]]


@lru_cache(maxsize=32)
def _words_of(value: str) -> _Words:
    return _Words(entries_of(value))
