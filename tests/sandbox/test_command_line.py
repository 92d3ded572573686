"""`askwell sandbox`, as it is typed."""

import re
import signal
import socket
import time
from pathlib import Path

import pytest

from tests.sandbox.running import open_sandbox, page_at, sandbox, start

LATEST = 60  # seconds until a process has ended, also on a busy machine


def test_the_story_is_printed_step_by_step() -> None:
    result = sandbox("--exit")

    assert result.returncode == 0, result.stdout + result.stderr
    steps = [int(number) for number in re.findall(r"^ ?(\d+)\. ", result.stdout, re.MULTILINE)]
    assert steps == list(range(1, len(steps) + 1))
    assert len(steps) >= 15
    for words in ("runs /setup", "runs /ask", "runs /answer", "reacts with", "“Mark as best”"):
        assert words in result.stdout
    assert "That was the story" in result.stdout
    assert result.stderr == ""


def test_the_story_is_told_in_the_page_and_printed_only_when_asked_for() -> None:
    with open_sandbox("--tell") as (process, _):
        assert process.stdout is not None
        told = [next(process.stdout) for _ in range(8)]
    assert any(" 1. Sam runs /setup" in line for line in told)
    with open_sandbox() as (process, address):
        assert "Askwell sandbox" in page_at(address)
        time.sleep(3)  # longer than the first steps take
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=LATEST)
    assert "Sam runs" not in output


def test_the_page_answers_before_the_bot_is_even_imported() -> None:
    with open_sandbox() as (process, address):
        loaded = Path(f"/proc/{process.pid}/maps").read_text()
        assert "Askwell sandbox" in page_at(address)
    assert "aiohttp" in loaded
    assert "/sqlalchemy/" not in loaded


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(number: signal.Signals) -> None:
    with open_sandbox("--no-story") as (process, _):
        process.send_signal(number)
        output, _ = process.communicate(timeout=LATEST)

    assert process.returncode == 0, output
    assert "Traceback" not in output


def test_a_story_that_is_cut_off_is_no_success() -> None:
    with start("--exit") as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(" 1."):
                break
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=LATEST)

    assert process.returncode == 1, output
    assert "That was the story" not in output
    assert "Traceback" not in output


def test_a_taken_port_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = sandbox("--no-story", "--port", str(port))

    assert result.returncode != 0
    assert str(port) in result.stderr
    assert "Traceback" not in result.stderr


def test_kept_data_do_not_hinder_the_next_start(tmp_path: Path) -> None:
    database = tmp_path / "with a space" / "sandbox.sqlite3"

    first = sandbox("--exit", "--db", str(database))
    second = sandbox("--exit", "--db", str(database))

    for result in (first, second):
        assert result.returncode == 0, result.stdout + result.stderr
        assert str(database) in result.stdout
        assert result.stderr == ""
    assert database.stat().st_size > 0
    assert "runs /setup" in first.stdout
    assert "runs /setup" not in second.stdout, "the same servers are there again"


def test_a_database_in_use_is_refused(tmp_path: Path) -> None:
    database = str(tmp_path / "sandbox.sqlite3")
    with open_sandbox("--no-story", "--db", database):
        while not Path(f"{database}.lock").exists():
            time.sleep(0.05)
        result = sandbox("--exit", "--db", database)

    assert result.returncode != 0
    assert "Traceback" not in result.stderr
