"""The owner's commands: what they print, and their exit codes."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from bot.lock import DatabaseLock
from cogs.foundation.preflight import PERMISSIONS
from tests.process.fake_discord import APPLICATION_ID, TOKEN
from tests.process.running import ROOT, ran


@pytest.mark.parametrize("arguments", [(), ("run",)])
async def test_without_a_token_it_says_how_to_get_one_and_to_look_without(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    ended = await ran(tmp_path, *arguments)
    assert ended.code == 78
    assert ended.out == ""
    assert ended.err.startswith("askwell: ")
    for word in ("DISCORD_TOKEN", "Reset Token", "make sandbox", "askwell sandbox"):
        assert word in ended.err
    assert "Traceback" not in ended.err
    assert not list(tmp_path.iterdir())


async def test_a_setting_that_can_not_be_used_is_named(tmp_path: Path) -> None:
    ended = await ran(tmp_path, env={"LOG_LEVEL": "loud"})
    assert (ended.code, ended.out) == (78, "")
    assert ended.err == (
        "askwell: LOG_LEVEL: must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL; it is 'LOUD'.\n"
    )


async def test_settings_come_from_the_file_and_the_environment_goes_first(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("LOG_LEVEL=loud\nHEALTH_PORT=nowhere\n")
    file.chmod(0o600)
    assert "LOG_LEVEL" in (await ran(tmp_path)).err
    assert "HEALTH_PORT" in (await ran(tmp_path, env={"LOG_LEVEL": "INFO"})).err
    (tmp_path / "other.env").touch(mode=0o600)
    other = await ran(tmp_path, "--env-file", "other.env", "health")
    assert "HEALTH_PORT: is not set" in other.err


async def test_a_file_of_settings_that_is_not_there_is_named(tmp_path: Path) -> None:
    ended = await ran(tmp_path, "--env-file", "askwell.evn", "health")
    assert ended.code == 78
    assert ended.err == "askwell: --env-file: there is no askwell.evn.\n"


async def test_a_token_file_that_others_can_read_draws_a_warning(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(f"DISCORD_TOKEN={TOKEN}\n")
    file.chmod(0o644)
    ended = await ran(tmp_path, "invite")
    assert ended.code == 0
    assert "chmod 600 .env" in ended.err
    file.chmod(0o600)
    assert (await ran(tmp_path, "invite")).err == ""


@pytest.mark.parametrize("name", ["DISCORD_TOKE", "DISCORD-TOKEN", "discord_token", "BOT_TOKEN"])
@pytest.mark.parametrize("command", ["run", "invite"])
async def test_a_misspelt_setting_is_named_and_nothing_begins(
    tmp_path: Path, name: str, command: str
) -> None:
    (tmp_path / ".env").write_text(f"{name}={TOKEN}\n")
    (tmp_path / ".env").chmod(0o600)
    ended = await ran(tmp_path, command)
    assert (ended.code, ended.out) == (78, "")
    assert ended.err == f"askwell: .env: {name} is not a setting. Did you mean DISCORD_TOKEN?\n"


async def test_a_misspelt_database_does_not_start_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DATABSE_URL=postgresql://a:s3cret@db.example/forum\n")
    ended = await ran(tmp_path, "migrate")
    assert ended.code == 78
    assert "Did you mean DATABASE_URL?" in ended.err
    assert "s3cret" not in ended.err
    assert not (tmp_path / "var").exists()


async def test_a_misspelt_setting_that_is_given_as_well_is_only_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"DISCORD_TOKN=old\nDISCORD_TOKEN={TOKEN}\n")
    (tmp_path / ".env").chmod(0o600)
    ended = await ran(tmp_path, "invite")
    assert ended.code == 0
    assert "DISCORD_TOKN is not a setting. Did you mean DISCORD_TOKEN?" in ended.err


async def test_the_names_of_other_programs_are_left_alone(tmp_path: Path) -> None:
    others = "COMPOSE_PROJECT_NAME=forum\nPOSTGRES_PASSWORD=s3cret\nDATABASE_URL_OLD=x\nTZ=UTC\n"
    (tmp_path / ".env").write_text(f"{others}DISCORD_TOKEN={TOKEN}\n")
    (tmp_path / ".env").chmod(0o600)
    ended = await ran(tmp_path, "invite")
    assert (ended.code, ended.err) == (0, "")


@pytest.mark.parametrize(
    ("command", "module"),
    [
        ("run", "argparse"),  # the first that the command line needs
        ("run", "discord.client"),
        ("run", "sqlalchemy.engine"),
        ("migrate", "alembic"),
        ("sandbox", "aiohttp.web"),  # before its page is there; then Ctrl-C ends it as told
    ],
)
def test_ctrl_c_is_quiet_while_modules_are_read(tmp_path: Path, command: str, module: str) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONPROFILEIMPORTTIME": "1"}
    arguments = [sys.executable, "-m", "bot", command]
    # A shell's background job ignores Ctrl-C, and so does what is started from it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(
            arguments, cwd=tmp_path, env=env | {"DISCORD_TOKEN": TOKEN}, stderr=-1, text=True
        )
    finally:
        signal.signal(signal.SIGINT, before)
    with process:
        assert process.stderr is not None
        # Each line tells of a module that has just been read.
        reached = any(line.rpartition("|")[2].strip() == module for line in process.stderr)
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    assert reached
    assert "Traceback" not in rest
    assert process.returncode == 130


async def test_the_invitation_takes_the_application_from_the_token(tmp_path: Path) -> None:
    ended = await ran(tmp_path, "invite", env={"DISCORD_TOKEN": TOKEN})
    assert ended.code == 0
    assert ended.out == (
        f"https://discord.com/oauth2/authorize?client_id={APPLICATION_ID}"
        f"&scope=bot+applications.commands&permissions={PERMISSIONS}\n"
    )


async def test_the_invitation_needs_a_token_or_an_id(tmp_path: Path) -> None:
    assert (await ran(tmp_path, "invite")).code == 78
    given = await ran(tmp_path, "invite", "--client-id", "123456789012345678")
    assert "client_id=123456789012345678" in given.out
    strange = {"DISCORD_TOKEN": "n-o-t-a-n-u-m-b-e-r.GfAkEt." + "s" * 38}
    assert "--client-id" in (await ran(tmp_path, "invite", env=strange)).err


async def test_migrating_says_from_where_to_where_and_then_nothing(tmp_path: Path) -> None:
    first = await ran(tmp_path, "migrate")
    assert first.code == 0, first.err
    assert first.out.startswith("Schema: empty → ")
    newest = first.out.rpartition("→ ")[2].strip()
    again = await ran(tmp_path, "migrate")
    assert again.out == f"Schema {newest}: up to date, nothing to do.\n"
    assert (tmp_path / "var" / "askwell.sqlite3").stat().st_size > 0


@pytest.mark.parametrize("command", ["migrate", "recount", "run"])
async def test_a_newer_database_is_left_alone(tmp_path: Path, command: str) -> None:
    await ran(tmp_path, "migrate")
    with sqlite3.connect(tmp_path / "var" / "askwell.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    ended = await ran(tmp_path, command, env={"DISCORD_TOKEN": TOKEN})
    assert ended.code == 78
    assert "schema 9999" in ended.err
    assert "Update Askwell" in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("command", ["migrate", "recount", "run"])
async def test_a_database_in_use_is_refused(tmp_path: Path, command: str) -> None:
    with DatabaseLock(tmp_path / "var" / "askwell.sqlite3"):
        ended = await ran(tmp_path, command, env={"DISCORD_TOKEN": TOKEN})
    assert ended.code == 75
    assert "A SQLite database serves one process" in ended.err


async def test_a_database_that_can_not_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    url = f"sqlite+aiosqlite:///{tmp_path}/folder"
    ended = await ran(tmp_path, "migrate", env={"DATABASE_URL": url})
    assert ended.code == 78
    assert f"The database {url} can't be opened" in ended.err
    assert "Traceback" not in ended.err


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("These are my notes, not a database. " * 100)
    url = f"sqlite+aiosqlite:///{tmp_path}/notes.txt"
    ended = await ran(tmp_path, "migrate", env={"DATABASE_URL": url})
    assert ended.code == 78
    assert "file is not a database" in ended.err


async def test_a_server_that_does_not_answer_may_be_tried_again(tmp_path: Path) -> None:
    url = "postgresql+asyncpg://askwell:s3cret@127.0.0.1:9/forum"
    ended = await ran(tmp_path, "migrate", env={"DATABASE_URL": url})
    assert ended.code == 75
    assert "127.0.0.1:9/forum can't be opened" in ended.err
    assert "s3cret" not in ended.err


async def test_recounting_nothing_changes_nothing(tmp_path: Path) -> None:
    ended = await ran(tmp_path, "recount", env={"LOG_LEVEL": "ERROR"})
    assert (ended.code, ended.out, ended.err) == (0, "nothing to change\n", "")


async def test_health_needs_a_port_and_says_when_nobody_answers(tmp_path: Path) -> None:
    assert (await ran(tmp_path, "health")).code == 78
    silent = await ran(tmp_path, "health", env={"HEALTH_PORT": "9"})
    assert silent.code == 1
    assert "does not answer" in silent.out


@pytest.mark.parametrize("arguments", [("dance",), ("sandbox", "--port", "0"), ("--nonsense",)])
async def test_a_slip_on_the_command_line_is_explained(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    ended = await ran(tmp_path, *arguments)
    assert ended.code == 2
    assert "usage: askwell" in ended.err
