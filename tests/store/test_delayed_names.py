"""A question knows an anonymous author by one name, also while their posts wait to appear."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.domain.actors import Actor
from bot.usecases import delaying
from tests.store.forum import Forum
from tests.store.test_plans import asked_of
from tests.support.anonymous import ALICE, anonymous, member, persona_of
from tests.support.delayed import due, post, send, send_below, waits_of
from tests.support.keys import SEALING

DELAY = 10
BOB = ALICE + 1
ANSWERS = ("You may, of course, and often.", "And so do I, nearly every single night.")


@pytest.fixture
async def forum(db: Any) -> Forum:
    return await Forum(db).open({"anonymous": "on", "anonymous_delay": str(DELAY)})


@pytest.fixture
def alice(forum: Forum) -> Actor:
    return member(forum)


@pytest.fixture
async def question(forum: Forum) -> int:
    """What somebody asked by name."""
    return await forum.ask(forum.member(5))


async def answer(forum: Forum, person: Actor, where: int, origin: int, name: str) -> str:
    """Send an answer under a name; returns the name that it waits under."""
    words = ANSWERS[origin % 2]
    kept = await send_below(forum, person, where, words, origin=origin, name=name)
    assert kept is not None
    return kept.name


async def name_held(forum: Forum, user_id: int, where: int) -> str:
    number = (await forum.card(where)).number
    return await delaying.name_in(forum.db, SEALING, forum.guild_id, user_id, number)


async def appear(forum: Forum) -> list[str]:
    """All that waits appears; returns under which names."""
    forum.later(minutes=DELAY)
    made = [await post(forum, found) for found in await due(forum)]
    return [(await forum.card(each)).author.name for each in made]


async def test_the_second_of_two_has_the_name_of_the_first(
    forum: Forum, alice: Actor, question: int
) -> None:
    assert await name_held(forum, ALICE, question) == ""
    assert await answer(forum, alice, question, 1, "Quiet Otter") == "Quiet Otter"
    assert await name_held(forum, ALICE, question) == "Quiet Otter"
    assert await answer(forum, alice, question, 2, "Brave Fox") == "Quiet Otter"
    assert {each.post.name for each in await waits_of(forum, alice)} == {"Quiet Otter"}
    assert await answer(forum, alice, question, 2, "Brave Fox") == "Quiet Otter", "sent once more"
    assert await appear(forum) == ["Quiet Otter"] * 2


async def test_two_that_are_sent_at_the_same_time(
    forum: Forum, alice: Actor, question: int
) -> None:
    sent = [
        answer(forum, alice, question, n, name) for n, name in enumerate(("Quiet Otter", "Red Fox"))
    ]
    told = await asyncio.gather(*sent)
    assert len(set(told)) == 1
    assert await appear(forum) == told


async def test_it_is_theirs_in_this_question_alone(
    forum: Forum, alice: Actor, question: int
) -> None:
    other = await forum.ask(forum.member(5), "Which bread is best with cheese?")
    await answer(forum, alice, question, 1, "Quiet Otter")
    assert await name_held(forum, BOB, question) == ""
    assert await name_held(forum, ALICE, other) == ""
    assert await answer(forum, member(forum, BOB), question, 2, "Brave Fox") == "Brave Fox"
    assert await answer(forum, alice, other, 3, "Red Fox") == "Red Fox"
    kept = await send(forum, alice, "May I laugh here at noon?", origin=4, name="Shy Owl")
    assert kept is not None
    assert kept.name == "Shy Owl"


async def test_what_was_taken_back_or_could_not_appear_holds_no_name(
    forum: Forum, alice: Actor, question: int
) -> None:
    await answer(forum, alice, question, 1, "Quiet Otter")
    (found,) = await waits_of(forum, alice)
    who = (forum.guild_id, ALICE)
    await delaying.take_back(forum.db, SEALING, *who, found.row_id, now=forum.now)
    assert await name_held(forum, ALICE, question) == ""
    assert await answer(forum, alice, question, 2, "Brave Fox") == "Brave Fox"
    (found,) = [each for each in await waits_of(forum, alice) if each.waits]
    await delaying.could_not_appear(forum.db, SEALING, found, "You left.", now=forum.now)
    assert await answer(forum, alice, question, 3, "Red Fox") == "Red Fox"


async def test_whoever_has_written_there_meanwhile_keeps_that_name(
    forum: Forum, alice: Actor, question: int
) -> None:
    await answer(forum, alice, question, 1, "Quiet Otter")
    before = await anonymous(forum, alice, question, "Brave Fox")  # what was offered by then
    assert await appear(forum) == ["Quiet Otter"]
    assert (await persona_of(forum, alice, question)).name == "Quiet Otter"
    kept = await send_below(
        forum, alice, question, ANSWERS[0], origin=2, name="Brave Fox", me=before
    )
    assert kept is not None
    assert kept.name == "Quiet Otter"


async def test_no_statement_says_whose_name_is_looked_for(
    forum: Forum, alice: Actor, question: int
) -> None:
    me = await anonymous(forum, alice, question, "Quiet Otter")
    with asked_of(forum.db) as asked:
        for origin in (1, 2):
            await name_held(forum, ALICE, question)
            words = ANSWERS[origin % 2]
            assert await send_below(forum, alice, question, words, origin=origin, me=me)
    assert asked
    says = [each for each in asked if str(ALICE) in str(each) or "Member" in str(each[1])]
    assert not says, says[0]
