"""What `docs/operations.md` tells owners to type does what it says, in that order."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from bot.backing_up import found_in
from data.database import Database
from tests.store.forum import Forum
from tests.support.databases import Databases

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
GUILD = 123456789012345678
_OURS = (
    "ASKWELL_", "BACKUP_", "CLEAN_", "CREDENTIALS_", "DISCORD_", "DATABASE_", "LOG_", "HEALTH_",
    "OPERATOR_", "SHARD_",
)  # fmt: skip


def typed() -> list[str]:
    """The commands in the blocks for a shell."""
    blocks = re.findall(r"^```sh\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def run(folder: Path, command: str) -> str:
    """Run a line as it is typed, with the command line of this repository."""
    script = f'askwell() {{ "{sys.executable}" -m bot "$@"; }}\n{command}\n'
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(_OURS)}
    ended = subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=folder,
        env=inherited | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, f"{command}\n{ended.stderr}"
    return ended.stdout


async def test_every_command_works_in_the_order_of_the_page(
    tmp_path: Path, databases: Databases
) -> None:
    (tmp_path / "var").mkdir()
    url = databases.new("sqlite")
    db = Database(url)
    await db.open()
    forum = await Forum(db, GUILD).open()
    question = await forum.ask(forum.member(1), "How do I sleep after a night shift?", "Badly.")
    await forum.vote(forum.member(3), await forum.answer(forum.member(2), question), 1)
    await db.close()
    assert db.path is not None
    db.path.rename(tmp_path / "var" / "askwell.sqlite3")
    server = databases.new("postgresql", migrated=False)

    commands = typed()
    assert len(commands) == 11
    for command in commands:
        here = command.replace("/mnt/backups", "mnt")
        here = here.replace("postgresql://askwell@127.0.0.1/askwell", server)
        said = run(tmp_path, here)
        if "recount" in command:
            assert said == "nothing to change\n"
    databases.drop(server)
    assert len(found_in(tmp_path / "mnt")) == 1
    assert (tmp_path / "var" / "harbour.sqlite3").exists()
    assert len(list((tmp_path / "var").glob("askwell.sqlite3.replaced-*"))) == 1


def test_the_table_of_commands_is_that_of_the_command_line() -> None:
    from bot.cli import _parser

    named = re.findall(r"^\| `askwell (\w+)", TEXT, re.MULTILINE)
    assert named == ["backup", "restore", "copy", "export", "import", "privacy"]
    help_ = _parser().format_help()
    assert all(re.search(rf"^    {name} ", help_, re.MULTILINE) for name in named)
