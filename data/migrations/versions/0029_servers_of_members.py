"""The servers in which a member did something.

Why: `/ask` from the bot's direct messages asks for the server first, and offers those in which the
member has acted. The hourly counts tell that, by server; they are now found by member as well.

Revision: 0029
"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


# Built before, while others go on writing: see 0009.
LARGE_INDEXES = {"ix_hourly_counts_user": "hourly_counts (user_id)"}


def upgrade() -> None:
    for name, what in LARGE_INDEXES.items():
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {what}")
