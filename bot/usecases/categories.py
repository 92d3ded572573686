"""Categories of a server's questions, and their forum tags."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.domain.actors import Actor
from bot.domain.audit import AuditKind
from bot.domain.cards import Category
from bot.domain.emoji import is_emoji
from bot.domain.errors import Invalid, Missing, NotFound, Problem
from bot.domain.notices import Act
from bot.domain.outbox import Cause
from bot.domain.policies import check_manager
from bot.domain.typed import collapse, readable_length, tidy
from bot.usecases import noting
from bot.usecases.noting import Change
from data import guilds, receipts, refreshes
from data.database import Database, Transaction, reading, writing

NAME_MAX = 20  # the longest name of a forum tag
DESCRIPTION_MAX = 100
CATEGORIES_MAX = 100
DEPTH_MAX = 4
_ON_CARDS = frozenset({"name", "emoji"})
REFRESHED: Final = refreshes.AT_ONCE  # cards that wait to follow what many of them show


@dataclass(frozen=True, slots=True)
class CategoryForm:
    """A category's values besides its name; None means not given.

    `channel_id` is where its questions are posted, and `role_id` who may ask in it (the server's
    own id stands for everybody). Without them, its parent's apply, and finally the server's.
    `before_id` is the sibling that it is sorted before.
    """

    parent_id: int | None = None
    emoji: str | None = None
    description: str | None = None
    channel_id: int | None = None
    role_id: int | None = None
    before_id: int | None = None


_EMPTY: Final = CategoryForm()


@writing
async def add_category(
    tx: Transaction, actor: Actor, name: str, form: CategoryForm = _EMPTY, *, now: datetime
) -> int:
    """Add a category, at most four levels deep, as the last child of its parent; returns its row.

    Raises `Denied(NOT_MANAGER)`, `NotFound(CATEGORY)` for the parent, and `Invalid`.
    """
    check_manager(actor)
    await guilds.lock_rules(tx, actor.guild_id, now)
    await receipts.note(tx, actor, Act.CATEGORY, now)
    known = await guilds.categories(tx, actor.guild_id)
    return await add_to(tx, actor, known, name, form, now=now)


async def add_to(
    tx: Transaction,
    actor: Actor,
    known: list[Category],
    typed: str,
    form: CategoryForm,
    *,
    now: datetime,
) -> int:
    """Add a category to the `known` ones, in a transaction that has locked the server."""
    name = _check_name(typed)
    values = _checked(form)
    if len(known) >= CATEGORIES_MAX:
        raise Invalid("category", Problem.TOO_MANY, maximum=CATEGORIES_MAX)
    parent = _find(known, form.parent_id) if form.parent_id is not None else None
    if parent is not None and len(parent.path) + 1 >= DEPTH_MAX:
        raise Invalid("parent", Problem.TOO_DEEP, maximum=DEPTH_MAX)
    _check_new(known, name, form.parent_id)
    values |= {"parent_id": form.parent_id, "name": name, "name_key": name.casefold()}
    category_id = await guilds.add_category(tx, actor.guild_id, now, **values)
    new = _find(await guilds.categories(tx, actor.guild_id), category_id)
    change = Change({}, noting.category_state(new))
    await noting.on_server(tx, actor, AuditKind.CATEGORY, change, now)
    return category_id


def _check_name(typed: str) -> str:
    name = collapse(tidy(typed))
    if not readable_length(name):
        raise Invalid("name", Problem.EMPTY, minimum=1)
    if len(name) > NAME_MAX:
        raise Invalid("name", Problem.TOO_LONG, maximum=NAME_MAX, length=len(name))
    return name


def _check_description(typed: str) -> str:
    about = collapse(tidy(typed))
    if len(about) > DESCRIPTION_MAX:
        raise Invalid("description", Problem.TOO_LONG, maximum=DESCRIPTION_MAX, length=len(about))
    return about


def _check_emoji(typed: str) -> str:
    emoji = tidy(typed)
    if emoji and not is_emoji(emoji):
        raise Invalid("emoji", Problem.NOT_AN_EMOJI)
    return emoji


def _find(known: list[Category], category_id: int) -> Category:
    for category in known:
        if category.category_id == category_id:
            return category
    raise NotFound(Missing.CATEGORY)


def _check_new(known: list[Category], name: str, parent_id: int | None) -> None:
    for category in known:
        if category.parent_id == parent_id and category.name.casefold() == name.casefold():
            raise Invalid("name", Problem.DUPLICATE, name=name)


def _checked(form: CategoryForm) -> dict[str, str | int | None]:
    """The columns that a form sets, except its position among its siblings."""
    values: dict[str, str | int | None] = {}
    if form.emoji is not None:
        values["emoji"] = _check_emoji(form.emoji)
    if form.description is not None:
        values["description"] = _check_description(form.description)
    if form.channel_id is not None:
        values["channel_id"] = form.channel_id
    if form.role_id is not None:
        values["ask_role_id"] = form.role_id
    return values


async def change_category(
    db: Database,
    actor: Actor,
    category_id: int,
    form: CategoryForm = _EMPTY,
    *,
    name: str | None = None,
    now: datetime,
) -> Category:
    """Change a category (what is not given stays as it is); returns it as it was.

    The cards of its questions follow its name and emoji. A channel and a role apply to new
    questions only. With `parent_id` it moves below another one (0: to the top level) with all its
    descendants, as the last child; with `before_id` it is sorted before a sibling. Raises like
    `add_category`, and `Invalid("parent", BELOW_ITSELF)`, `Invalid("before", NOT_BESIDE)`.
    """
    check_manager(actor)
    values = _checked(form)
    if name is not None:
        values["name"] = _check_name(name)
        values["name_key"] = str(values["name"]).casefold()
    return await _change(db, actor, category_id, values, form, now=now)


class Part(StrEnum):
    """The parts of a category that can be reset."""

    CHANNEL = "channel"
    ROLE = "role"
    EMOJI = "emoji"
    DESCRIPTION = "description"


_NOTHING: Final[Mapping[Part, tuple[str, str | None]]] = {
    Part.CHANNEL: ("channel_id", None),
    Part.ROLE: ("ask_role_id", None),
    Part.EMOJI: ("emoji", ""),
    Part.DESCRIPTION: ("description", ""),
}


async def reset_category(
    db: Database, actor: Actor, category_id: int, part: Part, *, now: datetime
) -> Category:
    """Reset a part of a category: its parent's channel or role applies then, and finally the
    server's. Returns the category as it is now. Raises like `add_category`."""
    check_manager(actor)
    column, nothing = _NOTHING[part]
    await _change(db, actor, category_id, {column: nothing}, _EMPTY, now=now)
    async with db.read() as tx:
        return _find(await guilds.categories(tx, actor.guild_id), category_id)


