"""What an act makes of values that it knows is what reading them again would give."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from bot.domain.actors import Actor
from bot.domain.notices import NoticeKind
from bot.domain.outbox import JobKind
from bot.domain.posts import CloseReason
from bot.usecases.closing import ClosingForm, close_question, reopen_question
from bot.usecases.commenting import comment_on
from data import search_index
from data.database import Database
from tests.store.forum import Forum

_WORDS = {
    "sqlite": "SELECT rowid, title, body, tags, scope FROM post_words ORDER BY 1",
    "postgresql": "SELECT post_id, CAST(words AS text) FROM post_words ORDER BY 1",
}
_TITLES = "SELECT guild_id, word, post_id, weight FROM title_words ORDER BY 3, 2"


async def indexed(db: Database) -> list[tuple[Any, ...]]:
    """All that the search holds."""
    async with db.read() as tx:
        words = await tx.rows(text(_WORDS[tx.dialect]))
        return [tuple(row) for row in (*words, *await tx.rows(text(_TITLES)))]


async def index_anew(forum: Forum, posts: list[int]) -> list[tuple[Any, ...]]:
    """What it holds once everything is read again."""
    async with forum.db.write() as tx:
        await search_index.index_posts(tx, forum.guild_id, posts)
    return await indexed(forum.db)


@pytest.mark.parametrize("language", ["en", "de"])
async def test_the_index_holds_what_posts_say(
    forum: Forum, alice: Actor, bob: Actor, language: str
) -> None:
    await forum.set("locale", language)
    question = await forum.ask(alice, "How do children sleep?", "Wie schlafen Kinder?", tags="a b")
    answer = await forum.answer(bob, question, "Children sleep in their beds.")
    remark = await comment_on(forum.db, bob, answer, "And long.", origin_id=7, now=forum.now)
    posts = [question, answer, remark.post_id]
    edits: list[tuple[Actor, int, dict[str, str]]] = [
        (alice, question, {}),
        (alice, question, {"tags": "c"}),
        (alice, question, {"title": "How do grown-ups sleep?"}),
        (bob, answer, {}),
        (bob, remark.post_id, {}),
    ]
    known = await indexed(forum.db)
    assert known
    assert known == await index_anew(forum, posts)
    for number, (person, post, form) in enumerate(edits):
        await forum.edit(person, post, f"They sleep for {number} hours at night.", **form)
        changed = await indexed(forum.db)
        assert changed == await index_anew(forum, posts)
        assert (changed == known) == (post == remark.post_id)
        known = changed
    for person, post in ((bob, remark.post_id), (bob, answer), (forum.manager, question)):
        await forum.delete(person, post)
        assert await indexed(forum.db) == await index_anew(forum, posts)
    assert await indexed(forum.db) == []


async def test_an_edit_returns_the_card_as_it_is_read_afterwards(
    forum: Forum, alice: Actor, bob: Actor, moderator: Actor, question: int, answer: int
) -> None:
    await forum.choose(alice, answer)
    remark = await comment_on(forum.db, bob, answer, "And long.", origin_id=7, now=forum.now)
    renamed = forum.member(bob.user_id, name="Robert")
    for person, post in (
        (alice, question),
        (moderator, question),
        (renamed, answer),
        (moderator, answer),
        (bob, remark.post_id),
    ):
        forum.later()
        card = await forum.edit(person, post, f"Edited by {person.user_id} at {forum.now}.")
        assert card == await forum.card(post)


async def test_closing_and_reopening_return_the_card_as_it_is_read_afterwards(
    forum: Forum, alice: Actor, question: int
) -> None:
    original = await forum.ask(alice)
    for form in (
        ClosingForm(CloseReason.OTHER, note="Done"),
        ClosingForm(CloseReason.DUPLICATE, original),
    ):
        closed = await close_question(forum.db, alice, question, form, now=forum.now)
        assert closed == await forum.card(question)
    opened = await reopen_question(forum.db, alice, question, now=forum.now)
    assert opened == await forum.card(question)


async def test_a_notice_that_still_waits_is_sent_after_the_answer_was_chosen_again(
    forum: Forum, alice: Actor, bob: Actor, question: int
) -> None:
    """It is there already: only its job is missing."""
    answer = await forum.answer(bob, question, notify=True)
    await forum.choose(alice, answer)
    await forum.choose(alice, answer, chosen=False)
    await forum.clear_jobs()
    await forum.choose(alice, answer)
    assert len(await forum.jobs(JobKind.NOTICE)) == 1
    assert await forum.news(bob) == [(NoticeKind.CHOSEN, answer)]


async def test_a_name_is_written_again_only_where_it_differs(forum: Forum, alice: Actor) -> None:
    await forum.ask(alice)
    async with forum.db.write() as tx:
        await tx.execute(text("UPDATE names SET name = 'Alicia'"))
    question = await forum.ask(alice)
    assert (await forum.card(question)).author.name == alice.name
