"""The file that lists erasures, beside the backups: whoever restores one erases again whom it
names. Only its owner can read it, and at no moment is it half-written."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Generator, Iterable
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from bot.domain.erasures import Erased, ErasureList, merged
from data.backups import FileProblem, flush, problems, reading

try:
    import fcntl
except ImportError:  # Windows: two processes at once may lose a line, which the next look adds
    fcntl = None

NAME: Final = "askwell-erasures.json"
_FORMAT: Final = 1
_ERASED: Final = (
    "SELECT guild_id, erasure_secret, digest, day, times, texts"
    " FROM erasures JOIN guilds ON guilds.id = guild_id WHERE erasure_secret IS NOT NULL"
)


def read(folder: Path) -> list[ErasureList]:
    """The lists in a folder's file, one for each server and secret; none where there is no file.

    Raises `FileProblem` where there is one that can't be read.
    """
    path = folder / NAME
    with problems():
        try:
            said = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return []
    try:
        return _parsed(json.loads(said))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise FileProblem(f"{path} is damaged") from error


def of_file(path: Path) -> list[ErasureList]:
    """What a SQLite file of Askwell's says. None where it is damaged, or from before such lists."""
    try:
        with closing(reading(path)) as connection:
            rows = connection.execute(_ERASED).fetchall()
    except sqlite3.Error:
        return []
    return merged(ErasureList(r[0], bytes.fromhex(r[1]), (Erased(*r[2:]),)) for r in rows)


def add(folder: Path, lists: Iterable[ErasureList], since: int) -> None:
    """Add lists to a folder's file, which is made if it isn't there, and drop what is from before a
    day. Raises `FileProblem`."""
    with problems():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(folder):
            text = _written(merged([*read(folder), *lists], since))
            path = folder / NAME
            if not _says(path, text):
                _write(path, text)


def can_be_written(folder: Path) -> bool:
    """Whether this user can write into a folder, or make it."""
    there = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def _says(path: Path, text: str) -> bool:
    if not path.exists() or path.stat().st_mode & 0o077:
        return False
    return path.read_bytes() == text.encode()


def _write(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)  # of one that was killed
    part.touch(mode=0o600)
    part.write_text(text, encoding="utf-8")
    flush(part)
    part.replace(path)
    flush(path.parent)


def _parsed(said: Any) -> list[ErasureList]:
    if said["format"] != _FORMAT:
        raise ValueError(said["format"])
    return [
        ErasureList(
            int(each["guild_id"]),
            bytes.fromhex(each["secret"]),
            tuple(Erased(*(int(row[name]) for name in Erased.__slots__)) for row in each["erased"]),
        )
        for each in said["servers"]
    ]


def _written(lists: Iterable[ErasureList]) -> str:
    """The lists as JSON, in which numbers of 64 bits are strings, as in an export."""
    servers = [
        {
            "guild_id": str(each.guild_id),
            "secret": each.secret.hex(),
            "erased": [{**asdict(one), "digest": str(one.digest)} for one in each.erased],
        }
        for each in lists
    ]
    return json.dumps({"format": _FORMAT, "servers": servers}, indent=1) + "\n"


@contextmanager
def _alone(folder: Path) -> Generator[None]:
    """Keep other processes from changing the file meanwhile. The folder is locked: a lock on the
    file itself would go with the file that is replaced."""
    if fcntl is None:
        yield
        return
    file = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)
