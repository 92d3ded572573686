"""Animated pictures without what isn't shown: their frames, colours and times, byte for byte.

Drawing them anew would take a minute for some, and a GIF's colours would suffer. So the parts that
they are made of are read, and only those that are needed to show them are kept. Comments, Exif, XMP
and colour profiles are not among them, nor is anything behind the end.
"""

from __future__ import annotations

import zlib
from typing import Final

from bot.domain.files import PictureKind

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_PARTS: Final = frozenset(
    {b"IHDR", b"PLTE", b"tRNS", b"acTL", b"fcTL", b"fdAT", b"IDAT", b"IEND"}
    | {b"gAMA", b"cHRM", b"sRGB", b"sBIT"}
)
_WEBP_PARTS: Final = frozenset({b"ANIM", b"ANMF", b"ALPH", b"VP8 ", b"VP8L"})
_WEBP_FLAGS: Final = 0x02 | 0x10  # animated, with transparency; not Exif, XMP or a profile
_GIF_TIMES: Final = 0xF9
_GIF_WORDS: Final = 0x01
_GIF_LOOPS: Final = frozenset({b"\xff\x0bNETSCAPE2.0", b"\xff\x0bANIMEXTS1.0"})


class Damaged(Exception):
    """The picture ends too early, or isn't made as its kind is."""


def frames_alone(content: bytes, kind: PictureKind) -> bytes:
    """An animated PNG, WebP or GIF without anything that isn't needed to show it.

    Raises `Damaged`. Time and memory are in proportion to its length: nothing is unpacked.
    """
    try:
        match kind:
            case PictureKind.PNG:
                return _png(content)
            case PictureKind.WEBP:
                return _webp(content)
            case PictureKind.GIF:
                return _gif(content)
            case PictureKind.JPEG:
                raise AssertionError("a JPEG isn't animated")
    except IndexError as error:
        raise Damaged("it ends too early") from error


def _part(content: bytes, start: int, length: int) -> bytes:
    part = content[start : start + length]
    if len(part) < length:
        raise Damaged("it ends too early")
    return part


def _png(content: bytes) -> bytes:
    kept = bytearray(_PNG)
    at = len(_PNG)
    while True:
        length = int.from_bytes(_part(content, at, 4), "big")
        whole = _part(content, at, 12 + length)
        name = whole[4:8]
        if zlib.crc32(whole[4:-4]) != int.from_bytes(whole[-4:], "big"):
            raise Damaged(f"the part {name!r} isn't as it was written")
        if name in _PNG_PARTS:
            kept += whole
        if name == b"IEND":
            return bytes(kept)
        at += len(whole)


def webp_parts(content: bytes) -> list[tuple[bytes, bytes]]:
    """The parts of a WebP picture, by name. Raises `Damaged`."""
    return _riff(content, 12, 8 + int.from_bytes(_part(content, 4, 4), "little"))


def _webp(content: bytes) -> bytes:
    kept = bytearray(b"WEBP")
    for name, inner in webp_parts(content):
        if name == b"VP8X":
            kept += _riff_part(name, bytes([inner[0] & _WEBP_FLAGS]) + inner[1:])
        elif name == b"ANMF":
            parts = _riff(inner, 16, len(inner))
            shown = b"".join(_riff_part(*each) for each in parts if each[0] in _WEBP_PARTS)
            kept += _riff_part(name, _part(inner, 0, 16) + shown)
        elif name in _WEBP_PARTS:
            kept += _riff_part(name, inner)
    return _riff_part(b"RIFF", bytes(kept))


def _riff(content: bytes, at: int, end: int) -> list[tuple[bytes, bytes]]:
    parts: list[tuple[bytes, bytes]] = []
    while at < end:
        length = int.from_bytes(_part(content, at + 4, 4), "little")
        parts.append((content[at : at + 4], _part(content, at + 8, length)))
        at += 8 + length + length % 2
    return parts


def _riff_part(name: bytes, inner: bytes) -> bytes:
    return name + len(inner).to_bytes(4, "little") + inner + b"\0" * (len(inner) % 2)


def _gif(content: bytes) -> bytes:
    at = 13 + _colours(_part(content, 0, 13)[10])
    kept = bytearray(_part(content, 0, at))
    times = b""  # of what comes next, which may be left out
    while True:
        begins = content[at]
        if begins == 0x3B:
            return bytes(kept + b";")
        if begins == 0x2C:
            colours = _colours(_part(content, at, 10)[9])
            end = _after_blocks(content, at + 11 + colours)
            kept += times + content[at:end]
            times = b""
        elif begins == 0x21:
            label = content[at + 1]
            end = _after_blocks(content, at + 2)
            if label == _GIF_TIMES:
                times = content[at:end]
            elif label == _GIF_WORDS:
                times = b""
            # With its name and one block of three bytes, nothing else has room in it.
            elif content[at + 1 : at + 14] in _GIF_LOOPS and end - at == 19:
                kept += content[at:end]
        else:
            raise Damaged(f"nothing begins with {begins:#x}")
        at = end


def _colours(flags: int) -> int:
    """The bytes of a table of colours."""
    return 3 * 2 ** (flags % 8 + 1) if flags & 0x80 else 0


def _after_blocks(content: bytes, at: int) -> int:
    """The place behind blocks that each begin with their length, the last one being empty."""
    while length := content[at]:
        at += 1 + length
    return at + 1
