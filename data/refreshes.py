"""Changes that many cards show, and how far the cards have been refreshed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, select, update

from bot.domain.outbox import Cause, JobKind, Priority
from bot.domain.posts import PostKind, PostStatus
from data import appeals, links, outbox, report_cards, unsealing
from data.database import Transaction
from data.models import Post, PostTag, Refresh
from data.statements import of_server, upsert

AT_ONCE = 100  # cards of a server that wait in the outbox, of the many there may be
_FEW = AT_ONCE // 2  # with so few left, the next ones are enqueued


async def start(
    tx: Transaction, guild_id: int, cause: Cause, about: int | str, now: datetime
) -> None:
    """Refresh all cards after a change, the newest first. It starts over for a new change of the
    same cause."""
    values = {"after_id": None, "asked_at": now}
    await tx.execute(
        upsert(tx.dialect, Refresh)
        .values(guild_id=guild_id, cause=cause, about=str(about), **values)
        .on_conflict_do_update(
            index_elements=[Refresh.guild_id, Refresh.cause, Refresh.about], set_=values
        )
    )
    if cause is Cause.REPORTS:  # so few that they follow at once
        await appeals.follow_waiting(tx, guild_id, now)
        await unsealing.follow_waiting(tx, guild_id, now)
    await go_on(tx, guild_id, now)


async def follow_links(
    tx: Transaction, guild_id: int, post_id: int, priority: Priority, now: datetime
) -> None:
    """Refresh the cards that name a post and link to it (`links.linking_to`)."""
    leading = await links.linking_to(tx, guild_id, post_id, AT_ONCE + 1)
    await outbox.enqueue(tx, guild_id, JobKind.CARD, leading[:AT_ONCE], priority, now)
    if len(leading) > AT_ONCE:
        await start(tx, guild_id, Cause.LINKS, post_id, now)


async def follow_posts(
    tx: Transaction, guild_id: int, post_ids: Sequence[int], now: datetime
) -> None:
    """Refresh the cards of these posts; if there are very many, all of the server's."""
    if len(post_ids) > AT_ONCE:
        await start(tx, guild_id, Cause.POSTS, "", now)
    else:
        await outbox.enqueue(tx, guild_id, JobKind.CARD, post_ids, Priority.BULK, now)


async def go_on(tx: Transaction, guild_id: int, now: datetime) -> int:
    """Enqueue as many more refreshes as there is room for; returns how many. The caller has locked
    the server."""
    room = AT_ONCE - await outbox.bulk_waiting(tx, guild_id)
    begun = 0
    for cause, about, after in await _unfinished(tx, guild_id):
        if room <= begun:
            break
        most = room - begun
        if cause is Cause.READERS:
            most = max(1, most // 2)  # each with its original
        ids = await _next_posts(tx, guild_id, cause, about, after, most)
        shown = ids
        if cause is Cause.READERS:
            shown = list({*ids, *await links.originals_of(tx, guild_id, ids)})
        kind = JobKind.REPORT if cause is Cause.REPORTS else JobKind.CARD
        await outbox.enqueue(tx, guild_id, kind, shown, Priority.BULK, now)
        begun += len(shown)
        this = (
            Refresh.guild_id == guild_id,
            Refresh.cause == cause,
            Refresh.about == about,
        )
        if len(ids) < most:
            await tx.execute(delete(Refresh).where(*this))
        else:
            await tx.execute(update(Refresh).where(*this).values(after_id=ids[-1]))
    return begun


async def follow_readers(tx: Transaction, guild_id: int, now: datetime) -> None:
    """Refresh the cards that name a question of another channel, because the readers of a channel
    have changed."""
    await start(tx, guild_id, Cause.READERS, "", now)


async def with_room(tx: Transaction, served: frozenset[int] | None) -> list[int]:
    """The servers with cards still to be refreshed, and few refreshes waiting."""
    query = select(Refresh.guild_id).distinct()
    if served is not None:
        query = query.where(Refresh.guild_id.in_(served))
    waiting = outbox.bulk_of(Refresh.guild_id).correlate(Refresh)
    rows = await tx.rows(query.where(waiting <= _FEW))
    return [row[0] for row in rows]


async def _unfinished(tx: Transaction, guild_id: int) -> list[tuple[Cause, str, int | None]]:
    rows = await tx.rows(
        select(Refresh.cause, Refresh.about, Refresh.after_id)
        .where(Refresh.guild_id == guild_id)
        .order_by(Refresh.asked_at, Refresh.cause, Refresh.about)
    )
    return [(Cause(row[0]), row[1], row[2]) for row in rows]


async def _next_posts(
    tx: Transaction, guild_id: int, cause: Cause, about: str, after: int | None, limit: int
) -> list[int]:
    """The next posts whose cards show a change, starting with the newest."""
    if cause is Cause.POSTS:
        return await _next_of_all(tx, guild_id, after, limit)
    if cause is Cause.READERS:
        return await links.duplicates(tx, guild_id, after, limit)
    if cause is Cause.REPORTS:
        return await report_cards.next_waiting(tx, guild_id, after, limit)
    if cause is Cause.TAG:
        post_id = PostTag.post_id
        query = select(post_id).where(PostTag.guild_id == guild_id, PostTag.tag == about)
    else:
        post_id = Post.id
        query = select(post_id).where(
            of_server(Post, guild_id), Post.status == PostStatus.VISIBLE, _shows(cause, int(about))
        )
    if after is not None:
        query = query.where(post_id < after)
    return [row[0] for row in await tx.rows(query.order_by(post_id.desc()).limit(limit))]


def _shows(cause: Cause, about: int) -> ColumnElement[bool]:
    if cause is Cause.LINKS:
        return Post.duplicate_of == about
    return and_(Post.kind == PostKind.QUESTION, Post.category_id == about)


async def _next_of_all(tx: Transaction, guild_id: int, after: int | None, limit: int) -> list[int]:
    """The next visible posts of a server, those of the newest question first."""
    query = select(Post.id).where(Post.guild_id == guild_id, Post.status == PostStatus.VISIBLE)
    ordered = query.order_by(Post.number.desc(), Post.sub_number.desc())
    if after is None:
        return [row[0] for row in await tx.rows(ordered.limit(limit))]
    last = await tx.row(select(Post.number, Post.sub_number).where(Post.id == after))
    number, sub_number = last or (0, 0)
    # Two look-ups by index, since a single condition for both wouldn't use it.
    thread = ordered.where(Post.number == number, Post.sub_number < sub_number)
    found = [row[0] for row in await tx.rows(thread.limit(limit))]
    if len(found) < limit:
        older = ordered.where(Post.number < number)
        found += [row[0] for row in await tx.rows(older.limit(limit - len(found)))]
    return found
