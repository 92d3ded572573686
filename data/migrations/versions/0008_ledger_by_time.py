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


def upgrade() -> None:
    op.create_index("ix_ledger_time", "ledger", ["guild_id", "at"])
