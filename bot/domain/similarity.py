"""How alike two questions are, by their titles. `docs/search.md` has the measurements.

The score is BM25 (S. Robertson and H. Zaragoza, "The probabilistic relevance framework: BM25 and
beyond", 2009) over the words that carry meaning: function words count little, and nothing towards a
title's length. It is increased by the likeness of the whole titles: of their meaning if the extra
is installed, else of the runs of letters they share (Dice's coefficient; L. Dice, "Measures of the
amount of ecologic association between species", 1945), which reflect word order, misspellings, and
words inside other words. Questions closed as duplicates of one another count as one.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import filterfalse
from math import log

from bot.domain.languages import ENGLISH, function_words, stem

# Scripts written without spaces (Thai, Lao, Burmese, Khmer, kana, Han): each letter is a word, and
# letters in a row are searched for as a phrase, so that they are found anywhere in a sentence.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff"
    "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"(?=[^\W_])[{_UNSPACED}]|(?:(?![{_UNSPACED}])[^\W_])+")
# Names of programming languages that differ by punctuation. They are spelled out, so that any index
# can hold them: `C` doesn't find `C++`; `net` finds `.NET`, which is two words.
_NAMES = (
    (re.compile(r"(?<=[a-z])(?<![^\W_][a-z])\+\+(?!\+)"), "plusplus "),
    (re.compile(r"(?<=[a-z])(?<![^\W_][a-z])#(?![\w#])"), "sharp "),
    (re.compile(r"(?<!\.)\.net(?![^\W_])"), " dotnet net "),
)
_ASCII_WORD = re.compile(r"[^\W_]+")
_LETTER = re.compile(f"[{_UNSPACED}]")
_LONGEST = 64  # letters of a word; longer ones aren't words, and PostgreSQL refuses them
_K1, _B = 1.0, 0.75
_USUAL_LENGTH = 6.0  # content words of a title (Ask Ubuntu's have 6.08)
# A function word that both have counts a fifth of a word of middling rarity.
_FUNCTION_WORD = 0.4
# What is added for titles with the same runs of letters, or the same meaning (a cosine of 1), and
# for a title phrased as a question, which others repeat more often.
_LETTERS, _SENSE, _ASKED = 11.4, 35.0, 1.5
_RUN = 4  # letters
_QUESTION_MARKS = ("?", "？", "؟")
# Each further matching question of a group of duplicates adds a fifth of its score to the group.
_LENT, _LENDERS = 0.2, 4
# Whoever is about to ask is shown similar questions if one is as alike as so many words that one
# question alone has: decision 24. Of few questions rarity says little: they count as eight.
TELLING, _FEW = 1.6, 8
WEIGHT_UNIT = 1000  # stored weights are whole numbers


def words_in(text: str) -> list[str]:
    """The words of a text in order, in lower case and without accents; in scripts without spaces,
    the letters."""
    plain = text.casefold()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain)
        plain = "".join(filterfalse(unicodedata.combining, plain))
    if "++" in plain or "#" in plain or ".net" in plain:
        for name, spelt in _NAMES:
            plain = name.sub(spelt, plain)
    words = (_ASCII_WORD if plain.isascii() else _WORD).findall(plain)
    return [word[:_LONGEST] for word in words]


def is_unspaced(word: str) -> bool:
    """Whether a word of `words_in` is a letter of a script without spaces."""
    return _LETTER.match(word) is not None


@cache
def _folded(language: str) -> frozenset[str]:
    return frozenset(words_in(function_words(language)))


def is_function_word(word: str, language: str) -> bool:
    """Whether a word of `words_in` is a function word in a server with this language."""
    return word in _folded(language)


@dataclass(frozen=True, slots=True)
class TitleWords:
    """A title prepared for comparison: the stems of its content words with their counts, its
    function words, and its runs of letters, across words."""

    content: Counter[str]
    function: frozenset[str]
    runs: frozenset[str]


def title_words(title: str, language: str = ENGLISH) -> TitleWords:
    """Prepare a title for comparison. In one of function words alone, all are content words."""
    words, folded = words_in(title), _folded(language)
    counted = Counter(words)
    content = {word: times for word, times in counted.items() if word not in folded}
    letters = f" {' '.join(words)} "
    rows = (letters[at:] for at in range(_RUN))
    runs = frozenset(map("".join, zip(*rows, strict=False))) or frozenset({letters})
    if not content:
        return TitleWords(_stemmed(counted, language), frozenset(), runs)
    return TitleWords(_stemmed(content, language), folded.intersection(counted), runs)


def _stemmed(words: Mapping[str, int], language: str) -> Counter[str]:
    """The stems of words, with how often each occurs."""
    stems = Counter[str]()
    for word, times in words.items():
        stems[stem(word, language)] += times
    return stems


def impact(times: int, length: int) -> float:
    """BM25's weight of a word that occurs `times` in a title of `length` content words."""
    return times * (_K1 + 1) / (times + _K1 * (1 - _B + _B * length / _USUAL_LENGTH))


