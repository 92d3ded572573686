"""Pictures drawn anew, in a process with limits: what is left of them, and what is refused."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import psutil
import pytest
from PIL import Image, ImageChops, ImageCms, ImageOps, ImageSequence, ImageStat

from bot.domain.errors import Invalid, Problem
from bot.domain.files import BYTES_MAX, GivenFile, PictureKind
from cogs.foundation import pictures, redrawing
from cogs.foundation.redrawing import Ending, Limits
from tests.support.pictures import (
    PNG,
    SECRET,
    animated,
    chunk,
    exif,
    image,
    noise,
    png_bomb,
    saved,
    text_bomb,
    text_chunks,
)

ROOT = Path(__file__).resolve().parents[3]
ENDINGS = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp", "GIF": "gif"}
IMPORT = "import sys; sys.path.append(sys.argv.pop(1)); from cogs.foundation.redrawing import *\n"
LIMITED = IMPORT + "from cogs.foundation.redrawing import _limit, _load_pillow\n"
LIMITED += "limits = Limits(*map(int, sys.argv[1:5])); _limit(limits)\n"
ALIKE = 4  # of 255, on average: as much as saving a JPEG once more changes at hard edges
HANGS = "import time; time.sleep(60)"


class Given:
    """A file as somebody gave it."""

    def __init__(self, content: bytes) -> None:
        self.file: BinaryIO = TemporaryFile()  # type: ignore[assignment]  # noqa: SIM115
        self.file.write(content)
        self.size = len(content)


async def cleaned(
    content: bytes, name: str = "room.png", *, anonymous: int = 0, limits: Limits | None = None
) -> tuple[GivenFile, bytes]:
    """A file as it is kept."""
    given, turns = Given(content), asyncio.Semaphore(1)
    file = GivenFile(name, "image/png", given.size, "")
    with given.file:
        async with pictures.cleaned(turns, file, given, anonymous=anonymous, limits=limits) as kept:
            whole = b"".join(kept.pieces())
            assert kept.given.size == kept.size == len(whole)
            return kept.given, whole


async def drawn(content: bytes, name: str = "room.png") -> Image.Image:
    """A picture as it is kept."""
    _, whole = await cleaned(content, name)
    shown = Image.open(io.BytesIO(whole))
    shown.load()
    return shown


async def refused(content: bytes, name: str = "room.png", **options: Any) -> Problem:
    """Why a file isn't kept."""
    with pytest.raises(Invalid) as refusal:
        await cleaned(content, name, **options)
    assert refusal.value.field == "attachment"
    return Problem(refusal.value.reason)


def differ(one: Image.Image, other: Image.Image) -> float:
    """By how much pixels differ on average, of 255."""
    assert one.size == other.size
    stat = ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB")))
    return max(stat.mean)


def segment(marker: int, content: bytes) -> bytes:
    """A part of a JPEG."""
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def written_into(kind: str) -> bytes:
    """A picture with everything that a camera or a program can write into one of its kind."""
    words = SECRET.encode()
    match kind:
        case "PNG":
            made = saved(image(), "PNG", exif=exif(), pnginfo=text_chunks(), dpi=(72, 72))
            made = (
                made[:33]
                + chunk(b"noOr", words)
                + chunk(b"tIME", b"\x07\xea\x0b\x1d\0\0\0")
                + made[33:]
            )
        case "JPEG":
            small = saved(image(16, 12), "JPEG", comment=words)
            more = segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0" + words) + segment(
                0xE5, small
            )
            made = saved(image(), "JPEG", exif=exif(), comment=words, xmp=words, extra=more)
        case "WEBP":
            made = saved(image(), "WEBP", exif=exif(), xmp=words, icc_profile=words)
        case _:
            made = saved(image(mode="P"), "GIF", comment=words)
    return made + words


def parts_of(whole: bytes) -> set[bytes]:
    """The names of the parts of a PNG or WebP."""
    found: set[bytes] = set()
    png = whole.startswith(b"\x89PNG")
    at = 8 if png else 12
    while at < len(whole):
        size, name = whole[at : at + 4], whole[at + 4 : at + 8]
        length = int.from_bytes(size, "big") + 4 if png else int.from_bytes(name, "little")
        found.add(name if png else size)
        at += 8 + length + (0 if png else length % 2)
    return found


