"""What an anonymous post costs beside one by name, and one's own questions among 10,000 others that
are anonymous.

A post is measured in processor time, through the use case to the commit, each by somebody who is
new there; both kinds take turns. What is the same for both, such as the form and the card, isn't in
it. A list is timed by the clock, while the event loop is looked at every millisecond.
"""

from __future__ import annotations

import asyncio
import gc
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count, product
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from bot.domain.actors import Actor
from bot.domain.persona_words import ADJECTIVES, NOUNS
from bot.domain.ranking import View
from bot.domain.sealed import new_number
from bot.usecases import listing, personas
from bot.usecases.commenting import comment_on
from data import personas as kept
from data.database import Database
from data.models import PersonaRow
from tests.bench.measuring import Report, timed
from tests.bench.world import migrated, sqlite_url
from tests.store.forum import CHANNEL, Forum
from tests.support.anonymous import member
from tests.support.keys import SEALING

RATIO = 1.3
LIST = 100.0  # milliseconds
HELD_UP = 50.0  # milliseconds
QUESTION, ANSWER, COMMENT = "a question", "an answer", "a comment"
CROWDED = "an answer among {n} authors"
_OWN = 5


@dataclass(frozen=True, slots=True)
class Size:
    """How many posts of each kind, how many anonymous authors the crowded question has and how many
    the server, and how often they are listed."""

    posts: int = 80
    crowd: int = 300
    personas: int = 10_000
    lists: int = 15


@dataclass
class Figures:
    """Seconds of a processor for each kind of post, by name and anonymously, one after the other;
    seconds that a list takes, and that the event loop was late at most during one."""

    posts: dict[str, list[tuple[float, float]]] = field(
        default_factory=dict[str, list[tuple[float, float]]]
    )
    lists: list[float] = field(default_factory=list[float])
    late: list[float] = field(default_factory=list[float])
    wrong: int = 0
    """Lists that didn't show just what is theirs."""


Post = Callable[[Actor], Awaitable[object]]


class Measuring:
    """One run over one database."""

    def __init__(self, forum: Forum, size: Size) -> None:
        self._forum = forum
        self._size = size
        self._ids = count(800_000_000_000_000_000)
        self._names = _names()
        self._origins = count(10**9)
        self.found = Figures()

    async def run(self) -> Figures:
        """Everything, one after the other."""
        forum = self._forum
        await self._compare(QUESTION, self._ask, asks=True)
        question = await forum.ask(self._somebody())
        await self._compare(ANSWER, lambda person: forum.answer(person, question))
        await self._compare(COMMENT, lambda person: self._comment(person, question))
        crowded = await forum.ask(self._somebody())
        await self._add(self._size.crowd, (await forum.card(crowded)).number)
        name = CROWDED.format(n=self._size.crowd)
        await self._compare(name, lambda person: forum.answer(person, crowded))
        await self._lists()
        return self.found

    def _somebody(self) -> Actor:
        return member(self._forum, next(self._ids))

    async def _ask(self, person: Actor) -> int:
        return await self._forum.ask(person, details="I lie awake until noon.", tags="sleep work")

    async def _comment(self, person: Actor, question: int) -> object:
        origin, forum = next(self._origins), self._forum
        return await comment_on(
            forum.db, person, question, f"And earplugs {origin}.", origin_id=origin, now=forum.now
        )

    async def _compare(self, name: str, post: Post, *, asks: bool = False) -> None:
        async def by_name() -> None:
            await post(self._somebody())

        async def sealed() -> None:
            me = self._somebody()
            await post(await personas.author(self._forum.db, me, next(self._names), asks=asks))

        turns = self.found.posts[name] = []
        await self._spent(by_name)  # to be warm
        await self._spent(sealed)
        for turn in range(self._size.posts):
            self._forum.later(minutes=7)  # so that there are some others in each hour
            if turn % 2:
                anonymously = await self._spent(sealed)
                turns.append((await self._spent(by_name), anonymously))
            else:
                turns.append((await self._spent(by_name), await self._spent(sealed)))

    async def _spent(self, once: Callable[[], Awaitable[None]]) -> float:
        """Seconds of a processor for a post."""
        began = time.process_time()
        await once()
        return time.process_time() - began

    async def _add(self, number: int, question: int | None = None) -> None:
        """Add so many anonymous authors, each of somebody else: to one question, or (None) to as
        many others, of which no more is needed here."""
        forum = self._forum
        async with forum.db.write() as tx:
            (salt, *_) = await kept.salts_of(tx, forum.guild_id)
            rows: list[dict[str, Any]] = []
            for n in range(number):
                about, persona = question or 100_000 + n, new_number()
                seal = personas.MemberSeal(SEALING, forum.guild_id, next(self._ids))
                handle, box = seal.closed(salt, about, persona)
                row = {"number": persona, "guild_id": forum.guild_id, "question_number": about}
                row |= {"handle": handle, "box": box, "name": next(self._names, "Quiet Otter 7")}
                rows.append(row | {"is_asker": question is None})
            await tx.execute(insert(PersonaRow), rows)

    async def _lists(self) -> None:
        """List the questions of somebody who asked a few of them."""
        forum, who, found = self._forum, self._somebody(), self.found
        for _ in range(_OWN):
            await self._ask(await personas.author(forum.db, who, next(self._names), asks=True))
            forum.later(hours=1)
        await self._add(self._size.personas)
        mine = listing.Selection(View.MINE)

        async def once() -> None:
            shown = await listing.list_questions(
                forum.db, forum.guild_id, mine, channels=[CHANNEL], reader_id=0, seal=who.seal
            )
            found.wrong += len(shown.lines) != _OWN

        await once()  # to be warm
        for _ in range(self._size.lists):
            lateness: list[float] = [0.0]
            watching = asyncio.ensure_future(_watch(lateness))
            found.lists.append(await timed(once))
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
            found.late.append(max(lateness))


