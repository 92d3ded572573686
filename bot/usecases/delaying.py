"""Anonymous posts that appear later, so that the time of a post says nothing of its author.

All of a post waits in a box that only the key opens: see decision 40. No statement has the id of a
member, neither when it is kept nor when it appears or is taken back.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.access import Deed, check_may
from bot.domain.actors import Actor
from bot.domain.errors import Denial, Denied, Missing, NotFound
from bot.domain.policies import Action, check_limit, check_not_blocked, check_points
from bot.domain.review import Wording
from bot.domain.rules import Rules
from bot.domain.sealed import Persona, minute_of, new_number
from bot.sealing import Label, Sealing, Unopened
from bot.usecases import flagging, personas
from bot.usecases.drafts import Draft, Values
from data import guilds, waiting
from data import personas as persona_rows
from data.acting import acting, count_act
from data.database import Database, Transaction, reading, writing
from data.waiting import Waiting

KEPT: Final = timedelta(days=7)
"""How long what couldn't appear is kept for its author."""
LATE: Final = timedelta(days=1)
"""What should have appeared longer ago than this isn't posted: nobody expects it any more."""
_LENGTHS: Final = 4096  # bytes by which boxes may differ
_ID_BYTES: Final = 8
_NEEDS: Final = {Action.QUESTIONS: "ask", Action.ANSWERS: "answer", Action.COMMENTS: "comment"}


class State(StrEnum):
    """What becomes of a post: it waits for its minute; it couldn't appear; or its author is taking
    it back, and hasn't got its words yet. The last two are kept for a while."""

    WAITS = "waits"
    FAILED = "failed"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Delayed:
    """A post on its way: who wrote it, with the points that they had; its form as it was sent, in
    which language, and with which interaction; its author's name in the question. `number` is that
    of the question below which it is to stand. `problem` says why it couldn't appear."""

    user_id: int
    points: int
    form: str
    values: Values
    origin_id: int
    name: str
    locale: str
    number: int | None = None
    state: str = State.WAITS
    problem: str = ""

    @property
    def draft(self) -> Draft:
        """What was typed."""
        return Draft(self.form, self.values)


@dataclass(frozen=True, slots=True)
class Sent:
    """A post that is to appear later: what it is, what its words are, and all of it."""

    action: Action
    wording: Wording
    post: Delayed


@dataclass(frozen=True, slots=True)
class Opened:
    """A post that waits: its row, and what is in it."""

    row_id: int
    guild_id: int
    minute: datetime
    post: Delayed

    def author(self, member: Actor, sealing: Sealing, *, asks: bool) -> Actor:
        """Its author, who is a member now, as the anonymous author of the post. It was counted
        towards their limit when it was sent, and stops to wait as it is written."""
        seal = personas.seal_of(sealing, self.guild_id, self.post.user_id)
        persona = Persona(new_number(), self.post.name, is_asker=asks)
        actor = replace(member, seal=seal, persona=persona, waited=(self.row_id, self.minute))
        return actor.as_persona(self.post.points)

    @property
    def waits(self) -> bool:
        """Whether it is still to appear."""
        return self.post.state == State.WAITS

    def is_late(self, now: datetime) -> bool:
        """Whether it should have appeared so long ago that it isn't posted any more: the bot was
        away, or a backup was put back."""
        return now - self.minute > LATE


# Keeping


@dataclass(frozen=True, slots=True)
class Kept:
    """The row of a post that waits, within how many minutes it appears, and under which name."""

    row_id: int
    minutes: int
    name: str


@writing
async def keep(
    tx: Transaction, sealing: Sealing, actor: Actor, sent: Sent, *, now: datetime
) -> Kept | None:
    """Keep a post of an anonymous author, to appear after a random part of the server's delay.

    The same interaction never makes a second one: None where its post has appeared already. Whoever
    has a name in the question by now keeps it, whatever this one says. Raises `Denied` for whoever
    may not post that now.
    """
    if not actor.is_anonymous:
        raise RuntimeError("what is posted by name doesn't wait")
    guild_id, now, post = actor.guild_id, actor.at(now), sent.post
    rules = await guilds.lock_rules(tx, guild_id, now)
    row_id = _row_id(sealing, guild_id, post)
    minutes = max(1, rules.number("anonymous_delay"))
    before = await waiting.find(tx, guild_id, row_id)
    opened = None if before is None else _opened(sealing, before)
    if opened is not None and opened.waits:
        return Kept(row_id, minutes, opened.post.name)
    origin_id = actor.origin_of(post.origin_id)
    who = await acting(tx, actor, sent.action, now, origin_id=origin_id)
    if who.made is not None:
        return None
    check_not_blocked(who.block, actor, now)
    _check(actor, sent, rules, who.points)
    check_limit(sent.action, who.done, actor.is_moderator, rules, now)
    await count_act(tx, actor, sent.action, now, who)
    if not who.authors.salts and actor.seal is not None:
        await persona_rows.begin_sealing(tx, guild_id, actor.seal)
    post = replace(post, name=await _name_held(tx, sealing, actor, post) or post.name)
    minute = minute_of(now) + timedelta(minutes=1 + secrets.randbelow(minutes))
    row = Waiting(row_id, guild_id, minute, _sealed(sealing, guild_id, row_id, post))
    if before is not None:
        await waiting.drop(tx, [row_id])
    await waiting.add(tx, row)
    return Kept(row_id, minutes, post.name)


