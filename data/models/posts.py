"""Posts with their texts, revisions, votes, tags, reports and files."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, partial_index
from data.types import RowId, Word

# Question2Answer's hotness (qa-include/db/hotness.php) of a question, as an indexed expression, so
# that it follows votes and answers by itself: 100 for each second of the question's and of its
# latest answer's time (stored in microseconds, hence / 10,000), and 16,000,000 for each answer and
# net vote, which is worth 22 hours of being newer. Its 400,000 for each view are left out, since
# Discord tells nobody of views. In 64 bits: 32 overflow at 135 votes.
HOTNESS = (
    "(created_at + coalesce(last_answer_at, created_at)) / 10000"
    " + CAST(16000000 AS bigint) * (answer_count + score)"
)
LISTED = text("kind = 'question' AND status = 'visible'")
WAITING = text(
    "kind = 'question' AND status = 'visible' AND answer_count = 0 AND closed_at IS NULL"
)
FEW_REPLIES = text(
    "kind = 'question' AND status = 'visible' AND repliers < 2 AND closed_at IS NULL"
    " AND best_answer_id IS NULL"
)
CHOSEN = text("best_answer_id IS NOT NULL")
QUESTIONS = text("kind = 'question'")
DUPLICATES = text("duplicate_of IS NOT NULL")
TAKEN_OUT = text("posts.status <> 'visible'")


def _list_index(name: str, order: str) -> Index:
    """An index of the questions that lists show, in the order of one of them."""
    column = text(f"({order})") if "(" in order else order
    return partial_index(name, "guild_id", column, where=LISTED)


class Post(Base):
    """A question, answer or comment. The row is small, because votes rewrite it; its text is in
    `PostText`.

    `question_id` is the question's own id on a question. Counts and scores are caches of the
    facts, kept in the same transaction and recomputed by `recount`.
    """

    __tablename__ = "posts"
    __table_args__ = (
        Index("ix_posts_number", "guild_id", "number", "sub_number", unique=True),
        Index("ix_posts_server", "guild_id", "id"),
        Index("ix_posts_question", "question_id"),
        Index("ix_posts_author", "guild_id", "author_id", "kind"),
        Index("ix_posts_parent", "parent_id"),
        partial_index("ix_posts_category", "category_id", "id", where=QUESTIONS),
        partial_index("ix_posts_duplicate", "duplicate_of", where=DUPLICATES),
        partial_index("ix_posts_duplicates", "guild_id", "id", where=DUPLICATES),
        partial_index("ix_posts_taken_out", "guild_id", "id", where=text("status <> 'visible'")),
        _list_index("ix_posts_active", "active_at"),
        _list_index("ix_posts_votes", "score"),
        _list_index("ix_posts_hot", HOTNESS),
        partial_index("ix_posts_waiting", "guild_id", "number", where=WAITING),
        partial_index("ix_posts_few_replies", "guild_id", "number", where=FEW_REPLIES),
        partial_index("ix_posts_chosen", "guild_id", "best_chosen_at", where=CHOSEN),
        CheckConstraint("score = up_votes - down_votes", name="score"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(Word(10))
    status: Mapped[str] = mapped_column(Word(10), server_default="visible")
    number: Mapped[int] = mapped_column(Integer)
    sub_number: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    question_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))
    # None: the author was erased, or left where the server has such posts say so.
    author_id: Mapped[int | None]
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    up_votes: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    down_votes: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    score: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    answer_count: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    comment_count: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    # How many people have replied to a question, the asker not counted.
    repliers: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    last_sub_number: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    best_answer_id: Mapped[int | None]
    best_chosen_at: Mapped[datetime | None]
    # Whether its asker chose it, who then gets no notice of it.
    best_by_asker: Mapped[bool] = mapped_column(server_default=text("false"))
    notify: Mapped[bool] = mapped_column(server_default=text("false"))
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    edited_by: Mapped[int | None]
    edited_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    # Of a question: the times of its latest answer, and of the latest post in it.
    last_answer_at: Mapped[datetime | None]
    active_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None]
    close_reason: Mapped[str | None] = mapped_column(String(20))
    close_note: Mapped[str | None]
    duplicate_of: Mapped[int | None]
    # Whether the original's card names this duplicate: a moderator or the original's asker closed
    # it. A duplicate's own asker must not put their title onto somebody else's card.
    duplicate_linked: Mapped[bool] = mapped_column(server_default=text("false"))
    # When a moderator restored it; from then on no number of reports hides it.
    vouched_at: Mapped[datetime | None]
    # When the helpers' role was told that it waits for an answer, and when its asker was reminded
    # to choose a best one. Each happens once.
    unanswered_told_at: Mapped[datetime | None]
    nudged_at: Mapped[datetime | None]
    # The interaction or message a post was made from: the same one never makes a second post.
    origin_id: Mapped[int | None] = mapped_column(unique=True)
    # Of an answer that was made from a member's message: it is deleted with that message, unless
    # somebody has voted on it. And the moderator who made it without asking.
    from_message: Mapped[bool] = mapped_column(server_default=text("false"))
    posted_by: Mapped[int | None]


class PostText(Base):
    """A post's current text. `tags` are joined by single spaces."""

    __tablename__ = "post_texts"

    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    guild_id: Mapped[int]
    title: Mapped[str] = mapped_column(server_default="")
    body: Mapped[str] = mapped_column(server_default="")
    tags: Mapped[str] = mapped_column(server_default="")


