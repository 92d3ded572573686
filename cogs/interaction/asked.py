"""A question on its way: what was typed, what is like it, what would refuse it, and that it is
posted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from bot.domain.access import Deed, check_may, check_unblocked
from bot.domain.actors import Actor
from bot.domain.cards import Category
from bot.domain.errors import Invalid, Problem
from bot.domain.policies import check_can_ask_in
from bot.domain.text import show_line
from bot.domain.typed import one_line
from bot.usecases import asking
from bot.usecases.asking import QuestionForm
from bot.usecases.drafts import Values
from cogs.interaction.beginning import category_for
from cogs.interaction.people import guild_of, reader
from cogs.interaction.posted import reply_posted
from cogs.interaction.visible import readable_channels
from cogs.ui.controls import Forged, button, number_in
from cogs.ui.modals import NO_CATEGORY, NOTIFY

if TYPE_CHECKING:
    from bot.app import Askwell


def check_beginning(
    actor: Actor, chosen: Category | None, *, offered: bool, attached: bool
) -> None:
    """Refuse early what would be refused at the end. It isn't known yet if the member still has to
    choose a category. Raises `Denied`."""
    check_unblocked(actor)
    if chosen is not None:
        check_can_ask_in(actor, chosen)
    if chosen is not None or not offered:
        check_may(actor, Deed.ASK)
    if attached and actor.access is not None and actor.access.ask is None:
        check_may(actor, Deed.ATTACH)


async def similar_to(interaction: discord.Interaction[Askwell], title: str) -> list[asking.Similar]:
    return await asking.before_it_goes_up(
        interaction.client.db,
        guild_of(interaction),
        title,
        channels=readable_channels(interaction),
        reader_id=interaction.user.id,
    )


def question_of(values: Values) -> QuestionForm:
    chosen = values.get("category") or [NO_CATEGORY]
    category = NO_CATEGORY if isinstance(chosen, str) else chosen[0]
    try:
        category_id = None if category == NO_CATEGORY else number_in(category)
    except Forged as error:
        raise Invalid("category", Problem.UNKNOWN) from error
    return QuestionForm(
        title=str(values.get("title", "")),
        details=str(values.get("details", "")),
        category_id=category_id,
        tags=str(values.get("tags", "")),
        notify=NOTIFY in values.get("how", []),
    )


async def tell_asked(
    interaction: discord.Interaction[Askwell],
    posted: asking.Posted,
    unchosen: QuestionForm | None,
) -> None:
    """Say that a question is posted; if it is `unchosen`, no category was chosen for it."""
    t = reader(interaction)
    likely = None
    if unchosen is not None and not posted.held:
        likely = await category_for(interaction, unchosen.title, posted.post_id)
    further: list[discord.ui.Button[Any]] = []
    asked = ""
    if likely is not None:
        asked = t("Put it into {category}?", category=f"**{show_line(likely.name)}**")
        label = t("Put it into {category}", category=one_line(likely.name))
        further.append(button(label, "move.to", posted.post_id, likely.category_id))
    await reply_posted(
        interaction,
        posted,
        t("Your question is {number}."),
        t("Your question is saved as {number}. Discord is slow right now, but it will appear."),
        further=further,
        asked=asked,
    )
