"""A solver that names the authors of anonymous posts from copies of the database alone.

It knows nothing of what the tables mean. Of each moment in which something was done anonymously it
gathers clues, each a set of members that one column points to, in five ways: what came, went or
changed (`DIFFERENCE`), counts and sums of a member (`COUNT`), times within two seconds or an hour
(`TIME`), what lies next to it (`ORDER`), and values in common, also where they lead to all members
but some (`EQUAL`). It is told who wrote the other posts, which no thief is, and learns from them
which clues lead to an author or away from one.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.clues import (
    ALL,
    COUNT,
    DIFFERENCE,
    EQUAL,
    ORDER,
    TIME,
    Clue,
    Evidence,
    Reader,
)
from tests.support.dumps import Dump, Members, Thief

__all__ = ["ALL", "COUNT", "DIFFERENCE", "EQUAL", "ORDER", "TIME", "Moment", "Solver"]

_FOLDS = 5
_LEAST = 8.0  # by how many nats a clue must tell more than chance of what is known
_TRIED, _BEST = 60, 12  # clues that are compared, and believed
_MORE = 2.0  # nats that one has to add to the others
_LINKED = "linked by "
_WIDESPREAD = 0.3  # a value in more moments than this part links nobody


@dataclass
class Moment:
    """Something that was done anonymously: a copy from before, one from after, and the number in
    place of the author. `kind` is who did it: the author, for the first time or again, or
    others."""

    before: Dump
    after: Dump
    number: int
    kind: str


_Told = tuple[int, dict[Clue, frozenset[int]]]


@dataclass(order=True)
class _Learnt:
    """How much it tells that somebody is, or isn't, among those a clue points to."""

    inside: float
    outside: float
    gain: float
    members: tuple[int, ...]


@dataclass
class Solver:
    """Whoever has the copies; `last` is the last one."""

    thief: Thief
    members: Members
    last: Dump
    seed: int = 0
    _evidence: list[tuple[int, Evidence]] = field(default_factory=list[tuple[int, Evidence]])

    def look_at(self, moments: Iterable[Moment]) -> Solver:
        """Gather the clues of some moments."""
        reader = Reader(self.thief, self.members, self.last)
        for moment in moments:
            found = reader.gather(moment.before, moment.after, moment.number)
            clues = {Clue(c.way, f"{moment.kind}: {c.about}"): w for c, w in found.clues.items()}
            self._evidence.append((moment.number, Evidence(clues, found.values)))
        return self

    def name_all(self, authors: Mapping[int, int], ways: Collection[str] = ALL) -> dict[int, int]:
        """For each number, the member who is most likely behind it, by some kinds of clues.
        `authors` are the true ones: those of a fifth are found by the other four."""
        chance = random.Random(self.seed)
        numbers = sorted({number for number, _ in self._evidence}, reverse=True)
        chance.shuffle(numbers)
        named: dict[int, int] = {}
        for fold in range(_FOLDS):
            asked = set(numbers[fold::_FOLDS])
            known = {number: authors[number] for number in numbers if number not in asked}
            clues = self._clues(known, ways)
            learnt = self._learn(known, clues)
            told = _by_number(clues)
            for number in sorted(asked):
                scores = dict.fromkeys(self.members.ids, 0.0) | _scores(learnt, told[number])
                most = max(scores.values()) - 1e-9
                named[number] = chance.choice([w for w, score in scores.items() if score >= most])
        return named

    def _clues(self, known: Mapping[int, int], ways: Collection[str]) -> list[_Told]:
        """All clues, with those that lead to the authors of others whose rows have equal values."""
        every = [
            (number, {clue: who for clue, who in each.clues.items() if clue.way in ways})
            for number, each in self._evidence
        ]
        if EQUAL not in ways:
            return every
        holders: defaultdict[Any, set[int]] = defaultdict(set)
        for number, evidence in self._evidence:
            for value in evidence.values:
                holders[value].add(number)
        most = len({number for number, _ in self._evidence}) * _WIDESPREAD
        for (number, evidence), (_, clues) in zip(self._evidence, every, strict=True):
            linked: defaultdict[Clue, set[int]] = defaultdict(set)
            for value, column in evidence.values.items():
                others = holders[value] - {number}
                if 0 < len(others) <= most:
                    who = {known[other] for other in others if other in known}
                    linked[Clue(EQUAL, f"{_LINKED}{column}")] |= who
            clues.update({clue: frozenset(who) for clue, who in linked.items() if who})
        return every

    def _learn(self, known: Mapping[int, int], clues: list[_Told]) -> dict[Clue, _Learnt]:
        # What is told of one author again and again counts once.
        told: defaultdict[Clue, dict[tuple[int, frozenset[int]], None]] = defaultdict(dict)
        for number, each in clues:
            if number in known:
                for clue, who in each.items():
                    told[clue][number, who] = None
        found: dict[tuple[Any, ...], tuple[float, Clue, _Learnt]] = {}
        for clue in sorted(told):
            moments = told[clue]
            times = len(moments)
            usual = sum(len(who) for _, who in moments) / times / len(self.members.ids)
            right = sum(known[number] in who for number, who in moments)
            if len({number for number, _ in moments}) >= 3:
                learnt = _told_by((times, right), usual, self.members.ids)
                if clue.about.startswith(_LINKED) and learnt.inside < 0:
                    continue  # that two numbers below a question are two members is no secret
                # What always points to the same members counts once.
                if learnt.gain >= _LEAST:
                    found.setdefault(tuple(moments), (-learnt.gain, clue, learnt))
        best = {clue: learnt for _, clue, learnt in sorted(found.values())[:_TRIED]}
        return _without_repetitions(best, known, _by_number(clues))


