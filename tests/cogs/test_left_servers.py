"""Servers that removed the bot: what the log says, and what they find when they add it again."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import simcord
from simcord.backend import serializers
from sqlalchemy import func, select, text

from data.database import Database
from data.models import Guild, Post
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.replies import sentence
from tests.support.server import Card, Server, told
from tests.support.simulator import requests_since
from tests.support.time import hours_pass


@contextmanager
def removed(env: simcord.Env, server: Server) -> Iterator[None]:
    """In the block the server has removed the bot; then it adds it again."""
    backend, guild = env.backend, env.backend.guilds[server.guild.id]
    channels, messages = dict(backend.channels), dict(backend.messages)
    backend.remove_guild(guild.id)
    yield
    backend.guilds[guild.id] = guild
    backend.channels.update(channels)
    backend.messages.update(messages)
    backend.emit("GUILD_CREATE", serializers.guild_create_payload(backend, guild))


async def posts(db: Database) -> int:
    async with db.read() as tx:
        return int(await tx.scalar(select(func.count()).select_from(Post)))


async def is_marked(db: Database) -> bool:
    """Whether the bot is known to have left any server."""
    async with db.read() as tx:
        return bool(await tx.rows(select(Guild.id).where(Guild.left_at.is_not(None))))


async def days_ago(env: simcord.Env, db: Database, days: int) -> None:
    """All servers were left so many days earlier, and minutes pass: days take long."""
    earlier = text(f"UPDATE guilds SET left_at = left_at - {days * 86_400_000_000}")  # noqa: S608
    async with db.write() as tx:
        await tx.execute(earlier)
    await hours_pass(env, 0.3)


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the log says of servers that removed the bot."""
    return [r.getMessage() for r in caplog.records if r.name == "cogs.left_servers"]


async def test_a_server_that_comes_back_finds_all(
    env: simcord.Env,
    server: Server,
    db: Database,
    alice: simcord.MemberActor,
    answer: Card,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    with removed(env, server):
        await hours_pass(env, 1)
        assert await is_marked(db)
        [warning] = said(caplog)
        assert str(server.guild.id) in warning
        assert "will be erased on 2026-01-31, unless it adds the bot again" in warning
        await days_ago(env, db, 29)
    await hours_pass(env, 0.3)
    assert not await is_marked(db)
    await days_ago(env, db, 5)
    assert await posts(db) == 2
    assert "all of it stays" in said(caplog)[-1]
    listed = await alice.slash(server.lounge, "questions")
    assert "night shift" in told(listed)


async def test_after_thirty_days_everything_goes(
    env: simcord.Env,
    server: Server,
    db: Database,
    owner: simcord.MemberActor,
    answer: Card,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    with removed(env, server):
        await hours_pass(env, 0.3)
        await days_ago(env, db, 29)
        assert await posts(db) == 2
        await days_ago(env, db, 1)
        assert await posts(db) == 0
        assert "was erased" in said(caplog)[-1]
        assert "bob" not in " ".join(said(caplog))
        async with db.read() as tx:
            assert not await tx.rows(select(Guild.id))
    await env.settle()
    listed = sentence(await owner.slash(server.lounge, "questions"))
    assert "night shift" not in listed


@on_sqlite
@in_a_forum
async def test_a_server_that_is_out_of_order_is_not_left(
    env: simcord.Env, server: Server, db: Database, answer: Card
) -> None:
    env.backend.emit("GUILD_DELETE", {"id": str(server.guild.id), "unavailable": True})
    await hours_pass(env, 1)
    await days_ago(env, db, 40)
    assert not await is_marked(db)
    assert await posts(db) == 2


@on_sqlite
@in_a_forum
async def test_what_is_due_is_asked_for_once_more(
    env: simcord.Env, server: Server, db: Database, answer: Card
) -> None:
    """The bot is in the server, and only its library doesn't know."""
    env.backend.emit("GUILD_DELETE", {"id": str(server.guild.id)})
    await hours_pass(env, 1)
    await days_ago(env, db, 35)
    assert await is_marked(db)
    assert await posts(db) == 2
    assert f"GET /guilds/{server.guild.id}" in requests_since(env)
