"""How much the bot takes in over a real connection, beside the library alone in the same run.

Both are processes of their own and speak to a Discord on loopback that answers at once. This
process is that Discord and holds the clock, so that the bot has a core to itself. Clicks and votes
are offered as fast as they are answered, so many at once; reactions all at once; and clicks once
more at a steady rate, to see how soon they are acknowledged while there is much to do.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select

from data.database import Database
from data.models import Post, Vote
from tests.bench.lean import Act, LeanDiscord
from tests.bench.measuring import Report, milliseconds, processor_time, quantile
from tests.bench.search import database_url
from tests.bench.stage import UP, Stage, stage
from tests.bench.world import sqlite_url
from tests.process.fake_world import Payload

AT_ONCE = 32
PATIENCE = 120.0  # seconds for what was offered to be answered
CLICKS = 0.25  # times the library alone
VOTES, REACTIONS = 300, 1500  # a second, on a machine on which the library alone answers
LIBRARY = 2200  # clicks a second; on others in proportion, since they differ by more than two times
ACKNOWLEDGED = 100  # milliseconds, p99
POSTGRES = 2  # within this factor of all that is promised on SQLite
_CLOCK = time.perf_counter


@dataclass(frozen=True, slots=True)
class Size:
    """How long and how often each thing is measured. Reactions: so many people on so many cards.
    Clicks are offered so often a second where the library alone answers `LIBRARY`."""

    turns: int = 3
    seconds: float = 1.5
    questions: int = 6
    voters: int = 500
    reactors: int = 500
    cards: int = 3
    offered: int = 300
    offer: float = 8.0  # seconds


QUICK = Size()
WHOLE = Size(turns=7, seconds=4.0, questions=12, cards=4)


@dataclass(frozen=True, slots=True)
class Turn:
    """How many acts a second were answered in a turn, and for how many a second of a processor's
    time is enough: that one depends less on what else the machine does."""

    rate: float
    per_processor: float


@dataclass
class Figures:
    """What was measured, turn by turn."""

    clicks: list[Turn] = field(default_factory=list[Turn])
    votes: list[Turn] = field(default_factory=list[Turn])
    reactions: list[Turn] = field(default_factory=list[Turn])
    clicks_alone: list[Turn] = field(default_factory=list[Turn])
    reactions_alone: list[Turn] = field(default_factory=list[Turn])
    acknowledged: list[float] = field(default_factory=list[float])
    offered: int = 0
    """Clicks a second, of which `acknowledged` tells."""
    wrong: int = 0
    """Acts without the right answer, and votes that are not on disk."""

    @property
    def speed(self) -> float:
        """How fast the machine is, by the library alone."""
        return rate(self.clicks_alone) / LIBRARY

    def by_name(self) -> dict[str, list[Turn]]:
        """What the bot was measured with."""
        return {"clicks on More": self.clicks, "/vote": self.votes, "reactions": self.reactions}


class Meter:
    """Counts a turn from its making."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._began, self._spent = _CLOCK(), processor_time(pid)

    def turn(self, acts: int) -> Turn:
        """So many acts were done."""
        seconds, spent = _CLOCK() - self._began, processor_time(self._pid) - self._spent
        return Turn(acts / seconds, acts / max(spent, 0.01))


async def saturate(discord: LeanDiscord, act: Act, seconds: float, at_once: int = AT_ONCE) -> int:
    """Do something for so long, so often at once: who is heard does it again. Returns how many
    acts were answered."""
    over, ends = asyncio.Event(), _CLOCK() + seconds
    done, waiting = 0, 0

    def begin() -> None:
        nonlocal waiting
        waiting += 1
        discord.begin(act, heard)

    def heard(_seconds: float) -> None:
        nonlocal done, waiting
        done, waiting = done + 1, waiting - 1
        if _CLOCK() < ends:
            begin()
        elif not waiting:
            over.set()

    for _ in range(at_once):
        begin()
    async with asyncio.timeout(PATIENCE):
        await over.wait()
    return done


async def offer(discord: LeanDiscord, act: Act, rate: float, seconds: float) -> list[float]:
    """Do something at a steady rate, at least once, whether or not it is answered; returns how long
    each took to be acknowledged."""
    times, began = list[float](), _CLOCK()
    for number in range(max(1, int(rate * seconds))):
        wait = began + number / rate - _CLOCK()
        if wait > 0:
            await asyncio.sleep(wait)
        elif number % 10 == 0:  # late: what comes in is read all the same
            await asyncio.sleep(0)
        discord.begin(act, times.append)
    await _until(lambda: not discord.unanswered)
    return times


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.01)