async def _watch(lateness: list[float]) -> None:
    """Note how late the event loop is."""
    while True:
        began = time.perf_counter()
        await asyncio.sleep(0.001)
        lateness.append(time.perf_counter() - began - 0.001)


def _names() -> Iterator[str]:
    return (f"{a.capitalize()} {n.capitalize()}" for a, n in product(ADJECTIVES, NOUNS))


async def measure(url: str, size: Size) -> Figures:
    """Measure in a new database."""
    db: Database = await migrated(url)
    gc.collect()
    gc.freeze()  # as the bot does: what is loaded isn't looked through again and again
    try:
        forum = await Forum(db).open({"anonymous": "on"})
        return await Measuring(forum, size).run()
    finally:
        gc.unfreeze()
        await db.close()


async def on_sqlite(folder: Path, size: Size) -> Figures:
    """The same on SQLite."""
    return await measure(sqlite_url(folder / "sealed.sqlite3"), size)


def tell(report: Report, kind: str, size: Size, found: Figures) -> None:
    """Print what was measured, and hold it against what is promised."""
    report.title(
        f"An anonymous post beside one by name, on {kind}: a CPU's time through the use case, "
        f"median of {size.posts}"
    )
    report.line("", "by name", "anonymously")
    for name, turns in found.posts.items():
        report.line(name, *(f"{seconds * 1000:.2f} ms" for seconds in medians(turns)))
    for name, turns in found.posts.items():
        figure = ratio(turns)
        report.promise(f"{name}, ratio", figure, f"at most {RATIO}", kept=figure <= RATIO)
    mine, late = (statistics.median(each) * 1000 for each in (found.lists, found.late))
    report.title(f"One's own questions, in a server with {size.personas:,} anonymous authors")
    report.promise("a list, median, ms", mine, f"under {LIST:.0f}", kept=mine < LIST)
    report.promise("the loop late, ms", late, f"under {HELD_UP:.0f}", kept=late < HELD_UP)
    report.promise("lists with more or less", found.wrong, "none", kept=not found.wrong)


def medians(turns: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Of both kinds."""
    by_name, sealed = zip(*turns, strict=True)
    return statistics.median(by_name), statistics.median(sealed)


def ratio(turns: Sequence[tuple[float, float]]) -> float:
    """How many times as much an anonymous post takes. A single post takes too little to compare it
    with the one beside it."""
    by_name, sealed = medians(turns)
    return sealed / by_name
