"""Erasing the texts of a member's anonymous posts, each in a minute of its own, over days: if they
went together, everybody could see that they are one person's.

Which posts they are is in a box that only the key opens. All boxes are written anew at each look,
and keep their length, so that two copies of the database don't tell when one of them was needed.
"""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.sealed import minute_of
from bot.i18n import N_, texts_for
from bot.sealing import Label, Sealing, Unopened
from bot.usecases.erasing import let_words_go
from data import forgotten_posts, guilds, late_words, rewriting
from data.database import Database, Transaction, writing
from data.rewriting import Kind
from data.types import EPOCH

_log = logging.getLogger(__name__)

DAYS: Final = 3
"""Over how many days texts go; over more, where there are so many that two would go at once."""
EVERY: Final = timedelta(minutes=5)
"""How often is looked whether a text is due."""
_A_DAY: Final = 200  # posts; there are 288 looks
_LENGTHS: Final = 4096  # bytes by which boxes may differ: some 100 posts
_RANDOM: Final = random.SystemRandom()

TITLE: Final = N_("A deleted question")
BODY: Final = N_("The author had this text deleted.")


@dataclass(frozen=True, slots=True)
class _Plan:
    """Posts of a server whose texts go, each with its minute (counted from 1970)."""

    guild_id: int
    posts: dict[int, int]

    def sealed(self, sealing: Sealing, length: int = 0) -> bytes:
        """The plan in a box, of this length of its contents at least."""
        plain = json.dumps([self.guild_id, list(self.posts.items())]).encode()
        length = max(length, -(-len(plain) // _LENGTHS) * _LENGTHS)
        return sealing.seal(Label.ERASING, plain.ljust(length))

    def due(self, now: datetime) -> int | None:
        """The post that is next, if its minute has come."""
        post_id = min(self.posts, key=lambda each: self.posts[each])
        return post_id if self.posts[post_id] <= _minute(now) else None

    def without(self, post_id: int) -> _Plan | None:
        """What is left of it."""
        left = {each: minute for each, minute in self.posts.items() if each != post_id}
        return _Plan(self.guild_id, left) if left else None


def _minute(now: datetime) -> int:
    return (now - EPOCH) // timedelta(minutes=1)


async def spread(
    tx: Transaction, sealing: Sealing, guild_id: int, posts: Sequence[int], now: datetime
) -> None:
    """Have the texts of these posts erased, each in its own minute."""
    if not posts:
        return
    days = max(DAYS, len(posts) // _A_DAY + 1)
    looks = range(days * timedelta(days=1) // EVERY)
    chosen = _RANDOM.sample(looks, len(posts))
    step = EVERY // timedelta(minutes=1)
    minutes = [_minute(now) + look * step + _RANDOM.randrange(step) for look in chosen]
    made = _Plan(guild_id, dict(zip(posts, minutes, strict=True)))
    await late_words.add(tx, made.sealed(sealing))


async def all_plans(tx: Transaction) -> list[tuple[str, bytes]]:
    """Each plan in its box, with its name."""
    return await late_words.boxes(tx)


async def erase_due(db: Database, sealing: Sealing | None, now: datetime) -> int:
    """Erase the next text of each plan, if it is due; returns how many. Locks nothing if there is
    no plan."""
    if sealing is None:
        return 0
    erased = 0
    for name, box in await db.in_read(all_plans):
        opened = _opened(sealing, box)
        if opened is not None:
            erased += await _go_on(db, sealing, name, opened, minute_of(now))
    if erased:
        await let_words_go(db)
        await db.empty_log()
    return erased


def _opened(sealing: Sealing, box: bytes) -> tuple[_Plan, int] | None:
    """A plan and the length that it keeps."""
    try:
        plain = sealing.open(Label.ERASING, box)
    except Unopened:
        return None
    guild_id, posts = json.loads(plain)
    return _Plan(guild_id, dict(posts)), len(plain)


async def _go_on(
    db: Database, sealing: Sealing, name: str, opened: tuple[_Plan, int], now: datetime
) -> int:
    plan, length = opened
    left: _Plan | None = plan
    post_id = plan.due(now)
    if post_id is not None:
        while await _erase_files(db, plan.guild_id, post_id):
            pass
    async with db.write() as tx:
        rules = await guilds.lock_known(tx, plan.guild_id)
        if rules is None:
            left, post_id = None, None
        if rules is not None and post_id is not None:
            t = texts_for(rules.text("locale"))
            instead = (t(TITLE), t(BODY))
            await forgotten_posts.erase_texts(tx, plan.guild_id, [post_id], instead, now)
            await rewriting.note(tx, Kind.WORDS)
            left = plan.without(post_id)
        await late_words.replace(tx, name, left.sealed(sealing, length) if left else None)
    return int(post_id is not None)


async def _erase_files(db: Database, guild_id: int, post_id: int) -> bool:
    async with db.write() as tx:
        known = await guilds.lock_known(tx, guild_id) is not None
        return known and await forgotten_posts.erase_files(tx, [post_id])


@writing
async def seal_anew(tx: Transaction, sealing: Sealing) -> None:
    """Seal the plans with the key that seals now."""
    for name, box in await late_words.boxes(tx):
        opened = _opened(sealing, box)
        if opened is not None:
            plan, length = opened
            await late_words.replace(tx, name, plan.sealed(sealing, length))
