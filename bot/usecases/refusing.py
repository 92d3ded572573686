"""Votes by reaction that were refused: kept until their voters read why in a private reply."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from bot.domain.errors import Denial, Denied
from data import guilds, refused_votes
from data.database import Transaction, writing

LASTS: Final = timedelta(days=30)
_TIME: Final = "time:"  # before a time, among figures
_TIMES: Final = frozenset({"until", "end"})  # what may be one; others are words


@dataclass(frozen=True, slots=True)
class RefusedVote:
    """A member's reaction that doesn't vote, where it was, and why."""

    guild_id: int
    user_id: int
    channel_id: int
    message_id: int
    why: Denied


@writing
async def keep_refused(tx: Transaction, vote: RefusedVote, now: datetime) -> None:
    """Keep a refused vote, in place of the member's last one."""
    await guilds.lock_server(tx, vote.guild_id)
    figures = {name: _packed(value) for name, value in vote.why.data.items()}
    who, place = (vote.guild_id, vote.user_id), (vote.channel_id, vote.message_id)
    await refused_votes.keep(tx, who, place, vote.why.reason.value, figures, now)


@writing
async def drop_refused(tx: Transaction, guild_id: int, user_id: int, message_id: int) -> None:
    """Forget a refused vote: its voter has read why, or has a vote there by now."""
    await guilds.lock_server(tx, guild_id)
    await refused_votes.drop(tx, guild_id, user_id, message_id)


@writing
async def kept_refused(tx: Transaction, limit: int, now: datetime) -> list[RefusedVote]:
    """The newest refused votes whose voters haven't read why, the oldest of them first."""
    await refused_votes.drop_older(tx, now - LASTS)
    known = set(Denial)
    return [
        RefusedVote(
            row.guild_id,
            row.user_id,
            row.channel_id,
            row.message_id,
            Denied(Denial(row.reason), **{n: _unpacked(n, v) for n, v in row.figures.items()}),
        )
        for row in await refused_votes.newest(tx, limit)
        if row.reason in known
    ]


def _packed(value: Any) -> Any:
    return _TIME + value.isoformat() if isinstance(value, datetime) else value


def _unpacked(name: str, value: Any) -> Any:
    if name in _TIMES and isinstance(value, str) and value.startswith(_TIME):
        return datetime.fromisoformat(value.removeprefix(_TIME))
    return value
