"""How much is new for a member: the small bell that every private reply carries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.rules import Rules
from data import appeals, guilds, inboxes, report_cards
from data.database import Transaction, looking_up
from data.inboxes import NEWS_MAX, NOWHERE


@dataclass(frozen=True, slots=True)
class News:
    """What is new for a member: `unread` is how much in their inbox, at most `NEWS_MAX`; `reports`
    how many reported posts and appeals wait for them as a moderator, where reports reach no
    channel.

    What else the bell may tell of is to be a field here, with its default.
    """

    unread: int = 0
    reports: int = 0

    @property
    def count(self) -> int:
        """How much there is in all."""
        return self.unread + self.reports

    @property
    def is_any(self) -> bool:
        """Whether there is anything to tell."""
        return self.count > 0

    @property
    def is_more(self) -> bool:
        """Whether there may be more than was counted."""
        return self.unread >= NEWS_MAX


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in the database: in which channels the unread posts of a member stand (see
    `inboxes.news`), whether a report or an appeal waits for any moderator, the server's rules, and
    whether anybody has written anonymously there."""

    homes: Sequence[int | None]
    waiting: bool
    rules: Rules
    anonymous: bool = False

    def unread(self, can_read: Callable[[int | None], bool]) -> int:
        """How much of it the member may read, at most `NEWS_MAX`."""
        asked = {home: home == NOWHERE or can_read(home) for home in set(self.homes)}
        return min(NEWS_MAX, sum(asked[home] for home in self.homes))


async def look_for_news(tx: Transaction, guild_id: int, user_id: int, now: datetime) -> Found:
    """What is new for a member, in a transaction."""
    homes, waiting, anonymous = await inboxes.news(tx, guild_id, user_id, now)
    return Found(homes, waiting, await guilds.read_rules(tx, guild_id), anonymous)


@looking_up
async def news_of(tx: Transaction, guild_id: int, user_id: int, *, now: datetime) -> Found:
    """What is new for a member."""
    return await look_for_news(tx, guild_id, user_id, now)


@looking_up
async def waiting_in(tx: Transaction, guild_id: int) -> Mapping[int | None, int]:
    """How many reported posts and appeals wait, by channel (None: not shown yet)."""
    waiting = Counter(await report_cards.waiting_homes(tx, guild_id))
    waiting.update(await appeals.waiting_homes(tx, guild_id))
    return waiting
