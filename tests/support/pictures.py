"""Pictures as phones, cameras and programs make them, and as strangers do who mean harm."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Sequence
from typing import Any, Final

from PIL import Image, ImageDraw, PngImagePlugin

SECRET: Final = "52.5163N 13.3777E Canon of Noor"
"""What must not be in a picture any more: a place, a device, a name."""
GPS: Final = (52.0, 30.0, 58.68)
_ORIENTATION, _MAKE, _GPS, _COMMENT = 0x0112, 0x010F, 0x8825, 0x9286


def image(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    """A picture whose four corners differ."""
    drawn = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    half = (width // 2, height // 2)
    draw = ImageDraw.Draw(drawn)
    draw.rectangle((0, 0, half[0], half[1]), fill="red")
    draw.rectangle((half[0], half[1], width, height), fill="blue")
    if mode == "RGBA":
        drawn.putalpha(Image.radial_gradient("L").resize((width, height)))
        return drawn
    return drawn.convert(mode)


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """The picture's bytes."""
    output = io.BytesIO()
    picture.save(output, kind, **options)
    return output.getvalue()


def exif(orientation: int = 1) -> Image.Exif:
    """Where, when and with what a picture was taken."""
    made = Image.Exif()
    made[_ORIENTATION], made[_MAKE] = orientation, SECRET
    made.get_ifd(_GPS).update({1: "N", 2: GPS, 3: "E", 4: GPS, 29: SECRET})
    made.get_ifd(0x8769).update({_COMMENT: SECRET.encode()})
    return made


def text_chunks() -> PngImagePlugin.PngInfo:
    """All kinds of text that a PNG can have."""
    made = PngImagePlugin.PngInfo()
    made.add_text("Comment", SECRET)
    made.add_text("Software", SECRET, zip=True)
    made.add_itxt("XML:com.adobe.xmp", f"<x>{SECRET}</x>")
    return made


PNG: Final = saved(image(), "PNG")
"""A small picture that is the same when it is drawn anew."""


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """A picture that hardly shrinks when it is packed."""
    size = width * height * len(mode)
    return Image.frombytes(mode, (width, height), random.Random(1).randbytes(size))


def chunk(name: bytes, content: bytes) -> bytes:
    """A part of a PNG."""
    return (
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
    )


def packed_zeros(number: int) -> bytes:
    """So many zero bytes, as zlib packs them. One block is packed and then repeated: to pack a
    gigabyte takes ten seconds."""
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    rest = packer.compress(bytes(number % 2**20)) + packer.flush()
    adler = number % 65521 << 16 | 1
    return b"\x78\xda" + block * (number // 2**20) + rest + struct.pack(">I", adler)


def png_bomb(width: int, height: int) -> bytes:
    """A PNG of few bytes that says, and has, a great many pixels."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = packed_zeros((1 + width // 8) * height)
    whole = chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + whole


def text_bomb() -> bytes:
    """A small PNG whose text takes a gigabyte."""
    return PNG[:33] + chunk(b"zTXt", b"Comment\0\0" + packed_zeros(2**30)) + PNG[33:]


def animated(kind: str, frames: Sequence[Image.Image] = (), **options: Any) -> bytes:
    """An animation."""
    frames = frames or [image(), image().transpose(Image.Transpose.ROTATE_180), image(mode="L")]
    more = list(frames[1:])
    return saved(frames[0], kind, save_all=True, append_images=more, duration=90, **options)
