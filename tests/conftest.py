"""Fixtures are nouns: `db`, `bot`, `env`, `guild`, `channel`, `alice`, `server`.

A test that asks for a database runs on SQLite and on PostgreSQL; one that asks for the question
`channel` runs in a forum and in a text channel. To have just one of them:

    @pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

`tests/support/kinds.py` has these by name, and says what needs both. Tests that mostly wait are one
group (`@pytest.mark.xdist_group("waiting")`): one process runs all of them first, while the others
keep the processor busy.
"""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import discord
import hypothesis
import pytest
import simcord
from simcord import ChannelHandle, GuildHandle

pytest.register_assert_rewrite("tests.support")

from bot.settings import Settings  # noqa: E402
from data.database import Database  # noqa: E402
from tests.support.databases import KINDS, Databases  # noqa: E402
from tests.support.keys import SEALING  # noqa: E402
from tests.support.memory import temporary_files_in_memory  # noqa: E402
from tests.support.once import (  # noqa: E402
    cogs_are_loaded_once,
    commands_are_translated_once,
    look_for_garbage_seldom,
    statements_are_compiled_once,
    what_was_imported_is_no_garbage,
)
from tests.support.openapi import Specification  # noqa: E402
from tests.support.order import needless, spread  # noqa: E402
from tests.support.postgres import PostgresServer, running_postgres  # noqa: E402
from tests.support.server import Server, bury, set_up  # noqa: E402
from tests.support.simulator import (  # noqa: E402
    Locales,
    corrected,
    delivery_is_the_bots,
    forget_refusals,
    forgive,
    intercepted,
    never,
)
from tests.support.wire import Killed, Wire  # noqa: E402

if TYPE_CHECKING:
    from bot.app import Askwell

ROOT = Path(__file__).resolve().parents[1]
# How long an example takes on a busy machine tells nothing; what has to be quick is timed apart.
hypothesis.settings.register_profile(
    "askwell", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("askwell")
look_for_garbage_seldom()
temporary_files_in_memory()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out redundant runs, unless `EVERY_CELL=1` is set; mix the others."""
    left_out = set() if "EVERY_CELL" in os.environ else set(needless(items))
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
    items[:] = spread([item for item in items if item not in left_out])


@pytest.fixture(scope="session", autouse=True)
def once() -> Iterator[None]:
    """Do the work that a process needs only once not for every test."""
    with (
        cogs_are_loaded_once(),
        commands_are_translated_once(),
        statements_are_compiled_once(),
        what_was_imported_is_no_garbage(),
    ):
        yield


# --- databases -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this test process."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Databases:
    """The factory of databases."""
    folder = tmp_path_factory.mktemp("databases")
    return Databases(folder, partial(request.getfixturevalue, "postgres"))


@pytest.fixture(
    params=[
        pytest.param(kind, marks=pytest.mark.postgres if kind == "postgresql" else ())
        for kind in KINDS
    ]
)
def database_kind(request: pytest.FixtureRequest) -> str:
    """`sqlite` and `postgresql`, one after the other."""
    return request.param


@pytest.fixture
def database_url(databases: Databases, database_kind: str) -> Iterator[str]:
    """The test's own empty database, with the newest schema."""
    url = databases.new(database_kind)
    yield url
    databases.drop(url)


@pytest.fixture
def empty_database_url(databases: Databases, database_kind: str) -> Iterator[str]:
    """The test's own database, without any table."""
    url = databases.new(database_kind, migrated=False)
    yield url
    databases.drop(url)


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """The test's database, opened."""
    database = Database(database_url)
    await database.open()
    yield database
    await database.close()


# --- the bot in the simulated Discord ------------------------------------------------------------


@pytest.fixture(scope="session")
def specification() -> Specification | None:
    """Discord's OpenAPI specification, if it is available; `DISCORD_OPENAPI` names the file."""
    path = Path(os.environ.get("DISCORD_OPENAPI", ROOT.parent / "shared" / "discord-openapi.json"))
    return Specification.load(path) if path.is_file() else None


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """The process's settings: all defaults, and the test's database and folder of backups."""
    backups = str(tmp_path / "backups")
    return Settings.from_env({"DATABASE_URL": database_url, "BACKUP_DIR": backups})


@pytest.fixture
def bot(settings: Settings, db: Database) -> discord.Client:
    """The bot, not yet connected."""
    from bot.app import create_bot

    return create_bot(settings, db, SEALING)


@pytest.fixture
def logged_errors() -> Iterator[list[logging.LogRecord]]:
    """Logged errors; the test fails if any are left at the end.

    A test that provokes an error on purpose looks at the list and clears it.
    """
    records: list[logging.LogRecord] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record)

    collector = Collector(logging.ERROR)
    logging.getLogger().addHandler(collector)
    yield records
    logging.getLogger().removeHandler(collector)
    assert not records, "errors were logged:\n" + "\n".join(
        logging.Formatter("%(name)s: %(message)s").format(record) for record in records
    )


