"""What moderators review: posts that were reported or are hidden, and edits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.cards import PostCard


class ReportReason(StrEnum):
    """Why a post is reported, or hidden. Nobody learns who is `WORRIED` about a post's author, and
    nothing is hidden for it."""

    SPAM = "spam"
    UNKIND = "unkind"
    RULES = "rules"
    OTHER = "other"
    WORRIED = "worried"
    # The server's own: given by nobody, and chosen by nobody.
    WORDS = "words"  # blocked words
    AUTOMOD = "automod"  # a rule of Discord's AutoMod


BY_SERVER: Final = (ReportReason.WORDS, ReportReason.AUTOMOD)
HIDE_REASONS: Final = tuple(
    reason for reason in ReportReason if reason not in (ReportReason.WORRIED, *BY_SERVER)
)
THE_SERVER: Final = 0
"""Who reports a post with blocked words, in place of a member's id."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why the server itself reports a post; `reason` is the name of AutoMod's rule."""

    why: ReportReason
    reason: str = ""


class Decision(StrEnum):
    """What was decided about a post's reports, about a post that waited for approval, or about an
    appeal: it stands, or it is undone. An appeal is settled where what it was about was undone
    before it was decided, and over where there was nothing left to decide."""

    HIDDEN = "hidden"
    SHOWN = "shown"
    DISMISSED = "dismissed"
    CLOSED = "closed"
    DELETED = "deleted"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    STANDS = "stands"
    UNDONE = "undone"
    SETTLED = "settled"
    OVER = "over"


class Fixture(StrEnum):
    """The messages in a moderators' channel besides the cards of reports: the way into the queue,
    and what Discord refused for good."""

    QUEUE = "queue"
    REFUSALS = "refusals"


@dataclass(frozen=True, slots=True)
class Report:
    """A member's report of a post. `reason` is what they wrote, or empty; `name` is empty if none
    is known. Of somebody who is worried `user_id` is 0."""

    user_id: int
    reason: str
    at: datetime
    name: str = ""
    why: ReportReason = ReportReason.OTHER


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision about a post's reports: by whom (`by_name` as last seen), and why a post was
    hidden."""

    decision: Decision
    by: int
    by_name: str = ""
    reason: ReportReason | None = None


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message in the moderators' channel as it was recorded: where it is, a digest of what it
    shows, and how often it was sent before."""

    channel_id: int | None = None
    message_id: int | None = None
    shown: str = ""
    times: int = 0


DECIDED: Final = "decided "
"""What the digest of a report's card begins with if the card tells of a decision."""


AGAIN: Final = "again"
"""In place of a card's digest: it is to be sent anew, so that it calls."""


@dataclass(frozen=True, slots=True)
class ReportCard:
    """The card of a post's reports. It is `waiting` until a moderator decides them."""

    waiting: bool
    reported_at: datetime
    verdict: Verdict | None
    message: ShownMessage


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One page of the review queue: the post at `page` (from 0) of `pages`. One that waits for
    approval may have a blocked `word`."""

    card: PostCard
    reports: tuple[Report, ...]
    page: int
    pages: int
    word: str = ""


class ItemKind(StrEnum):
    """What waits in the queue: a post (with its reports, or for approval), an appeal, or a request
    to unseal a post."""

    POST = "post"
    APPEAL = "appeal"
    UNSEAL = "unseal"


@dataclass(frozen=True, slots=True)
class Item:
    """Something that waits in the queue: `key` is the post, or the appeal."""

    kind: ItemKind
    key: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A moderator who is looking at an item, since when. `name` as last seen."""

    user_id: int
    at: datetime
    name: str = ""


CLAIMED_FOR: Final = timedelta(hours=1)
"""How long a claim holds, if its moderator doesn't decide."""


class Age(StrEnum):
    """Which items of the queue somebody wants to see, by how long they have waited."""

    ANY = "any"
    DAY = "24h"
    WEEK = "7d"


WAITED: Final = {Age.DAY: timedelta(days=1), Age.WEEK: timedelta(days=7)}


@dataclass(frozen=True, slots=True)
class Wording:
    """One version of a post's text. The title of answers and comments is empty."""

    title: str
    body: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of a post: what it said before and after, by whom, when and why.

    `number` is the version that was replaced; `page` counts from 0, the latest first.
    """

    number: int
    before: Wording
    after: Wording
    editor_id: int | None
    reason: str
    at: datetime
    page: int
    pages: int
    editor_name: str = ""
