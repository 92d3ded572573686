"""Where posts are shown in Discord, and what waits to be shown."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, partial_index
from data.types import RowId

# Jobs that were given up, or are retried after a failure.
FAILING = text("(failed OR attempts > 0)")
HAS_THREAD = text("thread_id IS NOT NULL")
HAS_HOME = text("home_id IS NOT NULL")


class Place(Base):
    """Where a post is shown in Discord, and what was last shown there."""

    __tablename__ = "places"
    __table_args__ = (
        Index("ix_places_thread", "thread_id"),
        # The questions to compare with Discord: those not compared for the longest time, then the
        # newest.
        partial_index("ix_places_compared", "guild_id", "compared", "post_id", where=HAS_THREAD),
        # The channels of questions: a member who reads all of them reads every question.
        partial_index("ix_places_home", "guild_id", "home_id", where=HAS_HOME),
    )

    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    guild_id: Mapped[int]
    channel_id: Mapped[int | None]
    message_id: Mapped[int | None] = mapped_column(unique=True)
    thread_id: Mapped[int | None]
    # Of a question: the channel or forum it was posted in, which decides who may read it.
    home_id: Mapped[int | None]
    pinned: Mapped[bool] = mapped_column(server_default=text("false"))
    # A digest of the card, the forum tags and the vote emoji that Discord is known to show.
    shown: Mapped[str] = mapped_column(server_default="")
    # Of a question: the absence (`guilds.absences`) after which it was last compared with Discord.
    compared: Mapped[int] = mapped_column(Integer, server_default=text("0"))


class UnwantedReaction(Base):
    """A member's reaction that contradicts their vote and is to be removed from a card.

    Delivery removes these, post by post. Until then the reaction doesn't count.
    """

    __tablename__ = "unwanted_reactions"
    __table_args__ = (
        Index("uq_unwanted_reactions", "post_id", "user_id", "value", unique=True),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    user_id: Mapped[int]
    value: Mapped[int] = mapped_column(SmallInteger)
    guild_id: Mapped[int]


class OutboxRow(Base):
    """Something Discord should show: desired state by key, not a list of events.

    Each enqueue bumps `revision`; delivery removes the row only at the revision it read.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_due", "failed", "due_at"),
        Index("ix_outbox_turn", "failed", "guild_id", "priority", "created_at", "key"),
        Index("ix_outbox_group", "kind", "group_id", "priority", "created_at", "key"),
        partial_index("ix_outbox_failing", "guild_id", where=FAILING),
    )

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    key: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    guild_id: Mapped[int]
    # The question of a card, the reader of a notice. Jobs of one group are done one after the
    # other.
    group_id: Mapped[int] = mapped_column(server_default=text("0"))
    revision: Mapped[int] = mapped_column(Integer)
    priority: Mapped[int] = mapped_column(SmallInteger)
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    failed: Mapped[bool] = mapped_column(server_default=text("false"))
    error: Mapped[str] = mapped_column(server_default="")
    # Whether Discord answered and refused it, so that new facts may pass. False if it was out of
    # reach.
    refused: Mapped[bool] = mapped_column(server_default=text("false"))


class ModeratorsMessage(Base):
    """A message that stands in a server's moderators' channel besides the reports' cards: `name` is
    a `review.Fixture`."""

    __tablename__ = "moderators_messages"

    guild_id: Mapped[int] = mapped_column(
        ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    channel_id: Mapped[int | None]
    message_id: Mapped[int | None]
    shown: Mapped[str] = mapped_column(server_default="")
    times: Mapped[int] = mapped_column(Integer, server_default=text("0"))


class Refresh(Base):
    """A change that many cards show. Those of the posts before `after_id` aren't enqueued yet.

    The newest go first; None means all posts. The row is deleted once all are enqueued.
    """

    __tablename__ = "refreshes"

    guild_id: Mapped[int] = mapped_column(
        ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    cause: Mapped[str] = mapped_column(String(20), primary_key=True)
    # The category, tag or post it is about; empty for all posts.
    about: Mapped[str] = mapped_column(primary_key=True)
    after_id: Mapped[int | None]
    asked_at: Mapped[datetime]


class Continuation(Base):
    """A message that continues a text too long for its card, from position 1."""

    __tablename__ = "continuations"

    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    guild_id: Mapped[int]
    message_id: Mapped[int] = mapped_column(unique=True)
    shown: Mapped[str] = mapped_column(server_default="")


class Sign(Base):
    """A message of the bot's that isn't a post's card: the how-to of a server, for example. `kind`
    is that of its job, `key` the job's key.

    It is desired state: delivery shows it, keeps it up to date, and deletes it once it has `ended`
    or `until` has passed; then the row goes, too.
    """

    __tablename__ = "signs"
    __table_args__ = (Index("ix_signs_shown", "shown_id"),)

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    key: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id", ondelete="CASCADE"))
    # Which of several of its kind it is.
    what: Mapped[str] = mapped_column(String(10), server_default="")
    # Where it should be shown, and the message that it replies to.
    channel_id: Mapped[int]
    reply_to: Mapped[int | None]
    # Whom and what it is about.
    person_id: Mapped[int | None]
    post_id: Mapped[int | None]
    asked_at: Mapped[datetime]
    until: Mapped[datetime | None]
    ended: Mapped[bool] = mapped_column(server_default=text("false"))
    # Where it is: the channel it was sent to, the thread or channel of its message, the message,
    # and a digest of what that shows.
    home_id: Mapped[int | None]
    shown_in: Mapped[int | None]
    shown_id: Mapped[int | None]
    shown: Mapped[str] = mapped_column(server_default="")
    # Whether it was pinned: "yes", "no" where there was no room or permission, "" if not tried yet.
    pinned: Mapped[str] = mapped_column(String(3), server_default="")
