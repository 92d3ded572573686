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
from enum import Enum, auto
from typing import Final, NamedTuple

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
_IN_ANGLES = re.compile(r"[^\S\n]*<(\w{2,10}:[^\s<>]+)>(?:[^\S\n][^)\n]{0,300})?\)")
_PARENTHESIS = re.compile(r"[()\n]")
LANGUAGE = re.compile(r"[\w+#.-]{1,30}(?=\n)")


class _Reader:
    """Reads one text; see `read`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[Token] = []
        # Spans that have begun, the innermost last: mark, token, block.
        self._open: list[tuple[str, int, int]] = []
        self._block = self._blocks = 0  # a quote, a heading or an item, in which spans end
        self._in_quote = self._to_the_end = False
        self._hidden_in: int | None = None  # code with a spoiler's mark, in an open spoiler
        self._label_end = -1
        self._label_opens = 0
        self._after_label = (-1, "")
        self._parentheses: dict[int, int] | None = None

    def read(self) -> list[Token]:
        text, tokens = self.text, self.tokens
        at, end = self._begin_line(0), len(text)
        while at < end:
            found = _SIGN.search(text, at)
            if found is None:
                tokens.append(Token(Kind.TEXT, at, end))
                break
            start, stop = found.span()
            if start > at:
                tokens.append(Token(Kind.TEXT, at, start))
            at = self._sign(start, stop)
        self._end_spoiler_in_code()
        return tokens

    def _sign(self, start: int, stop: int) -> int:
        """Read the token that begins at a special character; returns where to go on."""
        first = self.text[start]
        if first in "*_":
            self._emphasis(start, stop)
        elif first == "\\":
            if start + 1 == self._label_end:  # Discord ends the label here anyway
                return self._plain(start, start + 1)
            self.tokens.append(Token(Kind.ESCAPE, start, stop))
        elif first in "|~":
            self._pair(start, stop)
        elif first == "`":
            return self._code(start, stop)
        elif first == "\n":
            self.tokens.append(Token(Kind.BREAK, start, stop))
            return self._begin_line(stop)
        elif first == "[":
            return self._label(start)
        elif first == "]":
            return self._address(start)
        elif first == "<" and self.text[start + 1] in "@#/i":
            self.tokens.append(Token(Kind.MENTION, start, stop))
        else:
            stop = self._end_of_address(start, stop)
            self.tokens.append(Token(Kind.WHOLE, start, stop))
        return stop

    def _plain(self, start: int, stop: int) -> int:
        self.tokens.append(Token(Kind.TEXT, start, stop))
        return stop

    def _end_of_address(self, start: int, stop: int) -> int:
        """Where an address ends: before the punctuation of the sentence around it."""
        if self.text[start] == "<":
            return stop
        typed = self.text[start:stop].rstrip(".,:;!?\"'")
        if typed.endswith(")") and "(" not in typed:
            typed = typed.rstrip(")")
        return start + len(typed)

    # Lines

    def _begin_line(self, at: int) -> int:
        """Read what a line begins with: the marks of a quote, a heading, or an item of a list."""
        text = self.text
        first = text[at : at + 1]
        block = self._block if self._in_quote and self._to_the_end else 0
        if first in _LEADS and first:
            if not self._to_the_end and (quote := _QUOTE.match(text, at)):
                self.tokens.append(Token(Kind.QUOTE, at, quote.end(), quote[0].strip()))
                block = self._block if self._in_quote else self._new_block()
                self._in_quote, self._to_the_end = True, quote[1] is not None
                at = quote.end()
            elif not self._to_the_end:
                self._in_quote = False
            if heading := _HEADING.match(text, at):
                self.tokens.append(Token(Kind.HEADING, at, heading.end(), heading[0].strip()))
                block, at = self._new_block(), heading.end()
            elif item := _ITEM.match(text, at):
                self.tokens.append(Token(Kind.ITEM, at, item.end()))
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
            self._open = [o for o in self._open if o[2] != block or o[0] == SPOILER]

    # Spans

    def _emphasis(self, start: int, stop: int) -> None:
        text, sign = self.text, self.text[start]
        if stop - start > _LONGEST_RUN:
            self.tokens.append(Token(Kind.TEXT, start, stop))
            return
        before = text[start - 1] if start else " "
        after = text[stop] if stop < len(text) else " "
        if sign == "*":
            opens, closes = not after.isspace(), not before.isspace()
        else:
            opens, closes = not before.isalnum(), not after.isalnum()
        double = sign * 2
        while start < stop:
            two = stop - start >= 2
            ends, single, pair = "", False, False  # what can end here; whether either kind is open
            for mark, _, _ in self._open:
                if mark == sign:
                    single, ends = True, sign if closes else ends
                elif mark == double:
                    pair, ends = True, double if two else ends
            if ends and self._close(ends, start):
                start += len(ends)
            elif two and not pair:
                start = self._begin(double, start)
            else:
                if single:  # none can stand inside its own kind
                    self._open = [each for each in self._open if each[0] != sign]
                start = self._begin(sign, start) if opens else self._plain(start, start + 1)

    def _pair(self, start: int, stop: int) -> None:
        mark = self.text[start:stop]
        if not any(o[0] == mark for o in self._open):
            self._begin(mark, start)
        elif not self._close(mark, start):
            self._plain(start, stop)

    def _begin(self, mark: str, start: int) -> int:
        """Note a mark that may begin a span; it is plain text until its partner is found."""
        self._open.append((mark, len(self.tokens), self._block))
        return self._plain(start, start + len(mark))

    def _close(self, mark: str, start: int) -> bool:
        """Close a span, and drop those inside it that were never closed. False if it would be
        empty."""
        spans = self._open
        place = len(spans) - 1
        while spans[place][0] != mark:
            place -= 1
        index = spans[place][1]
        opened = self.tokens[index]
        if opened.end == start:
            return False
        self.tokens[index] = Token(Kind.OPEN, opened.start, opened.end, mark)
        self.tokens.append(Token(Kind.CLOSE, start, start + len(mark), mark))
        if self._hidden_in is not None and any(o[0] == SPOILER for o in spans[place:]):
            self._hidden_in = None
        del spans[place:]
        return True

    def _end_spoiler_in_code(self) -> None:
        """Close a spoiler at a mark inside code, as some clients do, so that what they hide stays
        hidden."""
        if self._hidden_in is None:
            return
        opened = next(index for mark, index, _ in self._open if mark == SPOILER)
        begin, end = self.tokens[opened], self.tokens[self._hidden_in].end
        inside = range(opened + 1, self._hidden_in + 1)
        # Spans that reach over its end would cross it; their marks become plain text.
        depth: list[int] = []
        for n in inside:
            if self.tokens[n].kind is Kind.OPEN:
                depth.append(n)
            elif self.tokens[n].kind is Kind.CLOSE:
                depth.pop()
        for n in range(self._hidden_in + 1, len(self.tokens) if depth else 0):
            token = self.tokens[n]
            if token.kind is Kind.OPEN:
                depth.append(n)
            elif token.kind is Kind.CLOSE:
                partner = depth.pop()
                if partner in inside:
                    for each in (n, partner):
                        self.tokens[each] = self.tokens[each]._replace(kind=Kind.TEXT, value="")
        self.tokens[opened] = Token(Kind.OPEN, begin.start, begin.end, SPOILER)
        self.tokens.insert(self._hidden_in + 1, Token(Kind.CLOSE, end, end, SPOILER))

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
            self._add_code(Token(Kind.FENCE, start, stop), inside)
            return stop
        found = _TICKS[ticks].search(text, stop, bound)
        if found is None or len(found[0]) != ticks:
            return self._plain(start, stop)
        inside = text[stop : found.start()]
        self._add_code(Token(Kind.CODE, start, found.end(), text[start:stop]), inside)
        return found.end()

    def _add_code(self, token: Token, inside: str) -> None:
        if (
            self._hidden_in is None
            and SPOILER in inside
            and any(o[0] == SPOILER for o in self._open)
        ):
            self._hidden_in = len(self.tokens)
        self.tokens.append(token)

    # Masked links

    def _label(self, start: int) -> int:
        text = self.text
        if self._label_end <= start:
            end = _LABEL_END.search(text, start + 1)
            if (
                end is not None
                and text.startswith("](", end.start())
                and end.start() - start <= _LABEL_MAX
            ):
                stop, address = self._linked(end.start() + 1)
                if address:
                    self._label_end, self._after_label = end.start(), (stop, address)
                    self._label_opens = len(self.tokens)
                    self.tokens.append(Token(Kind.LABEL, start, start + 1))
                    return start + 1
        return self._plain(start, start + 1)

    def _address(self, start: int) -> int:
        if start != self._label_end:
            return self._plain(start, start + 1)
        stop, address = self._after_label
        self._open = [o for o in self._open if o[1] < self._label_opens]
        if self._hidden_in is not None and not any(o[0] == SPOILER for o in self._open):
            self._hidden_in = None
        self.tokens.append(Token(Kind.ADDRESS, start, stop, address))
        self._label_end = -1
        return stop

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
