"""One process for each SQLite file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.lock import AlreadyRunning, DatabaseLock

HOLDER = """
import sys, time
from pathlib import Path
from bot.lock import DatabaseLock
with DatabaseLock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "var" / "askwell.sqlite3"


def hold(database: Path) -> subprocess.Popen[str]:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(database)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def test_a_second_process_is_refused_and_told_who_the_first_is(database: Path) -> None:
    with hold(database) as holder:
        with pytest.raises(AlreadyRunning) as error, DatabaseLock(database):
            pass
        holder.kill()
    assert error.value.pid == holder.pid
    assert str(holder.pid) in str(error.value)


def test_a_killed_process_leaves_nothing_that_blocks(database: Path) -> None:
    with hold(database) as holder:
        os.kill(holder.pid, signal.SIGKILL)
    with DatabaseLock(database) as lock:
        assert lock.path.read_text() == f"{os.getpid()}\n"


def test_it_can_be_taken_again_once_it_is_let_go(database: Path) -> None:
    for _ in range(2):
        with DatabaseLock(database), pytest.raises(AlreadyRunning), DatabaseLock(database):
            pass


def test_two_names_of_one_file_are_one(database: Path, tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "var")
    other = tmp_path / "link" / database.name
    with DatabaseLock(database), pytest.raises(AlreadyRunning), DatabaseLock(other):
        pass


def test_the_folder_is_for_its_owner_alone(database: Path) -> None:
    with DatabaseLock(database):
        assert database.parent.stat().st_mode & 0o077 == 0
