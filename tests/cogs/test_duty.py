"""`/duty`: who is called by name, the role that goes with it, and how it ends."""

from __future__ import annotations

import discord
import pytest
import simcord

from tests.cogs.conftest import Configure
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.people import named
from tests.support.replies import pings, sentence
from tests.support.reports import closed_channel, report, reports_in
from tests.support.server import Card, Server
from tests.support.simulator import bot_user_id
from tests.support.time import hours_pass

pytestmark = in_a_forum
CALLED = "This question has been waiting for 24 hours."


@pytest.fixture
async def helpers(guild: simcord.GuildHandle, configure: Configure) -> simcord.RoleHandle:
    """The helpers' role."""
    role = guild.create_role("Helpers")
    await configure("helper_role", f"<@&{role.id}>")
    return role


@pytest.fixture
async def helen(
    env: simcord.Env, guild: simcord.GuildHandle, helpers: simcord.RoleHandle
) -> simcord.MemberActor:
    """Helen, a helper."""
    return guild.add_member(env.create_user("helen"), roles=[helpers])


def roles_of(env: simcord.Env, person: simcord.MemberActor) -> set[int]:
    return set(env.backend.get_guild(person.guild.id).members[person.id].role_ids)


def calls_in(card: Card) -> list[discord.Message]:
    return [m for m in card.thread.history() if CALLED in m.content]


@on_sqlite
async def test_on_off_and_who_is_on(
    server: Server,
    alice: simcord.MemberActor,
    helen: simcord.MemberActor,
    helpers: simcord.RoleHandle,
    moderator: simcord.MemberActor,
) -> None:
    nobody = sentence(await helen.slash(server.lounge, "duty"))
    assert "Nobody is on duty right now." in nobody
    done = sentence(await helen.slash(server.lounge, "duty", state="on"))
    assert "You're on duty for 12 hours." in done
    assert named(helen) in sentence(await moderator.slash(server.lounge, "duty"))
    refused = f"Only <@&{helpers.id}> and moderators can be on duty."
    assert refused in sentence(await alice.slash(server.lounge, "duty", state="on"))
    assert refused in sentence(await alice.slash(server.lounge, "duty"))
    assert refused in sentence(
        await moderator.slash(server.lounge, "duty", state="on", member=alice)
    )
    off = sentence(await moderator.slash(server.lounge, "duty", state="off", member=helen))
    assert "is off duty." in off
    assert "Nobody is on duty" in sentence(await helen.slash(server.lounge, "duty"))


async def test_those_on_duty_are_called_instead_of_the_role(
    env: simcord.Env,
    server: Server,
    helen: simcord.MemberActor,
    helpers: simcord.RoleHandle,
    moderator: simcord.MemberActor,
    question: Card,
) -> None:
    await hours_pass(env, 15)
    await moderator.slash(server.lounge, "duty", state="on")
    await env.advance_time(60)
    await helen.slash(server.lounge, "duty", state="on")
    await hours_pass(env, 10)
    (call,) = calls_in(question)
    assert call.content.startswith(f"{moderator.mention} {helen.mention} {CALLED}")
    assert pings(call) == [moderator.name, helen.name]


@on_sqlite
async def test_nobody_who_left_or_lost_the_role_is_called(
    env: simcord.Env,
    server: Server,
    guild: simcord.GuildHandle,
    helen: simcord.MemberActor,
    helpers: simcord.RoleHandle,
    question: Card,
) -> None:
    gone = guild.add_member(env.create_user("gone"), roles=[helpers])
    await hours_pass(env, 20)
    for person in (helen, gone):
        await person.slash(server.lounge, "duty", state="on")
    env.backend.edit_member(guild.id, helen.id, {"role_ids": []})
    env.backend.remove_member(guild.id, gone.id)
    await env.settle()
    await hours_pass(env, 5)
    (call,) = calls_in(question)
    assert call.content.startswith(f"<@&{helpers.id}> {CALLED}")
    assert pings(call) == [helpers.name]


