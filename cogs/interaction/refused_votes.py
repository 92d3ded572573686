"""Reasons why votes by reaction didn't count, kept until the voter's next private reply.

A reaction can't get a private reply, and a direct message for each would be too much. So the reason
is added to the next private reply. It is kept in memory: after a restart, the removed reaction is
the only sign.
"""

from __future__ import annotations

from bot.domain.errors import Refusal
from bot.i18n import Texts
from cogs.ui.texts import explain

_PEOPLE = 1_000  # the newest ones; the last refusal of each member


class RefusedVotes:
    """The last refused reaction of each person in each server."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, int], tuple[str, Refusal]] = {}

    def keep(self, guild_id: int, user_id: int, link: str, why: Refusal) -> None:
        """Keep the reason why the reaction to the linked message doesn't vote."""
        self._kept.pop((guild_id, user_id), None)
        self._kept[guild_id, user_id] = link, why
        if len(self._kept) > _PEOPLE:
            del self._kept[next(iter(self._kept))]

    def forget(self, guild_id: int, user_id: int, link: str) -> None:
        """Forget the linked message: a vote on it counts now."""
        if self._kept.get((guild_id, user_id), ("",))[0] == link:
            del self._kept[guild_id, user_id]

    def add_to(self, content: str | None, guild_id: int, user_id: int, t: Texts, room: int) -> str:
        """A private reply with the reason added, if it has room. Each reason is told once."""
        text, kept = content or "", self._kept.get((guild_id, user_id))
        if kept is None:
            return text
        link, why = kept[0], explain(kept[1], t)
        if why in text:  # they tried again by a command or button, and read it now
            del self._kept[guild_id, user_id]
            return text
        told = t("Your vote on {link} didn't count. {why}", link=link, why=why)
        longer = f"{text}\n\n{told}".strip()
        if len(longer) > room:
            return text
        del self._kept[guild_id, user_id]
        return longer
