"""Sealing who wrote an anonymous post: boxes that only the installation's key opens, and handles
by which somebody is found again without being named.

A *box* is encrypted with AES-256-GCM, and bound to what it is about. A *handle* is a keyed BLAKE2b
(RFC 7693): the same person in the same place gets the same one, and nobody without the key can
compute it. Each use has a key of its own, derived with HKDF (RFC 5869), so that what one gives away
says nothing of another.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable, Sequence
from enum import StrEnum
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
HANDLE_BYTES: Final = 16
BOX_OVERHEAD: Final = 29
"""Bytes by which a box is longer than what is in it."""

Part = int | str | bytes
"""A part of what a box or a handle is about: the number of a server, a salt, a word."""

_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12
_HASH: Final = "sha256"
_CHECKED: Final = b"check"


class KeyState(StrEnum):
    """Whether anonymous posts can be sealed."""

    THERE = "there"
    MADE = "made"
    MISSING = "missing"


class Label(StrEnum):
    """What a derived key is for."""

    AUTHOR = "author"
    PERSONA = "persona"
    DRAFT = "draft"
    BLOCK = "block"
    LIMIT = "limit"
    ORIGIN = "origin"
    NAME = "name"
    ERASING = "erasing"
    INBOX = "inbox"
    WAITING = "waiting"


class Unopened(Exception):
    """No key of the ring opens a box: it is another installation's, damaged, or of something
    else."""

    def __init__(self) -> None:
        super().__init__("no key opens this box")


class Sealing:
    """The keys of an installation, of `KEY_BYTES` bytes each: the first one seals, each one opens.

    It shows none of its keys, and can't be pickled or copied. `cryptography` is loaded when a key
    is first derived.
    """

    __slots__ = ("_ciphers", "_derived", "_ring")

    def __init__(self, ring: Sequence[bytes]) -> None:
        if not ring or any(len(key) != KEY_BYTES for key in ring):
            raise ValueError(f"a ring has at least one key, and each has {KEY_BYTES} bytes")
        # A key that stands there twice would be tried twice.
        self._ring = tuple(dict.fromkeys(ring))
        self._derived: dict[Label, tuple[bytes, ...]] = {}
        self._ciphers: dict[Label, tuple[AESGCM, ...]] = {}

    def __repr__(self) -> str:
        return f"<Sealing: {self.keys} key{'' if self.keys == 1 else 's'}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys are never written anywhere")

    @property
    def keys(self) -> int:
        """How many keys the ring has."""
        return len(self._ring)

    @property
    def newest(self) -> Sealing:
        """The key that seals, alone."""
        return Sealing(self._ring[:1])

    @property
    def check(self) -> bytes:
        """What the key that seals is recognised by at the next start."""
        return _check(self._ring[0])

    def knows(self, check: bytes) -> bool:
        """Whether a `check` is that of a key of the ring."""
        return _is_any(check, map(_check, self._ring))

    def seal(self, label: Label, plain: bytes, *about: Part) -> bytes:
        """Seal some bytes in a box that opens for the same `label` and `about` alone."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers_for(label)[0].encrypt(nonce, plain, _bound(about))
        return _VERSION + nonce + sealed

    def open(self, label: Label, box: bytes, *about: Part) -> bytes:
        """What was sealed in a box, by any key of the ring. Raises `Unopened`."""
        from cryptography.exceptions import InvalidTag

        nonce, sealed = box[1 : _NONCE_BYTES + 1], box[_NONCE_BYTES + 1 :]
        if len(box) >= BOX_OVERHEAD and box[:1] == _VERSION:
            for cipher in self._ciphers_for(label):
                try:
                    return cipher.decrypt(nonce, sealed, _bound(about))
                except InvalidTag:
                    continue
        raise Unopened

    def handle(self, label: Label, *parts: Part) -> bytes:
        """The handle of these parts, of `HANDLE_BYTES` bytes."""
        return _handle(self._keys_for(label)[0], encoded(*parts))

    def handles(self, label: Label, *parts: Part) -> tuple[bytes, ...]:
        """The handles of these parts under each key of the ring, for what isn't sealed anew yet."""
        message = encoded(*parts)
        return tuple(_handle(key, message) for key in self._keys_for(label))

    def handle_each(
        self, label: Label, *common: Part, last: Iterable[Part]
    ) -> tuple[list[bytes], ...]:
        """Under each key of the ring, the handles of `common` parts with each of the `last` parts:
        quicker than one after the other. 10,000 take some 10 ms: not on the event loop."""
        common_part, endings = encoded(*common), [_encoded(part) for part in last]
        return tuple(_handles(key, common_part, endings) for key in self._keys_for(label))

    def has_handle(self, handle: bytes, label: Label, *parts: Part) -> bool:
        """Whether a handle is that of these parts, under any key of the ring."""
        return _is_any(handle, self.handles(label, *parts))

    def _keys_for(self, label: Label) -> tuple[bytes, ...]:
        derived = self._derived.get(label)
        if derived is None:
            derived = self._derived[label] = tuple(_derive(key, label) for key in self._ring)
        return derived

    def _ciphers_for(self, label: Label) -> tuple[AESGCM, ...]:
        # Kept, since making one takes as long as sealing with it.
        ciphers = self._ciphers.get(label)
        if ciphers is None:
            ciphers = self._ciphers[label] = tuple(map(_cipher, self._keys_for(label)))
        return ciphers


def blank(box: bytes) -> bytes:
    """What is taken for a box as long as this one, and no key ever opens."""
    return _VERSION + os.urandom(len(box) - len(_VERSION))


def encoded(*parts: Part) -> bytes:
    """Parts as bytes: no two lists of parts give the same."""
    return b"".join(map(_encoded, parts))


def _encoded(part: Part) -> bytes:
    if isinstance(part, int):
        return b"i%d," % part
    if isinstance(part, str):
        part = part.encode()
        return b"s%d:%b," % (len(part), part)
    return b"b%d:%b," % (len(part), part)


def _bound(about: Sequence[Part]) -> bytes:
    return _VERSION + encoded(*about)


def _check(key: bytes) -> bytes:
    return hmac.digest(key, _CHECKED, _HASH)


def _handle(key: bytes, message: bytes) -> bytes:
    # A fifth of the time of HMAC-SHA-256: all of a server's are compared at once.
    return blake2b(message, key=key, digest_size=HANDLE_BYTES).digest()


def _handles(key: bytes, beginning: bytes, endings: Iterable[bytes]) -> list[bytes]:
    # The key is taken in once: it is as long as the rest.
    begun = blake2b(beginning, key=key, digest_size=HANDLE_BYTES)
    made: list[bytes] = []
    for ending in endings:
        one = begun.copy()
        one.update(ending)
        made.append(one.digest())
    return made


def _is_any(given: bytes, known: Iterable[bytes]) -> bool:
    return any(hmac.compare_digest(given, each) for each in known)


def _derive(key: bytes, label: Label) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"askwell/" + label.encode()).derive(key)


def _cipher(key: bytes) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)
