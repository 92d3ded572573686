"""Who wrote the anonymous posts, found out of copies of the database: `tests/store/test_solver.py`
for longer, with other stories each time, on both databases.

Of ten members who wrote the same number each, chance names a tenth rightly. All stories are
counted together: three standard deviations above it are seen that one story of 60 posts hides.
"""

from __future__ import annotations

import math
import random
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

from data.database import Database
from tests.bench.measuring import Report
from tests.bench.search import database_url
from tests.bench.world import migrated, sqlite_url
from tests.support.delayed_story import DelayedStory
from tests.support.solver import right_ones
from tests.support.ten_members import Story, ten_members

MEMBERS = 10
POSTS = 60  # of a story, as in the test
STORIES = 12  # of each kind, on each database


def at_most(posts: int) -> int:
    """How many of so many are named rightly without anything known, but once in a thousand runs."""
    chance = 1 / MEMBERS
    return math.floor(posts * chance + 3 * math.sqrt(posts * chance * (1 - chance)))


@asynccontextmanager
async def _new_database(kind: str) -> AsyncIterator[Database]:
    with ExitStack() as stack:
        if kind == "sqlite":
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            url = sqlite_url(Path(folder) / "stories.sqlite3")
        else:
            url = stack.enter_context(database_url(kind))
        db = await migrated(url)
        try:
            yield db
        finally:
            await db.close()


async def named_rightly(db: Database, seed: int, kind: type[Story], posts: int) -> int:
    """How many authors of a story are."""
    async with ten_members(db, seed, kind) as story:
        solver = await (await story.tell(posts)).solver()
    assert len(story.authors) == posts
    return right_ones(solver.name_all(story.authors), story.authors)


async def run(
    report: Report, seed: int | None, *, stories: int = STORIES, posts: int = POSTS
) -> None:
    """Tell stories, print how many authors were named rightly, and hold it against chance."""
    seed = random.randrange(10**6) if seed is None else seed
    report.title(
        f"Anonymous authors found by copies of the database, of {stories} stories of {posts} posts "
        f"each (from seed {seed} on)"
    )
    report.line("", "rightly", "of", "in")
    for database in ("sqlite", "postgresql"):
        for kind in (Story, DelayedStory):
            began, right = time.perf_counter(), 0
            for number in range(stories):
                async with _new_database(database) as db:
                    right += await named_rightly(db, seed + number, kind, posts)
            later = ", appearing later" if kind is DelayedStory else ""
            name, took = f"{database}{later}", time.perf_counter() - began
            report.line(name, str(right), str(stories * posts), f"{took:.0f} s")
            bound = at_most(stories * posts)
            report.promise(f"{name}: authors", right, f"at most {bound}", kept=right <= bound)
