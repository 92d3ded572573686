"""A picture drawn anew, in a process of its own: from its standard input to its standard output.

`cogs.foundation.pictures` starts it. It decodes what strangers send, so before it reads a byte it
takes limits that it can't lift again: of memory, time and what it may write. It can open no file
and no connection, and knows no setting of the bot's. It ends by itself if the bot is killed.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import signal
import sys
import warnings
from dataclasses import astuple, dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bot.domain.animations import Damaged, frames_alone, webp_parts
from bot.domain.files import BYTES_MAX, PICTURE_PIXELS_MAX, PictureKind, picture_kind, pixels_max

if TYPE_CHECKING:
    from PIL.Image import Image

_NEEDED: Final = (
    "GifImagePlugin",
    "ImageChops",
    "ImageCms",
    "ImageColor",
    "ImageMath",
    "ImageOps",
    "ImagePalette",
    "JpegImagePlugin",
    "MpoImagePlugin",
    "PngImagePlugin",
    "TiffImagePlugin",
    "WebPImagePlugin",
)
_TEXT_MAX: Final = 32 * 2**20  # bytes of text in a PNG; it is left out, but it must be read
_QUALITY: Final = 90  # where a picture doesn't tell its own
_SMALLER: Final = 80
_ORIENTATION: Final = 0x0112


class Ending(IntEnum):
    """The exit code of the process."""

    DRAWN = 0
    NOT_A_PICTURE = 10
    DAMAGED = 11
    TOO_MANY_PIXELS = 12
    TOO_HEAVY = 13
    TOO_LARGE = 14
    ANIMATED = 15


@dataclass(frozen=True, slots=True)
class Limits:
    """What drawing one picture may take. One of 25 million pixels takes 220 to 270 MB: beside it,
    the bot has enough in the 512 MB of the systemd unit."""

    memory: int = 300 * 2**20  # bytes
    processor: int = 10  # seconds
    seconds: int = 20  # until it ends, whatever it waits for
    pixels: int = PICTURE_PIXELS_MAX

    def arguments(self) -> list[str]:
        """For the command line."""
        return [str(each) for each in astuple(self)]


class _End(Exception):
    def __init__(self, ending: Ending) -> None:
        self.ending = ending


class _Output(io.BytesIO):
    """What is drawn, no larger than a file of a post may be."""

    def write(self, data: Any, /) -> int:
        if self.tell() + len(data) > BYTES_MAX:
            raise _End(Ending.TOO_LARGE)
        return super().write(data)


def main(arguments: list[str]) -> int:
    """Draw a picture; the arguments are `Limits`, and `still` if it mustn't be animated."""
    limits = Limits(*(int(each) for each in arguments[:4]))
    _limit(limits)
    try:
        _load_pillow(limits)
        drawn = _drawn(sys.stdin.buffer.read(BYTES_MAX + 1), limits, still="still" in arguments[4:])
        sys.stdout.buffer.write(drawn)
        sys.stdout.buffer.flush()
    except _End as end:
        return end.ending
    except Damaged:
        return Ending.DAMAGED
    except MemoryError:
        return Ending.TOO_HEAVY
    return Ending.DRAWN


def _limit(limits: Limits) -> None:
    # The bot ends in its own time, and what it has begun with it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        import resource
    except ImportError:  # Windows: the bot's own clock ends it
        return
    signal.alarm(limits.seconds)
    for what, wanted in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.processor),
        (resource.RLIMIT_FSIZE, BYTES_MAX),
        (resource.RLIMIT_CORE, 0),
    ):
        if sys.platform == "darwin" and what == resource.RLIMIT_AS:
            continue  # there it can't be set
        _, already = resource.getrlimit(what)
        most = wanted if already == resource.RLIM_INFINITY else min(wanted, already)
        resource.setrlimit(what, (most, most))
    # If memory runs out all the same, this process is the one to go.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")


def _load_pillow(limits: Limits) -> None:
    """Import all that the four kinds need, and then open nothing any more."""
    from PIL import Image, PngImagePlugin

    Image.preinit()
    for name in _NEEDED:
        importlib.import_module(f"PIL.{name}")
    Image.MAX_IMAGE_PIXELS = limits.pixels
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    PngImagePlugin.MAX_TEXT_CHUNK = PngImagePlugin.MAX_TEXT_MEMORY = _TEXT_MAX
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def _drawn(content: bytes, limits: Limits, *, still: bool) -> bytes:
    """The picture anew. Raises `_End` for what can't be drawn."""
    kind = picture_kind(content)
    if kind is None:
        raise _End(Ending.NOT_A_PICTURE)
    # The library takes the memory for it as soon as it looks at it.
    if kind is PictureKind.WEBP and _webp_pixels(content) > pixels_max(kind, limits.pixels):
        raise _End(Ending.TOO_MANY_PIXELS)
    image, animated = _opened(content, kind)
    if animated and still:
        raise _End(Ending.ANIMATED)
    if animated:
        return frames_alone(content, kind)
    options = _options(image, content, kind)
    image = _in_standard_colours(image)
    image = _upright(image)  # on a line of its own, so that no third one is in memory
    transparent = image.info.get("transparency")
    image.info = {} if transparent is None else {"transparency": transparent}
    try:
        return _saved(image, kind, options)
    except _End:
        if kind in {PictureKind.PNG, PictureKind.GIF}:
            raise  # they have no smaller way to be saved
        return _saved(image, kind, {"quality": _SMALLER})


