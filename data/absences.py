"""Which questions to compare with Discord after the bot was away.

`guilds.absences` counts how often a server's events may have been missed; `places.compared` is the
count up to which a question has been compared. So a restart continues where it was, and a new
absence during a comparison has everything compared once more.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, func, select, update

from bot.domain.posts import PostKind, PostStatus
from data.database import Transaction
from data.guilds import lock_many
from data.models import Guild, Place, Post
from data.statements import ForEach

AGAIN = -1  # before every absence


@dataclass(frozen=True, slots=True)
class DueQuestion:
    """A question to compare; `absences` is what is recorded once it was."""

    question_id: int
    home_id: int | None
    absences: int


async def note_absence(tx: Transaction, guild_ids: Collection[int]) -> None:
    """Count another absence in servers, so that all their questions are compared."""
    known = await lock_many(tx, guild_ids)
    if known:
        absent = update(Guild).where(Guild.id.in_(bindparam("guilds", expanding=True)))
        await tx.execute(absent.values(absences=Guild.absences + 1), {"guilds": list(known)})


_COLUMNS = select(Place.post_id, Place.home_id, Guild.absences)
_LIMIT, _MOST = bindparam("limit", type_=Integer), bindparam("most", type_=Integer)


@cache
def _active() -> Select[*tuple[Any, ...]]:
    newest = (
        select(Post.id)
        .where(
            Post.guild_id == bindparam("guild"),
            Post.kind == PostKind.QUESTION,
            Post.status == PostStatus.VISIBLE,
        )
        .order_by(Post.active_at.desc())
        .limit(_MOST)
    ).subquery()
    return (
        _COLUMNS.join(newest, newest.c.id == Place.post_id)
        .join(Guild, Guild.id == bindparam("guild"))
        .join(Post, Post.id == Place.post_id)
        .where(Place.thread_id.is_not(None), Place.compared < Guild.absences)
        .order_by(Post.active_at.desc())
        .limit(_LIMIT)
    )


@cache
def _rest() -> Select[*tuple[Any, ...]]:
    of_server = (Place.guild_id == bindparam("guild"), Place.thread_id.is_not(None))
    longest = select(func.min(Place.compared)).where(*of_server).scalar_subquery()
    return (
        _COLUMNS.join(Guild, Guild.id == Place.guild_id)
        # The sum keeps SQLite from searching for the range and sorting everything in it.
        .where(*of_server, Place.compared == longest, Place.compared + 0 < Guild.absences)
        .order_by(Place.post_id.desc())
        .limit(_LIMIT)
    )


async def due_questions(tx: Transaction, guild_id: int, most: int, limit: int) -> list[DueQuestion]:
    """The next questions to compare: first those due among the `most` most active visible ones,
    then those not compared for the longest time, the newest first."""
    sought = {"guild": guild_id, "limit": limit}
    rows = await tx.rows(_active(), {**sought, "most": most})
    if len(rows) < limit:
        rows += await tx.rows(_rest(), sought)
    found = {row[0]: DueQuestion(*row) for row in rows}
    return list(found.values())[:limit]


_COMPARED = ForEach(
    lambda _: (
        update(Place)
        .where(Place.post_id == bindparam("question"), Place.compared < bindparam("absence"))
        .values(compared=bindparam("absence"))
    )
)


async def note_compared(tx: Transaction, compared: Mapping[int, int]) -> None:
    """Record up to which absence each question was compared."""
    await tx.for_each(_COMPARED, [{"question": q, "absence": n} for q, n in compared.items()])


async def note_channel(tx: Transaction, guild_id: int, home_id: int, *, due: bool) -> None:
    """Have all questions of a channel compared; without `due` none, since the channel can't be
    read."""
    absences = select(Guild.absences).where(Guild.id == guild_id).scalar_subquery()
    await tx.execute(
        update(Place)
        .where(Place.guild_id == guild_id, Place.thread_id.is_not(None), Place.home_id == home_id)
        .values(compared=AGAIN if due else absences)
    )