@pytest.mark.parametrize("kind", ENDINGS)
async def test_nothing_is_left_but_the_picture(kind: str) -> None:
    given = written_into(kind)
    assert SECRET.encode() in given
    _, kept = await cleaned(given, f"room.{ENDINGS[kind]}")
    assert SECRET.encode() not in kept
    shown = Image.open(io.BytesIO(kept))
    assert shown.format == kind
    assert not dict(shown.getexif())
    assert set(shown.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"} | {
        "version",
        "background",
        "loop",
        "duration",
        "transparency",
    }
    assert differ(shown, Image.open(io.BytesIO(given))) < ALIKE
    match kind:
        case "PNG":
            assert parts_of(kept) == {b"IHDR", b"IDAT", b"IEND"}
        case "WEBP":
            assert parts_of(kept) == {b"VP8 "}
        case "JPEG":
            before = kept[: kept.index(b"\xff\xda")]
            markers = {each[:1] for each in before.split(b"\xff")[1:]}
            assert not markers & {b"\xe1", b"\xe2", b"\xe5", b"\xed", b"\xfe"}
            assert kept.endswith(b"\xff\xd9")
        case _:
            assert b"\x21\xfe" not in kept


async def test_the_text_of_a_png_is_looked_for_where_it_is_packed_as_well() -> None:
    assert set(Image.open(io.BytesIO(written_into("PNG"))).text) == {  # type: ignore[attr-defined]
        "Comment",
        "Software",
        "XML:com.adobe.xmp",
    }


@pytest.mark.parametrize("orientation", range(1, 9))
async def test_a_picture_is_turned_as_it_was_shown(orientation: int) -> None:
    given = saved(image(), "JPEG", exif=exif(orientation), quality=95)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(given)))
    shown = await drawn(given, "room.jpg")
    assert differ(shown, upright) < ALIKE
    if orientation > 1:
        assert shown.size != (64, 48) or differ(shown, image()) > 20


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
async def test_pictures_of_other_kinds_are_turned_as_well(kind: str) -> None:
    given = saved(image(), kind, exif=exif(6), lossless=True)
    shown = await drawn(given, f"room.{kind.lower()}")
    assert differ(shown, image().transpose(Image.Transpose.ROTATE_270)) == 0


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
async def test_a_png_keeps_each_pixel(mode: str) -> None:
    if mode == "I;16":
        before = Image.frombytes(mode, (16, 16), bytes(range(256)) * 2)
    elif mode == "LA":
        before = image(mode="RGBA").convert("LA")
    else:
        before = image(mode=mode)
    options = {"transparency": 3} if mode == "P" else {}
    after = await drawn(saved(before, "PNG", **options))
    assert after.mode == before.mode
    assert after.convert("RGBA").tobytes() == (
        Image.open(io.BytesIO(saved(before, "PNG", **options))).convert("RGBA").tobytes()
    )


@pytest.mark.parametrize("kind", ["WEBP", "GIF"])
async def test_what_can_be_seen_through_stays_so(kind: str) -> None:
    if kind == "WEBP":
        given = saved(image(mode="RGBA"), "WEBP", lossless=True, exact=True)
    else:
        given = saved(image(mode="P"), "GIF", transparency=0)
    after = await drawn(given, f"room.{ENDINGS[kind]}")
    before = Image.open(io.BytesIO(given)).convert("RGBA")
    assert before.getchannel("A").getextrema() != (255, 255)
    alike = ImageChops.difference(after.convert("RGBA").getchannel("A"), before.getchannel("A"))
    assert alike.getbbox() is None
    assert differ(after, before) < 1


async def test_a_picture_drawn_twice_is_the_same() -> None:
    assert (await cleaned(PNG))[1] == PNG


async def test_colours_that_a_profile_describes_become_standard_ones() -> None:
    standard = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # A device whose red is blue.
    swapped = standard.replace(b"rXYZ", b"?XYZ").replace(b"bXYZ", b"rXYZ").replace(b"?XYZ", b"bXYZ")
    red = Image.new("RGB", (8, 8), "red")
    for profile, colour in ((standard, (255, 0, 0)), (swapped, (0, 0, 255)), (b"no", (255, 0, 0))):
        shown = await drawn(saved(red, "PNG", icc_profile=profile))
        assert "icc_profile" not in shown.info
        assert differ(shown, Image.new("RGB", (8, 8), colour)) < 3


