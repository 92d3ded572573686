"""What members typed or attached and didn't send yet."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base
from data.types import RowId


class Draft(Base):
    """What a member typed into a form that isn't posted yet, kept so that it is never lost."""

    __tablename__ = "drafts"
    __table_args__ = (
        Index("ix_drafts_age", "created_at"),
        Index("ix_drafts_member", "guild_id", "user_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id", ondelete="CASCADE"))
    user_id: Mapped[int]
    form: Mapped[str] = mapped_column(String(100))
    values: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class DraftFile(Base):
    """A file attached to a command, until the form that follows is sent."""

    __tablename__ = "draft_files"
    __table_args__ = (
        Index("ix_draft_files_age", "created_at"),
        Index("ix_draft_files_member", "guild_id", "user_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(ForeignKey("guilds.id", ondelete="CASCADE"))
    user_id: Mapped[int]
    filename: Mapped[str]
    content_type: Mapped[str] = mapped_column(server_default="")
    size: Mapped[int] = mapped_column(Integer)
    url: Mapped[str]
    # Whether its content is kept here.
    kept: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime]


class DraftFilePiece(Base):
    """A piece of a file's content, from number 0. Storing or reading whole files would hold several
    copies of them in memory."""

    __tablename__ = "draft_file_pieces"

    file_id: Mapped[int] = mapped_column(
        ForeignKey("draft_files.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)
