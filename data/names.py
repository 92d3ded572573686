"""Members' names as last seen, for readers whose client doesn't know the member."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, UpdateBase, delete, func, select

from data.database import Transaction
from data.models import Name
from data.statements import ForEach, upsert

NAME = func.coalesce(Name.name, "")
"""What to select of an outer join with `called`."""


def called(guild_id: Any, user_id: Any, name: Any = Name) -> ColumnElement[bool]:
    """The condition to join a member's name on, given columns or values."""
    return (name.guild_id == guild_id) & (name.user_id == user_id)


def _remember(dialect: str) -> UpdateBase:
    insert = upsert(dialect, Name)
    return insert.on_conflict_do_update(
        index_elements=[Name.guild_id, Name.user_id],
        set_={"name": insert.excluded.name},
        where=Name.name != insert.excluded.name,
    )


_REMEMBER = ForEach(_remember)


async def remember(
    tx: Transaction, guild_id: int, user_id: int, name: str, *, known: str = ""
) -> None:
    """Store a member's name, as seen in the act of this transaction. `known` is the one that is
    stored, where the transaction has read it.

    Nothing is written if it is stored already, or empty. Cards aren't refreshed for it.
    """
    if name and name != known:
        await tx.for_each(_REMEMBER, [{"guild_id": guild_id, "user_id": user_id, "name": name}])


async def names_of(tx: Transaction, guild_id: int, user_ids: Collection[int]) -> dict[int, str]:
    """The names of members of this server; unknown ones are left out."""
    if not user_ids:
        return {}
    query = select(Name.user_id, Name.name).where(
        Name.guild_id == guild_id, Name.user_id.in_(user_ids)
    )
    return {row[0]: row[1] for row in await tx.rows(query)}


async def forget(tx: Transaction, guild_id: int, user_id: int) -> bool:
    """Erase a member's name; False if none was stored."""
    done = await tx.execute(delete(Name).where(Name.guild_id == guild_id, Name.user_id == user_id))
    return done.rowcount > 0
