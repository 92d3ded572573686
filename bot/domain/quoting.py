"""Quoting the beginning of a post's text with its formatting, and showing a text as a message."""

from __future__ import annotations

import re
from typing import Final

from bot.domain.markup import FENCE, Kind, read
from bot.domain.splitting import split_shown
from bot.domain.text import show_body

_LEAST = 100  # characters that `split_shown` needs
_MARK = re.compile(r" *>(?:>>)? ")
_BREAK: Final = "\u200b"
_EVERYBODY: Final = re.compile(r"@(?=everyone|here)", re.IGNORECASE)
# An invitation is shown as a box with a button, even without its scheme.
_INVITATION: Final = re.compile(r"(?<=discord)(?=(?:app)?\.(?:gg|com/invite)/)", re.IGNORECASE)

_DISCORD: Final = re.compile(r"https?://discord(?:app)?\.(?:gg|com)/")


def quoted(text: str, limit: int, lines: int) -> str:
    """Quote a post's text as Discord's own quote: its lines, lists and code are kept.

    It shows about `limit` characters (at least 100) and `lines` lines. It is cut between lines or,
    in a long one, after a sentence, and never opens a spoiler. Each line is two characters longer
    by its mark.
    """
    shown = show_body(_unquoted(text))
    end = _end_of_line(shown, lines)
    room = max(_LEAST, min(limit, end))
    first, *rest = split_shown(shown, room, room) or [""]
    if rest:
        first += f"\n{_ELLIPSIS}" if first.endswith(FENCE) else f" {_ELLIPSIS}"
    return "\n".join(f"> {line}" for line in first.split("\n"))


_ELLIPSIS = "…"


def _end_of_line(text: str, number: int) -> int:
    """Where the line with this number, from 1, ends."""
    end = -1
    for _ in range(number):
        end = text.find("\n", end + 1)
        if end < 0:
            return len(text)
    return end


def _unquoted(text: str) -> str:
    """A text without its own marks of quotes, which would be plain characters within another."""
    lines: list[str] = []
    in_code = False
    for line in text.split("\n"):
        mark = None if in_code else _MARK.match(line)
        lines.append(line[mark.end() :] if mark else line)
        in_code ^= line.count(FENCE) % 2 == 1
    return "\n".join(lines)


def show_message(text: str) -> str:
    """Show a post's text outside an embed: as `show_body` does, without previews of addresses,
    without invitations, and calling nobody."""
    shown = show_body(text)
    pieces: list[str] = []
    plain = 0  # where the text begins that isn't in `pieces` yet
    for token in read(shown) if "://" in shown else ():
        if token.kind is Kind.WHOLE and shown.startswith("http", token.start):
            begin = _DISCORD.match(shown, token.start)  # brackets are enough for an invitation
            at = begin.end() if begin is not None else token.start
            address = shown[token.start : at] + _inert(shown[at : token.end])
            pieces += [_inert(shown[plain : token.start]), f"<{address}>"]
            plain = token.end
    return "".join((*pieces, _inert(shown[plain:])))


def _inert(text: str) -> str:
    return _EVERYBODY.sub("@" + _BREAK, _INVITATION.sub(_BREAK, text))
