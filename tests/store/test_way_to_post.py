"""What members have to know before they post anonymously."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.usecases import drafts, personas
from bot.usecases.personas import MONTH, SMALL
from data import deflections
from tests.store.forum import Forum
from tests.support.anonymous import ALICE, anonymous, member

BOB = ALICE + 1


@pytest.fixture
async def forum(forum: Forum) -> Forum:
    await forum.set("anonymous", "on")
    return forum


async def test_the_first_one_is_the_first_until_they_posted(forum: Forum) -> None:
    alice = member(forum)
    way = await personas.way_to_post(forum.db, alice, None, forum.now)
    assert (way.first, way.offer.stays) == (True, False)
    question = await forum.ask(await anonymous(forum, alice, name="Quiet Otter"))
    assert not (await personas.way_to_post(forum.db, alice, None, forum.now)).first
    assert (await personas.way_to_post(forum.db, member(forum, BOB), None, forum.now)).first
    number = (await forum.card(question)).number
    way = await personas.way_to_post(forum.db, alice, number, forum.now)
    assert (way.offer.name, way.offer.stays, way.first, way.small) == (
        "Quiet Otter",
        True,
        False,
        False,
    )


async def test_a_server_is_small_until_enough_members_wrote_lately(forum: Forum) -> None:
    alice = member(forum)
    for user_id in range(1000, 1000 + SMALL - 1):
        await forum.ask(forum.member(user_id))
    await forum.ask(await anonymous(forum, alice))  # who writes anonymously isn't counted
    assert (await personas.way_to_post(forum.db, alice, None, forum.now)).small
    await forum.ask(forum.member(2000))
    assert not (await personas.way_to_post(forum.db, alice, None, forum.now)).small
    later = forum.now + MONTH + timedelta(days=1)
    assert (await personas.way_to_post(forum.db, alice, None, later)).small


async def test_a_draft_in_no_row_that_was_not_needed_is_counted(forum: Forum) -> None:
    await drafts.count_helped(forum.db, forum.guild_id, now=forum.now)
    async with forum.db.read() as tx:
        assert await deflections.total(tx, forum.guild_id) == 1
