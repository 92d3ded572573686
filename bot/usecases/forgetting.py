"""Erasing what is kept of a member: what it is about, asking for it, and doing it in portions.

Others wait for milliseconds, and what is cut off goes on where it was: each portion records in its
own transaction how far it is. A vote stays as a nameless voter's, so that no figure changes but
those of the member.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.domain.erasures import Erasing, Outlook
from bot.domain.outbox import Cause
from bot.domain.rules import Rules
from bot.i18n import texts_for
from bot.sealing import Sealing
from bot.usecases import delaying, late_erasing
from bot.usecases.erasing import let_words_go
from bot.usecases.late_erasing import BODY, TITLE
from bot.usecases.personas import Renewing, seal_of
from bot.usecases.resealing import PORTION
from data import (
    claims,
    counting,
    erasures,
    forgetting,
    forgotten_posts,
    guilds,
    late_words,
    personas,
    refreshes,
)
from data.database import Database, Transaction, reading, writing

_ROWS: Final = 200  # of the member's own, in one transaction
_POSTS: Final = 50
_TEXTS: Final = 12  # SQLite takes up to 5 ms for each that leaves the index
_LOOKED_AT: Final = 2_000  # rows of all members, of which few are about this one


@reading
async def outlook(tx: Transaction, guild_id: int, user_id: int) -> Outlook:
    """What erasing a member's data in a server would be about."""
    return await forgetting.outlook(tx, guild_id, user_id)


@writing
async def begin(
    tx: Transaction, guild_id: int, user_id: int, *, texts: bool, now: datetime
) -> None:
    """Note that a member wants their data in a server erased, with the texts of their posts or
    without. `finish` does it."""
    await guilds.lock_rules(tx, guild_id, now)
    await erasures.begin(tx, Erasing(guild_id, user_id, texts), now)


async def finish(
    db: Database, guild_id: int, user_id: int, *, sealing: Sealing | None, now: datetime
) -> None:
    """Erase a member's data, portion by portion. Two at once do nothing twice.

    Without the key, nobody's anonymous posts in the server are theirs any more."""
    over = False
    while not over:
        while await go_on(db, guild_id, user_id, sealing=sealing, now=now):
            pass
        # If it is cut off here, it isn't over yet, and this is done again.
        await let_words_go(db)
        over = await _end(db, guild_id, user_id, now=now)
    await db.empty_log()


async def all_unfinished(tx: Transaction) -> list[tuple[int, int]]:
    """The erasures that aren't over, as (server, member)."""
    return await erasures.unfinished(tx)


async def finish_all(db: Database, *, sealing: Sealing | None, now: datetime) -> int:
    """Finish the erasures that a process which ended has begun; returns how many."""
    unfinished = await db.in_read(all_unfinished)
    for guild_id, user_id in unfinished:
        await finish(db, guild_id, user_id, sealing=sealing, now=now)
    return len(unfinished)


async def any_old_counts(tx: Transaction, now: datetime) -> bool:
    """Whether there are counts of what members who were erased did within an hour that is over."""
    return await forgetting.any_old_counts(tx, now)


async def drop_old_counts(db: Database, *, now: datetime) -> None:
    """Erase what members who were erased did within an hour that is over. Locks nothing if there is
    none of it, as is usual."""
    if await db.in_read(lambda tx: any_old_counts(tx, now)):
        await db.in_write(lambda tx: forgetting.drop_old_counts(tx, now))


@dataclass(frozen=True, slots=True)
class _Portion:
    """A portion of an erasure: whose, by what digest, by which rules, and when."""

    job: Erasing
    known_by: int
    rules: Rules
    sealing: Sealing | None
    now: datetime

    @property
    def who(self) -> tuple[int, int]:
        return self.job.guild_id, self.job.user_id


# A portion of a step: up to which row it is done then; None once all of the step is.
_Step = Callable[[Transaction, _Portion], Awaitable[int | None]]


@writing
async def go_on(
    tx: Transaction, guild_id: int, user_id: int, *, sealing: Sealing | None, now: datetime
) -> bool:
    """Do a portion of an erasure; False once there is nothing left to do but to end it."""
    rules = await guilds.lock_rules(tx, guild_id, now)
    job = await erasures.job_of(tx, guild_id, user_id)
    if job is None or job.step == len(_STEPS):
        return False
    known_by = await erasures.digest(tx, guild_id, user_id)
    if known_by is None:
        raise RuntimeError("an erasure without its digest")
    after = await _STEPS[job.step](tx, _Portion(job, known_by, rules, sealing, now))
    await _save(tx, job, after)
    return True


async def _save(tx: Transaction, job: Erasing, after: int | None) -> None:
    if after is not None:
        await erasures.save(tx, replace(job, after=after))
    else:
        await erasures.save(tx, replace(job, step=job.step + 1, after=0))


@writing
async def _end(tx: Transaction, guild_id: int, user_id: int, *, now: datetime) -> bool:
    """Forget an erasure that is done; False where it was begun anew meanwhile."""
    await guilds.lock_rules(tx, guild_id, now)
    job = await erasures.job_of(tx, guild_id, user_id)
    if job is not None and job.step < len(_STEPS):
        return False
    if job is not None:
        await erasures.end(tx, job)
    return True


