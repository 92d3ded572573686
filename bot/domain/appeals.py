"""Appeals: an author asks for another look at what was decided about a post of theirs, or about
them. Another one than whoever decided first looks at it, as long as anybody else can."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.actors import Actor
from bot.domain.blocks import Block
from bot.domain.cards import PostCard
from bot.domain.errors import Denial, Denied, Invalid, Problem
from bot.domain.notices import NoticeKind
from bot.domain.posts import HideReason
from bot.domain.review import Decision, ShownMessage, Verdict
from bot.domain.typed import collapse, readable_length, tidy

WORDS_MAX: Final = 600
SEEN_FOR: Final = timedelta(days=90)
"""How long somebody counts as a moderator whom the bot has seen, after what they did last."""
WORDS_KEPT: Final = timedelta(days=30)
"""How long after the decision an author's words are kept."""
KEPT: Final = timedelta(days=365)
TOLD_FOR: Final = timedelta(days=7)
"""How long the outcome stands at the top of its author's inbox."""


class About(StrEnum):
    """What an appeal is about: a post that was hidden, deleted by a moderator or not approved, a
    question that was closed, or a member who was blocked."""

    HIDDEN = "hidden"
    REJECTED = "rejected"
    CLOSED = "closed"
    BLOCKED = "blocked"


TOLD_BY: Final = {
    NoticeKind.HIDDEN: About.HIDDEN,
    NoticeKind.REJECTED: About.REJECTED,
    NoticeKind.CLOSED: About.CLOSED,
}
"""The notices by which authors learn what they may appeal against."""
NOWHERE: Final = ShownMessage()
RIGHT: Final = (Decision.UNDONE, Decision.SETTLED)
"""The outcomes of appeals that were right."""


@dataclass(frozen=True, slots=True)
class Appeal:
    """An appeal. `author_id` is who appeals; `firsts` are those who decided, then or since (nobody
    in particular, where reports hid a post). `words` are empty once they were erased.

    `why` is the reason why a post was hidden or not approved; `card` is the post's, None for a
    block. `block` is the author's, which has a reason of its own, and may have ended. `alone` tells
    that who decided first has decided again, since nobody else could.
    """

    appeal_id: int
    guild_id: int
    author_id: int | None
    about: About
    post_id: int | None
    words: str
    at: datetime
    firsts: Collection[int] = ()
    author: str = ""
    why: HideReason | None = None
    card: PostCard | None = None
    block: Block | None = None
    verdict: Verdict | None = None
    alone: bool = False
    message: ShownMessage = NOWHERE

    @property
    def waits(self) -> bool:
        """Whether it isn't decided yet."""
        return self.verdict is None


@dataclass(frozen=True, slots=True)
class OwnAppeal:
    """An appeal as its author reads of it. `number` is the post's, empty for a block; `read` tells
    whether they have seen the outcome before."""

    appeal_id: int
    about: About
    number: str
    at: datetime
    outcome: Decision | None
    read: bool


@dataclass(frozen=True, slots=True)
class Others:
    """Whether anybody but whoever decided first, and whoever appeals, could decide an appeal: a
    moderator, or somebody who manages the server."""

    moderator: bool = False
    manager: bool = False


def check_words(typed: str) -> str:
    """What an author writes in an appeal: some words, at most 600 characters, on as many lines as
    they like. Raises `Invalid("appeal", …)`."""
    words = tidy(typed)
    if not readable_length(collapse(words)):
        raise Invalid("appeal", Problem.EMPTY, minimum=1)
    if len(words) > WORDS_MAX:
        raise Invalid("appeal", Problem.TOO_LONG, maximum=WORDS_MAX, length=len(words))
    return words


def needs_others(actor: Actor, appeal: Appeal) -> bool:
    """Whether somebody may decide an appeal only where nobody else can."""
    return actor.user_id in appeal.firsts or not actor.moderates_post


def check_can_decide(actor: Actor, appeal: Appeal, others: Others) -> bool:
    """Refuse whoever may not decide an appeal; returns whether it is who decided first.

    Another moderator decides, or somebody who manages the server where nobody else moderates; and
    who decided first only where there is nobody else. Nobody decides their own.
    """
    if actor.is_one(appeal.author_id):
        raise Denied(Denial.OWN_APPEAL)
    if not (actor.moderates_post or actor.is_manager):
        raise Denied(Denial.NOT_MODERATOR_THERE)
    if actor.user_id in appeal.firsts:
        if others.moderator or others.manager:
            raise Denied(Denial.DECIDED_FIRST)
        return True
    if not actor.moderates_post and others.moderator:
        raise Denied(Denial.OTHERS_MODERATE)
    return False
