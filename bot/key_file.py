"""The file with the installation's keys: where it is, reading it, and making it.

Each line is a key of 32 random bytes in base64. The first one seals; the others are older and still
open what was sealed with them. No message quotes a line: it may be a key.
"""

from __future__ import annotations

import base64
import binascii
import os
import shlex
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

from bot.sealing import KEY_BYTES, Sealing
from bot.settings import Settings

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

# Where container engines put what they are given for a service.
_SECRETS: Final = Path("/run/secrets")
_MOST: Final = 4096  # bytes of a key file: some ninety keys


class KeyFileError(Exception):
    """Why there is no key to be had, or none can be made: a sentence for the owner."""


class Weakness(NamedTuple):
    """What keeps a key file from being safe, and what to do about it."""

    finding: str
    fix: str


def places(settings: Settings) -> tuple[Path, ...]:
    """Where the file may be, in the order in which it is looked for; the last is where a new one
    is made. Raises `KeyFileError` if a home folder is needed and there is none."""
    try:
        if settings.askwell_key_file:
            return (Path(settings.askwell_key_file).expanduser(),)
        home = Path.home()
    except RuntimeError as error:
        raise KeyFileError(
            "This user has no home folder to keep a key in: name a place in ASKWELL_KEY_FILE."
        ) from error
    credentials = [folder / "askwell.key" for folder in _credentials()]
    return (*credentials, _SECRETS / "askwell_key", home / ".config" / "askwell" / "key")


def _credentials() -> list[Path]:
    """The folder of what systemd hands to this service, if it does."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    return [Path(folder)] if folder else []


def find(settings: Settings) -> Path | None:
    """The key file; None if there isn't one yet. Raises `KeyFileError`."""
    return next(filter(_is_there, places(settings)), None)


def _is_there(path: Path) -> bool:
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True  # reading it says why not
    return True


def read(settings: Settings) -> Sealing:
    """Read the keys. Raises `KeyFileError`."""
    path = find(settings)
    if path is None:
        raise KeyFileError(
            f"There is no key file {' or '.join(map(str, places(settings)))}. `askwell key` makes "
            "one; if there was one, put your copy of it there."
        )
    return read_from(path)


def read_from(path: Path) -> Sealing:
    """Read the keys of a file. Raises `KeyFileError`."""
    try:
        if not path.is_file() and path.exists():
            raise KeyFileError(f"{path} is no file, and so no key file.")
        with path.open("rb") as file:
            lines = file.read(_MOST + 1)
    except OSError as error:
        raise KeyFileError(
            f"The key file {path} can't be read ({error.strerror or error}). It must belong to the "
            "user that Askwell runs as."
        ) from error
    if len(lines) > _MOST:
        raise KeyFileError(f"{path} is no key file: it is longer than {_MOST} bytes.")
    ring = [
        _key(path, number, line.strip())
        for number, line in enumerate(lines.split(b"\n"), 1)
        if line.strip()
    ]
    if not ring:
        raise KeyFileError(
            f"The key file {path} is empty. Put your copy of it there; if there never was a key, "
            "delete the file, and `askwell key` makes one."
        )
    return Sealing(ring)


def _key(path: Path, number: int, line: bytes) -> bytes:
    try:
        key = base64.b64decode(line, validate=True)
    except binascii.Error:
        problem = "is not base64"
    else:
        if len(key) == KEY_BYTES:
            return key
        problem = f"has {len(key)} bytes, and a key has {KEY_BYTES}"
    raise KeyFileError(
        f"Line {number} of the key file {path} is no key: it {problem}. Put your copy of the file "
        "there."
    )


def weakness_of(path: Path, settings: Settings) -> Weakness | None:
    """What keeps a key file from being safe, if anything does."""
    if folder := _shared_folder(path, settings):
        return Weakness(
            f"{path} is in {folder}, where the database or its backups are: a copy of that folder "
            "has both",
            "move it elsewhere, and name its new place in ASKWELL_KEY_FILE",
        )
    if _is_open(path):
        finding = f"{path} can be read or changed by other users of this machine"
        return Weakness(finding, f"chmod 600 {shlex.quote(str(path))}")
    return None


def _shared_folder(path: Path, settings: Settings) -> Path | None:
    """The folder of the database or of its backups, if a file is in it at any depth."""
    folders = [settings.backup_folder]
    if settings.database_path is not None:
        folders.insert(0, settings.database_path.parent)
    whole = path.resolve()
    return next((each for each in folders if whole.is_relative_to(each.resolve())), None)


def _is_open(path: Path) -> bool:
    # Windows keeps who may read a file elsewhere. What systemd and container engines hand to one
    # service has other modes, and nobody else there to read it.
    if os.name != "posix" or any(map(path.is_relative_to, (_SECRETS, *_credentials()))):
        return False
    try:
        return bool(path.stat().st_mode & 0o077)
    except OSError:
        return False  # reading it says so


def make(settings: Settings) -> Path:
    """Make a key in a new file, for its owner alone, and return its path. Raises `KeyFileError`."""
    if (path := find(settings)) is not None:
        raise KeyFileError(
            f"There is a key already, {path}, and it stays: what it sealed would be lost."
        )
    path = places(settings)[-1]
    if folder := _shared_folder(path, settings):
        raise KeyFileError(
            f"{path} is in {folder}, where the database or its backups are, and a copy of that "
            "folder would have both. Name another place in ASKWELL_KEY_FILE."
        )
    try:
        _make_folder(path.parent)
        _write_new(path, base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
    except OSError as error:
        raise KeyFileError(
            f"{path} can't be made ({error.strerror or error}). Run `askwell key` as a user who "
            "may write there, or name another place in ASKWELL_KEY_FILE."
        ) from error
    return path


def add_key(path: Path) -> None:
    """Make another key, and put it before those in a file. Whoever reads it meanwhile finds the old
    file or the new one. Raises `KeyFileError`."""
    path = path.resolve()  # a link stays one
    new = path.with_name(f"{path.name}.new")
    try:
        with _alone(path.parent):
            new.unlink(missing_ok=True)  # of one that was killed
            line = base64.b64encode(os.urandom(KEY_BYTES)) + b"\n"
            _write_new(new, line + path.read_bytes(), like=path.stat())
            new.replace(path)
            _sync(path.parent)
    except OSError as error:
        raise KeyFileError(
            f"The key file {path} can't be changed ({error.strerror or error}). Run `askwell "
            "rotate-key` as a user who may, or put a new first line there yourself, as `head -c 32 "
            "/dev/urandom | base64` prints one; restart the bot, and repeat the command."
        ) from error


@contextmanager
def _alone(folder: Path) -> Generator[None]:
    """Keep other processes from adding a key meanwhile: of two, one would be lost."""
    if fcntl is None:
        yield
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it that aren't there, each for its owner alone."""
    if not folder.exists():
        _make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def _write_new(path: Path, content: bytes, like: os.stat_result | None = None) -> None:
    """Write a file that wasn't there, and have it on the disk. It belongs to whom another one
    does."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(file, "wb") as opened:
            if like is not None and os.name == "posix" and like.st_uid != os.geteuid():
                os.fchown(file, like.st_uid, like.st_gid)
            opened.write(content)
            opened.flush()
            os.fsync(file)
        _sync(path.parent)
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise


def _sync(folder: Path) -> None:
    """Have a new name in a folder on the disk."""
    if os.name != "posix":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
