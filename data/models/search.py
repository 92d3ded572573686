"""The indexes of title words and of words as written. The full text is in `post_words`, which each
database stores in its own way (`data.search`)."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Integer, SmallInteger
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


class WrittenWord(Base):
    """How many visible posts in a channel or forum have a word, as written but in lower case."""

    __tablename__ = "written_words"
    __table_args__ = ({"sqlite_with_rowid": False},)

    guild_id: Mapped[int] = mapped_column(
        ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    word: Mapped[str] = mapped_column(primary_key=True)
    home_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    posts: Mapped[int] = mapped_column(Integer)


class WordKey(Base):
    """A key under which misspellings of a written word find it (`bot.domain.spelling`)."""

    __tablename__ = "word_keys"
    __table_args__ = ({"sqlite_with_rowid": False},)

    guild_id: Mapped[int] = mapped_column(
        ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    key: Mapped[str] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(primary_key=True)


class CountedPost(Base):
    """What `written_words` counts of a post, so that it can be taken off again: its words, joined
    by single spaces, in its question's channel or forum."""

    __tablename__ = "counted_posts"

    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    guild_id: Mapped[int]
    home_id: Mapped[int]
    words: Mapped[str]


class UncountedPost(Base):
    """A post whose words are to be counted, or counted anew. The post is no foreign key: that would
    take another index, by which PostgreSQL would rather read those of all servers."""

    __tablename__ = "uncounted_posts"
    __table_args__ = ({"sqlite_with_rowid": False},)

    guild_id: Mapped[int] = mapped_column(
        ForeignKey("guilds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    post_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