async def _name_held(tx: Transaction, sealing: Sealing, actor: Actor, post: Delayed) -> str:
    """The name that whoever posts has in the question: they have written in it, or something of
    theirs waits. It may have come about since they were asked for one."""
    if post.number is None or actor.seal is None:
        return ""
    known = await persona_rows.find(tx, actor.guild_id, post.number, actor.seal)
    if known is not None:
        return known.name
    rows = await waiting.of_server(tx, actor.guild_id)
    found = await tx.compute(_all_opened, sealing, rows)
    return _name_among(found, post.user_id, post.number)


def _name_among(found: Iterable[Opened], user_id: int, number: int) -> str:
    theirs = (each.post for each in found if each.waits and each.post.user_id == user_id)
    return next((post.name for post in theirs if post.number == number), "")


def _check(actor: Actor, sent: Sent, rules: Rules, points: int) -> None:
    personas.check_may_post(actor, rules)
    check_may(actor, Deed.ASK if sent.action is Action.QUESTIONS else Deed.WRITE)
    check_points(_NEEDS[sent.action], points, actor.moderates_post, rules)
    flagging.check_words(actor, sent.wording, rules)


def _row_id(sealing: Sealing, guild_id: int, post: Delayed) -> int:
    """Another number than what stands for the interaction in the post's own row: nobody without the
    key sees which post a row became."""
    made = sealing.handle(Label.WAITING, guild_id, post.user_id, post.origin_id)
    return int.from_bytes(made[:_ID_BYTES]) >> 1


