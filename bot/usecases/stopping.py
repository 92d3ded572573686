"""Stopping direct messages, from one of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from bot.domain.notices import Digest, FollowKind, SentFor
from bot.domain.sealed import Seal, is_sealed
from bot.usecases import anonymous_inbox
from data import following, guilds, newest_posts, personas, posts, telling
from data import preferences as preference_rows
from data.database import Transaction, writing


class Stopped(StrEnum):
    """Which direct messages a member no longer gets: those about one post, those about what they
    follow, or all, including digests."""

    POST = "post"
    FOLLOWED = "followed"
    ALL = "all"


@writing
async def stop_messages(
    tx: Transaction,
    guild_id: int,
    user_id: int,
    post_id: int,
    *,
    notice_id: int | None = None,
    seal: Seal | None = None,
    now: datetime,  # noqa: ARG001 - all acts are told when they happen
) -> Stopped:
    """Stop a member's direct messages about a post, or (0) about anything in the server.

    For a post, this undoes the tick in its form and unfollows its question. If neither was the
    reason for the message (of `notice_id`, None: of any about the post), it stops direct messages
    about everything followed. For 0, digests stop as well. Waiting messages aren't sent either. The
    inbox goes on.

    `seal` is the member's: a message about an anonymous post of theirs is stopped under its number,
    and changes nothing that is theirs by name.
    """
    # More parameters than a function should have: what the button of a message names, and whose it
    # is; nobody has them together but whoever reads that button.
    if await guilds.lock_known(tx, guild_id) is None:  # nobody was sent such a button
        return Stopped.POST if post_id else Stopped.ALL
    if seal is not None and post_id:
        number = await _number_told(tx, guild_id, post_id, notice_id, seal)
        if number is not None:
            await posts.stop_notices(tx, guild_id, number, post_id)
            await preference_rows.hold_back(tx, guild_id, number, post_id)
            return Stopped.POST
    if seal is not None and not post_id and await personas.salts_of(tx, guild_id):
        await anonymous_inbox.silence(tx, guild_id, seal, await newest_posts.latest(tx, guild_id))
    return await _stop_by_name(tx, (guild_id, user_id), post_id, notice_id)


async def _number_told(
    tx: Transaction, guild_id: int, post_id: int, notice_id: int | None, seal: Seal
) -> int | None:
    """The member's number, if a message was about an anonymous post of theirs. Where its notice is
    gone, it was if the post is one."""
    number = await telling.told_by(tx, guild_id, notice_id or 0)
    if number is None:
        number = await posts.author_of(tx, guild_id, post_id)
    if not is_sealed(number) or number is None:
        return None
    return number if await personas.is_theirs(tx, guild_id, number, seal) else None


async def _stop_by_name(
    tx: Transaction, who: tuple[int, int], post_id: int, notice_id: int | None
) -> Stopped:
    stopped = await posts.stop_notices(tx, *who, post_id or None)
    await preference_rows.hold_back(tx, *who, post_id or None)
    if post_id:
        what = (FollowKind.QUESTION, str(post_id))
        stopped = await following.unfollow(tx, *who, what) or stopped
    before = await preference_rows.preferences(tx, *who)
    if post_id and (stopped or not before.by_message):
        return Stopped.POST
    if post_id:
        reasons = await telling.sent_for(tx, *who, post_id, notice_id)
        if reasons and SentFor.FOLLOWED not in reasons:  # stopped already
            return Stopped.POST
    wishes = replace(before, by_message=False)
    if not post_id:
        wishes = replace(wishes, digest=Digest.OFF)
        await preference_rows.schedule_digest(tx, *who, None)
    await preference_rows.save_preferences(tx, *who, wishes)
    return Stopped.FOLLOWED if post_id else Stopped.ALL
