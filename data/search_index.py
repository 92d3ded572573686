"""What the search holds of a post: its words, cut by `bot.domain` and stemmed there in the server's
language, so that SQLite and PostgreSQL hold the same ones. `post_words` has the text of each
question and answer, `title_words` the content words of questions' titles.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, TextClause, bindparam, func, select, text

from bot.domain.languages import stem
from bot.domain.posts import PostKind, PostStatus
from bot.domain.review import Wording
from bot.domain.rules import SETTINGS
from bot.domain.similarity import stored_weights, words_in
from data import written_words
from data.database import Transaction
from data.models import Guild, Post, PostText
from data.statements import of_server

_BODY_WORDS = 6_000  # of one post: about 35,000 characters
_AT_ONCE = 4_000  # characters
_POSITIONS = 16_383  # PostgreSQL's tsvector tells no higher ones apart

_DELETE = {
    "sqlite": text("DELETE FROM post_words WHERE rowid = :id"),
    "postgresql": text("DELETE FROM post_words WHERE post_id = :id"),
}
# In place of what is held of the post.
_WRITE = {
    "sqlite": text(
        "INSERT OR REPLACE INTO post_words (rowid, title, body, tags, scope)"
        " VALUES (:id, :title, :body, :tags, :scope)"
    ),
    "postgresql": text(
        "INSERT INTO post_words (post_id, words)"
        " VALUES (:id, CAST(CAST(:words AS text) AS tsvector))"
        " ON CONFLICT (post_id) DO UPDATE SET words = excluded.words"
    ),
}
_COLUMNS = ("title", "body", "tags", "scope")
_HELD = text(
    "SELECT rowid, title, body, tags, scope FROM post_words WHERE rowid IN :ids"
).bindparams(bindparam("ids", expanding=True))
_UNWEIGH = text("DELETE FROM title_words WHERE post_id = :id")
_WEIGH = text(
    "INSERT INTO title_words (guild_id, word, post_id, weight)"
    " VALUES (:guild_id, :word, :id, :weight)"
)
# Read with the posts: writers lock the server's row, so it can't change meanwhile.
_LANGUAGE = func.coalesce(Guild.settings["locale"].as_string(), SETTINGS["locale"].default)


@dataclass(frozen=True, slots=True)
class Written:
    """A visible post as it is now, and its server's language."""

    post_id: int
    guild_id: int
    kind: PostKind
    wording: Wording
    language: str


@dataclass(frozen=True, slots=True)
class IndexRow:
    """What the index holds of a post; a post that is not shown has no `words`."""

    post_id: int
    guild_id: int
    title: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    weights: tuple[tuple[str, int], ...] = ()
    shown: bool = False


def scope_of(guild_id: int) -> str:
    """The word that every post of a server has. Nobody can type it: it stands apart in SQLite,
    and begins in PostgreSQL with what no word has."""
    return f"g{guild_id}"


def stems_of(written: str, language: str) -> tuple[str, ...]:
    """The stems of a text's words, in their order."""
    return tuple(stem(word, language) for word in words_in(written)[:_BODY_WORDS])


def rows_of(found: Iterable[Row[*tuple[Any, ...]]]) -> list[IndexRow]:
    """Index rows of posts given as (id, guild, kind, status, title, body, tags, language)."""
    rows: list[IndexRow] = []
    for post_id, guild_id, kind, status, title, body, tags, language in found:
        if status != PostStatus.VISIBLE or kind == PostKind.COMMENT:
            rows.append(IndexRow(post_id, guild_id))
            continue
        wording = Wording(title, body, tuple(tags.split()))
        rows.append(_row_of(Written(post_id, guild_id, PostKind(kind), wording, language)))
    return rows


def _row_of(post: Written) -> IndexRow:
    text, language = post.wording, post.language
    weights = stored_weights(text.title, language) if post.kind is PostKind.QUESTION else {}
    return IndexRow(
        post.post_id,
        post.guild_id,
        stems_of(text.title, language),
        stems_of(text.body, language),
        stems_of(" ".join(text.tags), language),
        tuple(weights.items()),
        shown=True,
    )


def write_rows(
    connection: Connection, rows: Sequence[IndexRow], same: Collection[int] = frozenset()
) -> None:
    """Put rows into the index in place of what it holds of these posts. In one go for all. The full
    text of those that are the `same` there is left alone."""
    dialect = connection.dialect.name
    other = [row for row in rows if row.post_id not in same]
    _run(
        connection,
        (_DELETE[dialect], [{"id": row.post_id} for row in other if not row.shown]),
        (_WRITE[dialect], [_values(row, dialect) for row in other if row.shown]),
        (_UNWEIGH, [{"id": row.post_id} for row in rows]),
        (_WEIGH, _weights(rows)),
    )


def _weights(rows: Sequence[IndexRow]) -> list[dict[str, Any]]:
    return [
        {"guild_id": row.guild_id, "word": word, "id": row.post_id, "weight": weight}
        for row in rows
        for word, weight in row.weights
    ]


