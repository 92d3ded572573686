"""How much is new for a member: the small bell that every private reply carries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.rules import Rules
from data import appeals, guilds, inboxes, report_cards
from data.database import Transaction, looking_up
from data.inboxes import NEWS_MAX


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
    """What was found in the database: how much is unread; the server's rules; and by channel (None:
    not shown yet) how many reported posts and appeals wait, if the member may be a moderator.
    `anonymous`: whether anybody has written anonymously there."""

    unread: int
    rules: Rules
    waiting: Mapping[int | None, int] = field(default_factory=dict[int | None, int])
    anonymous: bool = False


@looking_up
async def news_of(
    tx: Transaction,
    guild_id: int,
    user_id: int,
    *,
    channels: Collection[int],
    now: datetime,
    roles: Collection[int] = (),
    keeps: bool = False,
) -> Found:
    """What is new for a member who can read these channels. `keeps` tells whether they have Manage
    Messages anywhere: reports are only looked for if they have, or the moderators' role."""
    unread, anonymous = await inboxes.news(tx, guild_id, user_id, channels, now)
    rules = await guilds.read_rules(tx, guild_id)
    if not keeps and rules.identity("moderator_role") not in roles:
        return Found(unread, rules, anonymous=anonymous)
    waiting = Counter(await report_cards.waiting_homes(tx, guild_id))
    waiting.update(await appeals.waiting_homes(tx, guild_id))
    return Found(unread, rules, waiting, anonymous)
