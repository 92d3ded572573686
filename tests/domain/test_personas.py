"""Names of anonymous authors: kind, apart from each other, and nobody else's."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain import persona_words as words
from bot.domain.lookalikes import _ALIKE, EITHER
from bot.domain.names import show_name
from bot.domain.personas import (
    NAME_MAX,
    RESERVED,
    NameFault,
    chosen_name,
    fault_of,
    german_name,
    looks_of,
    new_name,
    skeleton,
)
from bot.i18n import LOCALES, texts_for

ENGLISH = [f"{a.capitalize()} {n.capitalize()}" for a in words.ADJECTIVES for n in words.NOUNS]
GERMAN_NOUNS = (*words.MASCULINE, *words.FEMININE, *words.NEUTER)
GERMAN = [german_name(a, n) for a in words.GERMAN_ADJECTIVES for n in GERMAN_NOUNS]
names = st.text(st.characters(categories=("L", "N", "M", "P", "S", "Zs", "Cf")), max_size=40)
seeds = st.integers(0, 2**32).map(Random)
locales = st.sampled_from(["en", "en-GB", "de", "fr"])


# --- made at random ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("adjectives", "nouns"),
    [(words.ADJECTIVES, words.NOUNS), (words.GERMAN_ADJECTIVES, GERMAN_NOUNS)],
)
def test_there_are_sixty_times_sixty_at_least_and_no_word_twice(
    adjectives: tuple[str, ...], nouns: tuple[str, ...]
) -> None:
    assert len(adjectives) >= 60
    assert len(nouns) >= 60
    both = [*adjectives, *map(str.lower, nouns)]
    assert len(set(both)) == len(both)


@pytest.mark.parametrize("made", [ENGLISH, GERMAN], ids=["en", "de"])
def test_all_of_them_look_different_and_could_be_chosen(made: list[str]) -> None:
    assert len({skeleton(name) for name in made}) == len(made)
    assert {name: fault for name in made if (fault := fault_of(name, ()))} == {}
    assert [name for name in made if chosen_name(name) != name or show_name(name) != name] == []


@pytest.mark.parametrize(
    ("adjective", "noun", "name"),
    [
        ("still", "Otter", "Stiller Otter"),
        ("still", "Eule", "Stille Eule"),
        ("still", "Reh", "Stilles Reh"),
        ("leis", "Tulpe", "Leise Tulpe"),
        ("kupfern", "Fahrrad", "Kupfernes Fahrrad"),
        ("türkisfarben", "Igel", "Türkisfarbener Igel"),
        ("gütig", "Kranich", "Gütiger Kranich"),
    ],
)
def test_german_adjectives_agree_with_the_gender(adjective: str, noun: str, name: str) -> None:
    assert adjective in words.GERMAN_ADJECTIVES
    assert german_name(adjective, noun) == name


def test_german_endings_are_those_of_their_genders() -> None:
    """Endings that belong to one gender: -chen is neuter, and nearly all in -e are feminine."""
    for noun in GERMAN_NOUNS:
        if noun.endswith("chen"):
            assert noun in words.NEUTER
        if noun.endswith("e") and noun not in {"Falke", "Klee"}:
            assert noun in words.FEMININE
    # As an adjective's last sound changes its stem: dunkel, dunkler; lila, lila.
    for adjective in words.GERMAN_ADJECTIVES:
        assert not re.search(r"(el|er|[aeio])$", adjective), adjective


@given(seeds, locales)
def test_a_new_name_has_two_words_of_the_servers_language(random: Random, locale: str) -> None:
    name = new_name(random, locale)
    assert name in (GERMAN if locale == "de" else ENGLISH)


@given(st.integers(0, 2**32), locales)
def test_the_same_random_numbers_give_the_same_name(seed: int, locale: str) -> None:
    assert new_name(Random(seed), locale) == new_name(Random(seed), locale)


@given(seeds, locales, st.integers(1, 60))
def test_no_two_of_a_question_look_alike(random: Random, locale: str, number: int) -> None:
    taken: list[str] = []
    for _ in range(number):
        taken.append(new_name(random, locale, taken))
    assert len({skeleton(name) for name in taken}) == number


@pytest.mark.parametrize("locale", ["en", "de"])
def test_when_all_are_taken_numbers_tell_them_apart(locale: str) -> None:
    taken = GERMAN if locale == "de" else ENGLISH
    name = new_name(Random(1), locale, taken)
    assert re.fullmatch(r".+ \d", name)
    assert skeleton(name) not in looks_of(taken)


def test_every_word_comes_up() -> None:
    random = Random(7)
    made = {new_name(random, locale) for locale in ("en", "de") for _ in range(3000)}
    seen = {word for name in made for word in name.split()}
    assert {each.capitalize() for each in (*words.ADJECTIVES, *words.NOUNS)} <= seen
    assert set(GERMAN_NOUNS) <= seen


# --- chosen --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["Quiet Otter", "Jo", "Noor K.", "Ørsted", "Мария", "心", "Sleepless in A&E", "O'Hara", "a-b"],
)
def test_a_name_of_ones_own_is_taken_as_it_is(name: str) -> None:
    assert chosen_name(name) == name
    assert fault_of(name, ["Alice", "Moderators"]) is None


def test_a_name_is_what_a_reader_reads_of_it() -> None:
    assert chosen_name("  Quiet\n\tOtter\u200b\u202e ") == "Quiet Otter"
    assert chosen_name("A\u0308rger") == "Ärger"


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("", NameFault.TOO_SHORT),
        ("A", NameFault.TOO_SHORT),
        ("\u200b\u200bA\u3164", NameFault.TOO_SHORT),
        ("★★★", NameFault.TOO_SHORT),
        ("x" * 33, NameFault.TOO_LONG),
        ("https://example.org", NameFault.LINK),
        ("see www.example", NameFault.LINK),
        ("discord.gg/abc", NameFault.LINK),
        ("<https://example.org>", NameFault.LINK),
        ("@everyone", NameFault.MARKUP),
        ("<@801234567890123456>", NameFault.MARKUP),
        ("<#801234567890123456>", NameFault.MARKUP),
        ("<:otter:801234567890123456>", NameFault.MARKUP),
        ("<t:0>", NameFault.MARKUP),
        ("</ask:801234567890123456>", NameFault.MARKUP),
        ("<id:customize>", NameFault.MARKUP),
        ("**Otter**", NameFault.MARKUP),
        ("_Otter_", NameFault.MARKUP),
        ("||Otter||", NameFault.MARKUP),
        ("`Otter`", NameFault.MARKUP),
        ("~~Otter~~", NameFault.MARKUP),
        ("\\*Otter", NameFault.MARKUP),
        ("# Otter", NameFault.MARKUP),
        ("-# Otter", NameFault.MARKUP),
        ("> Otter", NameFault.MARKUP),
        ("Otter · 900 points", NameFault.MARKUP),
        ("the one of #128", NameFault.MARKUP),
    ],
)
def test_what_no_name_may_be(typed: str, fault: NameFault) -> None:
    assert fault_of(chosen_name(typed), ()) is fault


@pytest.mark.parametrize(
    "typed",
    [
        "Alice", "alice", "ALICE", "A l i c e", "Alicе", "Αlice", "A1ice", "Аliсе", "Álìcê",
        "𝐀𝐥𝐢𝐜𝐞", "ᴀʟɪᴄᴇ", "🅰lice", "Ａｌｉｃｅ", "Al\u200bice", "-Alice-", "✨ Alice", "Aiice",
        "4lice",
    ],
)  # fmt: skip
def test_who_looks_like_a_member_is_refused(typed: str) -> None:
    assert fault_of(chosen_name(typed), ["Bob", "Alice"]) is NameFault.LOOKS_LIKE_ANOTHER
    assert fault_of(chosen_name(typed), ["Bob", "✨Alice✨"]) is NameFault.LOOKS_LIKE_ANOTHER


@pytest.mark.parametrize(
    ("typed", "other"),
    [
        ("Нenry", "Henry"),  # a Cyrillic capital that looks like a Latin one
        ("нина", "НИНА"),
        ("Rnary", "Mary"),
        ("Sarn", "Sam"),
        ("VVendy", "Wendy"),
        ("M0ds", "Mods"),
        ("He1per", "Helper"),
        ("Straße", "STRASSE"),
    ],
)
def test_so_is_who_is_written_otherwise_and_looks_the_same(typed: str, other: str) -> None:
    assert fault_of(chosen_name(typed), [other]) is NameFault.LOOKS_LIKE_ANOTHER
    assert fault_of(chosen_name(other), [typed]) is NameFault.LOOKS_LIKE_ANOTHER


@pytest.mark.parametrize("other", ["Alicia", "Ali", "", "★", "Bob", "lice"])
def test_a_name_that_looks_different_is_not_refused(other: str) -> None:
    assert fault_of("Alice", [other]) is None


@pytest.mark.parametrize(
    "typed",
    [
        "Askwell", "askweII", "ASKVVELL", "Team Askwell", "Asker", "the asker", "asker 2",
        "Anonymous", "Anonymous Otter", "anonym", "Anonym", "deleted member", "a Deleted Member",
        "Gelöschtes Mitglied", "Geloschtes Mitglied", "Moderator", "Otter (moderator)", "Adm1n",
        "Fragestellerin", "fragende Person", "m o d e r a t o r",
    ],
)  # fmt: skip
def test_nobody_is_named_as_the_bot_names_people(typed: str) -> None:
    assert fault_of(typed, ()) is NameFault.LOOKS_LIKE_ANOTHER


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("text", ["a deleted member", "Deleted member", "a moderator"])
def test_nor_as_its_cards_do_in_any_language(locale: str, text: str) -> None:
    assert fault_of(texts_for(locale)(text), ()) is NameFault.LOOKS_LIKE_ANOTHER


@pytest.mark.parametrize("typed", ["Badminton fan", "Masker", "Member", "Mitglied", "Deleted"])
def test_words_that_only_contain_such_a_name_are_free(typed: str) -> None:
    assert fault_of(typed, ()) is None


@given(names, st.randoms())
def test_nobody_evades_their_likeness(name: str, random: Random) -> None:
    """Whatever is put between the letters or over them, in whichever case."""
    name = chosen_name(name)
    assume(fault_of(name, ()) is None)
    between = ["", "\u200b", " ", "-", "\u0301", "✨"]
    other = "".join(c + random.choice(between) for c in name)
    for written in (other, other.upper(), other.lower()):
        assert fault_of(name, [written]) is NameFault.LOOKS_LIKE_ANOTHER, written


@given(st.text("abcdefghjknopqrstuvxyz", min_size=2, max_size=20), st.randoms())
def test_nobody_evades_it_with_look_alikes(name: str, random: Random) -> None:
    alike = {letter: [] for letter in name}
    for sign, letter in _ALIKE.items():
        if letter in alike and letter != EITHER:
            alike[letter].append(sign)
    other = "".join(random.choice([letter, *alike[letter]]) for letter in name)
    assert skeleton(name) in looks_of([other])


@given(names)
def test_a_skeleton_is_its_own(name: str) -> None:
    look = skeleton(name)
    assert skeleton(look) == look


@given(names, st.lists(names, max_size=5))
def test_every_text_is_a_name_or_has_a_fault_and_a_name_shows_as_it_is(
    typed: str, others: list[str]
) -> None:
    name = chosen_name(typed)
    if fault_of(name, others) is None:
        assert 2 <= len(name) + (len(name) == 1) <= NAME_MAX
        assert not looks_of([name]) & looks_of([*others, *RESERVED])
        assert "@" not in name
        assert "://" not in show_name(name)
