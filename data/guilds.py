"""Servers, their settings and categories."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select, update

from bot.domain.cards import Category as CategoryCard
from bot.domain.posts import PostKind, PostStatus
from bot.domain.rules import Rules
from data.database import Transaction
from data.models import Category, Guild, Place, Post
from data.statements import of_server, upsert

# Run at every click. Built once, since building them takes longer than running them.
_SETTINGS = select(Guild.settings).where(Guild.id == bindparam("guild"))
_SETTINGS_LOCKED = _SETTINGS.with_for_update()
_CATEGORIES = (
    select(
        Category.id,
        Category.name,
        Category.emoji,
        Category.description,
        Category.parent_id,
        Category.forum_tag_id,
        Category.channel_id,
        Category.ask_role_id,
    )
    .where(Category.guild_id == bindparam("guild"))
    .order_by(Category.position, Category.id)
)


async def read_rules(tx: Transaction, guild_id: int) -> Rules:
    """A server's rules; the defaults if it isn't known yet. In a transaction that only reads
    they may be as old as `data.known_rules` says."""
    known = tx.known_rules
    found = known.find(guild_id) if known is not None else None
    if found is not None:
        return found
    rules = Rules.of(await tx.scalar(_SETTINGS, {"guild": guild_id}) or {})
    if known is not None:
        known.keep(guild_id, rules, tx.changes_before)
    return rules


async def lock_rules(tx: Transaction, guild_id: int, now: datetime) -> Rules:
    """A server's rules, with its row locked until the transaction ends; the row is created if
    missing.

    All writing transactions begin with this (or `lock_many`). On PostgreSQL that serialises the
    writers of one server, so that they can't deadlock; SQLite has one writer anyway.
    """
    row = await tx.row(_SETTINGS_LOCKED, {"guild": guild_id})
    if row is None:
        await tx.execute(
            upsert(tx.dialect, Guild).on_conflict_do_nothing(),
            [{"id": guild_id, "settings": {}, "created_at": now}],
        )
        row = await tx.row(_SETTINGS_LOCKED, {"guild": guild_id})
    return Rules.of(row[0] if row else {})


async def lock_known(tx: Transaction, guild_id: int) -> Rules | None:
    """The rules of a known server, with its row locked as by `lock_rules`; None if it is unknown.
    It is never created: this is for servers named by a click."""
    row = await tx.row(_SETTINGS_LOCKED, {"guild": guild_id})
    return None if row is None else Rules.of(row[0])


async def lock_server(tx: Transaction, guild_id: int) -> None:
    """Lock a server's row until the transaction ends, without reading its rules.

    SQLite has one writer anyway, so the statement is skipped there.
    """
    if tx.dialect == "postgresql":
        await tx.execute(select(Guild.id).where(Guild.id == guild_id).with_for_update())


_LOCK_MANY = (
    select(Guild.id, Guild.settings)
    .where(Guild.id.in_(bindparam("guilds", expanding=True)))
    .order_by(Guild.id)
    .with_for_update()
)


async def lock_many(tx: Transaction, guild_ids: Iterable[int]) -> dict[int, Rules]:
    """The rules of several servers, with their rows locked in the order of their ids."""
    rows = await tx.rows(_LOCK_MANY, {"guilds": list(set(guild_ids))})
    return {row[0]: Rules.of(row[1]) for row in rows}


async def save_settings(tx: Transaction, guild_id: int, changes: Mapping[str, str | None]) -> None:
    """Change settings; None resets one to its default. The caller has locked the server."""
    stored: dict[str, str] = dict(
        await tx.scalar(select(Guild.settings).where(Guild.id == guild_id)) or {}
    )
    for name, value in changes.items():
        if value is None:
            stored.pop(name, None)
        else:
            stored[name] = value
    await tx.execute(update(Guild).where(Guild.id == guild_id).values(settings=stored))
    tx.changed_rules.add(guild_id)


async def next_number(tx: Transaction, guild_id: int) -> int:
    """Assign the server's next question number, from 1."""
    statement = (
        update(Guild)
        .where(Guild.id == guild_id)
        .values(last_number=Guild.last_number + 1)
        .returning(Guild.last_number)
    )
    return int(await tx.scalar(statement))


async def recounts_due(tx: Transaction) -> list[int]:
    """Servers whose points weren't all recounted since a weight was changed."""
    due = Guild.settings["recount_due"].as_string()
    return [row[0] for row in await tx.rows(select(Guild.id).where(due.is_not(None)))]


async def indexing_due(tx: Transaction) -> list[int]:
    """Servers whose posts weren't all re-indexed since an upgrade requested it."""
    due = Guild.settings["reindex_after"].as_string()
    return [row[0] for row in await tx.rows(select(Guild.id).where(due.is_not(None)))]


async def known_guilds(tx: Transaction) -> list[int]:
    """All servers with data."""
    return [row[0] for row in await tx.rows(select(Guild.id).order_by(Guild.id))]


async def categories(tx: Transaction, guild_id: int) -> list[CategoryCard]:
    """A server's categories, parents before children, without counts of questions."""
    rows = await tx.rows(_CATEGORIES, {"guild": guild_id})
    children: dict[int | None, list[CategoryCard]] = {}
    for row in rows:
        card = CategoryCard(
            *row[:5], forum_tag_id=row[5], own_channel_id=row[6], own_role_id=row[7]
        )
        children.setdefault(row[4], []).append(card)
    return list(_in_order(children, None, guild_id))


