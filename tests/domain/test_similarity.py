"""Ranking questions by similarity with a title."""

from __future__ import annotations

import pytest

from bot.domain.similarity import (
    TELLING,
    WEIGHT_UNIT,
    Candidate,
    rank,
    rarity,
    stored_weights,
    telling,
    title_words,
    words_in,
)


def best_of(asked: str, *titles: str, senses: tuple[float, ...] = ()) -> list[str]:
    """The titles, all with the same score by words, the most alike first (else the last one)."""
    found = [
        Candidate(row, title, 5.0, row, senses[row] if senses else None)
        for row, title in enumerate(titles)
    ]
    return [titles[row] for _, row in rank(asked, found, len(titles))]


def test_a_misspelled_word_is_nearly_the_word() -> None:
    near, far = "Sleeping badly after nightshifts", "Sleeping badly after mealtimes"
    assert best_of("Sleeping badly after night shifts", near, far) == [near, far]


def test_words_inside_of_others_count() -> None:
    near, far = "Schlafstörungen bei Schichtarbeit", "Medikamente bei Prüfungsangst"
    assert best_of("Schlaf nach der Schicht bei Kälte", near, far) == [near, far]


def test_the_order_of_words_counts() -> None:
    near, far = "When anxiety follows bad sleep", "When bad sleep follows anxiety"
    assert best_of("Anxiety follows bad sleep", near, far) == [near, far]


def test_a_title_phrased_as_a_question_ranks_higher() -> None:
    for asked in ("Sleep after night shifts?", "夜勤の後の眠り？"):
        stated = asked[:-1]
        assert best_of("Sleep", asked, stated)[0] == asked


def test_meaning_stands_in_for_letters_where_it_is_known() -> None:
    letters, sense = "Boot a laptop from a stick", "Starting my notebook, USB first"
    assert best_of("Boot a laptop from USB", letters, sense) == [letters, sense]
    assert best_of("Boot a laptop from USB", sense, letters, senses=(0.9, 0.1)) == [sense, letters]
    # Also one that says: nothing in common.
    assert best_of("Boot a laptop from USB", sense, letters, senses=(0.1, 0.0)) == [sense, letters]


def test_titles_of_any_kind_can_be_compared() -> None:
    for odd in ("", "?", "a", "💤", "\u202e", "眠"):
        assert title_words(odd).runs
        assert best_of(odd, "Sleep after night shifts", odd)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("C++ or C# or F# or C", ["cplusplus", "or", "csharp", "or", "fsharp", "or", "c"]),
        ("C++17, (c#)", ["cplusplus", "17", "csharp"]),
        ("ASP.NET and .NET", ["asp", "dotnet", "net", "and", "dotnet", "net"]),
        ("node.js", ["node", "js"]),
        ("#1 a+b i+++j x## C#m", ["1", "a", "b", "i", "j", "x", "c", "m"]),
    ],
)
def test_names_with_punctuation_are_words(text: str, words: list[str]) -> None:
    assert words_in(text) == words


def telling_of(
    asked: str, other: str, frequencies: dict[str, int], questions: int, **more: float
) -> float:
    """How telling one question is in a server; `frequencies` are of the words that are shared."""
    theirs = stored_weights(other)
    score = sum(theirs[w] * rarity(n, questions) for w, n in frequencies.items()) / WEIGHT_UNIT
    found = [Candidate(1, other, score, 1, **more)]
    return telling(asked, found, rank(asked, found, 5), questions)


def test_one_common_word_is_not_telling_and_two_rare_ones_are() -> None:
    asked, other = "Sleep on a new mattress", "How much sleep does a teenager need?"
    assert telling_of(asked, other, {"sleep": 200}, 1000) < TELLING
    asked, other = "Sleeping badly after the night shift", "Can a night shift be good for me?"
    assert telling_of(asked, other, {"night": 3, "shift": 2}, 1000) >= TELLING


@pytest.mark.parametrize("questions", [1, 5, 30, 1000, 100_000])
def test_the_same_question_is_telling_in_any_server(questions: int) -> None:
    asked, once = "How do I sleep after a night shift?", {"sleep": 1, "night": 1, "shift": 1}
    assert telling_of(asked, asked, once, questions) >= TELLING


@pytest.mark.parametrize("questions", [20, 1000, 100_000])
def test_a_word_that_half_the_questions_have_is_not_telling(questions: int) -> None:
    other, frequencies = "Is tea in the evening bad for sleep?", {"sleep": questions // 2}
    assert telling_of("Bread, cheese and sleep", other, frequencies, questions) < TELLING


def test_meaning_makes_nothing_telling() -> None:
    asked, other = "Sleep on a new mattress", "How much sleep does a teenager need?"
    assert telling_of(asked, other, {"sleep": 200}, 1000, sense=0.9) < TELLING


def test_nothing_found_is_not_telling() -> None:
    assert telling("Sleep", [], [], 1000) == 0
