"""Servers, their categories and tag synonyms."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, func, text
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, partial_index
from data.types import RowId, Word


class Guild(Base):
    """A server: its settings by name, and the last question number given out. `left_at` is since
    when the bot isn't in it; `erasing` means that all of it is being erased, come what may."""

    __tablename__ = "guilds"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    settings: Mapped[dict[str, str]]
    last_number: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    # How often the bot was away, so that it may have missed events.
    absences: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    created_at: Mapped[datetime]
    # In hexadecimal digits, made at the first erasure: see `bot.domain.erasures.digest_of`.
    erasure_secret: Mapped[str | None]
    left_at: Mapped[datetime | None]
    erasing: Mapped[bool] = mapped_column(server_default=text("false"))
    # In hexadecimal digits, made with the first anonymous post: it is in the handles of all of
    # them, so that with a new one none compares with what it was.
    sealing_salt: Mapped[str | None]
    # From when on anonymous posts can be unsealed, where that was switched on again.
    unsealing_from: Mapped[datetime | None]


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
    # Where its questions are posted, and who may ask in it. None: the server's channel, everybody.
    channel_id: Mapped[int | None]
    ask_role_id: Mapped[int | None]
    created_at: Mapped[datetime]


Index(
    "uq_categories_name",
    Category.guild_id,
    func.coalesce(Category.parent_id, 0),
    Category.name_key,
    unique=True,
)


class AuditRow(Base):
    """An act of a moderator or manager: see `bot.domain.audit.AuditEntry`. `before` and `after` are
    JSON."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_newest", "guild_id", "id"),
        Index("ix_audit_actor", "guild_id", "actor_id", "id"),
        Index("ix_audit_post", "guild_id", "post_id", "id"),
        Index("ix_audit_kind", "guild_id", "kind", "id"),
        Index("ix_audit_at", "guild_id", "at", "id"),
        Index("ix_audit_age", "at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    actor_id: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(20))
    post_id: Mapped[int | None]
    subject_id: Mapped[int | None]
    reason: Mapped[str] = mapped_column(server_default="")
    before: Mapped[str] = mapped_column(server_default="{}")
    after: Mapped[str] = mapped_column(server_default="{}")


class Sweep(Base):
    """An act on all posts of a member: hiding them, or showing them again. Its line in the audit
    log is `audit_id`; `reason` is a `ReportReason`."""

    __tablename__ = "sweeps"
    __table_args__ = (
        Index("ix_sweeps_member", "guild_id", "member_id", "id"),
        Index("ix_sweeps_age", "at"),
        Index("ix_sweeps_actor", "guild_id", "actor_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    member_id: Mapped[int]
    actor_id: Mapped[int]
    reason: Mapped[str] = mapped_column(String(20), server_default="")
    at: Mapped[datetime]
    audit_id: Mapped[int]


class SweepPost(Base):
    """A post that such an act is about, in the order in which they are done: see
    `bot.domain.sweeps.SweepState`."""

    __tablename__ = "sweep_posts"
    __table_args__ = (
        Index("ix_sweep_posts_post", "post_id"),
        partial_index(
            "ix_sweep_posts_waiting", "sweep_id", "position", where=text("state = 'waiting'")
        ),
        {"sqlite_with_rowid": False},
    )

    sweep_id: Mapped[int] = mapped_column(
        ForeignKey("sweeps.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    guild_id: Mapped[int]
    position: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(Word(10))


class RoundUpRow(Base):
    """A server's latest weekly round-up: when it was due and, once it was tried, where and since
    when, since it may have been sent without a confirmation. Those that would have been due before
    `changed_at`, when its channel or time was last chosen, don't count."""

    __tablename__ = "round_ups"

    guild_id: Mapped[int] = mapped_column(
        ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    due_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    channel_id: Mapped[int | None]
    tried_at: Mapped[datetime | None]


class Deflection(Base):
    """How many questions needn't be posted on a day (counted from 1970), because similar ones
    helped."""

    __tablename__ = "deflections"

    guild_id: Mapped[int] = mapped_column(
        ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    times: Mapped[int] = mapped_column(Integer)


class TagSynonym(Base):
    """A synonym: members who type `tag` get `target`."""

    __tablename__ = "tag_synonyms"

    guild_id: Mapped[int] = mapped_column(
        ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    tag: Mapped[str] = mapped_column(primary_key=True)
    target: Mapped[str]
