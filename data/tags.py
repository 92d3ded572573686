"""Tags of questions, and their synonyms.

A synonym is stored with its final tag, never with another synonym, so a look-up is one step.
`post_tags` has the tags of visible questions; those of a restored question are looked up again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVarTuple

from sqlalchemy import Select, bindparam, delete, func, literal, or_, select, update

from bot.domain.notices import FollowKind
from data import guilds, search_index
from data.database import Transaction
from data.models import Follow, Place, Post, PostTag, PostText, Revision, TagSynonym
from data.paging import Page
from data.statements import upsert

_Ts = TypeVarTuple("_Ts")


@dataclass(frozen=True, slots=True)
class Synonym:
    """Members who type `tag` get `target`. `left` questions still have it, if a merge was
    interrupted; for a reader, only questions that they can read count."""

    tag: str
    target: str
    left: int = 0


async def targets(
    tx: Transaction,
    guild_id: int,
    tags: Sequence[str],
    *,
    channels: Collection[int] | None = None,
    reader_id: int = 0,
) -> tuple[str, ...]:
    """The tags that tags stand for, in order and without repetitions; a tag that isn't a synonym
    stays. With `channels`, so does a synonym of a tag that the reader can't see, since its name
    would reveal that tag."""
    if not tags:
        return ()
    rows = await tx.rows(
        select(TagSynonym.tag, TagSynonym.target).where(
            TagSynonym.guild_id == guild_id, TagSynonym.tag.in_(tags)
        )
    )
    found = {row[0]: row[1] for row in rows}
    closed = await closed_tags(tx, guild_id, {*found.values()}, channels, reader_id)
    led = (tag if (target := found.get(tag, tag)) in closed else target for tag in tags)
    return tuple(dict.fromkeys(led))


async def target_of(
    tx: Transaction,
    guild_id: int,
    tag: str,
    *,
    channels: Collection[int] | None = None,
    reader_id: int = 0,
) -> str:
    """The tag that one tag stands for, see `targets`."""
    return (await targets(tx, guild_id, [tag], channels=channels, reader_id=reader_id))[0]


async def readable(
    tx: Transaction,
    query: Select[*_Ts],
    guild_id: int,
    channels: Collection[int] | None,
    reader_id: int,
) -> Select[*_Ts]:
    """A query over the tags of questions, limited to those that a reader can read: in these
    `channels` (None: anywhere), or their own.

    Looking up each question's channel takes ten times as long, so it is only done if some are in
    other channels.
    """
    if channels is None or await guilds.all_homes(tx, guild_id) <= set(channels):
        return query
    return (
        query.join(Post, Post.id == PostTag.post_id)
        .outerjoin(Place, Place.post_id == PostTag.post_id)
        .where(Place.home_id.in_(channels) | (Post.author_id == reader_id))
    )


async def closed_tags(
    tx: Transaction,
    guild_id: int,
    wanted: Collection[str],
    channels: Collection[int] | None,
    reader_id: int,
) -> set[str]:
    """Those of some tags that are used, but only by questions that the reader can't read: naming
    them would reveal those."""
    if not wanted or channels is None:
        return set()
    carried = select(PostTag.tag).where(PostTag.guild_id == guild_id, PostTag.tag.in_(wanted))
    open_to_them = await readable(tx, carried, guild_id, channels, reader_id)
    if open_to_them is carried:
        return set()
    there = {row[0] for row in await tx.rows(carried.distinct())}
    return there - {row[0] for row in await tx.rows(open_to_them.distinct())}


async def add_synonym(tx: Transaction, guild_id: int, tag: str, target: str) -> None:
    """Make a tag a synonym of another one, which isn't a synonym itself. The tag's own synonyms and
    followers move to the other one."""
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
    """Remove a synonym; False if there was none."""
    result = await tx.execute(
        delete(TagSynonym).where(TagSynonym.guild_id == guild_id, TagSynonym.tag == tag)
    )
    return result.rowcount > 0


async def synonyms(
    tx: Transaction,
    guild_id: int,
    page: Page,
    *,
    begins: str = "",
    channels: Collection[int] | None = None,
    reader_id: int = 0,
) -> list[Synonym]:
    """A page of a server's synonyms, sorted by their tags. With `channels`, without synonyms of
    tags that the reader can't see."""
    carried = select(func.count()).select_from(PostTag).where(PostTag.guild_id == guild_id)
    open_to_them = await readable(tx, carried, guild_id, channels, reader_id)
    left = open_to_them.where(PostTag.tag == TagSynonym.tag).correlate(TagSynonym)
    query = select(TagSynonym.tag, TagSynonym.target, left.scalar_subquery()).where(
        TagSynonym.guild_id == guild_id
    )
    if open_to_them is not carried:
        of_target = (PostTag.tag == TagSynonym.target,)
        some = (each.where(*of_target).correlate(TagSynonym) for each in (open_to_them, carried))
        seen, there = (each.with_only_columns(PostTag.post_id).exists() for each in some)
        query = query.where(or_(seen, ~there))
    if begins:
        query = query.where(TagSynonym.tag.startswith(begins, autoescape=True))
    ordered = query.order_by(TagSynonym.target, TagSynonym.tag)
    return [Synonym(*row) for row in await tx.rows(ordered.limit(page.limit).offset(page.offset))]


async def count(
    tx: Transaction,
    guild_id: int,
    tag: str,
    *,
    channels: Collection[int] | None = None,
    reader_id: int = 0,
) -> int:
    """How many visible questions have a tag; with `channels`, how many that a reader can read."""
    carried = select(func.count()).select_from(PostTag)
    query = carried.where(PostTag.guild_id == guild_id, PostTag.tag == tag)
    return int(await tx.scalar(await readable(tx, query, guild_id, channels, reader_id)) or 0)


async def move(tx: Transaction, guild_id: int, tag: str, target: str, limit: int) -> int:
    """Replace a tag by another one on up to `limit` questions; returns how many.

    This updates the search index and the lists by tag.
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
    """Rename tags in posts' texts and in their revisions."""
    await _rename_in_posts(tx, guild_id, post_ids, names)
    await _rename_in_revisions(tx, guild_id, post_ids, names)


async def _rename_in_posts(
    tx: Transaction, guild_id: int, post_ids: Collection[int], names: Mapping[str, str]
) -> None:
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


async def _rename_in_revisions(
    tx: Transaction, guild_id: int, post_ids: Collection[int], names: Mapping[str, str]
) -> None:
    """Nobody edited these posts, so no revision is added. If the revisions kept the old name, the
    history would attribute the new one to the last editor."""
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
