"""Rendering the summary with which `/setup` ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import discord

from bot.i18n import Texts
from cogs.foundation.moderating import Reach
from cogs.ui.controls import button, view_of
from cogs.ui.help import command_mention
from cogs.ui.setup import (
    FIELD,
    GOOD,
    LACKING,
    NO_PRESET,
    ChannelState,
    SetupState,
    add_checks,
    add_choices,
)


def summary_embed(state: SetupState, ids: Mapping[str, int], t: Texts) -> discord.Embed:
    """The summary: what is set up, what is missing where, and how to begin."""
    lines: list[str] = []
    if state.ready:
        title = t("Askwell is ready")
        lines.append(
            t(
                "Members ask with {ask} and learn more with {help}. You'll find every setting in "
                "{settings}.",
                ask=command_mention("ask", ids),
                help=command_mention("help", ids),
                settings=command_mention("settings show", ids),
            )
        )
    else:
        title = t("Almost there")
        lines.append(t("Askwell is set up, but can't do everything yet."))
    embed = discord.Embed(
        title=title,
        description="\n".join(lines),
        colour=GOOD if state.ready else LACKING,
    )
    add_choices(embed, state, ids, t)
    add_checks(embed, state, ids, t)
    if state.channel in (ChannelState.TEXT, ChannelState.FORUM):
        _add_next(embed, state, ids, t)
    return embed


def _add_next(embed: discord.Embed, state: SetupState, ids: Mapping[str, int], t: Texts) -> None:
    """Add what would help members: a how-to, helplines, and a channel that is the bot's alone."""
    channel, lines = f"<#{state.rules.channel_id}>", list[str]()
    if not state.how_to:
        lines.append(
            t(
                "Nobody is told yet that they can ask. *Post a how-to* puts a message with "
                "buttons into {channel}. You can take it back.",
                channel=channel,
            )
        )
    if not state.rules.text("helplines"):
        lines.append(
            t(
                "If a member is worried about someone, Askwell can show that person your "
                "helplines. Add them with {command}.",
                command=command_mention("settings set", ids) + " `helplines`",
            )
        )
    if state.open_to_members and state.channel is ChannelState.FORUM:
        lines.append(
            t(
                "Members can also open posts of their own in {channel}. To leave it to Askwell, "
                "turn off *Create Posts* for @everyone in its permissions, and allow it for my "
                "role. They can still ask and answer.",
                channel=channel,
            )
        )
    elif state.open_to_members:
        lines.append(
            t(
                "Members can also write in {channel} themselves. To leave it to Askwell, turn "
                "off *Send Messages* and *Create Public Threads* for @everyone in its "
                "permissions, and allow them for my role. They can still ask and answer.",
                channel=channel,
            )
        )
    if lines:
        embed.add_field(name=t("For members"), value="\n".join(lines)[:FIELD], inline=False)


def summary_view(state: SetupState, t: Texts) -> discord.ui.View:
    """The buttons of the summary."""
    reached = state.reports.reach is Reach.REACHED
    items: list[discord.ui.Item[Any]] = []
    if state.channel in (ChannelState.TEXT, ChannelState.FORUM):
        if not state.how_to:
            primary = discord.ButtonStyle.primary
            items.append(button(t("Post a how-to"), "howto.post", style=primary))
        items.append(button(t("How-to and guidelines"), "howto.open"))
    return view_of(
        *items,
        button(t("Check again"), "setup.finish", NO_PRESET),
        button(t("Change something"), "setup.open", NO_PRESET),
        *([button(t("Role for reports"), "setup.called", NO_PRESET)] if reached else []),
    )
