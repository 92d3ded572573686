"""The names of questions' threads, which follow an edited title unless a person renamed them."""

from __future__ import annotations

import json
from datetime import datetime

from bot.domain.cards import PostCard
from bot.domain.outbox import JobKind, Priority
from bot.domain.text import plain_line, shorten
from data import cards, guilds, outbox, places
from data.database import Database, Transaction, writing

_LIMIT = 100  # Discord's, of a thread's name


def thread_name_of(title: str) -> str:
    """The name of the thread of a question with this title. State never goes into it."""
    return shorten(plain_line(title), _LIMIT)


async def follow_title(tx: Transaction, card: PostCard, now: datetime) -> None:
    """Enqueue renaming a question's thread after its new title; `card` is the question as it was.
    The caller has locked the server."""
    known: dict[str, str] = json.loads(await places.lock_shown(tx, card.post_id) or "{}")
    if card.place.thread_id is not None and "name" not in known:  # made by an earlier version
        shown = json.dumps(known | {"name": thread_name_of(card.title)}, sort_keys=True)
        await places.record_place(tx, card.guild_id, card.post_id, shown=shown)
    await _ask(tx, card.guild_id, card.post_id, now)


@writing
async def name_thread(tx: Transaction, guild_id: int, question_id: int, now: datetime) -> None:
    """Enqueue naming a question's thread after its title."""
    await guilds.lock_server(tx, guild_id)
    await _ask(tx, guild_id, question_id, now)


async def thread_woke(db: Database, guild_id: int, thread_id: int, now: datetime) -> None:
    """Enqueue renaming a thread that was archived while its title was edited."""
    async with db.read() as tx:
        question_id = await places.question_of_thread(tx, guild_id, thread_id)
        if question_id is None:
            return
        rules = await guilds.read_rules(tx, guild_id)
        card = await cards.load_card(tx, guild_id, question_id, rules)
    if card is None:
        return
    known: dict[str, str] = json.loads(card.place.shown or "{}")
    if known.get("name", "") not in ("", thread_name_of(card.title)):
        await name_thread(db, guild_id, question_id, now)


async def thread_renamed(
    db: Database, guild_id: int, thread_id: int, name: str, now: datetime
) -> None:
    """Follow a new name of a thread: `follow_name`, if it is a question's."""
    async with db.read() as tx:
        question_id = await places.question_of_thread(tx, guild_id, thread_id)
        if question_id is None:
            return
        rules = await guilds.read_rules(tx, guild_id)
        card = await cards.load_card(tx, guild_id, question_id, rules)
    if card is not None and is_news(card, name):
        await follow_name(db, card, name, now)


def is_news(card: PostCard, name: str) -> bool:
    """Whether a question's forum post was last known by another name. (In a text channel, the card
    doesn't depend on it.)"""
    known: dict[str, str] = json.loads(card.place.shown or "{}")
    in_forum = card.place.thread_id is not None and card.place.thread_id == card.place.channel_id
    return in_forum and name != known.get("called", known.get("name", ""))


@writing
async def follow_name(tx: Transaction, card: PostCard, name: str, now: datetime) -> None:
    """Record what a question's forum post is called, and redraw its card: that shows the title
    while the name doesn't say all of it."""
    await guilds.lock_server(tx, card.guild_id)
    known: dict[str, str] = json.loads(await places.lock_shown(tx, card.post_id) or "{}")
    shown = json.dumps(known | {"called": name}, sort_keys=True)
    await places.record_place(tx, card.guild_id, card.post_id, shown=shown)
    await outbox.enqueue(tx, card.guild_id, JobKind.CARD, [card.post_id], Priority.REFRESH, now)


async def _ask(tx: Transaction, guild_id: int, question_id: int, now: datetime) -> None:
    await outbox.enqueue(tx, guild_id, JobKind.NAME, [question_id], Priority.REFRESH, now)
