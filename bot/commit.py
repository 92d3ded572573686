"""The commit this program was made from, for `askwell --version`. Only the standard library, and no
git: the build imports this module, and containers have no git."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

BUILT: Final = "commit.txt"
"""The file of this package that a build writes the commit into (see setup.py)."""
_ROOT = Path(__file__).resolve().parents[1]
_SHOWN = 12
_HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
# A branch's name, as git stores it: never a path that leads out of its folder.
_REF = re.compile(r"ref: (refs/(?!.*\.\.)[^\s\\]+)")


def described() -> str:
    """The version and, where it is known, the commit: `0.1.0 (commit 0123456789ab)`."""
    commit = commit_of(_ROOT) or _built()
    version = _version()
    return f"{version} (commit {commit[:_SHOWN]})" if commit else version


def commit_of(clone: Path) -> str | None:
    """The commit that is checked out in a clone; None if there is no clone, or it can't be read."""
    try:
        folder = _git_folder(clone / ".git")
        head = _read(folder / "HEAD")
        branch = _REF.fullmatch(head)
        return _whole(head) if branch is None else _commit_of_branch(folder, branch[1])
    except (OSError, ValueError):
        return None


def _git_folder(place: Path) -> Path:
    """Git's own folder. In a worktree, `.git` is a file that names it."""
    if place.is_dir():
        return place
    return place.parent / _read(place).removeprefix("gitdir: ")


def _commit_of_branch(folder: Path, branch: str) -> str | None:
    common = folder / "commondir"  # worktrees share the branches of their clone
    shared = folder / _read(common) if common.exists() else folder
    for place in (folder, shared):
        if (place / branch).is_file():
            return _whole(_read(place / branch))
    for line in _read(shared / "packed-refs").splitlines():
        commit, _, name = line.partition(" ")
        if name == branch:
            return _whole(commit)
    return None


def _built() -> str | None:
    """The commit that the build wrote down, or that pip did: it knows where it got a package."""
    try:
        return _whole(_read(Path(__file__).with_name(BUILT)))
    except (OSError, ValueError):
        pass
    try:
        origin = json.loads(distribution("askwell").read_text("direct_url.json") or "{}")
        return _whole(origin["vcs_info"]["commit_id"])
    except (PackageNotFoundError, OSError, ValueError, KeyError, TypeError):
        return None


def _version() -> str:
    """A clone's version is its own, whatever else is installed beside it."""
    try:
        project = tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))["project"]
        if project["name"] == "askwell":
            return str(project["version"])
    except (OSError, ValueError, KeyError):
        pass
    try:
        return distribution("askwell").version
    except PackageNotFoundError:
        return "(unknown version)"


def _read(path: Path) -> str:
    return path.read_text("utf-8").strip()


def _whole(commit: str) -> str | None:
    return commit if _HASH.fullmatch(commit) else None
