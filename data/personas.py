"""Anonymous authors: their numbers, and the boxes that say who they are.

A box is read in this module alone, and opened where nobody sees it but whoever asked with the key.
No statement here carries a member's id: they are found by handles, which the key makes.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Protocol

from sqlalchemy import BigInteger, Integer, Select, bindparam, insert, select, update

from bot.domain.sealed import Persona, Seal
from data import key_check, names
from data.database import Transaction
from data.models import Guild, PersonaRow
from data.statements import ForEach

SALT_BYTES: Final = 32


class Opener(Protocol):
    """Whoever has the key: see `bot.usecases.personas.opener`."""

    def opened(self, guild_id: int, question_number: int, number: int, box: bytes) -> int | None:
        """The member whom a box names; None if no key opens it, as of those who were erased."""
        ...


async def salt_of(tx: Transaction, guild_id: int) -> bytes | None:
    """The salt of a server's handles; None where nobody has written anonymously yet."""
    found = await tx.scalar(select(Guild.sealing_salt).where(Guild.id == guild_id))
    return None if found is None else bytes.fromhex(found)


@dataclass(frozen=True, slots=True)
class Known:
    """The anonymous authors of a question, with their handles, and the salt of these."""

    salt: bytes | None
    personas: tuple[tuple[Persona, bytes], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(persona.name for persona, _ in self.personas)


async def known_in(tx: Transaction, guild_id: int, question_number: int) -> Known:
    """All anonymous authors of a question: the statement is the same whoever asks."""
    rows = await tx.rows(_known_in(), {"guild": guild_id, "question": question_number})
    salt = bytes.fromhex(rows[0][0]) if rows and rows[0][0] is not None else None
    found = [(Persona(row[1], row[3], row[4]), row[2]) for row in rows if row[1] is not None]
    return Known(salt, tuple(found))


@cache
def _known_in() -> Select[*tuple[Any, ...]]:
    columns = (PersonaRow.number, PersonaRow.handle, PersonaRow.name, PersonaRow.is_asker)
    here = (PersonaRow.guild_id == Guild.id) & (
        PersonaRow.question_number == bindparam("question", type_=Integer)
    )
    query = select(Guild.sealing_salt, *columns).select_from(Guild).outerjoin(PersonaRow, here)
    return query.where(Guild.id == bindparam("guild", type_=BigInteger))


def of_member(known: Known, question_number: int, seal: Seal) -> Persona | None:
    """Who somebody is among the anonymous authors of a question."""
    if known.salt is None or not known.personas:
        return None
    handles = set(seal.handles(known.salt, question_number))
    return next((persona for persona, handle in known.personas if handle in handles), None)


async def find(tx: Transaction, guild_id: int, question_number: int, seal: Seal) -> Persona | None:
    """Who somebody is in a question, if they have written anonymously there."""
    return of_member(await known_in(tx, guild_id, question_number), question_number, seal)


async def write(
    tx: Transaction,
    guild_id: int,
    question_number: int,
    persona: Persona,
    seal: Seal,
    salt: bytes | None,
) -> None:
    """Write who somebody is in a question, with the first post that they write there. `salt` is the
    server's, whose row is locked: it is made if there is none yet."""
    if salt is None:
        salt = secrets.token_bytes(SALT_BYTES)
        new = update(Guild).where(Guild.id == guild_id).values(sealing_salt=salt.hex())
        await tx.execute(new)
        await key_check.note(tx, seal.check)
    handle, box = seal.closed(salt, question_number, persona.number)
    row = {
        "number": persona.number,
        "guild_id": guild_id,
        "question_number": question_number,
        "handle": handle,
        "box": box,
        "name": persona.name,
        "is_asker": persona.is_asker,
    }
    await tx.for_each(_WRITE, [row])
    await names.remember(tx, guild_id, persona.number, persona.name)


_WRITE = ForEach(lambda _: insert(PersonaRow))


async def of_numbers(
    tx: Transaction, guild_id: int, numbers: Collection[int]
) -> dict[int, Persona]:
    """Personas of a server by their numbers; unknown ones are left out."""
    if not numbers:
        return {}
    query = select(PersonaRow.number, PersonaRow.name, PersonaRow.is_asker).where(
        PersonaRow.number.in_(numbers), PersonaRow.guild_id == guild_id
    )
    return {row[0]: Persona(row[0], row[1], row[2]) for row in await tx.rows(query)}


async def handles_in(
    tx: Transaction, guild_id: int
) -> tuple[bytes | None, list[tuple[int, int, bytes]]]:
    """A server's salt, and all of its personas as number, question and handle: what
    `Seal.theirs` compares with, away from the event loop."""
    salt = await salt_of(tx, guild_id)
    if salt is None:
        return None, []
    columns: tuple[Any, ...] = (PersonaRow.number, PersonaRow.question_number, PersonaRow.handle)
    rows = await tx.rows(select(*columns).where(PersonaRow.guild_id == guild_id))
    return salt, [(row[0], row[1], row[2]) for row in rows]


async def numbers_of(tx: Transaction, guild_id: int, seal: Seal | None) -> frozenset[int]:
    """All numbers of a member of a server. It compares with each persona there, away from the event
    loop: not for what is asked often, and never in a `looking_up`."""
    if seal is None:
        return frozenset()
    salt, known = await handles_in(tx, guild_id)
    return frozenset() if salt is None else await tx.compute(seal.theirs, salt, known)


async def member_of(tx: Transaction, guild_id: int, number: int, opener: Opener) -> int | None:
    """The member who an anonymous author is, for a message to them and for those who unseal.

    None where nobody can know: they were erased, or imported, or the key was lost."""
    row = await tx.row(
        select(PersonaRow.question_number, PersonaRow.box).where(
            PersonaRow.number == number, PersonaRow.guild_id == guild_id
        )
    )
    if row is None or row[1] is None:
        return None
    return opener.opened(guild_id, row[0], number, row[1])
