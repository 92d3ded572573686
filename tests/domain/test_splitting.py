"""Long texts in pieces: what a reader sees cut, and what is put together again from a form."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.runs import runs_of
from bot.domain.splitting import join_typed, split_shown, split_typed

WORDS = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]


def paragraph(name: str, length: int) -> str:
    text = name
    while len(text) < length:
        text += " " + WORDS[len(text) % len(WORDS)]
    return text[:length].rstrip()


def test_a_short_text_is_one_piece() -> None:
    assert split_shown("All is well.", 100, 100) == ["All is well."]
    assert split_shown("", 100, 100) == []


def test_it_is_cut_between_paragraphs() -> None:
    first, second = paragraph("A", 80), paragraph("B", 60)
    assert split_shown(f"{first}\n\n{second}", 100, 100) == [first, second]


def test_a_long_paragraph_is_cut_after_a_sentence_or_else_a_word() -> None:
    text = "It began in March. " + paragraph("Then", 150)
    pieces = split_shown(text, 100, 100)
    assert " ".join(pieces) == text
    assert all(len(piece) <= 100 for piece in pieces)
    sentence = paragraph("It rained,", 70) + ". " + paragraph("Then", 90)
    assert split_shown(sentence, 120, 120)[0].endswith(".")


def test_code_is_kept_whole() -> None:
    code = "```py\n" + "\n".join(f"print({n})" for n in range(8)) + "\n```"
    intro = paragraph("Like this:", 60)
    assert split_shown(f"{intro}\n{code}\nThat is all.", 120, 120) == [
        intro,
        code + "\nThat is all.",
    ]


def test_code_that_is_too_long_goes_on_as_code_in_its_language() -> None:
    lines = [f"print({n})  # {'x' * 10}" for n in range(20)]
    pieces = split_shown("```py\n" + "\n".join(lines) + "\n```", 150, 150)
    assert len(pieces) > 2
    for piece in pieces:
        assert len(piece) <= 150
        assert piece.startswith("```py\n")
        assert piece.endswith("\n```")
    inner = [line for piece in pieces for line in piece.split("\n")[1:-1]]
    assert inner == lines


def test_a_list_is_kept_whole_or_cut_between_its_items() -> None:
    short = "\n".join(f"- thing {n}" for n in range(5))
    intro = paragraph("You need", 70)
    assert split_shown(f"{intro}\n{short}", 100, 100) == [intro, short]

    items = [f"{n}. {paragraph('step', 30)}\n   and more" for n in range(1, 9)]
    pieces = split_shown("\n".join(items), 120, 120)
    assert "\n".join(pieces) == "\n".join(items)
    for piece in pieces:
        assert re.match(r"\d\. step", piece)


def test_a_quote_to_the_end_goes_on_in_the_next_piece() -> None:
    text = ">>> " + paragraph("She said", 90) + "\n\n" + paragraph("and then", 90)
    pieces = split_shown(text, 100, 100)
    assert len(pieces) == 2
    assert all(piece.startswith(">>> ") for piece in pieces)


def test_a_prompt_in_code_is_no_quote() -> None:
    code = "```py\n>>> 1 + 1\n2\n```"
    pieces = split_shown(f"{code}\n\n{paragraph('So', 150)}", 100, 100)
    assert not any(piece.startswith(">>>") for piece in pieces[1:])


PIECES = st.lists(
    st.sampled_from(
        [
            paragraph("para", 40),
            paragraph("long", 300),
            "x" * 250,
            "- item\n- other item\n  - nested",
            "\n".join(f"{n}. numbered {'y' * 20}" for n in range(12)),
            "```js\nlet a = 1\n```",
            "```\n" + "\n".join("z" * 30 for _ in range(12)) + "\n```",
            "inline ```code``` there",
            "> quoted\n> twice",
            ">>> all of it",
        ]
    ),
    min_size=1,
    max_size=8,
)


@given(PIECES, st.sampled_from(["\n", "\n\n"]), st.integers(100, 250))
def test_nothing_is_lost_and_all_fits(parts: list[str], gap: str, limit: int) -> None:
    text = gap.join(parts)
    pieces = split_shown(text, limit, limit + 50)
    assert all(len(piece) <= limit + 50 for piece in pieces)
    assert not pieces or len(pieces[0]) <= limit
    for piece in pieces:
        assert piece.strip()
        assert piece.count("```") % 2 == 0, "code would swallow what follows"

    def letters(shown: str) -> str:
        return re.sub(r"```(js)?|>>>|\s", "", shown)

    assert letters("".join(pieces)) == letters(text)


@given(st.text("ab \n.é", max_size=400), st.integers(40, 120))
def test_a_form_gives_back_what_was_put_into_it(text: str, limit: int) -> None:
    text = text.strip()
    fields = split_typed(text, "answer", limit, 12)
    assert fields is not None
    assert next(iter(fields)) == "answer"
    assert all(len(typed) <= limit for typed in fields.values())
    assert join_typed(fields, "answer") == text


def test_a_text_too_long_for_a_form() -> None:
    assert split_typed("x" * 301, "answer", 100, 3) is None


def test_an_almost_full_field_is_followed_by_an_empty_one() -> None:
    assert split_typed("x" * 900, "answer", 1000, 3) == {"answer": "x" * 900, "answer.2p": ""}
    assert split_typed("x" * 500, "answer", 1000, 3) == {"answer": "x" * 500}
    grown = {"answer": "One.", "answer.2p": "Two.", "how": ["notify"]}
    assert join_typed(grown, "answer") == "One.\n\nTwo."


MARKS = ["||", "**", "~~", "__", "*", "_", "`", "***"]


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("gap", [" ", "\n", "\n\n"])
def test_a_span_that_is_cut_goes_on_in_the_next_piece(mark: str, gap: str) -> None:
    text = mark + gap.join([paragraph("told", 60)] * 8) + mark
    pieces = split_shown(text, 150, 150)
    assert len(pieces) > 2
    for piece in pieces:
        assert len(piece) <= 150
        assert piece.startswith(mark)
        assert piece.endswith(mark)


def test_a_hidden_block_of_code_stays_hidden() -> None:
    code = "```py\n" + "\n".join(f"print({n})" for n in range(60)) + "\n```"
    for piece in split_shown(f"||{code}||", 150, 150):
        assert piece.startswith("||```py\n")
        assert piece.endswith("\n```||")


def test_a_quote_and_a_heading_go_on() -> None:
    pieces = split_shown("> " + paragraph("She said", 250), 100, 100)
    assert all(piece.startswith("> ") for piece in pieces)
    pieces = split_shown("## **" + paragraph("Big", 250) + "**", 100, 100)
    assert all(re.fullmatch(r"## \*\*[a-zB].*\*\*", piece) for piece in pieces)


def test_no_mark_address_or_escape_is_cut() -> None:
    for length in range(60, 110):
        text = f"{'x' * length} <https://a.example/{'y' * 30}> ||{'z' * 30}|| \\*\\*" * 3
        for piece in split_shown(text, 120, 120):
            assert len(piece) <= 120
            assert piece.count("<") == piece.count(">")
            assert piece.count("||") % 2 == 0
            assert not piece.endswith("\\")


def test_a_line_of_code_that_is_longer_than_a_message_is_cut_as_code() -> None:
    line = "x" * 4097
    pieces = split_shown(f"```\n{line}\n```", 4096, 4096)
    assert len(pieces) == 2
    assert all(piece.startswith("```\n") and piece.endswith("\n```") for piece in pieces)
    assert all(len(piece) <= 4096 for piece in pieces)
    assert "".join(piece[4:-4] for piece in pieces) == line


WORDS_AND_CODE = st.lists(
    st.sampled_from(["one", "two.", "three", "`code` x", "x" * 40, "\\*", "<https://a.example/b>"]),
    min_size=1,
    max_size=40,
).map(" ".join)
SPANNED = st.lists(
    st.tuples(st.lists(st.sampled_from(["||", "**", "~~", "__"]), unique=True), WORDS_AND_CODE).map(
        lambda pair: "".join(pair[0]) + pair[1] + "".join(reversed(pair[0]))
    ),
    min_size=1,
    max_size=8,
)


def seen(text: str) -> str:
    """What a reader sees of a text, its hidden letters in capitals."""
    runs = runs_of(text)
    shown = "".join(run.text.upper() if run.hidden else run.text for run in runs)
    return re.sub(r"[\s`>|*~_]", "", shown)


@given(SPANNED, st.sampled_from([" ", "\n", "\n\n", "\n> "]))
def test_each_piece_looks_as_the_whole_does(parts: list[str], between: str) -> None:
    text = between.join(parts)
    pieces = split_shown(text, 150, 150)
    assert all(len(piece) <= 150 for piece in pieces)
    assert "".join(map(seen, pieces)) == seen(text)


def test_a_long_line_before_code_is_cut_without_fences() -> None:
    text = "word " * 60 + "```\ncode\n```"

    first, *rest = split_shown(text, 120, 120)

    assert "```" not in first
    assert all(piece.count("```") % 2 == 0 for piece in rest)