@on_sqlite
async def test_ten_at_most_the_longest_on(
    env: simcord.Env,
    server: Server,
    guild: simcord.GuildHandle,
    helpers: simcord.RoleHandle,
    question: Card,
) -> None:
    await hours_pass(env, 20)
    people = [
        guild.add_member(env.create_user(f"helper{n:02}"), roles=[helpers]) for n in range(12)
    ]
    for person in people:
        await person.slash(server.lounge, "duty", state="on")
        await env.advance_time(1)
    await hours_pass(env, 5)
    (call,) = calls_in(question)
    assert call.content.count("<@") == 10
    assert sorted(pings(call)) == [person.name for person in people[:10]]


async def test_a_worry_calls_those_on_duty_who_see_the_channel(
    env: simcord.Env,
    server: Server,
    helen: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderators: simcord.RoleHandle,
    moderator: simcord.MemberActor,
    question: Card,
    answer: Card,
    configure: Configure,
) -> None:
    channel = closed_channel(server, "reports", moderators)
    await configure("moderators_channel", f"<#{channel.id}>")
    await configure("report_role", f"<@&{moderators.id}>")
    for person in (helen, moderator):
        await person.slash(server.lounge, "duty", state="on")
    await report(carol, question, "So alone.", "worried")
    await env.advance_time(5)
    (card,) = reports_in(channel)
    assert pings(card) == [moderator.name], "Helen doesn't see the channel"
    await report(carol, answer, "Spam.", "spam")
    await env.advance_time(5)
    assert pings(reports_in(channel)[-1]) == [moderators.name], "another report calls the role"


@on_sqlite
async def test_the_role_comes_and_goes_with_it(
    env: simcord.Env,
    server: Server,
    guild: simcord.GuildHandle,
    owner: simcord.MemberActor,
    helen: simcord.MemberActor,
    configure: Configure,
) -> None:
    role = guild.create_role("On duty")
    await configure("duty_role", f"<@&{role.id}>")
    (mine,) = env.backend.get_guild(guild.id).members[bot_user_id(env)].role_ids
    allowed = env.backend.get_role(guild.id, mine).permissions
    lacking = allowed & ~discord.Permissions(manage_roles=True).value
    env.backend.edit_role(guild.id, mine, {"permissions": lacking})
    await env.settle()
    refused = sentence(await helen.slash(server.lounge, "duty", state="on"))
    assert "You're on duty" in refused
    assert "I need *Manage Roles*" in refused
    assert "I need *Manage Roles*" in sentence(await owner.slash(server.lounge, "setup"))

    env.backend.edit_role(guild.id, mine, {"permissions": allowed})
    top = env.backend.get_role(guild.id, mine).position + 1
    env.backend.reorder_roles(guild.id, [{"id": str(role.id), "position": top}])
    await env.settle()
    high = sentence(await helen.slash(server.lounge, "duty", state="on"))
    assert "because it's above my own role" in high

    env.backend.reorder_roles(guild.id, [{"id": str(role.id), "position": 1}])
    await env.settle()
    done = sentence(await helen.slash(server.lounge, "duty", state="on"))
    assert "⚠️" not in done
    assert role.id in roles_of(env, helen)
    await hours_pass(env, 13)
    assert role.id not in roles_of(env, helen)
    await helen.slash(server.lounge, "duty", state="on")
    await helen.slash(server.lounge, "duty", state="off")
    assert role.id not in roles_of(env, helen)


@on_sqlite
async def test_a_role_that_moderates_is_given_to_nobody(
    env: simcord.Env,
    server: Server,
    guild: simcord.GuildHandle,
    helen: simcord.MemberActor,
    configure: Configure,
) -> None:
    mighty = guild.create_role("Mighty", permissions=discord.Permissions(manage_messages=True))
    await configure("duty_role", f"<@&{mighty.id}>")
    text = sentence(await helen.slash(server.lounge, "duty", state="on"))
    assert "because it can moderate or manage" in text
    assert mighty.id not in roles_of(env, helen)
