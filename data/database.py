"""The database: one engine, short transactions, one writer at a time on SQLite.

Measured: with SQLite's deferred BEGIN, 185 of 200 concurrent votes failed with "database is
locked"; with BEGIN IMMEDIATE and the writers queued here, none.
"""

from __future__ import annotations

import asyncio
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Collection,
    Coroutine,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, Executable, Row, event, exc
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.cursor import CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from data.ending import OpenTransactions
from data.hops import Hops
from data.known_rules import KnownRules
from data.lookups import Lookups
from data.one_hop import HOPS, WRITES, DirectConnection, in_one_hop
from data.postgresql import check_open, lock_with_begin, locking_connection
from data.sqlite import Log, RollingBack, begin, empty_log, keep_private, prepare
from data.statements import ForEach

_P = ParamSpec("_P")
_T = TypeVar("_T")
# Rows are read by the names of their columns. To find them by `Column` as well, SQLAlchemy would
# look through each statement's columns again: a tenth of the time of all statements. Its ORM has a
# word for that; a version without it would only be slower.
_BY_NAME = {"_result_disable_adapt_to_context": True}
_SNAPSHOT: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


class Transaction:
    """An open transaction. Leaving its block commits; raising rolls back."""

    def __init__(
        self, connection: AsyncConnection | DirectConnection, known: KnownRules | None = None
    ) -> None:
        self._connection = connection
        self.dialect: str = connection.dialect.name
        self.enqueued = False
        self.known_rules = known
        """None in a transaction that writes."""
        self.changes_before = known.changes if known is not None else 0
        self.changed_rules: set[int] = set()

    async def lock(self, guild_ids: Collection[int]) -> None:
        """Lock servers' rows until the transaction ends, as all that writes begins. A statement
        must follow. On SQLite, whose lock is of all, BEGIN was enough."""
        if isinstance(self._connection, AsyncConnection) and self.dialect == "postgresql":
            await lock_with_begin(self._connection, guild_ids)

    async def execute(
        self, statement: Executable, parameters: Any = None
    ) -> CursorResult[*tuple[Any, ...]]:
        """Run a statement; with a list of parameters, once for each of them in one go."""
        return await self._connection.execute(statement, parameters)

    async def for_each(self, statement: ForEach, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a prepared statement once for each row, in one go; nothing where there is none."""
        if rows:
            connection = self._connection
            sql, parameters = statement.driver_sql(connection.dialect, rows)
            await connection.exec_driver_sql(sql, parameters)

    async def rows(
        self, statement: Executable, parameters: Any = None
    ) -> list[Row[*tuple[Any, ...]]]:
        """All rows of a query."""
        return list((await self._connection.execute(statement, parameters)).all())

    async def row(
        self, statement: Executable, parameters: Any = None
    ) -> Row[*tuple[Any, ...]] | None:
        """The first row of a query, if it has one."""
        return (await self._connection.execute(statement, parameters)).first()

    async def scalar(self, statement: Executable, parameters: Any = None) -> Any:
        """The first column of the first row, or None."""
        return (await self._connection.execute(statement, parameters)).scalar()

    async def compute(self, function: Callable[_P, _T], *args: _P.args, **options: _P.kwargs) -> _T:
        """Run a function that takes long away from the event loop."""
        if isinstance(self._connection, DirectConnection):
            return function(*args, **options)
        return await asyncio.to_thread(function, *args, **options)

    async def run_sync(self, function: Callable[[Connection], _T]) -> _T:
        """Run a synchronous function of the connection (schema inspection, migrations)."""
        return await self._connection.run_sync(function)


class Database:
    """Opens transactions on SQLite (`sqlite+aiosqlite`) or PostgreSQL (`postgresql+asyncpg`), which
    knows the connections by `name`.

    `on_enqueue` is called after each commit that left something in the outbox; delivery sets it.
    """

    def __init__(self, url: str, name: str = "askwell") -> None:
        self.url: URL = make_url(url)
        self._name = name
        self.on_enqueue: Callable[[], None] | None = None
        self._engine: AsyncEngine | None = None
        self._writing = asyncio.Lock()
        self._open = OpenTransactions()
        self._known_rules = KnownRules()
        self._lookups: Lookups | None = None
        self._log = Log(self.path)

    @property
    def is_sqlite(self) -> bool:
        """Whether the data is in a SQLite file, with room for one writer."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def path(self) -> Path | None:
        """The SQLite file, or None for PostgreSQL and databases in memory."""
        name = self.url.database
        return Path(name) if self.is_sqlite and name and name != ":memory:" else None

    @property
    def engine(self) -> AsyncEngine:
        """The engine of an opened database; RuntimeError before `open` and after `close`."""
        if self._engine is None:
            raise RuntimeError("the database is not open")
        return self._engine

    @property
    def engines(self) -> list[Engine]:
        """SQLAlchemy's engines, whose events tell of all that runs in the opened database."""
        lookups = [] if self._lookups is None else [self._lookups.engine]
        return [self.engine.sync_engine, *lookups]

    @staticmethod
    def is_failure(error: Exception) -> bool:
        """Whether the database itself failed: it was busy, full, slow or not there. What it says
        of a statement of ours is a mistake of ours instead."""
        if isinstance(error, exc.DBAPIError):
            return not isinstance(error, exc.IntegrityError | exc.ProgrammingError | exc.DataError)
        return isinstance(error, exc.TimeoutError | OSError | TimeoutError)

    async def open(self) -> None:
        """Make the engine and prove that the database answers; its folder is made if missing."""
        # Errors are logged: what members typed, and who they are, is not to be in them.
        shared: dict[str, Any] = {"hide_parameters": True, "execution_options": _BY_NAME}
        if self.is_sqlite:
            if self.path is not None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                keep_private(self.path)
            # No isolation level: BEGIN is ours, see `data.sqlite.begin`.
            arguments: dict[str, Any] = {"factory": RollingBack, "isolation_level": None}
            options: dict[str, Any] = {"pool_size": 5}
            self._lookups = Lookups(self.url, **shared)
        else:
            arguments = {
                "connection_class": locking_connection(),
                "server_settings": {"application_name": self._name},
            }
            options = {"pool_size": 16, "pool_use_lifo": True}
        # None for a moment alone: to open a connection costs more than to wait for one, and on
        # PostgreSQL each plans all statements anew, the largest for 10 ms.
        options["max_overflow"] = 0
        engine = create_async_engine(self.url, connect_args=arguments, **shared, **options)
        if self.is_sqlite:
            event.listen(engine.sync_engine, "connect", self._open.note_connection)
            event.listen(engine.sync_engine, "connect", prepare)
            event.listen(engine.sync_engine, "begin", begin)
        else:
            event.listen(engine.sync_engine, "checkout", check_open)
        self._engine = engine
        try:
            async with self.read() as tx:
                await tx.run_sync(lambda connection: connection.exec_driver_sql("SELECT 1"))
        except BaseException:
            await self.close()
            raise

    async def close(self, patience: float = 5.0) -> None:
        """Close all connections; closing twice is fine. Nothing new begins meanwhile.

        Transactions that have begun, and writers that stand in line, have `patience` seconds to
        come to their end; then their tasks are cancelled, which rolls them back.
        """
        engine, self._engine = self._engine, None
        lookups, self._lookups = self._lookups, None
        if engine is not None:
            await self._open.end(engine, patience)
            await self._log.close()
            await engine.dispose()
        if lookups is not None:
            lookups.close()

    async def empty_log(self) -> bool:
        """Put what stands in SQLite's write-ahead log into the file, and empty the log: what is
        erased is in it until it is written over. False where readers, such as a backup, were in the
        way for 0.1 s: nobody can write meanwhile.
        """
        if not self.is_sqlite:
            return True
        await self._log.put_into_file()
        emptied: list[bool] = []
        engine = self.engine
        with self._open.one():
            async with self._writing, engine.connect() as connection:
                hops: Hops = (await connection.get_raw_connection()).info[HOPS]
                await hops.run(lambda file: emptied.append(empty_log(file)))
        return emptied[0]

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[Transaction]:
        """A transaction that only reads, over one snapshot of the data."""
        engine = self.engine
        with self._open.one():
            async with engine.connect() as connection:
                if not self.is_sqlite:  # whose transactions are such anyway
                    await connection.execution_options(**_SNAPSHOT)
                async with connection.begin():
                    yield Transaction(connection, self._known_rules)

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[Transaction]:
        """A transaction that writes: commits when its block returns, rolls back when it raises.

        On SQLite the writers stand in line here, where waiting costs nothing, not in the file.
        """
        engine = self.engine
        with self._open.one():
            if self.is_sqlite:
                async with self._writing, self._write(engine) as tx:
                    yield tx
            else:
                async with self._write(engine) as tx:
                    yield tx
        self._has_ended(tx)

    def _has_ended(self, tx: Transaction) -> None:
        """A transaction that writes is over."""
        if tx.changed_rules:
            self._known_rules.forget(tx.changed_rules)
        self._log.has_grown(self._writing)
        if tx.enqueued and self.on_enqueue is not None:
            self.on_enqueue()

    async def in_read(self, work: Callable[[Transaction], Awaitable[_T]]) -> _T:
        """Run a function in a transaction as `read` opens one, and return what it returns.

        On SQLite all of it takes one hop to the connection's thread, however many statements there
        are: the function may await nothing but its transaction.
        """
        if not self.is_sqlite:
            async with self.read() as tx:
                return await work(tx)
        engine = self.engine
        with self._open.one():
            return await in_one_hop(engine, self._reading(work))

    async def in_lookup(self, work: Callable[[Transaction], Awaitable[_T]]) -> _T:
        """As `in_read`, for a few rows that are found by their keys.

        On SQLite it runs on the event loop itself. On PostgreSQL each statement sees what is
        committed when it runs, which spares two round trips for BEGIN and ROLLBACK.
        """
        engine, lookups = self.engine, self._lookups
        with self._open.one():
            if lookups is None:
                async with engine.connect() as connection:
                    await connection.execution_options(isolation_level="AUTOCOMMIT")
                    return await work(Transaction(connection, self._known_rules))
            return await lookups.run(engine, self._reading(work))

    def _reading(
        self, work: Callable[[Transaction], Awaitable[_T]]
    ) -> Callable[[DirectConnection], Awaitable[_T]]:
        return lambda connection: work(Transaction(connection, self._known_rules))

    async def in_write(self, work: Callable[[Transaction], Awaitable[_T]]) -> _T:
        """Run a function in a transaction as `write` opens one, in one hop like `in_read`."""
        if not self.is_sqlite:
            async with self.write() as tx:
                return await work(tx)
        engine = self.engine
        opened: list[Transaction] = []

        def open_and_work(connection: DirectConnection) -> Awaitable[_T]:
            opened.append(Transaction(connection))
            return work(opened[0])

        try:
            with self._open.one():
                async with self._writing:
                    return await in_one_hop(engine, open_and_work, writes=True)
        finally:  # also where it was cancelled: what had begun is done
            for tx in opened:
                self._has_ended(tx)

    @asynccontextmanager
    async def _write(self, engine: AsyncEngine) -> AsyncGenerator[Transaction]:
        async with engine.connect() as connection:
            await connection.execution_options(**{WRITES: True})
            async with connection.begin():
                tx = Transaction(connection)
                yield tx


def reading(
    use_case: Callable[Concatenate[Transaction, _P], Awaitable[_T]],
) -> Callable[Concatenate[Database, _P], Coroutine[Any, Any, _T]]:
    """Make a function of a transaction one of the database: it runs in a read of its own."""

    @wraps(use_case)
    async def in_read(db: Database, /, *args: _P.args, **options: _P.kwargs) -> _T:
        return await db.in_read(lambda tx: use_case(tx, *args, **options))

    return in_read


def looking_up(
    use_case: Callable[Concatenate[Transaction, _P], Awaitable[_T]],
) -> Callable[Concatenate[Database, _P], Coroutine[Any, Any, _T]]:
    """As `reading`, for a few rows that are found by their keys: see `Database.in_lookup`."""

    @wraps(use_case)
    async def in_lookup(db: Database, /, *args: _P.args, **options: _P.kwargs) -> _T:
        return await db.in_lookup(lambda tx: use_case(tx, *args, **options))

    return in_lookup


def writing(
    use_case: Callable[Concatenate[Transaction, _P], Awaitable[_T]],
) -> Callable[Concatenate[Database, _P], Coroutine[Any, Any, _T]]:
    """Make a function of a transaction one of the database: it runs in a write of its own."""

    @wraps(use_case)
    async def in_write(db: Database, /, *args: _P.args, **options: _P.kwargs) -> _T:
        return await db.in_write(lambda tx: use_case(tx, *args, **options))

    return in_write