@pytest.fixture
async def env(
    bot: discord.Client,
    specification: Specification | None,
    logged_errors: list[logging.LogRecord],
) -> AsyncIterator[simcord.Env]:
    """The simulated Discord with the bot connected.

    The test fails at its end if the bot raised an error that the test did not look at, or if one
    of its requests is not what Discord's specification allows.
    """
    sharded = isinstance(bot, discord.AutoShardedClient) and bot.shard_count is None
    environment = simcord.Env(
        bot,
        shard_count=1 if sharded else None,
        # No privileged intent: members' messages are only seen through the bot's own menus.
        approved_intents=discord.Intents.default(),
    )
    with corrected(), delivery_is_the_bots(environment):
        await environment.start()
        try:
            yield environment
        finally:
            # Cut off within a transaction, the bot would lose a connection and log it.
            with suppress(TimeoutError):
                await environment.settle(timeout=1)
            await environment.shutdown()
    forgive(environment, Killed)
    forget_refusals(environment)
    environment._raise_errors_since(environment._errors_acknowledged)
    if specification is not None:
        violations = {str(one): None for one in specification.violations(environment.http_requests)}
        assert not violations, "Discord's specification does not allow:\n" + "\n".join(violations)


@pytest.fixture
def wire(env: simcord.Env) -> Iterator[Wire]:
    """The connection between the bot and Discord, which can be made to fail."""
    wire = Wire(partial(never, env))
    wire.when_killed = lambda: bury(env)
    with intercepted(env, wire):
        yield wire


@pytest.fixture
def locales(env: simcord.Env) -> Locales:
    """The languages of people's clients: `locales.speaks(alice, "de")`."""
    return Locales(env)


Restart = Callable[[], Awaitable["Askwell"]]


@pytest.fixture
async def restart(
    env: simcord.Env, settings: Settings, request: pytest.FixtureRequest
) -> AsyncIterator[Restart]:
    """`await restart()`: the process ends (it may have been killed before) and a new one starts on
    the same database. Returns the new bot."""
    from bot.app import Askwell, create_bot

    opened: list[Database] = []

    async def restarted() -> Askwell:
        old = env.bot
        assert isinstance(old, Askwell)
        wire = request.getfixturevalue("wire")
        if not wire.dead:
            await old.close()
        database = Database(settings.database_url)
        await database.open()
        opened.append(database)
        new = create_bot(settings, database, SEALING)
        wire.revive()
        env.backend.advance_clock(1)  # a process takes a moment to start
        await env.restart_bot(new)
        await old.db.close()
        return new

    yield restarted
    for database in opened:
        await database.close()


# --- a server and its people ---------------------------------------------------------------------


@pytest.fixture
def guild(env: simcord.Env) -> GuildHandle:
    """A server, not yet set up."""
    return env.create_guild("Mind & Wellness", owner=env.create_user("olivia"))


@pytest.fixture(params=["forum", "text"])
def channel_kind(request: pytest.FixtureRequest) -> str:
    """The kinds of channel that questions may be asked in: `forum` and `text`."""
    return request.param


@pytest.fixture
def forum(guild: GuildHandle) -> ChannelHandle:
    """A forum channel."""
    return guild.create_forum_channel("questions-forum")


@pytest.fixture
def text(guild: GuildHandle) -> ChannelHandle:
    """A text channel."""
    return guild.create_text_channel("questions")


@pytest.fixture
def channel(request: pytest.FixtureRequest, channel_kind: str) -> ChannelHandle:
    """The channel for questions."""
    return request.getfixturevalue(channel_kind)


@pytest.fixture
def lounge(guild: GuildHandle) -> ChannelHandle:
    """A text channel where people chat and type commands."""
    return guild.create_text_channel("lounge")


@pytest.fixture
def moderators(guild: GuildHandle) -> simcord.RoleHandle:
    """The moderators' role."""
    return guild.create_role("Moderators", permissions=discord.Permissions(manage_messages=True))


@pytest.fixture
def owner(env: simcord.Env, guild: GuildHandle) -> simcord.MemberActor:
    """Olivia, who owns the server."""
    return simcord.MemberActor(env, guild, guild.owner)


@pytest.fixture
def alice(env: simcord.Env, guild: GuildHandle) -> simcord.MemberActor:
    """Alice, a member, who asks."""
    return guild.add_member(env.create_user("alice"))


@pytest.fixture
def bob(env: simcord.Env, guild: GuildHandle) -> simcord.MemberActor:
    """Bob, a member, who answers."""
    return guild.add_member(env.create_user("bob"))


@pytest.fixture
def carol(env: simcord.Env, guild: GuildHandle) -> simcord.MemberActor:
    """Carol, a member, who votes."""
    return guild.add_member(env.create_user("carol"))


@pytest.fixture
def moderator(
    env: simcord.Env, guild: GuildHandle, moderators: simcord.RoleHandle
) -> simcord.MemberActor:
    """Mona, who may pin and manage messages."""
    return guild.add_member(env.create_user("mona"), roles=[moderators])


@pytest.fixture
async def server(
    env: simcord.Env,
    guild: GuildHandle,
    channel: ChannelHandle,
    channel_kind: str,
    lounge: ChannelHandle,
    moderators: simcord.RoleHandle,
    owner: simcord.MemberActor,
) -> Server:
    """The server, set up by its owner with `/setup` for questions in `channel`."""
    server = Server(env, guild, channel, channel_kind, lounge)
    await set_up(server, owner, moderators)
    return server
