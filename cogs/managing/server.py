"""Channels, roles and emoji that managers choose: what they type or click is looked up in their own
server, never trusted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import Any, Final

import discord
from discord import app_commands

from bot.domain.cards import Category
from bot.domain.emoji import custom_emoji
from bot.domain.errors import Denial, Denied, Invalid, Problem
from bot.domain.rules import Rules
from cogs.failures import DISCORD_FAILED
from cogs.foundation.preflight import missing_permissions
from cogs.interaction.replies import IN_TIME, answering, is_answering
from cogs.ui.homes import HomeProblem

_log = logging.getLogger(__name__)

QuestionChannel = discord.TextChannel | discord.ForumChannel
# Not media channels, whose posts need a picture, nor announcements, which other servers follow.
CHANNEL_TYPES: Final = (discord.ChannelType.text, discord.ChannelType.forum)


class QuestionChannelOption(app_commands.Transformer):
    """A command's option that takes a channel in which questions can be asked."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """A channel."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """The kinds Discord offers."""
        return list(CHANNEL_TYPES)

    async def transform(
        self, _interaction: discord.Interaction[Any], value: app_commands.AppCommandChannel, /
    ) -> int:
        """Its id, for the command to look up."""
        return value.id


def question_channel(
    interaction: discord.Interaction[Any], channel_id: int, field: str
) -> QuestionChannel:
    """A text or forum channel of the server. Raises `Invalid(field, NOT_A_CHANNEL)`, also for one
    that the person can't see."""
    channel = server_of(interaction).get_channel(channel_id)
    if not isinstance(channel, QuestionChannel) or channel.type not in CHANNEL_TYPES:
        raise Invalid(field, Problem.NOT_A_CHANNEL)
    if not is_seen(interaction, channel):
        raise Invalid(field, Problem.NOT_A_CHANNEL)
    return channel


def reports_channel(
    interaction: discord.Interaction[Any], channel_id: int, field: str
) -> discord.TextChannel:
    """A text channel of the server for reports or round-ups. Raises like `question_channel`."""
    channel = question_channel(interaction, channel_id, field)
    if not isinstance(channel, discord.TextChannel):
        raise Invalid(field, Problem.NOT_A_TEXT_CHANNEL)
    return channel


def is_seen(interaction: discord.Interaction[Any], channel: discord.abc.GuildChannel) -> bool:
    """Whether a person sees a channel in Discord's list."""
    member = interaction.user
    return isinstance(member, discord.Member) and channel.permissions_for(member).view_channel


def moderator_role(guild: discord.Guild, role_id: int, field: str) -> discord.Role:
    """A role of the server other than @everyone. Raises `Invalid(field, NOT_A_ROLE)`."""
    role = guild.get_role(role_id)
    if role is None or role.is_default():
        raise Invalid(field, Problem.NOT_A_ROLE)
    return role


def asking_role(guild: discord.Guild, role_id: int, field: str) -> discord.Role:
    """A role of the server, or @everyone. Raises `Invalid(field, NOT_A_ROLE)`."""
    role = guild.get_role(role_id)
    if role is None:
        raise Invalid(field, Problem.NOT_A_ROLE)
    return role


def home_problems(guild: discord.Guild, categories: Iterable[Category]) -> list[HomeProblem]:
    """What is wrong with the channels and roles that were chosen for categories."""
    return [problem for category in categories for problem in _home_problems(guild, category)]


def _home_problems(guild: discord.Guild, category: Category) -> Iterable[HomeProblem]:
    channel_id, role_id = category.own_channel_id, category.own_role_id
    if channel_id is not None:
        channel = guild.get_channel(channel_id)
        if not isinstance(channel, QuestionChannel):
            yield HomeProblem(category.name, channel_id, channel_gone=True)
        else:
            is_forum = isinstance(channel, discord.ForumChannel)
            allowed = channel.permissions_for(guild.me)
            missing = missing_permissions(allowed, "forum" if is_forum else "text")
            if missing:
                yield HomeProblem(category.name, channel_id, missing)
            tagged = category.forum_tag_id is not None
            if is_forum and channel.flags.require_tag and not tagged:
                yield HomeProblem(category.name, channel_id, requires_tag=True)
    if role_id is not None and guild.get_role(role_id) is None:
        yield HomeProblem(category.name, role_gone=True)


async def check_emoji(guild: discord.Guild, typed: str, field: str) -> None:
    """Refuse a custom emoji of another server: Discord would refuse every card with it.

    Raises `Invalid(field, FOREIGN_EMOJI)`; anything but a custom emoji is left to the use case.
    """
    emoji_id = custom_emoji(typed.strip())
    if emoji_id is None:
        return
    try:
        await guild.fetch_emoji(emoji_id)  # the library only knows those from when it connected
    except discord.NotFound:
        raise Invalid(field, Problem.FOREIGN_EMOJI) from None


async def gone_choices(guild: discord.Guild, rules: Rules) -> set[str]:
    """The settings whose role or vote emoji somebody deleted in the server.

    Without the intent for emoji the library isn't told about their deletion, so Discord is asked.
    """
    gone: set[str] = set()
    for name in ("moderator_role", "report_role"):
        role_id = rules.identity(name)
        if role_id is not None and guild.get_role(role_id) is None:
            gone.add(name)
    for name in ("vote_up_emoji", "vote_down_emoji"):
        emoji_id = custom_emoji(rules.text(name))
        if emoji_id is None or rules.text(name) not in rules.vote_emoji:
            continue
        try:
            await guild.fetch_emoji(emoji_id)
        except discord.NotFound:
            gone.add(name)
        except DISCORD_FAILED as error:  # that says nothing about the emoji
            _log.info("an emoji could not be looked up: %s", error)
    return gone


def server_of(interaction: discord.Interaction[Any]) -> discord.Guild:
    """The server of an interaction, with its channels and roles.

    Raises `Denied(NOT_IN_SERVER)` if only the commands were added to it, without the bot.
    """
    guild: discord.Guild | None = interaction.client.get_guild(interaction.guild_id or 0)
    if guild is None or guild.unavailable:
        raise Denied(Denial.NOT_IN_SERVER)
    return guild


async def acknowledge_click(interaction: discord.Interaction[Any]) -> None:
    """Acknowledge a click whose message is about to be updated."""
    if is_answering(interaction):
        return
    answering(interaction)
    try:
        async with asyncio.timeout(IN_TIME):
            await interaction.response.defer()
    except DISCORD_FAILED as error:
        _log.info("an acknowledgement did not reach Discord: %s", error)
