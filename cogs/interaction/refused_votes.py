"""Reasons why votes by reaction didn't count, told in the voter's next private reply.

A reaction can't get a private reply, and a direct message for each would be too much. So the reason
is added to the next private reply, once. The reasons are stored; those of the newest are in memory
as well, so that a reply needs no query.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import discord

from bot.i18n import Texts
from bot.usecases import refusing
from bot.usecases.refusing import RefusedVote
from cogs.ui.cards import message_link
from cogs.ui.texts import explain

if TYPE_CHECKING:
    from data.database import Database

_log = logging.getLogger(__name__)
_PEOPLE = 10_000  # the newest ones; the last refusal of each member


class RefusedVotes:
    """The last refused reaction of each person in each server."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._kept: dict[tuple[int, int], RefusedVote] = {}

    async def load(self) -> None:
        """Read what an earlier process has stored."""
        for vote in await refusing.kept_refused(self._db, _PEOPLE, discord.utils.utcnow()):
            self._kept.setdefault((vote.guild_id, vote.user_id), vote)

    async def keep(self, vote: RefusedVote) -> None:
        """Keep the reason why a reaction doesn't vote."""
        self.restore(vote)
        await refusing.keep_refused(self._db, vote, discord.utils.utcnow())

    async def forget(self, guild_id: int, user_id: int, message_id: int) -> None:
        """Forget a message: a vote on it counts now."""
        kept = self._kept.get((guild_id, user_id))
        if kept is not None and kept.message_id == message_id:
            del self._kept[guild_id, user_id]
            await refusing.drop_refused(self._db, guild_id, user_id, message_id)

    def add_to(
        self, content: str | None, guild_id: int, user_id: int, t: Texts, room: int
    ) -> tuple[str, RefusedVote | None]:
        """A private reply with the reason added, if it has room; and what it tells. Each reason is
        told once."""
        text, kept = content or "", self._kept.get((guild_id, user_id))
        if kept is None:
            return text, None
        why = explain(kept.why, t)
        if why in text:  # they tried again by a command or button, and read it now
            return text, self._kept.pop((guild_id, user_id))
        link = message_link(guild_id, kept.channel_id, kept.message_id)
        told = t("Your vote on {link} didn't count. {why}", link=link, why=why)
        longer = f"{text}\n\n{told}".strip()
        if len(longer) > room:
            return text, None
        return longer, self._kept.pop((guild_id, user_id))

    def restore(self, vote: RefusedVote) -> None:
        """Keep a reason in memory, also one whose reply has not arrived."""
        self._kept.pop((vote.guild_id, vote.user_id), None)
        self._kept[vote.guild_id, vote.user_id] = vote
        if len(self._kept) > _PEOPLE:
            del self._kept[next(iter(self._kept))]

    async def told(self, vote: RefusedVote) -> None:
        """Forget a reason that has arrived."""
        try:
            await refusing.drop_refused(self._db, vote.guild_id, vote.user_id, vote.message_id)
        except Exception as error:  # it was told, and is told once more after a restart
            if not self._db.is_failure(error):
                _log.exception("a refused vote could not be forgotten")
