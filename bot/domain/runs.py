"""A text without its markup: stretches of one style."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from bot.domain.markup import FENCE, LANGUAGE, SPOILER, Kind, read

# Members of an enumeration are slow to look up, and a long text has thousands of tokens.
_TEXT, _OPEN, _CLOSE, _BREAK = Kind.TEXT, Kind.OPEN, Kind.CLOSE, Kind.BREAK
_ESCAPE, _ITEM, _MENTION = Kind.ESCAPE, Kind.ITEM, Kind.MENTION


class Style(Enum):
    """The style of a run of text."""

    PLAIN = auto()
    CODE = auto()
    WHOLE = auto()  # an address, a time or an emoji


class Run(NamedTuple):
    """A stretch of text as a reader sees it. `hidden` is the number of the spoiler it is in, 0 for
    none; `ticks` are the marks of its code."""

    text: str
    hidden: int = 0
    style: Style = Style.PLAIN
    ticks: str = ""


def runs_of(text: str) -> list[Run]:
    """A text without its markup. Runs tell what is hidden and what is code; all else is plain."""
    runs: list[Run] = []
    plain: list[str] = []
    hidden = spoilers = 0
    for kind, start, end, value in read(text):
        if kind is _TEXT:
            plain.append(text[start:end])
        elif kind is _OPEN or kind is _CLOSE:
            if value == SPOILER:
                _put(runs, plain, hidden)
                spoilers += kind is _OPEN
                hidden = spoilers if kind is _OPEN else 0
        elif kind is _BREAK or kind is _ESCAPE or kind is _ITEM or kind is _MENTION:
            plain.append(text[start + (kind is _ESCAPE) : end])
        elif kind is Kind.ADDRESS:
            plain.append(" ")
            _put(runs, plain, hidden)
            runs.append(Run(f"(<{value}>)", hidden, Style.WHOLE))
        elif kind is Kind.CODE or kind is Kind.FENCE or kind is Kind.WHOLE:
            _put(runs, plain, hidden)
            runs.append(_as_run(text[start:end], kind, value, hidden))
    _put(runs, plain, hidden)
    return runs


def spoilers_of(text: str) -> list[Run]:
    """A text as typed, but without the marks of its spoilers."""
    runs: list[Run] = []
    at = hidden = spoilers = 0
    for kind, start, end, value in read(text):
        if value == SPOILER:
            if start > at:
                runs.append(Run(text[at:start], hidden))
            at = end
            spoilers += kind is _OPEN
            hidden = spoilers if kind is _OPEN else 0
    return [*runs, Run(text[at:], hidden)] if at < len(text) else runs


def _put(runs: list[Run], plain: list[str], hidden: int) -> None:
    if plain:
        runs.append(Run("".join(plain), hidden))
        plain.clear()


def _as_run(typed: str, kind: Kind, ticks: str, hidden: int) -> Run:
    if kind is Kind.WHOLE:
        return Run(typed, hidden, Style.WHOLE)
    if kind is Kind.CODE:
        return Run(typed[len(ticks) : -len(ticks)], hidden, Style.CODE, ticks)
    inside = typed.removeprefix(FENCE).removesuffix(FENCE)
    language = LANGUAGE.match(inside)
    inside = inside[language.end() :] if language else inside
    return Run(inside.strip("\n"), hidden, Style.CODE, "``" if "`" in inside else "`")
