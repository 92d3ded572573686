"""A forum of a million posts in a SQLite file, written in plain SQL within a minute or two:
`python -m tests.bench.filling PATH POSTS`, in a process of its own, whose memory nobody measures.

Every third post is a question, with two answers. One member (`WHOSE`) wrote every 200th of them, as
many votes by reaction, and what else a member leaves behind.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from bot.domain.languages import ENGLISH
from bot.domain.rules import Rules
from bot.domain.similarity import stored_weights
from bot.domain.spelling import folded, keys_of, words_written
from data.search_index import scope_of, stems_of
from tests.bench.sizes import Texts
from tests.bench.world import migrated, sqlite_url

GUILD, HOME = 1_234_567_890_123_456_789, 10
WHOSE = 987_654_321_987_654_321
EACH = 200  # posts, of which one is theirs
AUTHORS, VOTERS = 20_000, 5_000
_TEXTS = 997  # different ones
_ASKS = "i % 3 = 1"
_AUTHOR = f"CASE WHEN i % {EACH} = 0 THEN {WHOSE} ELSE i % {AUTHORS} + 1000 END"
_VOTER = f"i * 7 % {VOTERS} + 100000"
_AT = "1600000000000000 + i * 100000000"
_QUESTION = "i - (i - 1) % 3"
_VOTES = f"1 + (i % {EACH} = {EACH - 1})"
_ANSWERS = f"CASE WHEN {_ASKS} THEN 2 ELSE 0 END"


def _rows() -> dict[str, tuple[int, str]]:
    """What the tables are filled with, from the numbers from 1 on: every so many posts one row."""
    rules = Rules()

    def points(what: str) -> str:
        asked, answered = (rules.number(f"points.{kind}{what}") for kind in ("question", "answer"))
        return f"CASE WHEN {_ASKS} THEN {asked} ELSE {answered} END"

    points_before = points("_vote").replace("i % 3 = 1", "i % 3 = 2")

    ledger = "ledger (guild_id, post_id, reason, actor_id, user_id, points, at)"
    votes = "votes (guild_id, post_id, voter_id, value, source, at)"
    posts = (
        f"i, CASE WHEN {_ASKS} THEN 'question' ELSE 'answer' END, (i - 1) / 3 + 1, (i - 1) % 3,"
        f" {_QUESTION}, CASE WHEN {_ASKS} THEN NULL ELSE {_QUESTION} END, {_AUTHOR},"
        f" {_VOTES}, {_VOTES}, {_ANSWERS}, {_ANSWERS}, {_ANSWERS},"
        f" {_AT}, {_AT}, {_AT}"
    )
    return {
        "posts (guild_id, id, kind, number, sub_number, question_id, parent_id, author_id,"
        " up_votes, score, answer_count, repliers, last_sub_number, created_at, last_answer_at,"
        " active_at)": (1, posts),
        "places (guild_id, post_id, channel_id, message_id, thread_id, home_id)": (
            1,
            f"i, {HOME}, 1000000000000 + i, CASE WHEN {_ASKS} THEN 1000000000000 + i END, {HOME}",
        ),
        votes: (1, f"i, {_VOTER}, 1, 'button', {_AT}"),
        ledger: (1, f"i, 'vote', {_VOTER}, {_AUTHOR}, {points('_vote')}, {_AT}"),
        f" {ledger}": (
            1,
            f"i, CASE WHEN {_ASKS} THEN 'question' ELSE 'answer' END, 0, {_AUTHOR}, {points('')},"
            f" {_AT}",
        ),
        "revisions (guild_id, post_id, number, title, body, tags, reason, replaced_at,"
        " replaced_by)": (20, f"i, 1, '', 'What stood there', '', '', {_AT}, {_AUTHOR}"),
        "flags (guild_id, post_id, user_id, reason, at, decided_at)": (
            50,
            f"i, CASE WHEN i % 500 = 0 THEN {WHOSE} ELSE i % {AUTHORS} + 1000 END, 'spam',"
            f" {_AT}, {_AT}",
        ),
        "notices (guild_id, post_id, user_id, kind, created_at)": (
            10,
            f"i, {_AUTHOR}, 'answered', {_AT}",
        ),
        "audit (guild_id, post_id, actor_id, at, kind)": (10, f"i, {_AUTHOR}, {_AT}, 'hide'"),
        "follows (guild_id, key, user_id, kind, since)": (
            30,
            f"i, CASE WHEN i % 3000 = 0 THEN {WHOSE} ELSE i % {AUTHORS} + 1000 END, 'question',"
            f" {_AT}",
        ),
        f" {votes}": (EACH, f"i - 1, {WHOSE}, 1, 'reaction', {_AT}"),
        f"  {ledger}": (
            EACH,
            f"i - 1, 'vote', {WHOSE}, (i - 1) % {AUTHORS} + 1000, {points_before}, {_AT}",
        ),
    }


def fill(path: Path, posts: int) -> None:
    """Fill a file whose schema is the newest."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        # Whatever goes wrong, the file is thrown away.
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-200000"):
            db.execute(f"PRAGMA {pragma}")
        db.execute("BEGIN")
        db.execute(
            "INSERT INTO guilds (id, settings, last_number, created_at) VALUES (?, '{}', ?, 0)",
            (GUILD, posts // 3),
        )
        for into, (each, values) in _rows().items():
            db.execute(_insert(into, values, posts, each))
        _texts(db, posts)
        db.execute(
            "INSERT INTO members (guild_id, user_id, points)"
            " SELECT guild_id, user_id, sum(points) FROM ledger GROUP BY user_id"
        )
        db.execute(
            "INSERT INTO names (guild_id, user_id, name)"
            " SELECT guild_id, user_id, 'Member ' || user_id FROM members"
        )
        db.execute("COMMIT")
        db.execute("PRAGMA journal_mode=WAL")


def _numbers(posts: int, each: int = 1) -> str:
    """Every so many numbers, as rows `i`."""
    return (
        f"WITH RECURSIVE n (i) AS (SELECT {each} UNION ALL SELECT i + {each} FROM n"  # noqa: S608
        f" WHERE i + {each} <= {posts})"
    )


def _insert(into: str, values: str, posts: int, each: int) -> str:
    return f"INSERT INTO {into} {_numbers(posts, each)} SELECT {GUILD}, {values} FROM n"  # noqa: S608


def _texts(db: sqlite3.Connection, posts: int) -> None:
    """What posts say, and what the search holds of it."""
    db.execute(
        "CREATE TEMP TABLE pool (id INTEGER PRIMARY KEY, title, body, title_stems, stems,"
        " said, asked)"
    )
    db.execute("CREATE TEMP TABLE pool_weights (id, word, weight)")
    written = _pool(db, Counter((i % _TEXTS, i % 3 == 1) for i in range(1, posts + 1)))
    for statement in _of_the_pool(posts):
        db.execute(statement)
    db.executemany(
        "INSERT INTO written_words (guild_id, word, home_id, posts) VALUES (?, ?, ?, ?)",
        [(GUILD, word, HOME, number) for word, number in written.items() if number],
    )
    db.executemany(
        "INSERT OR IGNORE INTO word_keys (guild_id, key, word) VALUES (?, ?, ?)",
        [(GUILD, key, word) for word in written for key in keys_of(folded(word))],
    )


def _pool(db: sqlite3.Connection, counts: Counter[tuple[int, bool]]) -> Counter[str]:
    """The texts that posts have, and how many of them have each word. `counts` are how many answers
    and questions have each text."""
    texts, written = Texts(), Counter[str]()
    for number in range(_TEXTS):
        title, body = texts.of(7), texts.of(50)
        words = {True: words_written(title, body), False: words_written("", body)}
        for asks, those in words.items():
            for word in those:
                written[word] += counts[number, asks]
        stems = (" ".join(stems_of(text, ENGLISH)) for text in (title, body))
        joined = (" ".join(words[asks]) for asks in (False, True))
        row = (number, title, body, *stems, *joined)
        db.execute("INSERT INTO pool VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        weights = [(number, *each) for each in stored_weights(title, ENGLISH).items()]
        db.executemany("INSERT INTO pool_weights VALUES (?, ?, ?)", weights)
    return written


def _of_the_pool(posts: int) -> Iterator[str]:
    from_pool = f"FROM n JOIN pool ON pool.id = i % {_TEXTS}"
    numbers = _numbers(posts)
    yield (
        f"INSERT INTO post_texts (guild_id, post_id, title, body, tags) {numbers} SELECT {GUILD},"
        f" i, CASE WHEN {_ASKS} THEN title ELSE '' END, body, '' {from_pool}"
    )
    yield (
        f"INSERT INTO post_words (rowid, title, body, tags, scope) {numbers} SELECT i,"
        f" CASE WHEN {_ASKS} THEN title_stems ELSE '' END, stems, '', '{scope_of(GUILD)}'"
        f" {from_pool}"
    )
    yield (
        f"INSERT INTO counted_posts (guild_id, post_id, home_id, words) {numbers} SELECT {GUILD},"
        f" i, {HOME}, CASE WHEN {_ASKS} THEN asked ELSE said END {from_pool}"
    )
    yield (
        f"INSERT INTO title_words (guild_id, word, post_id, weight) {numbers} SELECT {GUILD},"  # noqa: S608
        f" word, i, weight FROM n JOIN pool_weights ON id = i % {_TEXTS} WHERE {_ASKS}"
    )


async def _made(path: Path) -> None:
    await (await migrated(sqlite_url(path))).close()


if __name__ == "__main__":
    file = Path(sys.argv[1])
    asyncio.run(_made(file))
    fill(file, int(sys.argv[2]))
