"""A channel that was deleted is one fact: all that stood there is settled at once, and what was not
posted yet waits for another channel."""

from __future__ import annotations

import simcord

from bot.usecases import publishing
from data.database import Database
from tests.support.kinds import on_sqlite
from tests.support.outbox import next_due
from tests.support.server import Card, Server, told
from tests.support.simulator import away, delete_channel, unheard
from tests.support.time import hours_pass

GONE = "The channel it stood in is gone."


def asked_of(env: simcord.Env, *ids: int) -> list[str]:
    """The requests that name one of these channels or messages."""
    return [
        f"{request.method} {request.path}"
        for request in env.http_requests
        if any(str(each) in request.path for each in ids)
    ]


async def two(server: Server, alice: simcord.MemberActor) -> tuple[Card, Card]:
    return (
        await server.ask(alice, "How do I sleep after a night shift?"),
        await server.ask(alice, "What helps against stage fright?"),
    )


async def vote(server: Server, person: simcord.MemberActor) -> None:
    """Something that both cards should show."""
    for number in ("#1", "#2"):
        assert "You upvoted" in told(
            await person.slash(server.lounge, "vote", direction="up", post=number)
        )


async def test_nothing_is_asked_of_a_channel_that_was_deleted(
    env: simcord.Env,
    server: Server,
    db: Database,
    alice: simcord.MemberActor,
    owner: simcord.MemberActor,
    moderator: simcord.MemberActor,
) -> None:
    first, second = await two(server, alice)
    ids = (server.channel.id, first.channel_id, first.message_id, second.message_id)
    await delete_channel(env, server.channel)
    before = asked_of(env, *ids)
    # Every card is to follow this.
    await owner.slash(server.lounge, "settings set", name="downvotes", value="off")
    await env.advance_time(30)
    failures = await publishing.failures_of(db)
    assert [(f.number, f.error, f.final) for f in failures] == [("#1", GONE, True)], "one for all"
    queue = told(await moderator.slash(server.lounge, "queue"))
    assert f"#1: {GONE} (gave up)" in queue
    await owner.slash(server.lounge, "setup")  # which tries again what was given up
    await hours_pass(env, 3)
    assert asked_of(env, *ids) == before
    assert await next_due(db) is None, "nothing is tried again"


@on_sqlite
async def test_one_refusal_settles_all_that_waits(
    env: simcord.Env,
    server: Server,
    db: Database,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> None:
    """The bot heard nothing of the deletion: the first card that can't be edited tells."""
    first, second = await two(server, alice)
    with unheard(env):
        await delete_channel(env, server.channel)
    before = asked_of(env, first.message_id, second.message_id)
    await bob.slash(server.lounge, "vote", direction="up", post="#1")
    await env.advance_time(10)
    tried = asked_of(env, first.message_id, second.message_id)[len(before) :]
    assert len(tried) == 1
    await bob.slash(server.lounge, "vote", direction="up", post="#2")
    await env.advance_time(30)
    assert asked_of(env, first.message_id, second.message_id)[len(before) :] == tried
    assert [f.error for f in await publishing.failures_of(db)] == [GONE]


@on_sqlite
async def test_after_an_absence_too(
    env: simcord.Env,
    server: Server,
    db: Database,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> None:
    first, second = await two(server, alice)
    async with away(env):
        await delete_channel(env, server.channel)
    await env.advance_time(30)
    before = asked_of(env, first.message_id, second.message_id)
    await vote(server, bob)
    await env.advance_time(30)
    assert asked_of(env, first.message_id, second.message_id) == before
    assert [f.error for f in await publishing.failures_of(db)] == [GONE]
