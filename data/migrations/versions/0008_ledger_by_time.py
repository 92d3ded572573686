"""The ledger by time.

Why: the leaderboards of a week and a month looked through all votes a server ever had, for seconds
in one of 400,000.

Revision: 0008
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


# Built before, while others go on writing: see 0009.
LARGE_INDEXES = {"ix_ledger_time": "ledger (guild_id, at)"}


def upgrade() -> None:
    for name, what in LARGE_INDEXES.items():
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {what}")
