"""What the search holds of a post: its words, cut by `bot.domain` and stemmed there in the server's
language, so that SQLite and PostgreSQL hold the same ones. `post_words` has the text of each
question and answer, `title_words` the content words of questions' titles.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, TextClause, bindparam, func, select, text

from bot.domain.languages import stem
from bot.domain.posts import PostKind, PostStatus
from bot.domain.rules import SETTINGS
from bot.domain.similarity import stored_weights, words_in
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
_INSERT = {
    "sqlite": text(
        "INSERT INTO post_words (rowid, title, body, tags, scope)"
        " VALUES (:id, :title, :body, :tags, :scope)"
    ),
    "postgresql": text(
        "INSERT INTO post_words (post_id, words)"
        " VALUES (:id, CAST(CAST(:words AS text) AS tsvector))"
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
        weights = stored_weights(title, language) if kind == PostKind.QUESTION else {}
        rows.append(
            IndexRow(
                post_id,
                guild_id,
                stems_of(title, language),
                stems_of(body, language),
                stems_of(tags, language),
                tuple(weights.items()),
                shown=True,
            )
        )
    return rows


def write_rows(
    connection: Connection,
    rows: Sequence[IndexRow],
    same: Collection[int] = frozenset(),
    *,
    new: bool = False,
) -> None:
    """Put rows into the index in place of what it holds of these posts, which is nothing where they
    are `new`. In one go for all. The full text of those that are the `same` there is left alone."""
    dialect = connection.dialect.name
    every = [{"id": row.post_id} for row in rows]
    other = [row for row in rows if row.post_id not in same]
    shown = [row for row in other if row.shown]
    weights = [
        {"guild_id": row.guild_id, "word": word, "id": row.post_id, "weight": weight}
        for row in rows
        for word, weight in row.weights
    ]
    steps: list[tuple[TextClause, list[dict[str, Any]]]] = [
        (_DELETE[dialect], [{"id": row.post_id} for row in other] if not new else []),
        (_UNWEIGH, every if not new else []),
        (_INSERT[dialect], [_values(row, dialect) for row in shown]),
        (_WEIGH, weights),
    ]
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


async def index_posts(
    tx: Transaction,
    guild_id: int,
    post_ids: Collection[int],
    *,
    compare: bool = False,
    new: bool = False,
) -> None:
    """Make the index say what these posts say now: nothing of those that are not shown. Of `new`
    ones it holds nothing yet.

    With `compare` it is looked first which of them it holds already, on SQLite: there, taking words
    out costs 5 ms a post. For many posts of which few will have changed.
    """
    found = await tx.rows(
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
        .where(of_server(Post, guild_id), Post.id.in_(post_ids))
    )
    # Stemming a word for the first time takes some 30 µs: long texts would block the event loop.
    long = sum(len(body) for *_, body, _, _ in found) > _AT_ONCE
    rows = await tx.compute(rows_of, found) if long else rows_of(found)
    same = await _held_already(tx, rows) if compare and tx.dialect == "sqlite" else frozenset[int]()
    await tx.run_sync(lambda connection: write_rows(connection, rows, same, new=new))


async def _held_already(tx: Transaction, rows: Sequence[IndexRow]) -> frozenset[int]:
    ids = {"ids": [row.post_id for row in rows]}
    held = {row[0]: tuple(row[1:]) for row in await tx.rows(_HELD, ids)}
    wanted = {row.post_id: _values(row, tx.dialect) for row in rows if row.shown}
    return frozenset(
        post_id
        for post_id, values in wanted.items()
        if held.get(post_id) == tuple(values[column] for column in _COLUMNS)
    )
