"""Reactions under cards: reading who gave them, and removing those that aren't votes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import discord

from bot.domain.actors import NOWHERE, Actor
from bot.domain.outbox import Job
from bot.domain.rules import Rules
from bot.domain.voting import DOWN, UP, VoteSource
from bot.usecases import publishing, reconciling
from cogs.delivery.card import CardMessage
from cogs.failures import DISCORD_FAILED, NO_PERMISSION, Code, code_of, gravest
from cogs.foundation.access import voter_in

if TYPE_CHECKING:
    from bot.app import Askwell

_PAGE = 100  # members that Discord names in one answer
# There is nothing left to remove.
_GONE = {Code.UNKNOWN_CHANNEL, Code.UNKNOWN_MESSAGE, Code.UNKNOWN_EMOJI}


def as_reaction(emoji: str) -> discord.PartialEmoji:
    """An emoji as requests for reactions take it: a server's own, `<a:name:id>`, as `name:id`."""
    return discord.PartialEmoji.from_str(emoji)


def kind_of(payload: discord.RawReactionActionEvent) -> VoteSource:
    """Whether a reaction is a normal one or a super reaction."""
    return VoteSource.SUPER if payload.burst else VoteSource.REACTION


async def _take_all_off(it: CardMessage, job: Job) -> None:
    """Remove waiting reactions. A refused one doesn't prevent others; the gravest refusal is raised
    at the end, and what is left waits for the next attempt."""
    refused: list[Exception] = []
    off: list[int] = []
    for waiting in await reconciling.reactions_to_take_off(it.db, job):
        # Each request takes its time, and people choose again meanwhile.
        if not await reconciling.is_to_go(it.db, waiting):
            continue
        emoji = as_reaction(it.rules.emoji_of(waiting.value))
        remove = partial(it.message().remove_reaction, emoji, discord.Object(waiting.user_id))
        try:
            await it.act(remove)
        except DISCORD_FAILED as error:
            if code_of(error) not in _GONE:
                refused.append(error)
                if code_of(error) in NO_PERMISSION:
                    break  # so would all others be: Discord counts requests made in vain
                continue
        off.append(waiting.row)
    await reconciling.note_taken_off(it.db, job, off)
    if refused:
        raise gravest(refused)


async def take_off(bot: Askwell, job: Job) -> None:
    """Remove the reactions under a card that contradict the votes. Raises Discord's error if it
    refuses one."""
    item = await publishing.card_to_show(bot.db, job)
    if item is None or item.card.place.message_id is None:  # they are gone with the message
        waiting = await reconciling.reactions_to_take_off(bot.db, job)
        await reconciling.note_taken_off(bot.db, job, [each.row for each in waiting])
    else:
        await _take_all_off(CardMessage(bot, item, uncertain=False), job)


async def as_member(guild: discord.Guild, home_id: int | None, voter: Actor, rules: Rules) -> Actor:
    """A voter with the facts that the rules of voting need: since when they are a member, and
    whether they moderate the post's home. Discord is asked, since members aren't cached; those who
    left stay as they are."""
    try:
        member = await guild.fetch_member(voter.user_id)
    except discord.NotFound:
        return voter
    actor = voter_in(member, home_id, rules)
    # Discord let them react; what it allows them now doesn't matter.
    return replace(actor, access=replace(actor.access or NOWHERE, vote=None))


@dataclass(slots=True)
class ShownReactions:
    """The votes under a message: value → member → kinds of reaction; the members as voters; and the
    number of requests."""

    shown: Mapping[int, dict[int, set[VoteSource]]] = field(
        default_factory=lambda: {UP: {}, DOWN: {}}
    )
    voters: dict[int, Actor] = field(default_factory=dict[int, Actor])
    requests: int = 0


def own_missing(message: discord.Message, rules: Rules) -> bool:
    """Whether one of the bot's own vote emoji is missing."""
    mine = {rules.vote_of(str(reaction.emoji)) for reaction in message.reactions if reaction.me}
    return any(rules.vote_of(emoji) not in mine for emoji in rules.vote_emoji)


async def shown_reactions(
    bot: Askwell, message: discord.Message, rules: Rules, guild_id: int
) -> ShownReactions:
    """The votes under a message. Discord is only asked about emoji that somebody other than the bot
    has used, separately for normal and super reactions."""
    found = ShownReactions()
    me = bot.user.id if bot.user is not None else 0
    for reaction in message.reactions:
        value = rules.vote_of(str(reaction.emoji))
        if value is None:
            continue
        counts = (
            (discord.ReactionType.normal, reaction.normal_count, reaction.me),
            (discord.ReactionType.burst, reaction.burst_count, reaction.me_burst),
        )
        for kind, count, mine in counts:
            if count <= int(mine):
                continue
            source = VoteSource.SUPER if kind is discord.ReactionType.burst else VoteSource.REACTION
            found.requests += -(-count // _PAGE)
            async for user in reaction.users(limit=count, type=kind):
                if user.id == me:
                    continue
                found.shown[value].setdefault(user.id, set()).add(source)
                found.voters[user.id] = Actor(
                    guild_id,
                    user.id,
                    is_bot=user.bot,
                    account_created=discord.utils.snowflake_time(user.id),
                )
    return found
