"""Forum tags for categories and for "Solved": compared with what a forum has, then set at once.

A category has a tag in the forum in which its questions are posted, unless that forum has only this
category. If a forum has no room for more tags, a category uses its parent's. A forum works without
tags: if the bot may not manage the channel, that is reported and nothing else is affected.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import discord

from bot.domain.cards import Category
from bot.domain.emoji import is_emoji
from bot.domain.rules import Rules
from bot.domain.text import normal_emoji
from bot.i18n import texts_for
from bot.usecases import browsing, categories
from cogs.failures import DISCORD_FAILED
from cogs.ui.homes import TagOutcome, TagTrouble

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)
_MOST = 20  # Discord's limit of a forum's tags
_LONGEST = 20
_SOLVED = 0  # the key of "Solved" among the rows of categories, which count from 1


@dataclass(frozen=True, slots=True)
class _Wanted:
    row: int
    name: str
    emoji: str
    tag_id: int | None
    above: int | None = None


@dataclass(slots=True)
class _Plan:
    """The tags a forum should have, and which tag is for which category (by row)."""

    tags: list[discord.ForumTag]
    meant: dict[int, discord.ForumTag] = field(default_factory=dict[int, discord.ForumTag])
    left_out: list[str] = field(default_factory=list[str])


class ForumTags:
    """Manages the tags of question forums; one change at a time in each server."""

    def __init__(self, bot: Askwell) -> None:
        self._bot = bot
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def update(self, guild: discord.Guild, *, gone: Collection[int] = ()) -> TagOutcome:
        """Set the server's forums to the tags of its categories; `gone` are tags to remove.

        Does nothing in text channels. Never raises Discord's errors.
        """
        lock = self._locks.setdefault(guild.id, asyncio.Lock())
        async with lock:
            try:
                return await self._update(guild, gone)
            except DISCORD_FAILED as error:
                _log.warning("the tags of server %s were not changed: %s", guild.id, error)
                return TagOutcome(TagTrouble.DISCORD)

    async def _update(self, guild: discord.Guild, gone: Collection[int]) -> TagOutcome:
        rules = await browsing.rules_of(self._bot.db, guild.id)
        known = await browsing.categories_of(self._bot.db, guild.id)
        homes = dict.fromkeys((rules.channel_id or 0, *(c.channel_id or 0 for c in known)))
        forums = [c for c in map(guild.get_channel, homes) if isinstance(c, discord.ForumChannel)]
        if not forums:
            return TagOutcome()
        found: dict[int, int | None] = dict.fromkeys(c.category_id for c in known)
        # Older questions in another forum can still be solved there.
        there = {tag.id for forum in guild.forums for tag in forum.available_tags}
        solved = {tag_id for tag_id in rules.solved_tags if tag_id in there}
        trouble: TagTrouble | None = None
        left_out: list[str] = []
        for forum in forums:
            plan, problem = await self._change(guild, forum, _wanted(rules, known, forum), gone)
            tags = {row: tag.id for row, tag in plan.meant.items() if tag.id}
            solved |= {tags.pop(_SOLVED, 0)} - {0}
            found |= tags
            left_out += plan.left_out
            trouble = trouble or problem
        now = discord.utils.utcnow()
        await categories.record_forum_tags(self._bot.db, guild.id, found, solved, now=now)
        if left_out and trouble is None:
            trouble = TagTrouble.FULL
        return TagOutcome(trouble, tuple(left_out))

    async def _change(
        self,
        guild: discord.Guild,
        forum: discord.ForumChannel,
        wanted: Sequence[_Wanted],
        gone: Collection[int],
    ) -> tuple[_Plan, TagTrouble | None]:
        """Set one forum's tags. Tags that couldn't be created have no id in the plan."""
        plan = _plan(forum.available_tags, wanted, gone)
        if _same(forum.available_tags, plan.tags):
            return plan, None
        try:
            # The library's cache may be older than another change of tags, and setting them
            # replaces them all.
            fresh = await guild.fetch_channel(forum.id)
            if isinstance(fresh, discord.ForumChannel):
                plan = _plan(fresh.available_tags, wanted, gone)
                await _set(fresh, plan)
        except discord.Forbidden:  # then tags that people created by hand are used
            return plan, TagTrouble.NOT_ALLOWED
        return plan, None


def _wanted(rules: Rules, known: Sequence[Category], forum: discord.ForumChannel) -> list[_Wanted]:
    solved = texts_for(rules.text("locale"))("Solved")
    there = {tag.id for tag in forum.available_tags}
    wanted = [
        _Wanted(_SOLVED, solved, "✅", next((t for t in rules.solved_tags if t in there), None))
    ]
    shared = forum.id == rules.channel_id or sum(c.own_channel_id == forum.id for c in known) > 1
    wanted += [
        _Wanted(c.category_id, c.name[:_LONGEST], c.emoji, c.forum_tag_id, c.parent_id)
        for c in sorted(known, key=lambda c: len(c.path))
        if (c.channel_id or rules.channel_id) == forum.id
        and (shared or c.own_channel_id != forum.id)
        # Such a tag would mark the category's questions as solved.
        and c.name.casefold() != solved.casefold()
    ]
    return wanted


def _plan(
    existing: Sequence[discord.ForumTag], wanted: Sequence[_Wanted], gone: Collection[int]
) -> _Plan:
    kept = {each.tag_id for each in wanted}
    plan = _Plan([_copy(tag) for tag in existing if tag.id not in gone or tag.id in kept])
    by_id = {tag.id: tag for tag in plan.tags}
    claimed: set[int] = set()
    for each in wanted:
        named = next((t for t in plan.tags if t.name.casefold() == each.name.casefold()), None)
        own = by_id.get(each.tag_id or 0)
        if own is not None and id(own) not in claimed and named in (None, own):
            tag = own
            tag.name = each.name
        elif named is not None:  # created by people, or shared by two categories with the same name
            tag = named
        elif len(plan.tags) < _MOST:
            tag = discord.ForumTag(name=each.name)
            plan.tags.append(tag)
        elif each.above in plan.meant:
            plan.meant[each.row] = plan.meant[each.above]
            continue
        else:
            plan.left_out.append(each.name)
            continue
        if each.row == _SOLVED:
            tag.moderated = True  # only the bot and moderators mark a question as solved
        if id(tag) not in claimed and is_emoji(each.emoji) and (each.row != _SOLVED or not tag.id):
            tag.emoji = discord.PartialEmoji.from_str(each.emoji)
        claimed.add(id(tag))
        plan.meant[each.row] = tag
    return plan


def _copy(tag: discord.ForumTag) -> discord.ForumTag:
    made = discord.ForumTag(name=tag.name, emoji=tag.emoji, moderated=tag.moderated)
    made.id = tag.id
    return made


def _same(one: Sequence[discord.ForumTag], other: Sequence[discord.ForumTag]) -> bool:
    return [_look(tag) for tag in one] == [_look(tag) for tag in other]


def _look(tag: discord.ForumTag) -> tuple[int, str, bool, str]:
    emoji = tag.emoji
    shown = "" if emoji is None else str(emoji.id or normal_emoji(emoji.name))
    return tag.id, tag.name, tag.moderated, shown


async def _set(forum: discord.ForumChannel, plan: _Plan) -> None:
    """Set a forum's tags; new ones get their ids."""
    tags, reason = plan.tags, "Askwell: categories"
    try:
        changed = await forum.edit(available_tags=tags, reason=reason)
    except discord.HTTPException as error:
        if error.status != 400:
            raise
        # An emoji that Discord refuses (a deleted one of the server's own) must not cost the tags.
        _log.info("forum tags are set without their emoji: %s", error)
        for tag in plan.meant.values():
            tag.emoji = None
        changed = await forum.edit(available_tags=tags, reason=reason)
    ids = {tag.name.casefold(): tag.id for tag in changed.available_tags} if changed else {}
    for tag in tags:
        tag.id = tag.id or ids.get(tag.name.casefold(), 0)
