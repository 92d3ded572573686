"""Words as they were written, to find what a misspelt one may have been meant to be.

They are counted for each channel: a word that stands only where its reader can't read is never
offered. Posts are counted in the background (`count_some`); what is no longer shown is taken off in
the transaction that takes it away (`drop`). `counted_posts` has what was counted of a post, so
that the count is right whatever has happened to its text since.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import BigInteger, Row, TextClause, bindparam, delete, insert, select, text
from sqlalchemy.orm import aliased

from bot.domain.posts import PostKind, PostStatus
from bot.domain.spelling import best_words, folded, keys_near, keys_of, near, words_written
from data.database import Transaction
from data.models import CountedPost, Place, Post, PostText, UncountedPost, WrittenWord
from data.statements import of_server

_LOOKED_AT = 20_000  # words that share a key with typed ones; a server has a few hundred, usually
_OFFERED = 500  # words that are near to typed ones
_FRESH = 25  # posts that aren't counted yet, and are looked at by who searches

_question = aliased(Post)
_Counts = Counter[tuple[str, int]]  # by word and home
_Words = dict[int, tuple[int, str]]  # by post: its home, and its words


def _both(sqlite: str, postgresql: str, sql: str) -> dict[str, TextClause]:
    """A statement over `{given}`: rows given as one parameter."""
    given = {"sqlite": sqlite, "postgresql": postgresql}
    return {name: text(sql.format(given=rows)) for name, rows in given.items()}


_WORDS = (
    "SELECT value AS word FROM json_each(:words)",
    "SELECT value AS word FROM json_array_elements_text(CAST(:words AS json))",
)
_COUNTS = (
    "SELECT json_extract(value, '$[0]') AS word, json_extract(value, '$[1]') AS home_id,"
    " json_extract(value, '$[2]') AS posts FROM json_each(:counts)",
    "SELECT value->>0 AS word, CAST(value->>1 AS bigint) AS home_id,"
    " CAST(value->>2 AS integer) AS posts FROM json_array_elements(CAST(:counts AS json)) AS value",
)
_KEYS = (
    "SELECT json_extract(value, '$[0]') AS key, json_extract(value, '$[1]') AS word"
    " FROM json_each(:keys)",
    "SELECT value->>0 AS key, value->>1 AS word FROM json_array_elements(CAST(:keys AS json))"
    " AS value",
)
# Always the same order of the tables: what is given leads, each row is looked up by its key.
_KNOWN = _both(
    *_WORDS,
    "SELECT given.word FROM ({given}) AS given WHERE EXISTS (SELECT 1 FROM written_words AS held"
    " WHERE held.guild_id = :guild AND held.word = given.word)",
)
_COUNT = _both(
    *_COUNTS,
    "INSERT INTO written_words (guild_id, word, home_id, posts)"
    " SELECT :guild, given.word, given.home_id, given.posts FROM ({given}) AS given WHERE true"
    " ON CONFLICT (guild_id, word, home_id)"
    " DO UPDATE SET posts = written_words.posts + excluded.posts",
)
_FORGET = _both(
    *_WORDS,
    "DELETE FROM written_words WHERE guild_id = :guild AND posts <= 0"
    " AND word IN (SELECT given.word FROM ({given}) AS given)",
)
_ADD_KEYS = _both(
    *_KEYS,
    "INSERT INTO word_keys (guild_id, key, word)"
    " SELECT :guild, given.key, given.word FROM ({given}) AS given WHERE true"
    " ON CONFLICT (guild_id, key, word) DO NOTHING",
)
_DROP_KEYS = _both(
    *_KEYS,
    "DELETE FROM word_keys WHERE guild_id = :guild"
    " AND (key, word) IN (SELECT given.key, given.word FROM ({given}) AS given)",
)
_FIND = {
    "sqlite": text(
        "SELECT held.word FROM json_each(:keys) AS given CROSS JOIN word_keys AS held"
        " ON held.guild_id = :guild AND held.key = given.value LIMIT :most"
    ),
    "postgresql": text(
        "SELECT word FROM word_keys WHERE guild_id = :guild"
        " AND key = ANY(CAST(:keys AS text[])) LIMIT :most"
    ),
}
_SERVERS_DUE = select(UncountedPost.guild_id).distinct()
_IDS = bindparam("ids", type_=BigInteger, expanding=True)
_MARK = text(
    "INSERT INTO uncounted_posts (guild_id, post_id)"
    " SELECT guild_id, id FROM posts WHERE id IN :ids"
    " ON CONFLICT (guild_id, post_id) DO NOTHING"
).bindparams(_IDS)
_MARK_BELOW = text(
    "INSERT INTO uncounted_posts (guild_id, post_id)"
    " SELECT guild_id, id FROM posts WHERE question_id IN :ids AND kind <> 'comment'"
    " ON CONFLICT (guild_id, post_id) DO NOTHING"
).bindparams(_IDS)


async def mark(tx: Transaction, post_ids: Collection[int]) -> None:
    """Have posts counted in the background, since they are new or changed."""
    if post_ids:
        await tx.execute(_MARK, {"ids": list(post_ids)})


async def mark_with_answers(tx: Transaction, question_ids: Collection[int]) -> None:
    """Have questions counted with their answers, since they are shown now."""
    if question_ids:
        await tx.execute(_MARK_BELOW, {"ids": list(question_ids)})


async def posts_of(tx: Transaction, guild_id: int, question_id: int) -> list[int]:
    """A question and its answers."""
    query = select(Post.id).where(
        of_server(Post, guild_id),
        Post.question_id == question_id,
        Post.kind != PostKind.COMMENT,
    )
    return [row[0] for row in await tx.rows(query)]


async def servers_due(tx: Transaction) -> list[int]:
    """The servers with posts to be counted."""
    return [row[0] for row in await tx.rows(_SERVERS_DUE)]


async def count_some(tx: Transaction, guild_id: int, limit: int) -> int:
    """Count the next posts of a server that are due, the newest first; returns how many. The
    server's row must be locked."""
    ids = await _due(tx, guild_id, limit)
    if ids:
        await settle(tx, guild_id, ids)
    return len(ids)


