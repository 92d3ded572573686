"""Full text of questions and answers, and the words of titles with their weights.

Why: `/search` looks through bodies and tags too, and similar questions are ranked alike on both
databases. Words are cut and stemmed by today's code, so that both hold the same ones: the indexes
are filled by the bot's next start, not here.

Revision: 0004
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "title_words",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("post_id", RowId, autoincrement=False, nullable=False),
        sa.Column("weight", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_title_words_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("guild_id", "word", "post_id", name=op.f("pk_title_words")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_title_words_post", "title_words", ["post_id"], unique=False)
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        op.execute("DROP TABLE question_titles")
        op.execute(
            "CREATE VIRTUAL TABLE post_words USING fts5"
            "(title, body, tags, scope, tokenize = 'unicode61 remove_diacritics 0')"
        )
    else:
        op.execute("DROP INDEX ix_post_texts_title_words")
        op.execute("ALTER TABLE post_texts DROP COLUMN title_words")
        op.execute(
            "CREATE TABLE post_words (post_id bigint PRIMARY KEY"
            " REFERENCES posts (id) ON DELETE CASCADE, words tsvector NOT NULL)"
        )
        op.execute("CREATE INDEX ix_post_words ON post_words USING gin (words)")
    _have_everything_indexed()


def _have_everything_indexed() -> None:
    """By the next start of the bot, which takes it for a recount: that indexes each post anew."""
    bind = op.get_bind()
    for guild_id, stored in bind.execute(sa.text("SELECT id, settings FROM guilds")).all():
        settings = json.loads(stored) if isinstance(stored, str) else dict(stored or {})
        settings["recount_due"] = "0004"
        bind.execute(
            sa.text("UPDATE guilds SET settings = :settings WHERE id = :guild").bindparams(
                sa.bindparam("settings", type_=sa.JSON())
            ),
            {"settings": settings, "guild": guild_id},
        )
