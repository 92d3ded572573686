"""Appeals: who may decide one, as Discord says at that moment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import discord

from bot.domain.actors import Actor
from bot.domain.appeals import Appeal, Others, check_can_decide, needs_others
from bot.domain.errors import Denial, Denied
from bot.usecases import appealing, seeing
from cogs.foundation.access import access_in, actor_of, with_block
from cogs.interaction.people import actor_in, guild_of, reader, rules_and_actor, seal_in
from cogs.interaction.replies import defer, reply
from cogs.ui.appeals import read_embed, read_view

if TYPE_CHECKING:
    from bot.app import Askwell

_LOOKED_UP = 12  # members, of whom some may have left


async def judge(
    interaction: discord.Interaction[Askwell], appeal_id: int, *, reading: bool = False
) -> tuple[Actor, Appeal, Others]:
    """The actor, if they may decide an appeal (or could have, where it is decided); the appeal; and
    who else could, as far as that matters for them. With `reading`, who decided first may, too.

    Raises `NotFound(APPEAL)` and like `check_can_decide`: whoever can't see the post learns nothing
    else than whoever sees it but doesn't moderate it.
    """
    appeal = await appealing.appeal_of(interaction.client.db, guild_of(interaction), appeal_id)
    actor = await _actor(interaction, appeal)
    others = Others()
    if reading and actor.moderates_post:
        return actor, appeal, others
    if appeal.waits and needs_others(actor, appeal) and _may_at_all(actor):
        await defer(interaction)  # Discord is asked about several members
        others = await _others(interaction, actor, appeal)
    if appeal.waits:
        check_can_decide(actor, appeal, others)
    elif not actor.moderates_post:
        raise Denied(Denial.NOT_MODERATOR_THERE)
    return actor, appeal, others


def _may_at_all(actor: Actor) -> bool:
    return actor.moderates_post or actor.is_manager


async def _actor(interaction: discord.Interaction[Askwell], appeal: Appeal) -> Actor:
    """The actor, with their access to the post's home. About a block the server's moderators
    decide."""
    if appeal.post_id is None:
        _, actor = await rules_and_actor(interaction)
        return replace(actor, access=None)
    db, guild_id = interaction.client.db, guild_of(interaction)
    who = (interaction.user.id, seal_in(interaction))
    seen = await seeing.look_at(db, guild_id, appeal.post_id, *who)
    if seen is None:
        raise Denied(Denial.NOT_MODERATOR_THERE)
    access = access_in(interaction.user, seen.home.channel_id, seen.home.rules)
    if access.read is not None:
        raise Denied(Denial.NOT_MODERATOR_THERE)
    actor = replace(actor_in(interaction, seen.home.rules, access), persona=seen.persona)
    return with_block(actor, seen.home.block)


async def _others(
    interaction: discord.Interaction[Askwell], actor: Actor, appeal: Appeal
) -> Others:
    """Whether anybody else could decide an appeal, of the owner and those whom the bot has seen
    moderate. Raises the library's errors: unless Discord answers, somebody else may."""
    guild, db, now = interaction.guild, interaction.client.db, discord.utils.utcnow()
    if guild is None:
        return Others(moderator=True)
    seen = await appealing.who_else(db, actor, appeal, now)
    but = {*appeal.firsts, appeal.author_id, actor.user_id}
    asked = dict.fromkeys([guild.owner_id or 0, *seen])
    found = Others()
    for user_id in [each for each in asked if each not in but][:_LOOKED_UP]:
        try:
            member = await guild.fetch_member(user_id)
        except discord.NotFound:
            continue  # they have left
        other = await _as_now(interaction, member, appeal)
        if other is not None and other.moderates_post:
            return Others(moderator=True, manager=True)
        found = Others(manager=found.manager or (other is not None and other.is_manager))
    return found


async def _as_now(
    interaction: discord.Interaction[Askwell], member: discord.Member, appeal: Appeal
) -> Actor | None:
    """Another member as Discord describes them now; None if they can't see what it is about."""
    rules, _ = await rules_and_actor(interaction)
    if member.bot or appeal.post_id is None:
        return None if member.bot else actor_of(member, member.guild.id, rules, None)
    home = await seeing.home_of(interaction.client.db, member.guild.id, appeal.post_id)
    access = access_in(member, home.channel_id if home is not None else None, rules)
    return None if access.read is not None else actor_of(member, member.guild.id, rules, access)


async def read_appeal(interaction: discord.Interaction[Askwell], appeal_id: int) -> None:
    """Show an appeal with its words and the post to somebody who may decide it, alone."""
    t = reader(interaction)
    _, appeal, _ = await judge(interaction, appeal_id, reading=True)
    await reply(interaction, embed=read_embed(appeal, t), view=read_view(appeal, t), bell=False)
