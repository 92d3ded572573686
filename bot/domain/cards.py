"""Cards: frozen copies of posts and members, which are all that a transaction hands out for
display."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.erasures import is_erased
from bot.domain.files import AttachedFile
from bot.domain.posts import CloseReason, PostKind, PostStatus, post_number
from bot.domain.reputation import Reason
from bot.domain.sealed import is_sealed


@dataclass(frozen=True, slots=True)
class Author:
    """A post's author as its card shows them. `id` is None for an erased member, and the number of
    an anonymous author: what is about a member goes by `member_id`. `points` are as displayed,
    `title` goes with them, and `name` and `avatar` (as stored, see `bot.domain.names`) are those
    last seen, or empty."""

    id: int | None
    points: int = 0
    name: str = ""
    title: str = ""
    avatar: str = ""

    @property
    def is_anonymous(self) -> bool:
        """Whether they wrote anonymously."""
        return is_sealed(self.id)

    @property
    def member_id(self) -> int | None:
        """The member who it is; None where nobody can be named: they were erased, or wrote
        anonymously."""
        return None if self.is_anonymous or is_erased(self.id) else self.id


@dataclass(frozen=True, slots=True)
class BestAnswer:
    """The part of the best answer that the question's card shows."""

    post_id: int
    sub_number: int
    body: str
    channel_id: int | None
    message_id: int | None


@dataclass(frozen=True, slots=True)
class Closing:
    """Why and by whom a question was closed; `original` is the question it duplicates."""

    reason: CloseReason
    by: int | None
    note: str
    original_id: int | None = None
    original: QuestionLine | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post is shown in Discord, and what it shows there.

    `channel_id` holds the message; for a question in a text channel `thread_id` is the thread made
    from it, in a forum both are the post's thread. `shown` is a digest of what is shown.
    `home_id` is the channel or forum a question was posted in.
    """

    channel_id: int | None = None
    message_id: int | None = None
    thread_id: int | None = None
    pinned: bool = False
    shown: str = ""
    home_id: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A message that carries on a post's text, from position 1. `shown` is a digest of it."""

    position: int
    message_id: int
    shown: str


@dataclass(frozen=True, slots=True)
class PostCard:
    """Everything a post's card shows."""

    guild_id: int
    post_id: int
    kind: PostKind
    status: PostStatus
    question_id: int
    number: int
    sub_number: int
    title: str
    body: str
    tags: tuple[str, ...]
    author: Author
    score: int
    created_at: datetime
    version: int = 1
    edited_by: int | None = None
    editor_name: str = ""
    edited_at: datetime | None = None
    category_id: int | None = None
    category: str = ""
    category_emoji: str = ""
    category_tag_id: int | None = None
    answers: int = 0
    is_best: bool = False
    best: BestAnswer | None = None
    asker_id: int | None = None
    place: Place = Place()
    closing: Closing | None = None
    duplicates: tuple[QuestionLine, ...] = ()
    parent_id: int | None = None
    comments: int = 0
    parent_hidden: bool = False
    files: tuple[AttachedFile, ...] = ()
    posted_by: int | None = None
    """The moderator who made it from its author's message without asking them."""
    poster_name: str = ""
    notify: bool = False
    """Whether its author ticked that they want messages about it."""
    chosen_id: int | None = None
    """The best answer of its question."""
    question_hidden: bool = False
    """Whether its question is hidden or deleted."""

    @property
    def notified(self) -> tuple[int, ...]:
        """Its author, if they want messages about it."""
        author = self.author.id
        return (author,) if self.notify and author is not None else ()

    @property
    def reference(self) -> str:
        """The post's number as people see it."""
        return post_number(self.number, self.sub_number)

    @property
    def orphaned(self) -> bool:
        """Whether a comment isn't shown because the post it is about is hidden or deleted."""
        return self.kind is PostKind.COMMENT and self.parent_hidden

    @property
    def solved(self) -> bool:
        """Whether a question has a best answer."""
        return self.best is not None


@dataclass(frozen=True, slots=True)
class Display:
    """What a card shows besides its post: how its server votes, and where it stands.

    With `by_reaction` it says the score in words. `buttons` are the votes that have a button.
    `post_name` is the name of the forum post that a question's card opens; None in text channels.
    `sent_at` is when its message was sent; None if it isn't known.
    """

    by_reaction: bool = True
    buttons: tuple[int, ...] = ()
    post_name: str | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """One question in a list: similar questions, autocompletion. `home_id` is the channel or forum
    it was posted in. `closed` means that the reader can't see that channel: the question is their
    own, so they see its words but neither its votes nor its answers."""

    post_id: int
    number: int
    title: str
    score: int
    answers: int
    solved: bool
    channel_id: int | None
    message_id: int | None
    home_id: int | None = None
    category: str = ""
    category_emoji: str = ""
    created_at: datetime | None = None
    closed: bool = False

    def read_in(self, channels: Collection[int] | None) -> QuestionLine:
        """The line as shown to a reader of these channels (None: all)."""
        closed = channels is not None and self.home_id is not None and self.home_id not in channels
        return replace(self, closed=True) if closed else self


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One answer in the list of a question's answers."""

    post_id: int
    number: int
    sub_number: int
    body: str
    author: Author
    up_votes: int
    down_votes: int
    best: bool
    channel_id: int | None
    message_id: int | None

    @property
    def reference(self) -> str:
        """The answer's number as people see it."""
        return post_number(self.number, self.sub_number)

    @property
    def score(self) -> int:
        """Up-votes minus down-votes."""
        return self.up_votes - self.down_votes


@dataclass(frozen=True, slots=True)
class Profile:
    """A member's standing. `rank` counts from 1; None for those without points of their own."""

    user_id: int
    points: int
    rank: int | None
    questions: int
    answers: int
    best_answers: int
    votes_received: int
    votes_given: int
    title: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """One line of a leaderboard. Titles go with all points, so lines of a period have none.
    `name` is the one last seen, empty where none is known."""

    rank: int
    user_id: int
    points: int
    title: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class PointsLine:
    """Where points came from: one reason on one post, with votes summed, or a bonus, which has no
    post and whose title is its reason. `capped` is what the cap of a post's votes took from their
    plain sum, or gave back where the sum is negative."""

    reason: Reason
    points: int
    times: int
    post: str
    title: str
    at: datetime
    capped: int = 0
    channel_id: int | None = None
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class Category:
    """A category of a server's questions. `path` names its parents, outermost first.

    `own_channel_id` and `own_role_id` were chosen for this category. `channel_id` and `role_id` are
    what applies: its own, else those of the nearest parent that has one, else None, which means the
    server's question channel and everybody.
    """

    category_id: int
    name: str
    emoji: str
    description: str
    parent_id: int | None
    questions: int = 0
    forum_tag_id: int | None = None
    path: tuple[str, ...] = ()
    own_channel_id: int | None = None
    own_role_id: int | None = None
    channel_id: int | None = None
    role_id: int | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """How a server is doing. `first_answer` is the median time to a first answer over the last 90
    days, in seconds; None if there was no answer. `heard` is the share, from 0 to 1, of the
    questions of that time to which two people replied within a day; None if there was none."""

    questions: int
    answers: int
    comments: int
    solved: int
    unanswered: int
    authors: int
    votes: int
    first_answer: float | None
    heard: float | None = None
