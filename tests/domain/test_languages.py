"""Words in a server's language: their stems, and umlauts that are spelt out."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain import languages
from bot.domain.languages import plain, stem, stems_of_beginning
from bot.domain.queries import Typed, parse_query
from bot.domain.rules import SETTINGS, Rules
from bot.domain.similarity import is_function_word, title_words, words_in

ENGLISH = ["generous", "organiz", "die", "news", "ski", "possibl", "technolog", "monitor", "happi"]
GERMAN = [
    *("arztinn", "krankheit", "gegess", "anmeld", "verstand", "haus", "system", "geht", "einzeln"),
]


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("en", "sleep sleeps sleeping"),
        ("en", "community communities"),
        ("de", "kind kinder kindern kindes"),
        ("de", "schlafen schlafe schlaf"),
        ("de", "angst angste angsten aengste"),
        ("de", "strasse strassen"),
        ("de", "prufung pruefung pruefungen"),
        ("de", "haus hauser haeusern"),
        ("de", "neu neue neuen neues"),
        ("de", "quelle quellen"),
    ],
)
def test_forms_of_a_word_have_one_stem(language: str, forms: str) -> None:
    assert len({stem(form, language) for form in forms.split()}) == 1


def test_a_new_version_of_the_library_stems_as_the_index_was_made() -> None:
    """Where this fails, a migration has to have all posts indexed anew, as the last one did."""
    english = "generously organizations dying news skis possibly technology monitored happiness"
    german = "arztinnen krankheiten gegessen anmeldungen verstandlich hauser systeme geht einzelnen"
    assert [stem(word, "en") for word in english.split()] == ENGLISH
    assert [stem(word, "de") for word in german.split()] == GERMAN


@given(word=st.text("aeinortsdyugk", min_size=1, max_size=12))
@example("dying")
@example("aeste")
@example("uebung")
@example("yellow")
def test_a_stem_begins_as_its_word(word: str) -> None:
    """What a search marks in a text relies on it."""
    for language in ("en", "de"):
        assert stem(word, language)[:1] == word[0]


def test_every_language_that_can_be_chosen_has_stems() -> None:
    for language in SETTINGS["locale"].choices:
        assert stem("kindernings", language) != "kindernings"


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(
    "word", ["x86s", "睡", "眠れない", "12", "c", "js", "a" * 5000, "", "привета", "cplusplus"]
)
def test_words_that_are_none_stay_as_they_are(language: str, word: str) -> None:
    assert stem(word, language) == word


def test_a_language_that_is_not_known_is_read_like_english() -> None:
    """A name that a setting has from elsewhere must not keep anybody from searching or posting."""
    assert stem("sleeping", "xx") == "sleep"
    assert is_function_word("the", "xx")


def test_umlauts_are_written_either_way() -> None:
    for one, other in (("Ängste", "Aengste"), ("Größe", "Groesse"), ("Überfluß", "UEBERFLUSS")):
        (a,), (b,) = words_in(one), words_in(other)
        assert plain(b, "de") == a
        assert stem(a, "de") == stem(b, "de")
    for none in ("neue", "quelle", "bauen", "feuer"):
        assert plain(none, "de") == none
    assert plain("does", "en") == "does"


@given(word=st.text("aeounqkst", max_size=12), end=st.integers(0, 12))
def test_a_beginning_spelt_out_stays_a_beginning(word: str, end: int) -> None:
    assert plain(word, "de").startswith(plain(word[:end], "de"))


def test_what_is_typed_meets_its_word() -> None:
    title = "Die Prüfungen der Kinder"
    for typed in ("pruef", "prüfungen", "Pruefung", "kinder", "Kindern", "d k"):
        assert Typed(words_in(typed), "de").all_in(title), typed
    for typed in ("ungen", "prüfungen xyz", "kindergarten"):
        assert not Typed(words_in(typed), "de").all_in(title), typed


def test_of_what_is_typed_in_part_the_stems_are_known() -> None:
    for begun, whole, language in (
        ("sleepi", "sleeping", "en"),
        ("organizati", "organizations", "en"),
        ("communitie", "communities", "en"),
        ("mudigk", "mudigkeit", "de"),
        ("muedigkei", "mudigkeit", "de"),
        ("anmeldu", "anmeldungen", "de"),
    ):
        assert stem(whole, language) in stems_of_beginning(begun, language)
    assert stems_of_beginning("manage", "en") == ("manag",), "no man"
    assert stems_of_beginning("schla", "de") == ("schla",)


def test_function_words_are_the_languages() -> None:
    for word in ("fur", "fuer", "the", "uber", "ueber"):
        assert is_function_word(word, "de")
        assert is_function_word(word, "en"), "members mix both"
    for word in ("die", "war", "hat"):
        assert is_function_word(word, "de")
        assert not is_function_word(word, "en"), "means something else"
    assert set(title_words("Die Angst meiner Kinder", "de").content) == {"angst", "kind"}


def test_a_query_is_read_in_each_language_that_posts_may_be_indexed_in() -> None:
    (term,) = parse_query("communities", ("de", "en", "porter")).terms
    assert term.readings == (("communiti",), ("commun",))
    (term,) = parse_query('"sleeping kindern"', ("de", "en")).terms
    assert term.readings == (("sleeping", "kind"), ("sleep", "kindern"))
    (term,) = parse_query("aengst*", ("de",)).terms
    assert (term.readings, term.beginnings) == ((("angst",),), ("aengst", "angst"))
    assert Rules({"locale": "de", "reindex_from": "porter en de"}).languages == (
        "de",
        "porter",
        "en",
    )


def test_threads_do_not_stem_each_others_words() -> None:
    """The library's objects keep the word they are at."""
    words = [
        f"{begin}{end}ing" for begin in ("walk", "talk", "sing") for end in map(chr, range(97, 123))
    ]
    alone = [stem.__wrapped__(word, "en") for word in words]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            together = pool.map(lambda word: stem.__wrapped__(word, "en"), words * 20)
            assert list(together) == alone * 20
    finally:
        sys.setswitchinterval(before)


def test_each_form_is_stemmed_once() -> None:
    languages.stem.cache_clear()
    for _ in range(3):
        stem("schlafende", "de")
    assert languages.stem.cache_info().misses == 1
