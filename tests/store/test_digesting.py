"""Digests are claimed by one process, and by another one if that dies."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

from bot.domain.actors import Actor
from bot.domain.notices import Digest
from bot.usecases import digesting, following
from bot.usecases.digesting import AT_ONCE, Due
from data.database import Database
from tests.store.forum import Forum


async def wanted(forum: Forum, person: Actor, **changes: object) -> None:
    asked = {"digest": Digest.DAILY, "digest_hour": 9} | changes
    await following.change_preferences(forum.db, person, asked, now=forum.now)


async def test_one_of_several_processes_sends_it(forum: Forum) -> None:
    people = [forum.member(50 + n) for n in range(AT_ONCE * 3)]
    for person in people:
        await wanted(forum, person)
    now = forum.later(hours=9, minutes=1)
    others = [Database(forum.db.url.render_as_string(hide_password=False)) for _ in range(2)]
    for other in others:
        await other.open()

    async def work(db: Database) -> list[Due]:
        got: list[Due] = []
        while (claimed := await digesting.claim_digests(db, now, None)) is not None:
            got += claimed
            for due in claimed:
                await digesting.digest_done(db, due, now)
        return got

    sent = [due for each in await asyncio.gather(*map(work, others)) for due in each]
    assert Counter(due.user_id for due in sent) == Counter(p.user_id for p in people)
    assert not any(due.again for due in sent)
    assert {due.slot for due in sent} == {forum.now - timedelta(minutes=1)}
    for other in others:
        await other.close()


async def test_one_that_was_claimed_comes_up_again(forum: Forum, bob: Actor) -> None:
    await wanted(forum, bob)
    slot = forum.later(hours=9)
    assert await digesting.claim_digests(forum.db, slot, None) == [Due(100, 2, slot, again=False)]
    assert await digesting.claim_digests(forum.db, forum.later(minutes=5), None) is None
    assert await digesting.claim_digests(forum.db, forum.later(minutes=15), None) == [
        Due(100, 2, slot, again=True)
    ]


async def test_stopped_digests_are_not_sent(forum: Forum, bob: Actor) -> None:
    await wanted(forum, bob)
    await digesting.stop_digests(forum.db, forum.guild_id, bob.user_id, now=forum.now)
    assert await digesting.claim_digests(forum.db, forum.later(hours=10), None) is None
    wishes = await following.preferences(forum.db, forum.guild_id, bob.user_id)
    assert wishes.digest is Digest.OFF


async def test_other_wishes_do_not_put_off_one_that_is_due(forum: Forum, bob: Actor) -> None:
    await wanted(forum, bob)
    slot = forum.later(hours=9)
    late = forum.later(minutes=5)
    await following.change_preferences(forum.db, bob, {"by_message": True}, now=late)
    assert await digesting.claim_digests(forum.db, late, None) == [Due(100, 2, slot, again=False)]


async def test_another_hour_is_the_next_one(forum: Forum, bob: Actor) -> None:
    await wanted(forum, bob)
    late = forum.later(hours=9, minutes=5)
    await following.change_preferences(forum.db, bob, {"digest_hour": 20}, now=late)
    assert await digesting.claim_digests(forum.db, late, None) is None
    evening = forum.later(hours=10, minutes=55)
    assert await digesting.claim_digests(forum.db, evening, None) == [
        Due(100, 2, evening, again=False)
    ]