class Revision(Base):
    """A post's text before an edit; `number` is the version that was replaced."""

    __tablename__ = "revisions"

    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    guild_id: Mapped[int]
    title: Mapped[str]
    body: Mapped[str]
    tags: Mapped[str]
    replaced_by: Mapped[int | None]
    reason: Mapped[str]
    replaced_at: Mapped[datetime]


class Removal(Base):
    """What is needed to restore a hidden or deleted post: when it was chosen as the best answer.
    `erase_at` is when a deleted one's text will be erased; None once it is, and for hidden ones."""

    __tablename__ = "removals"
    __table_args__ = (
        partial_index("ix_removals_due", "erase_at", where=text("erase_at IS NOT NULL")),
    )

    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    guild_id: Mapped[int]
    chosen_at: Mapped[datetime | None]
    erase_at: Mapped[datetime | None]
    erased: Mapped[bool] = mapped_column(server_default=text("false"))


class Vote(Base):
    """One member's vote on one post: 1 or -1; no row is no vote."""

    __tablename__ = "votes"
    __table_args__ = (
        Index("ix_votes_voter", "guild_id", "voter_id"),
        CheckConstraint("value IN (-1, 1)", name="value"),
        {"sqlite_with_rowid": False},
    )

    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    voter_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    guild_id: Mapped[int]
    value: Mapped[int] = mapped_column(SmallInteger)
    source: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime]


class PostTag(Base):
    """A tag of a visible question, for lists by tag; `post_texts.tags` is what is shown."""

    __tablename__ = "post_tags"
    __table_args__ = (Index("ix_post_tags_post", "post_id"), {"sqlite_with_rowid": False})

    guild_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tag: Mapped[str] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )


class Flag(Base):
    """A member's report of a post, one each and for good. `decided_at` is when a moderator decided
    it; `counts` tells whether it counts towards hiding the post until then."""

    __tablename__ = "flags"
    __table_args__ = (
        partial_index("ix_flags_waiting", "guild_id", where=text("decided_at IS NULL")),
    )

    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    guild_id: Mapped[int]
    # What the member wrote, and why they report it: a `ReportReason`.
    reason: Mapped[str]
    why: Mapped[str] = mapped_column(String(20), server_default="other")
    at: Mapped[datetime]
    counts: Mapped[bool] = mapped_column(server_default=text("false"))
    decided_at: Mapped[datetime | None]


class ReportCardRow(Base):
    """The card of a post's reports in the moderators' channel: what was decided, by whom, and what
    is shown where. `waiting` until a moderator decides."""

    __tablename__ = "report_cards"
    __table_args__ = (
        partial_index("ix_report_cards_waiting", "guild_id", "post_id", where=text("waiting")),
        Index("ix_report_cards_decided", "guild_id", "decided_by"),
    )

    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    guild_id: Mapped[int]
    waiting: Mapped[bool] = mapped_column(server_default=text("true"))
    reported_at: Mapped[datetime]
    decision: Mapped[str | None] = mapped_column(String(20))
    decided_by: Mapped[int | None]
    # Why a post was hidden: a `ReportReason`.
    hidden_for: Mapped[str | None] = mapped_column(String(20))
    channel_id: Mapped[int | None]
    message_id: Mapped[int | None]
    shown: Mapped[str] = mapped_column(server_default="")
    times: Mapped[int] = mapped_column(Integer, server_default=text("0"))


class Attachment(Base):
    """A file of a post. `kept` means that its content is here until Discord has it."""

    __tablename__ = "attachments"
    __table_args__ = (
        partial_index("ix_attachments_waiting", "guild_id", "size", where=text("kept")),
    )

    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    guild_id: Mapped[int]
    filename: Mapped[str]
    content_type: Mapped[str] = mapped_column(server_default="")
    size: Mapped[int] = mapped_column(Integer)
    kept: Mapped[bool] = mapped_column(server_default=text("false"))


class AttachmentPiece(Base):
    """A piece of the content of a post's file, like `DraftFilePiece`."""

    __tablename__ = "attachment_pieces"
    __table_args__ = (
        ForeignKeyConstraint(
            ["post_id", "position"],
            ["attachments.post_id", "attachments.position"],
            ondelete="CASCADE",
        ),
    )

    post_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)
