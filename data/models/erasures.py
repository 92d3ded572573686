"""Members whose data was erased or is being erased, and those who may have left."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, partial_index


class ErasureRow(Base):
    """A member who was erased, by a digest of their id under `Guild.erasure_secret`, and the day
    (counted from 1970). What they did before isn't taken over from Discord again, until they act
    again themselves: `returned`. `times` and `texts` tell an older copy of the data what it has to
    repeat: see `bot.domain.erasures.Erased`."""

    __tablename__ = "erasures"
    __table_args__ = ({"sqlite_with_rowid": False},)

    guild_id: Mapped[int] = mapped_column(
        ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    digest: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[int] = mapped_column(Integer)
    returned: Mapped[bool] = mapped_column(server_default=text("false"))
    times: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    texts: Mapped[int] = mapped_column(Integer, server_default=text("0"))


class ErasingRow(Base):
    """An erasure that isn't over: see `bot.domain.erasures.Erasing`. The row is deleted then."""

    __tablename__ = "erasing"

    guild_id: Mapped[int] = mapped_column(
        ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    texts: Mapped[bool]
    step: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    after: Mapped[int] = mapped_column(server_default=text("0"))
    asked_at: Mapped[datetime]


class Presence(Base):
    """A member of whom something is kept: when Discord was last asked whether they are still in the
    server, and since when they aren't (`gone_at`), as far as is known."""

    __tablename__ = "presences"
    __table_args__ = (
        Index("ix_presences_looked", "looked_at", "guild_id", "user_id"),
        partial_index("ix_presences_gone", "gone_at", where=text("gone_at IS NOT NULL")),
        {"sqlite_with_rowid": False},
    )

    guild_id: Mapped[int] = mapped_column(
        ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    looked_at: Mapped[datetime]
    gone_at: Mapped[datetime | None]


class Upkeep(Base):
    """What the installation notes of its own upkeep, by name: see `data.rewriting`."""

    __tablename__ = "upkeep"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[str]
