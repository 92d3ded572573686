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


def upgrade() -> None:
    op.execute("DROP INDEX ix_posts_hot")
    op.execute(
        "CREATE INDEX ix_posts_hot ON posts (guild_id,"
        " ((created_at + coalesce(last_answer_at, created_at)) / 10000"
        " + CAST(16000000 AS bigint) * (answer_count + score)))"
        " WHERE kind = 'question' AND status = 'visible'"
    )
