"""Return is commit, raise is rollback: no failure anywhere leaves anything half done."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.domain.actors import Actor
from bot.domain.voting import UP
from data.database import Database
from tests.store.faults import Broken, at_statement, counted, failing
from tests.store.forum import Forum, contents
from tests.support.kinds import on_postgresql, on_sqlite

ROOT = Path(__file__).resolve().parents[2]
Act = Callable[[Forum, int, int], Awaitable[object]]

ACTS: dict[str, Act] = {
    "ask": lambda forum, *_: forum.ask(
        forum.member(5), "What is a good question?", tags="a b", origin_id=77
    ),
    "answer": lambda forum, question, _: forum.answer(
        forum.member(5), question, "A good answer, long enough.", origin_id=77
    ),
    "vote": lambda forum, _, answer: forum.vote(forum.member(5), answer, UP),
    "choose": lambda forum, _, answer: forum.choose(forum.member(1), answer),
    "edit": lambda forum, question, _: forum.edit(
        forum.member(1), question, "Edited.", title="How do I sleep by day?", tags="sleep"
    ),
    "delete": lambda forum, _, answer: forum.delete(forum.member(2), answer),
    "hide": lambda forum, question, _: forum.hide(question),
    "set up": lambda forum, *_: forum.open(),
}


@pytest.mark.parametrize("act", ACTS)
async def test_a_statement_that_fails_leaves_nothing_behind(
    forum: Forum, question: int, answer: int, act: str
) -> None:
    """Every statement of the act fails once, and the commit; then it succeeds."""
    before = await contents(forum.db)
    number = -1
    while True:
        number += 1
        with counted(forum.db) as statements:
            try:
                with failing(forum.db, number):
                    await ACTS[act](forum, question, answer)
            except Broken:
                assert await contents(forum.db) == before, f"left by {statements[-1]}"
                continue
        break
    assert number >= 4
    assert act == "set up" or await contents(forum.db) != before
    await forum.assert_consistent()


@on_postgresql
@pytest.mark.parametrize("act", ["ask", "vote", "delete"])
async def test_an_act_that_is_cancelled_leaves_nothing_behind_and_no_lock(
    forum: Forum, question: int, answer: int, act: str
) -> None:
    """Cancelled while each of its statements runs; then it succeeds."""
    before = await contents(forum.db)
    cancelled = 0
    while True:
        task = asyncio.ensure_future(ACTS[act](forum, question, answer))
        try:
            with at_statement(forum.db, cancelled + 1, task.cancel):
                await task
        except asyncio.CancelledError:
            cancelled += 1
        else:
            break
        assert await contents(forum.db) == before, f"left by statement {cancelled}"
        async with asyncio.timeout(3), forum.db.write():
            """The next one finds no lock."""
    assert cancelled >= 4
    await forum.assert_consistent()


@on_sqlite
@pytest.mark.parametrize("act", ["ask", "vote", "delete"])
@pytest.mark.parametrize("number", [1, 4, 8])
async def test_an_act_that_is_cancelled_after_it_began_is_done_in_full(
    forum: Forum, question: int, answer: int, act: str, number: int
) -> None:
    """SQLite's thread does not hear of it, and whoever asked waits for its end."""
    before = await contents(forum.db)
    loop, heard = asyncio.get_running_loop(), threading.Event()
    task = asyncio.ensure_future(ACTS[act](forum, question, answer))

    def cancel() -> None:
        for call in (task.cancel, task.cancel, heard.set):  # twice: they still wait
            loop.call_soon_threadsafe(call)
        assert heard.wait(10)

    with at_statement(forum.db, number, cancel), pytest.raises(asyncio.CancelledError):
        await task
    assert await contents(forum.db) != before
    async with asyncio.timeout(3), forum.db.write():
        """The next one finds no lock."""
    await forum.assert_consistent()


async def test_a_refusal_is_a_rollback(forum: Forum, alice: Actor) -> None:
    await forum.set("limit.questions", "1")
    await forum.ask(alice)
    before = await contents(forum.db)
    with pytest.raises(Exception, match="hourly_limit"):
        await forum.ask(alice)
    assert await contents(forum.db) == before


_CHILD = """
import asyncio, os, sys
sys.path.insert(0, os.getcwd())
from data.database import Database
from tests.store.faults import at_statement
from tests.store.forum import Forum
from tests.store.test_transactions import ACTS

async def main():
    url, act, last, question, answer = sys.argv[1:]
    db = Database(url)
    await db.open()
    with at_statement(db, int(last), lambda: os._exit(9)):
        await ACTS[act](Forum(db), int(question), int(answer))

asyncio.run(main())
"""


@pytest.mark.parametrize("act", ["ask", "vote"])
async def test_a_process_killed_before_its_commit_leaves_nothing_behind(
    forum: Forum, database_url: str, question: int, answer: int, act: str
) -> None:
    with counted(forum.db) as statements, pytest.raises(Broken), failing(forum.db, 0):
        await ACTS[act](forum, question, answer)
    before = await contents(forum.db)
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _CHILD, database_url, act, str(len(statements))),
        *(str(question), str(answer)),
        cwd=ROOT,
    )
    assert await child.wait() == 9
    assert await contents(forum.db) == before
    await ACTS[act](forum, question, answer)
    await forum.assert_consistent()


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_sqlite_survives_a_loss_of_power(db: Database) -> None:
    async with db.read() as tx:
        found = await tx.run_sync(
            lambda connection: [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            ]
        )
    assert found == ["wal", 2, 1], "2 is FULL: on disk when a commit returns"


async def test_a_read_sees_one_state_of_the_data(forum: Forum, alice: Actor) -> None:
    """Each statement of it alike, whatever is committed in between."""
    count = text("SELECT count(*) FROM posts")
    async with forum.db.read() as tx:
        before = await tx.scalar(count)
        await forum.ask(alice)
        assert await tx.scalar(count) == before
    async with forum.db.read() as tx:
        assert await tx.scalar(count) == before + 1


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
async def test_a_read_writes_nothing(forum: Forum) -> None:
    with pytest.raises(DBAPIError, match="read-only"):
        async with forum.db.read() as tx:
            await tx.execute(text("DELETE FROM outbox"))


async def test_an_error_does_not_tell_what_was_typed(forum: Forum) -> None:
    with pytest.raises(DBAPIError) as raised:
        async with forum.db.write() as tx:
            await tx.execute(
                text("INSERT INTO drafts (form, nothing) VALUES (:typed, 1)"), {"typed": "secret"}
            )
    assert "secret" not in str(raised.value)


async def test_nobody_else_on_the_machine_reads_the_file(tmp_path: Path) -> None:
    """Neither a new one in an open folder, nor one that an earlier version left open."""
    old = tmp_path / "old.sqlite3"
    old.touch(mode=0o644)
    for path in (old, tmp_path / "new.sqlite3"):
        db = Database(f"sqlite+aiosqlite:///{path}")
        await db.open()
        async with db.write() as tx:
            await tx.execute(text("CREATE TABLE x (y)"))
        modes = {each.name: each.stat().st_mode & 0o777 for each in tmp_path.glob(f"{path.name}*")}
        await db.close()
        assert len(modes) == 3
        assert set(modes.values()) == {0o600}


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_what_is_erased_is_overwritten(db: Database) -> None:
    async with db.read() as tx:
        assert await tx.scalar(text("PRAGMA secure_delete")) == 1
