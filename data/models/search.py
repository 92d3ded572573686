"""The index of title words. The full text is in `post_words`, which each database stores in its own
way (`data.search`)."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base


class TitleWord(Base):
    """A content word of a visible question's title. `weight` is its BM25 impact in thousandths:
    all of the formula but the word's rarity, which is counted when it is asked for."""

    __tablename__ = "title_words"
    __table_args__ = (Index("ix_title_words_post", "post_id"), {"sqlite_with_rowid": False})

    guild_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    word: Mapped[str] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    weight: Mapped[int] = mapped_column(SmallInteger)
