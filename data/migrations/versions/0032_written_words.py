"""Words as they were written.

Why: a misspelt search found nothing, since the index has stems only. `written_words` counts in how
many posts of each channel a word is written, `word_keys` finds words that are near to a misspelt
one, and `counted_posts` has what is counted of each post, so that it can be taken off again. Posts
in `uncounted_posts` are counted in the background: here, all of them.

Revision: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _guild(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_guild_id")
    return sa.ForeignKeyConstraint(["guild_id"], ["guilds.id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    op.create_table(
        "written_words",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("home_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        _guild("written_words"),
        sa.PrimaryKeyConstraint("guild_id", "word", "home_id", name=op.f("pk_written_words")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "word_keys",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        _guild("word_keys"),
        sa.PrimaryKeyConstraint("guild_id", "key", "word", name=op.f("pk_word_keys")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "counted_posts",
        sa.Column("post_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("home_id", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_counted_posts_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_counted_posts")),
    )
    op.create_table(
        "uncounted_posts",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("post_id", sa.BigInteger(), autoincrement=False, nullable=False),
        _guild("uncounted_posts"),
        sa.PrimaryKeyConstraint("guild_id", "post_id", name=op.f("pk_uncounted_posts")),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO uncounted_posts (guild_id, post_id) SELECT guild_id, id FROM posts"
        " WHERE status = 'visible' AND kind <> 'comment'"
    )
