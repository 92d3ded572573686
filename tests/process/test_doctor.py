"""`askwell doctor` finds what is wrong, and says what to do."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import discord
import pytest

from cogs.doctor import check_python
from cogs.foundation.preflight import PERMISSIONS
from tests.process.fake_discord import FakeDiscord
from tests.process.fake_world import Payload, role
from tests.process.running import Ended, ran

Doctor = Callable[[], Awaitable[Ended]]


@pytest.fixture
async def doctor(tmp_path: Path, discord_server: FakeDiscord) -> Doctor:
    """Ask the doctor about a migrated database and the Discord of this test."""
    migrated = await ran(tmp_path, "migrate")
    assert migrated.code == 0, migrated.err

    async def ask() -> Ended:
        return await ran(tmp_path, "doctor", env=discord_server.environment(LOG_LEVEL="ERROR"))

    return ask


def execute(folder: Path, statement: str, *values: object) -> None:
    connection = sqlite3.connect(folder / "var" / "askwell.sqlite3")
    with connection:
        connection.execute(statement, values)
    connection.close()


def set_up(folder: Path, guild_id: str, channel: Payload | None) -> None:
    settings = {} if channel is None else {"question_channel": channel["id"]}
    execute(
        folder,
        "INSERT INTO guilds (id, settings, created_at) VALUES (?, ?, ?)",
        int(guild_id),
        json.dumps(settings),
        0,
    )


def grant(server: FakeDiscord, permissions: int) -> None:
    server.world.bot_role["permissions"] = str(permissions)


@pytest.mark.parametrize("kind", ["text", "forum"])
async def test_all_is_well_with_exactly_the_permissions_of_the_invitation(
    tmp_path: Path, discord_server: FakeDiscord, doctor: Doctor, kind: str
) -> None:
    world = discord_server.world
    set_up(tmp_path, world.guild_id, world.text if kind == "text" else world.forum)
    grant(discord_server, PERMISSIONS)
    ended = await doctor()
    assert ended.code == 0, ended.out + ended.err
    assert "every permission is there" in ended.out
    assert "FAIL" not in ended.out
    assert ended.out.endswith("All is well.\n")
    assert not discord_server.gateway.identified.is_set(), "the doctor needs no gateway"


async def test_discords_library_warns_of_nothing_that_is_not_used(
    tmp_path: Path, discord_server: FakeDiscord
) -> None:
    ended = await ran(tmp_path, "doctor", env=discord_server.environment(LOG_LEVEL="WARNING"))
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.endswith("\nAll is well.\n")


async def test_a_missing_permission_is_named_with_its_channel_and_reason(
    tmp_path: Path, discord_server: FakeDiscord, doctor: Doctor
) -> None:
    world = discord_server.world
    set_up(tmp_path, world.guild_id, world.text)
    grant(discord_server, PERMISSIONS & ~discord.Permissions(pin_messages=True).value)
    ended = await doctor()
    assert ended.code == 1
    assert "Mind & Wellness, #questions: Pin Messages is missing (to pin best answers)" in ended.out
    assert "-> allow it" in ended.out
    assert "1 of " in ended.out


async def test_a_deleted_channel_and_a_server_without_set_up(
    tmp_path: Path, discord_server: FakeDiscord, doctor: Doctor
) -> None:
    world = discord_server.world
    set_up(tmp_path, world.guild_id, world.text)
    discord_server.fail("GET", f"/channels/{world.text['id']}", 404, code=10003, times=None)
    ended = await doctor()
    assert ended.code == 1
    assert f"the question channel {world.text['id']} was deleted" in ended.out
    execute(tmp_path, "UPDATE guilds SET settings = '{}'")
    ended = await doctor()
    assert ended.code == 0
    assert "Mind & Wellness: not set up yet" in ended.out


async def test_the_channels_of_categories_are_looked_at_as_well(
    tmp_path: Path, discord_server: FakeDiscord, doctor: Doctor
) -> None:
    world = discord_server.world
    set_up(tmp_path, world.guild_id, world.text)
    grant(discord_server, PERMISSIONS & ~discord.Permissions(manage_channels=True).value)
    for name, channel in (
        ("Sleep", world.forum["id"]),
        ("Gone", "123"),
        ("Main", world.text["id"]),
    ):
        execute(
            tmp_path,
            "INSERT INTO categories (guild_id, name, name_key, position, channel_id, created_at)"
            " VALUES (?, ?, ?, 1, ?, 0)",
            int(world.guild_id),
            name,
            name.lower(),
            int(channel),
        )
    discord_server.fail("GET", "/channels/123", 404, code=10003, times=None)
    ended = await doctor()
    assert ended.code == 1
    assert "Mind & Wellness, #questions: every permission is there" in ended.out
    assert "Mind & Wellness, #forum: Manage Channels is missing" in ended.out
    assert "the channel of the category 'Gone' 123 was deleted" in ended.out
    assert "-> choose another one with /category change" in ended.out
    assert "2 of " in ended.out


async def test_whom_reports_reach(
    tmp_path: Path, discord_server: FakeDiscord, doctor: Doctor
) -> None:
    world = discord_server.world
    set_up(tmp_path, world.guild_id, world.text)
    grant(discord_server, PERMISSIONS)
    ended = await doctor()
    assert ended.code == 0, "a server does without"
    assert "nobody is told of reports until a moderators' channel is set (/setup)" in ended.out
    settings = {"question_channel": world.text["id"], "moderators_channel": world.text["id"]}
    execute(tmp_path, "UPDATE guilds SET settings = ?", json.dumps(settings))
    ended = await doctor()
    assert ended.code == 0, ended.out
    assert "Mind & Wellness, #questions: reports come here" in ended.out
    settings["moderators_channel"] = "123"
    execute(tmp_path, "UPDATE guilds SET settings = ?", json.dumps(settings))
    discord_server.fail("GET", "/channels/123", 404, code=10003, times=None)
    ended = await doctor()
    assert ended.code == 1
    assert "the moderators' channel 123 was deleted" in ended.out


async def test_a_server_the_bot_has_left_is_no_failure(
    tmp_path: Path, discord_server: FakeDiscord, doctor: Doctor
) -> None:
    world = discord_server.world
    set_up(tmp_path, world.guild_id, world.text)
    discord_server.fail("GET", f"/guilds/{world.guild_id}", 404, code=10004, times=None)
    ended = await doctor()
    assert ended.code == 0, ended.out
    assert "the bot is not there any more" in ended.out


async def test_a_wrong_token(discord_server: FakeDiscord, doctor: Doctor) -> None:
    discord_server.fail("GET", "/users/@me", 401, times=None)
    ended = await doctor()
    assert ended.code == 1
    assert "Discord does not accept the token" in ended.out


async def test_a_clock_that_is_wrong(discord_server: FakeDiscord, doctor: Doctor) -> None:
    long_ago = {"Date": "Thu, 01 Jan 2026 00:00:00 GMT"}
    discord_server.fail("GET", "/gateway", 200, headers=long_ago)
    ended = await doctor()
    assert ended.code == 1
    assert "ahead of Discord's" in ended.out
    assert "NTP" in ended.out


async def test_what_discord_refused_for_good(tmp_path: Path, doctor: Doctor) -> None:
    execute(
        tmp_path,
        "INSERT INTO outbox (kind, key, guild_id, revision, priority, due_at, created_at, failed,"
        " error) VALUES ('card', 12, 345, 1, 0, 0, 0, true, '403 Missing Permissions')",
    )
    ended = await doctor()
    assert ended.code == 1
    assert "server 345: card 12 was refused for good: 403 Missing Permissions" in ended.out


async def test_without_network_and_token_each_is_a_finding(tmp_path: Path, free_port: int) -> None:
    env = {"DISCORD_API_URL": f"http://127.0.0.1:{free_port}/api/v10"}
    ended = await ran(tmp_path, "doctor", env=env)
    assert ended.code == 1
    assert "Discord can't be reached" in ended.out
    assert "Reset Token" in ended.out
    assert "none yet: the first start makes" in ended.out
    assert not (tmp_path / "var").exists(), "a doctor makes no database"
    assert "Traceback" not in ended.err


async def test_a_database_that_needs_a_migration(
    tmp_path: Path, discord_server: FakeDiscord, doctor: Doctor
) -> None:
    execute(tmp_path, "UPDATE alembic_version SET version_num = '9999'")
    ended = await doctor()
    assert ended.code == 1
    assert "schema 9999, where this version works with" in ended.out


async def test_who_can_read_the_settings_and_what_is_misspelt_in_them(
    tmp_path: Path, doctor: Doctor
) -> None:
    file = tmp_path / ".env"
    file.write_text("HEALTH_PROT=8081\n")
    file.chmod(0o640)
    ended = await doctor()
    assert ended.code == 1
    assert "FAIL  Settings    .env can be read or changed by other users" in ended.out
    assert "-> chmod 600 .env\n" in ended.out
    assert "FAIL  Settings    HEALTH_PROT in .env is not a setting\n" in ended.out
    assert "-> did you mean HEALTH_PORT?\n" in ended.out
    file.write_text("HEALTH_PORT=8081\n")
    file.chmod(0o600)
    ended = await doctor()
    assert ended.code == 0, ended.out
    assert "ok    Settings    .env, for its owner alone\n" in ended.out


def test_which_python_runs_it() -> None:
    assert check_python(sys.version_info[:3]).well
    old = check_python((3, 10, 12))
    assert not old.well
    assert "3.10.12 is too old" in str(old)
    assert "-> install Python 3.11 or newer" in str(old)
    assert "newer than Askwell is tested with" in str(check_python((3, 99, 0)))


async def test_whether_the_role_of_those_on_duty_can_be_given(
    tmp_path: Path, discord_server: FakeDiscord, doctor: Doctor
) -> None:
    world = discord_server.world
    set_up(tmp_path, world.guild_id, world.text)
    on_duty = role("77", "On duty", "0")
    world.roles.append(on_duty)
    world.bot_role["position"] = 1
    may = discord.Permissions(manage_roles=True).value
    for role_id, permissions, why in (
        ("123", PERMISSIONS, "it was deleted"),
        (on_duty["id"], PERMISSIONS, "give the bot's role Manage Roles"),
        (world.moderators["id"], PERMISSIONS | may, "take its permissions to moderate"),
        (on_duty["id"], PERMISSIONS | may, ""),
    ):
        settings = {"question_channel": world.text["id"], "duty_role": role_id}
        execute(tmp_path, "UPDATE guilds SET settings = ?", json.dumps(settings))
        grant(discord_server, permissions)
        ended = await doctor()
        assert ended.code == bool(why), ended.out
        assert ("the role of those on duty can't be given" in ended.out) is bool(why)
        assert why in ended.out


async def test_which_rules_of_automod_cannot_be_read(
    tmp_path: Path, discord_server: FakeDiscord, doctor: Doctor
) -> None:
    world = discord_server.world
    set_up(tmp_path, world.guild_id, world.text)
    world.add_automod_rule("Fine", keyword_filter=["grim"], regex_patterns=["gr[i1]m"])
    grant(discord_server, PERMISSIONS)
    ended = await doctor()
    assert ended.code == 0, ended.out
    assert "left to Discord, the bot has no Manage Server (and needs none)" in ended.out
    assert not any("auto-moderation" in each.path for each in discord_server.requests)

    grant(discord_server, PERMISSIONS | discord.Permissions(manage_guild=True).value)
    ended = await doctor()
    assert ended.code == 0, ended.out
    assert "Mind & Wellness: rules that are applied: 1" in ended.out
    world.add_automod_rule("No emoji", regex_patterns=[r"\p{Extended_Pictographic}{5}"])
    ended = await doctor()
    assert ended.code == 1
    assert "Mind & Wellness: expressions that can't be read in 'No emoji'" in ended.out
    assert "or as keywords" in ended.out
