"""Reconciling: taking over what people did in Discord while the bot was away."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.actors import Actor
from bot.domain.cards import PostCard
from bot.domain.errors import Refusal
from bot.domain.outbox import Job, JobKind, Priority
from bot.domain.posts import PostKind, PostStatus
from bot.domain.voting import REACTIONS, Ballot, VoteSource, compare_reactions
from bot.usecases.choosing import choose
from data import absences, cards, consents, guilds, outbox, places, reactions, votes
from data.absences import DueQuestion
from data.database import Database, Transaction, looking_up, reading, writing
from data.reactions import WaitingReaction

MOST = 100  # of a server's most active questions come first


@dataclass(frozen=True, slots=True)
class ThreadToCompare:
    """A question with its answers and comments as shown, and by post the votes and the reactions to
    remove, as (voter, value)."""

    cards: Sequence[PostCard]
    votes: Mapping[int, Mapping[int, tuple[int, VoteSource]]]
    waiting: Mapping[int, Collection[tuple[int, int]]]
    said: Collection[int] = ()
    """The messages in the thread whose deletion deletes an answer, or which have a request for
    consent."""


@writing
async def note_absence(tx: Transaction, guild_ids: Collection[int]) -> None:
    """Have all questions of some servers compared, since events may have been missed.

    Called again before the comparison is over, it has everything compared once more.
    """
    await absences.note_absence(tx, guild_ids)


@reading
async def due_questions(tx: Transaction, guild_id: int, limit: int = 100) -> list[DueQuestion]:
    """The questions to compare next: the most active ones, then all others."""
    return await absences.due_questions(tx, guild_id, MOST, limit)


@writing
async def note_compared(
    tx: Transaction, guild_id: int, compared: Mapping[int, int], now: datetime
) -> None:
    """Record up to which absence questions have been compared."""
    await guilds.lock_rules(tx, guild_id, now)
    await absences.note_compared(tx, compared)


@writing
async def note_channel(
    tx: Transaction, guild_id: int, home_id: int, now: datetime, *, due: bool
) -> None:
    """Have the questions of a channel compared, or skip them while it can't be read."""
    await guilds.lock_rules(tx, guild_id, now)
    await absences.note_channel(tx, guild_id, home_id, due=due)


@reading
async def question_at(tx: Transaction, guild_id: int, place_id: int) -> int | None:
    """The question that a message or a thread belongs to."""
    return await places.question_at(tx, guild_id, place_id)


@reading
async def home_of(tx: Transaction, guild_id: int, question_id: int) -> int | None:
    """The channel of a question."""
    return await places.home_of(tx, guild_id, question_id)


@reading
async def thread_to_compare(tx: Transaction, guild_id: int, question_id: int) -> ThreadToCompare:
    """A question and its visible answers and comments, with where and how they are shown."""
    rules = await guilds.read_rules(tx, guild_id)
    posted = await cards.load_thread(tx, guild_id, question_id, rules)
    shown = [
        card
        for card in posted
        if card.status is PostStatus.VISIBLE and card.place.message_id is not None
    ]
    voted = [card.post_id for card in shown if card.kind is not PostKind.COMMENT]
    known = await votes.votes_of(tx, voted)
    waiting = await reactions.waiting_under(tx, voted)
    said = await places.messages_of(tx, guild_id, question_id)
    thread_id = next((c.place.thread_id for c in shown if c.place.thread_id), None)
    if thread_id is not None:
        said += await consents.asked_in(tx, guild_id, thread_id)
    return ThreadToCompare(shown, known, waiting, said)


@reading
async def reaction_votes(tx: Transaction, card: PostCard) -> dict[int, tuple[int, VoteSource]]:
    """The votes on a post that were given by reaction: voter → value, and the kinds of reaction."""
    known = (await votes.votes_of(tx, [card.post_id]))[card.post_id]
    return {voter: vote for voter, vote in known.items() if vote[1] in REACTIONS}


def missed_ballots(
    card: PostCard,
    thread: ThreadToCompare,
    shown: Mapping[int, Mapping[int, Collection[VoteSource]]],
    voters: Mapping[int, Actor],
    now: datetime,
) -> list[Ballot]:
    """The ballots that make a post's votes agree with the reactions under its card.

    `shown` is value → voter → the kinds of reaction that are there.
    """
    post_id = card.post_id
    found = compare_reactions(thread.votes[post_id], shown, thread.waiting[post_id])
    return [
        Ballot(
            voters.get(each.voter_id) or Actor(card.guild_id, each.voter_id),
            post_id,
            each.value,
            each.source,
            now,
            seen=each.seen,
            unsure=each.both,
        )
        for each in found
    ]


@reading
async def reactions_to_take_off(tx: Transaction, job: Job) -> list[WaitingReaction]:
    """The reactions to remove from a card."""
    return await reactions.waiting_reactions(tx, job.guild_id, job.key)


@looking_up
async def is_to_go(tx: Transaction, waiting: WaitingReaction) -> bool:
    """Whether a reaction still is to be removed: its member may have chosen it again meanwhile."""
    return await reactions.is_waiting(tx, waiting.row)


@writing
async def note_taken_off(tx: Transaction, job: Job, rows: Collection[int]) -> None:
    """Record that reactions were removed."""
    if not rows:
        return
    await guilds.lock_rules(tx, job.guild_id, job.created_at)
    await reactions.taken_off(tx, rows)


async def follow_pin(db: Database, card: PostCard, *, pinned: bool, now: datetime) -> bool:
    """Follow a pin on an answer's card, or its removal; True if that changed the best answer.
    Anybody who may pin in Discord counts as a moderator here."""
    moderator = Actor(guild_id=card.guild_id, user_id=0, is_moderator=True)
    try:
        async with db.write() as tx:
            # In one transaction: a pin recorded without its choice would be removed again.
            choice = await choose(tx, moderator, card.post_id, chosen=pinned, now=now)
            await places.record_place(tx, card.guild_id, card.post_id, pinned=pinned)
    except Refusal:  # deleted meanwhile: there is nothing to choose
        return False
    return choice.changed


@writing
async def offer_votes_again(tx: Transaction, card: PostCard, *, now: datetime) -> None:
    """Have the vote emoji restored under a card after somebody removed them."""
    await guilds.lock_rules(tx, card.guild_id, now)
    marks: dict[str, str] = json.loads(await places.lock_shown(tx, card.post_id) or "{}")
    marks.pop("emoji", None)
    await places.record_place(tx, card.guild_id, card.post_id, shown=json.dumps(marks))
    kind, priority = JobKind.CARD, Priority.REFRESH
    await outbox.enqueue(tx, card.guild_id, kind, [card.post_id], priority, now)
