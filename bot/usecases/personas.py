"""Who members are where they write anonymously: the only place where a member's id and the key
meet.

What is done under a persona knows the member as a `MemberSeal`, which finds what is theirs and
doesn't say who they are. See decision 36.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from itertools import count
from typing import Final, NoReturn

from bot.domain.erasures import digest_of
from bot.domain.sealed import Persona, T
from bot.sealing import Label, Sealing, Unopened
from data import personas
from data.database import Transaction, looking_up

_ID_BYTES: Final = 8


class MemberSeal:
    """A member of a server, and the installation's keys. It shows neither, and can't be pickled or
    copied."""

    __slots__ = ("_guild_id", "_sealing", "_user_id")

    def __init__(self, sealing: Sealing, guild_id: int, user_id: int) -> None:
        self._sealing = sealing
        self._guild_id = guild_id
        self._user_id = user_id

    def __repr__(self) -> str:
        return "<MemberSeal>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("who acts anonymously is never written anywhere")

    def handles(self, salt: bytes, question_number: int) -> tuple[bytes, ...]:
        """See `Seal.handles`."""
        return self._sealing.handles(Label.PERSONA, salt, self._user_id, question_number)

    def theirs(self, salt: bytes, personas: Sequence[tuple[int, int, bytes]]) -> frozenset[int]:
        """See `Seal.theirs`."""
        questions = list({question for _, question, _ in personas})
        made = self._sealing.handle_each(Label.PERSONA, salt, self._user_id, last=questions)
        own = {pair for handles in made for pair in zip(questions, handles, strict=True)}
        return frozenset(n for n, question, handle in personas if (question, handle) in own)

    def closed(self, salt: bytes, question_number: int, number: int) -> tuple[bytes, bytes]:
        """See `Seal.closed`."""
        handle = self._sealing.handle(Label.PERSONA, salt, self._user_id, question_number)
        plain = self._user_id.to_bytes(_ID_BYTES)
        about = (self._guild_id, question_number, number)
        return handle, self._sealing.seal(Label.AUTHOR, plain, *about)

    def done(self, action: str, hour: datetime, slots: Collection[bytes]) -> int:
        """See `Seal.done`."""
        if not slots:
            return 0
        return next(
            n for n in count() if not any(s in slots for s in self._slots(action, hour, n + 1))
        )

    def slot(self, action: str, hour: datetime, place: int) -> bytes:
        """See `Seal.slot`."""
        return self._slots(action, hour, place)[0]

    def _slots(self, action: str, hour: datetime, place: int) -> tuple[bytes, ...]:
        who = (self._guild_id, self._user_id)
        return self._sealing.handles(Label.LIMIT, *who, str(action), int(hour.timestamp()), place)

    def row_of(self, rows: Iterable[tuple[int, T]], secret: bytes | None = None) -> T | None:
        """See `Seal.row_of`."""
        found = dict(rows)
        if self._user_id in found or secret is None:
            return found.get(self._user_id)
        return found.get(digest_of(secret, self._guild_id, self._user_id))

    def blocked(self, blocks: Iterable[tuple[bytes, bytes, T]]) -> list[T]:
        """See `Seal.blocked`."""
        who = (self._guild_id, self._user_id)
        return [
            block
            for salt, handle, block in blocks
            if self._sealing.has_handle(handle, Label.BLOCK, *who, salt)
        ]


class Opening:
    """Whoever has the key opens boxes with it: see `data.personas.Opener`."""

    def __init__(self, sealing: Sealing) -> None:
        self._sealing = sealing

    def opened(self, guild_id: int, question_number: int, number: int, box: bytes) -> int | None:
        """See `Opener.opened`."""
        try:
            plain = self._sealing.open(Label.AUTHOR, box, guild_id, question_number, number)
        except Unopened:
            return None
        return int.from_bytes(plain)


def seal_of(sealing: Sealing | None, guild_id: int, user_id: int) -> MemberSeal | None:
    """What a member is known by where something anonymous is done; None without a key."""
    return None if sealing is None else MemberSeal(sealing, guild_id, user_id)


@looking_up
async def persona_in(
    tx: Transaction, guild_id: int, question_number: int, seal: MemberSeal
) -> Persona | None:
    """Who a member is in a question, if they have written anonymously there."""
    return await personas.find(tx, guild_id, question_number, seal)
