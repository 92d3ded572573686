"""Who is looking at what in the review queue, and who has passed it on to others."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, delete, insert, select

from bot.domain.outbox import JobKind, Priority
from bot.domain.review import THE_SERVER, Claim, Item, ItemKind
from data import outbox
from data.database import Transaction
from data.models import ClaimRow, Name
from data.names import NAME, called
from data.statements import upsert

_JOBS = {
    ItemKind.POST: JobKind.REPORT,
    ItemKind.APPEAL: JobKind.APPEAL,
    ItemKind.UNSEAL: JobKind.UNSEAL,
}


async def of_server(
    tx: Transaction, guild_id: int, since: datetime
) -> tuple[dict[Item, Claim], dict[Item, set[int]]]:
    """Who is looking at what in a server, of claims that began after a time; and who has passed
    what on."""
    rows = await tx.rows(
        select(ClaimRow.kind, ClaimRow.key, ClaimRow.user_id, ClaimRow.at, ClaimRow.passed, NAME)
        .outerjoin(Name, called(ClaimRow.guild_id, ClaimRow.user_id))
        .where(ClaimRow.guild_id == guild_id)
    )
    taken: dict[Item, Claim] = {}
    passed: dict[Item, set[int]] = {}
    for kind, key, user_id, at, is_passed, name in rows:
        item = Item(ItemKind(kind), key)
        if is_passed:
            passed.setdefault(item, set()).add(user_id)
        elif at > since:
            taken[item] = Claim(user_id, at, name)
    return taken, passed


async def claim_of(tx: Transaction, guild_id: int, item: Item, since: datetime) -> Claim | None:
    """Who is looking at an item; None if nobody is."""
    row = await tx.row(
        select(ClaimRow.user_id, ClaimRow.at, NAME)
        .outerjoin(Name, called(ClaimRow.guild_id, ClaimRow.user_id))
        .where(*_of(guild_id, item), ClaimRow.passed.is_(False), ClaimRow.at > since)
    )
    return None if row is None else Claim(*row)


def _of(guild_id: int, item: Item) -> tuple[ColumnElement[bool], ...]:
    same = ClaimRow.key == item.key
    return ClaimRow.guild_id == guild_id, ClaimRow.kind == item.kind, same


async def take(tx: Transaction, guild_id: int, item: Item, user_id: int, now: datetime) -> None:
    """Note that a moderator is looking at an item, in place of whoever was. The caller has locked
    the server."""
    await tx.execute(delete(ClaimRow).where(*_of(guild_id, item), ClaimRow.passed.is_(False)))
    await _note(tx, guild_id, item, user_id, now, passed=False)


async def pass_on(tx: Transaction, guild_id: int, item: Item, user_id: int, now: datetime) -> None:
    """Note that a moderator leaves an item to others."""
    await _note(tx, guild_id, item, user_id, now, passed=True)


async def _note(
    tx: Transaction, guild_id: int, item: Item, user_id: int, now: datetime, *, passed: bool
) -> None:
    said = {"at": now, "passed": passed}
    keys = {"guild_id": guild_id, "kind": item.kind, "key": item.key, "user_id": user_id}
    columns = [ClaimRow.guild_id, ClaimRow.kind, ClaimRow.key, ClaimRow.user_id]
    await tx.execute(
        upsert(tx.dialect, ClaimRow)
        .values(**keys, **said)
        .on_conflict_do_update(index_elements=columns, set_=said)
    )
    await follow(tx, guild_id, [item], now)


async def note_called(
    tx: Transaction, guild_id: int, items: Collection[Item], now: datetime
) -> None:
    """Note that those on duty were called for items: the server has passed them on. The caller has
    locked the server."""
    said = {"guild_id": guild_id, "user_id": THE_SERVER, "at": now, "passed": True}
    await tx.execute(
        insert(ClaimRow), [{**said, "kind": item.kind, "key": item.key} for item in items]
    )


async def follow(
    tx: Transaction,
    guild_id: int,
    items: Collection[Item],
    now: datetime,
    priority: Priority = Priority.WAITED_FOR,
) -> None:
    """Have the cards of items in the moderators' channel brought up to date."""
    for kind, job in _JOBS.items():
        keys = [item.key for item in items if item.kind is kind]
        await outbox.enqueue(tx, guild_id, job, keys, priority, now)


async def drop(tx: Transaction, guild_id: int, kind: ItemKind, keys: Collection[int]) -> None:
    """Forget who looked at items that are decided."""
    await tx.execute(
        delete(ClaimRow).where(
            ClaimRow.guild_id == guild_id, ClaimRow.kind == kind, ClaimRow.key.in_(keys)
        )
    )


async def with_old(tx: Transaction, before: datetime) -> list[int]:
    """The servers with claims from before a time."""
    old = (ClaimRow.at <= before, ClaimRow.passed.is_(False))
    rows = await tx.rows(select(ClaimRow.guild_id).where(*old))
    return sorted({row[0] for row in rows})  # DISTINCT would have SQLite read all claims


async def drop_old(tx: Transaction, guild_id: int, before: datetime, now: datetime) -> None:
    """End a server's claims from before a time."""
    old = (ClaimRow.guild_id == guild_id, ClaimRow.at <= before, ClaimRow.passed.is_(False))
    ended = delete(ClaimRow).where(*old).returning(ClaimRow.kind, ClaimRow.key)
    items = [Item(ItemKind(kind), key) for kind, key in await tx.rows(ended)]
    await follow(tx, guild_id, items, now, Priority.BULK)


async def forget(tx: Transaction, guild_id: int, user_id: int, now: datetime) -> None:
    """Forget what a moderator looks at, and has left to others."""
    theirs = (ClaimRow.guild_id == guild_id, ClaimRow.user_id == user_id)
    gone = delete(ClaimRow).where(*theirs).returning(ClaimRow.kind, ClaimRow.key)
    items = [Item(ItemKind(kind), key) for kind, key in await tx.rows(gone)]
    await follow(tx, guild_id, items, now, Priority.BULK)
