"""What the bot does from time to time without being asked, for a server or for all of them. As a
rule there is nothing to do, and then one transaction has looked for all of it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot.sealing import Sealing
from bot.usecases import (
    appealing,
    auditing,
    blocking,
    drafts,
    forgetting,
    late_erasing,
    mailing,
    personas,
    queueing,
    reminding,
    sweeping,
    unsealing,
)
from data.database import Database, Transaction

_log = logging.getLogger(__name__)

Look = Callable[[Transaction], Awaitable[object]]
Do = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Chore:
    """`look` finds something to do, or nothing (None: it is done without looking); `do` does it.
    `failed` is what the log says where it could not be done."""

    look: Look | None
    do: Do
    failed: str


async def due(db: Database, chores: Sequence[Chore]) -> Sequence[Chore]:
    """Those of the chores for which there is something to do; all of them where that can't be read,
    so that one that fails keeps none of the others from being done."""

    async def look(tx: Transaction) -> list[Chore]:
        return [each for each in chores if each.look is None or await each.look(tx)]

    try:
        return await db.in_read(look)
    except Exception:
        _log.exception("what is to be done could not be read; each chore looks for itself")
        return chores


def of_server(db: Database, guild_id: int, now: datetime) -> list[Chore]:
    """What is done for a server: others are called to what waits, and askers reminded to choose."""
    acts = (
        (reminding.any_waiting, reminding.find_waiting),
        (reminding.any_to_nudge, reminding.nudge_askers),
        (queueing.any_overdue, queueing.find_overdue),
    )
    return [
        Chore(
            partial(look, guild_id=guild_id, now=now),
            partial(act, db, guild_id, now),
            f"server {guild_id} could not be looked after",
        )
        for look, act in acts
    ]


def of_all(db: Database, sealing: Sealing | None, now: datetime) -> list[Chore]:
    """What is done for all servers together: what has ended is erased, what was begun finished."""
    # One list, longer than a function should be: each line is what is looked for, done, and said.
    acts: tuple[tuple[Look, Do, str], ...] = (
        (
            partial(drafts.any_old, now=now),
            partial(drafts.drop_old_drafts, db, now),
            "old drafts could not be erased",
        ),
        (
            partial(blocking.any_ended, now=now),
            partial(blocking.drop_ended, db, now),
            "blocks that have ended could not be erased",
        ),
        (
            partial(queueing.with_old_claims, now=now),
            partial(queueing.end_claims, db, now),
            "claims could not be ended",
        ),
        (
            partial(appealing.any_old, now=now),
            partial(appealing.drop_old, db, now),
            "old appeals could not be erased",
        ),
        (
            partial(mailing.any_old, now=now),
            partial(mailing.drop_old_notices, db, now),
            "old notices could not be erased",
        ),
        (
            sweeping.all_unfinished,
            partial(sweeping.finish_all, db, now=now),
            "posts of a member are still to be hidden or shown",
        ),
        (
            forgetting.all_unfinished,
            partial(forgetting.finish_all, db, sealing=sealing, now=now),
            "a member's data is still to be erased",
        ),
        (
            late_erasing.all_plans,
            partial(late_erasing.erase_due, db, sealing, now),
            "texts of anonymous posts could not be erased",
        ),
        (
            partial(forgetting.any_old_counts, now=now),
            partial(forgetting.drop_old_counts, db, now=now),
            "old counts could not be erased",
        ),
        (
            partial(auditing.any_old, now=now),
            partial(auditing.drop_old, db, now),
            "old acts could not be erased",
        ),
        (
            partial(personas.any_old, now=now),
            partial(personas.drop_old, db, now),
            "counts of anonymous acts could not be erased",
        ),
        (
            partial(unsealing.any_due, now=now),
            partial(unsealing.end_due, db, now),
            "requests to unseal could not be ended",
        ),
    )
    return [Chore(*act) for act in acts]
