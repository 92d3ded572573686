"""Porter's stemmer, against SQLite's of the same name."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.stemming import stem

_SUFFIXES = """
    s es ies sses ss ed eed ing ated bling izing hopping falling y ational tional enci anci izer
    logi bli alli entli eli ousli ization ation ator alism iveness fulness ousness aliti iviti
    biliti icate ative alize iciti ical ful ness al ance ence er ic able ible ant ement ment ent
    sion tion ou ism ate iti ous ive ize e ll
"""
_ROOTS = """
    re feed hop tan motor probat rat oper sens form tr cr ski yell day sky contr x
"""


def sqlites(words: list[str]) -> list[str]:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE t USING fts5(w, tokenize = 'porter unicode61')")
    db.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, instance)")
    db.executemany("INSERT INTO t (rowid, w) VALUES (?, ?)", enumerate(words))
    found = dict(db.execute("SELECT doc, term FROM v"))
    db.close()
    return [found[n] for n in range(len(words))]


def test_every_suffix_goes_as_sqlite_takes_it() -> None:
    words = [root + suffix for root in _ROOTS.split() for suffix in _SUFFIXES.split()]
    assert list(map(stem, words)) == sqlites(words)


def test_words_of_this_project_too() -> None:
    text = " ".join(path.read_text() for path in Path("docs").rglob("*.md"))
    words = sorted({w.lower() for w in text.split() if w.isascii() and w.isalpha()})
    if not words:
        pytest.fail("no words to compare")
    assert list(map(stem, words)) == sqlites(words)


@given(st.text("aeioubcdlstz", min_size=1, max_size=14))
@example("eed")
@example("yying")
def test_any_word_goes_as_sqlite_takes_it(word: str) -> None:
    assert [stem(word)] == sqlites([word])


def test_other_words_stay_as_they_are() -> None:
    for word in ("schläft", "12", "x86", "眠れない", "a" * 5000, ""):
        assert stem(word) == word
