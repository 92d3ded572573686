"""Anonymous authors: their numbers, and the boxes that say who they are.

A box is read in this module alone, and opened where nobody sees it but whoever asked with the key.
No statement here carries a member's id: they are found by handles, which the key makes.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Protocol

from sqlalchemy import (
    BigInteger,
    Integer,
    Select,
    String,
    bindparam,
    case,
    cast,
    func,
    insert,
    select,
    union,
    update,
)

from bot.domain.erasures import SEALED
from bot.domain.posts import PostKind
from bot.domain.sealed import Persona, Seal
from data import key_check, names
from data.database import Transaction
from data.models import AppealRow, Guild, Name, Notice, PersonaRow, Post
from data.statements import ForEach

SALT_BYTES: Final = 32
HANDLE_BYTES: Final = 16
_HEX: Final = 2 * SALT_BYTES
_GUILD: Final = bindparam("guild", type_=BigInteger)


class Renewer(Protocol):
    """Whoever seals anonymous authors anew: see `bot.usecases.personas.Renewing`."""

    def renewed(
        self, guild_id: int, salt: bytes, question_number: int, number: int, box: bytes | None
    ) -> tuple[bytes, bytes | None]:
        """Another handle and another box of a persona."""
        ...


class Opener(Protocol):
    """Whoever has the key: see `bot.usecases.personas.opener`."""

    def opened(self, guild_id: int, question_number: int, number: int, box: bytes) -> int | None:
        """The member whom a box names; None if no key opens it, as of those who were erased."""
        ...


def split(salts: str | None) -> tuple[bytes, ...]:
    """The salts of a server's handles, as `Guild.sealing_salt` has them: none where nobody has
    written anonymously yet. The first one is that of new handles. There are others only while all
    are sealed anew: see `renew`."""
    found = salts or ""
    return tuple(bytes.fromhex(found[n : n + _HEX]) for n in range(0, len(found), _HEX))


async def salts_of(tx: Transaction, guild_id: int) -> tuple[bytes, ...]:
    """The same, of a server."""
    return split(await tx.scalar(_salts(), {"guild": guild_id}))


@cache
def _salts() -> Select[*tuple[Any, ...]]:
    return select(Guild.sealing_salt).where(Guild.id == _GUILD)


async def _keep_salts(tx: Transaction, guild_id: int, salts: Sequence[bytes]) -> None:
    new = update(Guild).where(Guild.id == guild_id)
    await tx.execute(new.values(sealing_salt=b"".join(salts).hex()))


@dataclass(frozen=True, slots=True)
class Authors:
    """The anonymous authors of a question, as rows whose second and third columns are number and
    handle, and the last two whether they asked it and their name; and the salts of the handles: see
    `split`. There may be hundreds, of whom one is wanted."""

    salts: tuple[bytes, ...]
    rows: Sequence[Any] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(row[-1] for row in self.rows)


NO_AUTHORS: Final = Authors(())


async def known_in(tx: Transaction, guild_id: int, question_number: int) -> Authors:
    """All anonymous authors of a question: the statement is the same whoever asks."""
    rows = await tx.rows(_known_in(), {"guild": guild_id, "question": question_number})
    if not rows:
        return NO_AUTHORS
    anybody = rows[0][1] is not None
    return Authors(split(rows[0][0]), rows if anybody else ())


@cache
def _known_in() -> Select[*tuple[Any, ...]]:
    columns = (PersonaRow.number, PersonaRow.handle, PersonaRow.is_asker, PersonaRow.name)
    here = (PersonaRow.guild_id == Guild.id) & (
        PersonaRow.question_number == bindparam("question", type_=Integer)
    )
    query = select(Guild.sealing_salt, *columns).select_from(Guild).outerjoin(PersonaRow, here)
    return query.where(Guild.id == _GUILD)


def of_member(known: Authors, question_number: int, seal: Seal) -> Persona | None:
    """Who somebody is among the anonymous authors of a question."""
    if not known.rows:
        return None
    handles = {each for salt in known.salts for each in seal.handles(salt, question_number)}
    found = next((row for row in known.rows if row[2] in handles), None)
    return None if found is None else Persona(found[1], found[-1], bool(found[-2]))


async def find(tx: Transaction, guild_id: int, question_number: int, seal: Seal) -> Persona | None:
    """Who somebody is in a question, if they have written anonymously there."""
    return of_member(await known_in(tx, guild_id, question_number), question_number, seal)


async def begin_sealing(tx: Transaction, guild_id: int, seal: Seal) -> bytes:
    """Begin to seal in a server, whose row is locked; returns the salt of its handles."""
    salt = secrets.token_bytes(SALT_BYTES)
    await _keep_salts(tx, guild_id, (salt,))
    await key_check.note(tx, seal.check)
    return salt


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
        salt = await begin_sealing(tx, guild_id, seal)
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


async def unknown(tx: Transaction, guild_id: int) -> list[tuple[int, int, bool, str]]:
    """Numbers of a server's anonymous authors that have no persona, as after an import without
    them: each with its question, whether they asked it, and their name."""
    known = select(PersonaRow.number).where(PersonaRow.guild_id == guild_id)
    theirs = (Post.guild_id == guild_id, Post.author_id <= SEALED, Post.author_id.not_in(known))
    asked = func.max(case((Post.kind == PostKind.QUESTION, 1), else_=0))
    rows = await tx.rows(
        select(Post.author_id, func.min(Post.number), asked, func.max(Name.name))
        .outerjoin(Name, (Name.guild_id == Post.guild_id) & (Name.user_id == Post.author_id))
        .where(*theirs)
        .group_by(Post.author_id)
        .order_by(Post.author_id)
    )
    return [(row[0], row[1], bool(row[2]), row[3] or "") for row in rows]


async def add_unknown(tx: Transaction, guild_id: int) -> list[tuple[int, int, bool, str]]:
    """Write personas for those, which nobody is; returns whom. No other can write meanwhile."""
    found = await unknown(tx, guild_id)
    made = [
        {
            "number": number,
            "guild_id": guild_id,
            "question_number": question,
            "handle": secrets.token_bytes(HANDLE_BYTES),
            "box": None,
            "name": name,
            "is_asker": is_asker,
        }
        for number, question, is_asker, name in found
    ]
    if made:
        await tx.execute(insert(PersonaRow), made)
    return found


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


async def told_of(tx: Transaction, guild_id: int, seal: Seal) -> frozenset[int]:
    """As `numbers_of`, of those who may have been told something lately: few of all, so that it may
    be asked often."""
    return await _theirs(tx, guild_id, seal, _told_in(tx.dialect))


@cache
def _told_in(dialect: str) -> Select[*tuple[Any, ...]]:
    told = select(Notice.user_id).where(Notice.guild_id == _GUILD, Notice.user_id <= SEALED)
    appeals = select(AppealRow.author_id).where(
        AppealRow.guild_id == _GUILD, AppealRow.author_id <= SEALED
    )
    there = union(told, appeals).subquery()
    return _all_in(dialect).join(there, there.c.user_id == PersonaRow.number)


async def is_theirs(tx: Transaction, guild_id: int, number: int, seal: Seal) -> bool:
    """Whether an anonymous author is somebody."""
    row = await tx.row(
        select(PersonaRow.question_number, PersonaRow.handle).where(
            PersonaRow.number == number, PersonaRow.guild_id == guild_id
        )
    )
    salts = await salts_of(tx, guild_id) if row is not None else ()
    return row is not None and any(row[1] in seal.handles(salt, row[0]) for salt in salts)


async def numbers_of(tx: Transaction, guild_id: int, seal: Seal | None) -> frozenset[int]:
    """All numbers of a member of a server. It compares with each persona there, away from the event
    loop: not for what is asked often, and never in a `looking_up`."""
    return await _theirs(tx, guild_id, seal, _all_in(tx.dialect))


@cache
def _all_in(dialect: str) -> Select[*tuple[Any, ...]]:
    """The handles, questions and numbers of a server's personas, each in one text: as many rows
    would have Python look through all of its memory for what can be freed, and hand its lock over
    for each. One pass makes all three, so they are in the same order."""
    handle, sqlite = PersonaRow.handle, dialect == "sqlite"
    texts = (
        func.aggregate_strings(func.hex(handle) if sqlite else func.encode(handle, "hex"), ","),
        func.aggregate_strings(cast(PersonaRow.question_number, String), ","),
        func.aggregate_strings(cast(PersonaRow.number, String), ","),
    )
    return select(*texts).where(PersonaRow.guild_id == _GUILD)


async def _theirs(
    tx: Transaction, guild_id: int, seal: Seal | None, query: Select[*tuple[Any, ...]]
) -> frozenset[int]:
    salts = await salts_of(tx, guild_id) if seal is not None else ()
    row = await tx.row(query, {"guild": guild_id}) if salts else None
    if seal is None or row is None or row[0] is None:
        return frozenset()
    return await tx.compute(_numbers_of, seal, salts, *row)


def _numbers_of(
    seal: Seal, salts: Sequence[bytes], handles: str, questions: str, numbers: str
) -> frozenset[int]:
    """Which personas are somebody's, of the texts of `_all_in`."""
    known = dict(zip(map(bytes.fromhex, handles.split(",")), numbers.split(","), strict=True))
    asked = list(map(int, set(questions.split(","))))
    own = (known.get(made) for salt in salts for made in seal.handles_in(salt, asked))
    return frozenset(int(number) for number in own if number is not None)


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


