"""Animated pictures without what isn't shown, and what happens to those that are no such thing."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.domain.animations import Damaged, frames_alone, webp_parts
from bot.domain.files import PictureKind
from tests.support.pictures import SECRET, animated, chunk, exif

MOVING = {
    PictureKind.PNG: animated("PNG"),
    PictureKind.WEBP: animated("WEBP"),
    PictureKind.GIF: animated("GIF", loop=2),
}
WORDS = SECRET.encode()


@pytest.mark.parametrize("kind", MOVING)
def test_what_has_nothing_else_stays_as_it_is(kind: PictureKind) -> None:
    assert frames_alone(MOVING[kind], kind) == MOVING[kind]
    assert frames_alone(MOVING[kind] + WORDS, kind) == MOVING[kind]


def test_a_png_loses_all_parts_but_those_that_are_shown() -> None:
    more = chunk(b"tEXt", b"Comment\0" + WORDS) + chunk(b"eXIf", WORDS) + chunk(b"noOr", WORDS)
    whole = MOVING[PictureKind.PNG]
    assert frames_alone(whole[:33] + more + whole[33:], PictureKind.PNG) == whole


def test_a_webp_loses_them_and_no_longer_says_that_it_has_them() -> None:
    whole = animated("WEBP", exif=exif(), xmp=WORDS, icc_profile=WORDS)
    kept = frames_alone(whole, PictureKind.WEBP)
    assert WORDS in whole
    assert WORDS not in kept
    parts = webp_parts(kept)
    assert [name for name, _ in parts] == [b"VP8X", b"ANIM", *[b"ANMF"] * 3]
    assert parts[0][1][0] & ~0x12 == 0
    assert len(kept) == 8 + int.from_bytes(kept[4:8], "little")


def test_a_part_within_a_frame_goes_as_well() -> None:
    whole = MOVING[PictureKind.WEBP]
    *_, last = (at for at in range(len(whole)) if whole[at : at + 4] == b"ANMF")
    size = int.from_bytes(whole[last + 4 : last + 8], "little")
    more = b"NOOR" + len(WORDS).to_bytes(4, "little") + WORDS + b"\0" * (len(WORDS) % 2)
    given = whole[:4] + (len(whole) - 8 + len(more)).to_bytes(4, "little") + whole[8 : last + 4]
    given += (size + len(more)).to_bytes(4, "little") + whole[last + 8 :] + more
    assert Image.open(io.BytesIO(given)).n_frames == 3  # type: ignore[attr-defined]
    assert frames_alone(given, PictureKind.WEBP) == whole


def blocks(content: bytes) -> bytes:
    """Blocks of a GIF."""
    return bytes([len(content)]) + content + b"\0"


def test_a_gif_loses_comments_words_and_what_programs_put_into_it() -> None:
    whole = MOVING[PictureKind.GIF]
    begin = whole.index(b"\x21\xff")
    times = b"\x21\xf9\x04\0\0\0\0\0"
    more = (
        b"\x21\xfe"
        + blocks(WORDS)
        + b"\x21\xff\x0bXMP DataXMP"
        + blocks(WORDS)
        + b"\x21\xff\x0bNETSCAPE2.0"
        + blocks(WORDS)  # none of its own
        + times
        + b"\x21\x01\x0c"
        + bytes(12)
        + blocks(WORDS)
    )
    assert frames_alone(whole[:begin] + more + whole[begin:], PictureKind.GIF) == whole


@pytest.mark.parametrize("kind", MOVING)
def test_one_that_ends_too_early_is_damaged(kind: PictureKind) -> None:
    whole = MOVING[kind]
    for length in range(14, len(whole) - 1):
        with pytest.raises(Damaged):
            frames_alone(whole[:length], kind)


@given(st.sampled_from(list(MOVING)), st.data())
def test_bytes_that_are_no_picture_are_damaged_or_harmless(
    kind: PictureKind, data: st.DataObject
) -> None:
    whole = bytearray(MOVING[kind])
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        kept = frames_alone(bytes(whole), kind)
    except Damaged:
        return
    assert len(kept) <= len(whole) + 1
