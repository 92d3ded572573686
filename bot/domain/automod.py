"""A server's own rules of Discord's AutoMod, as Discord reads them.

They are keywords with `*` at their ends, regular expressions, a limit of mentions, and words that
are allowed all the same. Discord doesn't apply AutoMod to what bots send, so the bot applies it to
what members write through it.

The expressions are Rust's. RE2 reads nearly the same ones, and takes linear time as well (R. Cox,
"Regular Expression Matching in the Wild", 2010). One that it reads differently isn't applied, but
named.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Any, Final

_PATTERN_MEMORY: Final = 2 << 20  # bytes that one expression may take; RE2's default is 8 MiB
# Matches of expressions in a text that are compared with what is allowed. Each can take the
# length of the text to be found, so that all of them could take its square.
_MATCHES_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class RuleText:
    """What a rule looks for. `mentions` is the number of members and roles that a message may
    mention; None if they aren't counted."""

    keywords: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    mentions: int | None = None


class AutoModRule:
    """A rule that is turned on. It `blocks` with a `message` of the server's own ("" if it has
    none), or `alerts` moderators, or both. `unread` are its expressions that aren't applied."""

    def __init__(
        self,
        name: str,
        text: RuleText,
        *,
        blocks: bool = False,
        alerts: bool = False,
        message: str = "",
        exempt: Collection[int] = (),
    ) -> None:
        """`exempt` are the ids of the roles and channels that it doesn't apply to."""
        self.name, self.message = name, message
        self.blocks, self.alerts = blocks, alerts
        self._exempt = frozenset(exempt)
        self._keywords = [_Keyword.read(each) for each in text.keywords]
        self._allowed = [_Keyword.read(each) for each in text.allowed]
        self._mentions = text.mentions
        read = {each: _compiled(each) for each in text.patterns}
        self._patterns = [pattern for pattern in read.values() if pattern is not None]
        self.unread = tuple(each for each, pattern in read.items() if pattern is None)

    def applies_to(self, roles: Collection[int], channels: Collection[int]) -> bool:
        """Whether it applies to a member with these roles in one of these channels."""
        return self._exempt.isdisjoint(roles) and self._exempt.isdisjoint(channels)

    def matches(self, texts: Sequence[str]) -> bool:
        """Whether one of a post's texts has what it looks for, or all of them mention too many."""
        if self._mentions is not None and _count_mentions(texts) > self._mentions:
            return True
        return any(self._is_in(text) for text in texts if text)

    def _is_in(self, text: str) -> bool:
        folded = _fold(text)
        if not self._has_more(text, folded, bytes(len(folded) + 1)):
            return False
        return not self._allowed or self._has_more(text, folded, _reach(self._allowed, folded))

    def _has_more(self, text: str, folded: str, reach: Sequence[int]) -> bool:
        """Whether a text has what it looks for beyond what is allowed, see `_reach`."""
        if any(keyword.is_in(folded, reach) for keyword in self._keywords):
            return True
        found = (match for pattern in self._patterns for match in pattern.finditer(text))
        for number, match in enumerate(found):
            if number == _MATCHES_MAX or match.end() > reach[match.start()]:
                return True
        return False


