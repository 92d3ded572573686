"""What an edit changed, as people read it."""

from __future__ import annotations

from collections import Counter
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.differences import Sign, differences


def shown(before: str, after: str) -> list[str]:
    return [f"{sign} {text}".rstrip() for sign, text in differences(before, after)]


def test_nothing_changed() -> None:
    assert shown("All is well.", "All is well.") == []
    assert shown("All is well.\n\nYes.", "All is well.\n\nYes.\n") == []


def test_a_line_was_added_changed_and_taken_away() -> None:
    assert shown("one\ntwo", "one\ntwo\nthree")[-1] == "+ three"
    assert shown("one\ntwo\nthree", "one\nthree") == ["  one", "- two", "  three"]
    assert shown("one", "two") == ["- one", "+ two"]
    assert shown("", "All of it") == ["+ All of it"]


def test_what_is_the_same_is_left_out() -> None:
    lines = [f"line {n}" for n in range(20)]
    changed = [*lines[:10], "another line", *lines[11:]]
    assert shown("\n".join(lines), "\n".join(changed)) == [
        "…",
        "  line 9",
        "- line 10",
        "+ another line",
        "  line 11",
        "…",
    ]


def test_a_long_line_is_compared_by_sentences() -> None:
    before = (
        "I work nights this month. I lie awake until noon. Then I sleep for three hours at most. "
        "What can I do about it?"
    )
    assert shown(before, before.replace("noon", "ten")) == [
        "  I work nights this month.",
        "- I lie awake until noon.",
        "+ I lie awake until ten.",
        "  Then I sleep for three hours at most.",
        "…",
    ]


def test_in_a_long_sentence_only_the_words_around_the_change_remain() -> None:
    before = " ".join(f"word{n}" for n in range(100))
    old, new = shown(before, before.replace("word50 ", "other "))
    assert old.startswith("- … ")
    assert "word49 word50 word51" in old
    assert "word49 other word51" in new
    assert old.endswith(" …")
    assert len(old) < 150


@given(st.text("ab c.\n", max_size=300), st.text("ab c.\n", max_size=300))
def test_any_two_texts_can_be_compared(before: str, after: str) -> None:
    found = differences(before, after)
    for sign, text in found:
        assert "\n" not in text
        assert sign is not Sign.LEFT_OUT or not text
    gone = any(sign is not Sign.SAME and sign is not Sign.LEFT_OUT for sign, _ in found)
    assert bool(found) == gone


def test_two_edits_far_apart_in_a_long_text_are_told_apart() -> None:
    lines = [f"line {n}" for n in range(300)]
    after = [line.replace("line 20", "row 20") if n == 20 else line for n, line in enumerate(lines)]
    after[250] = "and a new end"
    assert [each for each in shown("\n".join(lines), "\n".join(after)) if each[0] in "-+"] == [
        "- line 20",
        "+ row 20",
        "- line 250",
        "+ and a new end",
    ]


@given(st.lists(st.integers(0, 150), max_size=400), st.lists(st.integers(0, 150), max_size=400))
def test_of_long_texts_too_each_line_is_kept_gone_or_new(old: list[int], new: list[int]) -> None:
    before, after = "\n".join(map(str, old)), "\n".join(map(str, new))
    found = differences(before, after)
    gone = [text for sign, text in found if sign is Sign.GONE and text]
    come = [text for sign, text in found if sign is Sign.NEW and text]
    kept = Counter(map(str, old)) - Counter(gone)
    assert Counter(gone) - Counter(map(str, old)) == Counter()
    assert kept == Counter(map(str, new)) - Counter(come)


# Each by itself took a second and more: an edit that repeats lines is compared step by step.
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\n" * 499, "b\na\n" * 249),
        ("a\n" * 6000, "a\nb\n" * 3000),
        ("a." * 6000, "b." * 6000),
        ("\n".join(map(str, range(900))), "\n".join(f"{n}\nb" for n in range(900))),
        ("\n".join(map(str, range(900))), "\n".join(map(str, range(900, 0, -1)))),
    ],
    ids=["repeated", "long", "sentences", "riffled", "reversed"],
)
def test_hostile_texts_are_compared_in_time(before: str, after: str) -> None:
    took: list[float] = []
    for _ in range(5):
        began = thread_time()
        differences(before, after)
        took.append(thread_time() - began)
    assert min(took) < 0.05
