"""Votes, read and written as sets: a handful of statements for any number of ballots."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Select,
    Text,
    UpdateBase,
    bindparam,
    case,
    cast,
    delete,
    select,
    update,
)
from sqlalchemy.orm import aliased

from bot.domain.blocks import Block
from bot.domain.policies import HOUR, Action, hour_of
from bot.domain.posts import PostKind, PostStatus
from bot.domain.rules import Rules
from bot.domain.voting import REACTIONS, VoteSource
from data import erasures
from data.database import Transaction
from data.models import BlockRow, Guild, HourlyCount, Member, Place, Post, UnwantedReaction, Vote
from data.reactions import Unwanted
from data.statements import ForEach, pairs_table, pairs_value, upsert
from data.types import microseconds


@dataclass(frozen=True, slots=True)
class VotedPost:
    """The facts about a post that voting needs."""

    post_id: int
    guild_id: int
    kind: PostKind
    status: PostStatus
    author_id: int | None
    up: int
    down: int
    channel_id: int | None
    message_id: int | None
    unsure: bool
    """Whether reactions under it may not have been counted yet, because its question is still to be
    compared with Discord."""


@dataclass(slots=True)
class Facts:
    """What a set of ballots is decided by: the rules of their posts' servers; posts; current votes
    and reactions to remove, by post and voter; the points of voters and how often they voted this
    hour, and blocks, also ended ones, by server and voter. `erased` are those who were erased and
    haven't acted since, `known_by` the digests of voters in servers where somebody was."""

    rules: dict[int, Rules] = field(default_factory=dict[int, Rules])
    posts: dict[int, VotedPost] = field(default_factory=dict[int, VotedPost])
    votes: dict[tuple[int, int], tuple[int, VoteSource]] = field(
        default_factory=dict[tuple[int, int], tuple[int, VoteSource]]
    )
    unwanted: set[Unwanted] = field(default_factory=set[Unwanted])
    standing: dict[tuple[int, int], tuple[int, int]] = field(
        default_factory=dict[tuple[int, int], tuple[int, int]]
    )
    blocks: dict[tuple[int, int], Block] = field(default_factory=dict[tuple[int, int], Block])
    erased: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    known_by: dict[tuple[int, int], int] = field(default_factory=dict[tuple[int, int], int])


_question_place = aliased(Place)


@cache
def _facts(dialect: str) -> Select[*tuple[Any, ...]]:
    # One query, spelled out: longer than a function should be, but read from top to bottom.
    asked, unwanted = pairs_table(dialect), UnwantedReaction
    post_id, voter_id = asked.c.a, asked.c.b
    return (
        select(
            Post.id,
            Post.guild_id,
            Post.kind,
            Post.status,
            Post.author_id,
            Post.up_votes,
            Post.down_votes,
            Place.channel_id,
            Place.message_id,
            _question_place.compared < Guild.absences,
            voter_id,
            Vote.value,
            Vote.source,
            unwanted.value,
            Member.points,
            case((HourlyCount.since > bindparam("hour_ago"), HourlyCount.times), else_=0),
            BlockRow.until,
            BlockRow.reason,
            erasures.any_in(Post.guild_id),
            # Read once, however many rows have it.
            cast(Guild.settings, Text),
        )
        .select_from(asked)
        .join(Post, Post.id == post_id)
        .join(Guild, Guild.id == Post.guild_id)
        .outerjoin(Place, Place.post_id == Post.id)
        .outerjoin(_question_place, _question_place.post_id == Post.question_id)
        .outerjoin(Vote, (Vote.post_id == Post.id) & (Vote.voter_id == voter_id))
        .outerjoin(unwanted, (unwanted.post_id == Post.id) & (unwanted.user_id == voter_id))
        .outerjoin(BlockRow, (BlockRow.guild_id == Post.guild_id) & (BlockRow.user_id == voter_id))
        .outerjoin(Member, (Member.guild_id == Post.guild_id) & (Member.user_id == voter_id))
        .outerjoin(
            HourlyCount,
            (HourlyCount.guild_id == Post.guild_id)
            & (HourlyCount.user_id == voter_id)
            & (HourlyCount.action == bindparam("action")),
        )
    )


async def facts_of(tx: Transaction, pairs: Collection[tuple[int, int]], now: datetime) -> Facts:
    """What is known of these posts and voters, in one statement, whose servers' rows are locked.
    Posts that don't exist are left out."""
    given = {"action": Action.VOTES, "hour_ago": hour_of(now) - HOUR} | pairs_value(pairs)
    facts, perhaps = Facts(), set[tuple[int, int]]()
    for row in await tx.rows(_facts(tx.dialect), given):
        post_id, guild_id = row[:2]
        voter_id, value, source, unwanted, points, done, until, why, erasing, settings = row[10:]
        if guild_id not in facts.rules:
            facts.rules[guild_id] = Rules.of(json.loads(settings))
        if post_id not in facts.posts:
            kind, status = PostKind(row[2]), PostStatus(row[3])
            post = VotedPost(post_id, guild_id, kind, status, *row[4:9], unsure=bool(row[9]))
            facts.posts[post_id] = post
        if source is not None:
            facts.votes[post_id, voter_id] = (value, VoteSource(source))
        if unwanted is not None:
            facts.unwanted.add((post_id, voter_id, unwanted))
        facts.standing[guild_id, voter_id] = (points or 0, done)
        if why is not None:
            facts.blocks[guild_id, voter_id] = Block(until, why)
        if erasing:
            perhaps.add((guild_id, voter_id))
    if perhaps:
        await _find_erased(tx, facts, perhaps, now)
    return facts


