"""Discord's notices of pins: the bot deletes its own, and leaves those of people's pins."""

from __future__ import annotations

import discord
import simcord
from simcord.backend import Backend
from simcord.enums import MessageType

from tests.conftest import Restart
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.server import Card, Server
from tests.support.simulator import archive, bot_user_id


def notices(card: Card) -> list[int]:
    """Whose notices of pins stand in a card's thread."""
    found = card.thread.history()
    return [m.author.id for m in found if m.type is discord.MessageType.pins_add]


@on_sqlite
async def test_the_bots_own_notice_goes(
    env: simcord.Env, server: Server, question: Card, answer: Card, alice: simcord.MemberActor
) -> None:
    await server.choose(alice, answer)
    await env.advance_time(5)

    assert answer.pinned
    assert notices(answer) == []


@on_sqlite
@in_a_forum
async def test_also_in_a_thread_that_rests(
    env: simcord.Env, server: Server, question: Card, answer: Card, alice: simcord.MemberActor
) -> None:
    await archive(env, question.thread)
    await alice.slash(server.lounge, "best", answer="#1.1")
    await env.advance_time(5)

    assert answer.pinned
    assert notices(answer) == []


@on_sqlite
@in_a_forum
async def test_the_notice_of_a_persons_pin_stays(
    env: simcord.Env, question: Card, answer: Card, moderator: simcord.MemberActor
) -> None:
    await moderator.set_pinned(answer.message, True)
    await env.advance_time(5)

    assert notices(answer) == [moderator.id]


@on_sqlite
@in_a_forum
async def test_a_notice_that_comes_late_goes(
    env: simcord.Env, server: Server, question: Card, answer: Card, alice: simcord.MemberActor
) -> None:
    _say_pinned(env.backend, env, answer)
    await env.settle()

    assert notices(answer) == []


@on_sqlite
@in_a_forum
async def test_a_notice_goes_also_if_the_bot_ended_before_it_could_delete_it(
    env: simcord.Env,
    server: Server,
    question: Card,
    answer: Card,
    alice: simcord.MemberActor,
    restart: Restart,
) -> None:
    deletion = f"/channels/{answer.channel_id}/messages/*"
    env.inject_error("DELETE", deletion, status=503, times=None)
    await server.choose(alice, answer)
    assert notices(answer) == [bot_user_id(env)]

    env.backend.faults.clear()
    await restart()
    await env.advance_time(60)
    assert notices(answer) == []


def _say_pinned(backend: Backend, env: simcord.Env, card: Card) -> None:
    backend.create_system_message(
        card.channel_id,
        MessageType.PINS_ADD,
        bot_user_id(env),
        referenced_message_id=card.message_id,
    )