@writing
async def _change(
    tx: Transaction,
    actor: Actor,
    category_id: int,
    values: dict[str, str | int | None],
    place: CategoryForm,
    *,
    now: datetime,
) -> Category:
    """Change columns of a category, and its position."""
    await guilds.lock_rules(tx, actor.guild_id, now)
    await receipts.note(tx, actor, Act.CATEGORY, now)
    known = await guilds.categories(tx, actor.guild_id)
    category = _find(known, category_id)
    above = category.parent_id if place.parent_id is None else place.parent_id or None
    if above != category.parent_id:
        _check_parent(known, category, above)
        values["parent_id"] = above
    others = [c for c in known if c.category_id != category_id]
    if "name" in values or "parent_id" in values:
        _check_new(others, str(values.get("name", category.name)), above)
    if values:
        await guilds.change_category(tx, actor.guild_id, category_id, **values)
    if above != category.parent_id or place.before_id is not None:
        beside = [c.category_id for c in others if c.parent_id == above]
        order = _with_before(beside, category_id, place.before_id)
        await guilds.order_categories(tx, actor.guild_id, order)
    if not _ON_CARDS.isdisjoint(values):
        await refreshes.start(tx, actor.guild_id, Cause.CATEGORY, category_id, now)
    await _note_change(tx, actor, category, known, now)
    return category


async def _note_change(
    tx: Transaction, actor: Actor, old: Category, before: list[Category], now: datetime
) -> None:
    """Keep in the audit log how a category changed. Its description is a text, and its place names
    others, which not every reader may see: of these it only says that they changed."""
    after = await guilds.categories(tx, actor.guild_id)
    new = _find(after, old.category_id)
    states = noting.category_state(old), noting.category_state(new)
    for name, column in (("emoji", "emoji"), ("role", "role_id")):
        values = getattr(old, column), getattr(new, column)
        if values[0] != values[1]:
            for state, value in zip(states, values, strict=True):
                state[name] = str(value or "")
    if old.description != new.description:
        states[1]["description"] = "changed"
    ids = [
        [c.category_id for c in known if c.parent_id == new.parent_id] for known in (before, after)
    ]
    if ids[0] != ids[1]:
        states[1]["place"] = "changed"
    if states[0] != states[1]:
        await noting.on_server(tx, actor, AuditKind.CATEGORY, Change(*states), now)


