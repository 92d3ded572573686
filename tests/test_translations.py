"""The catalogues: complete, compiled, and within what Discord allows."""

from __future__ import annotations

import io
import string
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from PIL import ImageDraw

from bot.domain.cards import Author
from bot.domain.errors import Denial, Denied, Invalid, Problem, Refusal
from bot.i18n import LOCALE_DIR, LOCALES, texts_for
from cogs.ui.cards import author_text, votes_text
from cogs.ui.charts import bar_chart, line_chart
from cogs.ui.controls import card_controls
from cogs.ui.lists import points_text
from cogs.ui.modals import comment_form
from cogs.ui.questions import tags_embed
from cogs.ui.texts import explain
from tests.support.drawing import kept

ROOT = LOCALE_DIR.parent.parent
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "t": (1,),
    "plural": (1, 2),
    "N_": None,
    "NP_": (1, 2),
}
OTHERS = [locale for locale in LOCALES if locale != "en"]


def in_the_code() -> set[str | tuple[str, ...]]:
    """Every text the code marks, plurals as pairs."""
    found: set[str | tuple[str, ...]] = set()
    for package in ("bot", "cogs"):
        for _, _, text, _, _ in extract_from_dir(ROOT / package, keywords=KEYWORDS):
            found.add(tuple(text) if isinstance(text, tuple | list) else text)
    return found - {""}


def catalogue(locale: str) -> Catalog:
    """A locale's catalogue as it is written."""
    path = Path(LOCALE_DIR, locale, "LC_MESSAGES", "askwell.po")
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def messages(locale: str) -> Iterator[Message]:
    """Its texts, without the header."""
    return (message for message in catalogue(locale) if message.id)


@pytest.mark.parametrize("locale", OTHERS)
def test_every_text_is_translated_and_none_is_left_over(locale: str) -> None:
    there = {
        tuple(message.id) if isinstance(message.id, tuple | list) else message.id
        for message in messages(locale)
        if message.string and (isinstance(message.string, str) or all(message.string))
        if not message.fuzzy  # guessed from another text, and not compiled
    }
    assert in_the_code() - there == set(), "not translated: run `make translations`, then translate"
    assert there - in_the_code() == set(), "no longer used: run `make translations`"


def fields(text: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("locale", OTHERS)
def test_translations_fill_in_the_same_values(locale: str) -> None:
    for message in messages(locale):
        ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
        strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
        for translated in strings:
            assert fields(translated or "") <= fields(ids[-1]) | {"n"}, message.id


@pytest.mark.parametrize("locale", OTHERS)
def test_what_is_compiled_is_what_is_written(locale: str) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(locale))
    path = Path(LOCALE_DIR, locale, "LC_MESSAGES", "askwell.mo")
    assert path.read_bytes() == compiled.getvalue(), "run `make translations`"


def test_a_reader_gets_their_language_and_others_english() -> None:
    assert texts_for("de")("Ask a question.") == "Stell eine Frage."
    assert texts_for("de-AT").plural("{n} answer", "{n} answers", 2) == "2 Antworten"
    assert texts_for("en-GB")("Ask a question.") == "Ask a question."
    assert texts_for("ja")("Ask a question.") == "Ask a question."


def test_buttons_say_what_they_do_and_headings_what_something_is() -> None:
    """English has one word for both."""
    card = kept("How do I sleep after a night shift?")
    assert [each.label for each in card_controls(card, texts_for("de"))][:2] == [
        "Antworten",
        "Folgen",
    ]
    assert comment_form(1, "", {}, texts_for("de")).title == "Kommentar schreiben"


@pytest.mark.parametrize(
    ("locale", "score", "points", "exact"),
    [
        ("en", "−1,234 votes", "by <@7> (6.3k points)", "1,234,567 points"),
        ("de", "−1.234 Stimmen", "von <@7> (6,3k Punkte)", "1.234.567 Punkte"),
    ],
)
def test_figures_are_written_as_in_the_language(
    locale: str, score: str, points: str, exact: str
) -> None:
    t = texts_for(locale)
    assert votes_text(-1234, t) == score
    assert author_text(Author(7, 6399), t) == points
    assert points_text(1_234_567, t) == exact


