"""Comments in the database: numbers, counts, and what happens to the post they are about."""

from __future__ import annotations

import asyncio
from itertools import count

import pytest
from sqlalchemy import select, update

from bot.domain.actors import Actor
from bot.domain.errors import Denied, Missing, NotFound
from bot.domain.posts import PostKind
from bot.usecases.asking import Posted
from bot.usecases.commenting import comment_on
from bot.usecases.recounting import Figure, recount
from bot.usecases.reporting import hide_post, show_post
from data.models import Post
from tests.store.forum import Forum

_origins = count(900_000)


async def comment(
    forum: Forum, person: Actor, post: int, body: str = "Is that so?", origin: int | None = None
) -> Posted:
    """A person comments on a post."""
    origin_id = next(_origins) if origin is None else origin
    return await comment_on(forum.db, person, post, body, origin_id=origin_id, now=forum.now)


async def column(forum: Forum, post: int, name: str) -> object:
    """A column of a post's row."""
    async with forum.db.read() as tx:
        return await tx.scalar(select(getattr(Post, name)).where(Post.id == post))


async def test_it_is_numbered_counted_and_moves_the_question(
    forum: Forum, alice: Actor, bob: Actor, question: int, answer: int
) -> None:
    later = forum.later(hours=1)
    first = await comment(forum, alice, answer)
    second = await comment(forum, bob, question)

    assert (first.number, first.sub_number) == (1, 2)
    assert second.sub_number == 3
    assert await column(forum, answer, "comment_count") == 1
    assert await column(forum, question, "comment_count") == 1
    assert await column(forum, question, "answer_count") == 1
    assert await column(forum, question, "active_at") == later
    assert await column(forum, question, "last_answer_at") != later
    card = await forum.card(first.post_id)
    assert card.kind is PostKind.COMMENT
    assert card.parent_id == answer
    await forum.assert_consistent()


async def test_the_same_form_is_one_comment(forum: Forum, alice: Actor, answer: int) -> None:
    first = await comment(forum, alice, answer, origin=77)
    again = await comment(forum, alice, answer, origin=77)

    assert again.already
    assert (again.post_id, again.sub_number) == (first.post_id, first.sub_number)
    assert await column(forum, answer, "comment_count") == 1


async def test_many_at_once(forum: Forum, question: int, answer: int) -> None:
    people = [forum.member(100 + n) for n in range(12)]
    posted = await asyncio.gather(*(comment(forum, person, answer) for person in people))

    assert sorted(each.sub_number for each in posted) == list(range(2, 14))
    assert await column(forum, answer, "comment_count") == 12
    await forum.assert_consistent()


async def test_the_limit_holds_for_forms_sent_at_once(
    forum: Forum, alice: Actor, answer: int
) -> None:
    await forum.set("limit.comments", "3")
    sent = await asyncio.gather(
        *(comment(forum, alice, answer) for _ in range(8)), return_exceptions=True
    )
    assert sum(isinstance(each, Posted) for each in sent) == 3
    assert sum(isinstance(each, Denied) for each in sent) == 5


async def test_another_servers_post(forum: Forum, elsewhere: Forum, answer: int) -> None:
    with pytest.raises(NotFound):
        await comment(elsewhere, elsewhere.member(1), answer)


async def test_deleted_and_hidden_with_its_answer(
    forum: Forum, alice: Actor, bob: Actor, moderator: Actor, question: int, answer: int
) -> None:
    kept = (await comment(forum, alice, answer)).post_id
    gone = (await comment(forum, bob, answer)).post_id
    await forum.delete(bob, gone)
    assert await column(forum, answer, "comment_count") == 1

    await hide_post(forum.db, moderator, answer, now=forum.now)
    with pytest.raises(NotFound) as missing:
        await forum.card(kept)
    assert missing.value.reason is Missing.POST
    with pytest.raises(NotFound):
        await comment(forum, alice, answer)
    with pytest.raises(NotFound):
        await comment(forum, alice, kept)
    await forum.assert_consistent()

    await show_post(forum.db, moderator, answer, now=forum.now)
    assert (await forum.card(kept)).comments == 0
    assert await column(forum, answer, "comment_count") == 1
    await forum.assert_consistent()


async def test_a_deleted_question_takes_no_comment(
    forum: Forum, alice: Actor, bob: Actor, moderator: Actor, question: int, answer: int
) -> None:
    await hide_post(forum.db, moderator, question, now=forum.now)
    with pytest.raises(NotFound):
        await comment(forum, bob, question)
    with pytest.raises(NotFound):
        await comment(forum, alice, answer)


async def test_recounting_puts_a_wrong_count_right(
    forum: Forum, alice: Actor, question: int, answer: int
) -> None:
    await comment(forum, alice, answer)
    async with forum.db.write() as tx:
        await tx.execute(update(Post).where(Post.id == answer).values(comment_count=7))

    (wrong,) = await recount(forum.db, forum.guild_id, now=forum.now)
    assert (wrong.figure, wrong.stored, wrong.right, wrong.post) == (Figure.COMMENTS, 7, 1, "#1.1")
    assert await column(forum, answer, "comment_count") == 1
    await forum.assert_consistent()


async def test_comments_earn_nothing(forum: Forum, bob: Actor, carol: Actor, answer: int) -> None:
    before = await forum.points(bob)
    await comment(forum, bob, answer)
    await comment(forum, carol, answer)
    assert await forum.points(bob) == before
    assert await forum.points(carol) == 0