def _check_parent(known: list[Category], category: Category, parent_id: int | None) -> None:
    """Refuse a parent that is a descendant of the category, or below which it would be too deep."""
    within = below(known, category)
    if parent_id in within:
        raise Invalid("parent", Problem.BELOW_ITSELF)
    depth = len(_find(known, parent_id).path) + 1 if parent_id is not None else 0
    levels = max(len(c.path) for c in known if c.category_id in within) - len(category.path)
    if depth + levels >= DEPTH_MAX:
        raise Invalid("parent", Problem.TOO_DEEP, maximum=DEPTH_MAX)


def _with_before(beside: list[int], category_id: int, before_id: int | None) -> list[int]:
    """The order of a category and its siblings after it is put before one of them, or last."""
    if before_id is None:
        return [*beside, category_id]
    if before_id not in beside:
        raise Invalid("before", Problem.NOT_BESIDE)
    place = beside.index(before_id)
    return [*beside[:place], category_id, *beside[place:]]


def below(known: list[Category], top: Category) -> set[int]:
    """A category and all below it. `known` lists parents before children."""
    found = {top.category_id}
    for category in known:
        if category.parent_id in found:
            found.add(category.category_id)
    return found


async def category_wanted(
    tx: Transaction, guild_id: int, category_id: int | None
) -> tuple[Category | None, set[int] | None]:
    """The category of a list, and it with all its descendants; None and None for a list of all.
    Raises `NotFound(CATEGORY)`."""
    if category_id is None:
        return None, None
    known = await guilds.categories(tx, guild_id)
    category = next((c for c in known if c.category_id == category_id), None)
    if category is None:
        raise NotFound(Missing.CATEGORY)
    return category, below(known, category)


@reading
async def category_to_remove(
    tx: Transaction, actor: Actor, category_id: int, *, channels: Collection[int] | None = None
) -> Category:
    """A category that can be removed, for a confirmation, with the number of its questions that the
    manager can read (`channels`; None is all). Raises like `remove_category`."""
    check_manager(actor)
    known = await guilds.counted_categories(
        tx, actor.guild_id, channels=channels, reader_id=actor.user_id
    )
    return _removable(known, category_id)


@writing
async def remove_category(
    tx: Transaction,
    actor: Actor,
    category_id: int,
    *,
    channels: Collection[int] | None = None,
    now: datetime,
) -> Category:
    """Remove a category that has none below it; returns it as it was, see `category_to_remove`.

    Its questions move to its parent, or to no category. Raises `Denied(NOT_MANAGER)`,
    `NotFound(CATEGORY)`, `Invalid("category", NOT_EMPTY)`.
    """
    check_manager(actor)
    await guilds.lock_rules(tx, actor.guild_id, now)
    known = await guilds.counted_categories(
        tx, actor.guild_id, channels=channels, reader_id=actor.user_id
    )
    category = _removable(known, category_id)
    await receipts.note(tx, actor, Act.CATEGORY, now)
    some = await guilds.questions_in(tx, actor.guild_id, category_id, REFRESHED + 1)
    await guilds.remove_category(tx, actor.guild_id, category_id)
    change = Change(noting.category_state(category), {})
    await noting.on_server(tx, actor, AuditKind.CATEGORY, change, now)
    if len(some) > REFRESHED and category.parent_id is not None:
        about = category.parent_id
        await refreshes.start(tx, actor.guild_id, Cause.CATEGORY, about, now)
    else:
        await refreshes.follow_posts(tx, actor.guild_id, some, now)
    return category


def _removable(known: list[Category], category_id: int) -> Category:
    category = _find(known, category_id)
    if any(c.parent_id == category_id for c in known):
        raise Invalid("category", Problem.NOT_EMPTY)
    return category


@writing
async def record_forum_tags(
    tx: Transaction,
    guild_id: int,
    tags: Mapping[int, int | None],
    solved_tags: Collection[int],
    *,
    now: datetime,
) -> None:
    """Record which forum tags stand for categories (row → tag) and, in each forum, for "Solved".

    If that is new, all questions get their tags.
    """
    rules = await guilds.lock_rules(tx, guild_id, now)
    known = {c.category_id: c.forum_tag_id for c in await guilds.categories(tx, guild_id)}
    changed = {row: tag for row, tag in tags.items() if row in known and known[row] != tag}
    for row, tag in changed.items():
        await guilds.change_category(tx, guild_id, row, forum_tag_id=tag)
    if set(rules.solved_tags) != set(solved_tags):
        value = " ".join(map(str, sorted(solved_tags))) or None
        await guilds.save_settings(tx, guild_id, {"solved_tag": value})
    elif not changed:
        return
    await refreshes.start(tx, guild_id, Cause.POSTS, "", now)
