"""Who members are where they write anonymously: the only place where a member's id and the key
meet.

What is done under a persona knows the member as a `MemberSeal`, which finds what is theirs and
doesn't say who they are. See decision 36.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from random import SystemRandom
from typing import Final, NoReturn

from bot.domain.actors import Actor
from bot.domain.erasures import digest_of
from bot.domain.errors import Denial, Denied, Invalid, Problem
from bot.domain.personas import NAME_MAX, NAME_MIN, NameFault, chosen_name, fault_of, new_name
from bot.domain.rules import Rules
from bot.domain.sealed import Persona, T, new_number
from bot.domain.typed import letters_length
from bot.sealing import HANDLE_BYTES, Label, Sealing, Unopened, blank
from data import guilds, key_check, members, newest_posts, personas, post_blocks, slots
from data.database import Database, Transaction, looking_up, reading

SMALL: Final = 20
"""Members who write within a month: where there are fewer, style and hour tell more than a key."""
MONTH: Final = timedelta(days=30)
_ID_BYTES: Final = 8
_RANDOM: Final = SystemRandom()


class MemberSeal:
    """A member of a server, and the installation's keys. It shows neither, and can't be pickled or
    copied."""

    __slots__ = ("_guild_id", "_sealing", "_user_id")

    def __init__(self, sealing: Sealing, guild_id: int, user_id: int) -> None:
        self._sealing = sealing
        self._guild_id = guild_id
        self._user_id = user_id

    def __repr__(self) -> str:
        return "<MemberSeal>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("who acts anonymously is never written anywhere")

    @property
    def check(self) -> bytes:
        """See `Seal.check`."""
        return self._sealing.check

    def handles(self, salt: bytes, question_number: int) -> tuple[bytes, ...]:
        """See `Seal.handles`."""
        return self._sealing.handles(Label.PERSONA, salt, self._user_id, question_number)

    def handles_in(self, salt: bytes, question_numbers: Iterable[int]) -> Iterable[bytes]:
        """See `Seal.handles_in`."""
        about = (salt, self._user_id)
        made = self._sealing.handle_each(Label.PERSONA, *about, last=question_numbers)
        return chain.from_iterable(made)

    def closed(self, salt: bytes, question_number: int, number: int) -> tuple[bytes, bytes]:
        """See `Seal.closed`."""
        handle = self._sealing.handle(Label.PERSONA, salt, self._user_id, question_number)
        plain = self._user_id.to_bytes(_ID_BYTES)
        about = (self._guild_id, question_number, number)
        return handle, self._sealing.seal(Label.AUTHOR, plain, *about)

    def done(self, action: str, hour: datetime, taken: Collection[bytes]) -> int:
        """See `Seal.done`."""
        # Places are taken one after the other: the first free one is found by halving.
        below, above = 0, 1
        while taken and self._is_taken(action, hour, above, taken):
            below, above = above, above * 2
        while above - below > 1:
            middle = (below + above) // 2
            if self._is_taken(action, hour, middle, taken):
                below = middle
            else:
                above = middle
        return below

    def _is_taken(self, action: str, hour: datetime, place: int, taken: Collection[bytes]) -> bool:
        return any(slot in taken for slot in self._slots(action, hour, place))

    def slot(self, action: str, hour: datetime, place: int) -> bytes:
        """See `Seal.slot`."""
        return self._slots(action, hour, place)[0]

    def _slots(self, action: str, hour: datetime, place: int) -> tuple[bytes, ...]:
        who = (self._guild_id, self._user_id)
        return self._sealing.handles(Label.LIMIT, *who, str(action), int(hour.timestamp()), place)

    def row_of(self, rows: Iterable[tuple[int, T]], secret: bytes | None = None) -> T | None:
        """See `Seal.row_of`."""
        found = dict(rows)
        if self._user_id in found or secret is None:
            return found.get(self._user_id)
        return found.get(digest_of(secret, self._guild_id, self._user_id))

    def origin(self, origin_id: int) -> int:
        """See `Seal.origin`."""
        handle = self._sealing.handle(Label.ORIGIN, self._guild_id, self._user_id, origin_id)
        return int.from_bytes(handle[:_ID_BYTES]) >> 1

    def block(self, salt: bytes) -> bytes:
        """See `Seal.block`."""
        return self._sealing.handle(Label.BLOCK, self._guild_id, self._user_id, salt)

    def blocked(self, blocks: Iterable[tuple[bytes, bytes, T]]) -> list[T]:
        """See `Seal.blocked`."""
        who = (self._guild_id, self._user_id)
        return [
            block
            for salt, handle, block in blocks
            if self._sealing.has_handle(handle, Label.BLOCK, *who, salt)
        ]

    def owners(self) -> tuple[bytes, ...]:
        """See `Seal.owners`."""
        return self._sealing.handles(Label.INBOX, self._guild_id, self._user_id)

    def sealed(self, plain: bytes) -> bytes:
        """See `Seal.sealed`."""
        return self._sealing.seal(Label.INBOX, plain, self._guild_id, self._user_id)

    def unsealed(self, box: bytes) -> bytes | None:
        """See `Seal.unsealed`."""
        try:
            return self._sealing.open(Label.INBOX, box, self._guild_id, self._user_id)
        except Unopened:
            return None


class Opening:
    """Whoever has the key opens boxes with it: see `data.personas.Opener`. Without it, none."""

    def __init__(self, sealing: Sealing | None) -> None:
        self._sealing = sealing

    def opened(self, guild_id: int, question_number: int, number: int, box: bytes) -> int | None:
        """See `Opener.opened`."""
        if self._sealing is None:
            return None
        try:
            plain = self._sealing.open(Label.AUTHOR, box, guild_id, question_number, number)
        except Unopened:
            return None
        return int.from_bytes(plain)

    def seal_of(self, guild_id: int, user_id: int) -> MemberSeal:
        """What a member is found by whom a box named."""
        if self._sealing is None:
            raise RuntimeError("without a key no box names anybody")
        return MemberSeal(self._sealing, guild_id, user_id)


def opening(sealing: Sealing | None) -> Opening | None:
    """Whoever opens boxes; None without a key."""
    return None if sealing is None else Opening(sealing)


class Renewing:
    """Seals anonymous authors anew: see `data.personas.Renewer`. Of whoever is `gone`, and where no
    key opens the box, nothing is left but random bytes: which of both it was shows nowhere."""

    def __init__(self, sealing: Sealing | None, gone: int | None = None) -> None:
        self._sealing = sealing
        self._gone = gone

    def renewed(
        self, guild_id: int, salt: bytes, question_number: int, number: int, box: bytes | None
    ) -> tuple[bytes, bytes | None]:
        """See `Renewer.renewed`."""
        if box is None:
            return os.urandom(HANDLE_BYTES), None
        user_id = Opening(self._sealing).opened(guild_id, question_number, number, box)
        if self._sealing is not None and user_id is not None and user_id != self._gone:
            seal = MemberSeal(self._sealing, guild_id, user_id)
            return seal.closed(salt, question_number, number)
        return os.urandom(HANDLE_BYTES), blank(box)


def seal_of(sealing: Sealing | None, guild_id: int, user_id: int) -> MemberSeal | None:
    """What a member is known by where something anonymous is done; None without a key."""
    return None if sealing is None else MemberSeal(sealing, guild_id, user_id)


@looking_up
async def key_in_use(tx: Transaction) -> bytes | None:
    """What the key with which something was sealed here is recognised by; None where nothing
    was."""
    return await key_check.read(tx)


async def without_row(db: Database) -> int:
    """How many numbers of anonymous authors have no row, in all servers."""
    found = 0
    for guild_id in await db.in_read(guilds.known_guilds):
        found += len(await db.in_read(partial(personas.unknown, guild_id=guild_id)))
    return found


# Before an act


@looking_up
async def persona_in(tx: Transaction, actor: Actor, question_number: int) -> Persona | None:
    """Who a member is in a question, if they have written anonymously there."""
    if actor.seal is None:
        return None
    return await personas.find(tx, actor.guild_id, question_number, actor.seal)


@looking_up
async def anonymous(tx: Transaction, actor: Actor) -> Actor:
    """A member as the persona that they have in the post's question."""
    return actor.as_persona(await members.points_of(tx, actor.guild_id, actor.user_id))


