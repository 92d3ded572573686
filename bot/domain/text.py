"""Showing text that members typed, safely.

Text is stored as typed, only tidied. `show_body` and `show_line` disarm what could ping, mislead or
break out of a card when they render it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import groupby

from bot.domain.emoji import custom_emoji
from bot.domain.markup import FENCE, SPOILER, Kind, read
from bot.domain.runs import Run, Style, runs_of, spoilers_of
from bot.domain.typed import (
    VARIATION_SELECTOR,
    calm,
    characters,
    collapse,
    one_line,
    without_unseen,
)

HIDDEN = "▒▒▒"  # stands for a spoiler in places without markup
# Members of an enumeration are slow to look up.
_LABEL, _ADDRESS, _PLAIN = Kind.LABEL, Kind.ADDRESS, Style.PLAIN
_NEAR = 0.7  # of a limit: a text is cut at a word that ends beyond it
_TICKS = re.compile("`+")
# What must have no effect anywhere. An invisible zero-width space breaks it, in code as well, since
# Discord's clients don't agree on where code begins and ends.
_BREAK = "\u200b"
_TRAP = re.compile(
    # A masked link that `read` doesn't recognise: nested, on several lines, escaped, in code.
    r"\](?=\([\s\ufeff]*<?(?:https?|discord|mailto|tel|sms|ftp)\\?:)"
    # Mentions of people, roles, channels, commands and parts of the server.
    r"|<(?=@[!&]?\d|#\d|/[^<>\n]*:\d|id:)"
    # Small print at the beginning of a line, a quote or a list item. If a long text is cut, a line
    # may begin anywhere.
    r"|^[^\S\n]*(?:>[^\S\n]*|(?:[-*+]|\d{1,9}[.)])[^\S\n]+)*(?=-#\S)|(?=-#(?:\s|\Z))",
    re.IGNORECASE | re.MULTILINE,
)


def show_body(text: str) -> str:
    """Show a post's text with its formatting, but with nothing hidden.

    Masked links show their target, small print can't imitate the card's own, mentions are shown as
    typed, and an open code fence is closed so that it can't swallow what follows.
    """
    shown = calm(text)
    if "](" in shown:
        shown = _unmasked(shown)
    shown = unharmed(shown)
    return f"{shown}\n{FENCE}" if shown.count(FENCE) % 2 else shown


def _unmasked(text: str) -> str:
    shown: list[str] = []
    at = 0
    for kind, start, end, value in read(text):
        if kind is _LABEL or kind is _ADDRESS:
            shown += (text[at:start], f" (<{value}>)" if kind is _ADDRESS else "")
            at = end
    return "".join((*shown, text[at:]))


def unharmed(shown: str) -> str:
    """Break what must have no effect in a text about to be shown: pings, links that hide their
    target, small print."""
    return _TRAP.sub(rf"\g<0>{_BREAK}", shown)


_MARKDOWN_LINE = re.compile(
    r"([\\`*_\[\]|~])|(?<!\S)([#>-])(?=[\s#>-])|(<)(?=[@#/:]|id:|a:|t:)"
    # A line that begins like a list would be shown as one, and swallow what follows it.
    r"|^(\d+)(?=[.)](?:\s|$))|^(\+)(?=\s|$)"
)


def _escaped(line: str) -> str:
    return line if line.isalnum() else _MARKDOWN_LINE.sub(_escape, line)


def _escape(found: re.Match[str]) -> str:
    if found[3]:
        return "<" + _BREAK
    return f"{found[4]}\\" if found[4] else f"\\{found[0]}"


def show_line(text: str, limit: int | None = None, *, hidden: bool = False) -> str:
    """Show a title, name or tag on one line as plain text: all markdown is escaped, except
    spoilers. With `hidden`, all of it is one spoiler.

    It has at most `limit` characters. It is cut before it is escaped, so that no escape is cut in
    half.
    """
    stretches = _stretches(text)
    if hidden:
        stretches = [Run(run.text, 1) for run in stretches]
    return _drawn(stretches, limit)


def plain_line(text: str) -> str:
    """A title or name on one line for places that draw no markup: what is hidden reads ▒▒▒."""
    return collapse("".join(HIDDEN if run.hidden else run.text for run in _stretches(text)))


def _stretches(text: str) -> list[Run]:
    text = characters(text)
    if SPOILER not in text:
        return [Run(collapse(without_unseen(text)))]
    return [Run(without_unseen(typed), inside) for typed, inside, _, _ in spoilers_of(text)]


# What separates the parts of a line. With one in it, a name could show made-up points.
_SEPARATORS = str.maketrans("·•‧∙⋅・", "      ")


def segment(text: str) -> str:
    """A text as one part of a line without markup, whose parts are separated by dots."""
    return one_line(text.translate(_SEPARATORS))


def show_link(text: str, link: str, limit: int = 120) -> str:
    """Show a text on one line, leading to `link` where there is one.

    Discord doesn't make a link of a text with an address or unbalanced brackets: it shows the
    markup.
    """
    if not link:
        return show_line(text, limit)
    plain = plain_line(text).replace("[", "(").replace("]", ")").replace("://", ": //")
    return f"[{show_line(plain, limit)}]({link})"


def fitting(entries: Iterable[str], limit: int, between: str = "\n") -> str:
    """Join as many whole entries as fit into `limit` characters."""
    shown = ""
    for number, entry in enumerate(entries):
        longer = shown + between + entry if number else entry
        if len(longer) > limit:
            break
        shown = longer
    return shown


def shorten(text: str, limit: int) -> str:
    """Cut a text to at most `limit` characters, at a word where one ends near, with an ellipsis."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    space = max(cut.rfind(" "), cut.rfind("\n"))
    if space > limit * _NEAR:
        cut = cut[:space]
    return cut.rstrip() + "…"


