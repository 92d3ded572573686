"""Pins by people while the bot pins: each act counts once, as whoever did it meant it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
import simcord

from bot.domain.actors import Actor
from bot.usecases import browsing, choosing
from data.database import Database
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.ledger import assert_consistent
from tests.support.server import Card, Server

pytestmark = [in_a_forum, on_sqlite]


async def test_a_pin_of_the_bots_is_not_taken_for_a_persons(
    server: Server,
    question: Card,
    answer: Card,
    alice: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    db: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Alice chooses the second answer while the bot reads what a moderator has pinned."""
    second = await server.answer(carol, question, "A fixed ritual: tea, a page, lights out.")
    read, times = discord.Thread.pins, 0

    async def pins(self: discord.Thread, **options: Any) -> AsyncIterator[discord.Message]:
        nonlocal times
        times += 1
        if times == 1:
            thread = self.guild.id, self.id
            cards = await browsing.thread_of(db, *thread)
            chosen = next(c for c in cards if c.place.message_id == second.message_id)
            asker = Actor(guild_id=self.guild.id, user_id=alice.id, is_moderator=False)
            now = discord.utils.utcnow()
            await choosing.choose_best_answer(db, asker, chosen.post_id, now=now)
            while not any(c.place.pinned for c in await browsing.thread_of(db, *thread)):
                await asyncio.sleep(0)
        async for message in read(self, **options):
            yield message

    monkeypatch.setattr(discord.Thread, "pins", pins)
    await moderator.set_pinned(answer.message, True)

    assert times > 1
    assert (answer.pinned, second.pinned) == (True, False)
    assert "> Dark curtains" in question.text()
    await assert_consistent(db)


async def test_an_answer_that_is_unpinned_at_once(
    env: simcord.Env,
    server: Server,
    question: Card,
    answer: Card,
    alice: simcord.MemberActor,
    db: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A moderator takes the bot's pin off before the bot has recorded it."""
    pin = discord.PartialMessage.pin

    async def pinned(self: discord.PartialMessage, **options: Any) -> None:
        await pin(self, **options)
        env.backend.set_pinned(self.channel.id, self.id, False)
        await asyncio.to_thread(time.sleep, 0.3)  # the event is handled, as far as it can be

    monkeypatch.setattr(discord.PartialMessage, "pin", pinned)
    await server.choose(alice, answer)
    await env.advance_time(5)

    assert not answer.pinned
    assert "Best answer" not in question.text()
    await assert_consistent(db)