def _again(more: bool) -> int | None:
    """The next portion of a step that takes away what it finds."""
    return 0 if more else None


async def _few(tx: Transaction, it: _Portion) -> int | None:
    await claims.forget(tx, *it.who, it.now)
    await delaying.forget(tx, it.sealing, *it.who)
    await forgetting.forget_few(tx, *it.who)
    await forgetting.forget_counts(tx, *it.who, it.known_by, it.now)
    return None


async def _files(tx: Transaction, it: _Portion) -> int | None:
    return _again(await forgetting.forget_files(tx, *it.who))


async def _inbox(tx: Transaction, it: _Portion) -> int | None:
    return _again(await forgetting.forget_inbox(tx, *it.who, _ROWS))


async def _follows(tx: Transaction, it: _Portion) -> int | None:
    return _again(await forgetting.forget_follows(tx, *it.who, _ROWS))


async def _posts(tx: Transaction, it: _Portion) -> int | None:
    """Texts first, and whose they are in the next portion: half as long for those who wait."""
    guild_id, upto = it.job.guild_id, it.job.after
    limit = _TEXTS if it.job.texts else _POSTS
    ids = await forgotten_posts.next_posts(tx, *it.who, limit)
    if not ids:
        return None
    if it.job.texts and not upto:
        if await forgotten_posts.erase_files(tx, ids):
            return 0
        t = texts_for(it.rules.text("locale"))
        instead = (t(TITLE), t(BODY))
        await forgotten_posts.erase_texts(tx, guild_id, ids, instead, it.now)
        return max(ids)
    # One that was written since has a higher id, and its text.
    await forgotten_posts.disown(tx, guild_id, [i for i in ids if i <= upto or not upto])
    return 0


async def _votes(tx: Transaction, it: _Portion) -> int | None:
    return _again(await forgetting.forget_votes(tx, *it.who, _ROWS, it.now))


async def _hand(tx: Transaction, it: _Portion) -> int | None:
    ids = await counting.post_ids(tx, it.job.guild_id, it.job.after, _LOOKED_AT)
    if ids:
        await forgotten_posts.forget_hand(tx, *it.who, ids, words=it.job.texts)
        await forgotten_posts.forget_reports(tx, *it.who, it.known_by, ids, it.now)
    return _up_to(ids)


async def _acts(tx: Transaction, it: _Portion) -> int | None:
    ids = await forgetting.acts(tx, it.job.guild_id, it.job.after, _LOOKED_AT)
    if ids:
        await forgetting.forget_acts(tx, *it.who, ids)
    return _up_to(ids)


def _up_to(ids: Sequence[int]) -> int | None:
    return ids[-1] if len(ids) == _LOOKED_AT else None


async def _elsewhere(tx: Transaction, it: _Portion) -> int | None:
    await forgetting.forget_elsewhere(tx, *it.who, it.now)
    await forgetting.forget_block(tx, *it.who, it.known_by, it.now)
    await forgetting.forget_appeals(tx, *it.who, it.known_by, it.now)
    return None


async def _rest(tx: Transaction, it: _Portion) -> int | None:
    """Points, and the cards: those that don't name the member cost no request."""
    await forgetting.settle_points(tx, *it.who)
    await refreshes.start(tx, it.job.guild_id, Cause.POSTS, "", it.now)
    await refreshes.start(tx, it.job.guild_id, Cause.REPORTS, "", it.now)
    return None


async def _authors(tx: Transaction, it: _Portion) -> int | None:
    """Seal all anonymous authors of the server anew, but the member, whom nobody finds any more.

    One erasure after the other: of two at once, the rows that one of them hasn't reached yet would
    tell which were replaced by the other. So a portion of the one that has begun goes first.
    """
    job = await erasures.amid(tx, it.job.guild_id, erasures.LAST_STEP) or it.job
    if not job.after:
        if job.texts:
            await _plan_texts(tx, it)
        if await personas.begin_renewal(tx, job.guild_id) is None:
            return None
    renewing = Renewing(it.sealing, job.user_id)
    upto = await personas.renew(tx, job.guild_id, job.after, PORTION, renewing)
    if upto is None:
        await personas.end_renewal(tx, job.guild_id)
    if job == it.job:
        return upto
    await _save(tx, job, upto)
    return 0


async def _plan_texts(tx: Transaction, it: _Portion) -> None:
    if it.sealing is None:
        return
    numbers = await personas.numbers_of(tx, it.job.guild_id, seal_of(it.sealing, *it.who))
    posts = await late_words.posts_of(tx, it.job.guild_id, numbers)
    await late_erasing.spread(tx, it.sealing, it.job.guild_id, posts, it.now)


_STEPS: Final[tuple[_Step, ...]] = (
    _few,
    _files,
    _inbox,
    _follows,
    _posts,
    _votes,
    _hand,
    _acts,
    _elsewhere,
    _rest,
    _authors,
)
