"""Reading Discord's inline markup, and quoting what somebody wrote without it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.markup import Kind, read
from bot.domain.queries import parse_query, snippet
from bot.domain.runs import runs_of
from bot.domain.text import excerpt, plain_excerpt, plain_line, show_body, show_line, show_link
from cogs.ui.findings import _shown
from tests.domain.test_text import TYPED
from tests.support.harm import harm_in_text

UNSEEN = "\u200b"


def unescaped(shown: str) -> str:
    """A quotation as a reader sees it, the marks of spoilers and of code left in."""
    signs = re.compile(r"\\([^\w\s]|_)|(`+)(?!`)[\s\S]+?(?<!`)\2(?!`)")
    return signs.sub(lambda found: found[1] or found[0], shown.replace(UNSEEN, ""))


@given(TYPED)
def test_tokens_put_together_are_the_text(typed: str) -> None:
    tokens = read(typed)
    assert "".join(typed[token.start : token.end] for token in tokens) == typed
    spans: list[str] = []
    for token in tokens:
        if token.kind is Kind.OPEN:
            assert token.value not in spans
            spans.append(token.value)
        elif token.kind is Kind.CLOSE:
            assert spans.pop() == token.value, "spans that cross"
    assert not spans


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        ("Use C# with my_snake_case where a > b", None),
        ("2 * 3 * 4, a || b, x__y, ~ 5, #1 and `", None),
        ("**bold** *em* _em_ __u__ ~~gone~~ ***both***", "bold em em u gone both"),
        ("_a_b_ and __init__", "_a_b_ and init"),
        ("¯\\_(ツ)_/¯ \\*not\\*", "¯_(ツ)_/¯ *not*"),
        ("**a `b** c` d", "**a `b** c` d"),
        ("`a``b` ``c`d``", None),
        ("```py\nx = '*'\n```", "`x = '*'`"),
        ("# Head\n> quoted a > b\n>>> to the end\n> x", "Head quoted a > b to the end > x"),
        ("- one\n- **two**\n1. three", "- one - two 1. three"),
        ("||a *b* c|| d", "||a b c|| d"),
        ("||a||||b||", None),
        ("[a](https://x.org/b_(c)) d", "a (<https://x.org/b_(c)>) d"),
        ("`[a](https://x.org)` and d[0](x)", None),
        ("https://x.org/a_b_c*d and _https://x.org_", "https://x.org/a_b_c*d and https://x.org"),
        ("<t:1700000000:R> <:hug:123456789012345678> <@1>", None),
        ("-# small\n> -# small", "-# small -# small"),
        ("_______ and ****", None),
        ("> *a\nb*", "*a b*"),
        ("*a\n> b*", "a b"),
    ],
)
def test_a_quotation_says_what_was_written(typed: str, read_as: str | None) -> None:
    assert unescaped(excerpt(typed, 500)) == (typed if read_as is None else read_as)


# Texts with what a reader sees of them, for any text to be put together from.
WORDS = st.text("ab1 .,!?#>-=+/é失", min_size=1, max_size=12).filter(
    lambda text: text == " ".join(text.split()) and not re.match(r"[#>\-+\d]", text)
)
CODED = st.text("ab_*|~[](\\", min_size=1, max_size=10).filter(
    lambda c: "](" not in c and "||" not in c
)
FLAT = st.one_of(
    WORDS.map(lambda text: (text, text)),
    st.sampled_from("*_~|`[]\\<>#").map(lambda sign: (f"\\{sign}", sign)),
    CODED.map(lambda code: (f"`{code}`", f"`{code}`")),
)
MARKS = st.lists(st.sampled_from(["**", "__", "~~", "||"]), unique=True)


def _joined(parts: list[tuple[str, str]]) -> tuple[str, str]:
    return " x ".join(typed for typed, _ in parts), " x ".join(seen for _, seen in parts)


def _wrapped(pair: tuple[list[str], tuple[str, str]]) -> tuple[str, str]:
    marks, (typed, seen) = pair
    for mark in marks:
        typed = f"{mark}{typed}{mark}"
        seen = f"||{seen}||" if mark == "||" else seen
    return typed, seen


INLINE = st.tuples(MARKS, st.lists(FLAT, min_size=1, max_size=4).map(_joined)).map(_wrapped)


@given(st.lists(INLINE, min_size=1, max_size=6))
def test_a_quotation_is_the_text_without_its_markup(parts: list[tuple[str, str]]) -> None:
    typed, seen = _joined(parts)
    assert unescaped(excerpt(typed, 10_000)) == seen


HIDDEN = re.compile(r"\|\|[\s\S]*?\|\|")


@given(
    st.lists(st.sampled_from(["||", "`", "``", "a", " ", "\n", "**", "\\", "```", ">"])).map(
        "".join
    )
)
def test_what_is_hidden_stays_hidden_in_a_quotation(typed: str) -> None:
    """Most clients end a spoiler at the next mark, even in code: what they hide is not told."""
    for limit in (12, 40, 500):
        quoted = excerpt(f"||secret {typed} secret||", limit)
        assert "secret" not in HIDDEN.sub("", quoted) or "||" in typed
        assert len(quoted) <= limit


def test_a_quotation_that_is_cut_closes_what_it_opened() -> None:
    assert excerpt("||" + "secret " * 30 + "||", 40) == "||secret secret secret secret secret…||"
    assert excerpt("`" + "code_" * 30 + "`", 20) == "`code_code_code_co`…"
    assert excerpt("It is ||hidden||", 9) == "It is…"


def test_a_title_hides_what_its_author_hid() -> None:
    title = "Did ||the **hero** die|| in C#?"
    assert show_line(title) == r"Did ||the \*\*hero\*\* die|| in C#?"
    assert show_line(title, 14) == "Did ||the…||"
    assert plain_line(title) == "Did ▒▒▒ in C#?"
    assert show_link(title, "https://a.example") == "[Did ▒▒▒ in C#?](https://a.example)"
    assert show_line("At <t:1700000000:R>") == "At <\u200bt:1700000000:R>"


def test_where_no_markup_is_drawn_a_spoiler_is_blotted_out() -> None:
    assert plain_excerpt("**It** was ||the `butler`||\n> who") == "It was ▒▒▒ who"
    assert plain_excerpt("||a `b|| c`") == "▒▒▒"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("[M](https://x.org/M_(p))", "M (<https://x.org/M_(p)>)"),
        ("([M](<https://x.org/M_(p)>))", "(M (<https://x.org/M_(p)>))"),
        ("[`a](https://x.org)`", "`a (<https://x.org>)`"),
        ("[a\\](https://x.org)", "a\\ (<https://x.org>)"),
        ("`[a](https://x.org)`", "`[a]\u200b(https://x.org)`"),
        ("``a ` [a](https://x.org)``", "``a ` [a]\u200b(https://x.org)``"),
        ("> -#small\n- -#small\n> - -# x", "> \u200b-#small\n- \u200b-#small\n> - \u200b-# x"),
        ("[a](https://x.org/(b", "[a]\u200b(https://x.org/(b"),
    ],
)
def test_links_and_small_print_in_a_body(typed: str, shown: str) -> None:
    assert show_body(typed) == shown


@given(TYPED)
def test_runs_have_everything_but_markup(typed: str) -> None:
    seen = "".join(run.text for run in runs_of(typed))
    assert sum(map(str.isalnum, seen)) >= sum(map(str.isalnum, re.sub(r"```\w*", "", typed)))


def test_a_snippet_hides_what_is_hidden_and_keeps_signs() -> None:
    body = "Use C# in my_snake_case where a > b, **not** ||the pills he took|| at night."

    pieces = snippet(body, parse_query("pills"))
    assert "".join(p.text for p in pieces if not p.hidden) == (
        "Use C# in my_snake_case where a > b, not  at night."
    )
    assert [p.text for p in pieces if p.hit] == ["pills"]
    assert all(p.hidden for p in pieces if p.hit)
    shown = _shown(pieces)
    assert shown.endswith(r"a \> b, not ||the **pills** he took|| at night.")


@given(TYPED, st.sampled_from(["a", "1", "x"]))
def test_a_snippet_harms_nobody(typed: str, wanted: str) -> None:
    shown = _shown(snippet(typed, parse_query(wanted)))
    assert "\n" not in shown
    assert not list(harm_in_text(shown, 1)) or "\u202e" in typed
