"""A forum of a million posts: what is done to all of it at once, beside members who vote.

Erasing a member of 5,000 posts, a recount, a backup and an export. Nobody who votes waits for any
of them, and their memory doesn't grow with the forum.
"""

from __future__ import annotations

import asyncio
import gc
import os
import random
import re
import sqlite3
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bot.domain.actors import Actor
from bot.domain.voting import UP, Ballot, VoteSource
from bot.usecases import forgetting
from bot.usecases.recounting import corrections
from bot.usecases.voting import VoteBatcher
from data.database import Database
from tests.bench.filling import EACH, GUILD, WHOSE
from tests.bench.measuring import ROOT, Report, milliseconds
from tests.bench.memory import resident
from tests.bench.world import sqlite_url
from tests.process.running import askwell

ERASED_IN = 60.0  # seconds
MEMORY = 300.0  # MB
WAIT = 1.0  # second until a vote is on disk
HELD = 0.1  # second for which one transaction holds up the others
ITSELF = "itself"
FILE = "large.sqlite3"


@dataclass(frozen=True, slots=True)
class Size:
    """How many posts there are, two of them answers to each question; of how many a figure is
    wrong; and how many votes come a second."""

    posts: int = 1_000_002
    wrong: int = 10_000
    rate: int = 50


class Turns(asyncio.Lock):
    """The line of those who write. It notes for how long each task held up the others at most."""

    def __init__(self) -> None:
        super().__init__()
        self.longest: defaultdict[str, float] = defaultdict(float)
        self.busiest: defaultdict[str, float] = defaultdict(float)
        self._since = self._busy = 0.0

    async def acquire(self) -> bool:
        """Begin to write."""
        await super().acquire()
        self._since, self._busy = time.perf_counter(), time.process_time()
        return True

    def release(self) -> None:
        """Let the next one write."""
        task, held = asyncio.current_task(), time.perf_counter() - self._since
        name = ITSELF if task is not None and task.get_name() == ITSELF else "votes"
        self.longest[name] = max(self.longest[name], held)
        busy = time.process_time() - self._busy
        self.busiest[name] = max(self.busiest[name], busy)
        super().release()


@dataclass
class Seen:
    """How long something took, its memory in MB, how long votes took meanwhile, and how long the
    others were held up at most, by it and by a vote."""

    seconds: float = 0.0
    memory: float = 0.0
    waits: list[float] = field(default_factory=list[float])
    held: float = 0.0
    held_by_votes: float = 0.0
    busy: float = 0.0


# Returns its memory in MB.
Thing = Callable[[], Awaitable[float]]


@asynccontextmanager
async def votes(db: Database, size: Size, turn: int) -> AsyncIterator[list[float]]:
    """Members vote all the time, at a rate, whether or not earlier votes are done."""
    batcher, chance, waits = VoteBatcher(db), random.Random(turn), list[float]()
    over = asyncio.Event()

    async def vote(number: int) -> None:
        began = time.perf_counter()
        voter = Actor(GUILD, (turn + 1) * 10**12 + number)
        post, now = chance.randrange(1, size.posts), datetime.now(UTC)
        outcome = await batcher.cast(Ballot(voter, post, UP, VoteSource.BUTTON, now))
        assert outcome.changed, outcome
        waits.append(time.perf_counter() - began)

    async def offer() -> None:
        began, number = time.perf_counter(), 0
        async with asyncio.TaskGroup() as group:
            while not over.is_set():
                group.create_task(vote(number))
                number += 1
                await asyncio.sleep(max(0.0, began + number / size.rate - time.perf_counter()))

    offering = asyncio.create_task(offer())
    try:
        yield waits
    finally:
        over.set()
        await offering


async def beside(db: Database, size: Size, turn: int, thing: Thing) -> Seen:
    """Do something while members vote, and for a moment afterwards."""
    seen, turns = Seen(), Turns()
    db._writing = turns

    async def timed() -> None:
        began = time.perf_counter()
        seen.memory = await thing()
        seen.seconds = time.perf_counter() - began

    async with votes(db, size, turn) as seen.waits:
        await asyncio.sleep(1)
        await asyncio.create_task(timed(), name=ITSELF)
        await asyncio.sleep(2)
    seen.busy = max(turns.busiest.values())
    seen.held, seen.held_by_votes = turns.longest[ITSELF], turns.longest["votes"]
    return seen


async def erase(db: Database) -> float:
    """Erase a member of every 200th post, with the texts."""
    now = datetime.now(UTC)
    await forgetting.begin(db, GUILD, WHOSE, texts=True, now=now)
    await forgetting.finish(db, GUILD, WHOSE, sealing=None, now=now)
    return resident(os.getpid())