async def counted_categories(
    tx: Transaction,
    guild_id: int,
    *,
    channels: Collection[int] | None = None,
    reader_id: int = 0,
) -> list[CategoryCard]:
    """A server's categories with their counts of visible questions, which reads all questions.

    With `channels`, only questions in these channels and the reader's own count.
    """
    query = select(Post.category_id, func.count()).where(
        Post.guild_id == guild_id,
        Post.kind == PostKind.QUESTION,
        Post.status == PostStatus.VISIBLE,
    )
    if channels is not None:
        readable = Place.home_id.in_(channels) | (Post.author_id == reader_id)
        query = query.outerjoin(Place, Place.post_id == Post.id).where(readable)
    counts = {row[0]: int(row[1]) for row in await tx.rows(query.group_by(Post.category_id))}
    known = await categories(tx, guild_id)
    return [replace(card, questions=counts.get(card.category_id, 0)) for card in known]


async def homes(tx: Transaction, guild_id: int) -> set[int]:
    """The channels in which questions are posted: the server's and those of categories."""
    chosen = select(Category.channel_id).where(
        Category.guild_id == guild_id, Category.channel_id.is_not(None)
    )
    found = {row[0] for row in await tx.rows(chosen.distinct())}
    rules = await read_rules(tx, guild_id)
    return found | ({rules.channel_id} if rules.channel_id is not None else set())


async def all_homes(tx: Transaction, guild_id: int) -> set[int]:
    """The channels in which questions are or will be posted, including former ones.

    Each is found by one index look-up, however many questions it has.
    """
    first = select(func.min(Place.home_id)).where(
        Place.guild_id == guild_id, Place.home_id.is_not(None)
    )
    found = select(first.scalar_subquery().label("id")).cte("found", recursive=True)
    following = select(func.min(Place.home_id)).where(
        Place.guild_id == guild_id, Place.home_id > found.c.id
    )
    found = found.union_all(
        select(following.correlate(found).scalar_subquery()).where(found.c.id.is_not(None))
    )
    rows = await tx.rows(select(found.c.id).where(found.c.id.is_not(None)))
    return {row[0] for row in rows} | await homes(tx, guild_id)


def _in_order(
    children: Mapping[int | None, list[CategoryCard]], above: CategoryCard | None, guild_id: int
) -> Iterable[CategoryCard]:
    for card in children.get(above.category_id if above else None, []):
        role_id = card.own_role_id or (above.role_id if above else None)
        known = replace(
            card,
            path=(*above.path, above.name) if above else (),
            channel_id=card.own_channel_id or (above.channel_id if above else None),
            # @everyone's role has the server's id: it means no restriction.
            role_id=None if role_id == guild_id else role_id,
        )
        yield known
        yield from _in_order(children, known, guild_id)


async def add_category(
    tx: Transaction, guild_id: int, now: datetime, **values: str | int | None
) -> int:
    """Add a category at the end and return its id. Its name must be new among its siblings."""
    last = select(func.coalesce(func.max(Category.position), 0)).where(
        Category.guild_id == guild_id
    )
    position = int(await tx.scalar(last) or 0) + 1
    statement = insert(Category).values(
        {"emoji": "", "description": ""}
        | values
        | {"guild_id": guild_id, "position": position, "created_at": now}
    )
    return int(await tx.scalar(statement.returning(Category.id)))


async def change_category(
    tx: Transaction, guild_id: int, category_id: int, **values: str | int | None
) -> None:
    """Change columns of a category."""
    await tx.execute(
        update(Category)
        .where(Category.guild_id == guild_id, Category.id == category_id)
        .values(**values)
    )


async def order_categories(tx: Transaction, guild_id: int, order: Sequence[int]) -> None:
    """Put categories with the same parent into this order."""
    statement = (
        update(Category)
        .where(Category.guild_id == guild_id, Category.id == bindparam("category"))
        .values(position=bindparam("place"))
    )
    rows = [{"category": each, "place": place} for place, each in enumerate(order, 1)]
    await tx.execute(statement, rows)


async def remove_category(tx: Transaction, guild_id: int, category_id: int) -> None:
    """Remove a category without children; its questions move to its parent, or to none."""
    parent = (
        select(Category.parent_id)
        .where(Category.guild_id == guild_id, Category.id == category_id)
        .scalar_subquery()
    )
    await tx.execute(
        update(Post)
        .where(
            of_server(Post, guild_id),
            Post.kind == PostKind.QUESTION,
            Post.category_id == category_id,
        )
        .values(category_id=parent)
    )
    await tx.execute(
        delete(Category).where(Category.guild_id == guild_id, Category.id == category_id)
    )


async def questions_in(tx: Transaction, guild_id: int, category_id: int, limit: int) -> list[int]:
    """The newest questions of a category, by row."""
    rows = await tx.rows(
        select(Post.id)
        .where(
            of_server(Post, guild_id),
            Post.kind == PostKind.QUESTION,
            Post.category_id == category_id,
        )
        .order_by(Post.id.desc())
        .limit(limit)
    )
    return [row[0] for row in rows]
