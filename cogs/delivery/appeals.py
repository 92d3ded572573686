"""The card of an appeal in the moderators' channel. Each step may be repeated, and is recorded at
once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import discord

from bot.domain.outbox import Job, Priority
from bot.domain.review import DECIDED
from bot.i18n import texts_for
from bot.usecases import appealing
from bot.usecases.appealing import AppealToShow
from cogs.delivery.moderators import Keeper, Wanted, role_to_call
from cogs.foundation.duty import Call
from cogs.foundation.moderating import moderators_channel
from cogs.foundation.readers import readers_may_read
from cogs.ui.appeals import appeal_look, is_of_appeal

if TYPE_CHECKING:
    from bot.app import Askwell


async def follow_appeal(bot: Askwell, job: Job, *, uncertain: bool) -> None:
    """Bring the card of an appeal up to date. Where nobody can be reached, nothing is shown:
    moderators find the appeal in the queue and in their inbox."""
    found = await appealing.appeal_to_show(bot.db, job, discord.utils.utcnow())
    guild = bot.get_guild(job.guild_id)
    if found is None or guild is None:
        return
    appeal, channel = found.appeal, moderators_channel(guild, found.rules)
    moved = channel is None or appeal.message.channel_id not in (None, channel.id)
    if not appeal.waits and (moved or appeal.message.message_id is None):
        return  # what was decided stays where it was said
    quoted = channel is not None and readers_may_read(guild, channel.id, found.home_id)
    wanted = Wanted(
        appeal_look(found, texts_for(found.rules.text("locale")), quoted=quoted),
        f"appeal/{job.guild_id}/{job.key}",
        partial(is_of_appeal, job.key),
        job.created_at,
        state="" if appeal.waits else DECIDED,
        # Those that waited for a channel call nobody: they would call as often as there are any.
        call=partial(_call, guild, found) if job.priority is not Priority.BULK else None,
        left=not appeal.waits,
    )
    keeper = Keeper(
        bot,
        job.guild_id,
        channel,
        appeal.message,
        lambda message: appealing.record(bot.db, job, message, discord.utils.utcnow()),
        uncertain,
    )
    await keeper.follow(wanted)


async def _call(guild: discord.Guild, found: AppealToShow) -> Call:
    """Whom a card calls: the role for reports."""
    return Call(role_id=role_to_call(guild, found.rules))
