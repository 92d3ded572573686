"""Offers under messages, and who has read how to post one.

Why: a reply to a card offers its writer to post it as an answer or comment. The offer goes after
ten minutes, also over a restart. Whoever writes in a question's thread is told once how to do that
with a message whose text Discord doesn't send.

Revision: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("signs", sa.Column("what", sa.String(10), server_default="", nullable=False))
    op.create_table(
        "hints",
        sa.Column("thread_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guilds.id"], name=op.f("fk_hints_guild_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("thread_id", "user_id", name=op.f("pk_hints")),
        sqlite_with_rowid=False,
    )
