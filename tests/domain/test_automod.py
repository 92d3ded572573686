"""The rules of Discord's AutoMod match what Discord's own documentation says they match."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.automod import AutoModRule, RuleText


def rule(*keywords: str, patterns: tuple[str, ...] = (), allowed: tuple[str, ...] = ()) -> RuleText:
    return RuleText(keywords, patterns, allowed)


def matches(wanted: RuleText, *texts: str) -> bool:
    return AutoModRule("Rule", wanted).matches(texts)


# Discord's examples, from the page on its keyword matching strategies.
@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("cat*", "Catch it"),
        ("cat*", "a Catapult"),
        ("cat*", "CAttLE"),
        ("tra*", "by train"),
        ("tra*", "TRAditional"),
        ("the mat*", "on the matrix"),
        ("*cat", "a wildcat"),
        ("*cat", "copyCat"),
        ("*tra", "an extra one"),
        ("*tra", "orchesTRA"),
        ("*the mat", "breathe mat"),
        ("*cat*", "a location"),
        ("*cat*", "eduCation"),
        ("*tra*", "abstracted"),
        ("*the mat*", "breathe matter"),
        ("cat", "a Cat there"),
        ("the mat", "on The Mat"),
        ("the mat", "on the\nmat"),
        ("cat", "cat"),
        ("cat", "(cat), really"),
        ("cat", "**cat**"),
        ("übel", "Mir ist ÜBEL."),
        ("οδος", "ΟΔΟΣ"),
        ("🤡", "you 🤡"),
        ("c++", "C++ is hard"),
    ],
)
def test_a_keyword_is_found(keyword: str, text: str) -> None:
    assert matches(rule("other", keyword), text)


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("cat", "catch"),
        ("cat", "wildcat"),
        ("cat", "cat_food"),
        ("cat", "c a t"),
        ("cat*", "wildcat"),
        ("*cat", "catch"),
        ("the mat*", "breathe mat"),
        ("the mat", "them at"),
        ("grün", "grünlich"),
        ("*", "anything"),
        ("cat", ""),
    ],
)
def test_a_keyword_is_not_found(keyword: str, text: str) -> None:
    assert not matches(rule(keyword), text)


@given(st.text("abAB ._İß"), st.text("ab", min_size=1, max_size=4), st.text("abAB ._İß"))
def test_anywhere_is_anywhere_and_a_word_is_one_of_them(before: str, key: str, after: str) -> None:
    text = before + key.upper() + after
    assert matches(rule(f"*{key}*"), text)
    whole = matches(rule(key), f"{before} {key} {after}")
    assert whole
    for narrower in (key, f"{key}*", f"*{key}"):
        assert not matches(rule(narrower), text) or matches(rule(f"*{key}*"), text)


@pytest.mark.parametrize(
    ("wanted", "text", "found"),
    [
        (rule("bad*", allowed=("badminton",)), "I play Badminton", False),
        (rule("bad*", allowed=("badminton",)), "badminton is bad", True),
        (rule("bad*", allowed=("badminton",)), "badmintons", True),
        (rule("*bad*", allowed=("*badge*",)), "my badges", False),
        (rule("*ass*", allowed=("class", "pass*")), "the class passes", False),
        (rule("*ass*", allowed=("class", "pass*")), "the class passes, ass", True),
        (rule("cat", allowed=("cat",)), "cat", False),
        # An expression's first match may be allowed; others count all the same.
        (rule(patterns=(".{1,4}word",), allowed=("goodword",)), "goodword", False),
        (rule(patterns=("[a-z]{1,4}word",), allowed=("goodword",)), "goodword badword", True),
        # `*` stands for all up to a space: so a server allows the links of one site.
        (
            rule(patterns=(r"https?://\S+",), allowed=("*example.com*",)),
            "https://example.com/x",
            False,
        ),
        (
            rule(patterns=(r"https?://\S+",), allowed=("*example.com*",)),
            "https://example.org",
            True,
        ),
        (rule(patterns=(r"a.*",), allowed=("abc",)), "abc def", True),
    ],
)
def test_what_is_allowed_does_not_count(wanted: RuleText, text: str, found: bool) -> None:
    assert matches(wanted, text) is found


def spans(keyword: str, text: str, *, whole: bool) -> list[tuple[int, int]]:
    """Where a keyword is, place by place; `whole` takes what `*` stands for with it."""
    key = keyword.strip("*")
    before, after = keyword.startswith("*"), keyword.endswith("*")
    found: list[tuple[int, int]] = []
    for start in range(len(text) - len(key) + 1):
        end = start + len(key)
        if text[start:end] != key:
            continue
        if not before and text[:start][-1:].isalnum():
            continue
        if not after and text[end:][:1].isalnum():
            continue
        begin, stop = start, end
        while whole and before and begin and text[begin - 1] != " ":
            begin -= 1
        while whole and after and stop < len(text) and text[stop] != " ":
            stop += 1
        found.append((begin, stop))
    return found


_KEYWORDS = st.builds(
    lambda before, key, after: before + key.strip() + after,
    st.sampled_from(["", "*"]),
    st.text("ab ", min_size=1, max_size=4).filter(str.strip),
    st.sampled_from(["", "*"]),
)


@settings(max_examples=400)
@given(_KEYWORDS, st.lists(_KEYWORDS, max_size=3), st.text("ab .", max_size=20))
def test_it_counts_unless_all_of_it_is_allowed(keyword: str, allowed: list[str], text: str) -> None:
    fine = [span for each in allowed for span in spans(each, text, whole=True)]
    counts = any(
        not any(begin <= start and end <= stop for begin, stop in fine)
        for start, end in spans(keyword, text, whole=False)
    )
    assert matches(rule(keyword, allowed=tuple(allowed)), text) is counts


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"(b|c)at", "a CAT", True),
        (r"^(?:[0-9]{1,3}\.){3}[0-9]{1,3}$", "127.0.0.1", True),
        (r"^(?:[0-9]{1,3}\.){3}[0-9]{1,3}$", "at 127.0.0.1", False),
        (r"discord\.gg/\w+", "see Discord.GG/abc", True),
        (r"(?-i)SHOUT", "shout", False),
        (r"\u{1F921}|\u00e4x", "a 🤡", True),
        (r"\u{1F921}|\u00e4x", "Äx", True),
        (r"\\u00e4", "a \\u00e4", True),
        (r"ü+bel", "Üübel", True),
        (r"\bbad\b", "a bad one", True),
        (r"[^\x00-\x7F]{3}", "abc äöü", True),
        (r"[\[\]&-]x", "a [x", True),
        (r"[[:digit:]]+kg", "12KG", True),
    ],
)
def test_an_expression(pattern: str, text: str, found: bool) -> None:
    assert matches(rule(patterns=(pattern,)), text) is found


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?=x)y",
        r"(a)\1",
        r"(?x) a b",
        r"\p{Extended_Pictographic}",
        r"(unclosed",
        r"[\p{L}]{1,1000}x{1,1000}",
        # RE2 takes these, and takes them for something else.
        r"[a-z&&[^aeiou]]",
        r"[a-z--b]x",
        r"[a[bc]]d",
        r"\b{start}x",
        r"\<word\>",
        r"a{,3}",
        r"\bübel\b",
    ],
)
def test_an_expression_that_is_read_differently_is_named(pattern: str) -> None:
    found = AutoModRule("Rule", rule("thing", patterns=(pattern, "other")))
    assert found.unread == (pattern,)
    assert found.matches(["a thing"])
    assert found.matches(["another"])
    assert not found.matches(["axxy &x <word b"])


@settings(max_examples=50)
@given(st.text(r"ab[]()*+?|\{},&-^$.<>:ubBwx0", max_size=20), st.text(max_size=40))
def test_any_expression_is_read_or_named(pattern: str, text: str) -> None:
    found = AutoModRule("Rule", rule(patterns=(pattern,)))
    assert found.unread in ((), (pattern,))
    found.matches([text])


def test_so_many_allowed_matches_are_not_looked_through() -> None:
    """Whoever writes hundreds of allowed words hides nothing behind them."""
    wanted = rule(patterns=("bad",), allowed=("badly",))
    assert not matches(wanted, "badly " * 100)
    assert matches(wanted, "badly " * 300)


def test_mentions_are_counted_once_each_in_the_whole_post() -> None:
    found = AutoModRule("Rule", RuleText(mentions=2))
    assert not found.matches(["<@1> <@!1> <@1>", "<@&2>"])
    assert found.matches(["<@1> and <@!2>", "<@&3>"])


def test_who_and_where_is_exempt() -> None:
    found = AutoModRule("Rule", rule("word"), exempt={7, 30})
    assert found.applies_to({1, 2}, {10})
    assert not found.applies_to({1, 7}, {10})
    assert not found.applies_to({1, 2}, {10, 30})


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (rule(*(f"*{n:04}word*" for n in range(1000))), "word" * 1000),
        (rule("*a*", allowed=("*a*",)), "a" * 4000),
        (rule("*a*", allowed=("*a*", *("a" * n for n in range(1, 60)))), "ab " * 1300),
        (rule(patterns=tuple(f"a(.*b{n})?" for n in range(10)), allowed=("*a*",)), "a" * 4000),
        (rule(patterns=(r".{1,200}b.{1,200}c",) * 10), "xä" * 2000),
    ],
    ids=["many words", "one long word", "much that is allowed", "far matches", "a large one"],
)
def test_no_text_takes_long(wanted: RuleText, text: str) -> None:
    found = AutoModRule("Rule", wanted)
    found.matches([text])
    begun = process_time()
    found.matches([text])
    assert process_time() - begun < 0.2