async def _find_erased(
    tx: Transaction, facts: Facts, perhaps: Collection[tuple[int, int]], now: datetime
) -> None:
    """Find out who of these voters was erased, and the blocks and counts that went on then."""
    facts.known_by = await erasures.digests(tx, perhaps)
    facts.erased = await erasures.still_erased(tx, facts.known_by)
    held = select(BlockRow.guild_id, BlockRow.user_id, BlockRow.until, BlockRow.reason)
    here = BlockRow.guild_id.in_({guild_id for guild_id, _ in facts.known_by})
    rows = await tx.rows(held.where(here, BlockRow.user_id.in_(facts.known_by.values())))
    blocked = {(row[0], row[1]): Block(row[2], row[3]) for row in rows}
    times = await _counted(tx, facts.known_by, now)
    for who, known_by in facts.known_by.items():
        points, done = facts.standing[who]
        facts.standing[who] = (points, done + times.get((who[0], known_by), 0))
        if who not in facts.blocks and (who[0], known_by) in blocked:
            facts.blocks[who] = blocked[who[0], known_by]


async def _counted(
    tx: Transaction, known_by: Mapping[tuple[int, int], int], now: datetime
) -> dict[tuple[int, int], int]:
    """How often who is known by these digests had voted within the hour."""
    rows = await tx.rows(
        select(HourlyCount.guild_id, HourlyCount.user_id, HourlyCount.times).where(
            HourlyCount.guild_id.in_({guild_id for guild_id, _ in known_by}),
            HourlyCount.user_id.in_(known_by.values()),
            HourlyCount.action == Action.VOTES,
            HourlyCount.since > hour_of(now) - HOUR,
        )
    )
    return {(row[0], row[1]): row[2] for row in rows}


@dataclass(frozen=True, slots=True)
class NewVote:
    """A vote to be written."""

    post_id: int
    voter_id: int
    guild_id: int
    value: int
    source: VoteSource
    at: datetime


def _write(dialect: str) -> UpdateBase:
    insert = upsert(dialect, Vote)
    new = insert.excluded
    return insert.on_conflict_do_update(
        index_elements=[Vote.post_id, Vote.voter_id],
        set_={"value": new.value, "source": new.source, "at": new.at},
    )


_WRITE = ForEach(_write)
_CLEAR = ForEach(
    lambda _: delete(Vote).where(
        Vote.post_id == bindparam("post"), Vote.voter_id == bindparam("voter")
    )
)
_SOURCE = ForEach(
    lambda _: (
        update(Vote)
        .where(Vote.post_id == bindparam("post"), Vote.voter_id == bindparam("voter"))
        .values(source=bindparam("came"))
    )
)
_SCORE = ForEach(
    lambda _: (
        update(Post)
        .where(Post.id == bindparam("post"))
        .values(
            up_votes=Post.up_votes + bindparam("up"),
            down_votes=Post.down_votes + bindparam("down"),
            score=Post.score + bindparam("net"),
        )
    )
)


async def write_votes(
    tx: Transaction, votes: Sequence[NewVote], cleared: Collection[tuple[int, int]]
) -> None:
    """Write votes, replacing existing ones, and delete cleared ones."""
    await tx.for_each(
        _WRITE,
        [
            {
                "post_id": v.post_id,
                "voter_id": v.voter_id,
                "guild_id": v.guild_id,
                "value": v.value,
                "source": v.source.value,
                "at": microseconds(v.at),
            }
            for v in votes
        ],
    )
    await tx.for_each(_CLEAR, [{"post": post, "voter": voter} for post, voter in cleared])


async def write_sources(tx: Transaction, sources: Mapping[tuple[int, int], VoteSource]) -> None:
    """Record another source of votes whose value stays the same."""
    rows = [{"post": p, "voter": v, "came": source.value} for (p, v), source in sources.items()]
    await tx.for_each(_SOURCE, rows)


async def write_scores(tx: Transaction, changes: Mapping[int, tuple[int, int]]) -> None:
    """Add to posts' counts of up-votes and down-votes, and to their scores."""
    await tx.for_each(
        _SCORE,
        [
            {"post": post, "up": up, "down": down, "net": up - down}
            for post, (up, down) in changes.items()
        ],
    )


async def votes_of(
    tx: Transaction, post_ids: Collection[int]
) -> dict[int, dict[int, tuple[int, VoteSource]]]:
    """All votes on some posts: post → voter → value and source."""
    found: dict[int, dict[int, tuple[int, VoteSource]]] = {post_id: {} for post_id in post_ids}
    rows = await tx.rows(
        select(Vote.post_id, Vote.voter_id, Vote.value, Vote.source).where(
            Vote.post_id.in_(post_ids)
        )
    )
    for post_id, voter_id, value, source in rows:
        found[post_id][voter_id] = (value, VoteSource(source))
    return found


async def detach_reactions(tx: Transaction, guild_id: int, values: Collection[int]) -> None:
    """Make votes of these values independent of reactions, since their emoji no longer votes. Their
    reactions aren't removed either."""
    await tx.execute(
        delete(UnwantedReaction).where(
            UnwantedReaction.guild_id == guild_id, UnwantedReaction.value.in_(values)
        )
    )
    await tx.execute(
        update(Vote)
        .where(
            Vote.guild_id == guild_id,
            Vote.source.in_(REACTIONS),
            Vote.value.in_(values),
        )
        .values(source=VoteSource.BUTTON)
    )
