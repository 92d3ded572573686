"""Discord's inline markup, read once from left to right.

`read` cuts a text into tokens. Showing, quoting, cutting and counting work on tokens, so they agree
on what is markup and what is a plain character. Its time is linear for any text: no look-ahead
starts twice at the same place.

The rules are those of Discord's clients (markdown with spoilers), in this order: escapes, code,
links, then spans. A span is closed by the next mark of its kind; a mark without a partner is a
plain character. If clients differ on a spoiler, the reading that hides more applies.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum, auto
from functools import partial
from typing import Any, Final, NamedTuple, cast

FENCE: Final = "```"
SPOILER: Final = "||"
_LABEL_MAX = 1000
_LONGEST_RUN = 3  # of `*` or `_` that is a mark; a longer one is a blank or a divider


class Kind(Enum):
    """What a token is."""

    TEXT = auto()
    ESCAPE = auto()  # a backslash and the character it escapes
    CODE = auto()  # with its marks; `value` is one of them
    FENCE = auto()  # a code block with its fences; the last one may be missing
    OPEN = auto()  # the mark that begins a span; `value` is the mark
    CLOSE = auto()  # the mark that ends it
    LABEL = auto()  # the bracket before a masked link's text
    ADDRESS = auto()  # what follows that text; `value` is the address
    QUOTE = auto()  # the mark of a quote at the beginning of a line
    HEADING = auto()
    ITEM = auto()  # the mark of an item of a list
    BREAK = auto()  # a line break
    WHOLE = auto()  # an address, a time or an emoji: shown as Discord shows it
    MENTION = auto()


class Token(NamedTuple):
    """A piece of the text, from `start` to before `end`. Tokens follow each other without gaps."""

    kind: Kind
    start: int
    end: int
    value: str = ""


# For a long text's thousands of tokens: a plain tuple is made in a fraction of a named one's time,
# and members of an enumeration are slow to look up.
_Cut = tuple[Kind, int, int, str]
_as_token: Callable[[_Cut], Token] = partial(cast("Any", tuple).__new__, Token)
_TEXT, _OPEN, _CLOSE, _BREAK = Kind.TEXT, Kind.OPEN, Kind.CLOSE, Kind.BREAK

_SIGN = re.compile(
    r"\\(?:[^\w\s]|_)"
    r"|`{1,3}|\|\||~~|\*+|_+|\[|\](?=\()|\n"
    r"|<(?:@[!&]?\d+|#\d+|/[^<>\[\]\n]{1,100}:\d+|id:\w+|t:-?\d+(?::[tTdDfFR])?|a?:\w{2,32}:\d+"
    r"|https?://[^\s<>\[\]]+)>"
    # An address keeps its characters; marks at its end don't belong to it.
    r"|(?<![^\W_])https?://(?:[^\s<>`\\|~*_\[\]]|[*_]+(?=[^\W_])|~(?!~))+"
)
_QUOTE = re.compile(r" *>(>>)? ")
_HEADING = re.compile(r" *#{1,3}[ \t]+(?=\S)")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])(?=[ \t])")
_LEADS = frozenset(" \t>#-*+0123456789")
_TICKS = {1: re.compile(r"(?<!`)`(?!`)|```"), 2: re.compile(r"(?<!`)``(?!`)|```")}
_LABEL_END = re.compile(r"[\[\]\n]")
_ADDRESS = re.compile(r"[^\S\n]*<?(\w{2,10}:[^\s>]+)")
_IN_ANGLES = re.compile(r"[^\S\n]*<(\w{2,10}:[^\s<>]+)>(?:[^\S\n][^)\n]{0,300}+)?+\)")
_PARENTHESIS = re.compile(r"[()\n]")
LANGUAGE = re.compile(r"[\w+#.-]{1,30}(?=\n)")


class _Reader:
    """Reads one text; see `read`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._padded = f"{text} "  # a space before it too, by the index -1
        self.tokens: list[_Cut] = []
        # Spans that have begun, the innermost last: the mark, its token and its block. None stands
        # inside its own kind.
        self._open: dict[str, tuple[int, int]] = {}
        self._block = self._blocks = 0  # a quote, a heading or an item, in which spans end
        self._in_quote = self._to_the_end = False
        self._hidden_in: int | None = None  # code with a spoiler's mark, in an open spoiler
        self._has_links = "](" in text and ")" in text
        self._label_end = -1
        self._label_opens = 0
        self._after_label = (-1, "")
        self._parentheses: dict[int, int] | None = None

    def read(self) -> list[Token]:
        text, add = self.text, self.tokens.append
        # Each reads the token that begins at its sign, and returns where to go on.
        readers: dict[str, Callable[[int, int], int]] = {
            "*": self._emphasis,
            "_": self._emphasis,
            "|": self._pair,
            "~": self._pair,
            "\n": self._line_break,
            "`": self._code,
            "[": self._label,
            "]": self._address,
            "\\": self._escape,
        }
        whole = self._whole
        at, end = self._begin_line(0), len(text)
        while at < end:
            for found in _SIGN.finditer(text, at):
                start, stop = found.span()
                if start > at:
                    add((_TEXT, at, start, ""))
                at = readers.get(text[start], whole)(start, stop)
                if at != stop:
                    break
            else:
                if at < end:
                    add((_TEXT, at, end, ""))
                break
        self._end_spoiler_in_code()
        return list(map(_as_token, self.tokens))

    def _escape(self, start: int, stop: int) -> int:
        if start + 1 == self._label_end:  # Discord ends the label here anyway
            return self._plain(start, start + 1)
        self.tokens.append((Kind.ESCAPE, start, stop, ""))
        return stop

    def _line_break(self, start: int, stop: int) -> int:
        self.tokens.append((_BREAK, start, stop, ""))
        if self._block or self._in_quote or self._padded[stop] in _LEADS:
            return self._begin_line(stop)
        return stop

    def _whole(self, start: int, stop: int) -> int:
        """Read an address, a time, an emoji or a mention."""
        if self.text[start] == "<" and self.text[start + 1] in "@#/i":
            self.tokens.append((Kind.MENTION, start, stop, ""))
            return stop
        typed = self.text[start:stop]
        if typed[0] != "<":  # it ends before the punctuation of the sentence around it
            typed = typed.rstrip(".,:;!?\"'")
            if typed.endswith(")") and "(" not in typed:
                typed = typed.rstrip(")")
        self.tokens.append((Kind.WHOLE, start, start + len(typed), ""))
        return start + len(typed)

    def _plain(self, start: int, stop: int) -> int:
        self.tokens.append((_TEXT, start, stop, ""))
        return stop

    # Lines

    def _begin_line(self, at: int) -> int:
        """Read what a line begins with: the marks of a quote, a heading, or an item of a list."""
        text = self.text
        first = text[at : at + 1]
        block = self._block if self._in_quote and self._to_the_end else 0
        if first in _LEADS and first:
            if not self._to_the_end and (quote := _QUOTE.match(text, at)):
                self.tokens.append((Kind.QUOTE, at, quote.end(), quote[0].strip()))
                block = self._block if self._in_quote else self._new_block()
                self._in_quote, self._to_the_end = True, quote[1] is not None
                at = quote.end()
            elif not self._to_the_end:
                self._in_quote = False
            if heading := _HEADING.match(text, at):
                self.tokens.append((Kind.HEADING, at, heading.end(), heading[0].strip()))
                block, at = self._new_block(), heading.end()
            elif item := _ITEM.match(text, at):
                self.tokens.append((Kind.ITEM, at, item.end(), ""))
                block, at = self._new_block(), item.end()
        elif not self._to_the_end:
            self._in_quote = False
        if block != self._block:
            self._leave(self._block)
            self._block = block
        return at

    def _new_block(self) -> int:
        self._blocks += 1
        return self._blocks

    def _leave(self, block: int) -> None:
        """Drop open spans that began in a quote, a heading or an item, which ends; spoilers stay
        open."""
        if block and self._open:
            gone = [m for m, span in self._open.items() if span[1] == block and m != SPOILER]
            for mark in gone:
                del self._open[mark]

    # Spans

    def _emphasis(self, start: int, stop: int) -> int:
        if stop - start > _LONGEST_RUN:
            return self._plain(start, stop)
        if stop - start > 1:
            return self._marks(start, stop)
        sign, opened, tokens = self.text[start], self._open, self.tokens
        if sign in opened:
            if self._may_close(sign, start, stop):
                ended = self._close(sign, opened[sign][0], start)
                if ended > start:
                    return ended
            del opened[sign]
        if self._may_open(sign, start, stop):
            opened[sign] = len(tokens), self._block
        tokens.append((_TEXT, start, stop, ""))
        return stop

    def _may_open(self, sign: str, start: int, stop: int) -> bool:
        """Whether a run of marks can begin a span: by the character after `*`, or before `_`."""
        if sign == "*":
            return not self._padded[stop].isspace()
        return not self._padded[start - 1].isalnum()

    def _may_close(self, sign: str, start: int, stop: int) -> bool:
        if sign == "*":
            return not self._padded[start - 1].isspace()
        return not self._padded[stop].isalnum()

    def _marks(self, start: int, stop: int) -> int:
        """Read two or three marks, which can be of two kinds of span."""
        sign, opened = self.text[start], self._open
        opens, closes = self._may_open(sign, start, stop), self._may_close(sign, start, stop)
        double = sign * 2
        while start < stop:
            single, pair, two = opened.get(sign), opened.get(double), stop - start >= 2
            if pair and two and not (single and closes and single > pair):  # the innermost ends
                ended = self._close(double, pair[0], start)
            else:
                ended = self._close(sign, single[0], start) if single and closes else start
            if ended > start:
                start = ended
            elif two and not pair:
                start = self._begin(double, start)
            else:
                if single:
                    del opened[sign]
                start = self._begin(sign, start) if opens else self._plain(start, start + 1)
        return stop

    def _pair(self, start: int, stop: int) -> int:
        mark = self.text[start:stop]
        span = self._open.get(mark)
        if not span:
            self._open[mark] = len(self.tokens), self._block
            self.tokens.append((_TEXT, start, stop, ""))
            return stop
        if self._close(mark, span[0], start) == start:
            return self._plain(start, stop)
        return stop

    def _begin(self, mark: str, start: int) -> int:
        """Note a mark that may begin a span; it is plain text until its partner is found."""
        tokens, stop = self.tokens, start + len(mark)
        self._open[mark] = len(tokens), self._block
        tokens.append((_TEXT, start, stop, ""))
        return stop

    def _close(self, mark: str, index: int, start: int) -> int:
        """Close the span that begins with token `index`, and drop those inside it that were never
        closed. Returns where to go on: at `start` again if the span would be empty."""
        tokens, opened = self.tokens, self._open
        _, begin, end, _ = tokens[index]
        if end == start:
            return start
        stop = start + len(mark)
        tokens[index] = (_OPEN, begin, end, mark)
        tokens.append((_CLOSE, start, stop, mark))
        if self._hidden_in is not None and SPOILER in opened and opened[SPOILER][0] >= index:
            self._hidden_in = None
        while opened.popitem()[0] != mark:
            pass
        return stop

    def _end_spoiler_in_code(self) -> None:
        """Close a spoiler at a mark inside code, as some clients do, so that what they hide stays
        hidden."""
        if self._hidden_in is None:
            return
        tokens = self.tokens
        opened = self._open[SPOILER][0]
        _, begin, begun, _ = tokens[opened]
        end = tokens[self._hidden_in][2]
        inside = range(opened + 1, self._hidden_in + 1)
        # Spans that reach over its end would cross it; their marks become plain text.
        depth: list[int] = []
        for n in inside:
            if tokens[n][0] is _OPEN:
                depth.append(n)
            elif tokens[n][0] is _CLOSE:
                depth.pop()
        for n in range(self._hidden_in + 1, len(tokens) if depth else 0):
            if tokens[n][0] is _OPEN:
                depth.append(n)
            elif tokens[n][0] is _CLOSE:
                partner = depth.pop()
                if partner in inside:
                    for each in (n, partner):
                        tokens[each] = (_TEXT, *tokens[each][1:3], "")
        tokens[opened] = (_OPEN, begin, begun, SPOILER)
        tokens.insert(self._hidden_in + 1, (_CLOSE, end, end, SPOILER))

    # Code

    def _code(self, start: int, stop: int) -> int:
        text, end = self.text, len(self.text)
        bound = self._label_end if self._label_end > start else end
        ticks = stop - start
        if ticks >= len(FENCE):
            close = text.find(FENCE, start + len(FENCE), bound)
            if close < 0 and bound < end:
                return self._plain(start, stop)
            stop = end if close < 0 else close + len(FENCE)
            inside = text[start + len(FENCE) : stop if close < 0 else close]
            if not inside.strip():
                return self._plain(start, stop)
            self._add_code((Kind.FENCE, start, stop, ""), inside)
            return stop
        found = _TICKS[ticks].search(text, stop, bound)
        if found is None or len(found[0]) != ticks:
            return self._plain(start, stop)
        inside = text[stop : found.start()]
        self._add_code((Kind.CODE, start, found.end(), text[start:stop]), inside)
        return found.end()

    def _add_code(self, token: _Cut, inside: str) -> None:
        if self._hidden_in is None and SPOILER in inside and SPOILER in self._open:
            self._hidden_in = len(self.tokens)
        self.tokens.append(token)

    # Masked links

    def _label(self, start: int, stop: int) -> int:
        text = self.text
        if self._has_links and self._label_end <= start:
            end = _LABEL_END.search(text, start + 1)
            if (
                end is not None
                and text.startswith("](", end.start())
                and end.start() - start <= _LABEL_MAX
            ):
                after, address = self._linked(end.start() + 1)
                if address:
                    self._label_end, self._after_label = end.start(), (after, address)
                    self._label_opens = len(self.tokens)
                    self.tokens.append((Kind.LABEL, start, stop, ""))
                    return stop
        return self._plain(start, stop)

    def _address(self, start: int, stop: int) -> int:
        if start != self._label_end:
            return self._plain(start, stop)
        after, address = self._after_label
        self._open = {m: span for m, span in self._open.items() if span[0] < self._label_opens}
        if self._hidden_in is not None and SPOILER not in self._open:
            self._hidden_in = None
        self.tokens.append((Kind.ADDRESS, start, after, address))
        self._label_end = -1
        return after

    def _linked(self, parenthesis: int) -> tuple[int, str]:
        """The end and the address of a link target that starts at a parenthesis; "" if there is
        none."""
        if found := _IN_ANGLES.match(self.text, parenthesis + 1):
            return found.end(), found[1]
        if self._parentheses is None:
            self._parentheses = _balanced(self.text)
        close = self._parentheses.get(parenthesis, -1)
        found = _ADDRESS.match(self.text, parenthesis + 1, close) if close >= 0 else None
        return (close + 1, found[1]) if found else (-1, "")


def _balanced(text: str) -> dict[int, int]:
    """The closing parenthesis of each one that is closed on its line."""
    closed: dict[int, int] = {}
    waiting: list[int] = []
    for found in _PARENTHESIS.finditer(text):
        if found[0] == "(":
            waiting.append(found.start())
        elif found[0] == "\n":
            waiting.clear()
        elif waiting:
            closed[waiting.pop()] = found.start()
    return closed


def read(text: str) -> list[Token]:
    """Cut a text into tokens. Joined, they are the text again."""
    return _Reader(text).read()
