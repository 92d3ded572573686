"""A question on its way: what was typed, what is like it, what would refuse it, and that it is
posted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import discord

from bot.domain.access import Deed, check_may, check_unblocked
from bot.domain.actors import Actor
from bot.domain.cards import Category
from bot.domain.errors import Invalid, Problem
from bot.domain.policies import check_can_ask_in
from bot.domain.posts import check_question
from bot.domain.review import Wording
from bot.domain.text import show_line
from bot.domain.typed import one_line
from bot.usecases import asking, browsing, flagging
from bot.usecases.asking import QuestionForm
from bot.usecases.drafts import Values
from cogs.interaction.beginning import category_for
from cogs.interaction.choices import category_to_ask_in
from cogs.interaction.people import guild_of, reader
from cogs.interaction.posted import reply_posted
from cogs.interaction.visible import asker_in, readable_channels
from cogs.ui.controls import Forged, button, number_in
from cogs.ui.modals import NO_CATEGORY, NOTIFY

if TYPE_CHECKING:
    from bot.app import Askwell

AsAuthor = Callable[[Actor], Awaitable[Actor]]


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


async def checked(
    interaction: discord.Interaction[Askwell], values: Values, as_author: AsAuthor | None = None
) -> tuple[QuestionForm, Actor]:
    """What was typed, and the actor in the channel where it will stand: the member by name, or who
    `as_author` makes of them. Raises `Refusal`."""
    bot, question = interaction.client, question_of(values)
    rules = await browsing.rules_of(bot.db, guild_of(interaction))
    category = await category_to_ask_in(interaction, question.category_id)
    actor = asker_in(interaction, rules, category)
    if as_author is not None:
        actor = await as_author(actor)
    actor = await bot.automod.screening(actor)
    check_may(actor, Deed.ASK)
    text = check_question(question.title, question.details, question.tags)
    flagging.check_words(actor, Wording(text.title, text.details, text.tags), rules)
    return question, actor


async def ask(
    interaction: discord.Interaction[Askwell], actor: Actor, question: QuestionForm, origin_id: int
) -> asking.Posted:
    """Post a checked question."""
    return await asking.ask_question(
        interaction.client.db,
        actor,
        question,
        origin_id=origin_id,
        channels=readable_channels(interaction),
        now=discord.utils.utcnow(),
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
