"""The name of a question's thread follows the title, at most twice in ten minutes, and never
replaces a name that people gave."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import discord

from bot.domain.posts import PostStatus
from bot.usecases import naming
from cogs.delivery.card import CardMessage
from cogs.ui.cards import thread_name

# Discord allows two changes of a thread's name in ten minutes.
_TIMES, _WITHIN = 2, timedelta(minutes=10)


async def follow_title(it: CardMessage) -> datetime | None:
    """Name the thread after its question's title. Returns when that may be done, if not yet.

    A name that people gave stays, and an archived thread isn't unarchived for this. The new name is
    recorded first, so that it is known as the bot's own even if the response gets lost.
    """
    if it.card.status is PostStatus.DELETED and not it.card.title:
        await _take_title_off(it)
        return None
    wanted, given = thread_name(it.card), it.shown("name")
    if it.card.status is not PostStatus.VISIBLE or given in ("", wanted):
        return None
    thread = await it.thread()
    if thread is None or thread.archived:
        return None
    now = discord.utils.utcnow()
    if thread.name == wanted:
        # A process that was killed may have missed the event: then the card follows now.
        await naming.thread_renamed(it.db, thread.guild.id, thread.id, wanted, now)
        await it.record({"name": wanted})
        return None
    if thread.name not in (given, it.shown("naming")):
        return None
    at = [datetime.fromtimestamp(int(each), UTC) for each in it.shown("named").split()]
    recent = [each for each in at if now - _WITHIN < each <= now]
    if len(recent) >= _TIMES:
        return recent[0] + _WITHIN
    named = " ".join(str(int(each.timestamp())) for each in (*recent, now))
    # With what it is called until then, the card follows Discord's event, however late that comes.
    await it.record({"naming": wanted, "named": named, "called": thread.name})
    await thread.edit(name=wanted)
    await it.record({"name": wanted})
    return None


async def _take_title_off(it: CardMessage) -> None:
    """Rename the thread of a question whose title is erased, if others' posts keep it. It is
    archived, and Discord doesn't rename archived threads."""
    wanted, given = it.t("Deleted question"), it.shown("name")
    thread = await it.thread()
    if thread is None or thread.name == wanted:
        return
    if given and thread.name not in (given, it.shown("naming")):
        return
    rests = thread.archived
    await thread.edit(archived=False, name=wanted)
    await it.record({"name": wanted})
    if rests:
        await thread.edit(archived=True)
