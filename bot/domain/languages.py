"""What depends on a server's language: the stems of words, and which words are function words.

The stems are Snowball's (M. F. Porter, R. Boulton), from `snowballstemmer`: one pure Python library
for English, German and more than thirty other languages. If PyStemmer is installed, it uses that:
the same algorithms in C. `docs/search.md` says why we use a library.
"""

from __future__ import annotations

import importlib
import re
import threading
from functools import cache, lru_cache
from typing import Any, Final, Protocol, cast

ENGLISH: Final = "en"
GERMAN: Final = "de"
# Snowball's name for each language's algorithm. "porter" is the one that earlier versions used for
# every language: posts are found by it until they are re-indexed after the upgrade.
_ALGORITHMS: Final = {ENGLISH: "english", GERMAN: "german", "porter": "porter"}

# Words that occur in any question, in English and German, except those that have a meaning in the
# other language ("die", "war").
_FUNCTION_WORDS: Final = """
    a about all am an and any are as at be been being but by can could did do does for from get got
    had has have how i if in is it its just may me might must my no not of on or our should so some
    that the their there these they this those to was we were what when where which who why will
    with would you your s t d ll m re ve don doesn didn isn aren wasn won couldn shouldn wouldn hasn
    aber auch auf aus bei bist da das dass dem den der des doch du ein eine einem einen einer er es
    euch für fuer hab habe haben ich ihr im ist ja kann kein keine können koennen mein meine mich
    mit nach nicht noch nur oder sein seine sich sie sind um und uns von vor wann warum weil wenn
    wer werden wie wir wird wo zu zum zur über ueber
    """
# More function words in servers with this language.
_FURTHER: Final = {
    GERMAN: """
        als bin damit dein deine deinen deiner denn die diese diesem diesen dieser dieses dich dir
        durch eines euer eure hast hat hatte hätte haette ihm ihn ihnen ihre ihren ins jetzt keinen
        könnte koennte man meinem meinen meiner mir möchte moechte muss musste müssen muessen nun
        ob ohne seid seit sollte sollten unser unsere vom war waren welche welchen welcher welches
        will wurde würde wuerde
        """,
}
# Endings that stemming removes, to complete words that are still being typed.
_ENDINGS: Final = {
    ENGLISH: "ing ings ed ies es ation ations ization ment able ible ance ence ness ity ful ly ers",
    GERMAN: "en ern es em er end ung ungen keit keiten heit heiten lich liche lichen isch ische ig",
}
_REMEMBERED = 20_000  # words
# A German umlaut typed without the key for it: "ae" for "ä". The "ue" in "neue" and "Quelle" isn't
# one. Snowball's algorithm uses the same rule.
_SPELT_OUT = re.compile(r"([ao])e|(?<![aeiouyq])(u)e")
# The library's stemmers hold the current word, so two threads can't use one at a time.
_one_at_a_time = threading.Lock()


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802 - the library's name for it


@cache
def _stemmer(algorithm: str) -> _Stemmer:
    # Imported with the first word, because it takes 3 MB.
    library: Any = importlib.import_module("snowballstemmer")  # which has no types
    return cast("_Stemmer", library.stemmer(algorithm))


@lru_cache(maxsize=_REMEMBERED)
def stem(word: str, language: str) -> str:
    """The stem of a word of `words_in`. Words with digits or in other scripts, and very short or
    very long ones, stay as they are."""
    if not 3 <= len(word) <= 40 or not word.isascii() or not word.isalpha():
        return word
    stemmer = _stemmer(_ALGORITHMS.get(language, _ALGORITHMS[ENGLISH]))
    with _one_at_a_time:
        return stemmer.stemWord(word)


def plain(word: str, language: str) -> str:
    """A word of `words_in`, or a prefix, without umlauts that are spelled out: `aengst` becomes
    `angst` in German. A prefix of a word stays a prefix of it."""
    return _SPELT_OUT.sub(r"\1\2", word) if language == GERMAN else word


@lru_cache(maxsize=_REMEMBERED)
def stems_of_beginning(word: str, language: str) -> tuple[str, ...]:
    """The stem of a prefix, and the stems of words it may turn into that don't start with it: for
    `sleepi`, both `sleepi` and `sleep`, because of "sleeping"."""
    begun = plain(word, language)
    stems = {stem(word, language): None}
    for ending in _ENDINGS.get(language, "").split():
        for typed in range(1, len(ending)):
            if begun.endswith(ending[:typed]):
                whole = stem(begun + ending[typed:], language)
                if not whole.startswith(begun):
                    stems[whole] = None
    return tuple(stems)


def function_words(language: str) -> str:
    """The function words in servers with this language."""
    return _FUNCTION_WORDS + _FURTHER.get(language, "")
