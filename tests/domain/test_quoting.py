"""Quoting the beginning of a text, and showing a text outside an embed."""

from __future__ import annotations

import pytest

from bot.domain.quoting import quoted, show_message

STEPS = "Three things:\n1. Dark curtains\n2. No screens\n- and a walk"


def test_lines_and_lists_are_kept() -> None:
    assert quoted(STEPS, 500, 10) == (
        "> Three things:\n> 1. Dark curtains\n> 2. No screens\n> - and a walk"
    )


def test_formatting_is_kept() -> None:
    assert quoted("No **screens**, `lights --off`.", 500, 10) == "> No **screens**, `lights --off`."


def test_it_is_cut_between_lines() -> None:
    lines = [f"{n}. Something that helped me for a while, it did." for n in range(1, 30)]
    shown = quoted("\n".join(lines), 200, 10)

    *whole, last = shown.split("\n")
    assert len(shown) <= 220
    assert [line.removeprefix("> ") for line in whole] == lines[: len(whole)]
    assert last == f"> {lines[len(whole)]} …"


def test_only_so_many_lines_are_shown() -> None:
    text = "\n".join(f"This is the line with the number {n}." for n in range(20))

    assert quoted(text, 500, 4) == (
        "> This is the line with the number 0.\n> This is the line with the number 1.\n"
        "> This is the line with the number 2. …"
    )


def test_a_long_line_is_cut_after_a_sentence() -> None:
    shown = quoted("I tried a lot of it. " * 40, 200, 10)

    assert len(shown) <= 204
    assert shown.endswith("of it. …")


@pytest.mark.parametrize("mark", ["> ", ">>> ", " > "])
def test_a_quote_within_is_no_line_of_marks(mark: str) -> None:
    assert quoted(f"{mark}You wrote this.\nYes.", 500, 10) == "> You wrote this.\n> Yes."


def test_code_keeps_its_signs_and_ends() -> None:
    code = "Try this:\n```py\n" + "\n".join(f"> print({n} > 1)" for n in range(40)) + "\n```"
    shown = quoted(code, 200, 10)

    assert "> > print(1 > 1)" in shown, "in code, it is no mark of a quote"
    assert shown.count("```") == 2
    assert shown.endswith("> ```\n> …")


def test_a_spoiler_that_is_cut_stays_closed() -> None:
    shown = quoted("It is about this: ||" + "a secret about my family. " * 40 + "||", 200, 10)

    assert shown.count("||") == 2
    assert shown.endswith("|| …")


def test_nothing_calls_anybody() -> None:
    shown = quoted("Ask <@123>, and [here](https://evil.example).", 500, 10)

    assert "<@123>" not in shown
    assert "[here](" not in shown


def test_a_message_has_no_previews() -> None:
    assert show_message("See https://a.example/x_y, or <https://b.example>.") == (
        "See <https://a.example/x_y>, or <https://b.example>."
    )
    assert show_message("`https://a.example` as it is") == "`https://a.example` as it is"


@pytest.mark.parametrize(
    "text",
    ["@everyone", "@here", "`@everyone`", "discord.gg/abc", "Discord.com/invite/abc",
     "https://a.example/)discord.gg/abc"],
)  # fmt: skip
def test_a_message_calls_and_invites_nobody(text: str) -> None:
    assert text not in show_message(text)
    assert show_message(text).replace("\u200b", "").strip("<>") == text


def test_an_invitation_in_brackets_stays_an_address() -> None:
    assert show_message("https://discord.gg/abc") == "<https://discord.gg/abc>"
