"""Where posts are in Discord: their channels, threads and messages."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    CompoundSelect,
    Executable,
    Select,
    bindparam,
    func,
    or_,
    select,
    union,
)
from sqlalchemy.orm import aliased

from bot.domain.posts import PostKind, PostReference, PostStatus
from data import written_words
from data.continuations import continued_at
from data.database import Transaction
from data.models import Guild, Place, Post
from data.statements import known_by_place, of_server, upsert

_parent = aliased(Post)


def _placed_at(ids: Collection[int]) -> CompoundSelect[int]:
    """The posts whose message or thread has one of these ids. Two look-ups, since a single
    condition over both wouldn't use the indexes."""
    return union(
        select(Place.post_id).where(Place.message_id.in_(ids)),
        select(Place.post_id).where(Place.thread_id.in_(ids)),
    )


_MESSAGES = bindparam("messages", type_=BigInteger, expanding=True)
_POSTS_AT = union(
    select(Place.message_id, Place.post_id).where(Place.message_id.in_(_MESSAGES)),
    select(Place.thread_id, Place.post_id).where(Place.thread_id.in_(_MESSAGES)),
)


async def posts_at(tx: Transaction, message_ids: Collection[int]) -> dict[int, int]:
    """The posts of any server whose cards these messages are or were, also of those that are gone:
    post by message."""
    rows = await tx.rows(_POSTS_AT, {"messages": list(message_ids)})
    return {row[0]: row[1] for row in rows}


@known_by_place
def _numbered() -> Select[int]:
    post = (Post.number == bindparam("number"), Post.sub_number == bindparam("sub_number"))
    guild_id = bindparam("guild", type_=BigInteger)
    return select(Post.id).where(Post.guild_id == guild_id, *post).order_by(Post.id).limit(1)


@known_by_place
def _asked_in() -> Select[int]:
    here = Place.guild_id == bindparam("guild", type_=BigInteger)
    thread = Place.thread_id == bindparam("thread", type_=BigInteger)
    return select(Place.post_id).where(here, thread).order_by(Place.post_id).limit(1)


async def find_post(
    tx: Transaction, guild_id: int, reference: PostReference, *, further: bool = False
) -> int | None:
    """The row of a post of this server, given by number, message, thread or row; None if there is
    none.

    A message is the post's card or, with `further`, one that continues its text.
    """
    if reference.number is not None:
        number = {"number": reference.number, "sub_number": reference.sub_number}
        return await tx.scalar(_numbered(), {"guild": guild_id, **number})
    query = select(Post.id)
    if further and (continued := await continued_at(tx, [reference.message_id or 0])):
        query = query.where(of_server(Post, guild_id), Post.id.in_(continued))
    elif reference.message_id is not None:
        placed = _placed_at([reference.message_id])
        query = query.where(of_server(Post, guild_id), Post.id.in_(placed))
    else:
        query = query.where(of_server(Post, guild_id), Post.id == reference.post_id)
    return await tx.scalar(query.order_by(Post.id).limit(1))


async def question_of_thread(tx: Transaction, guild_id: int, thread_id: int) -> int | None:
    """The question whose thread this is."""
    return await tx.scalar(_asked_in(), {"guild": guild_id, "thread": thread_id})


async def question_at(tx: Transaction, guild_id: int, place_id: int) -> int | None:
    """The question of a message or thread with this id: a card's, or that of a message which was
    made an answer."""
    query = select(Post.question_id).where(
        of_server(Post, guild_id), Post.id.in_(_placed_at([place_id]))
    )
    found = await tx.scalar(query.limit(1))
    if found is None and (continued := await continued_at(tx, [place_id])):
        query = select(Post.question_id).where(of_server(Post, guild_id), Post.id.in_(continued))
        found = await tx.scalar(query.limit(1))
    if found is None:
        query = select(Post.question_id).where(of_server(Post, guild_id), Post.from_message)
        found = await tx.scalar(query.where(Post.origin_id == place_id))
    return found


