"""The bot doesn't do for members what Discord denies them in a post's channel."""

from __future__ import annotations

from datetime import timedelta

import simcord

from tests.support.kinds import SIMPLE
from tests.support.replies import sentence
from tests.support.server import Card, Server
from tests.support.simulator import set_permissions

pytestmark = SIMPLE
MUTED = (
    "You can't write here. You don't have permission to send messages in this question's thread."
)
WORDS = "Words that Discord would not have let me write in this place."


async def test_a_muted_member_can_only_vote(
    env: simcord.Env, server: Server, question: Card, bob: simcord.MemberActor
) -> None:
    set_permissions(env, server.channel, bob.id, send_messages_in_threads=False)
    for refused in (
        await server.try_to_answer(bob, question, WORDS),
        await bob.slash(question.thread, "comment"),
    ):
        assert sentence(refused) == MUTED
    await server.vote(bob, question, "up")
    await env.advance_time(5)
    assert "+1 vote" in question.text()


async def test_access_lost_while_writing_gives_the_text_back(
    env: simcord.Env, server: Server, question: Card, bob: simcord.MemberActor
) -> None:
    shown = await bob.slash(server.lounge, "answer", question="#1")
    set_permissions(env, server.channel, bob.id, send_messages_in_threads=False)
    refused = await bob.submit_modal(shown, {"answer": WORDS})
    assert sentence(refused).startswith(f"{MUTED} Nothing you typed is lost.")


async def test_a_timed_out_member_does_nothing(
    env: simcord.Env, server: Server, question: Card, bob: simcord.MemberActor
) -> None:
    until = (env.now() + timedelta(hours=1)).isoformat()
    env.backend.edit_member(server.guild.id, bob.id, {"timed_out_until": until})
    await env.settle()
    refused = await server.vote(bob, question, "up")
    assert sentence(refused).startswith("You're timed out in this server.")


async def test_without_the_history_nobody_votes(
    env: simcord.Env, server: Server, question: Card, bob: simcord.MemberActor
) -> None:
    set_permissions(env, server.channel, bob.id, read_message_history=False)
    refused = await server.vote(bob, question, "up")
    assert sentence(refused).startswith("You can't vote here")


async def test_moderating_one_channel_gives_no_rights_in_others(
    env: simcord.Env, server: Server, question: Card, carol: simcord.MemberActor
) -> None:
    den = server.guild.create_text_channel("carols-den")
    set_permissions(env, den, carol.id, manage_messages=True)
    for command, named in (("hide", {"post": "#1"}), ("queue", {})):
        refused = await carol.slash(den, command, **named)
        assert sentence(refused) == "Only moderators can do this."
    set_permissions(env, server.channel, carol.id, view_channel=False)
    closed = sentence(await carol.slash(den, "hide", post="#1"))
    never = sentence(await carol.slash(den, "hide", post="#99"))
    assert closed == never.replace("#99", "#1")
