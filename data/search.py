"""Finding posts by their words: FTS5 on SQLite, tsvector on PostgreSQL, one index of title words
on both. What a person types is never syntax: every word is cut out, stemmed and quoted.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    Select,
    Subquery,
    Text,
    case,
    cast,
    column,
    false,
    func,
    literal,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from bot.domain.posts import PostKind, PostStatus
from bot.domain.queries import Query, Sort, Term, Typed, begun, can_begin, terms_of
from bot.domain.similarity import (
    WEIGHT_UNIT,
    Candidate,
    is_function_word,
    rank,
    rarity,
    telling,
    title_words,
    words_in,
)
from data import guilds
from data.database import Transaction
from data.meaning import is_installed, likeness
from data.models import Place, Post, PostTag, PostText, TitleWord
from data.paging import Page
from data.search_index import scope_of
from data.statements import of_server
from data.title_words import frequencies

# Each row that shares a word costs about a microsecond: rarest words first, up to this many rows.
_BUDGET = 12_000
_WORDS_MAX = 24
_CANDIDATES = 100  # questions that share words with a title, compared with it more closely
_KEPT = 300  # of the rows with the best sums, how many are looked at further
_OFFERED = 300  # of the newest titles that have what is typed, how many are looked at further
_RANKED = 2_000  # of all that matches a search, the newest that are ranked
_QUESTION, _VISIBLE = PostKind.QUESTION, PostStatus.VISIBLE
_FTS = table("post_words", column("rowid"))
_TSV = table("post_words", column("post_id"), column("words"))


@dataclass(frozen=True, slots=True)
class Reader:
    """The searching member, and the channels that they can read (None: all)."""

    user_id: int = 0
    channels: Collection[int] | None = None


def _readable(question: type[Post], place: type[Place], reader: Reader) -> ColumnElement[bool]:
    """The reader also finds their own questions that aren't shown in Discord yet, or are in a
    channel that they can't read any more: these, and their own posts below them, but nothing
    else."""
    if reader.channels is None:
        return literal(value=True)
    own = question.author_id == reader.user_id
    if question is not Post:
        own = own & (Post.author_id == reader.user_id)
    return place.home_id.in_(reader.channels) | own


# Similar questions


async def candidates(
    tx: Transaction, guild_id: int, title: str, languages: Sequence[str], reader: Reader
) -> tuple[list[Candidate], int]:
    """Visible questions that share content words with a title, the most alike first, and about how
    many questions were ever asked. `languages` are those that a server's questions are indexed
    in."""
    words: dict[str, None] = {}
    for language in languages:
        words |= dict.fromkeys(list(title_words(title, language).content)[:_WORDS_MAX])
    if not words:
        return [], 0
    asked, counted = await frequencies(tx, guild_id, list(words), _BUDGET)
    chosen: dict[str, float] = {}
    rows = 0
    for word, frequency in counted:
        rows += frequency
        if chosen and rows > _BUDGET:
            break
        chosen[word] = rarity(frequency, asked)
    if not chosen:
        return [], asked
    best = _best_scores(guild_id, chosen, newest_alone=rows > _BUDGET and len(chosen) == 1)
    found = await tx.rows(
        select(Post.id, PostText.title, best.c.score, func.coalesce(Post.duplicate_of, Post.id))
        .select_from(best)
        .join(Post, Post.id == best.c.post_id)
        .join(PostText, PostText.post_id == Post.id)
        .outerjoin(Place, Place.post_id == Post.id)
        .where(of_server(Post, guild_id), Post.status == _VISIBLE, _readable(Post, Place, reader))
        .order_by(best.c.score.desc(), Post.id.desc())
        .limit(_CANDIDATES)
    )
    return [Candidate(row[0], row[1], float(row[2]), row[3]) for row in found], asked


def _best_scores(guild_id: int, chosen: dict[str, float], *, newest_alone: bool) -> Subquery:
    """The posts with the best sums of what their title's words are worth. With `newest_alone`, for
    one word that is everywhere, of the newest posts that have it."""
    matching = select(TitleWord.post_id, TitleWord.word, TitleWord.weight).where(
        TitleWord.guild_id == guild_id, TitleWord.word.in_(chosen)
    )
    if newest_alone:
        matching = matching.order_by(TitleWord.post_id.desc()).limit(_BUDGET)
    shared = matching.subquery()
    score = func.sum(shared.c.weight * case(chosen, value=shared.c.word)) / WEIGHT_UNIT
    return (
        select(shared.c.post_id, score.label("score"))
        .group_by(shared.c.post_id)
        .order_by(score.desc(), shared.c.post_id.desc())
        .limit(_KEPT)
        .subquery()
    )


async def readable_questions(
    tx: Transaction, guild_id: int, post_ids: Collection[int], reader: Reader
) -> set[int]:
    """Those of some questions that are visible and that the reader can read."""
    rows = await tx.rows(
        select(Post.id)
        .outerjoin(Place, Place.post_id == Post.id)
        .where(
            of_server(Post, guild_id),
            Post.id.in_(post_ids),
            Post.kind == _QUESTION,
            Post.status == _VISIBLE,
            _readable(Post, Place, reader),
        )
    )
    return {row[0] for row in rows}


async def newest(tx: Transaction, guild_id: int, reader: Reader, limit: int) -> list[int]:
    """The newest visible questions the reader can read."""
    return [row[0] for row in await tx.rows(_newest(guild_id, reader).limit(limit))]


def _newest(guild_id: int, reader: Reader) -> Select[*tuple[Any, ...]]:
    return (
        select(Post.id)
        .outerjoin(Place, Place.post_id == Post.id)
        .where(
            Post.guild_id == guild_id,
            Post.kind == _QUESTION,
            Post.status == _VISIBLE,
            _readable(Post, Place, reader),
        )
        .order_by(Post.number.desc())
    )


async def beginning(
    tx: Transaction, guild_id: int, typed: str, reader: Reader, limit: int
) -> list[int]:
    """Questions whose titles have every word of a title that is still being typed, whose words may
    be beginnings; the newest first.

    Of those whose titles have the telling words, or of all where none is typed yet, the newest few
    hundred are looked at: somebody waits for it at each key.
    """
    words = words_in(typed)[:_WORDS_MAX]
    if not words:
        return []
    languages = (await guilds.read_rules(tx, guild_id)).languages
    telling = [
        begun(word, languages)
        for word in words
        if can_begin(word) and not is_function_word(word, languages[0])
    ]
    telling += [term for term in terms_of(words, languages) if term.unspaced]
    if telling:
        query = Query(tuple(telling))
        matching = _joined(_matching(tx.dialect, guild_id, query, titles=True), reader)
        found = matching.where(Post.kind == _QUESTION).order_by(_row(tx.dialect).desc())
    else:
        found = _newest(guild_id, reader)
    titled = found.join(PostText, PostText.post_id == Post.id).add_columns(PostText.title)
    rows = await tx.rows(titled.limit(_OFFERED))
    wanted = Typed(words, languages[0])
    return list(islice((post_id for post_id, title in rows if wanted.all_in(title)), limit))


async def similar(
    tx: Transaction, guild_id: int, title: str, limit: int, reader: Reader, least: float = 0
) -> list[int]:
    """Questions of this server that are like a title, the most alike first: for a group of
    duplicates its original, where the reader can read that. None, unless one is as much like it as
    the `least` value of `telling` says."""
    languages = (await guilds.read_rules(tx, guild_id)).languages
    found, asked = await candidates(tx, guild_id, title, languages, reader)
    if not found:
        return []
    titles = [each.title for each in found]
    senses = await tx.compute(likeness, title, titles) if is_installed() else None
    if senses is not None:
        found = [replace(each, sense=sense) for each, sense in zip(found, senses, strict=True)]
    best = rank(title, found, limit, languages[0])
    if least and telling(title, found, best, asked, languages[0]) < least:
        return []
    others = [group for group, post_id in best if group != post_id]
    originals = await readable_questions(tx, guild_id, others, reader) if others else set[int]()
    return [group if group in originals else post_id for group, post_id in best]


# Full text


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search is narrowed to; None narrows nothing."""

    categories: Collection[int] | None = None
    tag: str | None = None
    author_id: int | None = None
    solved: bool | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a search is for, and in which order. Without `every`, any of the words is enough."""

    query: Query
    filters: Filters = field(default_factory=Filters)
    sort: Sort = Sort.RELEVANCE
    every: bool = True


async def find(
    tx: Transaction, guild_id: int, wanted: Wanted, reader: Reader, page: Page
) -> list[int]:
    """A page of visible questions and answers that have what is wanted.

    By relevance the newest 2,000 matches are ranked, whatever there are more.
    """
    query, every = wanted.query, wanted.every
    joined = _joined(_matching(tx.dialect, guild_id, query, every=every), reader)
    matching = _narrowed(joined, guild_id, wanted.filters)
    row = _row(tx.dialect)
    if wanted.sort is Sort.RELEVANCE:
        rank = _rank(tx.dialect, guild_id, query, every).label("rank")
        if tx.dialect == "sqlite":
            matching = matching.add_columns(rank)  # bm25 is known only where the match is
        latest = matching.order_by(row.desc()).limit(_RANKED).subquery()
        ordered = select(latest.c.id)
        if tx.dialect == "sqlite":
            ordered = ordered.order_by(latest.c.rank, latest.c.id.desc())
        else:  # after the limit, or PostgreSQL would rank everything that matches
            ordered = ordered.join(_TSV, _TSV.c.post_id == latest.c.id)
            ordered = ordered.order_by(rank, latest.c.id.desc())
    elif wanted.sort is Sort.VOTES:
        ordered = matching.order_by(Post.score.desc(), Post.id.desc())
    else:
        ordered = matching.order_by(row.desc())
    return [row[0] for row in await tx.rows(ordered.limit(page.limit).offset(page.offset))]


_question = aliased(Post)  # once: creating an alias takes longer than running some statements


def _row(dialect: str) -> ColumnElement[Any] | InstrumentedAttribute[int]:
    """The post, to order what matches by. FTS5 gives rows in its own order without sorting them, so
    that what a limit leaves out is never ranked. PostgreSQL, given an order it has an index for,
    would walk through all posts until enough of them match: the sum keeps it from that."""
    return _FTS.c.rowid if dialect == "sqlite" else Post.id + 0


def _rank(dialect: str, guild_id: int, query: Query, every: bool) -> ColumnElement[float]:
    """The less, the better. Words of the title count ten times those of the body, tags four."""
    if dialect == "sqlite":
        return literal_column("bm25(post_words, 10.0, 1.0, 4.0)", Float)
    from sqlalchemy.dialects.postgresql import TSQUERY  # 2 MB that nobody needs on SQLite

    asked = cast(cast(_tsquery(guild_id, query, every, titles=False), Text), TSQUERY)
    weights = text("CAST('{0.1, 0.1, 0.4, 1.0}' AS real[])")
    return -func.ts_rank(weights, _TSV.c.words, asked, 1)  # 1: by the length of the text


def _matching(
    dialect: str, guild_id: int, query: Query, *, every: bool = True, titles: bool = False
) -> Select[*tuple[Any, ...]]:
    """Posts of a server that match, to be joined further. The parameters go with it."""
    if dialect == "sqlite":
        match = text("post_words MATCH :fts").bindparams(fts=_fts(guild_id, query, every, titles))
        return select(Post.id).select_from(_FTS).join(Post, Post.id == _FTS.c.rowid).where(match)
    asked = _tsquery(guild_id, query, every, titles)
    match = text("post_words.words @@ CAST(CAST(:tsquery AS text) AS tsquery)")
    # Looked for first, and by its index: PostgreSQL guesses that a server has few posts, and would
    # rather read all of them and look into the words of each.
    found = select(_TSV.c.post_id).where(match.bindparams(tsquery=asked)).cte("matched")
    found = found.prefix_with("MATERIALIZED")
    return select(Post.id).select_from(found).join(Post, Post.id == found.c.post_id)


def _joined(matching: Select[*tuple[Any, ...]], reader: Reader) -> Select[*tuple[Any, ...]]:
    """Only what is shown, in a question that is, where the reader can read."""
    return (
        matching.join(_question, _question.id == Post.question_id)
        .outerjoin(Place, Place.post_id == _question.id)
        .where(
            Post.status == _VISIBLE,
            _question.status == _VISIBLE,
            _readable(_question, Place, reader),
        )
    )


def _narrowed(
    matching: Select[*tuple[Any, ...]], guild_id: int, filters: Filters
) -> Select[*tuple[Any, ...]]:
    query = matching.where(of_server(Post, guild_id))
    if filters.categories is not None:
        query = query.where(
            _question.category_id.in_(filters.categories) if filters.categories else false()
        )
    if filters.tag is not None:
        query = query.join(PostTag, PostTag.post_id == _question.id).where(
            PostTag.guild_id == guild_id, PostTag.tag == filters.tag
        )
    if filters.author_id is not None:
        query = query.where(Post.author_id == filters.author_id)
    if filters.solved is not None:
        best = _question.best_answer_id
        query = query.where(best.is_not(None) if filters.solved else best.is_(None))
    return query


def _fts(guild_id: int, query: Query, every: bool, titles: bool) -> str:
    """An FTS5 query. Stems are letters and digits only, so quoting them is all it takes."""

    def phrase(term: Term) -> str:
        ways = [f'"{" ".join(stems)}"' for stems in term.readings]
        ways += [f'"{word}"*' for word in term.beginnings]
        return f"({' OR '.join(ways)})" if len(ways) > 1 else ways[0]

    columns = "title" if titles else "{title body tags}"
    glue = " AND " if every else " OR "
    made = (
        f'scope : "{scope_of(guild_id)}" AND {columns} : ({glue.join(map(phrase, query.wanted))})'
    )
    for term in query.excluded:
        made = f"({made}) NOT {{title body tags}} : {phrase(term)}"
    return made


def _tsquery(guild_id: int, query: Query, every: bool, titles: bool) -> str:
    """A tsquery of lexemes that are letters and digits only."""
    weight = ":A" if titles else ""

    def phrase(term: Term) -> str:
        ways = [" <-> ".join(f"'{stem}'{weight}" for stem in stems) for stems in term.readings]
        ways += [f"'{word}':*{'A' if titles else ''}" for word in term.beginnings]
        return f"({' | '.join(ways)})"

    glue = " & " if every else " | "
    made = f"'.{scope_of(guild_id)}' & ({glue.join(map(phrase, query.wanted))})"
    for term in query.excluded:
        made += f" & !{phrase(term)}"
    return made
