"""A server in the simulated Discord over a database on disk, for as long as a measurement takes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import discord
import simcord

from bot.app import Askwell, create_bot
from bot.settings import Settings
from data import migrating
from data.database import Database
from tests.support.server import Server, bury, set_up
from tests.support.simulator import corrected, intercepted, never, patient
from tests.support.wire import Wire

PATIENCE = 120.0  # seconds


async def migrated(url: str) -> Database:
    """A database with the newest schema, opened."""
    db = Database(url)
    await db.open()
    await migrating.upgrade(db)
    return db


def sqlite_url(path: Path) -> str:
    """The `DATABASE_URL` of a file."""
    return f"sqlite+aiosqlite:///{path}"


class World:
    """The server with its people; `wire` lies between the bot and Discord."""

    def __init__(self, url: str, env: simcord.Env, wire: Wire) -> None:
        self.url = url
        self.env = env
        self.wire = wire
        self.server: Server
        self.owner: simcord.MemberActor
        self.moderator: simcord.MemberActor
        self.people: Sequence[simcord.MemberActor]

    @property
    def bot(self) -> Askwell:
        """The bot that runs now."""
        assert isinstance(self.env.bot, Askwell)
        return self.env.bot

    @property
    def db(self) -> Database:
        """Its database."""
        return self.bot.db

    async def settle_down(self, people: int, kind: str) -> None:
        """Make the server, let so many people join, and have its owner set it up."""
        env = self.env
        guild = env.create_guild("Mind & Wellness", owner=env.create_user("olivia"))
        make = guild.create_forum_channel if kind == "forum" else guild.create_text_channel
        channel, lounge = make("questions"), guild.create_text_channel("lounge")
        may = discord.Permissions(manage_messages=True)
        moderators = guild.create_role("Moderators", permissions=may)
        self.owner = simcord.MemberActor(env, guild, guild.owner)
        self.moderator = guild.add_member(env.create_user("mona"), roles=[moderators])
        self.people = [guild.add_member(env.create_user(f"member{n}")) for n in range(people)]
        self.server = Server(env, guild, channel, kind, lounge)
        await set_up(self.server, self.owner, moderators)

    async def restart(self) -> None:
        """The process ends, if it is not dead already, and a new one starts."""
        old = self.bot
        if not self.wire.dead:
            await old.close()
        db = Database(self.url)
        await db.open()
        self.wire.revive()
        self.env.backend.advance_clock(1)
        with patient(self.env, PATIENCE):
            await self.env.restart_bot(create_bot(_settings(self.url), db))
        await old.db.close()


def _settings(url: str) -> Settings:
    return Settings.from_env({"DATABASE_URL": url})


@asynccontextmanager
async def world(url: str, *, people: int, kind: str = "forum") -> AsyncIterator[World]:
    """The simulated Discord with the bot in a server that is set up."""
    db = await migrated(url)
    with corrected():
        env = simcord.Env(create_bot(_settings(url), db), shard_count=1, settle_timeout=PATIENCE)
        wire = Wire(partial(never, env))
        wire.when_killed = lambda: bury(env)
        await env.start()
        made = World(url, env, wire)
        try:
            with intercepted(env, wire):
                await made.settle_down(people, kind)
                yield made
        finally:
            await env.shutdown()
            await made.db.close()