def excerpt(text: str, limit: int, *, hidden: bool = False) -> str:
    """Quote a post's text on one line of at most `limit` characters, as a reader sees it.

    Markup is left out, and every other character stays. Spoilers stay hidden, and code stays code.
    With `hidden`, all of it is one spoiler.
    """
    runs: list[Run] = []
    seen = 0
    for typed, inside, style, ticks in runs_of(characters(text)):
        run = Run(without_unseen(typed), 1 if hidden else inside, style, ticks)
        runs.append(run)
        seen += len(collapse(run.text)) + 2 * len(ticks)
        if seen > limit:  # the rest of a long text isn't read
            break
    return _drawn(runs, limit)


def plain_excerpt(text: str) -> str:
    """A post's text on one line for places that draw no markup: what is hidden reads ▒▒▒."""
    shown: list[str] = []
    for hidden, runs in groupby(runs_of(characters(text)), key=lambda run: run.hidden):
        shown += [HIDDEN] if hidden else [without_unseen(run.text) for run in runs]
    return collapse("".join(shown))


def _drawn(runs: Sequence[Run], limit: int | None) -> str:
    """Runs on one line, escaped and cut to `limit`; no cut opens a spoiler or code."""
    runs = _joined(runs)
    room = limit
    while True:
        shown = unharmed(_fitted(runs, room))
        if limit is None or room is None or len(shown) <= limit:
            return shown
        room -= len(shown) - limit  # breaking up what is harmful takes room


def _joined(runs: Iterable[Run]) -> list[Run]:
    """Runs with single spaces in and between them, without empty ones."""
    joined: list[Run] = []
    space = False  # stands before what comes next
    for run in runs:
        typed, hidden, style, ticks = run
        plain = style is _PLAIN
        text = collapse(typed)
        space = space or (plain and typed[:1].isspace())
        if not text and plain:
            continue
        if space and joined:
            _add(joined, Run(" ", hidden if hidden == joined[-1].hidden else 0))
        same = text and text == typed
        _add(joined, run if same else Run(text or " ", hidden, style, ticks))
        space = plain and typed[-1:].isspace()
    return joined