def stored_weights(title: str, language: str = ENGLISH) -> dict[str, int]:
    """The index entries of a title: its content words with their weights, in thousandths."""
    content = title_words(title, language).content
    length = content.total()
    return {word: round(WEIGHT_UNIT * impact(n, length)) for word, n in content.items()}


def rarity(frequency: int, questions: int) -> float:
    """BM25's inverse document frequency of a word that `frequency` of `questions` have."""
    return max(log((questions - frequency + 0.5) / (frequency + 0.5)), 0.1)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question that shares words with a title. `score` is the BM25, `sense` the cosine of the
    meanings (None if unknown), `group` the question it duplicates, else itself."""

    post_id: int
    title: str
    score: float
    group: int
    sense: float | None = None


def _likeness(asked: TitleWords, found: Candidate, language: str) -> float:
    theirs = title_words(found.title, language)
    shared = len(asked.function & theirs.function) * impact(1, theirs.content.total())
    score = found.score + _FUNCTION_WORD * shared
    if found.title.rstrip().endswith(_QUESTION_MARKS):
        score += _ASKED
    if found.sense is not None:
        return score + _SENSE * found.sense
    both = len(asked.runs & theirs.runs)
    return score + _LETTERS * 2 * both / (len(asked.runs) + len(theirs.runs))


def rank(
    title: str, found: Sequence[Candidate], limit: int, language: str = ENGLISH
) -> list[tuple[int, int]]:
    """The questions most like a title, the best first, one of each group of duplicates: pairs of
    the group and of its member that is most alike."""
    asked = title_words(title, language)
    groups: dict[int, list[tuple[float, int]]] = {}
    for each in found:
        groups.setdefault(each.group, []).append((_likeness(asked, each, language), each.post_id))
    best: list[tuple[float, int, int]] = []
    for group, alike in groups.items():
        alike.sort(reverse=True)
        (top, post_id), others = alike[0], alike[1 : 1 + _LENDERS]
        best.append((top + _LENT * sum(score for score, _ in others), group, post_id))
    best.sort(key=lambda one: (-one[0], -one[2]))
    return [(group, post_id) for _, group, post_id in best[:limit]]


def telling(
    title: str,
    found: Sequence[Candidate],
    best: Sequence[tuple[int, int]],
    questions: int,
    language: str = ENGLISH,
) -> float:
    """How much like a title the most alike of the `best` is, which `rank` returned: as much as so
    many words that one question alone has. Only words and letters count for it; `questions` is how
    many the server has. From `TELLING` on, somebody who is about to ask sees them first."""
    asked, shown = title_words(title, language), {post_id for _, post_id in best}
    alike = (replace(each, sense=None) for each in found if each.post_id in shown)
    most = max((_likeness(asked, each, language) for each in alike), default=0.0)
    return most / rarity(1, max(questions, _FEW))
