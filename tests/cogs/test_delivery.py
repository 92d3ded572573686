"""What is shown first where there is much to show."""

from __future__ import annotations

import simcord

from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.server import Server
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
