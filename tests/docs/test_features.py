"""The table of Question2Answer's features says what is true: commands, settings and tests exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import simcord

from bot.domain.rules import SETTINGS
from tests.cogs.interaction.test_structure import leaves, synced
from tests.support.kinds import on_sqlite

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "question2answer.md"
ROWS = [
    tuple(cell.strip() for cell in line.strip("|\n ").split(" | "))
    for line in TABLE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| Question2Answer |")
]
# What a row may say instead of naming a test, followed by why.
REASON = re.compile(r"(?:Left out|Not yet): \S.{15,}\.")
LINK = re.compile(r"\[(\w+)\]\(([^)]+)\)")
AREAS = {
    *("Posting", "Voting", "Points", "Best answers", "Categories", "Tags", "Lists", "Search"),
    *("Users", "Favourites and notifications"),
}


@cache
def found_in(path: Path) -> frozenset[str]:
    """The tests that a file holds, also in classes."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(node.name for node in functions if node.name.startswith("test_"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_each_row_has_a_test_or_a_reason(row: tuple[str, ...]) -> None:
    assert len(row) == 3, row
    _, here, shown_by = row
    if shown_by == "–":
        assert REASON.fullmatch(here), f"neither a test nor a reason: {here!r}"
        return
    assert not REASON.match(here), "a reason to have no test, and a test"
    links = LINK.findall(shown_by)
    assert ", ".join(f"[{name}]({path})" for name, path in links) == shown_by
    for name, path in links:
        file = (TABLE.parent / path).resolve()
        assert file.is_relative_to(ROOT / "tests")
        assert file.is_file(), f"there is no file {path}"
        assert name in found_in(file), f"{path} has no test called {name}"


def test_every_area_is_there() -> None:
    headings = set(re.findall(r"^## (.+)$", TABLE.read_text(encoding="utf-8"), re.MULTILINE))
    assert headings >= AREAS
    assert len(ROWS) > 100
    assert len({row[0] for row in ROWS if row[0] != "Not there"}) > 100


def named(mark: str) -> Iterator[str]:
    """What the table names in this typeface: commands, options and settings, or menus."""
    for _, here, _ in ROWS:
        yield from re.findall(rf"(?<!\\){re.escape(mark)}([^*`]+){re.escape(mark)}", here)


@on_sqlite
def test_each_command_named_exists_with_its_options(env: simcord.Env) -> None:
    known: dict[str, Any] = {}
    for command in synced(env):
        if command.get("type", 1) == 1:
            known |= dict(leaves(command))
            known.setdefault(command["name"], None)  # a group, named as a whole
    for text in named("`"):
        if not text.startswith("/"):
            continue
        words = text[1:].split()
        most = max((n for n in (1, 2) if " ".join(words[:n]) in known), default=0)
        assert most, f"there is no command {text}"
        leaf = known[" ".join(words[:most])] or {}
        options = {option["name"]: option for option in leaf.get("options") or ()}
        for word in words[most:]:
            name, _, value = word.partition(":")
            if name in SETTINGS and most == 2:
                continue
            assert name in options, f"{text} has no option {name}"
            if value:
                choices = [choice["value"] for choice in options[name]["choices"]]
                assert value in choices, f"{text}: there is no choice {value}"


def test_each_setting_named_exists() -> None:
    for text in named("`"):
        if "." in text and not text.startswith("/"):
            assert text in SETTINGS, f"there is no setting {text}"


@on_sqlite
def test_each_menu_named_exists(env: simcord.Env) -> None:
    menus = {command["name"] for command in synced(env) if command.get("type", 1) != 1}
    for _, here, _ in ROWS:
        for name in re.findall(r"the menu \*([^*]+)\*", here):
            assert name in menus, f"there is no menu {name}"


def test_the_readme_leads_to_it() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "(docs/question2answer.md)" in readme
