"""Reconciling: what people did in Discord while the bot was away, taken over into the forum."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.actors import Actor
from bot.domain.cards import PostCard
from bot.domain.errors import Refusal
from bot.domain.outbox import JobKind, Priority
from bot.domain.posts import PostStatus
from bot.domain.voting import NONE, Ballot, VoteSource
from bot.usecases.choosing import choose
from data import cards, guilds, outbox, posts, votes
from data.database import Database

RECENT = timedelta(days=14)
MOST = 100  # questions looked at in one go


@dataclass(frozen=True, slots=True)
class ThreadToCompare:
    """A question with its answers as they are shown, and their votes by reaction."""

    cards: Sequence[PostCard]
    reactions: Mapping[int, Mapping[int, int]]


async def recent_threads(db: Database, guild_id: int, now: datetime) -> list[int]:
    """The questions worth comparing with Discord: of the last two weeks, the newest first."""
    async with db.read() as tx:
        return await posts.shown_since(tx, guild_id, now - RECENT, MOST)


async def thread_to_compare(db: Database, guild_id: int, question_id: int) -> ThreadToCompare:
    """A question and its visible answers with where and how they are shown."""
    async with db.read() as tx:
        rules = await guilds.read_rules(tx, guild_id)
        posted = await cards.load_thread(tx, guild_id, question_id, rules)
        shown = [
            card
            for card in posted
            if card.status is PostStatus.VISIBLE and card.place.message_id is not None
        ]
        found = await votes.reaction_votes(tx, [card.post_id for card in shown])
    return ThreadToCompare(shown, found)


def missed_ballots(
    post_id: int,
    stored: Mapping[int, int],
    shown: Mapping[int, Collection[int]],
    voters: Mapping[int, Actor],
    guild_id: int,
    now: datetime,
) -> list[Ballot]:
    """The ballots that make a post's reaction votes what Discord shows.

    `stored` is voter → value; `shown` is value → voters whose reaction is there. Who shows both
    reactions keeps the vote that is stored, or else is counted as up.
    """
    up, down = set(shown.get(1, ())), set(shown.get(-1, ()))
    ballots: list[Ballot] = []
    for user_id in sorted(up | down | set(stored)):
        old = stored.get(user_id, NONE)
        values = [v for v, users in ((1, up), (-1, down)) if user_id in users]
        if old in values or (not values and old == NONE):
            continue
        voter = voters.get(user_id) or Actor(guild_id, user_id)
        new = values[0] if values else NONE
        only_if = None if values else old
        ballots.append(Ballot(voter, post_id, new, VoteSource.REACTION, now, only_if))
    return ballots


async def follow_pin(db: Database, card: PostCard, *, pinned: bool, now: datetime) -> bool:
    """Follow a moderator's pin on an answer's card, or its removal; True where that changed the
    best answer. Who may pin in Discord is a moderator here, whoever it was."""
    moderator = Actor(guild_id=card.guild_id, user_id=0, is_moderator=True)
    try:
        async with db.write() as tx:
            # In one go: a pin that is recorded without its choice would be taken off again.
            choice = await choose(tx, moderator, card.post_id, chosen=pinned, now=now)
            await posts.record_place(tx, card.guild_id, card.post_id, pinned=pinned)
    except Refusal:  # deleted meanwhile: then there is nothing to choose
        return False
    return choice.changed


async def offer_votes_again(db: Database, card: PostCard, *, now: datetime) -> None:
    """Have the vote emoji put back under a card after somebody cleared its reactions."""
    async with db.write() as tx:
        await guilds.lock_server(tx, card.guild_id)
        marks: dict[str, str] = json.loads(await posts.lock_shown(tx, card.post_id) or "{}")
        marks.pop("emoji", None)
        await posts.record_place(tx, card.guild_id, card.post_id, shown=json.dumps(marks))
        kind, priority = JobKind.CARD, Priority.REFRESH
        await outbox.enqueue(tx, card.guild_id, kind, [card.post_id], priority, now)
