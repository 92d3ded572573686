"""What two copies of a database tell of what happened between them, and whom it may lead to.

A clue is known by its kind and by the tables and columns that it is about: whether it leads to
anybody is learnt, see `tests.support.solver`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from tests.support.dumps import Dump, Members, Row, Thief, times_in

DIFFERENCE: Final = "difference"
COUNT: Final = "count"
TIME: Final = "time"
ORDER: Final = "order"
EQUAL: Final = "equal"
ALL: Final = (DIFFERENCE, COUNT, TIME, ORDER, EQUAL)

_SECONDS, _HOUR = 2_000_000, 3_600_000_000  # microseconds
_NEXT = 2  # rows or transactions to both sides
_FIGURE = 10**9  # above, a number is an id or a time


class Clue(NamedTuple):
    """In which way members are pointed to, and by what."""

    way: str
    about: str


@dataclass
class Evidence:
    """Whom the clues of a moment point to; and the values that it wrote, each with its column, by
    which it may be linked to other moments."""

    clues: dict[Clue, frozenset[int]]
    values: dict[Any, str]


@dataclass
class _Change:
    """Rows of a table that came and went, each with its place in the copy."""

    table: str
    came: list[tuple[int, Row]]
    went: list[Row]


class _Indexed:
    """What the rows of a table that name members say: values, times, and who is named at all."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows  # held, since they are known by their place in memory
        self.who: set[int] = set()
        self.hours: defaultdict[int, dict[str, frozenset[int]]] = defaultdict(dict)
        self._times: list[tuple[int, str, frozenset[int]]] = []
        self._sorted = True
        self.words: defaultdict[str, dict[str, frozenset[int]]] = defaultdict(dict)

    def add(self, column: str, value: Any, who: frozenset[int]) -> None:
        for time in times_in(value):
            self._times.append((time, column, who))
            self._sorted = False
            at = self.hours[time // _HOUR]
            at[column] = at.get(column, frozenset()) | who
        if word := _joinable(value):
            at = self.words[word]
            at[column] = at.get(column, frozenset()) | who

    def near(self, time: int) -> list[tuple[int, str, frozenset[int]]]:
        """What names members within two seconds of a time."""
        if not self._sorted:
            self._times.sort(key=_first)
            self._sorted = True
        low = bisect_left(self._times, time - _SECONDS, key=_first)
        return self._times[low : bisect_right(self._times, time + _SECONDS, key=_first)]


class _Found:
    """The clues that have been found so far."""

    def __init__(self) -> None:
        self.all: defaultdict[Clue, set[int]] = defaultdict(set)

    def add(self, way: str, about: str, who: frozenset[int] | set[int]) -> None:
        if who:
            self.all[Clue(way, about)] |= who


def _changes(before: Dump, after: Dump) -> Iterator[_Change]:
    for table, rows in after.rows.items():
        old = before.rows[table]
        if rows == old:
            continue
        missing = Counter(old)
        missing.subtract(rows)
        came: list[tuple[int, Row]] = []
        for place in range(len(rows) - 1, -1, -1):  # of equal ones, the later came
            if missing[rows[place]] < 0:
                missing[rows[place]] += 1
                came.append((place, rows[place]))
        went = [row for row, times in missing.items() for _ in range(times)]
        yield _Change(table, came[::-1], went)


class Reader:
    """Reads what copies say, by what is known of tables and members. `last` is the last one."""

    def __init__(self, thief: Thief, members: Members, last: Dump) -> None:
        self._thief = thief
        self._members = members
        self._last = last
        self._everybody = frozenset(members.ids)
        self._read: dict[int, _Indexed] = {}
        self._naming = {
            table
            for table, rows in last.rows.items()
            if any(members.named_in_row(row) for row in rows)
        }

    def gather(self, before: Dump, after: Dump, number: int) -> Evidence:
        """All clues of what happened between two copies. `number` stands in place of the author."""
        changes = [each for each in _changes(before, after) if each.came or each.went]
        found = _Found()
        self._differences(changes, before, after, found)
        self._times(changes, after, found)
        self._neighbours(changes, after, found)
        self._joins(changes, before, number, found)
        for table, rows in after.rows.items():
            found.add(DIFFERENCE, f"is in {table}", self._indexed(table, rows).who)
        clues = {c: frozenset(who) for c, who in found.all.items() if who != self._everybody}
        return Evidence(clues, self._values_of(changes, number))

    def _indexed(self, table: str, rows: list[Row]) -> _Indexed:
        """What a table's rows say of members, read once for all copies that have the same."""
        known = self._read.get(id(rows))
        if known is None:
            known = self._read[id(rows)] = _Indexed(rows)
            for row in rows:
                if who := self._members.named_in_row(row):
                    known.who |= who
                    for name, value in zip(self._thief.columns[table], row, strict=True):
                        known.add(f"{table}.{name}", value, who)
        return known

    def _named(self, table: str, row: Row) -> Iterator[tuple[str, frozenset[int]]]:
        """The members whom a row names, by column."""
        if not self._members.named_in_row(row):
            return
        for column, value in zip(self._thief.columns[table], row, strict=True):
            if who := self._members.named_in(value):
                yield f"{table}.{column}", who

    def _differences(
        self, changes: list[_Change], before: Dump, after: Dump, found: _Found
    ) -> None:
        """Who is named by rows that came, went or changed, by which value; and whose counts and
        sums are others now."""
        for change in changes:
            for what, rows in (("came", [r for _, r in change.came]), ("went", change.went)):
                for row in rows:
                    for column, who in self._named(change.table, row):
                        found.add(DIFFERENCE, f"{what}: {column}", who)
            self._values_changed(change, found)
            self._counts(change, found)
        for table, written in after.written.items():
            old = set(zip(before.rows[table], before.written[table], strict=True))
            known = set(before.rows[table])
            for row, by in zip(after.rows[table], written, strict=True):
                if row in known and (row, by) not in old:
                    found.add(
                        DIFFERENCE, f"written again: {table}", self._members.named_in_row(row)
                    )

    def _values_changed(self, change: _Change, found: _Found) -> None:
        keys, columns = self._thief.keys[change.table], self._thief.columns[change.table]
        if not keys:
            return
        old = {tuple(row[n] for n in keys): row for row in change.went}
        for _, row in change.came:
            was = old.get(tuple(row[n] for n in keys))
            if was is None:
                continue
            who = self._members.named_in_row(row) | self._members.named_in_row(was)
            for name, one, other in zip(columns, row, was, strict=True):
                if one != other:
                    found.add(DIFFERENCE, f"other value: {change.table}.{name}", who)

    def _counts(self, change: _Change, found: _Found) -> None:
        rows, sums = Counter[tuple[str, int]](), Counter[tuple[str, int]]()
        columns = self._thief.columns[change.table]
        for sign, each in ((1, [row for _, row in change.came]), (-1, change.went)):
            for row in each:
                for column, who in self._named(change.table, row):
                    rows.update({(column, one): sign for one in who})
                    for name, value in zip(columns, row, strict=True):
                        if isinstance(value, int) and abs(value) < _FIGURE:
                            of = f"{column}, {name}"
                            for one in who:
                                sums[of, one] += sign * int(value)
        for (column, who), more in rows.items():
            if more:
                found.add(COUNT, f"rows of {column}", {who})
        for (column, who), more in sums.items():
            if more:
                found.add(COUNT, f"sum of {column}", {who})

    def _times(self, changes: list[_Change], after: Dump, found: _Found) -> None:
        """Who is named by rows with a time near one that was written and names nobody."""
        wrote: defaultdict[int, set[str]] = defaultdict(set)
        for change in changes:
            for _, row in change.came:
                if self._members.named_in_row(row):
                    continue
                for name, value in zip(self._thief.columns[change.table], row, strict=True):
                    for time in times_in(value):
                        wrote[time].add(f"{change.table}.{name}")
        read = [
            self._indexed(t, rows) for copy in (after, self._last) for t, rows in copy.rows.items()
        ]
        read += [self._indexed(change.table, change.went) for change in changes]
        for indexed in {id(each): each for each in read}.values():
            for at, columns in wrote.items():
                for time, column, who in indexed.near(at):
                    how = "equal" if at == time else "within 2 s"
                    for each in columns:
                        found.add(TIME, f"{how}: {each}, {column}", who)
            for hour in {at // _HOUR for at in wrote}:
                for step in (-1, 0, 1):
                    for column, who in indexed.hours[hour + step].items():
                        found.add(TIME, f"within an hour: {column}", who)
                for column, who in indexed.hours[hour].items():
                    found.add(TIME, f"in the same hour: {column}", who)

    def _neighbours(self, changes: list[_Change], after: Dump, found: _Found) -> None:
        """Who is named by rows next to new ones: where they lie, by their key, and by the
        transaction that wrote them."""
        wrote: set[int] = set()
        for change in changes:
            rows, new = after.rows[change.table], {place for place, _ in change.came}
            keys = self._thief.keys[change.table]
            by_key = sorted(range(len(rows)), key=lambda n: _sortable(rows[n], keys))
            for how, order in (("lies", range(len(rows))), ("by key", by_key)):
                place_of = {n: place for place, n in enumerate(order)}
                for n in new:
                    for step in (*range(-_NEXT, 0), *range(1, _NEXT + 1)):
                        there = place_of[n] + step
                        if 0 <= there < len(rows) and order[there] not in new:
                            who = self._members.named_in_row(rows[order[there]])
                            found.add(ORDER, f"{how} {step:+}: {change.table}", who)
            if change.table in after.written:
                wrote |= {after.written[change.table][place] for place in new}
        for table, written in after.written.items():
            for row, by in zip(after.rows[table], written, strict=True):
                for step in range(-_NEXT, _NEXT + 1):
                    if by + step in wrote:
                        who = self._members.named_in_row(row)
                        found.add(ORDER, f"transaction {step:+}: {table}", who)

    def _joins(self, changes: list[_Change], before: Dump, number: int, found: _Found) -> None:
        """Who is named by rows that share a value with what was written; and who of these isn't
        named by what was written."""
        wanted: defaultdict[str, set[str]] = defaultdict(set)
        told: defaultdict[str, set[int]] = defaultdict(set)
        for change in changes:
            columns = self._thief.columns[change.table]
            for _, row in change.came:
                for name, value in zip(columns, row, strict=True):
                    if value != number and (word := _joinable(value)):
                        wanted[word].add(f"{change.table}.{name}")
                if change.table in self._naming:
                    told[change.table] |= self._members.named_in_row(row)
        for table, named in told.items():
            found.add(DIFFERENCE, f"not in {table}", self._everybody - named)
        for when, copy in (("before", before), ("at last", self._last)):
            joined: defaultdict[str, set[int]] = defaultdict(set)
            for table, rows in copy.rows.items():
                words = self._indexed(table, rows).words
                for word in wanted.keys() & words.keys():
                    for column, who in words[word].items():
                        for wrote in wanted[word]:
                            joined[f"{wrote} = {column}"] |= who
            for column, who in joined.items():
                if who == self._everybody:
                    continue
                found.add(EQUAL, f"shared {when}: {column}", who)
                for table, named in told.items():
                    found.add(EQUAL, f"shared {when}: {column}, not in {table}", who - named)

    def _values_of(self, changes: list[_Change], number: int) -> dict[Any, str]:
        """The values that were written that aren't found by chance."""
        found: dict[Any, str] = {}
        for change in changes:
            for _, row in change.came:
                for name, value in zip(self._thief.columns[change.table], row, strict=True):
                    if value != number and _is_rare(value):
                        found[value] = f"{change.table}.{name}"
        return found


def _first(each: tuple[int, str, frozenset[int]]) -> int:
    return each[0]


def _sortable(row: Row, keys: list[int]) -> tuple[str | int, ...]:
    # Numbers are padded, so that values of several types can be compared.
    values = [row[n] for n in keys] if keys else list(row)
    return tuple(f"{v:+025d}" if isinstance(v, int) else str(v) for v in values)


def _joinable(value: Any) -> str:
    """A value as it is compared with others; "" for what says nothing by itself."""
    if value is None or isinstance(value, bool | float):
        return ""
    text = value.hex() if isinstance(value, bytes) else str(value)
    return "" if text in ("0", "1") else text


def _is_rare(value: Any) -> bool:
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, int):
        return abs(value) >= 2**40
    return isinstance(value, bytes | str) and len(value) >= 8
