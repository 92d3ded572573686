"""Hostile texts: random combinations of Discord's markup, always the same ones.

The mentions in them are of people, roles, channels and commands that nobody else names, and the
links lead to hosts that nobody else links to: wherever one of them works, a text has broken out.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

SEED = 20260101
PERSON, ROLE, CHANNEL, COMMAND = 666000000000000001, 666000000000000002, 666000000000000003, 666
HOST = "evil.example"

_Piece = Callable[[random.Random], str]
_WORDS = (
    *("sleep", "night", "shift", "therapist", "the", "of", "a", "why", "how", "İstanbul", "straße"),
    *(
        "שלום",
        "مرحبا",
        "नमस्ते",
        "สวัสดี",
        "日本語",
        "한국어",
        "Việt",
        "ﬁne",
        "café",
        "e\u0301te\u0301",
    ),
)
# Letters that look like others: Cyrillic, Greek, fullwidth, mathematical, Cherokee.
_ALIKE = {
    "a": "аɑａ𝐚",
    "e": "еｅ𝒆",
    "o": "оοｏ𝗼",
    "p": "рρｐ",
    "c": "сϲｃ",
    "i": "іｉ𝕚",
    "s": "ѕꜱｓ",
}
_BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
_MARKS = "\u0300\u0301\u0334\u0336\u0338\u0489\u0317\u035c\u20dd\u0e49\u0f7e\u1ab0"
_UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u3164\u2800\u115f\u180e\ufe0f\U000e0041"
_BREAKS = ("\r", "\r\n", "\n\n\n", "\u2028", "\u2029", "\x0b", "\x0c", "\x85", "\t", "\u00a0")
_CONTROLS = "\x00\x01\x07\x08\x1b\x7f\x9b\ufffe\U0001ffff\ue000\uf8ff\ud83d\ude34\udfff"
_EMOJI = (
    *(
        "😴",
        "👩\u200d👩\u200d👧\u200d👦",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    ),
    *("👍🏿", "⬆️", "1️⃣", "🇩🇪", "❤️\u200d🔥", "🫩", "✅", "<:sleep:666000000000000009>"),
    *("<a:zzz:666000000000000009>", ":sleeping:", "\u200d\u200d😴\u200d", "🏻"),
)
_CARD = (
    "-# by @admin (6.3k points) · #1",
    "by <@{person}> (9.9k points) · #1",
    "✅ Best answer",
    "**+999 votes** · 0 answers",
    "🔒 Closed",
    "[Read the answer](https://discord.com/channels/1/2/3)",
    "#1 [title](https://{host}/x)",
    "Your question is #1. You can follow it here: https://{host}",
    "qa:1:delete.yes:1",
    "Askwell BOT Today at 12:00",
)
_MENTIONS = (
    *("@everyone", "@here", "<@{person}>", "<@!{person}>", "<@&{role}>", "<#{channel}>"),
    *("</ask:{command}>", "</category add:{command}>", "<id:home>", "<id:guide>", "<id:customize>"),
    *("<id:linked-roles:{role}>", "<@{person}", "<\\@{person}>", "<<@{person}>>", "`<@{person}>`"),
    *("@\u200beveryone", "@\u202eenoyreve", "<@\u200b{person}>", "<sound:1:{channel}>"),
)
_LINKS = (
    *("[here](https://{host})", "[https://good.example](https://{host}/login)"),
    *("[a](<https://{host}>)", "[a](https://{host} 'Discord')", '[a](  <https://{host}>  "x")'),
    *(
        "[[a]](https://{host})",
        "[a\nb](https://{host})",
        "[a](https\\://{host})",
        "[](https://{host})",
    ),
    *("[a]\u200b(https://{host})", "[a](\ufeffhttps://{host})", "[a](\nhttps://{host})"),
    *(
        "[a](HTTPS://{host})",
        "[a](discord://-/{host})",
        "[a](mailto:x@{host})",
        "[a](tel:+1{host})",
    ),
    *(
        "[a](javascript:alert\\(1\\)//{host})",
        "[a](//{host})",
        "[a](https:{host})",
        "[a\\](https://{host})",
    ),
    *(
        "\\[a](https://{host})",
        "[**a**](https://{host})",
        "[`a`](https://{host})",
        "![a](https://{host})",
    ),
    *("[a](https://good.example@{host})", "[a][1]\n[1]: https://{host}", "](https://{host})"),
    *(
        "a](https://{host}) [b",
        "[a]((https://{host}))",
        "[😴](https://{host})",
        "[\u3164](https://{host})",
    ),
    *("[x](<https://{host}/(a)b>)", "[a](https://{host}/\\)", "[a](http&#58;//{host})"),
    *("[a](https://{host}) [b](https://{host})" * 3, "[" * 20 + "a" + "](https://{host})" * 20),
)
_AUTOLINKS = (
    *(
        "https://{host}",
        "<https://{host}>",
        "http://{host}/a_b_c*d*",
        "https://{host}/)](https://{host})",
    ),
    *("https://xn--80ak6aa92e.{host}", "discord.gg/{host}", "https://discord.com/channels/1/2/3"),
    *(
        "www.{host}",
        "<mailto:x@{host}>",
        "x@{host}",
        "https://{host}?q=<@{person}>",
        "steam://run/1",
    ),
)
_LINE_STARTS = (
    *(
        "# ",
        "## ",
        "### ",
        "#### ",
        "-# ",
        "- ",
        "* ",
        "+ ",
        "1. ",
        "1) ",
        "999999999. ",
        "> ",
        ">>> ",
    ),
    *(
        "  - ",
        "    * ",
        "> -# ",
        "- -# ",
        "1. -# ",
        "> > > ",
        "> # ",
        "- > -# ",
        "-#-# ",
        ">-# ",
        "\t-# ",
    ),
    *("-#\u00a0", "- # ", "* * ", "---\n", "***\n", "===\n", "| a | b |\n|---|---|\n| 1 | "),
)
_PAIRS = (
    "*",
    "**",
    "***",
    "_",
    "__",
    "~~",
    "||",
    "`",
    "``",
    "```",
    "```py\n",
    "```\n",
    "\\*",
    "|||",
)
_TIMES = (
    "<t:0:R>",
    "<t:1700000000:F>",
    "<t:99999999999999:R>",
    "<t:-1>",
    "<t:1:s>",
    "<t:1:",
    "@time",
)
_PROGRAMS = (
    *("'; DROP TABLE posts; --", '" OR 1=1 --', "{link} {number} {0} {__class__}", "%s %(x)s %n"),
    *(
        "<script>alert(1)</script>",
        "</div>",
        "&lt;b&gt;",
        "${{7*7}}",
        "NULL",
        "None",
        "\\u202e",
        "\\x00",
    ),
    *(
        '"unclosed phrase',
        "NEAR(a b)",
        "title:sleep*",
        "-without",
        "AND OR NOT",
        "a:b^c~2",
        "*",
        "((((",
    ),
)


def _filled(text: str) -> str:
    known = {
        "{person}": PERSON,
        "{role}": ROLE,
        "{channel}": CHANNEL,
        "{command}": COMMAND,
        "{host}": HOST,
    }
    for name, value in known.items():
        text = text.replace(name, str(value))
    return text


def _one_of(texts: tuple[str, ...]) -> _Piece:
    return lambda rng: _filled(rng.choice(texts))


def _words(rng: random.Random) -> str:
    return " ".join(rng.choices(_WORDS, k=rng.randint(1, 9)))


def _alike(rng: random.Random) -> str:
    word = rng.choice(("moderator", "askwell", "discord support", "best answer", "paypal.com"))
    return "".join(rng.choice(_ALIKE.get(c, c)) for c in word)


def _turned(rng: random.Random) -> str:
    return "".join(rng.choice(_BIDI) + word for word in _words(rng).split()) + rng.choice(_BIDI)


def _zalgo(rng: random.Random) -> str:
    letters = rng.choice(("sleepless", "zalgo", "ab", "👩", " "))
    return "".join(c + "".join(rng.choices(_MARKS, k=rng.randint(1, 40))) for c in letters)


def _scattered(signs: str) -> _Piece:
    return lambda rng: "".join(
        rng.choice(("a", "b", " ", "")) + rng.choice(signs) for _ in range(12)
    )


def _huge(rng: random.Random) -> str:
    return rng.choice(("x", "Ж", "😴", "ab-", "\u3164", "*", "`", "[", "\\", "<@1>", "\u200d")) * (
        rng.choice((60, 150, 300, 2000, 4000))
    )


def _fence(rng: random.Random) -> str:
    ticks = "`" * rng.randint(1, 9)
    inside = _filled(rng.choice((*_MENTIONS, *_LINKS)))
    return rng.choice(
        (f"{ticks}py\n{inside}\n{ticks}", f"{ticks}{inside}", f"{inside}{ticks}", ticks)
    )


def _nested(rng: random.Random) -> str:
    text = rng.choice(_PIECES[:8])(rng)
    for pair in rng.choices(_PAIRS, k=rng.randint(1, 6)):
        text = f"{pair}{text}{rng.choice((pair, pair, pair[::-1], ''))}"
    return text


def _at_line_start(rng: random.Random) -> str:
    start = "".join(rng.choices(_LINE_STARTS, k=rng.randint(1, 3)))
    return f"\n{start}{rng.choice(_PIECES[:6])(rng)}"


def _deep_list(rng: random.Random) -> str:
    sign = rng.choice(("- ", "* ", "1. ", "> ", "- [ ] "))
    return "\n".join(" " * i + sign + rng.choice(_WORDS) for i in range(rng.randint(3, 40)))


_PIECES: list[_Piece] = [
    _words,
    _one_of(_MENTIONS),
    _one_of(_LINKS),
    _one_of(_AUTOLINKS),
    _one_of(_CARD),
    _one_of(_TIMES),
    _one_of(_EMOJI),
    _alike,
    _turned,
    _zalgo,
    _scattered(_UNSEEN),
    _scattered(_CONTROLS),
    _one_of(_BREAKS),
    _one_of(_PROGRAMS),
    _one_of(_PAIRS),
    _fence,
    _nested,
    _at_line_start,
    _deep_list,
]
_LONGEST = 4000


def _texts() -> Iterator[str]:
    rng = random.Random(SEED)
    while True:
        many = rng.choice((1, 1, 2, 3, 4, 6, 9, 40))
        parts: list[str] = []
        for _ in range(many):
            parts.append(rng.choice(_PIECES)(rng))
            parts.append(rng.choice(("", " ", " ", "\n", "\n\n")))
        if rng.random() < 0.08:
            parts.insert(rng.randrange(len(parts)), _huge(rng))
        # Two halves of a pair that have met are one character: JSON has no other way to say it.
        text = "".join(parts).encode("utf-16-le", "surrogatepass")
        yield text.decode("utf-16-le", "surrogatepass")[:_LONGEST]


def hostile_texts(count: int) -> list[str]:
    """So many different texts of 1 to 4,000 characters, always the same."""
    found: dict[str, None] = {}
    for text in _texts():
        if text:
            found[text] = None
        if len(found) == count:
            break
    return list(found)