async def author(db: Database, actor: Actor, name: str = "", *, asks: bool = False) -> Actor:
    """A member as the anonymous author of a post that they are about to write: `settle` finds out
    whether they have a persona in its question already. Else their name there is the chosen one, or
    (empty) made for them. Raises `Denied(NO_KEY)`."""
    if actor.seal is None:
        raise Denied(Denial.NO_KEY, manager=actor.is_manager)
    new = Persona(new_number(), chosen_name(name), is_asker=asks)
    return await anonymous(db, replace(actor, persona=new))


@dataclass(frozen=True, slots=True)
class NameOffer:
    """The name under which a member would post: the one they have in the question, which stays, or
    one made at random. `taken` are those of its other anonymous authors."""

    name: str
    stays: bool
    taken: tuple[str, ...] = ()


async def name_offered(db: Database, actor: Actor, question_number: int | None) -> NameOffer:
    """The name to offer. Raises `Denied(NO_KEY)`."""
    if actor.seal is None:
        raise Denied(Denial.NO_KEY, manager=actor.is_manager)
    if question_number is not None:
        known = await persona_in(db, actor, question_number)
        if known is not None:
            return NameOffer(known.name, stays=True)
    locale, taken = await _taken(db, actor.guild_id, question_number)
    return NameOffer(new_name(_RANDOM, locale, taken), stays=False, taken=taken)


