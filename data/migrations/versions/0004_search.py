"""Full text of questions and answers, and the words of titles with their weights.

Why: `/search` looks through bodies and tags too, and similar questions are ranked alike on both
databases. Words are cut and stemmed by `bot.domain`, so that both hold the same ones; this file
fills the new indexes through the same functions that keep them up to date.

Revision: 0004
"""

import sqlalchemy as sa
from alembic import op

from data.search_index import rows_of, write_rows

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_PIECE = 1000


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
    after = 0
    while True:
        found = bind.execute(
            sa.text(
                "SELECT p.id, p.guild_id, p.kind, p.status, t.title, t.body, t.tags FROM posts AS p"
                " JOIN post_texts AS t ON t.post_id = p.id WHERE p.id > :after ORDER BY p.id"
                " LIMIT :piece"
            ),
            {"after": after, "piece": _PIECE},
        ).all()
        if not found:
            break
        write_rows(bind, rows_of(found))
        after = found[-1][0]
