"""Misspelt words: which are near, and that their keys meet."""

from __future__ import annotations

import random
import time

import pytest

from bot.domain.spelling import (
    LONGEST,
    allowed,
    best_words,
    distance,
    folded,
    keys_near,
    keys_of,
    near,
    words_written,
)

LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize(
    ("one", "other", "misspellings"),
    [
        ("asleep", "asleep", 0),
        ("asleap", "asleep", 1),
        ("toughts", "thoughts", 1),
        ("anxeity", "anxiety", 1),
        ("definatly", "definitely", 2),
        ("tommorow", "tomorrow", 2),
        ("sleep", "thoughts", 3),
        ("sleep", "sleeping", 3),
    ],
)
def test_letters_too_many_too_few_wrong_or_in_each_others_place(
    one: str, other: str, misspellings: int
) -> None:
    assert distance(one, other, 2) == distance(other, one, 2) == misspellings


def misspelt(word: str, chance: random.Random, kinds: int) -> str:
    at = chance.randrange(len(word))
    match chance.randrange(kinds):
        case 0:
            return word[:at] + word[at + 1 :]
        case 1:
            return word[:at] + chance.choice(LETTERS) + word[at:]
        case 2:
            return word[:at] + chance.choice(LETTERS) + word[at + 1 :]
        case _:
            at = min(at, len(word) - 2)
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def test_a_misspelt_word_shares_a_key_with_the_right_one() -> None:
    chance = random.Random(7)
    tried = 0
    for _ in range(20_000):
        word = "".join(chance.choices(LETTERS, k=chance.randrange(4, 15)))
        typed = word
        # Of two, one that changes letters' places may break two thirds: these aren't all found.
        number = chance.randrange(3)
        for _ in range(number):
            typed = misspelt(typed, chance, 4 if number == 1 else 3)
        most = allowed(typed, word)
        if len(typed) < 4 or number > most:
            continue
        tried += 1
        assert keys_of(word) & keys_near(typed), (typed, word)
        assert [each.word for each in near(typed, [word])] == [word]
    assert tried > 10_000


def test_long_words_have_three_keys_and_short_ones_a_few() -> None:
    assert keys_of("thoughts") == {"8.0.th", "8.1.oug", "8.2.hts"}
    assert len(keys_of("sleep")) == 5  # one of its two e may be missing, which is the same
    assert max(len(keys_near("x" * n)) for n in range(4, LONGEST + 1)) < 100


def test_words_are_those_that_are_written_in_lower_case() -> None:
    written = words_written("Ängste UND Müdigkeit", "Müdigkeit: see https://example.com/secretpath")
    assert written == ["ängste", "müdigkeit"]
    assert words_written("py3thon 12345 眠れない夜 a-b abc") == []
    assert words_written("u\u0308berall") == ["überall"]
    assert folded("überall") == "uberall"
    assert folded("größe") == "grosse"
    assert folded("x" * (LONGEST + 1)) == ""


def test_a_long_text_is_read_in_no_time_and_not_to_its_end() -> None:
    text = " ".join("".join(random.Random(n).choices(LETTERS, k=9)) for n in range(5_000))
    began = time.process_time()
    assert len(words_written(text)) == 1_000
    assert time.process_time() - began < 1


def test_the_nearest_word_then_the_first_letter_then_the_commonest() -> None:
    found = near("thougt", ["thought", "though", "bought", "thougth"])
    posts = {"thought": 3, "though": 9, "bought": 99}
    assert best_words(found, posts) == {"thougt": "though"}
    assert best_words(found, posts | {"though": 0}) == {"thougt": "thought"}
    assert best_words(found, {"thought": -1}) == {}
    both = near("mought", ["bought", "moughs"])
    assert best_words(both, {"bought": 9, "moughs": 1}) == {"mought": "moughs"}
