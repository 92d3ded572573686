"""Names of members as they were last seen.

Why: whoever left the server, or is not known to a reader's client, was shown as `<@id>` on cards
and in lists. The name that a member had when they last did something is kept for each server, and
shown instead.

Members who stand here already have none yet, and are shown as before until they do something.

Revision: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "names",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guilds.id"], name=op.f("fk_names_guild_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("guild_id", "user_id", name=op.f("pk_names")),
        sqlite_with_rowid=False,
    )
