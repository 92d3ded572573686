"""Members: their points, limits, follows and notices."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.erasures import SEALED
from data.models.base import Base, partial_index
from data.types import RowId, Word

LEFT_OUT = text("in_round_up IS false")
# Notices of anonymous authors: few of all, and they go earlier.
TO_SEALED = text(f"user_id <= {SEALED}")


class Member(Base):
    """A member of a server: `points` is the cached sum of their ledger and bonuses."""

    __tablename__ = "members"
    __table_args__ = (Index("ix_members_points", "guild_id", "points"),)

    guild_id: Mapped[int] = mapped_column(
        ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    points: Mapped[int] = mapped_column(Integer, server_default=text("0"))


class Name(Base):
    """A member's name and avatar as last seen in one of their acts. They aren't columns of
    `members`, because everybody with a row there is ranked, and each vote rewrites that row."""

    __tablename__ = "names"
    __table_args__ = ({"sqlite_with_rowid": False},)

    guild_id: Mapped[int] = mapped_column(
        ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    # See `bot.domain.names.avatar_address`.
    avatar: Mapped[str] = mapped_column(server_default="")


class LedgerEntry(Base):
    """One line of the ledger: a member's points for a reason. `actor_id` is the voter, or 0."""

    __tablename__ = "ledger"
    __table_args__ = (
        Index("ix_ledger_member", "guild_id", "user_id", "at"),
        Index("ix_ledger_time", "guild_id", "at"),
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


class Bonus(Base):
    """Points that a manager (`given_by`) gave a member, or took from them, apart from the
    ledger."""

    __tablename__ = "bonuses"
    __table_args__ = (
        Index("ix_bonuses_member", "guild_id", "user_id", "at"),
        Index("ix_bonuses_given", "guild_id", "given_by"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id", ondelete="CASCADE"))
    user_id: Mapped[int]
    points: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str]
    given_by: Mapped[int]
    at: Mapped[datetime]
    # The interaction it was given with; the same one never gives points twice.
    origin_id: Mapped[int] = mapped_column(unique=True)


class HourlyCount(Base):
    """How often a member did something within the hour that began at `since`."""

    __tablename__ = "hourly_counts"
    __table_args__ = (
        Index("ix_hourly_counts_user", "user_id"),
        Index("ix_hourly_counts_hour", "guild_id", "action", "since"),
    )

    guild_id: Mapped[int] = mapped_column(
        ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    action: Mapped[str] = mapped_column(String(20), primary_key=True)
    since: Mapped[datetime]
    times: Mapped[int] = mapped_column(Integer)


class Notice(Base):
    """A notice in a member's inbox, which is also sent to them if they wish.

    `votes` is by how much a post's score has changed since its author read of it; at 0 there is
    nothing to read. Where a post was hidden or is shown again, it is to how many more of their
    posts that was done at once. `why` is a `HideReason`, `sent_for` a `SentFor`. `declined` means
    that the asker said that this answer didn't solve it yet.
    """

    __tablename__ = "notices"
    __table_args__ = (
        Index("uq_notices_once", "user_id", "kind", "post_id", unique=True),
        Index("ix_notices_post", "post_id"),
        Index("ix_notices_latest", "guild_id", "user_id", "created_at"),
        Index("ix_notices_age", "created_at"),
        partial_index("ix_notices_sealed", "created_at", "user_id", where=TO_SEALED),
        partial_index(
            "ix_notices_unread", "guild_id", "user_id", "id", where=text("read_at IS NULL")
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id", ondelete="CASCADE"))
    user_id: Mapped[int]
    kind: Mapped[str] = mapped_column(Word(20))
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    # Whether it is to be sent by direct message, and wasn't yet.
    by_message: Mapped[bool] = mapped_column(server_default=text("true"))
    sent: Mapped[bool] = mapped_column(server_default=text("false"))
    sent_for: Mapped[str] = mapped_column(String(10), server_default="")
    votes: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    why: Mapped[str] = mapped_column(String(20), server_default="")
    declined: Mapped[bool] = mapped_column(server_default=text("false"))
    read_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Receipt(Base):
    """An act whose outcome the member wasn't told yet; it is in their inbox until then.

    `about` is the number of a post or the name of a setting; `origin_id` the interaction whose
    private reply tells the outcome. An act on a visible post has a notice instead.
    """

    __tablename__ = "receipts"
    __table_args__ = (
        Index("ix_receipts_reader", "guild_id", "user_id", "id"),
        Index("ix_receipts_age", "created_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id", ondelete="CASCADE"))
    user_id: Mapped[int]
    act: Mapped[str] = mapped_column(String(32))
    about: Mapped[str] = mapped_column(server_default="")
    origin_id: Mapped[int]
    created_at: Mapped[datetime]


class RefusedVoteRow(Base):
    """A member's last vote by reaction that was refused, until they read why: `reason` is a
    `Denial`, `figures` are the values for its sentence."""

    __tablename__ = "refused_votes"
    __table_args__ = (Index("ix_refused_votes_age", "at"),)

    guild_id: Mapped[int] = mapped_column(
        ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    channel_id: Mapped[int]
    message_id: Mapped[int]
    reason: Mapped[str] = mapped_column(String(40))
    figures: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class BlockRow(Base):
    """A member who may read along, but not take part: see `bot.domain.blocks.Block`. `read_at` is
    when they read of it in their inbox."""

    __tablename__ = "blocks"
    __table_args__ = (Index("ix_blocks_end", "until"), Index("ix_blocks_by", "guild_id", "by_id"))

    guild_id: Mapped[int] = mapped_column(
        ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    until: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(server_default="")
    by_id: Mapped[int]
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class AppealRow(Base):
    """An author's appeal: see `bot.domain.appeals.Appeal`. `author_id` is None where the author is
    sealed; `told_at` is when they were told what they appeal against, so that they appeal once.
    `decision` is None while it waits. `read_at` is when they read of the outcome."""

    __tablename__ = "appeals"
    __table_args__ = (
        Index("ix_appeals_author", "guild_id", "author_id", "id"),
        Index("ix_appeals_post", "post_id"),
        Index("ix_appeals_at", "guild_id", "at"),
        Index("ix_appeals_age", "at"),
        Index("ix_appeals_first", "guild_id", "first_by"),
        Index("ix_appeals_decided", "guild_id", "decided_by"),
        partial_index("ix_appeals_waiting", "guild_id", "id", where=text("decision IS NULL")),
        partial_index(
            "ix_appeals_unread",
            "guild_id",
            "author_id",
            where=text("decision IS NOT NULL AND read_at IS NULL"),
        ),
        partial_index(
            "ix_appeals_words",
            "decided_at",
            where=text("words <> '' AND decided_at IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id", ondelete="CASCADE"))
    author_id: Mapped[int | None]
    about: Mapped[str] = mapped_column(String(10))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    told_at: Mapped[datetime]
    first_by: Mapped[int | None]
    # Why a post was hidden or not approved: a `HideReason`.
    why: Mapped[str] = mapped_column(String(20), server_default="")
    words: Mapped[str] = mapped_column(server_default="")
    at: Mapped[datetime]
    decision: Mapped[str | None] = mapped_column(String(20))
    decided_by: Mapped[int | None]
    decided_at: Mapped[datetime | None]
    # Whether who decided first decided it, since nobody else could.
    alone: Mapped[bool] = mapped_column(server_default=text("false"))
    read_at: Mapped[datetime | None]
    channel_id: Mapped[int | None]
    message_id: Mapped[int | None]
    shown: Mapped[str] = mapped_column(server_default="")
    times: Mapped[int] = mapped_column(Integer, server_default=text("0"))


class ClaimRow(Base):
    """A moderator who is looking at something in the review queue, or has `passed` it on to others:
    see `bot.domain.review.Item`. The server itself has passed an item on if those on duty were
    called for it."""

    __tablename__ = "claims"
    __table_args__ = (Index("ix_claims_age", "passed", "at"),)

    guild_id: Mapped[int] = mapped_column(
        ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    key: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    passed: Mapped[bool] = mapped_column(server_default=text("false"))


class DutyRow(Base):
    """A member who is on duty, and since when."""

    __tablename__ = "duty"

    guild_id: Mapped[int] = mapped_column(
        ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    since: Mapped[datetime]


class Consent(Base):
    """A request under a message, whose writer decides whether it becomes an answer. `said` is the
    message's text and files; `shown_id` the bot's reply. The row is deleted with the reply."""

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_channel", "guild_id", "channel_id"),)

    message_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id", ondelete="CASCADE"))
    channel_id: Mapped[int]
    writer_id: Mapped[int]
    asker_id: Mapped[int]
    said: Mapped[dict[str, Any]]
    asked_at: Mapped[datetime]
    until: Mapped[datetime]
    shown_id: Mapped[int | None]
    ended: Mapped[bool] = mapped_column(server_default=text("false"))


class Hint(Base):
    """A member who was told in a thread how to post their messages. Each is told once."""

    __tablename__ = "hints"
    __table_args__ = (Index("ix_hints_user", "guild_id", "user_id"), {"sqlite_with_rowid": False})

    thread_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id", ondelete="CASCADE"))


class Follow(Base):
    """What a member follows: `kind` is question, category, member or tag, `key` its id or name."""

    __tablename__ = "follows"
    __table_args__ = (
        Index("ix_follows_key", "guild_id", "kind", "key"),
        {"sqlite_with_rowid": False},
    )

    guild_id: Mapped[int] = mapped_column(
        ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]


class Preference(Base):
    """A member's notification preferences. Hours are in `timezone`."""

    __tablename__ = "preferences"
    __table_args__ = (
        Index("ix_preferences_digest", "next_digest_at"),
        partial_index("ix_preferences_left_out", "guild_id", "user_id", where=LEFT_OUT),
    )

    guild_id: Mapped[int] = mapped_column(
        ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # Whether news of what they follow is sent by direct message; what they ticked in a form always
    # is.
    by_message: Mapped[bool] = mapped_column(server_default=text("false"))
    locale: Mapped[str] = mapped_column(String(10), server_default="")
    timezone: Mapped[str] = mapped_column(server_default="UTC")
    quiet_from: Mapped[int | None] = mapped_column(SmallInteger)
    quiet_to: Mapped[int | None] = mapped_column(SmallInteger)
    digest: Mapped[str] = mapped_column(String(10), server_default="off")
    digest_hour: Mapped[int] = mapped_column(SmallInteger, server_default=text("9"))
    next_digest_at: Mapped[datetime | None]
    # Whether the server's weekly round-up may name them and what they wrote.
    in_round_up: Mapped[bool] = mapped_column(server_default=text("true"))
