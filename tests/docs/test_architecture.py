"""The map: whatever `docs/architecture.md` names is there, under that name."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAP = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
_ROW = re.compile(
    r"^\| (?P<question>[^|]+\?) \| `(?P<file>[^`]+)` \| (?P<names>[^|]+) \|$", re.MULTILINE
)
_JOURNEYS = ("A vote, followed", "/ask, followed", "An edit, followed", "A notice, followed")


def defined_in(path: Path) -> set[str]:
    """The names of functions and classes at the top of a module."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, kinds)}


def section(title: str) -> str:
    return MAP.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_twenty_questions_at_least_are_answered() -> None:
    assert len(_ROW.findall(section("Where is…"))) >= 20


@pytest.mark.parametrize("row", list(_ROW.finditer(MAP)), ids=lambda row: row["question"])
def test_the_answer_is_where_it_is_said_to_be(row: re.Match[str]) -> None:
    names = set(re.findall(r"`(\w+)`", row["names"]))
    assert names
    assert names <= defined_in(ROOT / row["file"])


def test_each_file_that_is_named_is_there() -> None:
    named = set(re.findall(r"`((?:bot|cogs|data)/[\w/.]*)`", MAP))
    assert len(named) > 50
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("title", _JOURNEYS)
def test_a_journey_has_seven_steps_at_most(title: str) -> None:
    steps = re.findall(r"^\d+\. ", section(title), re.MULTILINE)
    assert 3 <= len(steps) <= 7
    named = re.findall(r"`(\w+)`(?:,)? in\s+`([^`]+\.py)`", section(title))
    assert named
    for name, path in named:
        assert name in defined_in(ROOT / path), f"{name} in {path}"


_SECURITY = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def test_each_test_that_shows_a_defence_is_there() -> None:
    named = set(re.findall(r"`([a-z]+/[\w/]*\.py)`", _SECURITY))
    assert len(named) > 50
    there = {path for path in named if (ROOT / "tests" / path).exists() or (ROOT / path).exists()}
    assert named - there == set()
