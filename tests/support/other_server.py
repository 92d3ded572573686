"""A second server with the same bot, and what its people wrote there."""

from __future__ import annotations

from dataclasses import dataclass

import simcord

from tests.support.server import Card, Server, set_up


@dataclass(frozen=True, slots=True)
class Other:
    """Another server, its people, and what they wrote there: all with the same numbers."""

    server: Server
    alice: simcord.MemberActor
    dora: simcord.MemberActor
    moderator: simcord.MemberActor
    question: Card
    answer: Card


async def next_door(env: simcord.Env, server: Server, alice: simcord.MemberActor) -> Other:
    """A second server, where Alice is a member too. It was there first: its rows are the lower
    ones, its numbers the same."""
    owner = env.create_user("otto")
    guild = env.create_guild("The Bakery", owner=owner)
    make = guild.create_forum_channel if server.kind == "forum" else guild.create_text_channel
    channel, lounge = make("questions"), guild.create_text_channel("lounge")
    role = guild.create_role("Moderators")
    there = Server(env, guild, channel, server.kind, lounge)
    await set_up(there, simcord.MemberActor(env, guild, owner), role)
    alice_there = guild.add_member(alice.user)
    dora = guild.add_member(env.create_user("dora"))
    moderator = guild.add_member(env.create_user("milo"), roles=[role])
    question = await there.ask(dora, "Which bread goes with a ripe cheese?", "It is rather old.")
    answer = await there.answer(alice_there, question, "A dark one with walnuts, thinly cut.")
    return Other(there, alice_there, dora, moderator, question, answer)
