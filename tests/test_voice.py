"""The texts keep the rules of `docs/voice.md` that can be counted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest

from bot.domain.rules import SETTINGS
from bot.i18n import LOCALES
from tests.test_translations import in_the_code, messages

LONGEST = 25  # words of a sentence
_SENTENCE = re.compile(r"(?<=[.?!:…])\s+|\n+|;\s")
_NAMES = [name for name in SETTINGS if "_" in name or "." in name]


@cache
def texts() -> list[str]:
    """All that people read, in every language."""
    return list(_texts())


def _texts() -> Iterator[str]:
    for text in in_the_code():
        yield from (text,) if isinstance(text, str) else text
    for locale in LOCALES:
        if locale != "en":
            for message in messages(locale):
                said = message.string
                yield from (said,) if isinstance(said, str) else said or ()


def words(sentence: str) -> int:
    return len(re.findall(r"[^\W_]+(?:['’-][^\W_]+)*|\{\w+\}", sentence))


def test_words_are_counted() -> None:
    assert words("You've {n} points, and can't vote.") == 6


def test_no_sentence_is_too_long() -> None:
    long = [s for text in texts() for s in _SENTENCE.split(text) if words(s) > LONGEST]
    assert long == []


def test_nobody_is_shouted_at() -> None:
    assert [text for text in texts() if "!" in text.replace("<!", "")] == []


@pytest.mark.parametrize("name", _NAMES)
def test_settings_are_not_called_by_their_names(name: str) -> None:
    whole = re.compile(rf"\b{re.escape(name)}\b")
    # To look for the letters first takes a tenth of the time.
    assert [text for text in texts() if name in text and whole.search(text)] == []
