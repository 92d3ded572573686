"""Tags of questions, and the words that stand for them.

A synonym is stored with the tag it leads to in the end, never with another synonym, so a lookup is
one step. `post_tags` has the tags of visible questions; a question that is brought back gets its
tags looked up anew.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, func, literal, select, update

from bot.domain.notices import FollowKind
from data import search_index
from data.database import Transaction
from data.models import Follow, PostTag, PostText, Revision, TagSynonym
from data.statements import upsert


@dataclass(frozen=True, slots=True)
class Synonym:
    """Who types `tag` gets `target`; `left` questions still carry it, where a merge was cut off."""

    tag: str
    target: str
    left: int = 0


async def targets(tx: Transaction, guild_id: int, tags: Sequence[str]) -> tuple[str, ...]:
    """What tags lead to, each once and in their order; a tag that is no synonym stays."""
    if not tags:
        return ()
    rows = await tx.rows(
        select(TagSynonym.tag, TagSynonym.target).where(
            TagSynonym.guild_id == guild_id, TagSynonym.tag.in_(tags)
        )
    )
    found = {row[0]: row[1] for row in rows}
    return tuple(dict.fromkeys(found.get(tag, tag) for tag in tags))


async def target_of(tx: Transaction, guild_id: int, tag: str) -> str:
    """What one tag leads to."""
    return (await targets(tx, guild_id, [tag]))[0]


async def add_synonym(tx: Transaction, guild_id: int, tag: str, target: str) -> None:
    """Have a tag lead to another, which is no synonym itself. What led to the tag leads there too,
    and who followed the tag follows the other."""
    await tx.execute(
        update(TagSynonym)
        .where(TagSynonym.guild_id == guild_id, TagSynonym.target == tag)
        .values(target=target)
    )
    await tx.execute(
        upsert(tx.dialect, TagSynonym)
        .values(guild_id=guild_id, tag=tag, target=target)
        .on_conflict_do_update(
            index_elements=[TagSynonym.guild_id, TagSynonym.tag], set_={"target": target}
        )
    )
    followed = (Follow.guild_id == guild_id) & (Follow.kind == FollowKind.TAG) & (Follow.key == tag)
    await tx.execute(
        upsert(tx.dialect, Follow)
        .from_select(
            ["guild_id", "user_id", "kind", "key", "since"],
            select(
                Follow.guild_id, Follow.user_id, Follow.kind, literal(target), Follow.since
            ).where(followed),
        )
        .on_conflict_do_nothing()
    )
    await tx.execute(delete(Follow).where(followed))


async def remove_synonym(tx: Transaction, guild_id: int, tag: str) -> bool:
    """Have a tag lead nowhere any more; False where it did not."""
    result = await tx.execute(
        delete(TagSynonym).where(TagSynonym.guild_id == guild_id, TagSynonym.tag == tag)
    )
    return result.rowcount > 0


async def synonyms(
    tx: Transaction, guild_id: int, *, begins: str = "", limit: int, offset: int = 0
) -> list[Synonym]:
    """A server's synonyms, by what they lead to."""
    left = (
        select(func.count())
        .where(PostTag.guild_id == guild_id, PostTag.tag == TagSynonym.tag)
        .scalar_subquery()
    )
    query = select(TagSynonym.tag, TagSynonym.target, left).where(TagSynonym.guild_id == guild_id)
    if begins:
        query = query.where(TagSynonym.tag.startswith(begins, autoescape=True))
    ordered = query.order_by(TagSynonym.target, TagSynonym.tag)
    return [Synonym(*row) for row in await tx.rows(ordered.limit(limit).offset(offset))]


async def count(tx: Transaction, guild_id: int, tag: str) -> int:
    """How many visible questions carry a tag."""
    query = select(func.count()).where(PostTag.guild_id == guild_id, PostTag.tag == tag)
    return int(await tx.scalar(query) or 0)


async def move(tx: Transaction, guild_id: int, tag: str, target: str, limit: int) -> int:
    """Give up to `limit` questions with a tag the other one instead; returns how many.

    The search and the lists by tag follow.
    """
    carry = (PostTag.guild_id == guild_id) & (PostTag.tag == tag)
    rows = await tx.rows(
        select(PostTag.post_id).where(carry).order_by(PostTag.post_id).limit(limit)
    )
    ids = [row[0] for row in rows]
    if not ids:
        return 0
    await rename(tx, guild_id, ids, {tag: target})
    await tx.execute(delete(PostTag).where(carry, PostTag.post_id.in_(ids)))
    await tx.execute(
        upsert(tx.dialect, PostTag).on_conflict_do_nothing(),
        [{"guild_id": guild_id, "tag": target, "post_id": post_id} for post_id in ids],
    )
    await search_index.index_posts(tx, guild_id, ids)
    return len(ids)


async def rename(
    tx: Transaction, guild_id: int, post_ids: Collection[int], names: Mapping[str, str]
) -> None:
    """Write tags by other names in what posts say and in what they said before.

    Nobody edited these posts, so no revision is added; and were the kept ones left as they are,
    the history would show the new name as the doing of whoever edited last.
    """
    said = await tx.rows(
        select(PostText.post_id, PostText.tags).where(
            PostText.guild_id == guild_id, PostText.post_id.in_(post_ids)
        )
    )
    changes = [
        {"row": post_id, "new": new}
        for post_id, tags in said
        if (new := _named(tags, names)) != tags
    ]
    if changes:
        await tx.execute(
            update(PostText)
            .where(PostText.post_id == bindparam("row"))
            .values(tags=bindparam("new")),
            changes,
        )
    before = await tx.rows(
        select(Revision.post_id, Revision.number, Revision.tags).where(
            Revision.guild_id == guild_id, Revision.post_id.in_(post_ids), Revision.tags != ""
        )
    )
    changes = [
        {"row": post_id, "version": number, "new": new}
        for post_id, number, tags in before
        if (new := _named(tags, names)) != tags
    ]
    if changes:
        await tx.execute(
            update(Revision)
            .where(Revision.post_id == bindparam("row"), Revision.number == bindparam("version"))
            .values(tags=bindparam("new")),
            changes,
        )


def _named(tags: str, names: Mapping[str, str]) -> str:
    return " ".join(dict.fromkeys(names.get(tag, tag) for tag in tags.split()))