async def _due(tx: Transaction, guild_id: int, limit: int) -> list[int]:
    query = select(UncountedPost.post_id).where(UncountedPost.guild_id == guild_id)
    rows = await tx.rows(query.order_by(UncountedPost.post_id.desc()).limit(limit))
    return [row[0] for row in rows]


async def settle(tx: Transaction, guild_id: int, post_ids: Collection[int]) -> None:
    """Make the counts right for posts as they are now: nothing of those that are not shown. The
    server's row must be locked."""
    before = await _counted(tx, guild_id, post_ids)
    now = await _shown_now(tx, guild_id, post_ids)
    changed = {post_id for post_id in post_ids if before.get(post_id) != now.get(post_id)}
    await _count(tx, guild_id, _difference(before, now))
    if gone := changed & before.keys():
        await tx.execute(delete(CountedPost).where(CountedPost.post_id.in_(gone)))
    if fresh := [
        {"post_id": post_id, "guild_id": guild_id, "home_id": home, "words": words}
        for post_id, (home, words) in now.items()
        if post_id in changed
    ]:
        await tx.execute(insert(CountedPost), fresh)
    await tx.execute(
        delete(UncountedPost).where(
            UncountedPost.guild_id == guild_id, UncountedPost.post_id.in_(post_ids)
        )
    )


async def drop(tx: Transaction, guild_id: int, post_ids: Collection[int]) -> None:
    """Take off the counts what was counted of posts that are shown no longer. The server's row must
    be locked. Those that are due to be counted stay so, and nothing will be found of them."""
    of_these = (of_server(CountedPost, guild_id), CountedPost.post_id.in_(post_ids))
    columns = (CountedPost.post_id, CountedPost.home_id, CountedPost.words)
    rows = await tx.rows(delete(CountedPost).where(*of_these).returning(*columns))
    await _count(tx, guild_id, _difference({row[0]: (row[1], row[2]) for row in rows}, {}))


async def _counted(tx: Transaction, guild_id: int, post_ids: Collection[int]) -> _Words:
    query = select(CountedPost.post_id, CountedPost.home_id, CountedPost.words)
    rows = await tx.rows(
        query.where(of_server(CountedPost, guild_id), CountedPost.post_id.in_(post_ids))
    )
    return {row[0]: (row[1], row[2]) for row in rows}


