"""Reports, and the moderators' channel that they come to."""

from __future__ import annotations

import discord
import simcord

from tests.support.replies import reply_of
from tests.support.server import Card, Server, said
from tests.support.simulator import bot_user_id, set_permissions


async def report(
    person: simcord.MemberActor, card: Card, reason: str = "", why: str | None = None
) -> simcord.InteractionResult:
    """A person reports a post in its *More* menu."""
    menu = await person.click(card.message, custom_id=card.control("more"))
    shown = await person.click(reply_of(menu), label="Report")
    values: dict[str, str | list[str]] = {"reason": reason}
    if why is not None:
        values["why"] = [why]
    return await person.submit_modal(shown, values)


def closed_channel(server: Server, name: str, *roles: simcord.RoleHandle) -> simcord.ChannelHandle:
    """A text channel that only the bot, these roles and administrators see."""
    channel = server.guild.create_text_channel(name)
    set_permissions(server.env, channel, server.guild.id, view_channel=False)
    for target in (bot_user_id(server.env), *(role.id for role in roles)):
        set_permissions(server.env, channel, target, view_channel=True, read_message_history=True)
    return channel


def shown_in(channel: simcord.ChannelHandle) -> list[discord.Message]:
    """The bot's messages in a channel, the oldest first, without Discord's own."""
    mine = bot_user_id(channel._env)
    messages = [m for m in channel.history() if m.author.id == mine]
    return sorted((m for m in messages if m.embeds), key=lambda m: m.id)


def reports_in(channel: simcord.ChannelHandle) -> list[discord.Message]:
    """The cards of reports in a channel."""
    return [message for message in shown_in(channel) if "Reported:" in said(message)]
