"""All posts of a member: whose they are, what hiding or showing them would do, and who may."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import discord

from bot.domain.review import ReportReason
from bot.usecases import sweeping
from bot.usecases.sweeping import Sweeper, Wanted
from cogs.interaction.people import guild_of, reader, rules_and_actor
from cogs.interaction.replies import reply
from cogs.interaction.visible import moderated_channels
from cogs.ui.controls import Forged, one_of
from cogs.ui.people import person
from cogs.ui.sweeps import hiding_text, hiding_view, showing_text, showing_view

if TYPE_CHECKING:
    from bot.app import Askwell

_SPANS: Final = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30)}


def begin_of(span: str | None) -> datetime | None:
    """When one of the spans of time begins that `/hide` and `/audit` offer; None for any time.
    Raises `Forged`."""
    if span is None:
        return None
    if span not in _SPANS:
        raise Forged(f"no such span: {span[:40]}")
    return discord.utils.utcnow() - _SPANS[span]


async def preview_hiding(
    interaction: discord.Interaction[Askwell], member_id: int, since: str | None, reason: str
) -> None:
    """Say what hiding a member's posts would do, with a button that does it."""
    at = begin_of(since)
    wanted = Wanted(member_id, at, one_of(ReportReason, reason))
    who, t = await sweeper(interaction), reader(interaction)
    outlook = await sweeping.look_at_shown(interaction.client.db, who, wanted)
    name = await member_named(interaction, member_id)
    if not outlook.posts:
        await reply(interaction, nothing_to_hide(interaction, name))
        return
    view = hiding_view(member_id, at, wanted.reason, outlook, t)
    await reply(interaction, hiding_text(outlook, name, t), view=view)


async def preview_showing(interaction: discord.Interaction[Askwell], member_id: int) -> None:
    """Say what showing a member's posts again would do, with a button that does it."""
    who, t = await sweeper(interaction), reader(interaction)
    outlook = await sweeping.look_at_hidden(interaction.client.db, who, member_id)
    name = await member_named(interaction, member_id)
    if not outlook.posts:
        await reply(interaction, nothing_to_show(interaction, name))
        return
    view = showing_view(member_id, outlook, t)
    await reply(interaction, showing_text(outlook, name, t), view=view)


async def sweeper(interaction: discord.Interaction[Askwell]) -> Sweeper:
    """The person, with the channels in which they moderate at this moment. Raises
    `Denied(NOT_MODERATOR)` if there are none."""
    _, actor = await rules_and_actor(interaction)
    who = Sweeper(actor, await moderated_channels(interaction))
    sweeping.check_sweeps(who)
    return who


async def member_named(interaction: discord.Interaction[Askwell], member_id: int) -> str:
    """A member as replies name them."""
    name = await sweeping.called(interaction.client.db, guild_of(interaction), member_id)
    return person(member_id, name)


def nothing_to_hide(interaction: discord.Interaction[Askwell], name: str) -> str:
    """What is said where there is none to hide."""
    t = reader(interaction)
    return t("There are no posts by {member} to hide where you moderate.", member=name)


def nothing_to_show(interaction: discord.Interaction[Askwell], name: str) -> str:
    """What is said where there is none to show."""
    t = reader(interaction)
    return t("There are no posts by {member} to show again where you moderate.", member=name)
