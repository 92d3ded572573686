"""An index of the files that wait to be sent.

Why: how much of a server's files waits here is bounded, and asked before each one is fetched.

Revision: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    waiting = sa.text("content IS NOT NULL")
    op.create_index(
        "ix_attachments_waiting",
        "attachments",
        ["guild_id", "size"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