_FALLS_WITH_MESSAGE = (
    Post.from_message.is_(True)
    & (Post.status == PostStatus.VISIBLE)
    & (Post.up_votes == 0)
    & (Post.down_votes == 0)
)


async def falling_with(tx: Transaction, guild_id: int, message_ids: Collection[int]) -> list[int]:
    """The answers that others made from these messages and that nobody has voted on. They are
    deleted when the writer deletes the message."""
    query = select(Post.id).where(
        of_server(Post, guild_id), Post.origin_id.in_(message_ids), _FALLS_WITH_MESSAGE
    )
    return [row[0] for row in await tx.rows(query)]


async def messages_of(tx: Transaction, guild_id: int, question_id: int) -> list[int]:
    """The messages in a question's thread whose deletion would delete an answer."""
    query = select(Post.origin_id).where(
        of_server(Post, guild_id), Post.question_id == question_id, _FALLS_WITH_MESSAGE
    )
    return [row[0] for row in await tx.rows(query)]


async def home_of(tx: Transaction, guild_id: int, question_id: int) -> int | None:
    """The channel or forum in which a question was posted."""
    query = select(Place.home_id).where(of_server(Place, guild_id), Place.post_id == question_id)
    return await tx.scalar(query)


_SHOWN_LOCKED = select(Place.shown).where(Place.post_id == bindparam("post")).with_for_update()


async def lock_shown(tx: Transaction, post_id: int) -> str:
    """The digests of what is shown of a post, with its row locked until the transaction ends; empty
    if there are none."""
    return await tx.scalar(_SHOWN_LOCKED, {"post": post_id}) or ""


@cache
def _recording(dialect: str, names: frozenset[str]) -> Executable:
    columns = Place.__table__.c
    values = {name: bindparam(f"new_{name}", type_=columns[name].type) for name in names}
    guild_id = bindparam("of_guild", type_=columns["guild_id"].type)
    absences = select(Guild.absences).where(Guild.id == guild_id).scalar_subquery()
    return (
        upsert(dialect, Place)
        .values(
            post_id=bindparam("of_post", type_=columns["post_id"].type),
            guild_id=guild_id,
            compared=func.coalesce(absences, 0),
            **values,
        )
        .on_conflict_do_update(index_elements=[Place.post_id], set_=values)
    )


async def record_place(tx: Transaction, guild_id: int, post_id: int, **values: Any) -> None:
    """Record where and how a post is shown; absent values stay as they are.

    A post that is shown for the first time needs no comparison: no event of it can have been
    missed.
    """
    known = {"of_post": post_id, "of_guild": guild_id}
    known.update((f"new_{name}", value) for name, value in values.items())
    await tx.execute(_recording(tx.dialect, frozenset(values)), known)
    if values.get("home_id") is not None:  # who can read a question's words is known now
        await written_words.mark_with_answers(tx, [post_id])


async def known_threads(
    tx: Transaction, guild_id: int, thread_ids: Collection[int]
) -> frozenset[int]:
    """Those of some threads that are known to belong to questions."""
    if not thread_ids:
        return frozenset()
    query = select(Place.thread_id).where(
        Place.guild_id == guild_id, Place.thread_id.in_(thread_ids)
    )
    return frozenset(row[0] for row in await tx.rows(query))


async def shown_at(tx: Transaction, guild_id: int, message_ids: Collection[int]) -> list[int]:
    """The visible posts whose card, thread or further text has one of these ids, except those that
    the bot removes itself."""
    rows = await tx.rows(
        select(Post.id)
        .outerjoin(_parent, _parent.id == Post.parent_id)
        .where(
            of_server(Post, guild_id),
            Post.status == PostStatus.VISIBLE,
            or_(
                Post.kind != PostKind.COMMENT,
                _parent.kind != PostKind.ANSWER,
                _parent.status == PostStatus.VISIBLE,
            ),
            or_(
                Post.id.in_(_placed_at(message_ids)),
                Post.id.in_(await continued_at(tx, message_ids)),
            ),
        )
    )
    return [row[0] for row in rows]
