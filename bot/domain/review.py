"""What moderators review: posts that were reported or are hidden, and edits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.cards import PostCard


@dataclass(frozen=True, slots=True)
class Report:
    """A member's report of a post. `reason` is what they wrote, or empty; `name` is empty if none
    is known."""

    user_id: int
    reason: str
    at: datetime
    name: str = ""


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One page of the review queue: the post at `page` (from 0) of `pages`."""

    card: PostCard
    reports: tuple[Report, ...]
    page: int
    pages: int


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