@pytest.mark.parametrize(
    ("locale", "answers", "tags", "share", "day", "limit"),
    [
        (
            "en",
            "1,234 answers",
            "`sleep` 12,345",
            "20%",
            "2026-11-27",
            "at most 4,000 characters. You entered 4,097",
        ),
        (
            "de",
            "1.234 Antworten",
            "`sleep` 12.345",
            "20\N{NO-BREAK SPACE}%",
            "27.11.2026",
            "höchstens 4.000 Zeichen, du hast 4.097",
        ),
    ],
)
def test_counts_too(locale: str, answers: str, tags: str, share: str, day: str, limit: str) -> None:
    t = texts_for(locale)
    assert t.plural("{n} answer", "{n} answers", 1234) == answers
    assert tags_embed([("sleep", 12_345)], 0, t, more=False).description == tags
    assert t.percent(20) == share
    assert t.day(datetime(2026, 11, 27, tzinfo=UTC)) == day
    too_long = Invalid("answer", Problem.TOO_LONG, length=4097, maximum=4000)
    assert limit in explain(too_long, t)


@pytest.mark.parametrize(
    ("locale", "labels"),
    [
        ("en", {"0", "5,000", "10,000", "15,000", "20,000", "2026-11-01", "2026-11-27"}),
        ("de", {"0", "5.000", "10.000", "15.000", "20.000", "01.11.2026", "27.11.2026"}),
    ],
)
def test_charts_too(locale: str, labels: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    draw = ImageDraw.ImageDraw.text

    def noted(self: Any, place: Any, text: str, **options: Any) -> None:
        drawn.append(text)
        draw(self, place, text, **options)

    monkeypatch.setattr(ImageDraw.ImageDraw, "text", noted)
    t = texts_for(locale)
    first, last = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 27, tzinfo=UTC)
    line_chart("Points", [(first, 100), (last, 18_500)], t)
    assert set(drawn) == labels | {"Points"}
    drawn.clear()
    bar_chart("Weeks", ("Questions", "Answers"), [(first, 18_500, 3)], t)
    figures = {label for label in labels if "2026" not in label}
    assert figures < set(drawn)
    assert t.day(first, year=False) in drawn


@pytest.mark.parametrize(
    ("refusal", "english", "german"),
    [
        (
            Denied(Denial.NEEDS_POINTS, privilege="ask", needed=1, have=0),
            "Asking a question requires 1 point. You have 0.",
            "Zum Fragen brauchst du 1 Punkt. Du hast 0.",
        ),
        (
            Denied(Denial.NEEDS_POINTS, privilege="ask", needed=2000, have=1500),
            "Asking a question requires 2,000 points. You have 1,500.",
            "Zum Fragen brauchst du 2.000 Punkte. Du hast 1.500.",
        ),
        (
            Invalid("name", Problem.EMPTY, minimum=1),
            "The name can't be empty. Enter at least 1 visible character.",
            "Name: Bitte gib mindestens 1 sichtbares Zeichen ein.",
        ),
        (
            Denied(Denial.NOT_ASKER, asker=7),
            "Only <@7>, who asked, or a moderator can choose the best answer.",
            "Die beste Antwort kann nur wählen, wer gefragt hat (<@7>) oder moderiert.",
        ),
        (
            Denied(Denial.NOT_ASKER, asker=None),
            "Only moderators can choose the best answer here.",
            "Hier kann nur die Moderation die beste Antwort wählen.",
        ),
        (
            Invalid("follow", Problem.TOO_MANY, maximum=500),
            "You can follow up to 500 things. Unfollow something with /unfollow first.",
            "Du kannst höchstens 500 Dingen folgen. Entferne erst etwas mit /unfollow.",
        ),
    ],
)
def test_refusals_name_what_they_are_about(refusal: Refusal, english: str, german: str) -> None:
    assert explain(refusal, texts_for("en")) == english
    assert explain(refusal, texts_for("de")) == german
