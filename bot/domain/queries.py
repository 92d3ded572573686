"""Parsing what people type into a search. No input is a syntax error.

All words must occur; "words in quotes" must occur in that order; -word must not occur; begin* is
any word with that beginning, of three letters or more. In scripts without spaces, letters in a row
must occur in a row. Everything else only separates words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from itertools import groupby

from bot.domain.errors import Invalid, Problem
from bot.domain.languages import ENGLISH, plain, stem, stems_of_beginning
from bot.domain.runs import runs_of
from bot.domain.similarity import is_function_word, is_unspaced, words_in
from bot.domain.spelling import folded
from bot.domain.typed import collapse

QUERY_MAX = 200
_TERMS_MAX = 16
_BEGINNING_MIN = 3
_QUOTES = str.maketrans("“”„‟«»＂", '"' * 7)
_TERM = re.compile(r'(?P<not>(?<!\S)[-−–])?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_RUN = re.compile(r"[^\W_]+(?:\+\+|#)?")
_DOTTED = re.compile(r"\.?[a-zA-Z0-9]+(?:\.[a-zA-Z0-9]+)*[.,;:!?)]*")


class Sort(StrEnum):
    """The order in which results are shown."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    VOTES = "votes"


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must follow each other: each of `readings` has their stems in one language, and
    any of them will do. For a prefix, any word that starts with one of `beginnings` will, too."""

    readings: tuple[tuple[str, ...], ...]
    beginnings: tuple[str, ...] = ()
    excluded: bool = False
    weak: bool = False  # a function word, which any text has

    @property
    def unspaced(self) -> bool:
        """Whether these are letters of a script without spaces."""
        return all(map(is_unspaced, self.readings[0]))


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query: at least one term isn't excluded. `languages` are the server's language and
    those in which some posts may still be indexed."""

    terms: tuple[Term, ...]
    languages: tuple[str, ...] = (ENGLISH,)

    @property
    def wanted(self) -> tuple[Term, ...]:
        """The terms that must occur. Function words needn't, unless there is nothing else."""
        terms = [term for term in self.terms if not term.excluded]
        return tuple(term for term in terms if not term.weak) or tuple(terms)

    @property
    def excluded(self) -> tuple[Term, ...]:
        """The terms that must not occur."""
        return tuple(term for term in self.terms if term.excluded)


def can_begin(word: str) -> bool:
    """Whether a prefix is long enough to search for. With fewer than three letters it matches a
    large part of all words, which takes an index a second and helps nobody."""
    return len(word) >= _BEGINNING_MIN


def parse_query(typed: str, languages: Sequence[str] = (ENGLISH,)) -> Query:
    """Parse a query. Raises `Invalid("query", EMPTY)` if it asks for no word."""
    terms: dict[Term, None] = {}
    for found in _TERM.finditer(typed[:QUERY_MAX].translate(_QUOTES)):
        excluded = found["not"] is not None
        if found["phrase"] is not None:
            words = words_in(found["phrase"])
            if words:
                terms[Term(_readings(words, languages), excluded=excluded)] = None
            continue
        words = words_in(found["word"])
        # "-e-mail" excludes the whole word, not each of its parts; "node.js" is one word, too.
        if len(words) > 1 and (excluded or _DOTTED.fullmatch(found["word"])):
            terms[Term(_readings(words, languages), excluded=excluded)] = None
            continue
        for term in terms_of(words, languages, last_begins=found["word"].endswith("*")):
            terms[replace(term, excluded=excluded, weak=term.weak and not excluded)] = None
    query = Query(tuple(terms)[:_TERMS_MAX], tuple(languages))
    if not query.wanted:
        raise Invalid("query", Problem.EMPTY, minimum=1)
    return query


@dataclass(frozen=True, slots=True)
class TypedWord:
    """A word of a query that may be misspelt: where it was typed, its letters as they are compared,
    and what is looked for because of it."""

    start: int
    end: int
    folded: str
    term: Term


