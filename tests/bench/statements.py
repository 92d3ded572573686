"""How many statements each use case runs, counted as the tests count them."""

from __future__ import annotations

import shutil
from pathlib import Path

from data.database import Database
from tests.bench.measuring import Report
from tests.bench.world import migrated, sqlite_url
from tests.store.forum import Forum
from tests.store.test_statements import ACTS, statements_of


async def count(folder: Path) -> dict[str, int]:
    """The statements of each use case, on SQLite."""
    empty = folder / "empty.sqlite3"
    await (await migrated(sqlite_url(empty))).close()
    numbers: dict[str, int] = {}
    for number, act in enumerate(ACTS):
        path = folder / f"statements-{number}.sqlite3"
        shutil.copyfile(empty, path)
        db = Database(sqlite_url(path))
        await db.open()
        numbers[act] = len(await statements_of(await Forum(db).open(), act))
        await db.close()
    return numbers


def tell(report: Report, numbers: dict[str, int]) -> None:
    """Print them, and what broke the numbers that the tests fix."""
    report.title("Statements of each use case (tests/store/test_statements.py fixes them)")
    for act, number in numbers.items():
        fixed = ACTS[act][1]
        report.line(act, str(number))
        if number != fixed:
            report.broken.append(f"{act}: {number} statements, fixed at {fixed}")
