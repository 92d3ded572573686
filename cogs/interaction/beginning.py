"""Opening the form of a question whose title is known, and what its category may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.domain.access import Deed, check_may, check_unblocked
from bot.domain.actors import Actor
from bot.domain.cards import Category
from bot.domain.errors import Denial, Denied
from bot.domain.rules import Rules
from bot.usecases import blocking, browsing, guessing
from bot.usecases.drafts import Draft, Values
from bot.usecases.guessing import Unsorted
from bot.usecases.seeing import home_in
from cogs.foundation.access import with_block
from cogs.interaction.choices import categories_to_ask, tags_in_use
from cogs.interaction.forms import show_form
from cogs.interaction.people import guild_of, reader
from cogs.interaction.visible import asker_in, readable_channels
from cogs.ui.controls import custom_id
from cogs.ui.modals import Offer, ask_form

if TYPE_CHECKING:
    from bot.app import Askwell


async def open_ask_form(interaction: discord.Interaction[Askwell], title: str) -> None:
    """Open the form of a question with this title. Raises `Denied` if the person may ask nowhere
    here."""
    rules = await browsing.rules_of(interaction.client.db, guild_of(interaction))
    if rules.channel_id is None:
        raise Denied(Denial.NOT_SET_UP)
    actor = await asker_now(interaction, rules, None)
    check_unblocked(actor)
    categories = await categories_for(interaction, title)
    if not categories:
        check_may(actor, Deed.ASK)
    values: Values = {"title": title}
    offer = Offer(categories, await tags_in_use(interaction), rules.on("anonymous"))
    form = ask_form(offer, values, reader(interaction))
    await show_form(interaction, form, Draft(custom_id("ask.form"), values))


async def asker_now(
    interaction: discord.Interaction[Askwell], rules: Rules, category: Category | None
) -> Actor:
    """The actor for a question in a category (None: in none), with the block that keeps them from
    asking, if any does."""
    actor = asker_in(interaction, rules, category)
    block = await blocking.block_of(interaction.client.db, actor.guild_id, actor.user_id)
    return with_block(actor, block)


async def categories_for(interaction: discord.Interaction[Askwell], title: str) -> list[Category]:
    """The categories in which a person may ask, the likeliest for this title first."""
    known = await categories_to_ask(interaction)
    likely = await _likely(interaction, title, known) if title and known else None
    return known if likely is None else [likely, *(each for each in known if each is not likely)]


async def category_for(
    interaction: discord.Interaction[Askwell], title: str, post_id: int
) -> Category | None:
    """The likeliest category for a question that was posted without one: one in which its asker may
    ask, and whose questions stand where it stands."""
    rules = await browsing.rules_of(interaction.client.db, guild_of(interaction))
    known = await categories_to_ask(interaction)
    here = [each for each in known if home_in(each, rules) == rules.channel_id]
    return await _likely(interaction, title, here, post_id) if here else None


async def _likely(
    interaction: discord.Interaction[Askwell],
    title: str,
    known: list[Category],
    post_id: int | None = None,
) -> Category | None:
    by_row = {category.category_id: category for category in known}
    guessed = await guessing.likely_category(
        interaction.client.db,
        guild_of(interaction),
        Unsorted(title, by_row.keys(), post_id),
        channels=readable_channels(interaction),
        reader_id=interaction.user.id,
    )
    return by_row.get(guessed) if guessed is not None else None
