"""Members who left: what Discord is asked, and what others see once they stay away."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import discord
import pytest
import simcord
from sqlalchemy import insert, select, text

from bot.app import Askwell
from cogs.leaving import BETWEEN, Leaving
from data.database import Database
from data.models import Name, Presence
from tests.cogs.conftest import Configure
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.server import Card, Server
from tests.support.simulator import Perform, Request, intercepted, requests_since
from tests.support.time import hours_pass

DAY = 24.0
UP = "⬆️"


def asked_for(
    env: simcord.Env, server: Server, people: Sequence[simcord.MemberActor], start: int = 0
) -> int:
    """How often Discord was asked for members."""
    paths = {f"GET /guilds/{server.guild.id}/members/{person.id}" for person in people}
    return sum(each in paths for each in requests_since(env, start))


async def gone(db: Database) -> set[int]:
    """Who is known to be gone."""
    async with db.read() as tx:
        rows = await tx.rows(select(Presence.user_id).where(Presence.gone_at.is_not(None)))
    return {row[0] for row in rows}


async def is_named(db: Database, person: simcord.MemberActor) -> bool:
    """Whether a member's name is kept."""
    async with db.read() as tx:
        return await tx.scalar(select(Name.name).where(Name.user_id == person.id)) is not None


async def days_ago(env: simcord.Env, db: Database, days: float) -> None:
    """All that was noted of members was so many days earlier, and minutes pass: days take long."""
    span = int(days * DAY) * 3_600_000_000
    columns = ("looked_at", "gone_at")
    async with db.write() as tx:
        for column in columns:
            earlier = f"UPDATE presences SET {column} = {column} - {span}"  # noqa: S608 - ours
            await tx.execute(text(earlier))
    await env.advance_time(130)


@pytest.fixture
async def left(
    env: simcord.Env, server: Server, db: Database, bob: simcord.MemberActor, answer: Card
) -> simcord.MemberActor:
    """Bob, who has answered, and has left since: that was found a moment ago."""
    await hours_pass(env, 2)
    env.backend.remove_member(server.guild.id, bob.id)
    await days_ago(env, db, 1)
    assert await gone(db) == {bob.id}
    return bob


@on_sqlite
@in_a_forum
async def test_a_member_is_asked_for_once_a_day(
    env: simcord.Env, server: Server, db: Database, bob: simcord.MemberActor, answer: Card
) -> None:
    await hours_pass(env, DAY)
    assert asked_for(env, server, [bob]) == 0, "he has just been there"
    await hours_pass(env, DAY)
    assert asked_for(env, server, [bob]) == 1
    await hours_pass(env, DAY)
    assert 1 <= asked_for(env, server, [bob]) <= 2
    assert await gone(db) == set()


async def test_after_thirty_days_a_card_names_nobody(
    env: simcord.Env, db: Database, left: simcord.MemberActor, answer: Card
) -> None:
    await days_ago(env, db, 29)
    assert await is_named(db, left)
    assert answer.by.startswith("bob")
    await days_ago(env, db, 2)
    assert not await is_named(db, left)
    await env.advance_time(30)
    assert "bob" not in answer.text()
    assert "Dark curtains" in answer.body
    assert answer.by != "Deleted member"


@on_sqlite
@in_a_forum
async def test_it_is_by_a_deleted_member_where_the_server_wishes(
    env: simcord.Env, db: Database, configure: Configure, left: simcord.MemberActor, answer: Card
) -> None:
    await configure("unname_left", "on")
    await days_ago(env, db, 31)
    await env.advance_time(30)
    assert answer.by == "Deleted member"
    assert "Dark curtains" in answer.body