# Sealing all of a server's anew


async def begin_renewal(tx: Transaction, guild_id: int) -> bytes | None:
    """Begin to seal a server's personas anew, under another salt, which is returned; None where
    there are none. The server's row is locked."""
    salts = await salts_of(tx, guild_id)
    if not salts:
        return None
    salt = secrets.token_bytes(SALT_BYTES)
    await _keep_salts(tx, guild_id, (salt, *salts))
    return salt


async def renew(
    tx: Transaction, guild_id: int, after: int, limit: int, renewer: Renewer
) -> int | None:
    """Seal the next personas of a server anew, those of questions after this one; returns the last
    question, None if all are done. The server's row is locked.

    Meanwhile handles of several salts are valid. Without the key nobody can tell which row has
    which, and so neither how far it is nor whose box was not sealed again but replaced.
    """
    salts = await salts_of(tx, guild_id)
    rows, last = await _next(tx, guild_id, after, limit)
    changed: list[dict[str, Any]] = []
    for number, question, box in rows:
        handle, new = renewer.renewed(guild_id, salts[0], question, number, box)
        changed.append({"this": number, "new_handle": handle, "new_box": new})
    await tx.for_each(_RENEW, changed)
    return last


_RENEW: Final = ForEach(
    lambda _: (
        update(PersonaRow)
        .where(PersonaRow.number == bindparam("this"))
        .values(handle=bindparam("new_handle"), box=bindparam("new_box"))
    )
)


