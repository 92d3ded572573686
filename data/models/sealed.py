"""Anonymous posts: who wrote them, sealed, and what their authors are limited, blocked and found
by without being named. See decision 36.

Row numbers here are random, and tables are in the order of their keys: a row number that counts is
a clock.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base


class PersonaRow(Base):
    """An anonymous author of posts in one question: see `bot.domain.sealed.Persona`.

    `handle` finds them by who they are, and `box` says who that is, each to the holder of the key
    alone. Where a member was erased, both are random bytes. Imported ones have no box: nobody knows
    who they were. `question_number` is the question's in its server, never its row, which an
    import may change.
    """

    __tablename__ = "personas"
    __table_args__ = (
        UniqueConstraint("guild_id", "question_number", "handle", name="uq_personas_handle"),
        {"sqlite_with_rowid": False},
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id", ondelete="CASCADE"))
    question_number: Mapped[int] = mapped_column(Integer)
    handle: Mapped[bytes] = mapped_column(LargeBinary)
    box: Mapped[bytes | None] = mapped_column(LargeBinary)
    name: Mapped[str]
    is_asker: Mapped[bool]


class AnonymousSlot(Base):
    """An anonymous act of somebody within an hour, which counts towards their limit: a handle of
    the member, the kind of act, the hour and which one it is of that hour. All of an hour are read
    at once, so that no statement says whose are wanted."""

    __tablename__ = "anonymous_slots"
    __table_args__ = (Index("ix_anonymous_slots_hour", "hour"), {"sqlite_with_rowid": False})

    guild_id: Mapped[int] = mapped_column(
        ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    hour: Mapped[datetime] = mapped_column(primary_key=True, autoincrement=False)
    slot: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)


class PostBlock(Base):
    """A member who may not write anonymously, found by a handle under a salt of this row alone, so
    that no two rows compare. It doesn't say for which post it was. `until_day` counts from 1970;
    None: for good."""

    __tablename__ = "post_blocks"
    __table_args__ = (
        Index("ix_post_blocks_server", "guild_id"),
        Index("ix_post_blocks_end", "until_day"),
        Index("ix_post_blocks_by", "guild_id", "by_id"),
        {"sqlite_with_rowid": False},
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id", ondelete="CASCADE"))
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    handle: Mapped[bytes] = mapped_column(LargeBinary)
    until_day: Mapped[int | None] = mapped_column(Integer)
    by_id: Mapped[int]


class InboxMark(Base):
    """What somebody has read of an inbox with anonymous posts' notices: `owner` is a handle, and
    the box is of the same length for everybody."""

    __tablename__ = "inbox_marks"
    __table_args__ = ({"sqlite_with_rowid": False},)

    guild_id: Mapped[int] = mapped_column(
        ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    owner: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    box: Mapped[bytes] = mapped_column(LargeBinary)


class UnsealRequest(Base):
    """A moderator's request to see, with another one, who wrote an anonymous post: see
    `bot.domain.unsealing.UnsealRequest`. It never says who that is. `tell_at` is when the author is
    to be told, where that isn't done yet."""

    __tablename__ = "unseal_requests"
    __table_args__ = (
        Index("ix_unseal_requests_server", "guild_id", "asked_by"),
        Index("ix_unseal_requests_end", "expires"),
    )

    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id", ondelete="CASCADE"))
    asked_by: Mapped[int]
    reason: Mapped[str]
    at: Mapped[datetime]
    expires: Mapped[datetime]
    outcome: Mapped[str | None] = mapped_column(String(10))
    decided_by: Mapped[int | None]
    decided_at: Mapped[datetime | None]
    # Whether whoever asked has looked.
    seen: Mapped[bool] = mapped_column(server_default=text("false"))
    danger_by: Mapped[int | None]
    tell_at: Mapped[datetime | None]
    channel_id: Mapped[int | None]
    message_id: Mapped[int | None]
    shown: Mapped[str] = mapped_column(server_default="")
    times: Mapped[int] = mapped_column(Integer, server_default=text("0"))


class ModeratorRow(Base):
    """A moderator of a server, since when the bot has seen them act as one, and when last."""

    __tablename__ = "moderators"

    guild_id: Mapped[int] = mapped_column(
        ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    since: Mapped[datetime]
    seen_at: Mapped[datetime]


class WaitingPost(Base):
    """An anonymous post that appears later, all of it in its box."""

    __tablename__ = "waiting"
    __table_args__ = (
        Index("ix_waiting_minute", "appear_minute"),
        Index("ix_waiting_server", "guild_id"),
        {"sqlite_with_rowid": False},
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id", ondelete="CASCADE"))
    appear_minute: Mapped[datetime]
    box: Mapped[bytes] = mapped_column(LargeBinary)