@dataclass(frozen=True, slots=True)
class _Keyword:
    """A keyword: a whole word or phrase; with `*`, also where a longer word begins or ends with it
    or has it inside."""

    key: str
    open_before: bool
    open_after: bool

    @classmethod
    def read(cls, written: str) -> _Keyword:
        written = _fold(written)
        before, after = written.startswith("*"), written.endswith("*")
        return cls(written.strip("*").strip(), before, after)

    def is_in(self, folded: str, reach: Sequence[int]) -> bool:
        """Whether a text has it beyond what is allowed."""
        at = self._next(folded, 0)
        while at >= 0:
            end = at + len(self.key)
            if end > reach[at]:
                return True
            at = self._next(folded, reach[at] - len(self.key) + 1)
        return False

    def stretches(self, folded: str) -> Iterator[tuple[int, int]]:
        """Where a text has it, with what `*` stands for: everything up to a space."""
        at = self._next(folded, 0)
        while at >= 0:
            end = at + len(self.key)
            begin = folded.rfind(" ", 0, at) + 1 if self.open_before else at
            space = folded.find(" ", end) if self.open_after else end
            stop = len(folded) if space < 0 else space
            yield begin, stop
            # What follows in the same word reaches no further.
            at = self._next(folded, stop if self.open_after and " " not in self.key else at + 1)

    def _next(self, folded: str, start: int) -> int:
        """Where a text has it next, -1 if it doesn't."""
        at = folded.find(self.key, start) if self.key else -1
        while at >= 0:
            end = at + len(self.key)
            begins = self.open_before or not _is_wordy(folded[at - 1 : at])
            if begins and (self.open_after or not _is_wordy(folded[end : end + 1])):
                return at
            at = folded.find(self.key, at + 1)
        return -1


def _reach(allowed: Iterable[_Keyword], folded: str) -> list[int]:
    """For each place in a text, how far something allowed that begins there or before reaches."""
    reach = [0] * (len(folded) + 1)
    for keyword in allowed:
        for start, end in keyword.stretches(folded):
            reach[start] = max(reach[start], end)
    return list(accumulate(reach, max))


def _is_wordy(sign: str) -> bool:
    return sign.isalnum() or sign == "_"


def _fold(text: str) -> str:
    """A text in small letters and with spaces alone, each sign at its place."""
    small = text.lower()
    if len(small) != len(text):  # a letter whose small one is two signs
        small = "".join(low if len(low := sign.lower()) == 1 else sign for sign in text)
    return _SPACE.sub(" ", small).replace("ς", "σ")


_SPACE: Final = re.compile(r"\s")
_MENTION: Final = re.compile(r"<@[!&]?(\d+)>")


def _count_mentions(texts: Sequence[str]) -> int:
    return len({mention for text in texts for mention in _MENTION.findall(text)})


# --- regular expressions -------------------------------------------------------------------------

_ESCAPE: Final = re.compile(r"\\(b\{|.)", re.DOTALL)
_CODE_POINT: Final = re.compile(r"\\(?:u(?:\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{4}))|.)", re.DOTALL)
_POSIX_CLASS: Final = re.compile(r"\[:\^?\w+:\]")
# Sets of signs within sets, and what is done with them: RE2 takes the signs themselves.
_SETS: Final = re.compile(r"\[\^?\]?[^\]]*(?:\[|&&|--|~~)")


def _compiled(pattern: str) -> Any:
    """An expression for RE2; None if it can't read it, or would read it differently."""
    if _reads_differently(pattern):
        return None
    library = _re2()
    options = library.Options()
    options.case_sensitive = False  # as Discord applies them
    options.log_errors = False
    options.never_capture = True
    options.max_mem = _PATTERN_MEMORY
    try:
        return library.compile(_CODE_POINT.sub(_code_point, pattern), options)
    except library.error:
        return None


def _code_point(escaped: re.Match[str]) -> str:
    number = escaped[1] or escaped[2]
    return escaped[0] if number is None else f"\\x{{{number}}}"


def _reads_differently(pattern: str) -> bool:
    escaped = set(_ESCAPE.findall(pattern))
    if escaped & {"b{", "<", ">"}:  # other ends of words
        return True
    if escaped & {"b", "B"} and not pattern.isascii():  # RE2's words are of ASCII
        return True
    plain = _POSIX_CLASS.sub("_", _ESCAPE.sub("_", pattern))
    return "{," in plain or _SETS.search(plain) is not None


@lru_cache(maxsize=1)
def _re2() -> Any:
    """The library, which has no types. It is loaded with the first expression."""
    return importlib.import_module("re2")
