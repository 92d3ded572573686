"""What members type, and how it is shown without doing harm."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.text import excerpt, fitting, normal_emoji, shorten, show_body, show_line, show_link
from bot.domain.typed import calm, collapse, letters_length, one_line, readable_length, tidy

ANY_TEXT = st.text(max_size=300)
# Discord's syntax, thrown together: finds more than letters at random.
PIECES = (
    *(
        "[",
        "]",
        "(",
        ")",
        "<",
        ">",
        "@",
        "#",
        "/",
        "&",
        "!",
        ":",
        "\\",
        "`",
        "```",
        "-#",
        "-",
        "\n",
    ),
    *(" ", "1", "a", "id:", "https://x.y", "<https://x.y>", "discord:", "ask", "\u200b", "\ufeff"),
    *("\u202e", "\u0301", "\ufe0f", "\u200d", "*", "_", "~~", "||", ">", "<@1>", "<@&2>", "<#3>"),
)
MARKDOWN = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
TYPED = st.one_of(ANY_TEXT, MARKDOWN)

# What Discord itself takes for a masked link, a mention and small print.
MASKED_LINK = re.compile(
    r"\[(?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*\]\([\s\ufeff]*<?(?:https?|discord)\\?:",
    re.IGNORECASE,
)
MENTION = re.compile(r"<(?:@[!&]?\d+|#\d+|/[^<>\n]*:\d+|id:)")
SPOILER = re.compile(r"(?<!\\)\|\|")  # the one markup that works in a title
SMALL_PRINT = re.compile(r"^[ \t>]*-#", re.MULTILINE)


@given(TYPED)
def test_tidy_is_idempotent_and_leaves_nothing_a_database_refuses(typed: str) -> None:
    tidied = tidy(typed)
    assert tidy(tidied) == tidied == tidied.strip()
    assert unicodedata.is_normalized("NFC", tidied)
    assert "\x00" not in tidied
    assert "\r" not in tidied
    tidied.encode()  # no half of a surrogate pair


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" a\r\nb\rc ", "a\nb\nc"),
        ("e\x00\u0301", "é"),
        ("a\ud800b\ufffe\ue000", "ab"),
        ("I feel \U0001fae9", "I feel \U0001fae9"),  # an emoji younger than Python 3.11
        ("👩\u200d🚀 ⬆️", "👩\u200d🚀 ⬆️"),
        ("\u200b\u200b", "\u200b\u200b"),  # stored as typed; it just does not count as readable
    ],
)
def test_tidy(typed: str, kept: str) -> None:
    assert tidy(typed) == kept


@pytest.mark.parametrize("invisible", ["", " \n\t", "\u200b\u200d\ufeff", "\u3164\u2800", "\u0301"])
def test_invisible_text_has_no_length(invisible: str) -> None:
    assert readable_length(invisible) == 0


def test_visible_text_has_a_length() -> None:
    assert readable_length("a b\u200bc") == 3
    assert readable_length("हिन्दी") == 5  # three letters, two of them with a vowel's sign
    assert readable_length("ที่") == 2  # and a tone, which is none
    assert readable_length("🌱!") == 2
    assert readable_length("失眠か？") == 10  # a syllable says as much as three letters
    assert readable_length("잠ｶﾅㅋ") == 10
    assert readable_length("ा" * 9) == 0
    assert readable_length("क" + "ा" * 9) == 3
    assert letters_length("?! 失1a🌱") == 5


@given(TYPED)
def test_calm_is_idempotent_and_no_letter_towers(typed: str) -> None:
    calmed = calm(typed)
    assert calm(calmed) == calmed
    assert len(calmed) <= len(typed)
    marks = 0
    for c in calmed:
        kind = unicodedata.category(c)
        if kind in {"Mn", "Me"} and c != "\ufe0f":
            marks += 1
        elif kind not in {"Cf", "Mn"}:
            marks = 0
        assert marks <= 4


def test_calm_takes_direction_overrides_and_zalgo_but_leaves_languages_alone() -> None:
    assert calm("Bob\u202e:erocs\u2066") == "Bob:erocs"
    assert calm("a" + "\u0301" * 50) == "a" + "\u0301" * 4
    assert calm("a" + "\u0301\u0301\u0301\u0301\ufe0f" * 9).count("\u0301") == 4
    for text in ("שָׁלוֹם", "हिन्दी", "ภาษาไทยที่", "Việt", "⬆️ 👩\u200d🚀"):
        assert calm(text) == text


@given(TYPED)
def test_a_body_hides_no_link_mentions_nobody_and_prints_nothing_small(typed: str) -> None:
    shown = show_body(typed)
    assert not MASKED_LINK.search(shown)
    assert not MENTION.search(shown)
    assert not SMALL_PRINT.search(shown)


@given(TYPED)
def test_a_body_leaves_no_fence_open(typed: str) -> None:
    assert show_body(typed).count("```") % 2 == 0


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("**bold** and `code`\n- one\n- two", "**bold** and `code`\n- one\n- two"),
        ("[free](https://evil.example)", "free (<https://evil.example>)"),
        ("[a](<https://b.example> 'title')", "a (<https://b.example>)"),
        ("[[a]](https://b.example)", "[[a]]\u200b(https://b.example)"),
        ("[two\nlines](https://b.example)", "[two\nlines]\u200b(https://b.example)"),
        ("[a](https\\://b.example)", "[a]\u200b(https\\://b.example)"),
        ("```\n[a](https://b.example)\n```", "```\n[a]\u200b(https://b.example)\n```"),
        ("```js\nrows[0](event)\n</div>\n```", "```js\nrows[0](event)\n</div>\n```"),
        ("see https://a.example/b_(c)", "see https://a.example/b_(c)"),
        ("<@1> <@!1> <@&2> <#3>", "<\u200b@1> <\u200b@!1> <\u200b@&2> <\u200b#3>"),
        ("</ask:9> <id:home> </div> <t:1:R>", "<\u200b/ask:9> <\u200bid:home> </div> <t:1:R>"),
        ("-# small\n> -# quoted\na -# b", "\u200b-# small\n> \u200b-# quoted\na \u200b-# b"),
        ("1. -# small\n-#small", "1. \u200b-# small\n\u200b-#small"),
        ("a\u2028-# small", "a\n\u200b-# small"),
        ("```py\nprint()", "```py\nprint()\n```"),
    ],
)
def test_a_body_shows_its_formatting_and_no_traps(typed: str, shown: str) -> None:
    assert show_body(typed) == shown


@given(TYPED)
def test_a_line_is_one_line_without_markdown(typed: str) -> None:
    shown = show_line(typed)
    assert "\n" not in shown
    assert not MASKED_LINK.search(shown)
    assert not MENTION.search(shown)
    for stretch in SPOILER.split(shown):
        assert not re.search(r"(?<!\\)(?:\\\\)*[*_`\[\]|~]", stretch), "a sign of markdown works"
    assert not re.match(r"[#>-]{1,3}\s", shown)


def test_a_line_reads_as_it_was_typed() -> None:
    assert show_line("How do I   sleep\nat night?") == "How do I sleep at night?"
    assert show_line("snake_case & 2 > 1 - x-ray C#") == r"snake\_case & 2 \> 1 \- x-ray C#"
    assert show_line("# Big <@1> [a](https://b)") == "\\# Big <\u200b@1> \\[a\\]\u200b(https://b)"
    assert show_line("1. Breathe 2. Call") == "1\\. Breathe 2. Call"
    assert show_line("+ one") == "\\+ one"


@given(TYPED)
def test_one_line_has_the_visible_text(typed: str) -> None:
    line = one_line(typed)
    assert one_line(line) == line
    assert "\n" not in line
    assert bool(line) >= bool(readable_length(typed))
    line.encode()


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("\u3164" * 120 + "How\u200b do\u00ad I\u2800\u2800sleep?", "How do I sleep?"),
        ("\u200d\u200c" * 80 + "می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🚀 ❤️\u200d🔥 हिन्दी", "👩\u200d🚀 ❤️\u200d🔥 हिन्दी"),
        ("\U000e0041" * 100 + "🏴\U000e0067\U000e007f", "🏴\U000e0067\U000e007f"),
        ("a\x00\ud83d\r\nb\u2028c", "a b c"),
    ],
)
def test_one_line(typed: str, line: str) -> None:
    assert one_line(typed) == line


@given(TYPED, st.integers(1, 60))
def test_a_line_is_cut_between_its_escapes(typed: str, limit: int) -> None:
    shown = show_line(typed, limit)
    assert len(shown) <= limit
    assert not re.search(r"(?<!\\)(?:\\\\)*\\(?:…|$)", shown), "half of an escape"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("How do I sleep?", "[How do I sleep?](https://a.example)"),
        ("[solved] a](https://b.example", "[(solved) a)(https: //b.example](https://a.example)"),
        ("*" * 90, "[" + "\\*" * 59 + "…](https://a.example)"),
    ],
)
def test_a_title_that_is_a_link_leads_where_it_should(typed: str, shown: str) -> None:
    assert show_link(typed, "https://a.example") == shown
    assert show_link(typed, "") == show_line(typed, 120)


def test_as_many_entries_as_fit() -> None:
    assert fitting(["one", "two", "three"], 11) == "one\ntwo"
    assert fitting(["one", "two"], 7) == "one\ntwo"
    assert fitting([], 7) == ""


@given(TYPED, st.integers(1, 80))
def test_shortened_texts_keep_to_their_limit(typed: str, limit: int) -> None:
    assert len(shorten(typed, limit)) <= limit
    assert len(excerpt(typed, limit)) <= limit
    assert "\n" not in excerpt(typed, limit)
    assert not MENTION.search(excerpt(typed, limit))


def test_shortening_ends_at_a_word() -> None:
    assert shorten("short", 10) == "short"
    assert shorten("one two three four", 16) == "one two three…"
    assert shorten("x" * 20, 5) == "xxxx…"
    assert excerpt("**Try** `this`:\n> curtains", 80) == "Try `this`: curtains"


@given(TYPED)
def test_collapsing_twice_is_collapsing_once(typed: str) -> None:
    assert collapse(collapse(typed)) == collapse(typed)


def test_an_emoji_is_the_same_however_it_is_written() -> None:
    assert normal_emoji("⬆") == normal_emoji(" ⬆️ ")
    assert normal_emoji("⬆") != normal_emoji("⬇")
    number = 10**17
    assert normal_emoji(f"<a:hug:{number}>") == normal_emoji(f"<:embrace:{number}>")
    assert normal_emoji(f"<:hug:{number}>") != normal_emoji(f"<:hug:{number + 1}>")


def test_a_quote_that_begins_with_a_number_is_not_a_list() -> None:
    assert excerpt("1. Breathe\n2. Call them", 100) == "1\\. Breathe 2. Call them"


@given(TYPED)
def test_a_text_that_is_hidden_as_a_whole_is_one_spoiler(typed: str) -> None:
    for shown in (excerpt(typed, 200, hidden=True), show_line(typed, 200, hidden=True)):
        assert not shown or (shown.startswith("||") and shown.endswith("||"))
        assert "||" not in shown[2:-2]
        assert len(shown) <= 200


def test_spoilers_in_a_hidden_text_end_nothing() -> None:
    assert excerpt("It was ||Bob|| in the `a || b`", 100, hidden=True) == (
        "||It was Bob in the `a |\u200b| b`||"
    )
