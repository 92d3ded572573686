"""Members whose data was erased.

Why: a member may have what is kept of them erased. Nothing of it may come back by comparing with
Discord, and a block goes on; so a digest of their id stays, under a secret of the server. The index
of `hints` finds a member's.

Revision: 0040
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

LARGE_INDEXES = {"ix_hints_user": "hints (guild_id, user_id)"}


def upgrade() -> None:
    op.add_column("guilds", sa.Column("erasure_secret", sa.Text(), nullable=True))
    op.create_table(
        "erasures",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guilds.id"], name=op.f("fk_erasures_guild_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("guild_id", "digest", name=op.f("pk_erasures")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "erasing",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("texts", sa.Boolean(), nullable=False),
        sa.Column("step", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("after", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guilds.id"], name=op.f("fk_erasing_guild_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("guild_id", "user_id", name=op.f("pk_erasing")),
    )
    for name, what in LARGE_INDEXES.items():
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {what}")
