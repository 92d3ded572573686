"""Splitting long texts: over several messages to show them, over several fields in a form.

A shown text is cut where a reader would cut it: between paragraphs, lists and code blocks, and
inside one of them only if it is too long for one piece. Source of the markup: Discord's markdown
(fences of three backticks, `-`, `*` and `1.` for lists, `>>>` for a quote to the end).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from bot.domain.spans import Spans

_FENCE = "```"
_ITEM = re.compile(r"\s{0,12}(?:[-*+]|\d{1,9}[.)])\s+\S")
_INDENTED = re.compile(r"\s{2,}\S")
_LANGUAGE = re.compile(r"[\w+#.-]{0,30}")
_QUOTE_TO_THE_END = re.compile(r"\s*>>>\s")
_SENTENCE = re.compile(r"[.!?…]['\"”)]*\s")
_LEAST = 0.5  # of a piece is filled before a paragraph is moved to the next one as a whole


class _Kind(Enum):
    PARAGRAPH = "paragraph"
    LIST = "list"
    CODE = "code"


@dataclass(slots=True)
class _Block:
    """Lines that belong together; `apart` tells whether a blank line precedes them."""

    kind: _Kind
    whole: str  # the text it is of, from `begin` to `end`
    begin: int
    end: int
    apart: bool = False

    @property
    def text(self) -> str:
        return self.whole[self.begin : self.end]

    def stays_whole_in(self, limit: int) -> bool:
        """Whether it must stay whole and can. (A paragraph may be cut to fill a piece.)"""
        return self.kind is not _Kind.PARAGRAPH and len(self.text) <= limit


def split_shown(text: str, first: int, following: int) -> list[str]:
    """Cut a text, ready to be shown, into pieces of at most `first`, then `following` characters.

    Both are at least 100. Only white space between blocks is lost. Code and spans that are cut are
    closed in one piece and reopened in the next, so no half of a spoiler is left open. Quotes and
    headings go on.
    """
    if len(text) <= first:
        return [text] if text else []
    spans = Spans(text)
    limit, following = first - spans.room, following - spans.room
    pieces: list[str] = []
    piece, quoted = "", False
    for block in _blocks(text):
        rest, at = block.text, block.begin  # where in the text the rest begins
        while rest:
            gap = "" if not piece else "\n\n" if block.apart else "\n"
            room = limit - len(piece) - len(gap)
            cut = rest
            if len(rest) <= room:
                rest = ""
            elif piece and (room < limit * _LEAST or block.stays_whole_in(following)):
                cut = gap = ""
            elif block.kind is _Kind.CODE:
                cut, rest = _cut_code(rest, room)
                at = block.begin + block.text.find(_FENCE) + 1
            else:
                cut, rest, at = _cut(rest, room, block, spans)
            piece += gap + cut
            quoted = quoted or (block.kind is not _Kind.CODE and _quotes_to_the_end(cut))
            if rest:
                pieces.append(piece + spans.closed_at(at))
                limit, piece = following, ""
                rest = (">>> " if quoted else "") + spans.opened_at(at) + rest
    return [*pieces, piece] if piece else pieces


def _quotes_to_the_end(text: str) -> bool:
    return any(_QUOTE_TO_THE_END.match(line) for line in text.split("\n"))


def _blocks(text: str) -> Iterator[_Block]:
    block: _Block | None = None
    in_code = blank = False
    end = -1
    for line in text.split("\n"):
        begin = end + 1
        end = begin + len(line)
        fences = line.count(_FENCE)
        if in_code and block is not None:
            block.end = end
            in_code = fences % 2 == 0
            continue
        if not line.strip():
            blank = True
            continue
        if fences % 2:
            kind, joins = _Kind.CODE, False
        elif _ITEM.match(line):
            kind = _Kind.LIST
            joins = block is not None and block.kind is _Kind.LIST
        else:
            of_list = block is not None and block.kind is _Kind.LIST
            kind = _Kind.LIST if of_list and (not blank or _INDENTED.match(line)) else _PARAGRAPH
            joins = block is not None and block.kind is kind and (not blank or kind is _Kind.LIST)
        if block is None or not joins:
            if block is not None:
                yield block
            block = _Block(kind, text, begin, end, apart=blank)
        block.end = end
        in_code, blank = fences % 2 == 1, False
    if block is not None:
        yield block


_PARAGRAPH = _Kind.PARAGRAPH


def _cut(rest: str, room: int, block: _Block, spans: Spans) -> tuple[str, str, int]:
    """Cut a block that is too long for any piece. Returns what fits, the rest, and where that
    begins."""
    place = _place(rest, room, block.kind)
    # What precedes the rest's own text was added by an earlier cut.
    place = len(rest) - (block.end - spans.between(block.end - (len(rest) - place)))
    cut, rest = rest[:place].rstrip(), rest[place:].lstrip()
    at = block.end - len(rest)
    if cut.count(_FENCE) % 2:  # code within a line
        cut, rest = f"{cut}\n{_FENCE}", f"{_FENCE}\n{rest}"
    return cut, rest, at


def _place(text: str, room: int, kind: _Kind) -> int:
    if kind is _Kind.LIST and (at := _last_item(text, room)):
        return at
    room -= len(_FENCE) + 1
    at = text.rfind("\n", room // 2, room)
    if at < 0:
        sentences = [found.end() for found in _SENTENCE.finditer(text, room // 2, room)]
        at = sentences[-1] if sentences else text.rfind(" ", room // 2, room)
    return at if at > 0 else room


def _last_item(text: str, room: int) -> int:
    """The start of the last list item that doesn't fit whole into `room`; 0 for the first."""
    at = begin = 0
    for line in text.split("\n"):
        if begin > room:
            break
        if begin and _ITEM.match(line):
            at = begin
        begin += len(line) + 1
    return at


