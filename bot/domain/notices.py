"""Notices: what members read in their inbox, and get by direct message if they asked for it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.cards import PostCard
from bot.domain.posts import HideReason


class NoticeKind(StrEnum):
    """Why a member gets a notice about a post."""

    ANSWERED = "answered"
    CHOSEN = "chosen"
    COMMENTED = "commented"
    ASKED = "asked"
    NUDGE = "nudge"
    VOTED = "voted"
    HIDDEN = "hidden"
    SHOWN = "shown"
    APPROVED = "approved"
    REJECTED = "rejected"
    CLOSED = "closed"
    REOPENED = "reopened"
    EDITED = "edited"
    MOVED = "moved"
    FILES_REMOVED = "files removed"
    WORRIED = "worried"
    UNSEALED = "unsealed"
    SILENCED = "silenced"
    POSTED = "posted"
    SAVED = "saved"


RECEIPTS = (NoticeKind.POSTED, NoticeKind.SAVED)
"""The member's own act on a post, noted because its reply didn't reach them."""
_VISIBILITY = (
    NoticeKind.HIDDEN,
    NoticeKind.SHOWN,
    NoticeKind.APPROVED,
    NoticeKind.REJECTED,
)
_OPENNESS = (NoticeKind.CLOSED, NoticeKind.REOPENED)
SUPERSEDED = {
    NoticeKind.HIDDEN: _VISIBILITY,
    NoticeKind.SHOWN: _VISIBILITY,
    NoticeKind.APPROVED: _VISIBILITY,
    NoticeKind.REJECTED: _VISIBILITY,
    NoticeKind.CLOSED: _OPENNESS,
    NoticeKind.REOPENED: _OPENNESS,
    NoticeKind.EDITED: (NoticeKind.EDITED,),
    NoticeKind.MOVED: (NoticeKind.MOVED,),
    NoticeKind.FILES_REMOVED: (NoticeKind.FILES_REMOVED,),
    NoticeKind.UNSEALED: (NoticeKind.UNSEALED,),
    NoticeKind.SILENCED: (NoticeKind.SILENCED,),
}
"""What others did to a member's post: a notice of one of these takes the place of earlier ones that
say how the post was before."""

TOLD_ANYWAY = (NoticeKind.WORRIED, NoticeKind.UNSEALED, NoticeKind.SILENCED)
"""What an author is told whatever became of their post, and where they can't read it any more."""


class SentFor(StrEnum):
    """Why a notice is sent by direct message: the member ticked that in the post's form, or follows
    its question, or follows something else with messages."""

    TICKED = "ticked"
    QUESTION = "question"
    FOLLOWED = "followed"


class Act(StrEnum):
    """What a member did besides writing. Each names a command that does it or shows the result."""

    HIDE = "hide"
    BLOCK = "block"
    UNBLOCK = "unblock"
    UNSEAL = "unseal"
    DUTY = "duty"
    SHOW = "show"
    DISMISS = "queue"
    APPEAL = "inbox"
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
    """How a member wants to be notified.

    Hours are 0-23 in `timezone`, an IANA name. No direct message is sent from `quiet_from` to
    `quiet_to` (None: no quiet hours). `by_message` is about what they follow; what they ticked in a
    form is sent anyway. An empty `locale` is the server's.
    """

    by_message: bool = False
    locale: str = ""
    timezone: str = "UTC"
    quiet_from: int | None = None
    quiet_to: int | None = None
    digest: Digest = Digest.OFF
    digest_hour: int = 9
    in_round_up: bool = True
    """Whether the server's weekly round-up may name them and what they wrote."""


