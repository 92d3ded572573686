"""Searching all posts that the reader may see."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from bot.domain.cards import Category
from bot.domain.posts import PostKind, post_number
from bot.domain.queries import (
    QUERY_MAX,
    Piece,
    Query,
    Sort,
    corrected,
    parse_query,
    snippet,
    words_to_check,
)
from bot.usecases.categories import category_wanted
from data import found_posts, guilds, search, tags, written_words
from data.database import Transaction, reading
from data.paging import Page

PAGE = 5


@dataclass(frozen=True, slots=True)
class Search:
    """A search: its query and its filters. Pages count from 0. A `literal` one is for the words as
    they were typed, even if they are misspelt."""

    query: str
    category_id: int | None = None
    tag: str | None = None
    author_id: int | None = None
    solved: bool | None = None
    sort: Sort = Sort.RELEVANCE
    page: int = 0
    literal: bool = False

    def code(self) -> str:
        """All of it but the page, in letters, digits, - and _, for `search_of`."""
        kept = [
            self.query,
            list(Sort).index(self.sort),
            self.category_id,
            self.tag,
            self.author_id,
            self.solved,
            self.literal or None,
        ]
        while kept[-1] is None:
            kept.pop()
        written = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
        written = written.encode(errors="surrogatepass")  # a lone surrogate can be typed, too
        return base64.urlsafe_b64encode(written).decode().rstrip("=")


def search_of(code: str, page: int) -> Search:
    """The search that a `code` stands for. Raises `ValueError` if it is invalid."""
    # More padding than needed is ignored.
    found: Any = json.loads(base64.urlsafe_b64decode(code + "==="))
    kept = cast("list[Any]", found) if isinstance(found, list) else []
    if not 2 <= len(kept) <= 7:
        raise ValueError("no search")
    kept += [None] * (7 - len(kept))
    query, sort, category_id, tag, author_id, solved, literal = kept
    known = (
        isinstance(query, str)
        and isinstance(sort, int)
        and 0 <= sort < len(Sort)
        and all(isinstance(row, int | None) for row in (category_id, author_id))
        and isinstance(tag, str | None)
        and isinstance(solved, bool | None)
        and literal in (None, True)
    )
    if not known:
        raise ValueError("no search")
    kinds = list(Sort)
    return Search(
        query, category_id, tag, author_id, solved, kinds[sort], max(page, 0), bool(literal)
    )


@dataclass(frozen=True, slots=True)
class Finding:
    """A result: its number, its question's title, and the part of its text with the hit. One that
    is `closed` to the reader is their own post."""

    reference: str
    kind: PostKind
    title: str
    text: list[Piece]
    score: int
    answers: int
    solved: bool
    best: bool
    channel_id: int | None
    message_id: int | None
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A page of results. `more` tells whether there is another. Without `every`, no post has all
    the words, and these have some. `tag` is the tag that a given synonym stands for, `corrected`
    the query that was looked for instead of a misspelt one."""

    findings: list[Finding]
    more: bool
    every: bool
    category: Category | None
    tag: str | None = None
    corrected: str | None = None


@reading
async def search_posts(
    tx: Transaction, guild_id: int, wanted: Search, *, channels: Collection[int], reader_id: int
) -> Found:
    """A page of five questions and answers that match, in channels that the reader can read.

    If none has all the words, misspelt ones are corrected; else those that have any. Raises
    `Invalid("query", EMPTY)`, `NotFound(CATEGORY)`.
    """
    reader = search.Reader(reader_id, channels)
    rules = await guilds.read_rules(tx, guild_id)
    query = parse_query(wanted.query, rules.languages)
    category, categories = await category_wanted(tx, guild_id, wanted.category_id)
    tag = None
    if wanted.tag:
        tag = await tags.target_of(
            tx, guild_id, wanted.tag, channels=channels, reader_id=reader.user_id
        )
    filters = search.Filters(categories, tag, wanted.author_id, wanted.solved)
    looked = search.Wanted(query, filters, wanted.sort)
    found, every = await search.find(tx, guild_id, looked, reader, _this(wanted.page)), True
    meant = None
    if not found and not wanted.literal:
        meant = await _corrected(tx, guild_id, wanted.query, rules.languages, reader)
    if meant is not None:
        looked = replace(looked, query=parse_query(meant, rules.languages))
        found, every = await _look(tx, guild_id, looked, reader, wanted.page)
        if not found and not wanted.page:
            looked, meant = replace(looked, query=query), None
    if not found and meant is None:
        found, every = await _look_for_some(tx, guild_id, looked, reader, wanted.page)
    query = looked.query
    posts = await found_posts.found_posts(tx, guild_id, found[:PAGE]) if found else []
    findings = [_finding(post, query, channels) for post in posts]
    return Found(findings, len(found) > PAGE, every, category, tag, meant)


async def _corrected(
    tx: Transaction, guild_id: int, typed: str, languages: Sequence[str], reader: search.Reader
) -> str | None:
    """The query with the nearest words that the reader can read instead of those that no post they
    can read has; None where there are none."""
    words = words_to_check(typed, languages)
    misspelt: set[str] = set()
    for word in words:
        alone = search.Wanted(Query((word.term,), tuple(languages)), sort=Sort.NEWEST)
        if not await search.find(tx, guild_id, alone, reader, Page(1)):
            misspelt.add(word.folded)
    if not misspelt:
        return None
    instead = await written_words.nearest(tx, guild_id, misspelt, reader.channels)
    return corrected(typed, words, instead)[:QUERY_MAX] if instead else None


def _this(page: int) -> Page:
    return Page(PAGE + 1, page * PAGE)  # one more tells whether there is another page


async def _look(
    tx: Transaction, guild_id: int, wanted: search.Wanted, reader: search.Reader, page: int
) -> tuple[list[int], bool]:
    """The posts on a page, and whether they have all the words; if none has, any word is enough."""
    found = await search.find(tx, guild_id, wanted, reader, _this(page))
    if found:
        return found, True
    return await _look_for_some(tx, guild_id, wanted, reader, page)


async def _look_for_some(
    tx: Transaction, guild_id: int, wanted: search.Wanted, reader: search.Reader, page: int
) -> tuple[list[int], bool]:
    """The same, where none on this page has all the words."""
    if len(wanted.query.wanted) < 2:
        return [], True
    if page and await search.find(tx, guild_id, wanted, reader, Page(PAGE + 1)):
        return [], True
    return await search.find(tx, guild_id, replace(wanted, every=False), reader, _this(page)), False


def _finding(post: found_posts.FoundPost, query: Query, channels: Collection[int]) -> Finding:
    return Finding(
        reference=post_number(post.number, post.sub_number),
        kind=post.kind,
        title=post.title,
        text=snippet(post.body, query),
        score=post.score,
        answers=post.answers,
        solved=post.solved,
        best=post.best,
        channel_id=post.channel_id,
        message_id=post.message_id,
        closed=post.home_id is not None and post.home_id not in channels,
    )
