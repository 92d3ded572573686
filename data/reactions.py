"""Reactions to remove from cards, because they contradict the votes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import UpdateBase, bindparam, delete, select

from data.database import Transaction
from data.models import UnwantedReaction
from data.statements import ForEach, of_server, upsert

Unwanted = tuple[int, int, int]
"""A reaction: the post, the member, and the vote its emoji stands for."""


@dataclass(frozen=True, slots=True)
class WaitingReaction:
    """A reaction that waits to be removed. `row` is new each time it is enqueued."""

    row: int
    user_id: int
    value: int


_KEEP = ForEach(
    lambda _: delete(UnwantedReaction).where(
        UnwantedReaction.post_id == bindparam("post"),
        UnwantedReaction.user_id == bindparam("user"),
        UnwantedReaction.value == bindparam("vote"),
    )
)


def _take_off(dialect: str) -> UpdateBase:
    return upsert(dialect, UnwantedReaction).on_conflict_do_nothing()


_TAKE_OFF = ForEach(_take_off)


async def keep(tx: Transaction, reactions: Collection[Unwanted]) -> None:
    """Keep reactions that were to be removed: they agree with the votes again."""
    await tx.for_each(_KEEP, [{"post": p, "user": u, "vote": v} for p, u, v in reactions])


async def take_off(tx: Transaction, guild_id: int, reactions: Sequence[Unwanted]) -> None:
    """Note reactions to remove; the caller enqueues the posts."""
    rows = [{"post_id": p, "user_id": u, "value": v, "guild_id": guild_id} for p, u, v in reactions]
    await tx.for_each(_TAKE_OFF, rows)


async def waiting_reactions(tx: Transaction, guild_id: int, post_id: int) -> list[WaitingReaction]:
    """The reactions to remove from a post's card."""
    rows = await tx.rows(
        select(UnwantedReaction.id, UnwantedReaction.user_id, UnwantedReaction.value)
        .where(UnwantedReaction.post_id == post_id, of_server(UnwantedReaction, guild_id))
        .order_by(UnwantedReaction.id)
    )
    return [WaitingReaction(*row) for row in rows]


async def is_waiting(tx: Transaction, row: int) -> bool:
    """Whether a reaction still is to be removed."""
    found = await tx.scalar(select(UnwantedReaction.id).where(UnwantedReaction.id == row))
    return found is not None


async def waiting_under(
    tx: Transaction, post_ids: Collection[int]
) -> dict[int, set[tuple[int, int]]]:
    """The same for some posts: post → (member, vote)."""
    found: dict[int, set[tuple[int, int]]] = {post_id: set() for post_id in post_ids}
    rows = await tx.rows(
        select(UnwantedReaction.post_id, UnwantedReaction.user_id, UnwantedReaction.value).where(
            UnwantedReaction.post_id.in_(post_ids)
        )
    )
    for post_id, user_id, value in rows:
        found[post_id].add((user_id, value))
    return found


async def taken_off(tx: Transaction, rows: Collection[int]) -> None:
    """Record that reactions were removed. One that was noted again meanwhile is another row."""
    await tx.execute(delete(UnwantedReaction).where(UnwantedReaction.id.in_(rows)))
