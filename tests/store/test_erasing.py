"""Deleted posts: brought back within seven days, erased after."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from bot.domain.actors import Actor
from bot.domain.errors import Denial, Denied
from bot.usecases import reporting
from bot.usecases.commenting import comment_on
from bot.usecases.erasing import PIECE, erase_deleted
from data.models import Base
from tests.store.forum import Forum

SECRET = "My husband Karl hits me and nobody may ever know."


async def told_of(forum: Forum, word: str) -> list[str]:
    """The tables in which any row has a word, in whatever column."""
    found: list[str] = []
    async with forum.db.read() as tx:
        for table in Base.metadata.sorted_tables:
            rows = await tx.rows(select(table))
            if any(word in str(value) for row in rows for value in row):
                found.append(table.name)
    return sorted(found)


async def test_everything_a_deleted_post_ever_said_is_erased_after_seven_days(
    forum: Forum, alice: Actor, bob: Actor, carol: Actor, question: int
) -> None:
    answer = await forum.answer(bob, question, SECRET)
    await forum.edit(bob, answer, "Now it says something harmless about Karl.")
    await comment_on(forum.db, carol, answer, "Karl did what?", origin_id=1, now=forum.now)
    await reporting.report_post(
        forum.db, alice, answer, "About Karl.", by_moderator=False, now=forum.now
    )
    await forum.delete(bob, answer)

    assert await erase_deleted(forum.db, now=forum.later(days=6, hours=23)) == 0
    assert await told_of(forum, "Karl") == ["flags", "post_texts", "revisions"]
    assert await erase_deleted(forum.db, now=forum.later(hours=1)) == 1
    assert await told_of(forum, "Karl") == []
    assert await erase_deleted(forum.db, now=forum.later(days=1)) == 0
    assert (await forum.card(question)).body == "I lie awake."
    await forum.assert_consistent()


async def test_a_post_brought_back_in_time_stays(
    forum: Forum, alice: Actor, bob: Actor, moderator: Actor, question: int, answer: int
) -> None:
    await forum.choose(alice, answer)
    before = await forum.points(bob)
    await forum.delete(bob, answer)
    assert await forum.points(bob) == 0
    assert await reporting.show_post(forum.db, moderator, answer, now=forum.later(days=6))
    assert await erase_deleted(forum.db, now=forum.later(days=30)) == 0
    card = await forum.card(answer)
    assert (card.body, card.is_best) == ("Dark curtains, and no screens before bed.", True)
    assert await forum.points(bob) == before
    await forum.assert_consistent()


async def test_an_erased_post_cannot_be_restored(
    forum: Forum, bob: Actor, moderator: Actor, answer: int
) -> None:
    await forum.delete(bob, answer)
    await erase_deleted(forum.db, now=forum.later(days=8))
    with pytest.raises(Denied, match=Denial.ERASED) as refused:
        await reporting.show_post(forum.db, moderator, answer, now=forum.now)
    assert refused.value.data == {"post": "#1.1"}


async def test_hidden_posts_keep_what_they_say(forum: Forum, moderator: Actor, answer: int) -> None:
    await reporting.hide_post(forum.db, moderator, answer, now=forum.now)
    assert await erase_deleted(forum.db, now=forum.later(days=400)) == 0
    assert await reporting.show_post(forum.db, moderator, answer, now=forum.now)


async def test_an_answer_is_not_chosen_again_where_the_asker_changed_their_mind(
    forum: Forum, alice: Actor, carol: Actor, moderator: Actor, question: int, answer: int
) -> None:
    other = await forum.answer(carol, question)
    await forum.choose(alice, answer)
    await reporting.hide_post(forum.db, moderator, answer, now=forum.now)
    await forum.choose(alice, other)
    await forum.choose(alice, other, chosen=False)
    await reporting.show_post(forum.db, moderator, answer, now=forum.now)
    assert not (await forum.card(answer)).is_best
    await forum.assert_consistent()


async def test_it_is_done_in_pieces(forum: Forum, alice: Actor) -> None:
    await forum.set("limit.questions", "1000")
    for _ in range(PIECE + 1):
        await forum.delete(alice, await forum.ask(alice))
    forum.later(days=7)
    assert await erase_deleted(forum.db, now=forum.now) == PIECE
    assert await erase_deleted(forum.db, now=forum.now) == 1
    assert await erase_deleted(forum.db, now=forum.now) == 0


async def test_the_search_holds_no_word_of_it(forum: Forum, bob: Actor, question: int) -> None:
    answer = await forum.answer(bob, question, SECRET)
    await forum.delete(bob, answer)
    await erase_deleted(forum.db, now=forum.later(days=7))
    async with forum.db.read() as tx:
        sqlite, other = "SELECT rowid FROM post_words", "SELECT post_id FROM post_words"
        rows = await tx.rows(text(sqlite if forum.db.is_sqlite else other))
    assert [row[0] for row in rows] == [question]
