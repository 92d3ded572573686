"""What is known of a member who is about to do something, and of the post they do it to, in one
statement. A write that begins with one of these (`begin…`) has its server's row locked.

Of whoever acts anonymously nothing is asked by who they are, since no statement beside theirs may
say that: what counts for or against them is read of all members, and `Actor.seal` picks theirs.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, ScalarSelect, Select, bindparam, func, select

from bot.domain.actors import Actor
from bot.domain.blocks import Block
from bot.domain.cards import PostCard
from bot.domain.policies import HOUR, Action, hour_of
from bot.domain.rules import Rules
from bot.domain.sealed import Seal, is_minute
from data import anonymous, blocks, erasures, members, slots, waiting
from data.cards import card_of_guild, card_of_row
from data.database import Transaction
from data.models import AnonymousSlot, BlockRow, Guild, HourlyCount, Member, Name, Post
from data.personas import NO_AUTHORS, Authors
from data.posts import repeats_question


@dataclass(frozen=True, slots=True)
class Acting:
    """A member who acts: the sum of their ledger; how often they did it within the hour; their name
    and avatar that are stored, or empty; the post that was already made from the same origin; and
    until when and why (None: they aren't) they are or were blocked. `erasures` tells whether
    anybody of the server was erased, `slots` whether anybody acted anonymously within the hour.
    An `anonymous_block` is one that was set from an anonymous post. Where somebody acts
    anonymously, `anonymously` is how often they did it so, and `authors` are those of the question
    that they act on.
    """

    points: int
    done: int
    name: str
    avatar: str
    made: int | None
    block_until: datetime | None = None
    block_reason: str | None = None
    erasures: bool = False
    slots: bool = False
    anonymous_block: bool = False
    anonymously: int | None = None
    authors: Authors = NO_AUTHORS

    @property
    def block(self) -> Block | None:
        """Their block, also one that has ended."""
        if self.block_reason is None:
            return None
        return Block(self.block_until, self.block_reason, self.anonymous_block)

    @property
    def seen_as(self) -> tuple[str, str]:
        """Their stored name and avatar."""
        return self.name, self.avatar


NOBODY: Final = Acting(0, 0, "", "", None)
_KNOWN: Final = len(fields(Acting)) - 3  # without the last three


async def acting(
    tx: Transaction, actor: Actor, action: Action, now: datetime, *, origin_id: int | None = None
) -> Acting:
    """What is known of an actor who is about to do this. `origin_id` is the interaction or message
    from which a post is to be made, if any is."""
    if actor.is_anonymous:
        return await _anonymous(tx, actor, action, now, origin_id)
    row = await tx.row(_acting(), _given(actor, action, now, origin_id))
    who = await _with_slots(tx, actor, action, now, Acting(*row) if row else NOBODY)
    known_by = await _known_by(tx, actor, who)
    return who if known_by is None else await _as_before(tx, actor, action, who, known_by, now)


async def _with_slots(
    tx: Transaction, actor: Actor, action: Action, now: datetime, who: Acting
) -> Acting:
    """A member, with what they did anonymously within the hour."""
    if not who.slots or actor.seal is None:
        return who
    more = await slots.done(tx, actor.guild_id, action, actor.seal, now)
    return replace(who, done=who.done + more)


async def _anonymous(
    tx: Transaction,
    actor: Actor,
    action: Action,
    now: datetime,
    origin_id: int | None,
    question_number: int | None = None,
) -> Acting:
    """What is known of whoever acts anonymously, in a question or (None) elsewhere."""
    seal, points = _standing(actor, now)
    about = anonymous.About(action, now, origin_id, question_number)
    known = await anonymous.known_of(tx, actor.guild_id, seal, about)
    done = known.by_name + known.anonymously
    if actor.waited is not None:  # it was counted before
        done = 0
    here: dict[str, Any] = {"anonymously": known.anonymously, "authors": known.authors}
    who = Acting(points, done, "", "", known.made, **here)
    block = known.block
    if block is None:
        return who
    held: dict[str, Any] = {"block_until": block.until, "block_reason": block.reason}
    return replace(who, **held, anonymous_block=block.anonymous)


def _standing(actor: Actor, now: datetime) -> tuple[Seal, int]:
    """What an anonymous actor brings along. Without it no limit and no block would hold for them,
    and their times would tell who they are. Raises `RuntimeError`."""
    if actor.seal is None or actor.points is None:
        raise RuntimeError("an anonymous actor brings no standing of their own")
    if not is_minute(now):
        raise RuntimeError("an anonymous act has no time but a minute")
    return actor.seal, actor.points


async def count_act(
    tx: Transaction, actor: Actor, action: Action, now: datetime, known: Acting = NOBODY
) -> None:
    """Count that an actor did something, towards their hourly limit. A post that waited was counted
    when it was sent, and stops to wait now. `known` is what the transaction has read of them.
    Raises `NotFound(WAITING)` where it was taken back."""
    if actor.waited is not None:
        await waiting.take(tx, actor.guild_id, *actor.waited)
        return
    if not actor.is_anonymous:
        await members.count_action(tx, action, {(actor.guild_id, actor.user_id): 1}, now)
        return
    seal, _ = _standing(actor, now)
    await slots.take(tx, actor.guild_id, action, seal, now, known.anonymously)


async def _known_by(tx: Transaction, actor: Actor, who: Acting) -> int | None:
    """What an actor was known by if they were erased; None where nobody of the server was."""
    return await erasures.digest(tx, actor.guild_id, actor.user_id) if who.erasures else None


async def _as_before(
    tx: Transaction, actor: Actor, action: Action, who: Acting, known_by: int, now: datetime
) -> Acting:
    """An actor with the block and the count that went on when they were erased."""
    done = select(HourlyCount.times).where(
        HourlyCount.guild_id == actor.guild_id,
        HourlyCount.user_id == known_by,
        HourlyCount.action == action,
        HourlyCount.since > hour_of(now) - HOUR,
    )
    who = replace(who, done=who.done + (await tx.scalar(done) or 0))
    held = await blocks.block_of(tx, actor.guild_id, known_by) if who.block is None else None
    return who if held is None else replace(who, block_until=held.until, block_reason=held.reason)


async def _acts(
    tx: Transaction, actor: Actor, action: Action, who: Acting, now: datetime
) -> Acting:
    """An actor who acts: if they were erased, that is over."""
    known_by = await _known_by(tx, actor, who)
    if known_by is None:
        return who
    await erasures.come_back(tx, actor.guild_id, [known_by])
    return await _as_before(tx, actor, action, who, known_by, now)


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a write begins with: the rules of the server, whose row is locked; the post that it is
    about, None if the server has none such; and who acts."""

    rules: Rules
    card: PostCard | None
    who: Acting = NOBODY


async def begin(
    tx: Transaction,
    actor: Actor,
    action: Action,
    now: datetime,
    *,
    post_id: int,
    origin_id: int | None = None,
) -> Beginning:
    """Begin what an actor does to a post."""
    if actor.is_anonymous:
        begun = await begin_on(tx, actor.guild_id, post_id)
        number = None if begun.card is None else begun.card.number
        who = await _anonymous(tx, actor, action, now, origin_id, number)
        return replace(begun, who=who)
    await tx.lock([actor.guild_id])
    given = {"post": post_id, **_given(actor, action, now, origin_id)}
    row = await tx.row(_with_card(), given)
    if row is None:
        return Beginning(Rules.of({}), None)
    settings, *known = row[-1 - _KNOWN :]
    rules = Rules.of(settings)
    who = await _acts(tx, actor, action, Acting(*known), now)
    who = await _with_slots(tx, actor, action, now, who)
    return Beginning(rules, card_of_row(row, rules), who)


async def begin_on(tx: Transaction, guild_id: int, post_id: int) -> Beginning:
    """Begin what happens to a post, whoever does it."""
    await tx.lock([guild_id])
    row = await tx.row(_card_alone(), {"guild": guild_id, "post": post_id})
    rules = Rules.of({} if row is None else row.settings)
    return Beginning(rules, None if row is None else card_of_row(row, rules))


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about to be asked, compared with the `newest` ones in the channels that its asker
    can read (None: all)."""

    title: str
    body: str
    newest: int
    channels: Collection[int] | None


async def begin_asking(
    tx: Transaction, actor: Actor, asked: Asked, now: datetime, *, origin_id: int
) -> tuple[Beginning, bool]:
    """Begin what an actor asks; with whether it repeats one of the newest questions."""
    await tx.lock([actor.guild_id])
    action, named = Action.QUESTIONS, not actor.is_anonymous
    given: dict[str, Any] = {"guild": actor.guild_id, "user": actor.user_id, "title": asked.title}
    given |= {"body": asked.body, "newest": asked.newest}
    if named:
        given |= _given(actor, action, now, origin_id)
    if asked.channels is not None:
        given["channels"] = list(asked.channels)
    row = await tx.row(_asking(anywhere=asked.channels is None, named=named), given)
    if row is None:
        return Beginning(Rules.of({}), None), False
    settings, repeated, *known = row
    if named:
        who = await _acts(tx, actor, action, Acting(*known), now)
        who = await _with_slots(tx, actor, action, now, who)
    else:
        who = await _anonymous(tx, actor, action, now, origin_id)
    return Beginning(Rules.of(settings), None, who), bool(repeated)


@cache
def _asking(*, anywhere: bool, named: bool) -> Select[*tuple[Any, ...]]:
    known = _known() if named else ()
    query = select(Guild.settings, repeats_question(anywhere=anywhere), *known)
    return query.where(Guild.id == bindparam("guild", type_=BigInteger))


def _given(actor: Actor, action: Action, now: datetime, origin_id: int | None) -> dict[str, Any]:
    return {
        "guild": actor.guild_id,
        "user": actor.user_id,
        "action": action,
        "hour_ago": hour_of(now) - HOUR,
        "hour": hour_of(now),
        "origin": origin_id,
    }


@cache
def _with_card() -> Select[*tuple[Any, ...]]:
    return card_of_guild(*_known())


@cache
def _card_alone() -> Select[*tuple[Any, ...]]:
    return card_of_guild()


@cache
def _acting() -> Select[*tuple[Any, ...]]:
    return select(*_known())


def _known() -> tuple[ColumnElement[Any], ...]:
    """The columns of `Acting`."""
    guild, user = bindparam("guild", type_=BigInteger), bindparam("user", type_=BigInteger)
    origin = bindparam("origin", type_=BigInteger)

    def of_theirs(column: Any, *conditions: Any) -> ScalarSelect[Any]:
        table = column.class_
        mine = (table.guild_id == guild, table.user_id == user)
        # Whatever it stands in: it is about who acts, not about a post's author.
        return select(column).where(*mine, *conditions).correlate(None).scalar_subquery()

    this_hour = (
        HourlyCount.action == bindparam("action"),
        HourlyCount.since > bindparam("hour_ago"),
    )
    made = select(Post.id).where(Post.origin_id == origin, Post.guild_id == guild)
    hour = bindparam("hour", type_=AnonymousSlot.__table__.c.hour.type)
    acted = select(AnonymousSlot.slot).where(
        AnonymousSlot.guild_id == guild, AnonymousSlot.hour == hour
    )
    return (
        func.coalesce(of_theirs(Member.points), 0),
        func.coalesce(of_theirs(HourlyCount.times, *this_hour), 0),
        func.coalesce(of_theirs(Name.name), ""),
        func.coalesce(of_theirs(Name.avatar), ""),
        made.correlate(None).scalar_subquery(),
        of_theirs(BlockRow.until),
        of_theirs(BlockRow.reason),
        erasures.any_in(guild),
        acted.correlate(None).exists(),
    )
