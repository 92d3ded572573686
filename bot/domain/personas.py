"""The names of anonymous authors: made at random, or chosen and checked.

A name is stored, and never made from who somebody is: it couldn't be computed from a member list.
Its language is the server's, since the author's own would say something of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from random import Random
from typing import Final

from bot.domain.lookalikes import EITHER, read_as
from bot.domain.persona_words import (
    ADJECTIVES,
    FEMININE,
    GERMAN_ADJECTIVES,
    MASCULINE,
    NEUTER,
    NOUNS,
)
from bot.domain.runs import Style, runs_of
from bot.domain.typed import letters_length, one_line, tidy

NAME_MIN: Final = 2  # letters and digits
NAME_MAX: Final = 32  # characters, as many as Discord takes for a nickname

RESERVED: Final = (
    *("Askwell", "asker", "the asker", "anonymous", "deleted member", "a deleted member"),
    *("moderator", "moderators", "moderation", "admin", "administrator"),
    *("Anonym", "fragende Person", "Fragesteller", "Fragestellerin", "Fragesteller:in"),
    *("gelöschtes Mitglied", "ein gelöschtes Mitglied"),
    *("Moderatorin", "Moderatoren", "Administratorin"),
)
"""What the bot itself says of people, in its languages, and who decides things."""

_TRIES: Final = 20
_KEPT: Final = 4096
"""Signs and names of which it is kept what they look like."""

# Signs of one letter that look like two. Source: confusables.txt (m → rn); w is read the same way.
_TWO_LETTERS: Final = str.maketrans({EITHER: "l", "i": "l", "m": "rn", "w": "vv"})
# What would be a mention, a channel, a post's number or a part of a card's line. `runs_of` reads
# all other markup.
_MEANS_SOMETHING: Final = re.compile(
    r"[@·•‧∙⋅・]|<[#:/ait]|#\d|^\s*(?:#{1,3}|-#|>{1,3}|[-*+]|\d+[.)])\s"
)
_LINK: Final = re.compile(r"://|\bwww\.|\w\w\.[^\W\d_]{2}", re.IGNORECASE)


class NameFault(StrEnum):
    """Why a name can't be an anonymous author's."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    MARKUP = "markup"
    LINK = "link"
    LOOKS_LIKE_ANOTHER = "looks_like_another"


def new_name(random: Random, locale: str, taken: Iterable[str] = ()) -> str:
    """A name that doesn't look like one of those `taken`. `locale` is the server's language; in
    languages without words of their own, names are English. `random` is to be the system's."""
    looks = looks_of(taken)
    for _ in range(_TRIES):
        name = _at_random(random, locale)
        if not looks & _looks(name):
            return name
    # So many are taken that numbers have to tell them apart.
    most = 10
    while looks & _looks(name := f"{_at_random(random, locale)} {random.randrange(2, most)}"):
        most *= 2
    return name


def _at_random(random: Random, locale: str) -> str:
    if locale.partition("-")[0] != "de":
        return f"{random.choice(ADJECTIVES).capitalize()} {random.choice(NOUNS).capitalize()}"
    return german_name(random.choice(GERMAN_ADJECTIVES), random.choice(_GERMAN_NOUNS))


_ENDINGS: Final = {
    noun: ending
    for nouns, ending in ((MASCULINE, "er"), (FEMININE, "e"), (NEUTER, "es"))
    for noun in nouns
}
_GERMAN_NOUNS: Final = tuple(_ENDINGS)


def german_name(adjective: str, noun: str) -> str:
    """A German name whose adjective agrees with the gender of its noun."""
    return f"{adjective.capitalize()}{_ENDINGS[noun]} {noun}"


def chosen_name(typed: str) -> str:
    """A name as it is stored: what a reader reads of what was typed, on one line."""
    return one_line(tidy(typed))


def fault_of(name: str, others: Iterable[str]) -> NameFault | None:
    """Why a name, as from `chosen_name`, can't be used; None if it can.

    `others` are the names it must not be taken for: of roles, staff, members, and of the question's
    other authors. What the bot itself says of people is among them anyway.
    """
    if len(name) > NAME_MAX:
        return NameFault.TOO_LONG
    if letters_length(name) < NAME_MIN:
        return NameFault.TOO_SHORT
    if _LINK.search(name):
        return NameFault.LINK
    if _MEANS_SOMETHING.search(name) or not _reads_as_typed(name):
        return NameFault.MARKUP
    alike = not _looks(name).isdisjoint(_looks_of_each(others))
    if alike or any(_looks(part) & _RESERVED for part in _parts(name)):
        return NameFault.LOOKS_LIKE_ANOTHER
    return None


def _parts(name: str) -> tuple[str, ...]:
    """A name, and each of its words: "Askwell Team" can be taken for the bot's own, too."""
    return (name, *re.split(r"[^\w$!|]+|_", name))


def _reads_as_typed(name: str) -> bool:
    runs = runs_of(name)
    plain = all(run.style is Style.PLAIN and not run.hidden for run in runs)
    return plain and "".join(run.text for run in runs) == name


def skeleton(name: str) -> str:
    """What a name looks like: the letters it is read as, without gaps, accents and signs. Names of
    one skeleton can be taken for each other.

    After UTS 39, section 4, with more that looks alike: i and l, digits, and letters in boxes.
    """
    return name.translate(_LETTERS)


class _Letters(dict[int, str]):
    """What `str.translate` makes of each sign: ten times quicker than one sign after the other."""

    def __missing__(self, code: int) -> str:
        letters = read_as(chr(code))[1].translate(_TWO_LETTERS)
        if len(self) < _KEPT:
            self[code] = letters
        return letters


_LETTERS: Final = _Letters()


def looks_of(names: Iterable[str]) -> frozenset[str]:
    """The skeletons of names, none where a name has nothing to read."""
    return frozenset(_looks_of_each(names))


def _looks_of_each(names: Iterable[str]) -> Iterator[str]:
    return chain.from_iterable(map(_looks, names))


@lru_cache(maxsize=_KEPT)  # those of a question's authors are compared with each other's
def _looks(name: str) -> frozenset[str]:
    """The skeletons of a name in each case: a capital can look like another letter than its small
    one (Н, н)."""
    forms = (name, name.lower(), name.upper(), name.title())
    return frozenset(filter(None, map(skeleton, forms)))


_RESERVED: Final = looks_of(RESERVED)
