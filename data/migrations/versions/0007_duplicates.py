"""Duplicates are found by their original.

Why: each time a question's card is shown, those closed as its duplicates are looked for; without an
index that reads every post of the server.

Revision: 0007
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


# Built before, while others go on writing: see 0009.
LARGE_INDEXES = {
    "ix_posts_duplicate": "posts (duplicate_of) WHERE duplicate_of IS NOT NULL",
}


def upgrade() -> None:
    for name, what in LARGE_INDEXES.items():
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {what}")