class Measuring:
    """One run over one database."""

    def __init__(self, made: Stage, db: Database, size: Size) -> None:
        self._made = made
        self._db = db
        self._size = size
        self.found = Figures()

    async def run(self) -> Figures:
        """Everything, one after the other; both sides take turns."""
        made, size, found = self._made, self._size, self.found
        await self._clicks(size.seconds / 4)  # to be warm
        for _ in range(size.turns):
            bot, alone = await self._clicks(size.seconds)
            found.clicks.append(bot)
            found.clicks_alone.append(alone)
        found.offered = max(1, round(size.offered * found.speed))
        found.acknowledged = await offer(made.bot, made.more, found.offered, size.offer)
        await self._votes()
        await self._reactions()
        sent = made.bot.begun + made.empty.begun
        found.wrong += sent - made.bot.right - made.empty.right
        return found

    async def _clicks(self, seconds: float) -> tuple[Turn, Turn]:
        made = self._made
        meter = Meter(made.bot_pid)
        bot = meter.turn(await saturate(made.bot, made.more, seconds))
        meter = Meter(made.empty_pid)
        return bot, meter.turn(await saturate(made.empty, made.any_click, seconds))

    async def _votes(self) -> None:
        made, found = self._made, self.found
        before, right = await self._counted(), made.bot.right
        for _ in range(self._size.turns):
            meter = Meter(made.bot_pid)
            done = await saturate(made.bot, made.vote, self._size.seconds)
            found.votes.append(meter.turn(done))
        await _until(lambda: not made.bot.unanswered)
        cast = min(made.bot.right - right, self._size.voters * self._size.questions)
        found.wrong += abs(await self._counted() - before - cast)

    async def _reactions(self) -> None:
        made, size, found = self._made, self._size, self.found
        number = size.cards * size.reactors
        for turn in range(size.questions // size.cards):
            cards = made.cards[turn * size.cards : (turn + 1) * size.cards]
            for card in cards:
                for person in made.reactors:
                    made.bot.world.react(card, person["id"], UP)
            wanted, meter = await self._counted() + number, Meter(made.bot_pid)
            await self._react(made.bot, cards)
            async with asyncio.timeout(PATIENCE):
                while await self._counted() < wanted:
                    await asyncio.sleep(0.005)
            found.reactions.append(meter.turn(number))
            meter = Meter(made.empty_pid)
            await self._react(made.empty, cards)
            await self._heard_of(number * (turn + 1))
            found.reactions_alone.append(meter.turn(number))
        async with self._db.read() as tx:
            shown = await tx.scalar(select(func.sum(Post.up_votes + Post.down_votes)))
        found.wrong += abs(await self._counted() - shown)

    async def _react(self, discord: LeanDiscord, cards: Sequence[Payload]) -> None:
        for card in cards:
            for person in self._made.reactors:
                self._made.react(discord, person, card)
            await asyncio.sleep(0)  # for what the sockets have no room for

    async def _heard_of(self, reactions: int) -> None:
        """Ask the library alone until it has counted so many."""
        empty, asked = self._made.empty, self._made.any_click
        async with asyncio.timeout(PATIENCE):
            while f'"{reactions} reactions"'.encode() not in empty.said:
                if not empty.unanswered:
                    empty.begin(asked, lambda _seconds: None)
                await asyncio.sleep(0.002)

    async def _counted(self) -> int:
        async with self._db.read() as tx:
            return await tx.scalar(select(func.count()).select_from(Vote))


async def measure(folder: Path, kind: str, size: Size) -> Figures:
    """Start both programs over a new database of a kind, and measure."""
    with ExitStack() as stack:
        url = sqlite_url(folder / "transport.sqlite3")
        if kind != "sqlite":
            url = stack.enter_context(database_url(kind))
        many = {"questions": size.questions, "voters": size.voters, "reactors": size.reactors}
        async with stage(folder, url, **many) as made:
            db = Database(url)
            await db.open()
            try:
                return await Measuring(made, db, size).run()
            finally:
                await db.close()


def tell(report: Report, kind: str, size: Size, found: Figures) -> None:
    """Print what was measured."""
    report.title(
        f"Over a real connection, on {kind}: the bot in a process of its own, {AT_ONCE} at once, "
        f"{size.turns} turns of {size.seconds:g} s\n"
        "(the library alone, in the same run, answers at once and does nothing)"
    )
    report.line("", "a second", "lowest", "highest", "a CPU second")
    alone = {
        "the library alone, clicks": found.clicks_alone,
        "the library alone, reactions": found.reactions_alone,
    }
    for name, turns in (found.by_name() | alone).items():
        rates = [turn.rate for turn in turns]
        figures = (statistics.median(rates), min(rates), max(rates), per_processor(turns))
        report.line(name, *(f"{figure:,.0f}" for figure in figures))
    report.line("", "median", "p99", "slowest")
    report.line(f"heard, of {found.offered} clicks a second", *milliseconds(found.acknowledged))
    report.promise("wrong or missing", found.wrong, "none", kept=not found.wrong)


def rate(turns: Sequence[Turn]) -> float:
    """Acts a second, the median of turns."""
    return statistics.median(turn.rate for turn in turns)


def per_processor(turns: Sequence[Turn]) -> float:
    """Acts a second of a processor's time, the median of turns."""
    return statistics.median(turn.per_processor for turn in turns)


def hold(report: Report, found: Figures, *, factor: int = 1) -> None:
    """Hold what was measured against what is promised, divided by `factor`."""

    def least(name: str, figure: float, promised: float, unit: str = "") -> None:
        bound = promised / factor
        report.promise(name, figure, f"at least {bound:.3g}{unit}", kept=figure >= bound)

    pairs = list(zip(found.clicks, found.clicks_alone, strict=True))
    ratio = statistics.median(bot.rate / alone.rate for bot, alone in pairs)
    least("clicks, ratio", ratio, CLICKS, " x")
    ratio = statistics.median(bot.per_processor / alone.per_processor for bot, alone in pairs)
    least("clicks a CPU second, ratio", ratio, CLICKS, " x")
    least("/vote, a second", rate(found.votes), VOTES * found.speed)
    least("reactions, a second", rate(found.reactions), REACTIONS * found.speed)
    p99, bound = quantile(found.acknowledged, 0.99) * 1000, ACKNOWLEDGED * factor
    report.promise("heard, p99, ms", p99, f"under {bound}", kept=p99 < bound)
