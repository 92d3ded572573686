"""The optional extra: similar questions by their meaning, too."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.domain.actors import Actor
from bot.usecases.asking import similar_questions
from data import meaning, search
from tests.store.forum import Forum


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was looked for or loaded yet."""
    meaning._load.cache_clear()
    meaning.is_installed.cache_clear()
    monkeypatch.setattr(meaning, "_load", meaning._load)


async def test_what_means_the_same_comes_first(
    forum: Forum, alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_words = await forum.ask(alice, "How do I boot a laptop from a stick?")
    by_sense = await forum.ask(alice, "Starting my notebook from USB, boot order")
    title = "How do I boot a laptop from USB?"
    found = await similar_questions(forum.db, forum.guild_id, title)
    assert [line.post_id for line in found] == [by_words, by_sense]

    def likeness(asked: str, others: Sequence[str]) -> list[float]:
        assert asked == title
        return [0.9 if "notebook" in other else 0.1 for other in others]

    monkeypatch.setattr(search, "is_installed", lambda: True)
    monkeypatch.setattr(search, "likeness", likeness)
    found = await similar_questions(forum.db, forum.guild_id, title)
    assert [line.post_id for line in found] == [by_sense, by_words]


def test_without_the_extra_there_is_no_meaning(
    fresh: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert not meaning.is_installed()
    assert meaning.likeness("a", ["b"]) is None


def test_a_broken_extra_is_reported_once_and_not_used(
    fresh: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: Any
) -> None:
    found = SimpleNamespace(origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: found)
    assert meaning.likeness("a", ["b"]) is None
    assert meaning.likeness("a", ["b"]) is None
    assert [r.message for r in caplog.records] == [
        "the extra 'similar' is installed but can't be used"
    ]
    meaning._load.cache_clear()