@dataclass(frozen=True, slots=True)
class NoticeCard:
    """One notice: `post` is what is new, or the reader's own post (`own`) to which something
    happened; `question` is the question it belongs to."""

    notice_id: int
    kind: NoticeKind
    post: PostCard
    question: PostCard
    read: bool
    at: datetime
    problem: str = ""
    """The problem that keeps the post's card from being up to date, as delivery recorded it."""
    own: bool = False
    votes: int = 0
    """By how much the post's score has changed since its author read of it. Where it was hidden or
    is shown again: how many more of their posts were, at once."""
    by_asker: bool = False
    """Whether the member who asked chose the best answer."""
    points: int = 0
    """What being the best answer earned its author, who is the reader."""
    why: HideReason | None = None
    """Why the post was hidden."""
    helplines: str = ""
    """The server's helplines, where somebody is worried about the reader, who wrote the post."""
    reply: str = ""
    """What the server says to authors where something is decided for this reason."""
    asks: bool = False
    """Whether the reader, who asked, is to be asked if this answer solved it."""

    @property
    def about(self) -> int:
        """The post about which a message with this notice can be stopped: the reader's own, or what
        they follow."""
        if self.kind in (NoticeKind.CHOSEN, NoticeKind.NUDGE):
            return self.post.post_id
        return self.post.parent_id or self.question.post_id


@dataclass(frozen=True, slots=True)
class Receipt:
    """An act whose outcome the member wasn't told. `about`: see `data.models.Receipt`."""

    receipt_id: int
    act: Act
    about: str
    at: datetime


MERGED = 6  # notices in one message


@dataclass(frozen=True, slots=True)
class Mail:
    """A direct message about to be sent to a member of a server; `more` notices did not fit.
    `user_id` is whose notices they are. That may be an anonymous author's number: then `sealed_to`
    is the member, who stands in no row.

    `notices` are all that wait, until `fitting` drops those that the reader can't see, and then
    those that don't fit into one message.

    `first` and `up_to` are the first and the last notice in it. If it was `tried` before, or has
    been waiting since before this process started, it may have arrived already.
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
    """The notices that were dropped because their reader can't see them now."""
    sealed_to: int | None = field(default=None, repr=False)

    @property
    def is_sealed(self) -> bool:
        """Whether nothing may tell to whom it goes, or what became of it."""
        return self.sealed_to is not None

    @property
    def member_id(self) -> int:
        """The member to whom it goes."""
        return self.user_id if self.sealed_to is None else self.sealed_to

    def fitting(self, readable: Collection[int]) -> Mail:
        """The message with as many readable notices as fit."""
        told = [n for n in self.notices if n.notice_id in readable]
        untold = tuple(n.notice_id for n in self.notices if n.notice_id not in readable)
        more = max(0, len(told) - MERGED)
        return replace(self, notices=tuple(told[:MERGED]), more=more, untold=untold)


def zone_of(name: str) -> ZoneInfo:
    """The time zone of an IANA name; UTC if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def is_quiet(wishes: Preferences, hour: int) -> bool:
    """Whether an hour of a member's day is a quiet one. The same start and end mean no quiet
    hours."""
    if wishes.quiet_from is None or wishes.quiet_to is None:
        return False
    return (hour - wishes.quiet_from) % 24 < (wishes.quiet_to - wishes.quiet_from) % 24


def quiet_until(wishes: Preferences, now: datetime) -> datetime | None:
    """When a member's quiet hours end, if `now` is within them; else None."""
    local = now.astimezone(zone_of(wishes.timezone))
    if wishes.quiet_to is None or not is_quiet(wishes, local.hour):
        return None
    end = local.replace(hour=wishes.quiet_to, minute=0, second=0, microsecond=0)
    if end <= local:
        end = (end + timedelta(days=1)).replace(hour=wishes.quiet_to)
    return end.astimezone(now.tzinfo)


def next_hour(now: datetime) -> datetime:
    """The full hour after a time."""
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


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
    """When the latest digest was due at `now`: the last time that `next_digest` returned."""
    local = now.astimezone(zone_of(wishes.timezone))
    due = local.replace(hour=wishes.digest_hour, minute=0, second=0, microsecond=0, fold=0)
    while due > local or (wishes.digest is Digest.WEEKLY and due.weekday() != 0):
        due = (due - timedelta(days=1)).replace(hour=wishes.digest_hour)
    return due.astimezone(now.tzinfo)
