"""What members are told: in their inbox, and by direct message where they asked for that."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.cards import PostCard


class NoticeKind(StrEnum):
    """Why somebody is told of a post."""

    ANSWERED = "answered"
    CHOSEN = "chosen"
    COMMENTED = "commented"
    ASKED = "asked"
    NUDGE = "nudge"
    POSTED = "posted"
    SAVED = "saved"


RECEIPTS = (NoticeKind.POSTED, NoticeKind.SAVED)
"""What one did oneself: a post, or something to a post. One is told where the reply was not."""


class Act(StrEnum):
    """What was done besides writing: each by a command that does it, or shows how it stands."""

    HIDE = "hide"
    SHOW = "show"
    DISMISS = "queue"
    DELETE = "delete"
    FOLLOW = "follow"
    UNFOLLOW = "unfollow"
    NOTIFICATIONS = "notifications"
    SETTING = "settings show"
    SET_UP = "setup"
    CATEGORY = "category list"
    SYNONYM = "tag list"
    BONUS = "bonus"


class FollowKind(StrEnum):
    """What can be followed."""

    QUESTION = "question"
    CATEGORY = "category"
    TAG = "tag"
    MEMBER = "member"


class Digest(StrEnum):
    """How often a member wants a summary."""

    OFF = "off"
    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True)
class Preferences:
    """How a member wants to be told of things.

    Hours are 0-23 of the day in `timezone`, an IANA name; `quiet_from` to `quiet_to` no direct
    message is sent (None: no quiet hours). `by_message` is for what one follows: what one ticked in
    a form is sent in any case. An empty `locale` is the server's.
    """

    by_message: bool = False
    locale: str = ""
    timezone: str = "UTC"
    quiet_from: int | None = None
    quiet_to: int | None = None
    digest: Digest = Digest.OFF
    digest_hour: int = 9


@dataclass(frozen=True, slots=True)
class NoticeCard:
    """Something a member is told: `post` is what is new, `question` what it belongs to."""

    notice_id: int
    kind: NoticeKind
    post: PostCard
    question: PostCard
    read: bool
    at: datetime
    problem: str = ""
    """What keeps the post's card from being shown as it is, as delivery recorded it."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Something a member did, and was not told the end of. `about`: see `data.models.Receipt`."""

    receipt_id: int
    act: Act
    about: str
    at: datetime


MERGED = 6  # notices in one message


@dataclass(frozen=True, slots=True)
class Mail:
    """A direct message about to be sent to a member of a server; `more` notices did not fit.

    `notices` are all that wait, until `fitting` leaves out what the reader can't read, and then
    what is too much for one message.

    `first` and `up_to` are the first and the last notice it stands for. Where it was `tried`
    before, or waits since before this process began, it may have reached its reader.
    """

    guild_id: int
    user_id: int
    notices: tuple[NoticeCard, ...]
    more: int
    locale: str
    first: int
    up_to: int
    tried: bool
    since: datetime
    untold: tuple[int, ...] = ()
    """The notices that were left out because their reader can't read them now."""

    def fitting(self, readable: Collection[int]) -> Mail:
        """The message with as many of the readable notices as fit."""
        told = [n for n in self.notices if n.notice_id in readable]
        untold = tuple(n.notice_id for n in self.notices if n.notice_id not in readable)
        more = max(0, len(told) - MERGED)
        return replace(self, notices=tuple(told[:MERGED]), more=more, untold=untold)


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its IANA name; UTC where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def is_quiet(wishes: Preferences, hour: int) -> bool:
    """Whether an hour of a member's day is one of their quiet ones; the same hour from and to is
    none."""
    if wishes.quiet_from is None or wishes.quiet_to is None:
        return False
    return (hour - wishes.quiet_from) % 24 < (wishes.quiet_to - wishes.quiet_from) % 24


def quiet_until(wishes: Preferences, now: datetime) -> datetime | None:
    """When a member's quiet hours end, if `now` lies in them; None if it does not."""
    local = now.astimezone(zone_of(wishes.timezone))
    if wishes.quiet_to is None or not is_quiet(wishes, local.hour):
        return None
    end = local.replace(hour=wishes.quiet_to, minute=0, second=0, microsecond=0)
    if end <= local:
        end = (end + timedelta(days=1)).replace(hour=wishes.quiet_to)
    return end.astimezone(now.tzinfo)


def next_digest(wishes: Preferences, now: datetime) -> datetime | None:
    """When the next digest is due after `now`: at the member's hour, weekly ones on Mondays."""
    if wishes.digest is Digest.OFF:
        return None
    local = now.astimezone(zone_of(wishes.timezone))
    due = local.replace(hour=wishes.digest_hour, minute=0, second=0, microsecond=0, fold=0)
    while due <= local or (wishes.digest is Digest.WEEKLY and due.weekday() != 0):
        due = (due + timedelta(days=1)).replace(hour=wishes.digest_hour)
    return due.astimezone(now.tzinfo)


def latest_digest(wishes: Preferences, now: datetime) -> datetime:
    """When the digest was due whose time it is at `now`: the latest that `next_digest` gave."""
    local = now.astimezone(zone_of(wishes.timezone))
    due = local.replace(hour=wishes.digest_hour, minute=0, second=0, microsecond=0, fold=0)
    while due > local or (wishes.digest is Digest.WEEKLY and due.weekday() != 0):
        due = (due - timedelta(days=1)).replace(hour=wishes.digest_hour)
    return due.astimezone(now.tzinfo)
