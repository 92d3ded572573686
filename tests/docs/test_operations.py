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
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", TEXT, re.MULTILINE | re.DOTALL)
    return [line.strip() for block in blocks for line in block.splitlines()]


def newest_in(folder: Path) -> str:
    """The name of the backup that a list of names has last."""
    return max(each.name for each in folder.glob("askwell-*.sqlite3"))


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
    assert len(commands) == 12
    for command in commands:
        # /proc stands for a disk that is mounted.
        here = command.replace("mountpoint -q /mnt/backups", "mountpoint -q /proc")
        here = here.replace("/mnt/backups", "mnt")
        here = here.replace("postgresql://askwell@127.0.0.1/askwell", server)
        if "NAME" in here:
            here = here.replace("NAME", newest_in(tmp_path / "var" / "backups"))
        said = run(tmp_path, here)
        if "recount" in command:
            assert said == "nothing to change\n"
    databases.drop(server)
    assert len(found_in(tmp_path / "mnt")) == 1
    assert (tmp_path / "var" / "harbour.sqlite3").exists()
    assert len(list((tmp_path / "var").glob("askwell.sqlite3.replaced-*"))) == 1
    assert not list((tmp_path / "var").glob("trial*"))


def test_a_backup_onto_a_disk_that_is_not_mounted_is_none(tmp_path: Path) -> None:
    [command] = [line for line in typed() if line.startswith("mountpoint")]
    here = command.replace("/mnt/backups", str(tmp_path / "backups"))
    script = f"askwell() {{ touch made; }}; {here}"
    ended = subprocess.run(["bash", "-c", script], cwd=tmp_path, check=False)
    assert ended.returncode != 0
    assert not list(tmp_path.iterdir())
    scripts = re.findall(r"^    .*mountpoint -q (\S+) (\S+)", TEXT, re.MULTILINE)
    assert scripts == [("/mnt/backups", "||"), ("/mnt/backups", "&&"), ("/mnt/backups", "&&")]


def test_the_line_of_the_service_is_one_on_both_pages() -> None:
    """With the user, settings, folder and database that the service itself has."""
    guide = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    unit = (ROOT / "docs" / "askwell.service").read_text(encoding="utf-8")
    there, here = (re.findall(r"(?<= )-[pE] (\S+=\S+)", page) for page in (guide, TEXT))
    assert there == here
    assert len(here) == 5
    for each in here:
        assert re.search(rf"^(Environment=)?{re.escape(each)}$", unit, re.MULTILINE), each


def test_every_link_within_and_between_the_pages_leads_somewhere() -> None:
    for page in ("operations.md", "deployment.md", "privacy.md"):
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        for file, part in re.findall(r"\]\(([\w./-]*)(?:#([\w-]+))?\)", text):
            target = ROOT / "docs" / (file or page)
            assert target.exists(), file
            if part:
                assert part in headings(target), f"{page}: {file}#{part}"


def headings(page: Path) -> set[str]:
    """The names under which a page's headings can be linked to."""
    found = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in found}


def test_the_table_of_commands_is_that_of_the_command_line() -> None:
    from bot.cli import _parser

    named = re.findall(r"^\| `askwell ([\w-]+)", TEXT, re.MULTILINE)
    keeping = ["backup", "restore", "copy", "export", "export", "import", "privacy"]
    assert named == [*keeping, "key", "rotate-key", "run"]
    help_ = _parser().format_help()
    assert all(re.search(rf"^    {name} ", help_, re.MULTILINE) for name in named)
