"""Suggestions while somebody types a post into a command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.domain.actors import Actor
from bot.domain.cards import Category
from bot.domain.errors import Invalid, Missing, NotFound, Problem
from bot.domain.policies import may_ask_in
from bot.domain.posts import PostKind
from bot.domain.text import plain_line, shorten
from bot.domain.typed import one_line
from bot.usecases import browsing, tagging
from cogs.interaction.people import guild_of
from cogs.interaction.visible import asker_in, readable_channels, shown_categories
from cogs.ui.cards import plain_words
from cogs.ui.hours import zone_label
from cogs.ui.modals import category_label

if TYPE_CHECKING:
    from bot.app import Askwell

Choices = list[app_commands.Choice[str]]
_MOST, _NAME_MAX = 25, 100  # Discord's limits


async def question_choices(interaction: discord.Interaction[Askwell], typed: str) -> Choices:
    """Questions by number or words; the newest while nothing is typed."""
    found = await browsing.suggest_questions(
        interaction.client.db,
        guild_of(interaction),
        typed,
        channels=readable_channels(interaction),
        reader_id=interaction.user.id,
    )
    return [_choice(f"#{line.number}", plain_line(line.title)) for line in found[:_MOST]]


async def post_choices(interaction: discord.Interaction[Askwell], typed: str) -> Choices:
    """The posts of the question whose thread this is, else questions."""
    db, guild_id = interaction.client.db, guild_of(interaction)
    thread = await browsing.thread_of(db, guild_id, interaction.channel_id or 0)
    offered = [_choice(card.reference, plain_words(card)) for card in thread]
    matching = [c for c in offered if typed.casefold() in c.name.casefold()]
    return matching[:_MOST] or await question_choices(interaction, typed)


async def answer_choices(interaction: discord.Interaction[Askwell], typed: str) -> Choices:
    """The answers of the question whose thread this is."""
    db, guild_id = interaction.client.db, guild_of(interaction)
    thread = await browsing.thread_of(db, guild_id, interaction.channel_id or 0)
    offered = [_choice(c.reference, plain_words(c)) for c in thread if c.kind is PostKind.ANSWER]
    return [c for c in offered if typed.casefold() in c.name.casefold()][:_MOST]


def zone_choices(zones: Sequence[str]) -> Choices:
    """Time zones, as people call them."""
    return [app_commands.Choice(name=zone_label(zone), value=zone) for zone in zones[:_MOST]]


def _choice(reference: str, text: str) -> app_commands.Choice[str]:
    name = shorten(f"{reference} {text}", 100)
    return app_commands.Choice(name=name, value=reference)


async def _categories(interaction: discord.Interaction[Askwell]) -> list[Category]:
    known = await browsing.categories_of(interaction.client.db, guild_of(interaction))
    return shown_categories(interaction, known)


async def category_choices(interaction: discord.Interaction[Askwell], typed: str) -> Choices:
    """The categories that a member may browse, with their parents."""
    return matching_categories(await _categories(interaction), typed)


async def categories_to_ask(interaction: discord.Interaction[Askwell]) -> list[Category]:
    """The categories in which a member may ask, by their roles and by Discord's permissions."""
    rules = await browsing.rules_of(interaction.client.db, guild_of(interaction))
    return [
        category
        for category in await _categories(interaction)
        if _may_ask_in(asker_in(interaction, rules, category), category)
    ]


def _may_ask_in(actor: Actor, category: Category) -> bool:
    return may_ask_in(actor, category) and (actor.access is None or actor.access.ask is None)


async def category_to_ask_in(
    interaction: discord.Interaction[Askwell], category_id: int | None
) -> Category | None:
    """The category with this row that a person may see; None for no category.

    Raises `Invalid("category", UNKNOWN)`, also for one that is closed to them.
    """
    if category_id is None:
        return None
    for category in await _categories(interaction):
        if category.category_id == category_id:
            return category
    raise Invalid("category", Problem.UNKNOWN)


async def check_category(
    interaction: discord.Interaction[Askwell], category_id: int | None
) -> None:
    """Refuse a list of a category that the person may not see: a button can be forged or outdated.
    Raises `NotFound(CATEGORY)`, as for an unknown one."""
    if category_id is None:
        return
    if all(c.category_id != category_id for c in await _categories(interaction)):
        raise NotFound(Missing.CATEGORY)


def matching_categories(known: Sequence[Category], typed: str) -> Choices:
    """Categories to choose from while somebody types."""
    return [
        app_commands.Choice(name=category_label(c)[:100], value=str(c.category_id))
        for c in known
        if typed.casefold() in category_label(c).casefold()
    ][:_MOST]


async def named_category(interaction: discord.Interaction[Askwell], typed: str) -> Category:
    """The category that was chosen, or typed in full. Raises `Invalid("category", UNKNOWN)`."""
    for category in await _categories(interaction):
        names = (str(category.category_id), category_label(category), category.name)
        if typed.casefold() in (name.casefold() for name in names):
            return category
    raise Invalid("category", Problem.UNKNOWN)


async def chosen_category(interaction: discord.Interaction[Askwell], typed: str) -> int:
    """The row of the category that was chosen or typed, see `named_category`."""
    return (await named_category(interaction, typed)).category_id


async def tag_choices(interaction: discord.Interaction[Askwell], typed: str) -> Choices:
    """The server's tags with this prefix, the most used first, and synonyms."""
    begins = one_line(typed).lstrip("#").lower().replace(" ", "-")
    db, guild_id = interaction.client.db, guild_of(interaction)
    found = await tagging.suggest_tags(
        db,
        guild_id,
        begins,
        _MOST,
        channels=readable_channels(interaction),
        reader_id=interaction.user.id,
    )
    return [
        app_commands.Choice(name=tag if tag == target else f"{tag} → {target}", value=target)
        for tag, target in found
    ]


async def tags_choices(
    interaction: discord.Interaction[Askwell], typed: str, before: Sequence[str] = ()
) -> Choices:
    """Several tags, separated by commas: the input with its last tag completed. While it is empty,
    the tags `before` come first."""
    *whole, last = typed.split(",")
    named = [tag.strip() for tag in whole if tag.strip()]
    made = [
        app_commands.Choice(name=value, value=value)
        for choice in await tag_choices(interaction, last)
        if choice.value not in named
        and len(value := ", ".join([*named, choice.value])) <= _NAME_MAX
    ]
    kept = ", ".join(before)
    if not typed.strip() and 0 < len(kept) <= _NAME_MAX:
        made.insert(0, app_commands.Choice(name=kept, value=kept))
    return made[:_MOST]


async def tags_in_use(interaction: discord.Interaction[Askwell]) -> list[str]:
    """A few tags of questions that a person can read, for the hint in a form."""
    return await tagging.most_used(
        interaction.client.db,
        guild_of(interaction),
        channels=readable_channels(interaction),
        reader_id=interaction.user.id,
    )
