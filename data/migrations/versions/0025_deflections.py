"""Questions that needn't be posted.

Why: before a question goes up, its asker is shown similar ones. `/stats` tells how often that
helped. Only a count for each day is kept, and nothing of who it was.

Revision: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deflections",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guilds.id"], name=op.f("fk_deflections_guild_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("guild_id", "day", name=op.f("pk_deflections")),
    )
