"""Misspelt words find, by words as they were written where the reader can read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from bot.domain.actors import Actor
from bot.usecases import publishing
from bot.usecases.recounting import count_words, finish_counting_words
from bot.usecases.reporting import show_post
from bot.usecases.searching import Found, Search, search_of, search_posts
from tests.store.forum import CHANNEL, Forum

CLOSED = 501  # a channel that only helpers can read


async def found(
    forum: Forum, query: str, *, channels: tuple[int, ...] = (CHANNEL,), **how: Any
) -> Found:
    wanted = Search(query, **how)
    return await search_posts(forum.db, forum.guild_id, wanted, channels=channels, reader_id=77)


async def asked(forum: Forum, who: Actor, title: str, body: str = "", home: int = CHANNEL) -> int:
    question = await forum.ask(who, title, body or "Can somebody say more about it?")
    await publishing.record_shown(forum.db, forum.guild_id, question, home_id=home)
    return question


async def held(forum: Forum, table: str) -> set[str]:
    """The words that a table has."""
    async with forum.db.read() as tx:
        return {row[0] for row in await tx.rows(text(f"SELECT word FROM {table}"))}  # noqa: S608


@pytest.fixture
async def asleep(forum: Forum, alice: Actor) -> int:
    return await asked(forum, alice, "How do I fall asleep with racing thoughts?")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("asleap toughts", "asleep thoughts"),
        ("Asleap, toughts?", "asleep, thoughts?"),
        ("raicng", "racing"),
        ("thougths asleep", "thoughts asleep"),
        ("fal", None),  # too short to tell
        ('"asleap toughts"', None),
        ("asleep gardening", None),
    ],
)
async def test_the_nearest_words_are_looked_for(
    forum: Forum, asleep: int, typed: str, meant: str | None
) -> None:
    page = await found(forum, typed)
    assert page.corrected == meant
    assert [each.reference for each in page.findings] == (
        ["#1"] if meant or "asleep" in typed.split() else []
    )


async def test_words_are_offered_as_they_were_written(forum: Forum, alice: Actor) -> None:
    await forum.set("locale", "de")
    await asked(forum, alice, "Was hilft gegen Müdigkeit am Mittag?", "Ständige Müdigkeit nervt.")
    page = await found(forum, "mudigkiet")
    assert page.corrected == "müdigkeit"
    assert len(page.findings) == 1


async def test_what_is_typed_is_kept_where_a_post_has_it(
    forum: Forum, alice: Actor, asleep: int
) -> None:
    await asked(forum, alice, "Is it spelt toughts or thoughts?")
    page = await found(forum, "toughts")
    assert page.corrected is None
    assert [each.reference for each in page.findings] == ["#2"]


async def test_one_can_look_for_what_was_typed(forum: Forum, asleep: int) -> None:
    assert (await found(forum, "asleap thoughts", literal=True)).corrected is None
    wanted = Search("asleap", literal=True)
    assert search_of(wanted.code(), 0) == wanted
    assert search_of(replace(wanted, literal=False).code(), 0) == Search("asleap")


async def test_a_closed_channel_reveals_no_word(forum: Forum, alice: Actor, asleep: int) -> None:
    await asked(forum, alice, "Meeting about Bartholomew's dismissal", home=CLOSED)
    page = await found(forum, "bartolomew dissmissal")
    assert (page.corrected, page.findings) == (None, [])
    page = await found(forum, "bartolomew", channels=(CHANNEL, CLOSED))
    assert page.corrected == "bartholomew"

    # A form of a word that stands only there isn't offered, though its stem is here.
    await asked(forum, alice, "The thoughtful ones", "Thoughtfully said: overthinking", CLOSED)
    assert (await found(forum, "thoughtfuly")).corrected is None


async def test_of_two_words_the_one_in_more_readable_posts_is_offered(
    forum: Forum, alice: Actor
) -> None:
    await asked(forum, alice, "The planet Venus")
    await asked(forum, alice, "A plane to the planes", home=CLOSED)
    await asked(forum, alice, "Another plane", home=CLOSED)
    await asked(forum, alice, "One more planer")
    await asked(forum, alice, "And again a planer")
    assert (await found(forum, "planeq")).corrected == "planer"
    assert (await found(forum, "planeq", channels=(CHANNEL, CLOSED))).corrected == "plane"


async def test_the_words_of_answers_count_and_those_of_other_servers_do_not(
    forum: Forum, elsewhere: Forum, alice: Actor, bob: Actor, asleep: int
) -> None:
    await forum.answer(bob, asleep, "Magnesium and valerian helped me.")
    assert (await found(forum, "magnesuim")).corrected == "magnesium"
    await asked(elsewhere, elsewhere.member(1), "Chamomile tea")
    await finish_counting_words(elsewhere.db)
    assert (await found(forum, "chamomille")).corrected is None


async def test_words_go_with_their_posts(
    forum: Forum, alice: Actor, bob: Actor, asleep: int
) -> None:
    answer = await forum.answer(bob, asleep, "Magnesium helped with racing thoughts.")
    await finish_counting_words(forum.db)
    assert "magnesium" in await held(forum, "written_words")
    await forum.delete(bob, answer)
    assert (await found(forum, "magnesuim")).corrected is None
    for table in ("written_words", "word_keys"):
        words = await held(forum, table)
        assert "magnesium" not in words
        assert {"thoughts", "racing"} <= words, "the question has them, too"

    # A hidden question takes the words of its answers along, and brings them back.
    await forum.answer(bob, asleep, "Valerian tea helped me, too.")
    await finish_counting_words(forum.db)
    await forum.hide(asleep)
    assert await held(forum, "written_words") == await held(forum, "word_keys") == set()
    await show_post(forum.db, forum.manager, asleep, now=forum.now)
    assert (await found(forum, "valerain")).corrected == "valerian"
    assert "magnesium" not in await held(forum, "written_words")


async def test_an_edit_takes_old_words_away(forum: Forum, alice: Actor, asleep: int) -> None:
    await finish_counting_words(forum.db)
    await forum.edit(alice, asleep, "It keeps me awake.", title="How do I stop worrying?")
    assert (await found(forum, "thougths")).corrected is None
    assert (await found(forum, "wory")).corrected is None, "worry itself is not written"
    assert (await found(forum, "worying")).corrected == "worrying"
    await finish_counting_words(forum.db)
    assert "thoughts" not in await held(forum, "word_keys")


async def test_counting_twice_counts_once(forum: Forum, asleep: int) -> None:
    await finish_counting_words(forum.db)
    async with forum.db.write() as tx:
        before = await tx.rows(text("SELECT word, home_id, posts FROM written_words ORDER BY 1"))
        await tx.execute(
            text("INSERT INTO uncounted_posts (guild_id, post_id) SELECT guild_id, id FROM posts")
        )
    assert await count_words(forum.db, forum.guild_id) == 1
    assert await count_words(forum.db, forum.guild_id) == 0
    async with forum.db.read() as tx:
        query = text("SELECT word, home_id, posts FROM written_words ORDER BY 1")
        assert await tx.rows(query) == before
        assert {row[2] for row in before} == {1}