@looking_up
async def _taken(
    tx: Transaction, guild_id: int, question_number: int | None
) -> tuple[str, tuple[str, ...]]:
    rules = await guilds.read_rules(tx, guild_id)
    if question_number is None:
        return rules.text("locale"), ()
    known = await personas.known_in(tx, guild_id, question_number)
    return rules.text("locale"), known.names


@dataclass(frozen=True, slots=True)
class Way:
    """What somebody has to know before they post anonymously: the name that is offered; whether
    they never did so in this server (`first`); and whether so few wrote in it lately that they can
    be guessed (`small`)."""

    offer: NameOffer
    first: bool = False
    small: bool = False


async def way_to_post(
    db: Database, actor: Actor, question_number: int | None, now: datetime
) -> Way:
    """The way of a member to an anonymous post: there is nothing more to be said to whoever has a
    name in the question already. Raises `Denied(NO_KEY)`."""
    offer = await name_offered(db, actor, question_number)
    if offer.stays:
        return Way(offer)
    first, small = await _warnings(db, actor, now)
    return Way(offer, first, small)


@reading
async def _warnings(tx: Transaction, actor: Actor, now: datetime) -> tuple[bool, bool]:
    numbers = await personas.numbers_of(tx, actor.guild_id, actor.seal)
    writers = await newest_posts.recent_writers(tx, actor.guild_id, now - MONTH, SMALL)
    return not numbers, writers < SMALL


def check_name(typed: str, others: Iterable[str]) -> str:
    """A chosen name as it is stored. `others` are those it must not be taken for: see
    `bot.domain.personas.fault_of`. Raises `Invalid("name", …)`."""
    name = chosen_name(typed)
    match fault_of(name, others):
        case None:
            return name
        case NameFault.TOO_SHORT:
            raise Invalid("name", Problem.EMPTY, minimum=NAME_MIN, length=letters_length(name))
        case NameFault.TOO_LONG:
            raise Invalid("name", Problem.TOO_LONG, maximum=NAME_MAX, length=len(name))
        case NameFault.MARKUP:
            raise Invalid("name", Problem.NAME_MARKUP)
        case NameFault.LINK:
            raise Invalid("name", Problem.NAME_LINK)
        case NameFault.LOOKS_LIKE_ANOTHER:
            raise Invalid("name", Problem.NAME_TAKEN)


# Within the transaction of a post


def check_may_post(actor: Actor, rules: Rules) -> None:
    """Refuse new anonymous posts where the server has none. Raises `Denied(ANONYMOUS_OFF)`."""
    if actor.is_anonymous and not rules.on("anonymous"):
        raise Denied(Denial.ANONYMOUS_OFF)


async def settle(
    tx: Transaction, actor: Actor, question_number: int, rules: Rules, known: personas.Authors
) -> Actor:
    """Whoever posts in a question, as they are from now on in it: an anonymous author is written
    with their first post there. If they have posted there meanwhile, they are who they were then.
    `known` are its anonymous authors, of a new question none. The server's row is locked. Raises
    `Invalid("name", …)`."""
    if not actor.is_anonymous or actor.persona is None or actor.seal is None:
        return actor
    found = personas.of_member(known, question_number, actor.seal)
    if found is not None:
        return replace(actor, user_id=found.number, name=found.name, persona=found)
    name, taken = actor.persona.name, known.names
    name = check_name(name, taken) if name else new_name(_RANDOM, rules.text("locale"), taken)
    new = replace(actor.persona, name=name)
    salt = next(iter(known.salts), None)
    await personas.write(tx, actor.guild_id, question_number, new, actor.seal, salt)
    return replace(actor, name=name, persona=new)


# Afterwards


async def any_old(tx: Transaction, now: datetime) -> bool:
    """Whether there is what limits don't need any more, or a block that has ended."""
    return await slots.any_old(tx, now) or await post_blocks.any_ended(tx, now)


async def drop_old(db: Database, now: datetime) -> None:
    """Erase what limits don't need any more, and blocks that have ended. Locks nothing if there is
    none."""
    if await db.in_read(lambda tx: slots.any_old(tx, now)):
        async with db.write() as tx:
            await slots.drop_old(tx, now)
    if await db.in_read(lambda tx: post_blocks.any_ended(tx, now)):
        async with db.write() as tx:
            await post_blocks.drop_ended(tx, now)
