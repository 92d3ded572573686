"""What is shown first where there is much to show."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import simcord

import cogs.delivery.cog
import cogs.delivery.workload
from bot.domain.actors import Actor
from bot.usecases.categories import add_category, change_category
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.server import Server
from tests.support.simulator import as_the_bot
from tests.support.wire import Wire

UP = "⬆️"


@in_a_forum
@on_sqlite
async def test_a_new_question_does_not_wait_for_a_mass_of_edits(
    server: Server,
    env: simcord.Env,
    wire: Wire,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> None:
    """Ten cards follow their votes, and Discord takes its time with every one of them."""
    cards = [await server.ask(alice, f"How does thing {number} work?") for number in range(10)]
    for _ in cards:
        wire.hang("PATCH", "/channels/*/messages/*")
    for card in cards:
        await bob.react(card.message, UP)
    await env.advance_time(5)
    held = [r for r in wire.seen if r.method == "PATCH" and r.path.startswith("/channels/")]
    assert 3 <= len(held) < 8, "some work is left undone for those who wait"

    question = await server.ask(bob, "How do I sleep after a night shift?")
    answer = await server.answer(alice, question, "Dark curtains, and no screens before bed.")
    assert "0 votes" in answer.text()


@in_a_forum
@on_sqlite
async def test_a_mass_of_refreshes_rests_between_two_while_others_are_at_work(
    monkeypatch: pytest.MonkeyPatch,
    server: Server,
    env: simcord.Env,
    wire: Wire,
    owner: simcord.MemberActor,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> None:
    """Discord answers at once here, so that only the rests take time."""
    db, manager = env.bot.db, Actor(server.guild.id, owner.id, is_manager=True)  # type: ignore[attr-defined]
    category = await add_category(db, manager, "Sleep", now=env.now())
    [busy, *cards] = [
        await server.ask(alice, f"How does thing {number} work?", category=str(category))
        for number in range(10)
    ]

    async def rename(name: str, seconds: float) -> int:
        """Returns how many cards say so after some seconds."""
        with as_the_bot(env):
            await change_category(db, manager, category, name=name, now=env.now())
        await env.advance_time(seconds)
        return sum(name in card.text() for card in cards)

    assert await rename("Night", 0.2) <= 3, "others were there until a moment ago"
    await env.advance_time(5)
    monkeypatch.setattr(cogs.delivery.workload, "_LATELY", 0.0)
    assert await rename("Dream", 0.2) == len(cards), "nobody else is there"
    wire.hang("PATCH", f"/channels/*/messages/{busy.message_id}")
    await bob.react(busy.message, UP)
    await env.advance_time(5)
    assert 1 <= await rename("Rest", 0.2) <= 2
    await env.advance_time(1)
    assert 2 <= sum("Rest" in card.text() for card in cards) <= 5
    await env.advance_time(5)
    assert sum("Rest" in card.text() for card in cards) == len(cards)


@in_a_forum
@on_sqlite
@pytest.mark.parametrize(("left", "rests"), [(0.5, True), (1e-9, False), (-0.5, False)])
async def test_a_rest_shorter_than_a_clock_tells_is_over(
    server: Server, env: simcord.Env, monkeypatch: pytest.MonkeyPatch, left: float, rests: bool
) -> None:
    """Sums of fractions leave some: put off until now, a card would be due again for ever."""
    bot: Any = env.bot
    delivery, now = bot.cogs["Delivery"], env.now()
    monkeypatch.setattr("cogs.delivery.cog.time", SimpleNamespace(monotonic=lambda: 1815.853))
    delivery._edited[server.channel.id] = 1815.853 + left - cogs.delivery.cog._BETWEEN_EDITS
    until = delivery._rest(server.channel.id, now)
    assert (until is not None) is rests
    assert until is None or until > now
