"""What people type into a search, read so that nothing in it can be a mistake of syntax.

Words must all be there; "words in quotes" in that order; -word must not; begin* is any word that
begins so, from three letters on. Everything else is only separation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.errors import Invalid, Problem
from bot.domain.similarity import is_function_word, words_in
from bot.domain.stemming import stem

QUERY_MAX = 200
_TERMS_MAX = 16
_BEGINNING_MIN = 3
_QUOTES = str.maketrans("“”„‟«»＂", '"' * 7)
_TERM = re.compile(r'(?P<not>(?<!\S)[-−–])?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')


class Sort(StrEnum):
    """In which order what is found is shown."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    VOTES = "votes"


@dataclass(frozen=True, slots=True)
class Term:
    """Stems that stand one after the other; with `begins` the last one is a beginning."""

    stems: tuple[str, ...]
    begins: bool = False
    excluded: bool = False
    quoted: bool = False
    weak: bool = False  # a function word: any text has some


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: at least one term that is not excluded."""

    terms: tuple[Term, ...]

    @property
    def wanted(self) -> tuple[Term, ...]:
        """What must be there. Function words need not, where there is anything else."""
        terms = [term for term in self.terms if not term.excluded]
        return tuple(term for term in terms if not term.weak) or tuple(terms)

    @property
    def excluded(self) -> tuple[Term, ...]:
        """What must not be there."""
        return tuple(term for term in self.terms if term.excluded)


def can_begin(word: str) -> bool:
    """Whether words that begin so are looked for: with less than three letters they would be a
    good part of all there are, which takes an index a second and helps nobody."""
    return len(word) >= _BEGINNING_MIN


def parse_query(typed: str) -> Query:
    """Read a query. Raises `Invalid("query", EMPTY)` where no word is looked for."""
    terms: dict[Term, None] = {}
    for found in _TERM.finditer(typed[:QUERY_MAX].translate(_QUOTES)):
        excluded = found["not"] is not None
        if found["phrase"] is not None:
            words = words_in(found["phrase"])
            if words:
                terms[Term(tuple(map(stem, words)), excluded=excluded, quoted=True)] = None
            continue
        words = words_in(found["word"])
        begins = found["word"].endswith("*")
        if excluded and len(words) > 1:  # "-e-mail" excludes the one thing, not each of its parts
            terms[Term(tuple(map(stem, words)), excluded=True)] = None
            continue
        for i, word in enumerate(words):
            if begins and i == len(words) - 1 and can_begin(word):
                terms[Term((word,), begins=True, excluded=excluded)] = None
            else:
                weak = not excluded and is_function_word(word)
                terms[Term((stem(word),), excluded=excluded, weak=weak)] = None
    query = Query(tuple(terms)[:_TERMS_MAX])
    if not query.wanted:
        raise Invalid("query", Problem.EMPTY, minimum=1)
    return query


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text; `hit` where it is a word that was looked for."""

    text: str
    hit: bool = False


_RUN = re.compile(r"[^\W_]+")


def snippet(body: str, query: Query, limit: int = 180) -> list[Piece]:
    """The part of a text around the first word that was looked for, on one line, in pieces; its
    beginning where there is none. About `limit` characters; cut ends have an ellipsis."""
    text = " ".join(body.split())
    hits = [found.span() for found in _RUN.finditer(text[:20_000]) if _is_hit(found[0], query)]
    first = hits[0][0] if hits else 0
    begin = 0 if first < limit * 2 // 3 else text.rfind(" ", 0, first - limit // 3) + 1
    end = min(begin + limit, len(text))
    if end < len(text):
        space = text.rfind(" ", begin, end)
        end = space if space > begin + limit // 2 else end
    pieces: list[Piece] = [Piece("…")] if begin else []
    at = begin
    for start, stop in hits:
        if start < at or stop > end:
            continue
        if start > at:
            pieces.append(Piece(text[at:start]))
        pieces.append(Piece(text[start:stop], hit=True))
        at = stop
    if at < end:
        pieces.append(Piece(text[at:end]))
    if end < len(text):
        pieces.append(Piece("…"))
    return pieces


def _is_hit(word: str, query: Query) -> bool:
    for folded in words_in(word):
        stemmed = stem(folded)
        for term in query.wanted:
            if stemmed in term.stems or (term.begins and folded.startswith(term.stems[-1])):
                return True
    return False
