"""A German server: forms of a word meet, in similar questions, suggestions and `/search`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import pytest

from bot.usecases import recounting
from bot.usecases.asking import similar_questions
from bot.usecases.browsing import rules_of, suggest_questions
from bot.usecases.recounting import finish_indexing
from bot.usecases.searching import Search, search_posts
from data.database import Database, Transaction
from tests.store.forum import CHANNEL, Forum
from tests.support.unreachable import writing_by

# Questions as people ask them, and what others ask who mean the same.
ASKED: dict[str, tuple[str, ...]] = {
    "Wie erkläre ich meinen Kindern, dass ich krank bin?": (
        "Krankheit einem Kind erklären",
        "Mein Kind fragt nach meiner Krankheit, welche Erklärung passt?",
        "dem Kind sagen dass man krank ist",
    ),
    "Ich schlafe nach der Nachtschicht schlecht": (
        "schlafen nach Nachtschichten",
        "schlechter Schlaf durch die Nachtschicht",
        "Nachtschichten: wie schlaft ihr?",
    ),
    "Was hilft gegen Ängste vor Prüfungen?": (
        "Angst vor der Prüfung",
        "Pruefungen machen mir Aengste",
        "Hilfe, ich habe vor jeder Prüfung Angst",
    ),
    "Woran erkenne ich einen guten Therapeuten?": (
        "gute Therapeuten erkennen",
        "ist mein Therapeut gut?",
        "einen guten Therapeuten erkennt man woran?",
    ),
    "Welche Medikamente machen müde?": (
        "müdes Gefühl von einem Medikament",
        "Medikament, das mich nicht so müde macht",
        "Medikamente und Muedigkeit: was macht muede?",
    ),
    "Wie lange dauert es, bis die Tabletten wirken?": (
        "Wirkung der Tablette",
        "ab wann wirkt eine Tablette",
        "meine Tablette wirkt nicht",
    ),
    "Meine Freunde verstehen mich nicht mehr": (
        "kein Freund versteht mich",
        "Verständnis von Freunden verstehe ich nicht mehr",
        "ich habe das Gefühl, mein Freund versteht mich nicht",
    ),
    "Darf mein Chef wissen, welche Diagnosen ich habe?": (
        "Diagnose dem Chef sagen",
        "muss der Chef die Diagnose wissen",
        "weiß mein Chef von meiner Diagnose?",
    ),
    "Träume, die immer wiederkommen": (
        "wiederkommender Traum",
        "ein Traum kommt wieder",
        "Traeume immer wieder",
    ),
    "Wo finde ich freie Plätze in einer Tagesklinik?": (
        "Platz in der Tagesklinik finden",
        "Tageskliniken mit freiem Platz",
        "wie findet man Tageskliniken",
    ),
    "Panik in großen Straßen und auf Plätzen": (
        "Panik auf der Strasse",
        "die Straße macht mir Panik",
        "Panik auf einem grossen Platz",
    ),
    "Was tun, wenn Eltern sich streiten?": (
        "Streit der Eltern",
        "meine Eltern streiten",
        "Eltern streiten sich ständig",
    ),
    "Wie gewöhne ich mir das Rauchen ab?": (
        "Rauchen abgewöhnen",
        "ich rauche und will es mir abgewöhnen",
        "wer raucht nicht mehr, und wie ging das?",
    ),
    "Wie oft geht ihr zum Arzt für Bluttests?": (
        "Bluttest beim Arzt",
        "Ärzte und ihr Bluttest",
        "Aerzte wollen Bluttests",
    ),
    "Bücher über Trauer gesucht": (
        "Buch über Trauer",
        "ein gutes Buch zum Trauern",
        "Buecher ueber das Trauern",
    ),
    "Soll ich in meiner Wohnung allein bleiben?": (
        "allein in einer neuen Wohnung",
        "Wohnungen, in denen man allein bleibt",
        "bleibe ich allein wohnen?",
    ),
}
PAIRS = [(query, title) for title, queries in ASKED.items() for query in queries]


# The stems don't know everything: "raucht" is no form of "Rauchen" to them.
MISSED = ["wer raucht nicht mehr, und wie ging das?"]

MEETING = {
    "Kinder": ("Kindern", "Kind", "KINDES"),
    "schlafen": ("schlafe", "Schlaf", "schlaf*"),
    "Ängste": ("Angst", "Ängsten", "Aengste", "angste", "Aengs*", "Ängst*"),
    "Straße": ("Strasse", "Straßen", "strass*"),
    "Prüfung": ("Pruefungen", "Prüf*", "pruef*"),
    "Muedigkeit": ("Müdigkeit", "müdigk*"),
    "neue": ("neuen", "neues"),
}
# Nothing is taken off of these, in whatever language.
KEPT = {
    "Lernt man C++ noch?": "C++",
    "Ist C# schwer?": "C#",
    "Was kann .NET heute?": ".NET",
    "Wozu gibt es node.js?": "node.js",
    "睡眠について質問": "睡眠",
    "Läuft das mit x86s?": "x86s",
}


async def asked(forum: Forum, titles: Iterable[str]) -> Forum:
    for title in titles:
        await forum.ask(forum.member(1), title)
        forum.later(hours=2)
    return forum


@pytest.fixture
async def german(db: Database) -> Forum:
    """A German server, with nothing in it yet."""
    forum = await Forum(db).open({"locale": "de"})
    await finish_indexing(db, now=forum.now)
    return forum


async def hits(forum: Forum, query: str) -> list[str]:
    """The titles of what has every word."""
    found = await search_posts(
        forum.db, forum.guild_id, Search(query), channels=[CHANNEL], reader_id=1
    )
    return [one.title for one in found.findings] if found.every else []


async def most_alike(forum: Forum, title: str) -> str:
    found = await similar_questions(forum.db, forum.guild_id, title)
    return found[0].title if found else ""


async def offered(forum: Forum, typed: str) -> list[str]:
    found = await suggest_questions(forum.db, forum.guild_id, typed)
    return [line.title for line in found]


async def missed(forum: Forum) -> list[str]:
    """The queries whose question is not found as the most alike one."""
    pairs = [(query, title) for title, queries in ASKED.items() for query in queries]
    return [query for query, title in pairs if await most_alike(forum, query) != title]


async def test_a_tag_with_the_same_meaning_leads_to_it(german: Forum) -> None:
    assert await missed(await asked(german, ASKED)) == MISSED


async def test_in_an_english_server_a_quarter_is_not(forum: Forum) -> None:
    """That the language makes the difference."""
    assert len(await missed(await asked(forum, ASKED))) >= 12


@pytest.mark.parametrize("word", MEETING)
async def test_forms_of_a_word_meet(german: Forum, word: str) -> None:
    title = f"Etwas über {word} gesucht"
    await asked(german, [title, "Wie wird das Wetter?"])
    for form in (word, *MEETING[word]):
        assert await hits(german, form) == [title], form
        plain = form.rstrip("*")
        assert await offered(german, plain) == [title], form
        if plain == form:
            assert await most_alike(german, form) == title
            marked = await search_posts(
                german.db, german.guild_id, Search(form), channels=[CHANNEL], reader_id=1
            )
            assert len(marked.findings) == 1


async def test_what_was_found_is_marked_in_any_form(german: Forum) -> None:
    await german.ask(german.member(1), "Eine Frage ohne Worte", "Die Ängste der Kinder, nachts.")
    for typed in ("Angst", "Aengsten", "aengs*", "Ängst*"):
        found = await search_posts(
            german.db, german.guild_id, Search(typed), channels=[CHANNEL], reader_id=1
        )
        assert [piece.text for piece in found.findings[0].text if piece.hit] == ["Ängste"], typed


async def test_function_words_of_german_need_not_be_there(german: Forum) -> None:
    title = "Angst vor Hunden"
    await asked(german, [title])
    assert await hits(german, "was hilft mir, die war die Angst, meiner Hunde") == []
    assert await hits(german, "die Angst meiner Hunde hat man") == [title]


@pytest.mark.parametrize("locale", ["en", "de"])
async def test_signs_and_other_scripts_stay_as_they_are(forum: Forum, locale: str) -> None:
    await forum.set("locale", locale)
    await finish_indexing(forum.db, now=forum.now)
    await asked(forum, [*KEPT, "Ganz ohne c, net, js, node, x86 oder schlafen"])
    for title, word in KEPT.items():
        assert await hits(forum, word) == [title], word
        assert await most_alike(forum, word) == title


class Killed(Exception):
    """The process ended."""


async def index_a_little(forum: Forum, monkeypatch: pytest.MonkeyPatch) -> None:
    """Index anew, and be killed after six posts."""
    write, steps = forum.db.write, 0

    @asynccontextmanager
    async def killed_at_the_third() -> AsyncIterator[Transaction]:
        nonlocal steps
        steps += 1
        if steps == 3:
            raise Killed
        async with write() as tx:
            yield tx

    with monkeypatch.context() as patched, writing_by(forum.db, killed_at_the_third):
        patched.setattr(recounting, "INDEXED", 3)
        with pytest.raises(Killed):
            await finish_indexing(forum.db, now=forum.now)


async def assert_all_found(forum: Forum, titles: Iterable[str] = ASKED) -> None:
    """Each question by its own words, however it is looked for."""
    for title in titles:
        assert title in await hits(forum, title)
        assert await hits(forum, f'"{title}"') == [title]
        assert await hits(forum, f'Wie -"{title}"') != [title]
        assert await most_alike(forum, title) == title
        assert title in await offered(forum, title[:-3])


async def languages(forum: Forum) -> tuple[str, ...]:
    return (await rules_of(forum.db, forum.guild_id)).languages


async def test_everything_is_found_while_the_language_changes(
    forum: Forum, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asked(forum, ASKED)
    assert await languages(forum) == ("en",)
    await forum.set("locale", "de")
    await assert_all_found(forum)
    await index_a_little(forum, monkeypatch)
    assert await languages(forum) == ("de", "en")
    new = "Wer hilft, wenn Kindern die Medikamente fehlen?"
    await asked(forum, [new])
    await assert_all_found(forum, [*ASKED, new])
    assert new in await hits(forum, "Kinder Medikament"), "what is new is German already"
    assert await finish_indexing(forum.db, now=forum.now) == len(ASKED) - 6 + 1
    assert await languages(forum) == ("de",)
    await assert_all_found(forum, [*ASKED, new])
    assert set(await missed(forum)) == set(MISSED)
    assert await finish_indexing(forum.db, now=forum.now) == 0


async def test_the_language_changes_again_amid_that(
    forum: Forum, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some posts are German by then, others still English; and it begins anew."""
    await asked(forum, ASKED)
    await forum.set("locale", "de")
    await index_a_little(forum, monkeypatch)
    await forum.set("locale", "en")
    assert await languages(forum) == ("en", "de")
    await assert_all_found(forum)
    await index_a_little(forum, monkeypatch)
    await assert_all_found(forum)
    assert await finish_indexing(forum.db, now=forum.now) == len(ASKED) - 6
    assert await languages(forum) == ("en",)
    await assert_all_found(forum)


async def test_another_server_keeps_its_language(forum: Forum, elsewhere: Forum) -> None:
    await asked(forum, ASKED)
    await asked(elsewhere, ASKED)
    await elsewhere.set("locale", "de")
    assert await finish_indexing(forum.db, now=forum.now) == len(ASKED)
    title = "Was hilft gegen Ängste vor Prüfungen?"
    assert await hits(elsewhere, "Prüfung") == [title]
    assert await hits(forum, "Prüfung") == []
    assert await hits(forum, "Prüfungen") == [title]
