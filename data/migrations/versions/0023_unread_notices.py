"""Notices that a member hasn't read, by their reader.

Why: every private reply says how much is new in the inbox. A member who follows much has thousands
of notices, and only the unread ones are to be looked at.

Revision: 0023
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# Built before, while others go on writing: see 0009.
LARGE_INDEXES = {"ix_notices_unread": "notices (guild_id, user_id, id) WHERE read_at IS NULL"}


def upgrade() -> None:
    for name, what in LARGE_INDEXES.items():
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {what}")
