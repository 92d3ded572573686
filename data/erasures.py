"""Members whose data was erased: the digests by which they are known, and what is under way."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, exists, insert, select, update

from bot.domain.erasures import (
    RANDOM_BITS,
    Erased,
    Erasing,
    ErasureList,
    digest_of,
    merged,
    nameless,
)
from data import rewriting
from data.database import Transaction
from data.models import ErasingRow, ErasureRow, Guild
from data.rewriting import Kind
from data.statements import upsert
from data.types import EPOCH

_BYTES: Final = 32


def any_in(guild_id: Any) -> ColumnElement[bool]:
    """Whether a server, given as a column or value, has members who were erased."""
    return exists(select(ErasureRow.digest).where(ErasureRow.guild_id == guild_id))


async def digest(tx: Transaction, guild_id: int, user_id: int) -> int | None:
    """What a member would be known by if they had been erased; None where nobody was."""
    found = await digests(tx, [(guild_id, user_id)])
    return found.get((guild_id, user_id))


async def digests(
    tx: Transaction, members: Collection[tuple[int, int]]
) -> dict[tuple[int, int], int]:
    """The same of members of servers where somebody was erased, by server and member."""
    query = select(Guild.id, Guild.erasure_secret).where(
        Guild.id.in_({guild_id for guild_id, _ in members}), Guild.erasure_secret.is_not(None)
    )
    secret_of = {row[0]: bytes.fromhex(row[1]) for row in await tx.rows(query)}
    return {who: digest_of(secret_of[who[0]], *who) for who in members if who[0] in secret_of}


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
    await _give_secret(tx, job.guild_id, secrets.token_hex(_BYTES))
    row = {
        "guild_id": job.guild_id,
        "digest": await digest(tx, job.guild_id, job.user_id),
        "day": (now - EPOCH).days,
        "returned": False,
        "texts": int(job.texts),
    }
    changed = {"day": row["day"], "returned": False, "times": ErasureRow.times + 1}
    if job.texts:
        changed["texts"] = ErasureRow.times + 1
    noted = upsert(tx.dialect, ErasureRow).values(row)
    await tx.execute(noted.on_conflict_do_update(index_elements=_KEYS, set_=changed))
    await ask(tx, job, now)


_KEYS: Final = [ErasureRow.guild_id, ErasureRow.digest]


async def _give_secret(tx: Transaction, guild_id: int, secret: str) -> None:
    """Give a server a secret, if it has none."""
    without = (Guild.id == guild_id, Guild.erasure_secret.is_(None))
    await tx.execute(update(Guild).where(*without).values(erasure_secret=secret))


async def ask(tx: Transaction, job: Erasing, now: datetime) -> None:
    """Note what is to be erased."""
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
    await rewriting.note(tx, Kind.MEMBERS)
    await tx.execute(delete(ErasingRow).where(*_of(job.guild_id, job.user_id)))


def _of(guild_id: int, user_id: int) -> tuple[ColumnElement[bool], ...]:
    return ErasingRow.guild_id == guild_id, ErasingRow.user_id == user_id


# The lists of them, which stand beside the backups


async def listed(tx: Transaction) -> list[ErasureList]:
    """All who were erased: a list for each server where anybody was."""
    columns = (getattr(ErasureRow, name) for name in Erased.__slots__)
    of_server = select(Guild.id, Guild.erasure_secret, *columns)
    query = of_server.join(ErasureRow, ErasureRow.guild_id == Guild.id)
    rows = await tx.rows(query.where(Guild.erasure_secret.is_not(None)))
    return merged(ErasureList(row[0], bytes.fromhex(row[1]), (Erased(*row[2:]),)) for row in rows)


async def not_known(tx: Transaction, named: ErasureList, since: int | None) -> dict[Erased, bool]:
    """Whom a list names who aren't known here to be erased as often, and whether texts went in what
    isn't known of. Nobody, if there is no such server.

    If the server has another secret, the list can't be compared: then it is whoever was erased on
    the day `since` or later, and nobody where that is None.
    """
    guild = select(Guild.id, Guild.erasure_secret).where(Guild.id == named.guild_id)
    here = await tx.row(guild)
    if here is None:
        return {}
    if here[1] is not None and bytes.fromhex(here[1]) != named.secret:
        return {e: e.texts > 0 for e in named.erased if since is not None and e.day >= since}
    mine = select(ErasureRow.digest, ErasureRow.times).where(ErasureRow.guild_id == here[0])
    known = {row[0]: row[1] for row in await tx.rows(mine)}
    return {
        each: each.texts > known.get(each.digest, 0)
        for each in named.erased
        if each.times > known.get(each.digest, 0)
    }


async def take_over(tx: Transaction, named: ErasureList, unknown: Iterable[Erased]) -> bool:
    """Know of these members of a list as it does; False if the server's secret is another one."""
    await _give_secret(tx, named.guild_id, named.secret.hex())
    query = select(Guild.erasure_secret).where(Guild.id == named.guild_id)
    if await tx.scalar(query) != named.secret.hex():
        return False
    for each in unknown:
        changed = {**asdict(each), "returned": False}
        noted = upsert(tx.dialect, ErasureRow).values(guild_id=named.guild_id, **changed)
        await tx.execute(noted.on_conflict_do_update(index_elements=_KEYS, set_=changed))
    return True