def _cut_code(text: str, room: int) -> tuple[str, str]:
    first_line = text.split("\n", 1)[0]
    language = first_line.rsplit(_FENCE, 1)[1].strip()
    if not _LANGUAGE.fullmatch(language) or "\n" not in text:
        language = ""
    end = room - len(_FENCE) - 1
    at = text.rfind("\n", len(first_line), end)
    if at <= len(first_line):
        at = end
    rest = text[at:].removeprefix("\n")
    if text.count(_FENCE, 0, at) % 2 == 0:  # a long line before the code
        return text[:at], rest
    return f"{text[:at]}\n{_FENCE}", f"{_FENCE}{language}\n{rest}"


# Forms. A long text fills several fields. The name of each further field says how it joins the one
# before: with a blank line, a line break, or nothing.
_JOINTS: Mapping[str, str] = {"p": "\n\n", "l": "\n", "n": ""}
# Discord may strip the ends of fields, so no cut is beside white space.
_CUTS: Mapping[str, re.Pattern[str]] = {
    "p": re.compile(r"(?<=\S)\n\n(?=\S)"),
    "l": re.compile(r"(?<=\S)\n(?=\S)"),
    "n": re.compile(r"(?<=\S)(?=\S)"),
}
_ROOM = 400  # characters free in the last field of a form, so that a text can grow


def split_typed(text: str, name: str, limit: int, most: int) -> dict[str, str] | None:
    """Spread a text over at most `most` form fields of `limit` characters; None if it doesn't fit.

    The first is called `name`; `join_typed` restores the exact text. If the last one is almost full
    and one more is possible, an empty one follows.
    """
    fields: dict[str, str] = {}
    key, rest = name, text
    while len(rest) > limit:
        if len(fields) + 1 >= most:
            return None
        cut, joint = _typed_cut(rest, limit)
        fields[key] = rest[:cut]
        rest = rest[cut + len(_JOINTS[joint]) :]
        key = f"{name}.{len(fields) + 1}{joint}"
    fields[key] = rest
    if len(rest) > limit - _ROOM and len(fields) < most:
        fields[f"{name}.{len(fields) + 1}p"] = ""
    return fields


def _typed_cut(text: str, limit: int) -> tuple[int, str]:
    for joint, where in _CUTS.items():
        # One more than the limit, for the look-ahead.
        found = [match.start() for match in where.finditer(text, limit // 2, limit + 1)]
        if found:
            return found[-1], joint
    return limit, "n"


def join_typed(values: Mapping[str, object], name: str) -> str:
    """The text typed into the fields that `split_typed` made; "" if there are none."""
    text = str(values.get(name, ""))
    for key in further_fields(values, name):
        typed = str(values[key])
        if typed.strip():
            text += _JOINTS[key[-1]] + typed
    return text


def further_fields(values: Mapping[str, object], name: str) -> list[str]:
    """The fields after the first that `split_typed` made for a text, in their order."""
    further = re.compile(re.escape(name) + r"\.(\d{1,3})[pln]")
    numbered = ((further.fullmatch(key), key) for key in values)
    return [key for _, key in sorted((int(m[1]), key) for m, key in numbered if m)]