async def test_a_jpeg_for_printing_becomes_one_for_screens() -> None:
    given = saved(image().convert("CMYK"), "JPEG", quality=95)
    shown = await drawn(given, "room.jpg")
    assert (shown.format, shown.mode) == ("JPEG", "RGB")
    assert differ(shown, Image.open(io.BytesIO(given))) < ALIKE


async def test_of_the_two_pictures_that_a_phone_puts_into_one_the_first_is_left() -> None:
    given = saved(image(), "MPO", save_all=True, append_images=[noise(64, 48)])
    for anonymous in (0, 1):
        _, kept = await cleaned(given, "room.jpg", anonymous=anonymous)
        shown = Image.open(io.BytesIO(kept))
        assert shown.format == "JPEG"
        assert differ(shown, Image.open(io.BytesIO(given))) < ALIKE


# --- animations -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
async def test_an_animation_keeps_its_frames_and_nothing_else(kind: str) -> None:
    words = SECRET.encode()
    options: dict[str, Any] = {"GIF": {"comment": words, "loop": 3}}.get(kind, {"exif": exif()})
    given = animated(kind, **options) + words
    name = f"room.{kind.lower()}"
    _, kept = await cleaned(given, name)
    assert words in given
    assert words not in kept
    before, after = (Image.open(io.BytesIO(each)) for each in (given, kept))
    assert before.n_frames == after.n_frames == 3  # type: ignore[attr-defined]
    for one, other in zip(
        ImageSequence.Iterator(before), ImageSequence.Iterator(after), strict=True
    ):
        assert one.convert("RGBA").tobytes() == other.convert("RGBA").tobytes()
        assert one.info.get("duration") == other.info.get("duration")
    assert before.info.get("loop") == after.info.get("loop")

    assert await refused(given, name, anonymous=1) is Problem.PICTURE_ANIMATED


# --- what is refused ------------------------------------------------------------------------------


def says_it_is_huge(kind: str) -> bytes:
    """A small picture that announces more pixels than it may have."""
    width, height = 16_000, 16_000
    if kind == "PNG":
        return png_bomb(width, height)
    whole = bytearray(saved(image(mode="P" if kind == "GIF" else "RGB"), kind))
    if kind == "JPEG":
        at = whole.index(b"\xff\xc0") + 5
        whole[at : at + 4] = struct.pack(">HH", height, width)
    elif kind == "GIF":
        whole[6:10] = struct.pack("<HH", width, height)
    else:
        whole[26:30] = struct.pack("<HH", width, height)
    return bytes(whole)


@pytest.mark.parametrize(("kind", "most"), [("PNG", 25), ("JPEG", 25), ("GIF", 25), ("WEBP", 12)])
async def test_a_picture_with_too_many_pixels(kind: str, most: int) -> None:
    with pytest.raises(Invalid) as refusal:
        await cleaned(says_it_is_huge(kind), f"a.{ENDINGS[kind]}")
    assert refusal.value.reason is Problem.PICTURE_PIXELS
    assert refusal.value.data == {"name": f"a.{ENDINGS[kind]}", "maximum": most}


async def test_webp_pictures_of_all_three_kinds_say_their_size() -> None:
    for options in ({}, {"lossless": True}, {"exif": exif()}):
        assert redrawing._webp_pixels(saved(image(), "WEBP", **options)) == 64 * 48
    assert redrawing._webp_pixels(animated("WEBP")) == 64 * 48


async def test_a_picture_that_unpacks_to_a_gigabyte_of_text() -> None:
    assert await refused(text_bomb()) is Problem.PICTURE_DAMAGED


async def test_a_picture_that_takes_too_much_memory() -> None:
    large = saved(image(3000, 3000), "PNG")
    await cleaned(large)
    for megabytes in (60, 40):
        assert (
            await refused(large, limits=Limits(memory=megabytes * 2**20)) is Problem.PICTURE_HEAVY
        )
    webp = saved(image(2000, 2000, "RGBA"), "WEBP", lossless=True, method=0)
    assert await refused(webp, "a.webp", limits=Limits(memory=110 * 2**20)) is Problem.PICTURE_HEAVY


