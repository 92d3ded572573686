"""What happens to members' posts, in their inboxes.

Why: authors were told of nothing that they hadn't ticked or followed. Now their inbox has votes, as
one line a post that changes with them, what moderators did and why, and the question whether an
answer solved it. A line that changes goes up in the inbox, so the latest come by their time instead
of their row. And a message's *stop* button has to know why it was sent.

Revision: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

# Built before, while others go on writing: see 0009.
LARGE_INDEXES = {"ix_notices_latest": "notices (guild_id, user_id, created_at)"}


def upgrade() -> None:
    for column in (
        sa.Column("sent_for", sa.String(10), server_default="", nullable=False),
        sa.Column("votes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("why", sa.String(20), server_default="", nullable=False),
        sa.Column("declined", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    ):
        op.add_column("notices", column)
    for name, what in LARGE_INDEXES.items():
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {what}")
    op.execute("DROP INDEX ix_notices_reader")