def _by_number(clues: Iterable[_Told]) -> dict[int, list[dict[Clue, frozenset[int]]]]:
    found: defaultdict[int, list[dict[Clue, frozenset[int]]]] = defaultdict(list)
    for number, told in clues:
        found[number].append(told)
    return found


def _without_repetitions(
    tried: dict[Clue, _Learnt],
    known: Mapping[int, int],
    told: Mapping[int, list[dict[Clue, frozenset[int]]]],
) -> dict[Clue, _Learnt]:
    """Those clues that tell something of known authors that the better ones haven't told yet."""
    taken: dict[Clue, _Learnt] = {}
    scores: dict[int, dict[int, float]] = {number: defaultdict(float) for number in known}
    added = {
        clue: {number: _scores({clue: learnt}, told[number]) for number in known}
        for clue, learnt in tried.items()
    }
    while len(taken) < _BEST and added:
        gains = {
            clue: sum(
                _sure(scores[n], more[n], known[n]) - _sure(scores[n], {}, known[n])
                for n in known
                if more[n]
            )
            for clue, more in added.items()
        }
        best = max(added, key=lambda clue: gains[clue])
        if gains[best] < _MORE:
            break
        taken[best] = tried[best]
        for number, more in added.pop(best).items():
            for who, score in more.items():
                scores[number][who] += score
    return taken


def _sure(scores: Mapping[int, float], more: Mapping[int, float], author: int) -> float:
    """How sure one is of an author, in nats, of ten members."""
    both = [scores.get(who, 0.0) + more.get(who, 0.0) for who in {*scores, *more}]
    if not both:
        return 0.0
    right = scores.get(author, 0.0) + more.get(author, 0.0)
    return right - math.log(sum(map(math.exp, both)) / len(both))


def _scores(
    learnt: Mapping[Clue, _Learnt], moments: Iterable[Mapping[Clue, frozenset[int]]]
) -> dict[int, float]:
    """What an author's moments tell of members; nothing where they say nothing."""
    found: dict[int, float] = {}
    for clue, meaning in learnt.items():
        for who in {told[clue] for told in moments if clue in told}:
            for each in meaning.members:
                more = meaning.inside if each in who else meaning.outside
                found[each] = found.get(each, 0.0) + more
    return found


def _told_by(found: tuple[int, int], usual: float, members: tuple[int, ...]) -> _Learnt:
    """What a clue tells that was right so often of so many, where `usual` of all members are in
    it."""
    times, right = found
    part = right / times
    gain = times * (_nats(part, usual) + _nats(1 - part, 1 - usual))
    smooth = (right + usual) / (times + 1)
    inside, outside = math.log(smooth / usual), math.log((1 - smooth) / (1 - usual))
    return _Learnt(inside, outside, gain, members)


def _nats(part: float, usual: float) -> float:
    return part * math.log(part / usual) if part else 0.0


def right_ones(named: Mapping[int, int], authors: Mapping[int, int]) -> int:
    """How many authors were named rightly."""
    return sum(authors[number] == who for number, who in named.items())
