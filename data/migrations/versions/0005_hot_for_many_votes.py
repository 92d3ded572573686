"""Hotness in 64 bits.

Why: PostgreSQL counted 16,000,000 for each answer and vote in 32 bits, and refused the 135th vote
on a question: "integer out of range". SQLite counts in 64 anyway, and gets the same index.

Revision: 0005
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


# Built before, while others go on writing: see 0009. It has a name of its own, since the index that
# it replaces is still in use then.
LARGE_INDEXES = {
    "ix_posts_hotness": "posts (guild_id,"
    " ((created_at + coalesce(last_answer_at, created_at)) / 10000"
    " + CAST(16000000 AS bigint) * (answer_count + score)))"
    " WHERE kind = 'question' AND status = 'visible'",
}


def upgrade() -> None:
    op.execute("DROP INDEX ix_posts_hot")
    if op.get_bind().dialect.name == "postgresql":
        for name, what in LARGE_INDEXES.items():
            op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {what}")
        op.execute("ALTER INDEX ix_posts_hotness RENAME TO ix_posts_hot")
    else:  # which knows no renaming of indexes
        op.execute(f"CREATE INDEX ix_posts_hot ON {LARGE_INDEXES['ix_posts_hotness']}")
