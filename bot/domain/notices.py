"""What members can be told of by direct message."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.cards import PostCard


class NoticeKind(StrEnum):
    """Why somebody gets a direct message."""

    ANSWERED = "answered"
    CHOSEN = "chosen"


@dataclass(frozen=True, slots=True)
class NoticeCard:
    """A direct message about to be sent: `post` is the answer, `question` what it belongs to."""

    notice_id: int
    user_id: int
    kind: NoticeKind
    post: PostCard
    question: PostCard
    locale: str
