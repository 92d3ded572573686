"""Ranking questions by similarity with a title."""

from __future__ import annotations

import pytest

from bot.domain.similarity import Candidate, rank, title_words, words_in


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