def words_to_check(typed: str, languages: Sequence[str]) -> list[TypedWord]:
    """The words of a query that may be misspelt: not what is quoted, excluded, or a beginning, all
    of which people mean to the letter, nor function words."""
    found: list[TypedWord] = []
    for part in _TERM.finditer(typed[:QUERY_MAX].translate(_QUOTES)):
        if part["word"] is None or part["not"] is not None or part["word"].endswith("*"):
            continue
        for token in _RUN.finditer(part["word"]):
            letters = folded(token[0])
            if letters and not is_function_word(letters, languages[0]):
                start = part.start("word") + token.start()
                [term] = terms_of([letters], languages)
                found.append(TypedWord(start, start + len(token[0]), letters, term))
    return found[:_TERMS_MAX]


def corrected(typed: str, words: Sequence[TypedWord], instead: Mapping[str, str]) -> str:
    """A query with other words in place of misspelt ones. All else stays as it was typed."""
    for word in reversed(words):
        if word.folded in instead:
            typed = typed[: word.start] + instead[word.folded] + typed[word.end :]
    return typed


def title_of_query(typed: str) -> str:
    """The words of a search as the title of a question: without excluded words, quotes and
    stars."""
    found = _TERM.finditer(typed[:QUERY_MAX].translate(_QUOTES))
    words = [
        term["phrase"] or (term["word"] or "").rstrip("*") for term in found if not term["not"]
    ]
    title = collapse(" ".join(words))
    return title[:1].upper() + title[1:]


