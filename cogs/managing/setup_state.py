"""How far a server is set up, as `/setup` finds it; and the channel that it creates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.domain.rules import Rules
from bot.i18n import texts_for
from bot.sealing import KeyState
from bot.usecases import browsing, publishing
from cogs.foundation.access import only_the_bot_has
from cogs.foundation.duty import role_trouble
from cogs.foundation.preflight import missing_permissions
from cogs.managing.reports import reports_state
from cogs.managing.server import QuestionChannel, gone_choices, home_problems
from cogs.ui.homes import TagOutcome
from cogs.ui.setup import ChannelState, SetupState
from cogs.ui.signs import guidelines

if TYPE_CHECKING:
    from bot.app import Askwell


class AlreadyThere(Exception):
    """A channel exists that may be the one to be created."""

    def __init__(self, channel: QuestionChannel) -> None:
        super().__init__(channel.id)
        self.channel = channel


async def state_of(bot: Askwell, guild: discord.Guild, preset: str | None) -> SetupState:
    """The state of the server's setup. It updates the tags and retries what failed, since
    missing permissions may have been granted."""
    db = bot.db
    tags = await bot.forum_tags.update(guild)
    await publishing.retry_failures(db, guild.id, discord.utils.utcnow())
    rules = await browsing.rules_of(db, guild.id)
    if rules.text("reindex_after"):  # /setup has just chosen the server's language
        bot.dispatch("indexing_due")
    known = await browsing.categories_of(db, guild.id)
    channel = guild.get_channel(rules.channel_id or 0)
    if isinstance(channel, discord.ForumChannel):
        missing = missing_permissions(channel.permissions_for(guild.me), "forum")
        kind, requires_tag = ChannelState.FORUM, channel.flags.require_tag
    elif isinstance(channel, discord.TextChannel):
        missing = missing_permissions(channel.permissions_for(guild.me), "text")
        kind, requires_tag = ChannelState.TEXT, False
    else:
        kind = ChannelState.NOT_CHOSEN if rules.channel_id is None else ChannelState.GONE
        missing, tags, requires_tag = (), TagOutcome(), False
    there = kind in (ChannelState.FORUM, ChannelState.TEXT)
    others = (c for c in known if c.own_channel_id != rules.channel_id)
    return SetupState(
        rules,
        known,
        kind,
        missing,
        tags,
        requires_tag,
        preset,
        homes=home_problems(guild, others) if there else (),
        unseen=_unseen(bot, guild, rules),
        gone=await gone_choices(guild, rules),
        reports=reports_state(guild, rules),
        duty=role_trouble(guild, guild.me, rules),
        automod=await bot.automod.state(guild),
        key=await bot.find_key() if rules.on("anonymous") else KeyState.THERE,
    )


def _unseen(bot: Askwell, guild: discord.Guild, rules: Rules) -> list[str]:
    """The commands that Discord doesn't show to the chosen moderators' role.

    A bot can't read what a server has allowed on its page *Integrations*.
    """
    role = guild.get_role(rules.identity("moderator_role") or 0)
    if role is None or role.permissions.manage_messages or role.permissions.administrator:
        return []
    commands = bot.tree.get_commands(type=discord.AppCommandType.chat_input)
    needed = discord.Permissions(manage_messages=True)
    return sorted(c.name for c in commands if c.default_permissions == needed)


def is_open(guild: discord.Guild, rules: Rules) -> bool:
    """Whether members can post in the question channel themselves."""
    channel = guild.get_channel(rules.channel_id or 0)
    return channel is not None and not only_the_bot_has(channel, "send_messages")


def existing_channel(guild: discord.Guild, rules: Rules) -> QuestionChannel | None:
    """A channel with the name that a new one would get, in English or the server's language."""
    names = {"questions", texts_for(rules.text("locale"))("questions")}
    taken = rules.identity("moderators_channel")
    channels = [c for c in (*guild.forums, *guild.text_channels) if c.id != taken]
    return next((channel for channel in channels if channel.name in names), None)


async def create_question_channel(guild: discord.Guild, locale: str) -> QuestionChannel:
    t, reason = texts_for(locale), "Askwell: /setup"
    name = t("questions")
    topic = t("Ask with /ask, answer with /answer, vote for what helps.")
    if "COMMUNITY" in guild.features:  # only communities may have forums
        return await guild.create_forum(name, topic=guidelines(t), reason=reason)
    return await guild.create_text_channel(name, topic=topic, reason=reason)


def locale_of(interaction: discord.Interaction[Askwell]) -> str:
    """The language of the server: its own if it has chosen one, else that of the person who sets it
    up.

    Only communities can choose a language; for all other servers Discord says American English.
    """
    guild_locale = str(interaction.guild_locale or "en-US")
    guild = interaction.guild
    chosen = guild is not None and "COMMUNITY" in guild.features
    return guild_locale if chosen or guild_locale != "en-US" else str(interaction.locale)
