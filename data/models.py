"""The tables. Declarative classes give typed columns; statements over them are Core, without a
session: rows never leave the transaction that read them.

Every row carries `guild_id`, and every query is filtered by it. Times are `UTCDateTime`.
Discord's ids are 64-bit integers.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Text,
    func,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from data.types import RowId, UTCDateTime


class Base(DeclarativeBase):
    """Names every constraint, so that migrations can refer to it on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UTCDateTime,
        int: BigInteger,
        str: Text,
        bool: Boolean,
        dict[str, str]: JSON,
        dict[str, Any]: JSON,
    }


class Guild(Base):
    """A server: its settings by name, and the last question number given out."""

    __tablename__ = "guilds"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    settings: Mapped[dict[str, str]]
    last_number: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    created_at: Mapped[datetime]


class Category(Base):
    """A category of a server's questions."""

    __tablename__ = "categories"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    name: Mapped[str]
    name_key: Mapped[str]
    emoji: Mapped[str] = mapped_column(server_default="")
    description: Mapped[str] = mapped_column(server_default="")
    position: Mapped[int] = mapped_column(Integer)
    forum_tag_id: Mapped[int | None]
    created_at: Mapped[datetime]


Index(
    "uq_categories_name",
    Category.guild_id,
    func.coalesce(Category.parent_id, 0),
    Category.name_key,
    unique=True,
)


class Member(Base):
    """A member of a server: `points` is the cached sum of their ledger."""

    __tablename__ = "members"
    __table_args__ = (Index("ix_members_points", "guild_id", "points"),)

    guild_id: Mapped[int] = mapped_column(
        ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    points: Mapped[int] = mapped_column(Integer, server_default=text("0"))


class Post(Base):
    """A question, answer or comment. Narrow, because votes rewrite it; its text stands apart.

    `question_id` is the question's own id on a question. Counts and scores are caches of the
    facts, kept in the same transaction and recomputed by `recount`.
    """

    __tablename__ = "posts"
    __table_args__ = (
        Index("ix_posts_number", "guild_id", "number", "sub_number", unique=True),
        Index("ix_posts_question", "question_id"),
        Index("ix_posts_author", "guild_id", "author_id", "kind"),
        CheckConstraint("score = up_votes - down_votes", name="score"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(10), server_default="visible")
    number: Mapped[int] = mapped_column(Integer)
    sub_number: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    question_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))
    # None: the author is sealed (then `sealed_author` holds them, encrypted) or was erased.
    author_id: Mapped[int | None]
    sealed_author: Mapped[bytes | None] = mapped_column(LargeBinary)
    display_name: Mapped[str | None]
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    up_votes: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    down_votes: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    score: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    answer_count: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    last_sub_number: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    best_answer_id: Mapped[int | None]
    best_chosen_at: Mapped[datetime | None]
    notify: Mapped[bool] = mapped_column(server_default=text("false"))
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    edited_by: Mapped[int | None]
    edited_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    # The interaction or message a post was made from: the same one never makes a second post.
    origin_id: Mapped[int | None] = mapped_column(unique=True)


class PostText(Base):
    """What a post says now. `tags` are joined by single spaces."""

    __tablename__ = "post_texts"

    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    guild_id: Mapped[int]
    title: Mapped[str] = mapped_column(server_default="")
    body: Mapped[str] = mapped_column(server_default="")
    tags: Mapped[str] = mapped_column(server_default="")


class Revision(Base):
    """What a post said before an edit; `number` is the version that was replaced."""

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


class LedgerEntry(Base):
    """One line of the ledger: a member's points for a reason. `actor_id` is the voter, or 0."""

    __tablename__ = "ledger"
    __table_args__ = (
        Index("ix_ledger_member", "guild_id", "user_id", "at"),
        {"sqlite_with_rowid": False},
    )

    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    reason: Mapped[str] = mapped_column(String(20), primary_key=True)
    actor_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    guild_id: Mapped[int]
    user_id: Mapped[int]
    points: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime]


class HourlyCount(Base):
    """How often a member did something within the hour that began at `since`."""

    __tablename__ = "hourly_counts"

    guild_id: Mapped[int] = mapped_column(
        ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    action: Mapped[str] = mapped_column(String(20), primary_key=True)
    since: Mapped[datetime]
    times: Mapped[int] = mapped_column(Integer)


class Place(Base):
    """Where a post is shown in Discord, and what was last shown there."""

    __tablename__ = "places"
    __table_args__ = (Index("ix_places_thread", "thread_id"),)

    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    guild_id: Mapped[int]
    channel_id: Mapped[int | None]
    message_id: Mapped[int | None] = mapped_column(unique=True)
    thread_id: Mapped[int | None]
    pinned: Mapped[bool] = mapped_column(server_default=text("false"))
    # A digest of the card, the forum tags and the vote emoji that Discord is known to show.
    shown: Mapped[str] = mapped_column(server_default="")


class OutboxRow(Base):
    """Something Discord should show: desired state by key, not a list of events.

    Each enqueue bumps `revision`; delivery removes the row only at the revision it read.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_due", "failed", "due_at"),)

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    key: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    guild_id: Mapped[int]
    revision: Mapped[int] = mapped_column(Integer)
    priority: Mapped[int] = mapped_column(SmallInteger)
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    failed: Mapped[bool] = mapped_column(server_default=text("false"))
    error: Mapped[str] = mapped_column(server_default="")


class Notice(Base):
    """A direct message somebody asked for; sent once, by the outbox."""

    __tablename__ = "notices"
    __table_args__ = (
        Index("uq_notices_once", "user_id", "kind", "post_id", unique=True),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id", ondelete="CASCADE"))
    user_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    sent: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime]


class Draft(Base):
    """What a member typed into a form that is not posted (yet), kept so that it is never lost."""

    __tablename__ = "drafts"
    __table_args__ = (Index("ix_drafts_age", "created_at"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id", ondelete="CASCADE"))
    user_id: Mapped[int]
    form: Mapped[str] = mapped_column(String(20))
    values: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