def _sealed(sealing: Sealing, guild_id: int, row_id: int, post: Delayed) -> bytes:
    plain = json.dumps(asdict(post)).encode()
    length = -(-len(plain) // _LENGTHS) * _LENGTHS
    return sealing.seal(Label.WAITING, plain.ljust(length), guild_id, row_id)


def _opened(sealing: Sealing, row: Waiting) -> Opened | None:
    try:
        plain = sealing.open(Label.WAITING, row.box, row.guild_id, row.row_id)
    except Unopened:
        return None
    return Opened(row.row_id, row.guild_id, row.minute, Delayed(**json.loads(plain)))


def _all_opened(sealing: Sealing, rows: Iterable[Waiting]) -> list[Opened]:
    opened = (_opened(sealing, row) for row in rows)
    return [each for each in opened if each is not None]


# What its author sees of it


async def own(db: Database, sealing: Sealing | None, guild_id: int, user_id: int) -> list[Opened]:
    """What waits of a member in a server or couldn't appear, the earliest first."""
    if sealing is None:
        return []
    found = await _opened_in(db, sealing, guild_id)
    return [each for each in found if each.post.user_id == user_id]


async def name_in(
    db: Database, sealing: Sealing | None, guild_id: int, user_id: int, number: int
) -> str:
    """The name under which something of a member waits in a question; empty if nothing does."""
    if sealing is None:
        return ""
    return _name_among(await _opened_in(db, sealing, guild_id), user_id, number)


@reading
async def _opened_in(tx: Transaction, sealing: Sealing, guild_id: int) -> list[Opened]:
    return await tx.compute(_all_opened, sealing, await waiting.of_server(tx, guild_id))


@writing
async def take_back(
    tx: Transaction,
    sealing: Sealing | None,
    guild_id: int,
    user_id: int,
    row_id: int,
    *,
    now: datetime,
) -> Delayed:
    """Stop a post of a member from appearing, and return it. It is kept until `let_go`, so that
    nothing is lost where its words don't reach them. Raises `NotFound(WAITING)` where it isn't
    there any more, or isn't theirs, and `Denied(NO_KEY)`."""
    if sealing is None:
        raise Denied(Denial.NO_KEY)
    if await guilds.lock_known(tx, guild_id) is None:
        raise NotFound(Missing.WAITING)
    row = await waiting.find(tx, guild_id, row_id)
    found = None if row is None else _opened(sealing, row)
    if found is None or found.post.user_id != user_id:
        raise NotFound(Missing.WAITING)
    if found.waits:
        taken = replace(found.post, state=State.TAKEN)
        await _keep_longer(tx, sealing, found, taken, now)
    return found.post


async def _keep_longer(
    tx: Transaction, sealing: Sealing, found: Opened, post: Delayed, now: datetime
) -> None:
    box = _sealed(sealing, found.guild_id, found.row_id, post)
    await waiting.change(tx, found.row_id, minute_of(now) + KEPT, box)


@writing
async def let_go(tx: Transaction, guild_id: int, row_id: int) -> None:
    """Forget a post whose author has its words again."""
    if await guilds.lock_known(tx, guild_id) is not None:
        await waiting.drop(tx, [row_id])


# Appearing


@reading
async def servers_due(tx: Transaction, now: datetime) -> list[int]:
    """The servers in which a post is to appear now, or was kept for long enough."""
    return await waiting.servers_due(tx, now)


async def due(db: Database, sealing: Sealing, guild_id: int, now: datetime) -> list[Opened]:
    """The posts of a server that are to appear now, the earliest first. What nobody can open goes,
    and what was kept for its author for long enough."""
    rows, opened = await _due(db, sealing, guild_id, now)
    found = [each for each in opened if each.waits]
    there = {each.row_id for each in found}
    over = {row.row_id: row.minute for row in rows if row.row_id not in there}
    if over:
        await _end(db, guild_id, over, now)
    return found


@reading
async def _due(
    tx: Transaction, sealing: Sealing, guild_id: int, now: datetime
) -> tuple[list[Waiting], list[Opened]]:
    rows = await waiting.of_server(tx, guild_id, now)
    return rows, await tx.compute(_all_opened, sealing, rows)


@writing
async def _end(tx: Transaction, guild_id: int, over: dict[int, datetime], now: datetime) -> None:
    await guilds.lock_known(tx, guild_id)
    rows = await waiting.of_server(tx, guild_id, now)
    await waiting.drop(tx, [row.row_id for row in rows if over.get(row.row_id) == row.minute])


async def appeared(db: Database, found: Opened) -> None:
    """Forget a post that has appeared, where it didn't go as it was written: the same interaction
    had made it before."""
    if await db.in_read(lambda tx: waiting.find(tx, found.guild_id, found.row_id)) is not None:
        await _end(db, found.guild_id, {found.row_id: found.minute}, found.minute)


@writing
async def could_not_appear(
    tx: Transaction, sealing: Sealing, found: Opened, problem: str, *, now: datetime
) -> None:
    """Keep a post for its author, with why it didn't appear; nothing where it was taken back."""
    if await guilds.lock_known(tx, found.guild_id) is None:
        return
    row = await waiting.find(tx, found.guild_id, found.row_id)
    if row is not None and row.minute == found.minute:
        failed = replace(found.post, state=State.FAILED, problem=problem)
        await _keep_longer(tx, sealing, found, failed, now)


# Sealing anew, and forgetting


async def forget(tx: Transaction, sealing: Sealing | None, guild_id: int, user_id: int) -> None:
    """Let go what waits of a member who is erased, and seal the others' anew; of everybody where
    there is no key. The server's row is locked."""
    if sealing is None:
        await waiting.drop_all(tx, guild_id)
        return
    rows = await waiting.of_server(tx, guild_id)
    opened = await tx.compute(_all_opened, sealing, rows)
    others = [each for each in opened if each.post.user_id != user_id]
    await _seal_anew(tx, sealing, others)
    kept = {each.row_id for each in others}
    await waiting.drop(tx, [row.row_id for row in rows if row.row_id not in kept])


async def _seal_anew(tx: Transaction, sealing: Sealing, found: Iterable[Opened]) -> None:
    boxes = [
        (each.row_id, _sealed(sealing, each.guild_id, each.row_id, each.post)) for each in found
    ]
    await waiting.seal_anew(tx, boxes)


@writing
async def seal_anew(tx: Transaction, sealing: Sealing, guild_id: int) -> None:
    """Seal what waits in a server with the key that seals now."""
    if await guilds.lock_known(tx, guild_id) is not None:
        rows = await waiting.of_server(tx, guild_id)
        await _seal_anew(tx, sealing, await tx.compute(_all_opened, sealing, rows))


async def authors(db: Database, sealing: Sealing | None, guild_id: int) -> frozenset[int]:
    """Whose posts wait in a server."""
    found = [] if sealing is None else await _opened_in(db, sealing, guild_id)
    return frozenset(each.post.user_id for each in found)


@writing
async def drop_shut(tx: Transaction, sealing: Sealing | None, guild_id: int) -> None:
    """Let go what no key opens in a server."""
    if await guilds.lock_known(tx, guild_id) is not None:
        rows = await waiting.of_server(tx, guild_id)
        shut = [row.row_id for row in rows if sealing is None or _opened(sealing, row) is None]
        await waiting.drop(tx, shut)


@reading
async def count_shut(tx: Transaction, sealing: Sealing, guild_id: int) -> int:
    """How much of what waits in a server a key doesn't open."""
    rows = await waiting.of_server(tx, guild_id)
    return len(rows) - len(await tx.compute(_all_opened, sealing, rows))
