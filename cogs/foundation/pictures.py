"""Pictures without what cameras and programs write into them: place, device, time, names, previews.

Each is drawn anew before it is kept, in a process of its own with limits, since a picture from a
stranger can be made to take all memory, or to break its decoder. It goes there and comes back in
files, and is never in the bot's memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Final, Protocol

from bot.domain.errors import Invalid, Problem
from bot.domain.files import (
    BYTES_MAX,
    HEAD,
    NAME_MAX,
    GivenFile,
    PictureKind,
    anonymous_name,
    is_named_as_picture,
    named_as,
    picture_kind,
    pixels_max,
)
from cogs.foundation.redrawing import Ending, Limits

_log = logging.getLogger(__name__)

_STORED: Final = 2**18
_GRACE: Final = 2.0  # seconds after which a process that doesn't end by itself is killed
# Behind all others, the folder that has `cogs` in it.
_START: Final = (
    "import sys; sys.path.append(sys.argv.pop(1)); "
    "from cogs.foundation.redrawing import main; sys.exit(main(sys.argv[1:]))"
)
_ROOT: Final = str(Path(__file__).resolve().parents[2])
# Of the environment it needs where a system keeps its libraries, and least of all the token.
_ENVIRONMENT: Final = ("LD_LIBRARY_PATH", "SYSTEMROOT")
_REFUSED: Final = {
    Ending.NOT_A_PICTURE: Problem.PICTURE_NOT,
    Ending.DAMAGED: Problem.PICTURE_DAMAGED,
    Ending.TOO_MANY_PIXELS: Problem.PICTURE_PIXELS,
    Ending.TOO_HEAVY: Problem.PICTURE_HEAVY,
    Ending.TOO_LARGE: Problem.FILES_TOO_BIG,
    Ending.ANIMATED: Problem.PICTURE_ANIMATED,
}
_OUT_OF_LIMITS: Final = frozenset(
    -getattr(signal, name).value
    for name in ("SIGKILL", "SIGALRM", "SIGXCPU")
    if hasattr(signal, name)
)
_CRASHED: Final = frozenset(
    -getattr(signal, name).value
    for name in ("SIGSEGV", "SIGBUS", "SIGABRT", "SIGFPE", "SIGILL")
    if hasattr(signal, name)
)


class Downloaded(Protocol):
    """A file as somebody gave it, on disk."""

    @property
    def file(self) -> BinaryIO:
        """The open file, wherever its position is."""
        ...

    @property
    def size(self) -> int:
        """Its bytes."""
        ...


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A file as it is kept, on disk while the block of `cleaned` runs."""

    given: GivenFile
    file: BinaryIO

    @property
    def size(self) -> int:
        """Its bytes."""
        return self.given.size

    def pieces(self) -> Iterator[bytes]:
        """All of it, a piece at a time."""
        self.file.seek(0)
        while piece := self.file.read(_STORED):
            yield piece


@asynccontextmanager
async def cleaned(
    turns: asyncio.Semaphore,
    given: GivenFile,
    downloaded: Downloaded,
    *,
    anonymous: int = 0,
    limits: Limits | None = None,
) -> AsyncGenerator[Cleaned]:
    """A file without what isn't seen in it: a picture drawn anew, anything else as it is.

    What it holds decides, and its name follows. `anonymous` is a picture's number in an anonymous
    post, where it gets a name from that, must not move, and must be a picture.

    Raises `Invalid("attachment", …)`: `PICTURE_NOT` or `PICTURE_DAMAGED` if it can't be drawn,
    `PICTURE_PIXELS`, `PICTURE_HEAVY` or `FILES_TOO_BIG` if it is too much, `PICTURE_FAILED` if the
    fault is ours; if it is anonymous, also `PICTURE_ANIMATED` and `FILE_NOT_ANONYMOUS`.
    """
    picture = picture_kind(_head(downloaded.file))
    if picture is None and not is_named_as_picture(given.name):
        if anonymous:
            raise Invalid("attachment", Problem.FILE_NOT_ANONYMOUS)
        yield Cleaned(replace(given, size=downloaded.size), downloaded.file)
        return
    limits = limits or Limits()
    with TemporaryFile() as drawn:
        async with turns:
            ending = await _draw(downloaded.file, drawn, limits, still=bool(anonymous))
        if ending is not Ending.DRAWN:
            raise _refusal(ending, given, picture)
        kind = picture_kind(_head(drawn))
        if kind is None:
            raise _refusal(None, given, picture)
        named = named_as(given.name, kind)
        name = anonymous_name(named, kind, anonymous) if anonymous else named
        size = os.fstat(drawn.fileno()).st_size
        yield Cleaned(replace(given, name=name, content_type=f"image/{kind}", size=size), drawn)


def _head(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(HEAD)


def _refusal(ending: Ending | None, given: GivenFile, kind: PictureKind | None) -> Invalid:
    problem = Problem.PICTURE_FAILED if ending is None else _REFUSED[ending]
    most = {
        Problem.FILES_TOO_BIG: f"{BYTES_MAX // 2**20} MB",
        Problem.PICTURE_PIXELS: pixels_max(kind) // 1_000_000,
    }
    if problem not in most:
        return Invalid("attachment", problem, name=given.name[:NAME_MAX])
    return Invalid("attachment", problem, name=given.name[:NAME_MAX], maximum=most[problem])


async def _draw(
    picture: BinaryIO, drawn: BinaryIO, limits: Limits, *, still: bool
) -> Ending | None:
    """Draw a picture from one file into another. None if the process failed, and not because of the
    picture."""
    picture.flush()
    picture.seek(0)
    with TemporaryFile() as said:
        arguments = limits.arguments() + (["still"] if still else [])
        try:
            code = await _run(arguments, picture, drawn, said, limits.seconds + _GRACE)
        except OSError as error:
            _log.error("a picture could not be drawn: %s", error)
            return None
        if code in _OUT_OF_LIMITS:
            return Ending.TOO_HEAVY
        if code in {each.value for each in Ending}:
            return Ending(code)
        said.seek(max(0, os.fstat(said.fileno()).st_size - 500))
        words = said.read().decode(errors="replace").strip().splitlines()
    _log.error("drawing a picture ended with %s: %s", code, words[-1] if words else "no word")
    return Ending.DAMAGED if code in _CRASHED else None


async def _run(
    arguments: list[str], picture: BinaryIO, drawn: BinaryIO, said: BinaryIO, seconds: float
) -> int:
    """The exit code of the process, which is gone when this ends, however it ends."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-B", "-c", _START, _ROOT, *arguments),
        stdin=picture,
        stdout=drawn,
        stderr=said,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
    )
    try:
        async with asyncio.timeout(seconds):
            return await child.wait()
    except TimeoutError:
        return -signal.SIGKILL.value
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()
