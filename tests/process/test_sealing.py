"""Boxes that the key alone opens, and handles that the key alone makes."""

from __future__ import annotations

import copy
import hashlib
import hmac
import logging
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sealing import BOX_OVERHEAD, HANDLE_BYTES, Label, Sealing, Unopened, encoded
from tests.process.fake_discord import FakeDiscord
from tests.process.running import ROOT, askwell

OLD, NEW, OTHER = (bytes([n]) * 32 for n in (1, 2, 3))
ALICE = (801234567890123456).to_bytes(8, "big")
GUILD, QUESTION = 123456789012345678, 128

parts = st.lists(st.integers() | st.text() | st.binary(), max_size=5)


@pytest.fixture
def sealing() -> Sealing:
    return Sealing([NEW, OLD])


@pytest.mark.parametrize("label", Label)
@given(plain=st.binary(max_size=300), about=parts)
def test_what_is_sealed_is_opened_again(label: Label, plain: bytes, about: list[int]) -> None:
    sealing = Sealing([NEW])
    box = sealing.seal(label, plain, *about)
    assert sealing.open(label, box, *about) == plain
    assert len(box) == len(plain) + BOX_OVERHEAD


def test_an_author_takes_36_bytes_and_one_of_version(sealing: Sealing) -> None:
    box = sealing.seal(Label.AUTHOR, ALICE, GUILD, QUESTION)
    assert (len(box), box[0]) == (37, 1)
    assert ALICE not in box


def test_no_two_boxes_are_alike(sealing: Sealing) -> None:
    boxes = {sealing.seal(Label.AUTHOR, ALICE, GUILD, QUESTION) for _ in range(100)}
    assert len(boxes) == 100
    for at in range(1, 37):
        assert len({box[at] for box in boxes}) > 1, "no byte but the version's stays"


def test_a_box_opens_for_what_it_is_about_alone(sealing: Sealing) -> None:
    box = sealing.seal(Label.AUTHOR, ALICE, GUILD, QUESTION)
    for label, about in (
        (Label.DRAFT, (GUILD, QUESTION)),
        (Label.AUTHOR, (GUILD, QUESTION + 1)),
        (Label.AUTHOR, (GUILD,)),
        (Label.AUTHOR, (GUILD, str(QUESTION))),
        (Label.AUTHOR, (QUESTION, GUILD)),
    ):
        with pytest.raises(Unopened):
            sealing.open(label, box, *about)


def test_a_box_that_was_changed_or_cut_does_not_open(sealing: Sealing) -> None:
    box = sealing.seal(Label.AUTHOR, ALICE)
    changed = [box[:at] + bytes([box[at] ^ 1]) + box[at + 1 :] for at in range(len(box))]
    cut = [box[:length] for length in range(len(box))]
    for wrong in (*changed, *cut, box + b"\0"):
        with pytest.raises(Unopened):
            sealing.open(Label.AUTHOR, wrong)


def test_every_key_of_the_ring_opens_and_the_first_one_seals() -> None:
    before, after = Sealing([OLD]), Sealing([NEW, OLD])
    assert after.open(Label.AUTHOR, before.seal(Label.AUTHOR, ALICE, 1), 1) == ALICE
    sealed_anew = after.seal(Label.AUTHOR, ALICE, 1)
    assert Sealing([NEW]).open(Label.AUTHOR, sealed_anew, 1) == ALICE
    for stranger in (before, Sealing([OTHER])):
        with pytest.raises(Unopened):
            stranger.open(Label.AUTHOR, sealed_anew, 1)


def test_a_handle_is_the_same_for_the_same_person_in_the_same_place_alone(sealing: Sealing) -> None:
    handle = sealing.handle(Label.PERSONA, GUILD, b"salt", QUESTION, 7)
    assert len(handle) == HANDLE_BYTES
    assert handle == Sealing([NEW]).handle(Label.PERSONA, GUILD, b"salt", QUESTION, 7)
    others = [
        sealing.handle(Label.PERSONA, GUILD, b"salt", QUESTION, 8),
        sealing.handle(Label.PERSONA, GUILD, b"salt", QUESTION + 1, 7),
        sealing.handle(Label.PERSONA, GUILD, b"pepper", QUESTION, 7),
        sealing.handle(Label.BLOCK, GUILD, b"salt", QUESTION, 7),
        Sealing([OLD]).handle(Label.PERSONA, GUILD, b"salt", QUESTION, 7),
    ]
    assert handle not in others
    assert len(set(others)) == len(others)