def _add(joined: list[Run], run: Run) -> None:
    last = joined[-1] if joined else None
    if last is not None and run.style is Style.CODE:
        if last.style is Style.CODE or last.text.endswith("`"):  # marks that would be one
            joined.append(Run(_BREAK, last.hidden))
        joined.append(run)
    elif last is None or last.style is not run.style or last.style is Style.WHOLE:
        joined.append(run)
    elif last.hidden == run.hidden:
        joined[-1] = Run(last.text + run.text, run.hidden, run.style, run.ticks)
    else:
        joined.append(run)


def _fitted(runs: Sequence[Run], limit: int | None) -> str:
    shown: list[str] = []
    used = hidden = 0
    for run in runs:
        if limit is not None and len(run.text) > limit:
            return _cut(runs, limit)
        mark, part = _between(hidden, run.hidden), _set(run)
        hidden = run.hidden
        shown += (mark, part)
        if limit is None:
            continue
        used += len(mark) + len(part)
        if used + len(_between(hidden, 0)) > limit:
            return _cut(runs, limit)
    return "".join((*shown, _between(hidden, 0)))


def _between(before: int, after: int) -> str:
    """The marks between a stretch in one spoiler (0 is none) and the next one in another."""
    return SPOILER * ((before > 0) + (after > 0)) if before != after else ""


def _cut(runs: Sequence[Run], limit: int) -> str:
    shown: list[str] = []
    used = hidden = 0
    for run in runs:
        mark = _between(hidden, run.hidden)
        room = limit - used - len(mark) - len(_between(run.hidden, 0)) - len("…")
        part = _set(run) if len(run.text) <= room else ""
        whole = 0 < len(part) <= room
        if not whole:
            part = _part(run, room, int(limit * _NEAR) - used)
        if part:
            shown += (mark, part)
            used += len(mark) + len(part)
            hidden = run.hidden
        if not whole:
            break
    return "".join(shown).rstrip() + "…" + _between(hidden, 0)


def _set(run: Run) -> str:
    """A run as it is written in a line of Discord's markup."""
    text = run.text
    if run.style is Style.CODE:
        text = _code(text, run.ticks)
    elif run.style is Style.PLAIN:
        text = _escaped(text)
    if not run.hidden:
        return text
    # A text that ends with half a mark would end the spoiler one character early.
    shown = text.replace(SPOILER, f"|{_BREAK}|")
    return shown + _BREAK if shown.endswith("|") else shown


def _code(text: str, ticks: str) -> str:
    longest = max(map(len, _TICKS.findall(text)), default=0)
    if longest >= len(FENCE) or any(len(run) == len(ticks) for run in _TICKS.findall(text)):
        text, ticks = text.replace("`", "`" + _BREAK), "``"
    if text.startswith("`"):
        text = _BREAK + text
    if text.endswith("`"):
        text += _BREAK
    return f"{ticks}{text}{ticks}"


def _part(run: Run, room: int, near: int) -> str:
    """The beginning of a run that fits, up to the end of a word where one lies beyond `near`."""
    most = min(room, len(run.text))
    if most <= 0 or run.style is Style.WHOLE:
        return ""
    lengths = range(1, most + 1)
    most = bisect_right(lengths, room, key=lambda n: len(_set(run._replace(text=run.text[:n]))))
    text = run.text[:most]
    if run.style is Style.PLAIN and (space := text.rfind(" ")) > near:
        text = text[:space]
    return _set(run._replace(text=text)) if text else ""


def normal_emoji(emoji: str) -> str:
    """One form for an emoji however it is written: `⬆` and `⬆️` are the same vote.

    A server's own emoji is identified by its id: its name can change, and not every event has the
    name or tells whether it is animated.
    """
    written = emoji.strip()
    return str(custom_emoji(written) or written.replace(VARIATION_SELECTOR, ""))
