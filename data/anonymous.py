"""What counts for or against whoever acts anonymously, in one statement that is the same whoever it
is: it reads of all members of a server, and `Seal` picks what is theirs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    CompoundSelect,
    Integer,
    LargeBinary,
    Text,
    bindparam,
    cast,
    literal,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.types import NullType

from bot.domain.blocks import Block
from bot.domain.erasures import is_erased
from bot.domain.policies import HOUR, Action, hour_of
from bot.domain.sealed import Seal
from data import personas, post_blocks
from data.database import Transaction
from data.models import (
    AnonymousSlot,
    BlockRow,
    Guild,
    HourlyCount,
    PersonaRow,
    Post,
    PostBlock,
)
from data.personas import Authors
from data.types import EPOCH, microseconds

_SERVER, _SALT, _COUNT, _SLOT, _BLOCK, _POST_BLOCK, _AUTHOR = range(7)
_NO_ID: Final = cast(null(), BigInteger)
# Drivers give bytes as they are. With a type, each would be made into bytes once more.
_NO_BYTES: Final = type_coerce(cast(null(), LargeBinary), NullType())
_NO_TEXT: Final = cast(null(), Text)


@dataclass(frozen=True, slots=True)
class Known:
    """How often somebody did something within the hour, by name and `anonymously`; the post that
    was already made from the same origin; what keeps them from writing; and the anonymous authors
    of the question that it is about, if it is about one."""

    by_name: int
    anonymously: int
    made: int | None
    block: Block | None
    authors: Authors


@dataclass(frozen=True, slots=True)
class About:
    """What somebody is about to do anonymously: in a question or (None) elsewhere, from an
    interaction if a post is made from it."""

    action: Action
    now: datetime
    origin_id: int | None = None
    question_number: int | None = None


async def known_of(tx: Transaction, guild_id: int, seal: Seal, about: About) -> Known:
    """What is known of a member who is about to do this anonymously."""
    action, hour = about.action, hour_of(about.now)
    given = {
        "guild": guild_id,
        "action": action.value,
        "hour": microseconds(hour),
        "hour_ago": microseconds(hour - HOUR),
        "origin": about.origin_id,
        "question": about.question_number,
    }
    rows: defaultdict[int, list[Any]] = defaultdict(list)
    for row in await tx.rows(_of_all(), given):
        rows[row[0]].append(row)
    made, secret = next(((row[1], row[5]) for row in rows[_SERVER]), (None, None))
    counts = [(row[1], row[4]) for row in rows[_COUNT]]
    before = [row for row in counts if is_erased(row[0])]  # what they did before they were erased
    by_name = (seal.row_of(counts) or 0) + (seal.row_of(before, _bytes(secret)) or 0)
    anonymously = seal.done(action, hour, {row[2] for row in rows[_SLOT]})
    salts = personas.split(rows[_SALT][0][5] if rows[_SALT] else None)
    block = _block(rows, seal, _bytes(secret), about.now)
    authors = Authors(salts, rows[_AUTHOR])
    return Known(by_name, anonymously, made, block, authors)


def _bytes(digits: str | None) -> bytes | None:
    return None if digits is None else bytes.fromhex(digits)


def _block(
    rows: defaultdict[int, list[Any]], seal: Seal, secret: bytes | None, now: datetime
) -> Block | None:
    """Their block, under their id or digest; else one from a post."""
    found = seal.row_of(
        ((row[1], Block(_time(row[4]), row[5])) for row in rows[_BLOCK]),
        secret,
    )
    if found is not None and found.holds(now):
        return found
    blocks = ((row[2], row[3], post_blocks.block(row[4])) for row in rows[_POST_BLOCK])
    return post_blocks.longest(seal.blocked(blocks), now) or found


def _time(at: int | None) -> datetime | None:
    return None if at is None else EPOCH + timedelta(microseconds=at)


@cache
def _of_all() -> CompoundSelect[*tuple[Any, ...]]:
    """Rows of: what it is, an id, two handles, a number, a text."""
    # One query, spelled out: longer than a function should be, but each part is one row's kind.
    guild = bindparam("guild", type_=BigInteger)
    origin = bindparam("origin", type_=BigInteger)
    hour, hour_ago = (bindparam(name, type_=BigInteger) for name in ("hour", "hour_ago"))
    made = select(Post.id).where(Post.origin_id == origin, Post.guild_id == guild)
    none = (_NO_BYTES, _NO_BYTES)
    number = type_coerce(BlockRow.until, BigInteger)
    return union_all(
        select(
            literal(_SERVER, Integer), made.scalar_subquery(), *none, _NO_ID, Guild.erasure_secret
        ).where(Guild.id == guild),
        select(literal(_SALT, Integer), _NO_ID, *none, _NO_ID, Guild.sealing_salt).where(
            Guild.id == guild
        ),
        select(
            literal(_COUNT, Integer),
            HourlyCount.user_id,
            *none,
            cast(HourlyCount.times, BigInteger),
            _NO_TEXT,
        ).where(
            HourlyCount.guild_id == guild,
            HourlyCount.action == bindparam("action"),
            type_coerce(HourlyCount.since, BigInteger) > hour_ago,
        ),
        select(
            literal(_SLOT, Integer), _NO_ID, AnonymousSlot.slot, _NO_BYTES, _NO_ID, _NO_TEXT
        ).where(
            AnonymousSlot.guild_id == guild, type_coerce(AnonymousSlot.hour, BigInteger) == hour
        ),
        select(literal(_BLOCK, Integer), BlockRow.user_id, *none, number, BlockRow.reason).where(
            BlockRow.guild_id == guild
        ),
        select(
            literal(_POST_BLOCK, Integer),
            _NO_ID,
            PostBlock.salt,
            PostBlock.handle,
            cast(PostBlock.until_day, BigInteger),
            _NO_TEXT,
        ).where(PostBlock.guild_id == guild),
        select(
            literal(_AUTHOR, Integer),
            PersonaRow.number,
            PersonaRow.handle,
            _NO_BYTES,
            cast(cast(PersonaRow.is_asker, Integer), BigInteger),  # PostgreSQL has no shorter way
            PersonaRow.name,
        ).where(
            PersonaRow.guild_id == guild,
            PersonaRow.question_number == bindparam("question", type_=Integer),
        ),
    )