def test_a_handle_of_an_older_key_is_still_found(sealing: Sealing) -> None:
    old = Sealing([OLD]).handle(Label.BLOCK, GUILD, 7)
    assert sealing.handles(Label.BLOCK, GUILD, 7) == (sealing.handle(Label.BLOCK, GUILD, 7), old)
    assert sealing.has_handle(old, Label.BLOCK, GUILD, 7)
    assert sealing.has_handle(sealing.handle(Label.BLOCK, GUILD, 7), Label.BLOCK, GUILD, 7)
    assert not sealing.has_handle(old, Label.BLOCK, GUILD, 8)
    assert not sealing.has_handle(b"", Label.BLOCK, GUILD, 7)
    assert not Sealing([NEW]).has_handle(old, Label.BLOCK, GUILD, 7)


def test_handles_of_many_are_those_of_each(sealing: Sealing) -> None:
    new, old = sealing.handle_each(Label.PERSONA, GUILD, b"salt", 7, last=range(50))
    for number in range(50):
        each = sealing.handles(Label.PERSONA, GUILD, b"salt", 7, number)
        assert each == (new[number], old[number])


@given(parts, parts)
def test_no_two_lists_of_parts_are_encoded_alike(one: list[int], other: list[int]) -> None:
    same = [(type(part), part) for part in one] == [(type(part), part) for part in other]
    assert (encoded(*one) == encoded(*other)) is same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((12, 3), (1, 23)),
        ((1,), ("1",)),
        (("a",), (b"a",)),
        (("a", "b"), ("ab",)),
        (("i1,",), (1,)),
        (("a,s1:b",), ("a", "b")),
        ((), ("",)),
        ((-1,), (1,)),
    ],
)
def test_parts_do_not_run_into_each_other(one: tuple[int], other: tuple[int]) -> None:
    assert encoded(*one) != encoded(*other)


def test_keys_are_derived_as_rfc_5869_says(sealing: Sealing) -> None:
    def expected(key: bytes, label: str) -> bytes:
        extracted = hmac.digest(b"\0" * 32, key, "sha256")
        return hmac.digest(extracted, f"askwell/{label}".encode() + b"\x01", "sha256")

    for label in Label:
        key = expected(NEW, label.value)
        by_hand = hashlib.blake2b(encoded(1, 2), key=key, digest_size=HANDLE_BYTES)
        assert sealing.handle(label, 1, 2) == by_hand.digest()


def test_a_key_is_recognised_by_its_check_and_so_is_an_older_one(sealing: Sealing) -> None:
    assert sealing.check == Sealing([NEW]).check == hmac.digest(NEW, b"check", "sha256")
    assert sealing.knows(sealing.check)
    assert sealing.knows(Sealing([OLD]).check)
    assert not sealing.knows(Sealing([OTHER]).check)
    assert not sealing.knows(b"")


@pytest.mark.parametrize("ring", [[], [b""], [b"x" * 31], [NEW, b"x" * 33]])
def test_a_ring_has_whole_keys(ring: list[bytes]) -> None:
    with pytest.raises(ValueError, match="at least one key") as error:
        Sealing(ring)
    assert "xxx" not in str(error.value)


def test_a_key_that_stands_there_twice_counts_once() -> None:
    assert Sealing([NEW, NEW, OLD]).keys == 2


def test_no_key_is_shown_or_written(sealing: Sealing, caplog: pytest.LogCaptureFixture) -> None:
    assert repr(sealing) == str(sealing) == f"{sealing}" == "<Sealing: 2 keys>"
    logging.getLogger(__name__).warning("%s %r %s", sealing, sealing, {"keys": [sealing]})
    assert repr(NEW)[2:-1] not in caplog.text
    assert not hasattr(sealing, "__dict__")
    for write in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="never written"):
            write(sealing)


def test_the_library_is_loaded_when_something_is_sealed_and_not_before() -> None:
    code = """
import sys
from bot.sealing import Label, Sealing, encoded
sealing = Sealing([b"k" * 32])
sealing.knows(sealing.check), encoded(1)
before = "cryptography" in sys.modules
sealing.seal(Label.AUTHOR, b"")
print(before, "cryptography" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False True\n"


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="says which files a process uses")
async def test_a_bot_without_anonymous_posts_does_not_load_it(
    tmp_path: Path, discord_server: FakeDiscord
) -> None:
    env = discord_server.environment()
    async with askwell(tmp_path, "run", env=env, fresh=True) as process:
        await process.connected(discord_server)
        mapped = Path(f"/proc/{process.pid}/maps").read_text()
    assert "sqlite" in mapped
    assert "cryptography" not in mapped
