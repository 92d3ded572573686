"""What the documentation tells people to type exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = (
    ROOT / "README.md",
    ROOT / "docs" / "deployment.md",
    ROOT / "docs" / "operations.md",
)
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_each_target_of_make_exists(document: Path) -> None:
    named = set(
        re.findall(r"(?:^|`|sudo )make ([a-z-]+)", document.read_text("utf-8"), re.MULTILINE)
    )
    assert named, "no target is named"
    assert named <= TARGETS


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_nothing_is_run_from_the_environment_that_make_does_not_put_there(document: Path) -> None:
    # `make` installs what the bot needs, and not the bot itself: there is no `.venv/bin/askwell`.
    programs = re.findall(r"\.venv/bin/([\w.-]+)", document.read_text("utf-8"))
    assert programs, "none is named"
    assert set(programs) == {"python"}
