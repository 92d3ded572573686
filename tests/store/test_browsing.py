"""How people name posts, and what they see of them."""

from __future__ import annotations

import pytest

from bot.domain.actors import Actor
from bot.domain.errors import Invalid, NotFound
from bot.usecases.browsing import thread_of
from bot.usecases.publishing import forget_place, record_shown
from bot.usecases.seeing import look_at_named, post_of_message
from tests.store.forum import Forum

CHANNEL, CARD, THREAD, REPLY = 500, 700, 701, 702


@pytest.fixture
async def shown(forum: Forum, question: int, answer: int) -> None:
    """Question and answer have their cards, in a text channel."""
    db, guild = forum.db, forum.guild_id
    await record_shown(db, guild, question, channel_id=CHANNEL, message_id=CARD, thread_id=THREAD)
    await record_shown(db, guild, answer, channel_id=THREAD, message_id=REPLY)


@pytest.mark.usefixtures("shown")
async def test_a_post_is_named_in_many_ways(forum: Forum, question: int, answer: int) -> None:
    link = f"https://discord.com/channels/{forum.guild_id}"
    for typed, post in {
        "#1": question,
        "1.1": answer,
        f"{link}/{CHANNEL}/{CARD}": question,
        f"{link}/{THREAD}": question,
        f"{link}/{THREAD}/{REPLY}": answer,
    }.items():
        assert (await look_at_named(forum.db, forum.guild_id, typed, 0)).post_id == post
        asked = await look_at_named(forum.db, forum.guild_id, typed, 0, question=True)
        assert asked.post_id == question, "an answer stands for its question"
    assert (await look_at_named(forum.db, forum.guild_id, None, THREAD)).post_id == question


@pytest.mark.usefixtures("shown")
async def test_what_names_no_post_is_refused(forum: Forum, bob: Actor, answer: int) -> None:
    await forum.delete(bob, answer)
    for typed in ("#1.1", "#2", "999999999.999999", f"https://discord.com/channels/100/{10**18}"):
        with pytest.raises(NotFound):
            await look_at_named(forum.db, forum.guild_id, typed, THREAD)
    with pytest.raises(Invalid):
        await look_at_named(forum.db, forum.guild_id, "sleep", THREAD)
    with pytest.raises(NotFound):
        await look_at_named(forum.db, forum.guild_id, None, CHANNEL)


@pytest.mark.usefixtures("shown")
async def test_a_card_is_known_by_its_message(
    forum: Forum, bob: Actor, question: int, answer: int
) -> None:
    for message, post in ((CARD, question), (REPLY, answer)):
        card = await post_of_message(forum.db, forum.guild_id, message)
        assert card is not None
        assert card.post_id == post
    assert [c.post_id for c in await thread_of(forum.db, forum.guild_id, THREAD)] == [
        question,
        answer,
    ]
    await forum.delete(bob, answer)
    assert await post_of_message(forum.db, forum.guild_id, REPLY) is None
    assert [c.post_id for c in await thread_of(forum.db, forum.guild_id, THREAD)] == [question]
    await forget_place(forum.db, forum.guild_id, question)
    assert await post_of_message(forum.db, forum.guild_id, CARD) is None
    assert await thread_of(forum.db, forum.guild_id, THREAD) == []


async def test_a_solved_question_shows_its_best_answer(
    forum: Forum, alice: Actor, question: int, answer: int
) -> None:
    await record_shown(forum.db, forum.guild_id, answer, channel_id=THREAD, message_id=REPLY)
    await forum.choose(alice, answer)
    best = (await forum.card(question)).best
    assert best is not None
    assert (best.post_id, best.sub_number, best.body) == (
        answer,
        1,
        "Dark curtains, and no screens before bed.",
    )
    assert (best.channel_id, best.message_id) == (THREAD, REPLY)