@pytest.mark.parametrize(
    ("kind", "moves"),
    [(kind, False) for kind in ENDINGS] + [(k, True) for k in ("PNG", "WEBP", "GIF")],
)
async def test_a_picture_of_which_a_part_is_missing(kind: str, moves: bool) -> None:
    frames = [noise(64, 48), noise(48, 64).resize((64, 48))]
    whole = animated(kind, frames) if moves else saved(frames[0], kind)
    for left in (len(whole) // 2, len(whole) * 9 // 10):
        assert await refused(whole[:left], f"a.{ENDINGS[kind]}") is Problem.PICTURE_DAMAGED


async def test_what_is_no_picture_whatever_its_name_says() -> None:
    heic = b"\0\0\0\x20ftypheic\0\0\0\0mif1heic" + bytes(100)
    for content in (heic, b"%PDF-1.7", b"<svg/>", b"", b"\xff\xd8"):
        assert await refused(content, "photo.jpg") is Problem.PICTURE_NOT


async def test_its_name_follows_what_it_is() -> None:
    given = saved(image(), "JPEG", exif=exif())
    for name, after in (
        ("room.jpg", "room.jpg"),
        ("room.JPEG", "room.JPEG"),
        ("room.png", "room.jpg"),
        ("notes.txt", "notes.jpg"),
        ("room", "room.jpg"),
    ):
        file, kept = await cleaned(given, name)
        assert (file.name, file.content_type) == (after, "image/jpeg")
        assert SECRET.encode() not in kept


async def test_what_is_no_picture_stays_as_it_is() -> None:
    for name in ("notes.txt", "plan.pdf"):
        file, kept = await cleaned(b"%PDF-1.7 words", name)
        assert (file.name, kept) == (name, b"%PDF-1.7 words")


async def test_a_picture_of_an_anonymous_post_has_a_name_that_says_nothing() -> None:
    for name, after in (
        ("Noors room.png", "picture-2.jpg"),
        ("SPOILER_Noors wound.jpg", "SPOILER_picture-2.jpg"),
    ):
        file, kept = await cleaned(saved(image(), "JPEG", exif=exif()), name, anonymous=2)
        assert file.name == after
        assert SECRET.encode() not in kept
    for name in ("plan.pdf", "notes.txt", "tool.docx"):
        assert await refused(b"%PDF-1.7", name, anonymous=1) is Problem.FILE_NOT_ANONYMOUS


def test_a_picture_that_gets_larger_is_saved_in_a_smaller_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fine = saved(noise(64, 48), "JPEG", quality=100, subsampling=0)
    monkeypatch.setattr(redrawing, "BYTES_MAX", len(fine) - 1000)
    shown = Image.open(io.BytesIO(redrawing._drawn(fine, Limits(), still=False)))
    assert shown.size == (64, 48)
    monkeypatch.setattr(redrawing, "BYTES_MAX", 100)
    for kind in ("PNG", "JPEG"):
        with pytest.raises(redrawing._End) as end:
            redrawing._drawn(saved(image(), kind), Limits(), still=False)
        assert end.value.ending is Ending.TOO_LARGE


# --- the process ----------------------------------------------------------------------------------


def children() -> list[psutil.Process]:
    """The processes that draw pictures for this one."""
    found: list[psutil.Process] = []
    for each in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # it has ended, and nobody asked yet how
            line = " ".join(each.cmdline())
            if "redrawing" in line or "time.sleep(60)" in line:
                found.append(each)
    return found


@pytest.mark.parametrize(
    ("work", "limits"),
    [
        (HANGS, Limits(seconds=0)),
        (LIMITED + HANGS, Limits(seconds=1)),
        (LIMITED + "while True: pass", Limits(processor=1)),
    ],
    ids=["whatever it does", "by its own clock", "by the processor's time"],
)
async def test_a_process_that_hangs_is_killed(
    monkeypatch: pytest.MonkeyPatch, work: str, limits: Limits
) -> None:
    monkeypatch.setattr(pictures, "_START", work)
    begun = time.monotonic()
    assert await refused(PNG, limits=limits) is Problem.PICTURE_HEAVY
    assert time.monotonic() - begun < 15
    assert not children()


async def test_a_process_whose_task_is_cancelled_is_killed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pictures, "_START", HANGS)
    task = asyncio.create_task(cleaned(PNG))
    while not children():
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not children()


