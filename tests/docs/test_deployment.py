"""The ways to keep Askwell running and its data safe, as `docs/deployment.md` has them."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.key_file import places
from bot.settings import Settings
from tests.bench.memory import SHIPPED

ROOT = Path(__file__).resolve().parents[2]
A_DAY = 86400
UNIT = (ROOT / "docs" / "askwell.service").read_text()


def _unit(name: str) -> str:
    (value,) = re.findall(rf"^{name}=(.*)$", UNIT, re.MULTILINE)
    return value


def _commands() -> list[str]:
    """The commands that copy the database, as they are to be typed."""
    text = (ROOT / "docs" / "deployment.md").read_text()
    found = re.findall(r"^(?:sqlite3|python3) .*var/askwell\.sqlite3.*$", text, re.MULTILINE)
    assert len(found) == 3
    return [line for line in found if shutil.which(line.split()[0])]


def test_the_service_outlives_an_outage_within_the_starts_discord_allows() -> None:
    """A bot that connects a thousand times a day loses its token; code 75 is to be tried again."""
    assert _unit("StartLimitIntervalSec") == "1d"
    starts, pause = int(_unit("StartLimitBurst")), int(_unit("RestartSec"))
    assert starts < 1000
    assert starts * pause >= 3 * 3600
    assert _unit("Restart") == "on-failure"
    assert _unit("RestartPreventExitStatus") == "78"


def test_it_runs_without_the_texts_that_document_code_however_it_is_started() -> None:
    """Memory is measured so (`tests/bench/memory.py`)."""
    assert SHIPPED == {"PYTHONOPTIMIZE": "2"}
    assert "PYTHONOPTIMIZE=2" in _unit("Environment=PYTHONUNBUFFERED").split()
    build, image = (ROOT / "Dockerfile").read_text().split("\nFROM ")[1:]
    for stage in (build, image):
        assert "PYTHONOPTIMIZE=2" in stage
    assert "$(PY) -OO -m bot run" in (ROOT / "Makefile").read_text()


@pytest.mark.parametrize("package", ["bot", "cogs", "data"])
def test_nothing_reads_those_texts(package: str) -> None:
    """`assert` would be left out as well; the linter has none in these packages (S101)."""
    modules = list((ROOT / package).rglob("*.py"))
    assert modules
    assert not [path for path in modules if re.search(r"__doc__|getdoc", path.read_text("utf-8"))]


def test_nothing_of_the_memory_is_left_after_a_crash_and_no_right_is_kept_that_is_not_needed() -> (
    None
):
    assert _unit("LimitCORE") == "0"
    guide = (ROOT / "docs" / "deployment.md").read_text()
    for line in (guide, (ROOT / "Dockerfile").read_text()):
        assert "--read-only --cap-drop ALL --security-opt no-new-privileges" in line
    assert "must be encrypted" in guide


def test_the_key_is_made_by_the_first_command_beside_its_line_and_then_handed_over(
    tmp_path: Path,
) -> None:
    """The line is a comment, since systemd starts no service whose credential is missing."""
    assert not re.search(r"^LoadCredential=", UNIT, re.MULTILINE)
    (found,) = re.findall(r"((?:^#   .+\n){2})#LoadCredential=(\S+):(\S+)$", UNIT, re.MULTILINE)
    commands, name, path = found
    make, restart = (line.removeprefix("#   ") for line in commands.splitlines())
    assert restart == "sudo systemctl daemon-reload && sudo systemctl restart askwell"
    here = make.replace("/opt/askwell", str(ROOT)).replace("sudo ", "")
    here = here.replace(".venv/bin/python", sys.executable).replace(path, str(tmp_path / "key"))
    subprocess.run(["/bin/sh", "-c", here], check=True, capture_output=True)
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (tmp_path / "key").rename(credentials / name)
    code = "from bot import key_file, settings; print(key_file.read(settings.Settings()))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"CREDENTIALS_DIRECTORY": str(credentials)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout == "<Sealing: 1 key>\n"
    guide = (ROOT / "docs" / "deployment.md").read_text()
    assert f"`LoadCredential={name}:{path}`" in guide
    assert f"-p LoadCredential={name}:{path}" in guide


def test_the_places_of_the_key_are_documented_in_their_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    guide = (ROOT / "docs" / "deployment.md").read_text()
    table = re.search(r"^\| place \|.*\n\|---.*\n((?:\|.*\n)+)", guide, re.MULTILINE)
    assert table
    first, *rest = re.findall(r"^\| `([^`]+)`", table[1], re.MULTILINE)
    assert first == "ASKWELL_KEY_FILE"
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "$CREDENTIALS_DIRECTORY")
    monkeypatch.setenv("HOME", "/home")
    assert rest == [str(place).replace("/home/", "~/") for place in places(Settings())]
    example = (ROOT / ".env.example").read_text().replace("\n# ", " ")
    assert example.index("askwell.key") < example.index(rest[1]) < example.index(rest[2])
    container = f"/run/secrets/{Path(rest[1]).name}:ro"
    for text in (guide, (ROOT / "Dockerfile").read_text()):
        assert container in text


def test_a_backup_is_made_as_it_is_typed_while_the_database_is_written(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    with closing(sqlite3.connect(tmp_path / "var" / "askwell.sqlite3")) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE posts (body TEXT)")
        db.execute("INSERT INTO posts VALUES ('in the WAL alone')")
        db.commit()
        for command in _commands():
            # As the line before them says.
            subprocess.run(["/bin/sh", "-c", f"umask 077; {command}"], cwd=tmp_path, check=True)
            (copy,) = tmp_path.glob("backup*.sqlite3")
            assert copy.stat().st_mode & 0o777 == 0o600
            with closing(sqlite3.connect(copy)) as backup:
                assert backup.execute("SELECT body FROM posts").fetchall() == [
                    ("in the WAL alone",)
                ]
            copy.unlink()


def test_each_block_that_copies_the_database_keeps_the_copy_from_others() -> None:
    text = (ROOT / "docs" / "deployment.md").read_text()
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    copying = [block for block in blocks if "sqlite3.connect" in block or "VACUUM INTO" in block]
    assert len(copying) == 3
    assert all(block.startswith("umask 077") for block in copying)
    [inside] = [block for block in copying if "docker exec" in block]
    assert "os.umask(0o077)" in inside, "a container has a umask of its own"


def test_a_backup_from_the_wrong_folder_is_an_error(tmp_path: Path) -> None:
    for command in _commands():
        typed = ["/bin/sh", "-c", command]
        done = subprocess.run(typed, cwd=tmp_path, check=False, capture_output=True, text=True)
        assert done.returncode, command
        assert "unable to open" in done.stderr
