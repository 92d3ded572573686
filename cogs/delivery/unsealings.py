"""The card of a request to unseal in the moderators' channel. Each step may be repeated, and is
recorded at once. It never says who wrote the post."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import discord

from bot.domain.outbox import Job, Priority
from bot.domain.review import DECIDED
from bot.i18n import texts_for
from bot.usecases import unsealing
from bot.usecases.unsealing import RequestToShow
from cogs.delivery.moderators import Keeper, Wanted, role_to_call
from cogs.foundation.duty import Call
from cogs.foundation.moderating import moderators_channel
from cogs.ui.unsealing import is_of_request, request_look

if TYPE_CHECKING:
    from bot.app import Askwell


async def follow_unsealing(bot: Askwell, job: Job, *, uncertain: bool) -> None:
    """Bring the card of a request up to date. Where nobody can be reached, nothing is shown:
    moderators find it in the queue."""
    found = await unsealing.request_to_show(bot.db, job, discord.utils.utcnow())
    guild = bot.get_guild(job.guild_id)
    if found is None or guild is None:
        return
    request, channel = found.request, moderators_channel(guild, found.rules)
    moved = channel is None or request.message.channel_id not in (None, channel.id)
    ended = request.outcome is not None
    if ended and (moved or request.message.message_id is None):
        return  # how it ended stays where it was asked
    wanted = Wanted(
        request_look(found, texts_for(found.rules.text("locale"))),
        f"unseal/{job.guild_id}/{job.key}/{int(request.at.timestamp())}",
        partial(is_of_request, job.key),
        job.created_at,
        state=DECIDED if ended else "",
        # Those that waited for a channel call nobody: they would call as often as there are any.
        call=partial(_call, guild, found) if job.priority is not Priority.BULK else None,
        left=ended,
    )
    keeper = Keeper(
        bot,
        job.guild_id,
        channel,
        request.message,
        lambda message: unsealing.record(bot.db, job, message, discord.utils.utcnow()),
        uncertain,
    )
    await keeper.follow(wanted)


async def _call(guild: discord.Guild, found: RequestToShow) -> Call:
    """Whom a card calls: the role for reports."""
    return Call(role_id=role_to_call(guild, found.rules))