@pytest.mark.parametrize("act", ["command", "reaction"])
@on_sqlite
@in_a_forum
async def test_who_does_something_is_back_at_once(
    env: simcord.Env,
    server: Server,
    db: Database,
    left: simcord.MemberActor,
    question: Card,
    act: str,
) -> None:
    env.backend.add_member(server.guild.id, left.id)
    start = len(env.http_requests)
    if act == "command":
        await left.slash(server.lounge, "help")
    else:
        await left.react(question.message, UP)
    assert await gone(db) == set()
    assert asked_for(env, server, [left], start) == 0
    env.backend.remove_member(server.guild.id, left.id)
    await days_ago(env, db, 29)
    await days_ago(env, db, 29)
    assert await is_named(db, left)


@on_sqlite
@in_a_forum
async def test_a_restart_knows_who_is_gone(
    env: simcord.Env, server: Server, db: Database, left: simcord.MemberActor, question: Card
) -> None:
    bot = env.bot
    assert isinstance(bot, Askwell)
    await bot.reload_extension("cogs.leaving")
    await env.advance_time(70)
    cog = bot.get_cog("Leaving")
    assert isinstance(cog, Leaving)
    async with asyncio.timeout(60):  # a busy machine reads it after the time has passed
        while cog._gone is None:
            await asyncio.sleep(0.01)
    env.backend.add_member(server.guild.id, left.id)
    await left.react(question.message, UP)
    assert await gone(db) == set()


@pytest.mark.parametrize(("status", "code"), [(404, 10004), (404, 10013), (403, 50001), (500, 0)])
@on_sqlite
@in_a_forum
async def test_only_discords_word_that_they_are_no_member_counts(
    env: simcord.Env,
    server: Server,
    db: Database,
    bob: simcord.MemberActor,
    answer: Card,
    status: int,
    code: int,
) -> None:
    response: Any = SimpleNamespace(status=status, reason="refused", headers={})
    refusals = {404: discord.NotFound, 403: discord.Forbidden, 500: discord.DiscordServerError}

    asked: list[str] = []

    async def refused(request: Request, perform: Perform) -> object:
        if request.method == "GET" and "/members/" in request.path:
            asked.append(request.path)
            raise refusals[status](response, {"code": code, "message": "refused"})
        return await perform()

    await hours_pass(env, 2)
    with intercepted(env, refused):
        await days_ago(env, db, 1)
    assert asked.count(f"/guilds/{server.guild.id}/members/{bob.id}") == 1
    assert await gone(db) == set()


@on_sqlite
@in_a_forum
async def test_of_a_server_that_is_out_of_order_nobody_is_asked_for(
    env: simcord.Env, server: Server, db: Database, bob: simcord.MemberActor, answer: Card
) -> None:
    await hours_pass(env, 2)
    env.backend.emit("GUILD_DELETE", {"id": str(server.guild.id), "unavailable": True})
    start = len(env.http_requests)
    await days_ago(env, db, 40)
    assert asked_for(env, server, [bob], start) == 0
    assert await is_named(db, bob)
    assert await gone(db) == set()


@on_sqlite
@in_a_forum
async def test_no_more_than_thirty_are_asked_for_in_a_minute(
    env: simcord.Env, server: Server, db: Database, bob: simcord.MemberActor
) -> None:
    people = [server.guild.add_member(env.create_user(f"person{number}")) for number in range(70)]
    days_ago = discord.utils.utcnow() - timedelta(days=2)
    guild_id = server.guild.id
    async with db.write() as tx:
        who = [{"guild_id": guild_id, "user_id": person.id} for person in people]
        await tx.execute(insert(Presence), [{**each, "looked_at": days_ago} for each in who])
        await tx.execute(insert(Name), [{**each, "name": "Somebody"} for each in who])
    await env.advance_time(60)
    counts: list[int] = []
    for _ in range(4):
        start = len(env.http_requests)
        await env.advance_time(60)
        counts.append(asked_for(env, server, people, start))
    assert max(counts) <= 60 / BETWEEN
    assert sum(counts) + asked_for(env, server, people) >= len(people)
    assert asked_for(env, server, people) == len(people), "each of them once"
