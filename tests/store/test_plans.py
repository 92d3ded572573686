"""Rows named by their id are looked up by it, however many posts a server has.

SQLite plans without statistics: the plan in an empty forum is that of one with a million posts.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from bot.domain.actors import Actor
from bot.domain.posts import PostReference
from bot.domain.rules import Rules
from bot.usecases import asking, browsing, closing, reconciling, seeing
from data import (
    cards,
    counting,
    found_posts,
    inboxes,
    ledger,
    links,
    menu,
    places,
    posts,
    search,
    search_index,
    written_words,
)
from data.database import Database, Transaction
from tests.store.faults import listening
from tests.store.forum import Forum
from tests.support.kinds import on_sqlite

pytestmark = on_sqlite

READER = search.Reader(1, [500])
MANY = range(1, 51)  # SQLite would rather read them all than look up more than two or three
LOOKUPS: dict[str, Callable[[Transaction, int, int], Awaitable[object]]] = {
    "a message": lambda tx, g, _: places.find_post(
        tx, g, PostReference(message_id=70), further=True
    ),
    "a row": lambda tx, g, p: places.find_post(tx, g, PostReference(post_id=p)),
    "a number": lambda tx, g, _: places.find_post(tx, g, PostReference(number=1, sub_number=1)),
    "a thread": lambda tx, g, _: places.question_of_thread(tx, g, 70),
    "deleted messages": lambda tx, g, _: places.shown_at(tx, g, MANY),
    "cards": lambda tx, g, _: cards.load_cards(tx, g, MANY, Rules()),
    "the index": lambda tx, g, _: search_index.index_posts(tx, g, MANY),
    "ledger": lambda tx, g, _: ledger.rewrite(tx, g, MANY, Rules()),
    "lines of a list": lambda tx, g, p: cards.lines(tx, g, MANY),
    "findings": lambda tx, g, p: found_posts.found_posts(tx, g, MANY),
    "originals": lambda tx, g, p: search.readable_questions(tx, g, MANY, READER),
    "cards that lead to it": links.linking_to,
    "similar titles": lambda tx, g, _: search.similar(tx, g, "Sleep by day", 5, READER),
    "words as written": lambda tx, g, p: written_words.settle(tx, g, MANY),
    "posts with words": lambda tx, g, p: written_words.mark_with_answers(tx, MANY),
    "counts": lambda tx, g, p: counting.wrong_counts(tx, g, MANY),
}


@contextmanager
def asked_of(db: Database) -> Iterator[list[tuple[str, Any]]]:
    """The statements, with their parameters, that run in the block."""
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        asked.append((statement, parameters))

    with listening(db, "before_cursor_execute", note):
        yield asked


async def assert_nothing_reads_all_posts(db: Database, asked: list[tuple[str, Any]]) -> None:
    """No statement reads all posts of the server, or of the whole table."""
    looked = [
        (s, p) for s, p in asked if ("posts" in s or "places" in s) and not isinstance(p, list)
    ]
    assert looked
    for statement, parameters in looked:
        if isinstance(parameters, list):  # of many rows
            continue
        async with db.read() as tx:
            plan = await tx.run_sync(
                lambda c, s=statement, p=parameters: c.exec_driver_sql(
                    f"EXPLAIN QUERY PLAN {s}", p
                ).all()
            )
        for *_, step in plan:
            told = f"{step}\n{statement}"
            # Whether anybody was erased is known from the first row.
            assert "(guild_id=?)" not in step or "SEARCH erasures" in step, told
            assert not step.startswith(("SCAN posts", "SCAN post_texts", "SCAN places")), told


@pytest.mark.parametrize("lookup", LOOKUPS)
async def test_what_is_named_is_looked_up(
    forum: Forum, question: int, answer: int, lookup: str
) -> None:
    async with forum.db.write() as tx:
        with asked_of(forum.db) as asked:
            await LOOKUPS[lookup](tx, forum.guild_id, question)
    await assert_nothing_reads_all_posts(forum.db, asked)


# Statements on everything that partial indexes are about.
RUN_OFTEN = LOOKUPS | {
    "a menu": lambda tx, g, p: menu.facts(tx, g, 1, p),
    "news": lambda tx, g, _: inboxes.news(tx, g, 1, datetime.now(UTC)),
    "an answer again": lambda tx, g, p: posts.repeats_answer(tx, p, "Dark curtains."),
}


@pytest.mark.parametrize("lookup", RUN_OFTEN)
async def test_no_statement_is_planned_anew_each_time(
    forum: Forum, question: int, answer: int, lookup: str
) -> None:
    """SQLite does so where a parameter is compared with what a partial index says."""
    async with forum.db.write() as tx:
        for _ in range(4):
            await RUN_OFTEN[lookup](tx, forum.guild_id, question)
        again = await tx.rows(text("SELECT sql FROM sqlite_stmt WHERE reprep > 1"))
    assert again == []


async def test_so_are_the_posts_of_a_click_a_reaction_and_a_title(
    forum: Forum, alice: Actor, question: int, answer: int
) -> None:
    with asked_of(forum.db) as asked:
        await seeing.look_at_message(forum.db, forum.guild_id, 70)
        await browsing.post_card(forum.db, forum.guild_id, answer)
        await browsing.thread_of(forum.db, forum.guild_id, 70)
        await asking.similar_questions(forum.db, forum.guild_id, "Thing and reason", reader_id=1)
        await closing.reopen_question(forum.db, alice, question, now=forum.now)
        await forum.edit(alice, question, "More of it.", title="How does the other thing work?")
        await forum.delete(forum.manager, question)
    await assert_nothing_reads_all_posts(forum.db, asked)


async def test_the_questions_to_compare_are_read_in_their_order(forum: Forum) -> None:
    """However many a server has, and however few of them are left."""
    with asked_of(forum.db) as asked:
        assert await reconciling.due_questions(forum.db, forum.guild_id) == []
    for statement, parameters in asked:
        if statement.startswith("BEGIN"):
            continue
        async with forum.db.read() as tx:
            plan = await tx.run_sync(
                lambda c, s=statement, p=parameters: c.exec_driver_sql(
                    f"EXPLAIN QUERY PLAN {s}", p
                ).all()
            )
        steps = [step for *_, step in plan]
        told = "\n".join([*steps, statement])
        assert not [step for step in steps if step.startswith("SCAN p")], told
        by_index = [s for s in steps if "ix_places_compared" in s or "ix_posts_active" in s]
        assert by_index, told
        # What is sorted are the most active ones, which are few, and nothing of the rest.
        assert "ix_posts_active" in told or "USE TEMP B-TREE FOR ORDER BY" not in told, told


async def test_a_plan_that_reads_all_posts_is_seen(forum: Forum, question: int) -> None:
    with asked_of(forum.db) as asked:
        async with forum.db.read() as tx:
            await tx.rows(text("SELECT score FROM posts WHERE guild_id = :g"), {"g": 1})
    with pytest.raises(AssertionError):
        await assert_nothing_reads_all_posts(forum.db, asked)
