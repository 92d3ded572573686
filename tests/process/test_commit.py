"""Which commit `askwell --version` names, in each way git stores it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.commit import commit_of

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}\n")


def on_a_branch(clone: Path) -> None:
    write(clone / ".git/HEAD", "ref: refs/heads/main")
    write(clone / ".git/refs/heads/main", COMMIT)


def on_a_packed_branch(clone: Path) -> None:
    write(clone / ".git/HEAD", "ref: refs/heads/fix/main")
    others = f"# pack-refs with: peeled\n{'f' * 40} refs/heads/main\n"
    write(clone / ".git/packed-refs", f"{others}{COMMIT} refs/heads/fix/main")


def on_no_branch(clone: Path) -> None:
    write(clone / ".git/HEAD", COMMIT)


def in_a_worktree(clone: Path) -> None:
    folder = clone.parent / "other/.git/worktrees/askwell"
    write(clone / ".git", f"gitdir: {folder}")
    write(folder / "HEAD", "ref: refs/heads/main")
    write(folder / "commondir", "../..")
    write(folder / "../../refs/heads/main", COMMIT)


@pytest.mark.parametrize("kept", [on_a_branch, on_a_packed_branch, on_no_branch, in_a_worktree])
def test_the_commit_of_a_clone(tmp_path: Path, kept: Callable[[Path], None]) -> None:
    clone = tmp_path / "askwell"
    clone.mkdir()
    kept(clone)
    assert commit_of(clone) == COMMIT


@pytest.mark.parametrize(
    "head",
    [
        "ref: refs/heads/unborn",
        "ref: refs/heads/../../../secret",
        "ref: /etc/hostname",
        "no commit",
        "",
        "\x00",
    ],
)
def test_what_is_no_commit_is_none(tmp_path: Path, head: str) -> None:
    write(tmp_path / "secret", COMMIT)
    write(tmp_path / "askwell/.git/HEAD", head)
    assert commit_of(tmp_path / "askwell") is None
    assert commit_of(tmp_path / "nowhere") is None