def _readings(words: Sequence[str], languages: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    read = (tuple(stem(word, language) for word in words) for language in languages)
    return tuple(dict.fromkeys(read))


def terms_of(
    words: Sequence[str], languages: Sequence[str], *, last_begins: bool = False
) -> list[Term]:
    """The terms for these words of `words_in`; the last one may be a prefix."""
    terms: list[Term] = []
    for unspaced, row in groupby(words, is_unspaced):
        if unspaced:
            terms.append(Term((tuple(row),)))
            continue
        terms += [
            Term(_readings([word], languages), weak=is_function_word(word, languages[0]))
            for word in row
        ]
    if last_begins and words and can_begin(words[-1]):
        terms[-1] = begun(words[-1], languages)
    return terms


def begun(word: str, languages: Sequence[str]) -> Term:
    """A term for any word with this prefix, or with the stem it may turn out to have."""
    beginnings = dict.fromkeys([word, *(plain(word, language) for language in languages)])
    stems = dict.fromkeys(s for language in languages for s in stems_of_beginning(word, language))
    return Term(tuple((one,) for one in stems), tuple(beginnings))


class Typed:
    """The words of a title that is being typed; each may still be incomplete."""

    def __init__(self, words: Sequence[str], language: str) -> None:
        self._language = language
        self._words = [(plain(word, language), self._stem_told_by(word)) for word in words]

    def _stem_told_by(self, word: str) -> str:
        """The stem of a content word, else an empty text."""
        telling = can_begin(word) and not is_function_word(word, self._language)
        return stem(word, self._language) if telling else ""

    def all_in(self, title: str) -> bool:
        """Whether a title has a word with each of these as its prefix or with the same stem."""
        words = words_in(title)
        forms = plain(" ".join(words), self._language).split(" ")
        return all(
            any(form.startswith(begun) for form in forms)
            or (stemmed and any(stem(word, self._language) == stemmed for word in words))
            for begun, stemmed in self._words
        )


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text without its markup. `hit` marks a word that was searched for; `hidden` is
    the number of the spoiler it is in, else 0."""

    text: str
    hit: bool = False
    hidden: int = 0


_LOOKED_AT = 20_000  # characters


def snippet(body: str, query: Query, limit: int = 180) -> list[Piece]:
    """The part of a text around the first hit, or its beginning if there is none, on one line, in
    pieces. It has about `limit` characters; cut ends have an ellipsis."""
    text, spoilers = _on_one_line(body[:_LOOKED_AT])
    hits = sorted([*_words_hit(text, query), *_letters_hit(text, query)])
    first = hits[0][0] if hits else 0
    begin = 0 if first < limit * 2 // 3 else first - limit // 3
    if begin:
        begin = text.rfind(" ", max(begin - 40, 0), begin) + 1 or begin
    end = min(begin + limit, len(text))
    if end < len(text):
        space = text.rfind(" ", begin, end)
        end = space if space > begin + limit // 2 else end
    pieces: list[Piece] = [Piece("…")] if begin else []
    at = begin
    for start, stop in hits:
        if start < at or stop > end:
            continue
        pieces += _stretch(text, at, start, spoilers)
        pieces += _stretch(text, start, stop, spoilers, hit=True)
        at = stop
    pieces += _stretch(text, at, end, spoilers)
    if end < len(text) or len(body) > _LOOKED_AT:
        pieces.append(Piece("…"))
    return pieces


def _on_one_line(body: str) -> tuple[str, list[tuple[int, int, int]]]:
    """A text without its markup, and its spoilers as (start, end, number)."""
    parts: list[str] = []
    spoilers: list[tuple[int, int, int]] = []
    length = 0
    blank = True
    for run in runs_of(body):
        text = collapse(run.text)
        if not blank and (run.text[:1].isspace() or not text):
            text = f" {text}"
        if text and run.text[-1:].isspace() and not text.endswith(" "):
            text += " "
        text = text if not blank else text.lstrip()
        if not text:
            continue
        blank = text.endswith(" ")
        if run.hidden:
            spoilers.append((length, length + len(text), run.hidden))
        parts.append(text)
        length += len(text)
    return "".join(parts), spoilers


def _stretch(
    text: str, start: int, stop: int, spoilers: Sequence[tuple[int, int, int]], *, hit: bool = False
) -> list[Piece]:
    """A part of a text, cut into hidden and visible pieces."""
    pieces: list[Piece] = []
    for begin, end, number in spoilers:
        if end <= start or begin >= stop:
            continue
        if begin > start:
            pieces.append(Piece(text[start:begin], hit))
            start = begin
        pieces.append(Piece(text[start : min(end, stop)], hit, number))
        start = min(end, stop)
    return [*pieces, Piece(text[start:stop], hit)] if start < stop else pieces


def _words_hit(text: str, query: Query) -> list[tuple[int, int]]:
    wanted = _Wanted(query)
    known: dict[str, bool] = {}  # most words occur more than once in a text
    hits: list[tuple[int, int]] = []
    for found in _RUN.finditer(text):
        word = found[0]
        if word not in known:
            known[word] = any(map(wanted.is_met_by, words_in(word)))
        if known[word]:
            hits.append(found.span())
    return hits


class _Wanted:
    """The words a query searches for, of all its terms together."""

    def __init__(self, query: Query) -> None:
        self._languages = query.languages
        self._stems = {s for term in query.wanted for stems in term.readings for s in stems}
        self._beginnings = tuple(b for term in query.wanted for b in term.beginnings)
        # A stem starts with the same letter as its word, so most words needn't be stemmed.
        self._letters = {word[0] for word in (*self._stems, *self._beginnings)}

    def is_met_by(self, word: str) -> bool:
        if word[0] not in self._letters or is_unspaced(word):
            return False
        return any(
            stem(word, language) in self._stems
            or plain(word, language).startswith(self._beginnings)
            for language in self._languages
        )


def _letters_hit(text: str, query: Query) -> list[tuple[int, int]]:
    """Hits in scripts without spaces: letters in a row, whatever characters are between them."""
    rows = ["".join(term.readings[0]) for term in query.wanted if term.unspaced]
    if not rows:
        return []
    places = [(letter, place) for place, c in enumerate(text) for letter in _letters(c)]
    letters = "".join(letter for letter, _ in places)
    hits: list[tuple[int, int]] = []
    for row in rows:
        at = letters.find(row)
        while at >= 0:
            end = places[at + len(row) - 1][1] + 1
            while end < len(text) and unicodedata.category(text[end])[0] == "M":
                end += 1  # combining marks belong to the letter before them
            hits.append((places[at][1], end))
            at = letters.find(row, at + len(row))
    return hits


@lru_cache(4096)
def _letters(character: str) -> str:
    return "".join(words_in(character))
