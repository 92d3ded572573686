"""Reactions under cards: reading who gave them, and taking off those that are no vote."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import discord

from bot.domain.actors import NOWHERE, Actor
from bot.domain.rules import Rules
from cogs._access import voter_in
from cogs._interaction import DISCORD_FAILED

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)


def as_reaction(emoji: str) -> discord.PartialEmoji:
    """An emoji as requests for reactions take it: a server's own, `<a:name:id>`, as `name:id`."""
    return discord.PartialEmoji.from_str(emoji)


async def take_off(bot: Askwell, where: tuple[int, int, int], emoji: str, user_id: int) -> None:
    """Take a member's reaction off a message, given as (channel, message, server).

    Failing is no reason to stop: the vote is what counts, and reconciling looks again.
    """
    channel_id, message_id, guild_id = where
    channel = bot.get_partial_messageable(channel_id, guild_id=guild_id)
    message = channel.get_partial_message(message_id)
    try:
        await message.remove_reaction(as_reaction(emoji), discord.Object(user_id))
    except DISCORD_FAILED as error:
        _log.info("a reaction could not be taken off: %s", error)


async def as_member(guild: discord.Guild, channel_id: int, voter: Actor, rules: Rules) -> Actor:
    """A voter as the rules of voting need to see them: since when they are a member, and whether
    they moderate. Asks Discord, as no members are remembered; who left stays as they are."""
    try:
        member = await guild.fetch_member(voter.user_id)
    except discord.NotFound:
        return voter
    actor = voter_in(member, channel_id, rules)
    # Discord let them react; what it lets them do by now is another matter.
    return replace(actor, access=replace(actor.access or NOWHERE, vote=None))


def vote_counts(message: discord.Message, rules: Rules) -> dict[int, int]:
    """How many people show each vote (1, -1) under a message, the bot itself left out."""
    counts = {1: 0, -1: 0}
    for reaction in message.reactions:
        value = rules.vote_of(str(reaction.emoji))
        if value is not None:
            counts[value] += reaction.count - reaction.me
    return counts


async def vote_reactions(
    bot: Askwell, message: discord.Message, rules: Rules, guild_id: int
) -> tuple[dict[int, set[int]], dict[int, Actor]]:
    """Who shows which vote under a message: value → members, and the members as voters.

    Normal and burst reactions are votes alike.
    """
    shown: dict[int, set[int]] = {1: set(), -1: set()}
    voters: dict[int, Actor] = {}
    for reaction in message.reactions:
        value = rules.vote_of(str(reaction.emoji))
        if value is None:
            continue
        kinds = [discord.ReactionType.normal]
        if reaction.burst_count:
            kinds.append(discord.ReactionType.burst)
        for kind in kinds:
            async for user in reaction.users(type=kind):
                if bot.user is not None and user.id == bot.user.id:
                    continue
                shown[value].add(user.id)
                voters[user.id] = Actor(
                    guild_id,
                    user.id,
                    is_bot=user.bot,
                    account_created=discord.utils.snowflake_time(user.id),
                )
    return shown, voters
