"""Files of posts: which are accepted, and their names in Discord."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import PurePosixPath

from bot.domain.errors import Invalid, Problem

FILES_MAX = 3  # with one post
BYTES_MAX = 10 * 1024 * 1024  # all files of a post: Discord allows a bot that much in any server
NAME_MAX = 80
SPOILER = "SPOILER_"  # Discord's mark of a file that is hidden until clicked

PICTURE_PIXELS_MAX = 25_000_000  # of one picture; phones take them with 12 or 24 million


class PictureKind(StrEnum):
    """What a picture is, whatever its name says."""

    PNG = "png"
    JPEG = "jpeg"
    GIF = "gif"
    WEBP = "webp"


_ENDINGS = {
    PictureKind.PNG: ("png",),
    PictureKind.JPEG: ("jpg", "jpeg"),
    PictureKind.GIF: ("gif",),
    PictureKind.WEBP: ("webp",),
}
_PICTURES = frozenset(ending for endings in _ENDINGS.values() for ending in endings)
# Pictures that can't be drawn anew, and may have a location in them.
_OTHER_PICTURES = frozenset({"heic", "heif", "avif", "tif", "tiff", "bmp", "jxl", "svg", "dng"})
_TEXTS = frozenset({"txt", "md", "log", "csv"})
_KINDS = _PICTURES | _TEXTS | {"pdf"}
KINDS = "PNG, JPEG, GIF, WebP, PDF, TXT, MD, LOG, CSV"


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file of a post. `there` tells whether Discord holds it, or is about to."""

    name: str
    content_type: str
    size: int
    there: bool = True

    @property
    def is_picture(self) -> bool:
        """Whether it can be shown within the card. A file that its author hides until clicked
        can't."""
        return _ending(self.name) in _PICTURES and not self.name.startswith(SPOILER)


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file that a member attached; Discord keeps it at `url` for a while."""

    name: str
    content_type: str
    size: int
    url: str


def check_files(files: Iterable[tuple[str, str, int]]) -> None:
    """Check files given as (name, content type, size in bytes) for one post.

    Raises `Invalid("attachment", …)`: allowed are pictures, PDF and plain text, at most three, at
    most 10 MiB together, and none empty, since Discord refuses empty files.
    """
    together = 0
    number = 0
    for name, content_type, size in files:
        number += 1
        together += size
        if _ending(name) in _OTHER_PICTURES:
            raise Invalid("attachment", Problem.PICTURE_KIND, name=name[:NAME_MAX])
        if not _is_taken(name, content_type):
            raise Invalid("attachment", Problem.FILE_KIND, name=name[:NAME_MAX], kinds=KINDS)
        if size < 1:
            raise Invalid("attachment", Problem.FILE_EMPTY, name=name[:NAME_MAX])
    if number > FILES_MAX:
        raise Invalid("attachment", Problem.TOO_MANY, maximum=FILES_MAX)
    if together > BYTES_MAX:
        raise Invalid("attachment", Problem.FILES_TOO_BIG, maximum=f"{BYTES_MAX // 2**20} MB")


def _is_taken(name: str, content_type: str) -> bool:
    ending, kind = _ending(name), content_type.split(";", maxsplit=1)[0].strip().lower()
    if ending not in _KINDS:
        return False
    if not kind or kind == "application/octet-stream":
        return True
    if ending in _PICTURES:
        return kind.startswith("image/") and kind != "image/svg+xml"
    if ending == "pdf":
        return kind == "application/pdf"
    # Discord and browsers disagree on the content type of a log or a table.
    return (kind.startswith("text/") and kind != "text/html") or kind.startswith("application/")


def _ending(name: str) -> str:
    return PurePosixPath(name).suffix.lstrip(".").lower()


def pixels_max(kind: PictureKind | None, most: int = PICTURE_PIXELS_MAX) -> int:
    """How many pixels a picture may have. A WebP takes twice the memory of others to read."""
    return most // 2 if kind is PictureKind.WEBP else most


HEAD = 16  # bytes that `picture_kind` needs


def picture_kind(head: bytes) -> PictureKind | None:
    """What a file's first bytes say it is."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PictureKind.PNG
    if head.startswith(b"\xff\xd8\xff"):
        return PictureKind.JPEG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return PictureKind.GIF
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return PictureKind.WEBP
    return None


def is_named_as_picture(name: str) -> bool:
    """Whether a file's name says that it is a picture."""
    return _ending(name) in _PICTURES


def named_as(name: str, kind: PictureKind) -> str:
    """A picture's name, with another ending if it has that of another kind."""
    ending = _ending(name)
    if ending in _ENDINGS[kind]:
        return name
    stem = name[: -len(ending) - 1] if ending else name
    return f"{stem}.{_ENDINGS[kind][0]}"


def anonymous_name(name: str, kind: PictureKind, number: int) -> str:
    """The name of an anonymous post's picture, which says nothing but whether it is hidden."""
    made = f"picture-{number}.{_ENDINGS[kind][0]}"
    return hidden_name(made) if name.startswith(SPOILER) else made


def pictures_of(files: Sequence[GivenFile]) -> list[GivenFile]:
    """The files of an anonymous post, under names that say nothing of their own.

    Raises `Invalid("attachment", …)`: what isn't a picture by its name is `FILE_NOT_ANONYMOUS`, and
    pictures as in `check_files`.
    """
    renamed: list[GivenFile] = []
    for number, file in enumerate(files, start=1):
        ending = _ending(file.name)
        known = ending in _PICTURES and _is_taken(file.name, file.content_type)
        if not known and ending not in _OTHER_PICTURES:
            raise Invalid("attachment", Problem.FILE_NOT_ANONYMOUS)
        made = f"picture-{number}.{ending}"
        name = hidden_name(made) if file.name.startswith(SPOILER) else made
        renamed.append(replace(file, name=name))
    check_files((file.name, file.content_type, file.size) for file in renamed)
    return renamed


def hidden_name(name: str) -> str:
    """The name of a file that its author hides until it is clicked."""
    return name if name.startswith(SPOILER) else SPOILER + name


def safe_name(name: str, taken: Iterable[str] = ()) -> str:
    """A file's name in Discord, in ASCII letters, digits, `_`, `-` and `.`, so that a card can
    refer to it. It differs from those `taken`, and keeps its extension and whether it is hidden."""
    mark = SPOILER if name.startswith(SPOILER) else ""
    name = name.removeprefix(SPOILER)
    ending = _ending(name)
    stem = name[: -len(ending) - 1] if ending else name
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    room = NAME_MAX - len(mark) - len(ending) - 4
    stem = mark + (re.sub(r"[^A-Za-z0-9_-]+", "_", plain).strip("_")[:room] or "file")
    ending = re.sub(r"[^a-z0-9]", "", ending)
    used = set(taken)
    for number in range(1, len(used) + 2):
        made = f"{stem}_{number}" if number > 1 else stem
        made = f"{made}.{ending}" if ending else made
        if made not in used:
            return made
    raise AssertionError("there are more names than files")
