"""No text that a member types blocks the bot: reading it takes linear time.

Every function that takes members' text is given each repetition in a length of 3,000 and of 12,000
characters, the longest that is stored. The time is this thread's CPU time, the minimum of at least
five tries, so that other work on the machine doesn't count.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest

from bot import logs
from bot.domain import emoji, posts, queries, similarity, text, typed
from bot.domain.automod import AutoModRule, RuleText
from bot.domain.blocked_words import blocked_word
from bot.domain.differences import differences
from bot.domain.errors import Refusal
from bot.domain.files import safe_name
from bot.domain.languages import plain, stem, stems_of_beginning
from bot.domain.markup import read
from bot.domain.names import readable_name, show_name
from bot.domain.rules import check_setting
from bot.domain.runs import runs_of
from bot.domain.splitting import join_typed, split_shown, split_typed

SHORT, LONG = 3_000, 12_000
MOST = 0.05  # seconds a call
GROWTH = 6  # times as long for four times the text
JUDGED_FROM = 0.005  # seconds: shorter times would measure the machine

REPEATED = (
    *(
        "[](ab:",
        "[a](ab: ",
        "[a](http:",
        "[a](http://b)",
        "[](<ab:c> ",
        "[",
        "](",
        "(",
        ")",
        "[[a]",
    ),
    *(
        "||",
        "|",
        "||a",
        "||`||`",
        "**",
        "**a",
        "*",
        "*a",
        "* _",
        "_*",
        "_",
        "_a ",
        "__a *",
        "~~a||b**",
    ),
    *("`", "` ", "``", "`` ` ", "```", "```a\n", "**`a`", "\\", "\\*", "\\_"),
    *("\n", "\n\n", "\n> ", "> ", ">", ">>> ", "\n>>> ", "\n- ", "- ", "1. ", "\n1.", "# ", "\n# "),
    *(
        "-# ",
        "\n-# ",
        "\n-#",
        " ",
        "\t",
        " \n",
        "a",
        "a ",
        "a.",
        "a. ",
        ". ",
        ".a",
        "é",
        "é*",
        "e\u0301",
    ),
    *(
        "<",
        "<@",
        "<@1",
        "<@1>",
        "<#1>",
        "</a",
        "</a:",
        "</" + "a" * 99,
        "<t:1>",
        "<t:",
        "<a:",
        "<id:",
    ),
    *(
        "https://",
        "https://a",
        "http://a*",
        "http://a_b ",
        "http://a(",
        "//",
        ":",
        "@",
        "@everyone ",
    ),
    *(
        "#",
        "1",
        "1.",
        "#1",
        "https://discord.com/channels/1/",
        "-",
        "--",
        '"',
        '"a',
        '-"',
        "a*",
        ",",
    ),
    *(
        ";",
        "=",
        "a=1,",
        "\u0301",
        "\u200b",
        "\u200d",
        "\u202e",
        "\u3164",
        "\ufe0f",
        "\u2028",
        "\U000e0041",
    ),
    *(
        "失",
        "失 ",
        "眠。",
        "か",
        "한",
        "กี",
        "हि",
        "ㅋ",
        "👩\u200d🚀",
        "🏴\U000e0067",
        "\x00",
        "\x1b[31m",
    ),
    *("a://", "a://:", "a://a:", "token:", "token=a", "authorization: ", "/webhooks/1/", "aW50"),
    *("c++", "c#", ".net", "node.js", "+", "sses", "ational", "y", "aeiou", "bcd", "ied ", "ing"),
)
SOME = queries.parse_query('sleep "at night" -noise begin* 失眠 C++')

WORDS = [f"{n}word*" for n in range(490)]
AUTOMOD = AutoModRule(
    "Rule",
    RuleText(
        ("*aa*", "a a", "*a*", "失眠", *WORDS),
        (r"https?://\S+", r"(a|aa)+b", r".{1,100}b.{1,100}c", r"discord\.gg/\w+"),
        ("*a*", "a*", "*aaa*", "*.example.com*", *(f"{n}*" for n in range(90))),
    ),
)
BLOCKED = "\n".join(["a*b", "*aa*", "i1l", "失眠", *(f"{n}word* {n}" for n in range(490))])


def _refusable(check: Callable[[str], object]) -> Callable[[str], object]:
    def checked(written: str) -> object:
        try:
            return check(written)
        except Refusal:
            return None

    return checked


READERS: dict[str, Callable[[str], object]] = {
    "read": read,
    "runs_of": runs_of,
    "show_body": text.show_body,
    "show_line": text.show_line,
    "show_line, cut": lambda written: text.show_line(written, 256),
    "show_link": lambda written: text.show_link(written, "https://a.example"),
    "excerpt": lambda written: text.excerpt(written, 280),
    "excerpt, longer": lambda written: text.excerpt(written, 1_000),
    "plain_line": text.plain_line,
    "plain_excerpt": text.plain_excerpt,
    "one_line": typed.one_line,
    "tidy": typed.tidy,
    "calm": typed.calm,
    "readable_length": typed.readable_length,
    "shorten": lambda written: text.shorten(written, 4_000),
    "normal_emoji": text.normal_emoji,
    "shown in pieces": lambda written: split_shown(text.show_body(written), 1_000, 4_096),
    "split_typed": lambda written: split_typed(written, "answer", 4_000, 5),
    "join_typed": lambda written: join_typed({"a": written[:4_000], "a.1p": written[4_000:]}, "a"),
    "check_title": _refusable(posts.check_title),
    "check_details": _refusable(lambda written: posts.check_details(written, LONG)),
    "check_answer": _refusable(lambda written: posts.check_answer(written, LONG)),
    "check_comment": _refusable(lambda written: posts.check_comment(written, LONG)),
    "check_tags": _refusable(posts.check_tags),
    "check_reason": _refusable(posts.check_reason),
    "parse_post_reference": _refusable(lambda written: posts.parse_post_reference(written, 1)),
    "question_of_message": posts.question_of_message,
    "a question that quotes": lambda written: posts.question_of_message(
        written, quoted_from="https://a"
    ),
    "parse_query": _refusable(queries.parse_query),
    "snippet": lambda written: queries.snippet(written, SOME),
    "words_in": similarity.words_in,
    "stem": lambda written: stem(written, "en"),
    "stem, German": lambda written: stem(written, "de"),
    "stems of a beginning": lambda written: stems_of_beginning(written, "de"),
    "plain": lambda written: plain(written, "de"),
    "title_words": similarity.title_words,
    "stored_weights": similarity.stored_weights,
    "rank": lambda written: similarity.rank(written, [similarity.Candidate(1, written, 1.0, 1)], 5),
    "differences": lambda written: differences(written, written[1:].replace("a", "b", 9)),
    "differences, shuffled": lambda written: differences(written, "\n".join(written[::-1])),
    "safe_name": safe_name,
    "readable_name": readable_name,
    "show_name": show_name,
    "is_emoji": emoji.is_emoji,
    "everywhere": emoji.everywhere,
    "a text of a setting": _refusable(lambda written: check_setting("welcome", written)),
    "a number of a setting": _refusable(lambda written: check_setting("limit.answers", written)),
    "titles": _refusable(lambda written: check_setting("titles", written)),
    "a word that is blocked": lambda written: blocked_word(BLOCKED, written),
    "what AutoMod looks for": lambda written: AUTOMOD.matches([written]),
    "a list of blocked words": _refusable(lambda written: check_setting("blocked_words", written)),
    "a line of the log": logs.one_line,
    "what is taken out of the log": logs.Redaction(["a secret of ours"]),
}


def _took(reader: Callable[[str], object], written: str) -> float:
    begun = time.thread_time()
    reader(written)
    return time.thread_time() - begun


def _in_proportion(short: float, long: float) -> bool:
    return long <= MOST and long <= GROWTH * max(short, JUDGED_FROM)


def _seconds(reader: Callable[[str], object], repeated: str) -> tuple[float, float]:
    """The minimum times for a short and a long text: of one try if that is quick enough, else of
    five of each in turn, so that both meet the same conditions. A function that is too slow is so
    in every round; one that was delayed by other work isn't in all four."""
    written = repeated * (LONG // len(repeated) + 1)
    short, long = JUDGED_FROM, _took(reader, written[:LONG])
    for _ in range(4):
        if _in_proportion(short, long):
            break
        short = 1.0
        for _ in range(5):
            short = min(short, _took(reader, written[:SHORT]))
            long = min(long, _took(reader, written[:LONG]))
    return short, long


@pytest.mark.parametrize("name", READERS)
def test_a_text_is_read_in_time_in_proportion_to_its_length(name: str) -> None:
    slow: list[str] = []
    for repeated in REPEATED:
        short, long = _seconds(READERS[name], repeated)
        if not _in_proportion(short, long):
            slow.append(f"{repeated!r}: {short * 1000:.1f} ms, then {long * 1000:.1f} ms")
    assert not slow, f"{name} holds the bot up: {slow}"


def test_what_grows_with_the_square_of_the_length_is_found() -> None:
    """The measure itself: a search that begins anew at each character."""
    short, long = _seconds(re.compile("a*b").search, "a")
    assert not _in_proportion(short, long), (short, long)
