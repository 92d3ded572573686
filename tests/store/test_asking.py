"""Asking: everything that belongs to a question is written once, before it returns."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import delete

from bot.domain.actors import Access, Actor
from bot.domain.errors import Denial, Denied, Invalid, Problem
from bot.domain.outbox import JobKind, Priority
from bot.usecases import categories
from bot.usecases.asking import QuestionForm, ask_question
from data.database import Database
from data.models import Post
from tests.store.forum import Forum


async def test_a_question_with_all_that_follows_from_it(forum: Forum, alice: Actor) -> None:
    sleep = await categories.add_category(
        forum.db, forum.manager, "Sleep", categories.CategoryForm(emoji="😴"), now=forum.now
    )
    title = "How do I sleep at night?"
    post = await forum.ask(alice, title, "I *don't*.", category_id=sleep, tags="Night, shift work")
    card = await forum.card(post)
    assert (card.reference, card.title, card.body) == ("#1", title, "I *don't*.")
    assert (card.category, card.category_emoji, card.tags) == (
        "Sleep",
        "😴",
        ("night", "shift-work"),
    )
    assert (card.author.id, card.author.points) == (alice.user_id, 120)
    assert (card.score, card.answers, card.solved, card.version) == (0, 0, False, 1)
    assert card.created_at == forum.now
    [job] = await forum.jobs()
    assert (job.kind, job.key, job.priority) == (JobKind.CARD, post, Priority.NEW_POST)
    await forum.assert_consistent()


async def test_questions_are_numbered_in_each_server(
    forum: Forum, elsewhere: Forum, alice: Actor
) -> None:
    numbers = [(await forum.card(await forum.ask(alice))).number for _ in range(3)]
    other = await elsewhere.ask(elsewhere.member(alice.user_id))
    assert numbers == [1, 2, 3]
    assert (await elsewhere.card(other)).number == 1


async def test_the_same_form_sent_twice_is_one_question(forum: Forum, alice: Actor) -> None:
    form = QuestionForm("How do I sleep at night?")

    async def send() -> tuple[int, int, bool]:
        posted = await ask_question(forum.db, alice, form, origin_id=7, now=forum.now)
        return posted.post_id, posted.number, posted.already

    first, *others = sorted(await asyncio.gather(*(send() for _ in range(5))), key=lambda p: p[2])
    assert first == (first[0], 1, False)
    assert others == [(first[0], 1, True)] * 4
    assert await forum.points(alice) == 20
    assert (await forum.card(await forum.ask(alice))).number == 2, "no number was lost"


async def test_a_server_is_set_up_first(db: Database) -> None:
    forum = Forum(db)
    with pytest.raises(Denied, match=Denial.NOT_SET_UP):
        await forum.ask(forum.member(1))
    async with db.read() as tx:
        from data import guilds

        assert await guilds.known_guilds(tx) == [], "a refusal leaves nothing behind"


async def test_a_category_is_one_of_the_server(
    forum: Forum, elsewhere: Forum, alice: Actor
) -> None:
    theirs = await categories.add_category(forum.db, elsewhere.manager, "Theirs", now=elsewhere.now)
    for unknown in (theirs, 10**6):
        with pytest.raises(Invalid) as refused:
            await forum.ask(alice, category_id=unknown)
        assert (refused.value.field, refused.value.reason) == ("category", Problem.UNKNOWN)


async def test_a_channel_that_changes_after_discord_was_asked_about_it(
    forum: Forum, alice: Actor
) -> None:
    form = QuestionForm("How do I fall asleep after a night shift?")
    elsewhere = replace(alice, access=Access(home_id=777))
    with pytest.raises(Denied) as refused:
        await ask_question(forum.db, elsewhere, form, origin_id=1, now=forum.now)
    assert refused.value.reason is Denial.CHANNEL_CHANGED


async def test_a_question_that_was_just_asked_is_refused(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    title = "How do I sleep at night?"
    post = await forum.ask(alice, title)
    with pytest.raises(Invalid, match=Problem.REPEATED_QUESTION):
        await forum.ask(bob, f"  {title} ")
    await forum.ask(bob, title, "With details it is another question.")
    await forum.delete(alice, post)
    post = await forum.ask(bob, title)
    for _ in range(5):
        await forum.ask(bob)
    assert await forum.ask(alice, title) != post, "six questions later it may be asked again"


async def test_an_hour_holds_ten_questions_however_fast_one_clicks(
    forum: Forum, alice: Actor, moderator: Actor
) -> None:
    asked = await asyncio.gather(*(forum.ask(alice) for _ in range(13)), return_exceptions=True)
    refused = [each for each in asked if isinstance(each, Denied)]
    assert [each.reason for each in refused] == [Denial.HOURLY_LIMIT] * 3
    assert await forum.points(alice) == 200
    for _ in range(11):
        await forum.ask(moderator)
    forum.later(minutes=60)
    await forum.ask(alice)


async def test_asking_can_need_points(forum: Forum, alice: Actor) -> None:
    await forum.set("privilege.ask", "101")
    with pytest.raises(Denied) as refused:
        await forum.ask(alice)
    assert refused.value.data == {"privilege": "ask", "needed": 101, "have": 100}


async def test_a_row_is_never_given_twice(forum: Forum, alice: Actor) -> None:
    """What named a question that is gone for good never names another one."""
    rows = [await forum.ask(alice)]
    for write in (forum.ask(alice), forum.ask(alice), forum.answer(forum.member(2), rows[0])):
        rows.append(await write)
        async with forum.db.write() as tx:
            await tx.execute(delete(Post).where(Post.id == rows[-1]))
    assert rows == sorted(set(rows))
