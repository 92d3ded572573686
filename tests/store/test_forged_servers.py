"""Buttons with the id of an unknown server write nothing."""

from __future__ import annotations

from bot.domain.actors import Actor
from bot.usecases.digesting import stop_digests
from bot.usecases.stopping import stop_messages
from tests.store.forum import Forum, contents


async def test_an_unknown_server_gets_no_row(forum: Forum, alice: Actor) -> None:
    before = await contents(forum.db)
    nowhere = 10**17
    for post in (0, 5):
        await stop_messages(forum.db, nowhere, alice.user_id, post, now=forum.now)
    await stop_digests(forum.db, nowhere, alice.user_id, now=forum.now)
    assert await contents(forum.db) == before
