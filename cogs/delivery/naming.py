"""The name of a question's thread: brought after the title, seldom, and never over people's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import discord

from bot.domain.posts import PostStatus
from cogs.delivery.card import CardMessage
from cogs.ui.cards import thread_name

# Discord takes two changes of a thread's name in ten minutes.
_TIMES, _WITHIN = 2, timedelta(minutes=10)


async def follow_title(it: CardMessage) -> datetime | None:
    """Name the thread after its question's title. Returns when that may be done, if not yet.

    A name that people gave stays, and a thread that rests is not woken for this. The name that
    is about to be given is recorded first: it is the bot's own even if the answer gets lost.
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
    if thread.name == wanted:
        await it.record({"name": wanted})
        return None
    if thread.name not in (given, it.shown("naming")):
        return None
    now = discord.utils.utcnow()
    at = [datetime.fromtimestamp(int(each), UTC) for each in it.shown("named").split()]
    recent = [each for each in at if now - _WITHIN < each <= now]
    if len(recent) >= _TIMES:
        return recent[0] + _WITHIN
    named = " ".join(str(int(each.timestamp())) for each in (*recent, now))
    await it.record({"naming": wanted, "named": named})
    await thread.edit(name=wanted)
    await it.record({"name": wanted})
    return None


async def _take_title_off(it: CardMessage) -> None:
    """Name the thread of a question whose title is erased, where it is left for what others
    wrote. It rests, and Discord renames no thread that rests."""
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