async def _shown_now(tx: Transaction, guild_id: int, post_ids: Collection[int]) -> _Words:
    """The home and the words of those posts that are shown."""
    rows = await tx.rows(
        select(Post.id, Place.home_id, PostText.title, PostText.body)
        .join(PostText, PostText.post_id == Post.id)
        .join(_question, _question.id == Post.question_id)
        .join(Place, Place.post_id == _question.id)
        .where(
            of_server(Post, guild_id),
            Post.id.in_(post_ids),
            Post.kind != PostKind.COMMENT,
            Post.status == PostStatus.VISIBLE,
            _question.status == PostStatus.VISIBLE,
            Place.home_id.is_not(None),
        )
    )
    return await tx.compute(_words_of, rows)


def _words_of(rows: Iterable[Row[*tuple[Any, ...]]]) -> _Words:
    return {
        post_id: (home, " ".join(words_written(title, body))) for post_id, home, title, body in rows
    }


def _difference(before: _Words, now: _Words) -> _Counts:
    counts: _Counts = Counter()
    for sign, held in ((-1, before), (1, now)):
        for home, words in held.values():
            for word in words.split():
                counts[word, home] += sign
    return counts


async def _count(tx: Transaction, guild_id: int, counts: _Counts) -> None:
    """Add to the counts, and keep the keys of exactly the words that some post has."""
    rows = [(word, home, posts) for (word, home), posts in sorted(counts.items()) if posts]
    if not rows:
        return
    fewer = {word for word, _, posts in rows if posts < 0}
    more = {word for word, _, posts in rows if posts > 0}
    new = more - await _known(tx, guild_id, more)
    await tx.execute(_COUNT[tx.dialect], {"guild": guild_id, "counts": json.dumps(rows)})
    if fewer:
        given = {"guild": guild_id, "words": json.dumps(sorted(fewer))}
        await tx.execute(_FORGET[tx.dialect], given)
        gone = fewer - await _known(tx, guild_id, fewer)
        await _change_keys(tx, _DROP_KEYS, guild_id, gone)
    await _change_keys(tx, _ADD_KEYS, guild_id, new)


async def _known(tx: Transaction, guild_id: int, words: Collection[str]) -> set[str]:
    if not words:
        return set()
    given = {"guild": guild_id, "words": json.dumps(sorted(words))}
    return {row[0] for row in await tx.rows(_KNOWN[tx.dialect], given)}


async def _change_keys(
    tx: Transaction, change: dict[str, TextClause], guild_id: int, words: Collection[str]
) -> None:
    pairs = sorted((key, word) for word in words for key in keys_of(folded(word)))
    if pairs:
        await tx.execute(change[tx.dialect], {"guild": guild_id, "keys": json.dumps(pairs)})


async def nearest(
    tx: Transaction, guild_id: int, typed: Collection[str], channels: Collection[int] | None
) -> dict[str, str]:
    """What each of some misspelt words, folded, may have been meant to be: the nearest word that is
    written in channels the reader can read (None: all). Words without one are left out.

    The newest posts may not be counted yet. Searching waits for no writer, so they are read.
    """
    fresh = await _not_counted_yet(tx, guild_id)
    keys = sorted({key for word in typed for key in keys_near(word)})
    given = json.dumps(keys) if tx.dialect == "sqlite" else keys
    looked = {"guild": guild_id, "keys": given, "most": _LOOKED_AT}
    written = {row[0] for row in await tx.rows(_FIND[tx.dialect], looked)}
    written.update(word for word, _ in fresh)
    found = [each for word in sorted(typed) for each in await tx.compute(near, word, written)]
    found.sort(key=lambda each: each.misspellings)
    found = found[:_OFFERED]
    if not found:
        return {}
    query = select(WrittenWord.word, WrittenWord.home_id, WrittenWord.posts).where(
        WrittenWord.guild_id == guild_id, WrittenWord.word.in_({each.word for each in found})
    )
    counted = [(row[0], row[1], row[2]) for row in await tx.rows(query)]
    posts: Counter[str] = Counter()
    for word, home, number in [*counted, *((w, h, n) for (w, h), n in fresh.items())]:
        if channels is None or home in channels:
            posts[word] += number
    return best_words(found, posts)


async def _not_counted_yet(tx: Transaction, guild_id: int) -> _Counts:
    """What the newest posts that aren't counted yet add to the counts, or take off."""
    ids = await _due(tx, guild_id, _FRESH)
    if not ids:
        return Counter()
    return _difference(
        await _counted(tx, guild_id, ids),
        await _shown_now(tx, guild_id, ids),
    )
