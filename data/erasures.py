"""Members whose data was erased: the digests by which they are known, and what is under way."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, exists, insert, select, update

from bot.domain.erasures import RANDOM_BITS, Erasing, digest_of, nameless
from data.database import Transaction
from data.models import ErasingRow, ErasureRow, Meta
from data.statements import upsert
from data.types import EPOCH

_SECRET: Final = "erasures"  # noqa: S105 - its name in `meta`
_BYTES: Final = 32


def any_in(guild_id: Any) -> ColumnElement[bool]:
    """Whether a server, given as a column or value, has members who were erased."""
    return exists(select(ErasureRow.digest).where(ErasureRow.guild_id == guild_id))


async def _secret(tx: Transaction) -> bytes | None:
    found = await tx.scalar(select(Meta.value).where(Meta.name == _SECRET))
    return None if found is None else bytes.fromhex(found)


async def digest(tx: Transaction, guild_id: int, user_id: int) -> int | None:
    """What a member would be known by if they had been erased; None where nobody was."""
    query = select(Meta.value).where(Meta.name == _SECRET, any_in(guild_id))
    found = await tx.scalar(query)
    return None if found is None else digest_of(bytes.fromhex(found), guild_id, user_id)


async def digests(
    tx: Transaction, members: Collection[tuple[int, int]]
) -> dict[tuple[int, int], int]:
    """The same of members of servers where somebody was erased, by server and member."""
    secret = await _secret(tx) if members else None
    return {} if secret is None else {who: digest_of(secret, *who) for who in members}


async def still_erased(
    tx: Transaction, known_by: dict[tuple[int, int], int]
) -> set[tuple[int, int]]:
    """Those of these members, by server and id, who were erased and haven't acted since."""
    rows = await tx.rows(
        select(ErasureRow.guild_id, ErasureRow.digest).where(
            ErasureRow.guild_id.in_({guild_id for guild_id, _ in known_by}),
            ErasureRow.digest.in_(known_by.values()),
            ErasureRow.returned.is_(False),
        )
    )
    found = {(row[0], row[1]) for row in rows}
    return {who for who, known in known_by.items() if (who[0], known) in found}


async def come_back(tx: Transaction, guild_id: int, known_by: Iterable[int]) -> None:
    """Note that members, given by their digests, act again themselves."""
    await tx.execute(
        update(ErasureRow)
        .where(
            ErasureRow.guild_id == guild_id,
            ErasureRow.digest.in_(list(known_by)),
            ErasureRow.returned.is_(False),
        )
        .values(returned=True)
    )


def new_voters(number: int) -> list[int]:
    """As many voters that nobody is."""
    return [nameless(secrets.randbits(RANDOM_BITS)) for _ in range(number)]


# What is under way


async def begin(tx: Transaction, job: Erasing, now: datetime) -> None:
    """Note that a member is to be erased, in the server and under their digest. The caller has
    locked the server. Asking again only adds the texts."""
    if await _secret(tx) is None:
        made = upsert(tx.dialect, Meta).values(name=_SECRET, value=secrets.token_hex(_BYTES))
        await tx.execute(made.on_conflict_do_nothing())
    secret = await _secret(tx) or b""
    row = {
        "guild_id": job.guild_id,
        "digest": digest_of(secret, job.guild_id, job.user_id),
        "day": (now - EPOCH).days,
        "returned": False,
    }
    keys = [ErasureRow.guild_id, ErasureRow.digest]
    await tx.execute(
        upsert(tx.dialect, ErasureRow)
        .values(row)
        .on_conflict_do_update(
            index_elements=keys, set_={"day": row["day"], "returned": row["returned"]}
        )
    )
    before = await job_of(tx, job.guild_id, job.user_id)
    if before is None:
        await tx.execute(insert(ErasingRow).values(**asdict(job), asked_at=now))
    elif job.texts and not before.texts:
        await save(tx, Erasing(job.guild_id, job.user_id, texts=True))


_COLUMNS: Final = [getattr(ErasingRow, name) for name in Erasing.__slots__]


async def job_of(tx: Transaction, guild_id: int, user_id: int) -> Erasing | None:
    """A member's erasure that isn't over."""
    row = await tx.row(select(*_COLUMNS).where(*_of(guild_id, user_id)))
    return None if row is None else Erasing(*row)


async def unfinished(tx: Transaction) -> list[tuple[int, int]]:
    """The erasures that aren't over, as (server, member), in the order they were asked for."""
    query = select(ErasingRow.guild_id, ErasingRow.user_id).order_by(ErasingRow.asked_at)
    return [(row[0], row[1]) for row in await tx.rows(query)]


async def save(tx: Transaction, job: Erasing) -> None:
    """Record how far an erasure is."""
    values = {"texts": job.texts, "step": job.step, "after": job.after}
    await tx.execute(update(ErasingRow).where(*_of(job.guild_id, job.user_id)).values(values))


async def end(tx: Transaction, job: Erasing) -> None:
    """Forget an erasure that is over, and with it whose it was."""
    await tx.execute(delete(ErasingRow).where(*_of(job.guild_id, job.user_id)))


def _of(guild_id: int, user_id: int) -> tuple[ColumnElement[bool], ...]:
    return ErasingRow.guild_id == guild_id, ErasingRow.user_id == user_id
