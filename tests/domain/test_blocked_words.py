"""Blocked words are found however they are written, and nothing else is."""

from __future__ import annotations

import unicodedata

import pytest

from bot.domain.blocked_words import ENTRIES_MAX, blocked_word, entries_of, is_entry
from bot.domain.errors import Invalid, Problem
from bot.domain.lookalikes import _ALIKE, EITHER, LETTER, read_as
from bot.domain.rules import check_setting

LIST = "\n".join(
    ["badword", "ass", "cunt", "*shit*", "fool*", "*phobe", "bad phrase", "kill", "idiot", "1488"]
)


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("What a badword here", "badword"),
        ("BadWord!", "BadWord"),
        ("b a d w o r d", "b a d w o r d"),
        ("b.a.d.w.o.r.d", "b.a.d.w.o.r.d"),
        ("b\na\nd\nw\no\nr\nd", "b\na\nd\nw\no\nr\nd"),
        ("I saw a b a d w o r d there", "b a d w o r d"),
        ("baaadworrrd", "baaadworrrd"),
        ("b4dw0rd", "b4dw0rd"),
        ("ba\u200bd\u2060word", "ba\u200bd\u2060word"),
        ("b\u0301a\u0336d\u0336w\u0336ord", "b\u0301a\u0336d\u0336w\u0336ord"),
        ("bádwörd", "bádwörd"),
        ("bаdwоrd", "bаdwоrd"),  # Cyrillic а and о
        ("ＢＡＤＷＯＲＤ", "ＢＡＤＷＯＲＤ"),
        ("𝕓𝕒𝕕𝕨𝕠𝕣𝕕", "𝕓𝕒𝕕𝕨𝕠𝕣𝕕"),
        ("ʙᴀᴅᴡᴏʀᴅ", "ʙᴀᴅᴡᴏʀᴅ"),
        ("🅱🅰🅳word", "🅱🅰🅳word"),
        ("||bad||word", "badword"),
        ("**bad**word", "badword"),
        ("`badword`", "badword"),
        ("see https://badword.example", "badword"),
        ("hey!badword", "badword"),
        ("a55", "a55"),
        ("@$$", "@$$"),
        ("asss", "asss"),
        ("bull$h!t", "bull$h!t"),
        ("foolishly said", "foolishly"),
        ("homophobe", "homophobe"),
        ("bad  phrase", "bad  phrase"),
        ("Bad-Phrase", "Bad-Phrase"),
        ("b a d  p h r a s e", "b a d  p h r a s e"),
        ("b a d p h r a s e", "b a d p h r a s e"),
        ("k1ll, KIll", "k1ll"),
        ("KIll", "KIll"),
        ("k|ll", "k|ll"),
        ("1d10t", "1d10t"),
        ("the year 1488", "1488"),
    ],
)
def test_a_word_is_found_as_it_reads(written: str, named: str) -> None:
    assert blocked_word(LIST, written) == named


@pytest.mark.parametrize(
    "written",
    [
        "Scunthorpe",
        "a class of assassins",
        "the c l a s s",
        "455 people",
        "$500",
        "as",
        "xfool",
        "phobes",
        "badphrase",
        "bad and phrase",
        "skill",
        "21488",
        "1,488",
        "baadword",  # two in a row are a spelling: good isn't god
        "bad\\word",
        "",
        "🙂",
    ],
)
def test_other_words_are_not(written: str) -> None:
    assert blocked_word(LIST, written) is None


def test_letters_twice_are_no_stretching() -> None:
    assert blocked_word("god", "good") is None
    assert blocked_word("god", "goood") == "goood"
    assert blocked_word("ass", "as") is None


def test_a_star_lets_one_end_or_both_open() -> None:
    for entry, found in (
        ("sun", ["sun"]),
        ("sun*", ["sun", "sunny"]),
        ("*sun", ["sun", "midsun"]),
        ("*sun*", ["sun", "sunny", "midsun", "midsunny"]),
    ):
        words = ["sun", "sunny", "midsun", "midsunny"]
        assert [word for word in words if blocked_word(entry, word)] == found, entry


def test_words_of_other_scripts_are_found_in_each_case() -> None:
    for entry in ("слово", "СЛОВО", "Слово", "λάθος", "ΛΆΘΟΣ"):
        for written in (entry, entry.lower(), entry.upper(), entry.title()):
            assert blocked_word(entry, written) == written
    assert blocked_word("कुत्ता", "एक कुत्ता") == "कुत्ता"
    assert blocked_word("कुत्ता", "कात्ता") is None


def test_all_texts_of_a_post_are_read() -> None:
    assert blocked_word("badword", "A title", "a text", "tag", "badword-tag") == "badword"
    assert blocked_word("", "badword") is None


def test_a_list_is_separated_by_lines_or_commas() -> None:
    assert entries_of(" one,two\n\n three  words ,one\n*") == ["one", "two", "three words", "*"]
    assert not is_entry("*")
    assert not is_entry("* ?! *")
    assert check_setting("blocked_words", "one, two*\none") == "one\ntwo*"
    assert check_setting("blocked_words", " , \n") == ""


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("fine, *", Problem.NOT_A_WORD),
        ("a" * 4001, Problem.TOO_LONG),
        (",".join(map(str, range(ENTRIES_MAX + 1))), Problem.TOO_MANY),
    ],
)
def test_a_list_that_cannot_be_used_is_refused(typed: str, why: Problem) -> None:
    with pytest.raises(Invalid) as refused:
        check_setting("blocked_words", typed)
    assert refused.value.reason is why


def test_look_alikes_are_those_that_are_not_folded_anyway() -> None:
    for sign, letter in _ALIKE.items():
        assert read_as(sign) == (LETTER, letter)
        decomposed = unicodedata.normalize("NFKD", sign.casefold())
        assert sign == "I" or not decomposed.isascii(), f"{sign} needs no line"
    assert read_as("1")[1] == read_as("|")[1] == EITHER
