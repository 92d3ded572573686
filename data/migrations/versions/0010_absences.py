"""Absences of the bot, and reactions that are to be taken off.

Why: votes under old questions, and votes that balanced each other, were lost when the bot was
away; and a reaction that could not be taken off at once stayed for good, and voted again. Now each
question knows up to which absence it was compared with Discord, and what is to be taken off is a
row that delivery works off.

Questions that stand here already count as compared before every absence.

Revision: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# Built before, while others go on writing: see 0009. So is the column it needs, whose default costs
# PostgreSQL nothing.
LARGE_COLUMNS = {"places.compared": "integer DEFAULT 0 NOT NULL"}
LARGE_INDEXES = {
    "ix_places_compared": "places (guild_id, compared, post_id) WHERE thread_id IS NOT NULL",
}


def upgrade() -> None:
    op.add_column(
        "guilds", sa.Column("absences", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    may_be_there = "IF NOT EXISTS " if op.get_bind().dialect.name == "postgresql" else ""
    for name, what in LARGE_COLUMNS.items():
        table, _, column = name.partition(".")
        op.execute(f"ALTER TABLE {table} ADD COLUMN {may_be_there}{column} {what}")
    for name, what in LARGE_INDEXES.items():
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {what}")
    op.create_table(
        "unwanted_reactions",
        sa.Column("id", RowId, nullable=False),
        sa.Column("post_id", RowId, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.SmallInteger(), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"],
            ["posts.id"],
            name=op.f("fk_unwanted_reactions_post_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unwanted_reactions")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_unwanted_reactions",
        "unwanted_reactions",
        ["post_id", "user_id", "value"],
        unique=True,
    )