def _run(connection: Connection, *steps: tuple[TextClause, list[dict[str, Any]]]) -> None:
    for statement, values in steps:
        if values:
            connection.execute(statement, values)


def _values(row: IndexRow, dialect: str) -> dict[str, Any]:
    if dialect == "sqlite":
        return {
            "id": row.post_id,
            "title": " ".join(row.title),
            "body": " ".join(row.body),
            "tags": " ".join(row.tags),
            "scope": scope_of(row.guild_id),
        }
    # Lexemes with their places and weights: A is the title, B the tags, D the body. Between the
    # parts lies a gap, which no phrase reaches across.
    lexemes = [f"'.{scope_of(row.guild_id)}'"]
    place = 0
    for words, weight in ((row.title, "A"), (row.tags, "B"), (row.body, "D")):
        for word in words:
            place = min(place + 1, _POSITIONS)
            lexemes.append(f"'{word}':{place}{weight}")
        place += 5
    return {"id": row.post_id, "words": " ".join(lexemes)}


async def index_written(tx: Transaction, post: Written, before: Wording | None = None) -> None:
    """Make the index say what a post says now. `before` is its text until now; None for a new post.

    Comments aren't indexed. Where the title is the same, so are its words.
    """
    if post.kind is PostKind.COMMENT:
        return
    # Stemming a word for the first time takes some 30 µs: long texts would block the event loop.
    long = len(post.wording.body) > _AT_ONCE
    row = await tx.compute(_row_of, post) if long else _row_of(post)
    retitled = before is None or before.title != post.wording.title
    gone = [{"id": row.post_id}] if before is not None and before.title else []

    def write(connection: Connection) -> None:
        dialect = connection.dialect.name
        _run(connection, (_WRITE[dialect], [_values(row, dialect)]))
        if retitled:
            _run(connection, (_UNWEIGH, gone), (_WEIGH, _weights([row])))

    await tx.run_sync(write)
    # A new question's words are counted when it is known who can read them: once it has a channel.
    if before is not None or post.kind is not PostKind.QUESTION:
        await written_words.mark(tx, [post.post_id])


async def drop(tx: Transaction, guild_id: int, post_id: int, kind: PostKind) -> None:
    """Drop a post from the index that is no longer shown. Of a question's answers, which aren't
    shown without it, only the words as written are dropped: a search looks at the question."""
    if kind is PostKind.COMMENT:
        return
    this = {"id": post_id}
    await tx.execute(_DELETE[tx.dialect], this)
    if kind is PostKind.QUESTION:
        await tx.execute(_UNWEIGH, this)
        answers = await written_words.posts_of(tx, guild_id, post_id)
        await written_words.drop(tx, guild_id, answers)
    else:
        await written_words.drop(tx, guild_id, [post_id])


async def index_posts(
    tx: Transaction, guild_id: int, post_ids: Collection[int], *, compare: bool = False
) -> None:
    """Make the index say what these posts say now: nothing of those that are not shown. Words as
    written aren't counted anew for those that are.

    With `compare` it is looked first which of them it holds already, on SQLite: there, taking words
    out costs 5 ms a post. For many posts of which few will have changed.
    """
    found = await tx.rows(_posts().where(of_server(Post, guild_id), Post.id.in_(post_ids)))
    long = sum(len(body) for *_, body, _, _ in found) > _AT_ONCE
    rows = await tx.compute(rows_of, found) if long else rows_of(found)
    same = await _held_already(tx, rows) if compare and tx.dialect == "sqlite" else frozenset[int]()
    await tx.run_sync(lambda connection: write_rows(connection, rows, same))
    shown = {row.post_id for row in rows if row.shown}
    if gone := {row.post_id for row in rows} - shown:
        await written_words.drop(tx, guild_id, gone)


async def fill(tx: Transaction, post_ids: Collection[int]) -> None:
    """Put the full text of posts of any server into an index that was copied without it."""
    rows = rows_of(await tx.rows(_posts().where(Post.id.in_(post_ids))))
    values = [_values(row, tx.dialect) for row in rows if row.shown]
    await tx.run_sync(lambda connection: _run(connection, (_WRITE[tx.dialect], values)))


def _posts() -> Select[int, int, str, str, str, str, str, Any]:
    """What is indexed of posts, as `rows_of` takes it."""
    return (
        select(
            Post.id,
            Post.guild_id,
            Post.kind,
            Post.status,
            PostText.title,
            PostText.body,
            PostText.tags,
            _LANGUAGE,
        )
        .join(PostText, PostText.post_id == Post.id)
        .join(Guild, Guild.id == Post.guild_id)
    )


async def _held_already(tx: Transaction, rows: Sequence[IndexRow]) -> frozenset[int]:
    ids = {"ids": [row.post_id for row in rows]}
    held = {row[0]: tuple(row[1:]) for row in await tx.rows(_HELD, ids)}
    wanted = {row.post_id: _values(row, tx.dialect) for row in rows if row.shown}
    return frozenset(
        post_id
        for post_id, values in wanted.items()
        if held.get(post_id) == tuple(values[column] for column in _COLUMNS)
    )
