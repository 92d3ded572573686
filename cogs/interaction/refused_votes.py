"""Why votes by reaction did not count, until those who gave them read anything of the bot's.

Nobody can be answered privately to a reaction, and a direct message for each would be too much. So
the reason is added to the next private answer. It is kept in memory: after a restart the reaction
that was taken off is all that tells of it.
"""

from __future__ import annotations

from bot.domain.errors import Refusal
from bot.i18n import Texts
from cogs.ui.texts import explain

_PEOPLE = 1_000  # the newest; of each the last refusal


class RefusedVotes:
    """The last refused reaction of each person in each server."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, int], tuple[str, Refusal]] = {}

    def keep(self, guild_id: int, user_id: int, link: str, why: Refusal) -> None:
        """Keep why the reaction to the message behind the link is no vote."""
        self._kept.pop((guild_id, user_id), None)
        self._kept[guild_id, user_id] = link, why
        if len(self._kept) > _PEOPLE:
            del self._kept[next(iter(self._kept))]

    def forget(self, guild_id: int, user_id: int, link: str) -> None:
        """Tell no more of the message behind the link: a vote on it counts by now."""
        if self._kept.get((guild_id, user_id), ("",))[0] == link:
            del self._kept[guild_id, user_id]

    def add_to(self, content: str | None, guild_id: int, user_id: int, t: Texts, room: int) -> str:
        """A private answer with what there is to tell, where it has room for it. What is told once
        is not told again."""
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