async def _next(
    tx: Transaction, guild_id: int, after: int, limit: int
) -> tuple[Sequence[Any], int | None]:
    """Number, question and box of the next personas, with all of a question; and the last question,
    None if there are no others."""
    question = PersonaRow.question_number
    theirs = (PersonaRow.guild_id == guild_id, question > after)
    far = select(question).where(*theirs).order_by(question).offset(limit - 1).limit(1)
    last = await tx.scalar(far)
    some = theirs if last is None else (*theirs, question <= last)
    return await tx.rows(select(PersonaRow.number, question, PersonaRow.box).where(*some)), last


async def end_renewal(tx: Transaction, guild_id: int, salt: bytes | None = None) -> None:
    """Forget the salts from before a renewal, which began with `salt` (None: the newest one).
    The server's row is locked."""
    salts = await salts_of(tx, guild_id)
    if salt is None:
        await _keep_salts(tx, guild_id, salts[:1])
    elif salt in salts:
        await _keep_salts(tx, guild_id, salts[: salts.index(salt) + 1])


async def forget_salts(tx: Transaction, guild_id: int) -> None:
    """Forget the salts of handles that no key finds any more. The server's row is locked."""
    await tx.execute(update(Guild).where(Guild.id == guild_id).values(sealing_salt=None))


async def servers(tx: Transaction) -> list[int]:
    """The servers where somebody has written anonymously."""
    query = select(Guild.id).where(Guild.sealing_salt.is_not(None)).order_by(Guild.id)
    return [row[0] for row in await tx.rows(query)]


async def count_in(tx: Transaction, guild_id: int) -> int:
    """How many personas a server has."""
    mine = PersonaRow.guild_id == guild_id
    return await tx.scalar(select(func.count()).select_from(PersonaRow).where(mine)) or 0


async def authors(
    tx: Transaction, guild_id: int, after: int, limit: int, opener: Opener
) -> tuple[set[int], int, int | None]:
    """Whom the next boxes of a server name, how many of them couldn't be opened, and after which
    question to go on (None: that was all)."""
    rows, last = await _next(tx, guild_id, after, limit)
    opened = [opener.opened(guild_id, row[1], row[0], row[2]) for row in rows if row[2] is not None]
    known = {each for each in opened if each is not None}
    return known, opened.count(None), last
