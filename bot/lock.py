"""One process per SQLite file: the second is refused at the door.

The lock is the operating system's (`flock`), held on an open file, so a process that was killed
leaves nothing behind that could block the next. The process id in the file is only for the
message.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

try:
    import fcntl
except ImportError:  # Windows: no lock; SQLite's own locking still keeps the data whole
    fcntl = None


class AlreadyRunning(Exception):
    """Another process works on this database. `pid` is its id, if it could be read."""

    def __init__(self, database: Path, pid: int | None) -> None:
        who = f"process {pid}" if pid else "another process"
        super().__init__(f"{who} is using {database}")
        self.database = database
        self.pid = pid


class DatabaseLock:
    """Held for as long as its block runs: `with DatabaseLock(path): …`.

    Raises `AlreadyRunning` if another process holds it, OSError if the database's folder can't be
    created or written.
    """

    def __init__(self, database: Path, kind: str = "") -> None:
        # Resolved, so that two names of one file (a link, another working directory) share a lock.
        self.database = database = database.resolve()
        # A lock of another kind, such as ".chore", is held beside the process's own.
        self.path = database.with_name(f"{database.name}{kind}.lock")
        self._file: int | None = None

    def __enter__(self) -> DatabaseLock:
        # Only this user may read posts and votes.
        self.database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = _read_pid(file)
            os.close(file)
            raise AlreadyRunning(self.database, pid) from None
        except BaseException:
            os.close(file)
            raise
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        self._file = file
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # The file stays: removing it would let two processes lock two files of one name.
        file, self._file = self._file, None
        if file is not None:
            os.ftruncate(file, 0)
            os.close(file)


def _read_pid(file: int) -> int | None:
    try:
        return int(os.pread(file, 32, 0))
    except (OSError, ValueError):
        return None
