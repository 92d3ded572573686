"""Files of posts: which are accepted, and their names in Discord."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import Invalid, Problem
from bot.domain.files import (
    BYTES_MAX,
    HEAD,
    NAME_MAX,
    AttachedFile,
    GivenFile,
    PictureKind,
    anonymous_name,
    check_files,
    named_as,
    picture_kind,
    pictures_of,
    safe_name,
)
from tests.support.pictures import image, saved


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("room.png", "image/png"),
        ("ROOM.JPG", "image/jpeg"),
        ("moving.webp", "image/webp"),
        ("plan.pdf", "application/pdf"),
        ("notes.txt", "text/plain; charset=utf-8"),
        ("table.csv", "application/vnd.ms-excel"),
        ("run.log", "application/octet-stream"),
        ("readme.md", ""),
    ],
)
def test_accepted_files(name: str, kind: str) -> None:
    check_files([(name, kind, 1000)])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("tool.exe", "application/octet-stream"),
        ("page.html", "text/html"),
        ("notes.txt", "text/html"),
        ("drawing.png", "image/svg+xml"),
        ("plan.pdf", "text/html"),
        ("png", "image/png"),
        ("", ""),
    ],
)
def test_refused_files(name: str, kind: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_files([(name, kind, 1000)])
    assert refused.value.reason is Problem.FILE_KIND
    assert refused.value.field == "attachment"


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        check_files([("a.png", "image/png", 10), ("b.txt", "text/plain", 0)])
    assert refused.value.reason is Problem.FILE_EMPTY
    assert refused.value.data == {"name": "b.txt"}


def test_limits_of_number_and_size() -> None:
    check_files([])
    check_files([("a.png", "image/png", BYTES_MAX)])
    with pytest.raises(Invalid) as refused:
        check_files([("a.png", "image/png", BYTES_MAX), ("b.png", "image/png", 1)])
    assert refused.value.reason is Problem.FILES_TOO_BIG
    with pytest.raises(Invalid) as refused:
        check_files([(f"{n}.png", "image/png", 1) for n in range(4)])
    assert refused.value.reason is Problem.TOO_MANY


@pytest.mark.parametrize("ending", ["heic", "HEIF", "avif", "tiff", "bmp", "svg", "dng"])
def test_pictures_of_other_kinds_are_refused_with_what_to_do(ending: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_files([(f"IMG_1.{ending}", "", 1)])
    assert refused.value.reason is Problem.PICTURE_KIND


def test_what_a_file_is_stands_in_its_first_bytes() -> None:
    for kind in PictureKind:
        made = image(mode="P" if kind is PictureKind.GIF else "RGB")
        assert picture_kind(saved(made, kind.upper())[:HEAD]) is kind
    for other in (b"", b"%PDF-1.7", b"\0\0\0\x20ftypheic", b"RIFF\0\0\0\0WAVE", b"GIF", b"BM"):
        assert picture_kind(other) is None


def test_a_picture_is_named_as_what_it_is() -> None:
    assert named_as("room.jpeg", PictureKind.JPEG) == "room.jpeg"
    assert named_as("room.PNG", PictureKind.PNG) == "room.PNG"
    assert named_as("my.room.png", PictureKind.WEBP) == "my.room.webp"
    assert named_as("room", PictureKind.GIF) == "room.gif"
    assert named_as("SPOILER_a.png", PictureKind.JPEG) == "SPOILER_a.jpg"


def test_the_name_of_an_anonymous_picture_says_nothing() -> None:
    assert anonymous_name("Noor.jpg", PictureKind.JPEG, 1) == "picture-1.jpg"
    assert anonymous_name("SPOILER_Noor.png", PictureKind.PNG, 3) == "SPOILER_picture-3.png"
    assert safe_name("picture-1.jpg") == "picture-1.jpg"


def test_names_that_a_card_can_refer_to() -> None:
    assert safe_name("my room.PNG") == "my_room.png"
    assert safe_name("Schlafräume.jpg") == "Schlafraume.jpg"
    assert safe_name("夜勤.txt") == "file.txt"
    assert safe_name("../../etc/passwd.txt") == "etc_passwd.txt"
    assert safe_name("a.png", ["a.png", "a_2.png"]) == "a_3.png"
    assert safe_name("SPOILER_wound.png") == "SPOILER_wound.png"
    for hidden in ("SPOILER_рана.png", "SPOILER_.png", "SPOILER_SPOILER_.png"):
        made = safe_name(hidden)
        assert made.startswith("SPOILER_")
        assert not AttachedFile(made, "image/png", 1).is_picture


@given(st.text(max_size=300), st.lists(st.text(max_size=20), max_size=3))
def test_any_name_becomes_a_safe_one(name: str, others: list[str]) -> None:
    taken: list[str] = []
    for each in (*others, name, name):
        taken.append(safe_name(each, taken))
    assert len(set(taken)) == len(taken)
    for made in taken:
        assert re.fullmatch(r"[A-Za-z0-9_-]+(\.[a-z0-9]+)?", made)
        assert len(made) <= NAME_MAX


def test_pictures_are_shown_unless_their_author_hides_them() -> None:
    assert AttachedFile("room.png", "image/png", 1).is_picture
    assert not AttachedFile("SPOILER_wound.png", "image/png", 1).is_picture
    assert not AttachedFile("notes.txt", "text/plain", 1).is_picture


@pytest.mark.parametrize(
    ("name", "kind", "after"),
    [
        ("Noor.JPG", "image/jpeg", "picture-1.jpg"),
        ("noor's room.png", "", "picture-1.png"),
        ("SPOILER_noor.webp", "image/webp", "SPOILER_picture-1.webp"),
        ("noor.png.gif", "image/gif", "picture-1.gif"),
    ],
)
def test_pictures_of_an_anonymous_post_lose_their_names(name: str, kind: str, after: str) -> None:
    (file,) = pictures_of([GivenFile(name, kind, 5, "https://cdn.example/1")])
    assert file == GivenFile(after, kind, 5, "https://cdn.example/1")


@pytest.mark.parametrize(
    ("name", "kind", "size", "why"),
    [
        ("noor.pdf", "application/pdf", 5, Problem.FILE_NOT_ANONYMOUS),
        ("noor.txt", "text/plain", 5, Problem.FILE_NOT_ANONYMOUS),
        ("noor.docx", "", 5, Problem.FILE_NOT_ANONYMOUS),
        ("noor", "image/png", 5, Problem.FILE_NOT_ANONYMOUS),
        ("noor.png", "application/pdf", 5, Problem.FILE_NOT_ANONYMOUS),
        ("noor.heic", "image/heic", 5, Problem.PICTURE_KIND),
        ("noor.svg", "image/svg+xml", 5, Problem.PICTURE_KIND),
        ("noor.png", "image/png", 0, Problem.FILE_EMPTY),
        ("noor.png", "image/png", BYTES_MAX + 1, Problem.FILES_TOO_BIG),
    ],
)
def test_what_an_anonymous_post_can_not_have(name: str, kind: str, size: int, why: Problem) -> None:
    with pytest.raises(Invalid) as refusal:
        pictures_of([GivenFile(name, kind, size, "https://cdn.example/1")])
    assert refusal.value.reason is why
    assert "noor" not in str(refusal.value.data)
