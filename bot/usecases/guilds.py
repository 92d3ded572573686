"""Setting a server up: settings, presets and categories."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.domain.actors import Actor
from bot.domain.cards import Category
from bot.domain.errors import Invalid, Missing, NotFound, Problem
from bot.domain.outbox import JobKind, Priority
from bot.domain.policies import check_manager
from bot.domain.rules import SETTINGS, Rules, check_setting
from bot.domain.text import collapse, normal_emoji, readable_length, tidy
from bot.i18n import texts_for
from bot.usecases.presets import PRESETS
from bot.usecases.recounting import recount
from data import guilds, outbox
from data.database import Database, Transaction

CATEGORY_NAME_MAX = 20  # the longest name of a forum tag
CATEGORY_DESCRIPTION_MAX = 100
CATEGORIES_MAX = 19  # a forum has 20 tags; one is "Solved"
DEPTH_MAX = 4


async def set_up(
    db: Database,
    actor: Actor,
    *,
    channel_id: int,
    moderator_role_id: int | None,
    preset: str | None,
    locale: str,
    now: datetime,
) -> Rules:
    """Choose the question channel and, if given, moderators' role and a preset's settings.

    A preset's categories are added where no category of that name exists; nothing is taken away.
    Running it again changes just what it names. Raises `Denied(NOT_MANAGER)`.
    """
    check_manager(actor)
    changes: dict[str, str | None] = {"question_channel": str(channel_id)}
    if moderator_role_id is not None:
        changes["moderator_role"] = str(moderator_role_id)
    async with db.write() as tx:
        rules = await guilds.lock_rules(tx, actor.guild_id, now)
        if "locale" not in rules.values:
            changes["locale"] = texts_for(locale).locale
        if preset is not None:
            changes |= PRESETS[preset].settings
            t = texts_for(changes.get("locale") or rules.text("locale"))
            if PRESETS[preset].welcome:
                changes["welcome"] = t(PRESETS[preset].welcome)
            known = {c.name.casefold() for c in await guilds.categories(tx, actor.guild_id)}
            for name, emoji in PRESETS[preset].categories:
                if t(name).casefold() not in known:
                    await _add(tx, actor.guild_id, t(name), None, emoji, "", now)
        await guilds.save_settings(tx, actor.guild_id, changes)
        # What Discord refused before may work now.
        await outbox.retry_failed(tx, actor.guild_id, now)
        return await guilds.read_rules(tx, actor.guild_id)


async def change_setting(
    db: Database, actor: Actor, name: str, typed: str | None, *, now: datetime
) -> str:
    """Change a setting, or (None) take it back to its default; returns the value it has now.

    A weight of the points is followed by a recount. Raises `Denied(NOT_MANAGER)`,
    `NotFound(SETTING)`, `Invalid(name, …)`.
    """
    check_manager(actor)
    if name not in SETTINGS or SETTINGS[name].internal:
        raise NotFound(Missing.SETTING, name=name[:50])
    value = None if typed is None else check_setting(name, typed)
    async with db.write() as tx:
        rules = await guilds.lock_rules(tx, actor.guild_id, now)
        if value is not None and name.startswith("vote_") and name.endswith("_emoji"):
            other = "vote_down_emoji" if name == "vote_up_emoji" else "vote_up_emoji"
            if normal_emoji(rules.text(other)) == normal_emoji(value):
                raise Invalid(name, Problem.SAME_EMOJI)
        await guilds.save_settings(tx, actor.guild_id, {name: value})
    if SETTINGS[name].affects_points:
        await recount(db, actor.guild_id, now=now)
    return SETTINGS[name].default if value is None else value


async def record_settings(
    db: Database, guild_id: int, changes: Mapping[str, str | None], *, now: datetime
) -> None:
    """Record what the bot itself learnt or made in Discord: forum tags, a channel that is gone."""
    async with db.write() as tx:
        await guilds.lock_rules(tx, guild_id, now)
        await guilds.save_settings(tx, guild_id, changes)


async def record_category_tag(
    db: Database, guild_id: int, category_id: int, forum_tag_id: int | None
) -> None:
    """Record which forum tag stands for a category."""
    async with db.write() as tx:
        await guilds.change_category(tx, guild_id, category_id, forum_tag_id=forum_tag_id)


async def add_category(
    db: Database,
    actor: Actor,
    name: str,
    *,
    parent_id: int | None = None,
    emoji: str = "",
    description: str = "",
    now: datetime,
) -> int:
    """Add a category, at most four levels deep; returns its row.

    Raises `Denied(NOT_MANAGER)`, `NotFound(CATEGORY)` for the parent, and `Invalid`.
    """
    check_manager(actor)
    async with db.write() as tx:
        await guilds.lock_rules(tx, actor.guild_id, now)
        return await _add(tx, actor.guild_id, name, parent_id, emoji, description, now)


async def _add(
    tx: Transaction,
    guild_id: int,
    typed: str,
    parent_id: int | None,
    emoji: str,
    description: str,
    now: datetime,
) -> int:
    name = _check_name(typed)
    about = collapse(tidy(description))
    if len(about) > CATEGORY_DESCRIPTION_MAX:
        raise Invalid(
            "description", Problem.TOO_LONG, maximum=CATEGORY_DESCRIPTION_MAX, length=len(about)
        )
    if emoji:
        check_setting("vote_up_emoji", emoji)
    known = await guilds.categories(tx, guild_id)
    if len(known) >= CATEGORIES_MAX:
        raise Invalid("category", Problem.TOO_MANY, maximum=CATEGORIES_MAX)
    parent = _find(known, parent_id) if parent_id is not None else None
    if parent is not None and len(parent.path) + 1 >= DEPTH_MAX:
        raise Invalid("parent", Problem.TOO_DEEP, maximum=DEPTH_MAX)
    _check_new(known, name, parent_id)
    return await guilds.add_category(
        tx,
        guild_id,
        name,
        parent_id=parent_id,
        emoji=tidy(emoji),
        description=about,
        now=now,
    )


def _check_name(typed: str) -> str:
    name = collapse(tidy(typed))
    if not readable_length(name):
        raise Invalid("name", Problem.EMPTY, minimum=1)
    if len(name) > CATEGORY_NAME_MAX:
        raise Invalid("name", Problem.TOO_LONG, maximum=CATEGORY_NAME_MAX, length=len(name))
    return name


def _find(known: list[Category], category_id: int) -> Category:
    for category in known:
        if category.category_id == category_id:
            return category
    raise NotFound(Missing.CATEGORY)


def _check_new(known: list[Category], name: str, parent_id: int | None) -> None:
    for category in known:
        if category.parent_id == parent_id and category.name.casefold() == name.casefold():
            raise Invalid("name", Problem.DUPLICATE, name=name)


async def rename_category(
    db: Database, actor: Actor, category_id: int, typed: str, *, now: datetime
) -> Category:
    """Give a category another name; returns it as it was. The cards of its questions follow."""
    check_manager(actor)
    name = _check_name(typed)
    async with db.write() as tx:
        await guilds.lock_rules(tx, actor.guild_id, now)
        known = await guilds.categories(tx, actor.guild_id)
        category = _find(known, category_id)
        others = [c for c in known if c.category_id != category_id]
        _check_new(others, name, category.parent_id)
        await guilds.change_category(
            tx, actor.guild_id, category_id, name=name, name_key=name.casefold()
        )
        await _refresh_questions(tx, actor.guild_id, category_id, now)
    return category


async def remove_category(
    db: Database, actor: Actor, category_id: int, *, now: datetime
) -> Category:
    """Remove a category that has none below it; returns it as it was.

    Its questions move to its parent, or to no category. Raises `Denied(NOT_MANAGER)`,
    `NotFound(CATEGORY)`, `Invalid("category", NOT_EMPTY)`.
    """
    check_manager(actor)
    async with db.write() as tx:
        await guilds.lock_rules(tx, actor.guild_id, now)
        known = await guilds.categories(tx, actor.guild_id)
        category = _find(known, category_id)
        if any(c.parent_id == category_id for c in known):
            raise Invalid("category", Problem.NOT_EMPTY)
        await _refresh_questions(tx, actor.guild_id, category_id, now)
        await guilds.remove_category(tx, actor.guild_id, category_id)
    return category


async def _refresh_questions(
    tx: Transaction, guild_id: int, category_id: int, now: datetime
) -> None:
    touched = await guilds.questions_in(tx, guild_id, category_id)
    await outbox.enqueue(tx, guild_id, JobKind.CARD, touched, Priority.REFRESH, now)
