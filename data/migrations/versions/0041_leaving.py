"""Members who left a server, and servers that removed the bot.

Why: what is kept of them goes after a month. Discord tells bots without a privileged intent of
nobody who leaves, so members of whom something is kept are asked for, one after the other:
`presences` says when each was last asked for, and since when they are gone. `guilds.left_at` is
since when the bot isn't in a server, and `erasing` whether all of it is being erased.

Revision: 0041
"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "presences",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("looked_at", sa.BigInteger(), nullable=False),
        sa.Column("gone_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guilds.id"], name=op.f("fk_presences_guild_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("guild_id", "user_id", name=op.f("pk_presences")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_presences_looked", "presences", ["looked_at", "guild_id", "user_id"])
    op.execute("CREATE INDEX ix_presences_gone ON presences (gone_at) WHERE gone_at IS NOT NULL")
    op.add_column("guilds", sa.Column("left_at", sa.BigInteger(), nullable=True))
    op.add_column(
        "guilds",
        sa.Column("erasing", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
