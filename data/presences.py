"""Members of whom something is kept, and whether they are still in their server."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, bindparam, delete, func, select, union, update

from data.database import Transaction
from data.models import Follow, Name, Notice, Post, Preference, Presence, Receipt
from data.statements import ForEach, upsert
from data.types import UTCDateTime, microseconds

# What goes once they have left, but for what is dropped sooner by itself, such as drafts.
_KEPT: Final = (
    (Name, Name.user_id),
    (Follow, Follow.user_id),
    (Preference, Preference.user_id),
    (Notice, Notice.user_id),
    (Receipt, Receipt.user_id),
)


@dataclass(frozen=True, slots=True)
class Look:
    """A member to ask Discord for, and since when they have been gone."""

    guild_id: int
    user_id: int
    gone_at: datetime | None = None


async def persons(
    tx: Transaction, guild_id: int, after: int, limit: int, *, authors: bool
) -> list[int]:
    """The next members of a server of whom something is kept, by their ids; with `authors` also
    those of whom there are only posts."""

    def some(table: Any, column: Any) -> Any:
        mine = (table.guild_id == guild_id, column > after)
        query = select(column.label("id")).where(*mine).distinct()
        return query.order_by(column).limit(limit).subquery()

    found = union(*(select(some(*each).c.id) for each in _sources(authors=authors))).subquery()
    rows = await tx.rows(select(found.c.id).order_by(found.c.id).limit(limit))
    return [row[0] for row in rows]


async def kept(
    tx: Transaction, guild_id: int, user_ids: Sequence[int], *, authors: bool
) -> set[int]:
    """Those of these members of whom something is kept; with `authors`, posts are enough."""
    found = union(
        *(
            select(column).where(table.guild_id == guild_id, column.in_(user_ids))
            for table, column in _sources(authors=authors)
        )
    )
    return {row[0] for row in await tx.rows(found)}


def _sources(*, authors: bool) -> tuple[tuple[Any, Any], ...]:
    return (*_KEPT, (Post, Post.author_id)) if authors else _KEPT


async def unknown(tx: Transaction, guild_id: int, user_ids: Sequence[int]) -> list[int]:
    """Those of these members whom nobody looks after yet."""
    mine = (Presence.guild_id == guild_id, Presence.user_id.in_(user_ids))
    known = {row[0] for row in await tx.rows(select(Presence.user_id).where(*mine))}
    return [each for each in user_ids if each not in known]


async def add(tx: Transaction, guild_id: int, user_ids: Collection[int], now: datetime) -> None:
    """Look after members from now on, who were there a moment ago as far as is known."""
    rows = [{"guild_id": guild_id, "user_id": each, "looked_at": now} for each in user_ids]
    await tx.execute(upsert(tx.dialect, Presence).on_conflict_do_nothing(), rows)


async def next_gone(
    tx: Transaction, served: Collection[int], gone: datetime, looked: datetime, limit: int
) -> list[Look]:
    """Members gone since `gone` or longer, who weren't asked for since `looked`."""
    due = (Presence.gone_at <= gone, Presence.looked_at <= looked)
    return await _looks(tx, _look_at(served).where(*due).limit(limit))


async def next_looks(
    tx: Transaction, served: Collection[int], looked: datetime, limit: int
) -> list[Look]:
    """Members who weren't asked for since `looked`, the longest time first."""
    return await _looks(tx, _look_at(served).where(Presence.looked_at <= looked).limit(limit))


def _look_at(served: Collection[int]) -> Select[*tuple[Any, ...]]:
    columns = (Presence.guild_id, Presence.user_id, Presence.gone_at)
    first = (Presence.looked_at, Presence.guild_id, Presence.user_id)
    return select(*columns).where(Presence.guild_id.in_(served)).order_by(*first)


async def _looks(tx: Transaction, query: Select[*tuple[Any, ...]]) -> list[Look]:
    return [Look(*row) for row in await tx.rows(query)]


def _of(looks: Collection[Look]) -> list[dict[str, Any]]:
    return [{"guild": look.guild_id, "user": look.user_id} for look in looks]


def _this() -> tuple[Any, Any]:
    return Presence.guild_id == bindparam("guild"), Presence.user_id == bindparam("user")


def _at(name: str = "at") -> Any:
    return bindparam(name, type_=UTCDateTime)


_LOOKED: Final = ForEach(lambda _: update(Presence).where(*_this()).values(looked_at=_at()))
_HERE: Final = ForEach(
    lambda _: update(Presence).where(*_this()).values(looked_at=_at(), gone_at=None)
)
_GONE: Final = ForEach(
    lambda _: (
        update(Presence)
        .where(*_this())
        .values(looked_at=_at(), gone_at=func.coalesce(Presence.gone_at, _at()))
    )
)
_DROP: Final = ForEach(lambda _: delete(Presence).where(*_this()))


async def looked(tx: Transaction, looks: Collection[Look], now: datetime) -> None:
    """Note that Discord was asked for these members, and said nothing of use."""
    await tx.for_each(_LOOKED, [{**row, "at": microseconds(now)} for row in _of(looks)])


async def are_here(tx: Transaction, looks: Collection[Look], now: datetime) -> None:
    """Note that these members are in their servers."""
    await tx.for_each(_HERE, [{**row, "at": microseconds(now)} for row in _of(looks)])


async def are_gone(tx: Transaction, looks: Collection[Look], now: datetime) -> None:
    """Note that these members are not; since now, where that is new."""
    await tx.for_each(_GONE, [{**row, "at": microseconds(now)} for row in _of(looks)])


async def drop(tx: Transaction, looks: Collection[Look]) -> None:
    """Look after these members no longer."""
    await tx.for_each(_DROP, _of(looks))


async def gone(tx: Transaction, served: Collection[int]) -> list[tuple[int, int]]:
    """All members who are known to be gone, as (server, member)."""
    mine = (Presence.gone_at.is_not(None), Presence.guild_id.in_(served))
    rows = await tx.rows(select(Presence.guild_id, Presence.user_id).where(*mine))
    return [(row[0], row[1]) for row in rows]


async def gone_since(tx: Transaction, guild_id: int, user_id: int) -> datetime | None:
    """Since when a member has been gone, as far as is known."""
    mine = (Presence.guild_id == guild_id, Presence.user_id == user_id)
    return await tx.scalar(select(Presence.gone_at).where(*mine))
