"""`make` does its own set-up, and says clearly what it lacks."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("bash", "make", "rm", "touch", "grep", "awk")


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A machine without any Python: the tools in `bin`, the files of the repository beside it."""
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None
        (tmp_path / "bin" / tool).symlink_to(found)
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    return tmp_path


def make(folder: Path, *targets: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *targets],
        cwd=folder,
        env={"PATH": str(folder / "bin"), "SHELL": "/bin/bash"},
        capture_output=True,
        text=True,
        check=False,
    )


def install(folder: Path, name: str, script: str) -> None:
    file = folder / "bin" / name
    file.write_text(f"#!/bin/bash\n{script}\n")
    file.chmod(0o755)


def test_without_python_it_says_what_is_needed(bare: Path) -> None:
    made = make(bare, "run")
    assert made.returncode != 0
    assert "Askwell needs Python 3.11 or newer, and found none" in made.stderr
    assert not (bare / ".venv").exists()


def test_an_old_python_is_passed_over(bare: Path) -> None:
    install(bare, "python3", "exit 1")
    install(bare, "python3.12", 'case "$*" in *venv*) exit 9;; *) echo Python 3.12.1;; esac')
    made = make(bare, "run")
    assert "Making .venv with Python 3.12.1" in made.stdout
    assert made.returncode != 0
    assert "apt install python3-venv" in made.stderr


def test_help_lists_what_there_is() -> None:
    listed = make_help()
    for target in ("sandbox", "test", "check", "run", "bench-quick", "format", "translations"):
        assert target in listed


def make_help() -> set[str]:
    made = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(re.findall(r"^  make (\S+) ", made.stdout, re.MULTILINE))


def test_ci_runs_the_checks_and_says_how_long_they_took() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o100
    assert script.read_text().rstrip().endswith("make check")
