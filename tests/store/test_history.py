"""Revisions in the database: each edit, and the way back."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.actors import Actor
from bot.domain.cards import PostCard
from bot.domain.errors import Denial, Denied, Missing, NotFound
from bot.usecases.revising import Revert, edit_of, go_back
from tests.store.forum import Forum

BODIES = [
    "Dark curtains, and no screens before bed.",
    "Dark curtains, and no screens.",
    "Dark curtains, that is all it takes.",
]


@pytest.fixture
async def edited(forum: Forum, bob: Actor, answer: int) -> int:
    """Bob's answer, edited twice."""
    for body in BODIES[1:]:
        forum.later()
        await forum.edit(bob, answer, body, reason="shorter")
    return answer


async def back(forum: Forum, person: Actor, post: int, number: int, version: int) -> PostCard:
    """A person goes back to a version."""
    revert = Revert(number, version, "back")
    return await go_back(forum.db, person, post, revert, now=forum.now)


async def test_each_edit_before_and_after(forum: Forum, bob: Actor, edited: int) -> None:
    for page, (before, after) in enumerate([(1, 2), (0, 1)]):
        card, edit = await edit_of(forum.db, bob, edited, page=page)
        assert edit is not None
        assert (edit.before.body, edit.after.body) == (BODIES[before], BODIES[after])
        assert (edit.editor_id, edit.reason) == (bob.user_id, "shorter")
        assert (edit.page, edit.pages, edit.number) == (page, 2, 2 - page)
        assert edit.before.title == "", "an answer has no title of its own"
    assert card.version == 3


async def test_never_edited(forum: Forum, bob: Actor, answer: int) -> None:
    _, edit = await edit_of(forum.db, bob, answer)
    assert edit is None


async def test_back_and_forth(forum: Forum, moderator: Actor, edited: int) -> None:
    card = await back(forum, moderator, edited, 1, 3)
    assert (card.body, card.version, card.edited_by) == (BODIES[0], 4, moderator.user_id)
    card = await back(forum, moderator, edited, 3, 4)
    assert (card.body, card.version) == (BODIES[2], 5)
    same = await back(forum, moderator, edited, 3, 5)
    assert same.version == 5, "what it says already is no edit"
    await forum.assert_consistent()


async def test_a_questions_title_and_tags_come_back_and_are_found(
    forum: Forum, alice: Actor, moderator: Actor
) -> None:
    question = await forum.ask(alice, "How do I sleep after a night shift?", "Well?", tags="sleep")
    await forum.edit(alice, question, "Well?", title="Which bread is best?", tags="bread")
    card = await back(forum, moderator, question, 1, 2)
    assert (card.title, card.tags) == ("How do I sleep after a night shift?", ("sleep",))
    await forum.assert_consistent()


async def test_who_may_and_what_is_there(
    forum: Forum, elsewhere: Forum, bob: Actor, moderator: Actor, edited: int
) -> None:
    with pytest.raises(Denied) as refused:
        await back(forum, bob, edited, 1, 3)
    assert refused.value.reason is Denial.NOT_MODERATOR
    with pytest.raises(Denied) as refused:
        await back(forum, moderator, edited, 1, 2)
    assert refused.value.reason is Denial.EDITED_MEANWHILE
    with pytest.raises(NotFound) as missing:
        await back(forum, moderator, edited, 9, 3)
    assert missing.value.reason is Missing.REVISION
    with pytest.raises(NotFound):
        await back(elsewhere, elsewhere.member(4, is_moderator=True), edited, 1, 3)
    with pytest.raises(NotFound):
        await edit_of(elsewhere.db, elsewhere.manager, edited)


async def test_two_go_back_at_once(forum: Forum, moderator: Actor, edited: int) -> None:
    done = await asyncio.gather(
        *(back(forum, moderator, edited, n, 3) for n in (1, 2)), return_exceptions=True
    )
    assert sum(isinstance(each, PostCard) for each in done) == 1
    assert sum(isinstance(each, Denied) for each in done) == 1