BOT = f"""
import asyncio, os, sys
sys.path.insert(0, {str(ROOT)!r})
from cogs.foundation import pictures
from cogs.foundation.redrawing import Limits
wait, _ = os.pipe()  # nothing ever comes
limits = Limits(seconds=2).arguments()
asyncio.run(pictures._run(limits, os.fdopen(wait, "rb"), sys.stdout, sys.stderr, 60))
"""


async def test_a_process_whose_bot_is_killed_ends_by_itself() -> None:
    bot = subprocess.Popen([sys.executable, "-c", BOT])
    while not (drawing := psutil.Process(bot.pid).children()):
        await asyncio.sleep(0.01)
    bot.kill()
    bot.wait()
    psutil.wait_procs(drawing, timeout=20)
    assert not [each for each in drawing if each.is_running()]


async def run() -> tuple[int, str]:
    """The exit code of the process, and what it wrote."""
    with TemporaryFile() as nothing, TemporaryFile() as written, TemporaryFile() as said:
        code = await pictures._run(Limits().arguments(), nothing, written, said, 20.0)
        written.seek(0)
        return code, written.read().decode()


async def test_it_can_open_nothing_and_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "secret")
    work = LIMITED + (
        "import os, resource, socket\n"
        "_load_pillow(limits)\n"
        "more = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9))\n"
        "for attempt in (lambda: open('/etc/passwd'), socket.socket, os.pipe, more):\n"
        "    try:\n"
        "        attempt(); print('could')\n"
        "    except (OSError, ValueError) as error:\n"
        "        print('could not')\n"
        "print(sorted(os.environ))\n"
    )
    monkeypatch.setattr(pictures, "_START", work)
    code, said = await run()
    assert code == 0
    *attempts, environment = said.splitlines()
    assert attempts == ["could not"] * 4
    assert "DISCORD_TOKEN" not in environment


@pytest.mark.parametrize(
    ("work", "why"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", Problem.PICTURE_DAMAGED),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSYS)", Problem.PICTURE_FAILED),
        ("import a_library_that_is_gone", Problem.PICTURE_FAILED),
        ("", Problem.PICTURE_FAILED),
    ],
    ids=["breaks its decoder", "may not", "misses a library", "draws nothing"],
)
async def test_a_process_that_fails(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, work: str, why: Problem
) -> None:
    monkeypatch.setattr(pictures, "_START", work)
    assert await refused(PNG) is why
    if work:
        (record,) = [each for each in caplog.records if each.levelno == logging.ERROR]
        assert "a_library_that_is_gone" not in work or "a_library_that_is_gone" in record.message


async def test_a_process_that_can_not_begin(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert await refused(PNG) is Problem.PICTURE_FAILED
    assert "could not be drawn" in caplog.text


async def test_the_bots_signals_do_not_end_it() -> None:
    """A supervisor tells all processes of a service to end, and the bot finishes what it does."""
    work = [sys.executable, "-I", "-c", pictures._START, str(ROOT), *Limits().arguments()]
    child = subprocess.Popen(work, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdin is not None
    assert child.stdout is not None
    caught = 0
    while not caught & (1 << signal.SIGTERM - 1):
        status = Path(f"/proc/{child.pid}/status").read_text("ascii")
        caught = int(status.split("SigIgn:")[1].split()[0], 16)
    child.send_signal(signal.SIGTERM)
    child.send_signal(signal.SIGINT)
    whole, _ = child.communicate(PNG)
    assert (child.returncode, whole) == (0, PNG)


def test_the_limits_leave_the_bot_room_in_the_shipped_unit() -> None:
    unit = (ROOT / "docs" / "askwell.service").read_text("utf-8")
    (most,) = [line for line in unit.splitlines() if line.startswith("MemoryMax=")]
    assert most == "MemoryMax=512M"
    assert Limits().memory <= (512 - 200) * 2**20, "tests/process/test_files.py: 200 MB"
    assert "OOMPolicy=continue" in unit.splitlines()
    assert Limits().memory > 10 * BYTES_MAX
    assert set(PictureKind) == {each.lower() for each in ENDINGS}