def _opened(content: bytes, kind: PictureKind) -> tuple[Image, bool]:
    """The decoded picture, and whether it is animated; then only its first frame is decoded."""
    from PIL import Image

    try:
        image = Image.open(io.BytesIO(content), formats=[kind.upper()])
        # Phones put a second picture behind a JPEG, such as one for bright screens.
        animated = kind is not PictureKind.JPEG and getattr(image, "is_animated", False)
        image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _End(Ending.TOO_MANY_PIXELS) from error
    except MemoryError:
        raise
    # What is damaged makes the library raise nearly anything.
    except Exception as error:
        raise _End(Ending.DAMAGED) from error
    return image, animated


def _webp_pixels(content: bytes) -> int:
    """How many pixels a WebP picture says that it has."""
    first, head = content[12:16], content[20:30].ljust(10, b"\0")
    if first == b"VP8X":
        width, height = (int.from_bytes(head[at : at + 3], "little") + 1 for at in (4, 7))
    elif first == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        width, height = bits % 2**14 + 1, bits // 2**14 % 2**14 + 1
    else:
        width, height = (int.from_bytes(head[at : at + 2], "little") % 2**14 for at in (6, 8))
    return width * height


def _options(image: Image, content: bytes, kind: PictureKind) -> dict[str, Any]:
    """How to save a picture so that it looks as it did, and takes about as many bytes."""
    from PIL import JpegImagePlugin

    match kind:
        case PictureKind.JPEG if isinstance(image, JpegImagePlugin.JpegImageFile):
            if image.mode == "CMYK":
                return {"quality": _QUALITY, "subsampling": 0}
            sampling = JpegImagePlugin.get_sampling(image)
            return {"qtables": image.quantization, "subsampling": sampling}
        case PictureKind.WEBP:
            if any(name == b"VP8L" for name, _ in webp_parts(content)):
                return {"lossless": True, "method": 1}
            return {"quality": _QUALITY, "method": 3}
        case _:
            return {}


def _in_standard_colours(image: Image) -> Image:
    """The picture in sRGB, which is what is assumed where a picture names no colours."""
    cms: Any = importlib.import_module("PIL.ImageCms")  # whose types are partly unknown
    profile = image.info.get("icc_profile")
    if profile and image.mode in {"RGB", "RGBA", "CMYK"}:
        mode = "RGB" if image.mode == "CMYK" else image.mode
        # A profile that can't be used is dropped.
        with contextlib.suppress(cms.PyCMSError, OSError, ValueError):
            standard = cms.createProfile("sRGB")
            change = cms.buildTransform(io.BytesIO(profile), standard, image.mode, mode)
            return change.apply_in_place(image) if mode == image.mode else change.apply(image)
    return image.convert("RGB") if image.mode == "CMYK" else image


def _upright(image: Image) -> Image:
    """The picture turned as its Exif says that it is shown."""
    from PIL import Image as Images

    turn, exif = Images.Transpose, Images.Exif()
    turns = {
        2: turn.FLIP_LEFT_RIGHT,
        3: turn.ROTATE_180,
        4: turn.FLIP_TOP_BOTTOM,
        5: turn.TRANSPOSE,
        6: turn.ROTATE_270,
        7: turn.TRANSVERSE,
        8: turn.ROTATE_90,
    }
    try:
        exif.load(image.info.get("exif") or b"")
        how = turns.get(exif.get(_ORIENTATION, 1))
    except MemoryError:
        raise
    except Exception:  # no browser turns it either, where its Exif can't be read
        return image
    return image if how is None else image.transpose(how)


def _saved(image: Image, kind: PictureKind, options: dict[str, Any]) -> bytes:
    output = _Output()
    try:
        image.save(output, kind.upper(), **options)
    except (OSError, ValueError) as error:  # how the libraries say that memory is too short
        raise _End(Ending.TOO_HEAVY) from error
    return output.getvalue()