async def recount(db: Database, wrong: int) -> float:
    """Recount as `/recount` does, in the bot's own process, where many figures are wrong."""
    found, peak = 0, 0.0
    async for _ in corrections(db, GUILD, now=datetime.now(UTC)):
        found += 1
        if found % 1000 == 0:
            peak = max(peak, resident(os.getpid()))
    assert found == wrong, found
    return max(peak, resident(os.getpid()))


async def command(folder: Path, path: Path, *arguments: str) -> float:
    """Run one of the owner's commands to its end; returns its memory at its peak in MB."""
    env = {"DATABASE_URL": sqlite_url(path)}
    async with askwell(folder, *arguments, fresh=True, env=env) as process:
        ending, peak = asyncio.create_task(process.ended(3600)), 0.0
        while not ending.done():
            peak = max(peak, _peak(process.pid))
            await asyncio.wait({ending}, timeout=0.2)
        ended = await ending
        assert ended.code == 0, ended.err
    return peak


def _peak(pid: int) -> float:
    """The most memory that a process took so far in MB, as the kernel counts it."""
    status = Path(f"/proc/{pid}/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text("ascii")) if status.exists() else None
    return int(found[1]) / 1024 if found is not None else 0.0


def spoil(path: Path, size: Size) -> None:
    """Have so many wrong figures, one post in each so many."""
    with closing(sqlite3.connect(path)) as db, db:
        every = size.posts // size.wrong
        db.execute("UPDATE posts SET answer_count = answer_count + 1 WHERE id % ? = 0", (every,))


async def filled(path: Path, size: Size) -> None:
    """Fill a file in a process of its own, whose memory is nobody's here."""
    program = (sys.executable, "-m", "tests.bench.filling", str(path), str(size.posts))
    process = await asyncio.create_subprocess_exec(*program, cwd=ROOT)
    assert await process.wait() == 0


def tell(report: Report, what: str, seen: Seen, *, commands: bool) -> None:
    """Print what was seen beside something, and hold it against the promises."""
    report.line(what, f"{seen.seconds:.1f} s", *milliseconds(seen.waits))
    slowest = max(seen.waits)
    report.promise(f"{what}: slowest vote, s", slowest, f"under {WAIT:g}", kept=slowest < WAIT)
    longest = seen.held_by_votes if commands else max(seen.held, seen.held_by_votes)
    report.line(f"{what}: busiest transaction", f"{seen.busy * 1000:.0f} ms", "of a core")
    name = f"{what}: longest transaction, ms"
    report.promise(name, longest * 1000, f"under {HELD * 1000:.0f}", kept=longest < HELD)
    kept = seen.memory < MEMORY
    report.promise(f"{what}: memory, MB", seen.memory, f"under {MEMORY:.0f}", kept=kept)


def things_of(db: Database, folder: Path, size: Size) -> dict[str, Thing]:
    """What is done, in this order."""
    path = folder / FILE
    exported = ("export", "--guild", str(GUILD), "exported")
    return {
        "recount": partial(recount, db, size.wrong),
        "backup": partial(command, folder, path, "backup", "backups"),
        "export": partial(command, folder, path, *exported),
        "erasing": partial(erase, db),
    }


async def measure(report: Report, folder: Path, size: Size) -> None:
    """Fill a database, do all of it beside votes, and print how long it took and who waited."""
    assert size.posts % 3 == 0, "the last question would have fewer answers than it says"
    path = folder / FILE
    await filled(path, size)
    spoil(path, size)
    os.sync()  # or the first votes would wait until all of it is on disk
    gc.freeze()  # as the bot does: looking through all modules takes as long as ten transactions
    report.title(
        f"A forum of {size.posts:,} posts ({path.stat().st_size / 1e9:.1f} GB, SQLite), "
        f"beside {size.rate} votes a second"
    )
    report.line("", "took", "vote, median", "p99", "slowest")
    db = Database(sqlite_url(path))
    await db.open()
    for turn, (what, thing) in enumerate(things_of(db, folder, size).items()):
        seen = await beside(db, size, turn, thing)
        tell(report, what, seen, commands=what in {"backup", "export"})
        if what == "erasing":
            text = f"under {ERASED_IN:.0f}"
            name = f"erasing {size.posts // EACH:,} posts, s"
            report.promise(name, seen.seconds, text, kept=seen.seconds < ERASED_IN)
    await db.close()
