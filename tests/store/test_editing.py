"""Editing keeps the former text; deleting reverts everything that a post earned."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from bot.domain.actors import Actor
from bot.domain.cards import PostCard
from bot.domain.errors import Denial, Denied, Invalid, Missing, NotFound, Problem
from bot.domain.outbox import Priority
from bot.domain.voting import UP
from bot.usecases.asking import similar_questions
from bot.usecases.editing import PostRights, post_to_edit, rights
from bot.usecases.publishing import record_shown
from bot.usecases.removing import hide_removed
from bot.usecases.seeing import look_for_menu
from data.models import Revision
from tests.store.forum import Forum


async def revisions(forum: Forum, post: int) -> list[tuple[int, str, str, int, str]]:
    columns = (
        Revision.number,
        Revision.title,
        Revision.body,
        Revision.replaced_by,
        Revision.reason,
    )
    async with forum.db.read() as tx:
        query = select(*columns).where(Revision.post_id == post).order_by(Revision.number)
        return [tuple(row) for row in await tx.rows(query)]


async def test_an_edit_keeps_what_was_said(forum: Forum, alice: Actor, question: int) -> None:
    await forum.clear_jobs()
    forum.later()
    title = "How do I sleep after a late shift?"
    card = await forum.edit(
        alice, question, "I lie awake.", title=title, tags="sleep", reason="typo"
    )
    assert (card.title, card.body, card.tags, card.version) == (
        title,
        "I lie awake.",
        ("sleep",),
        2,
    )
    assert (card.edited_by, card.edited_at) == (alice.user_id, forum.now)
    await forum.edit(alice, question, "I lie awake for hours.")
    assert await revisions(forum, question) == [
        (1, "How do I sleep after a night shift?", "I lie awake.", alice.user_id, "typo"),
        (2, title, "I lie awake.", alice.user_id, ""),
    ]
    assert [(job.key, job.priority) for job in await forum.jobs()] == [
        (question, Priority.WAITED_FOR)
    ]
    found = await similar_questions(forum.db, forum.guild_id, "late")
    assert [line.title for line in found] == [title], "the index follows"
    assert not await similar_questions(forum.db, forum.guild_id, "night")


async def test_an_edit_that_changes_nothing_keeps_nothing(
    forum: Forum, bob: Actor, answer: int
) -> None:
    await forum.clear_jobs()
    body = (await forum.card(answer)).body
    card = await forum.edit(bob, answer, f"  {body}\r\n")
    assert (card.version, card.edited_by) == (1, None)
    assert await revisions(forum, answer) == []
    assert await forum.jobs() == []


async def test_the_question_follows_an_edit_of_its_best_answer(
    forum: Forum, alice: Actor, bob: Actor, question: int, answer: int
) -> None:
    await forum.choose(alice, answer)
    await forum.clear_jobs()
    await forum.edit(bob, answer, "Curtains, dark ones, and a cold room.")
    assert {job.key for job in await forum.jobs()} == {question, answer}
    best = (await forum.card(question)).best
    assert best is not None
    assert best.body == "Curtains, dark ones, and a cold room."


async def test_two_edits_at_once_do_not_undo_each_other(
    forum: Forum, alice: Actor, moderator: Actor, question: int
) -> None:
    results = await asyncio.gather(
        *(
            forum.edit(editor, question, f"Edited by {editor.user_id}", version=1)
            for editor in (alice, moderator)
        ),
        return_exceptions=True,
    )
    [refused] = [result for result in results if isinstance(result, Denied)]
    assert refused.reason is Denial.EDITED_MEANWHILE
    card = await forum.card(question)
    assert card.version == 2
    assert refused.data == {"editor": card.edited_by}


async def test_who_may_edit(
    forum: Forum, bob: Actor, carol: Actor, moderator: Actor, question: int
) -> None:
    with pytest.raises(Denied, match=Denial.NEEDS_MODERATOR):
        await post_to_edit(forum.db, bob, question, forum.now)
    with pytest.raises(Denied, match=Denial.NEEDS_MODERATOR):
        await forum.edit(bob, question, "Now it says something else.")
    await forum.set("privilege.edit_others", "140")
    await forum.answer(bob, question)
    assert (await forum.edit(bob, question, "With the points.")).edited_by == bob.user_id
    assert (await forum.edit(moderator, question, "As a moderator.")).version == 3
    with pytest.raises(Denied, match=Denial.NEEDS_POINTS):
        await forum.edit(carol, question, "Not yet.")


async def test_an_edit_is_checked_like_a_post(
    forum: Forum, alice: Actor, bob: Actor, question: int, answer: int
) -> None:
    with pytest.raises(Invalid, match=Problem.TOO_SHORT):
        await forum.edit(bob, answer, "Curtains")
    with pytest.raises(Invalid, match=Problem.TOO_SHORT):
        await forum.edit(alice, question, "", title="Sleep?")
    await forum.set("limit.edits", "1")
    await forum.edit(alice, question, "Once.")
    with pytest.raises(Denied, match=Denial.HOURLY_LIMIT):
        await forum.edit(alice, question, "Twice.")


async def test_a_deleted_answer_takes_everything_back(
    forum: Forum, alice: Actor, bob: Actor, question: int, answer: int
) -> None:
    await forum.vote(alice, answer, UP)
    await forum.clear_jobs()
    await forum.delete(bob, answer)
    assert await forum.points(bob) == 0
    assert (await forum.card(question)).answers == 0
    assert {job.key for job in await forum.jobs()} == {question, answer}
    with pytest.raises(NotFound, match=Missing.POST):
        await forum.card(answer)
    with pytest.raises(NotFound, match=Missing.POST):
        await forum.delete(bob, answer)
    await forum.assert_consistent()


async def test_a_deleted_question_is_found_no_more(
    forum: Forum, alice: Actor, question: int
) -> None:
    await forum.delete(alice, question)
    assert await forum.points(alice) == 0
    assert not await similar_questions(forum.db, forum.guild_id, "night shift")


async def test_who_may_delete(
    forum: Forum, alice: Actor, bob: Actor, moderator: Actor, question: int, answer: int
) -> None:
    with pytest.raises(Denied, match=Denial.NOT_AUTHOR):
        await forum.delete(alice, answer)
    with pytest.raises(Denied, match=Denial.HAS_ANSWERS):
        await forum.delete(alice, question)
    await forum.delete(moderator, question)
    assert await forum.points(bob) == 40, "an answer stays its author's work"
    own = await forum.ask(alice)
    await forum.answer(alice, own)
    await forum.delete(alice, own)
    await forum.assert_consistent()


async def test_what_people_delete_in_discord_is_hidden(
    forum: Forum, elsewhere: Forum, alice: Actor, bob: Actor, question: int, answer: int
) -> None:
    await record_shown(forum.db, forum.guild_id, question, message_id=70, thread_id=71)
    await record_shown(forum.db, forum.guild_id, answer, message_id=72, thread_id=None)
    await forum.choose(alice, answer)
    assert await hide_removed(forum.db, elsewhere.guild_id, [70, 72], now=forum.now) == 0
    assert await hide_removed(forum.db, forum.guild_id, [72, 99], now=forum.now) == 1
    assert await hide_removed(forum.db, forum.guild_id, [72], now=forum.now) == 0
    assert (await forum.points(alice), await forum.points(bob)) == (20, 0)
    assert await hide_removed(forum.db, forum.guild_id, [71], now=forum.now) == 1
    assert await forum.points(alice) == 0
    assert not await forum.hide(question)
    await forum.assert_consistent()


async def may(forum: Forum, person: Actor, card: PostCard) -> PostRights:
    """What the menu of a post offers to somebody."""
    who = person.user_id
    found = await look_for_menu(forum.db, forum.guild_id, card.post_id, who, now=forum.now)
    assert found.seen is not None
    assert found.seen.card == card
    return rights(person, card, found.facts, found.news.rules, forum.now)


async def test_a_menu_offers_what_its_reader_may_do(
    forum: Forum, alice: Actor, bob: Actor, moderator: Actor, answer: int
) -> None:
    await forum.vote(alice, answer, UP)
    card = await forum.card(answer)
    mine = await may(forum, bob, card)
    assert (mine.vote, mine.up, mine.down, mine.edit, mine.delete) == (0, False, False, True, True)
    hers = await may(forum, alice, card)
    assert (hers.vote, hers.up, hers.down, hers.edit, hers.delete) == (1, True, True, False, False)
    monas = await may(forum, moderator, card)
    assert (monas.up, monas.down, monas.edit, monas.delete) == (True, True, True, True)
