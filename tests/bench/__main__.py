"""`python -m tests.bench`: how fast Askwell is, as ratios where two sides can be compared.

    --quick   about four minutes: votes, acknowledgements, statements, memory, anonymous posts, who
              waits for whom, and how much the bot takes in over a real connection
    (none)    the same for longer and on both databases, a server of 200,000 votes, and whom similar
              questions hold up before they post
    --sealed  half a minute: anonymous posts alone, on both databases
    --before-posting  five minutes: that alone, where ../shared is at hand
    --clicks  half a minute: over a real connection alone
    --rename  forty minutes: one of 50 servers renames a category of 10,000 questions
    --large   half an hour: a forum of a million posts is recounted, backed up and exported, and a
              member of 5,000 posts is erased, beside votes
    --soak    anonymous authors are looked for in copies of the database (minutes), then an hour (or
              --minutes) of a busy server that is restarted and cut off again and again

Ends with 1 where a promise is broken, and says which. `docs/performance.md` explains the figures.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import platform
import sqlite3
import sys
import time
from pathlib import Path

from tests.bench import (
    acknowledging,
    before_posting,
    fairness,
    large,
    memory,
    sealed,
    sizes,
    soak,
    solving,
    statements,
    transport,
    votes,
)
from tests.bench.measuring import Report, folder_on_disk
from tests.bench.search import database_url
from tests.bench.world import migrated, sqlite_url


async def quick(report: Report, folder: Path) -> None:
    """The first benchmark."""
    await first(report, folder)
    await clicks(report, folder, transport.QUICK)
    await rename(report, "sqlite", fairness.QUICK)


async def clicks(report: Report, folder: Path, size: transport.Size) -> None:
    """What the bot takes in over a real connection, beside the library alone."""
    found = await transport.measure(folder, "sqlite", size)
    transport.tell(report, "sqlite", size, found)
    transport.hold(report, found)


async def clicks_on_both(report: Report, folder: Path) -> None:
    """The same for longer, and on PostgreSQL."""
    size = transport.WHOLE
    await clicks(report, folder, size)
    postgresql = await transport.measure(folder, "postgresql", size)
    transport.tell(report, "postgresql", size, postgresql)
    transport.hold(report, postgresql, factor=transport.POSTGRES)


async def rename(report: Report, kind: str, size: fairness.Size) -> None:
    """One server's mass of refreshes beside the fresh questions of others."""
    fairness.tell(report, kind, size, await fairness.run(kind, size))


async def first(report: Report, folder: Path, *, scale: float = 1.0) -> None:
    """What people wait for, each in turns; `scale` 1 takes about a minute."""
    rounds = max(round(9 * scale), 2)
    await compare_votes(report, folder, rounds=rounds, number=max(int(2000 * scale), 100))
    acknowledging.tell(report, await acknowledging.measure(folder, max(int(60 * scale), 3)))
    statements.tell(report, await statements.count(folder))
    seconds = min(4.0, 4 * scale)
    starts = await memory.starts(folder, seconds)
    memory.tell(report, starts, await memory.for_anonymous_posts(folder, seconds / 2))
    size = sealed.Size(posts=max(int(80 * scale), 2), personas=max(int(10_000 * min(scale, 1)), 10))
    sealed.tell(report, "sqlite", size, await sealed.on_sqlite(folder, size))


async def anonymous_posts(report: Report, folder: Path) -> None:
    """Anonymous posts beside those by name, on both databases."""
    size = sealed.Size()
    sealed.tell(report, "sqlite", size, await sealed.on_sqlite(folder, size))
    with database_url("postgresql") as url:
        sealed.tell(report, "postgresql", size, await sealed.measure(url, size))


async def compare_votes(report: Report, folder: Path, *, rounds: int, number: int) -> None:
    """Votes by the bot against votes by hand."""
    template = folder / "forum.sqlite3"
    await (await migrated(sqlite_url(template))).close()
    posts = await votes.prepare(sqlite_url(template), max(number // 5, 20))
    turns = await votes.compare(folder, template, posts, votes=number, rounds=rounds)
    votes.tell(report, turns)


async def full(report: Report, folder: Path) -> None:
    """The whole benchmark."""
    await first(report, folder, scale=3.0)
    with database_url("postgresql") as url:
        sealed.tell(report, "postgresql", sealed.Size(), await sealed.measure(url, sealed.Size()))
    await clicks_on_both(report, folder)
    for kind in ("sqlite", "postgresql"):
        await sizes.measure(report, kind)
    await before_posting.measure(report)
    await rename(report, "postgresql", fairness.QUICK)
    await rename(report, "sqlite", fairness.WHOLE)


def main() -> int:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--quick", action="store_true", help="about four minutes")
    which.add_argument("--sealed", action="store_true", help="anonymous posts, half a minute")
    which.add_argument("--clicks", action="store_true", help="over a real connection alone")
    which.add_argument("--rename", action="store_true", help="who waits for whom: forty minutes")
    which.add_argument("--large", action="store_true", help="a million posts: half an hour")
    which.add_argument("--before-posting", action="store_true", help="similar questions")
    which.add_argument("--soak", action="store_true", help="a busy server, for --minutes")
    parser.add_argument("--minutes", type=float, default=60, help="how long to soak (60)")
    parser.add_argument("--seed", type=int, default=None, help="what to soak with; printed")
    given = parser.parse_args()
    # What is logged while failures are made on purpose is no news; errors are.
    logging.basicConfig(level=logging.ERROR)
    report, began = Report(), time.perf_counter()
    print(
        f"{platform.machine()}, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )
    with folder_on_disk() as folder:
        if given.soak:
            asyncio.run(solving.run(report, given.seed))
            asyncio.run(soak.run(report, folder, given.minutes, given.seed))
        elif given.rename:
            asyncio.run(rename(report, "sqlite", fairness.WHOLE))
        elif given.large:
            asyncio.run(large.measure(report, folder, large.Size()))
        elif given.before_posting:
            asyncio.run(before_posting.measure(report))
        elif given.sealed:
            asyncio.run(anonymous_posts(report, folder))
        elif given.clicks:
            asyncio.run(clicks(report, folder, transport.QUICK))
        elif given.quick:
            asyncio.run(quick(report, folder))
        else:
            asyncio.run(full(report, folder))
    print(f"\nin {time.perf_counter() - began:.0f} s: ", end="")
    if report.broken:
        print("BROKEN\n  " + "\n  ".join(report.broken))
        return 1
    print("every promise is kept")
    return 0


if __name__ == "__main__":
    sys.exit(main())
