"""What the language of a server does to words: their stems, and which of them stand in any text.

The stems are those of Snowball (M. F. Porter, R. Boulton), through `snowballstemmer`: one library
for English, German and thirty other languages, in Python alone. Where PyStemmer is installed, the
library passes words on to it: the same algorithms in C. docs/search.md says why it was chosen.
"""

from __future__ import annotations

import importlib
import re
import threading
from functools import cache, lru_cache
from typing import Any, Final, Protocol, cast

ENGLISH: Final = "en"
GERMAN: Final = "de"
# How Snowball calls the algorithm of each language; and the one of 1980, with which words of any
# language were stemmed before: posts are found by it until an upgrade has indexed them anew.
_ALGORITHMS: Final = {ENGLISH: "english", GERMAN: "german", "porter": "porter"}

# Words that stand in any question, in English and German; none that means something in the other
# language ("die", "war").
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
# In a server of this language, these as well.
_FURTHER: Final = {
    GERMAN: """
        als bin damit dein deine deinen deiner denn die diese diesem diesen dieser dieses dich dir
        durch eines euer eure hast hat hatte hätte haette ihm ihn ihnen ihre ihren ins jetzt keinen
        könnte koennte man meinem meinen meiner mir möchte moechte muss musste müssen muessen nun
        ob ohne seid seit sollte sollten unser unsere vom war waren welche welchen welcher welches
        will wurde würde wuerde
        """,
}
# What stems lack, of words that are not typed to their end.
_ENDINGS: Final = {
    ENGLISH: "ing ings ed ies es ation ations ization ment able ible ance ence ness ity ful ly ers",
    GERMAN: "en ern es em er end ung ungen keit keiten heit heiten lich liche lichen isch ische ig",
}
_REMEMBERED = 20_000  # words
# A German umlaut as it is spelt where there is no key for it: "ae" for "ä". The "ue" of "neue" and
# of "Quelle" is none. This is how Snowball's algorithm reads it, too.
_SPELT_OUT = re.compile(r"([ao])e|(?<![aeiouyq])(u)e")
# The objects that stem keep the word they are at.
_one_at_a_time = threading.Lock()


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802 - the library's name for it


@cache
def _stemmer(algorithm: str) -> _Stemmer:
    # At the first word, not at the start: it takes 3 MB.
    library: Any = importlib.import_module("snowballstemmer")  # which has no types
    return cast("_Stemmer", library.stemmer(algorithm))


@lru_cache(maxsize=_REMEMBERED)
def stem(word: str, language: str) -> str:
    """The stem of a word of `words_in` in a language. Words with signs or digits in them, those of
    other scripts, and very short and very long ones stay as they are."""
    if not 3 <= len(word) <= 40 or not word.isascii() or not word.isalpha():
        return word
    stemmer = _stemmer(_ALGORITHMS[language])
    with _one_at_a_time:
        return stemmer.stemWord(word)


def plain(word: str, language: str) -> str:
    """A word of `words_in`, or its beginning, as it stands in the index where umlauts are spelt
    out in it: in German, `aengst` is `angst`. A beginning's is a beginning of the word's."""
    return _SPELT_OUT.sub(r"\1\2", word) if language == GERMAN else word


@lru_cache(maxsize=_REMEMBERED)
def stems_of_beginning(word: str, language: str) -> tuple[str, ...]:
    """The stem of a word that may lack its end, and those of what it may become that don't begin
    with it themselves: of `sleepi`, `sleepi` and `sleep`, for there may be "sleeping"."""
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
    """The words that stand in any text of a server of this language."""
    return _FUNCTION_WORDS + _FURTHER.get(language, "")
