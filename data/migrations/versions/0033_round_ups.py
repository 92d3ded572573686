"""A weekly round-up of a server.

Why: it is sent once a week, whatever gets lost on the way: `round_ups` holds when the latest one
was due, and where it was tried. Members can switch off being in it. What it tells is found by two
indexes: questions without an answer, the oldest first, and those whose best answer was chosen last.

Revision: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


# Added and built before, while others go on writing: see 0009 and 0010.
LARGE_COLUMNS = {"preferences.in_round_up": "boolean DEFAULT true NOT NULL"}
LARGE_INDEXES = {
    "ix_preferences_left_out": "preferences (guild_id, user_id) WHERE in_round_up IS false",
    "ix_posts_waiting": "posts (guild_id, number) WHERE kind = 'question' AND status = 'visible'"
    " AND answer_count = 0 AND closed_at IS NULL",
    "ix_posts_chosen": "posts (guild_id, best_chosen_at) WHERE best_answer_id IS NOT NULL",
}


def upgrade() -> None:
    may_be_there = "IF NOT EXISTS " if op.get_bind().dialect.name == "postgresql" else ""
    for name, what in LARGE_COLUMNS.items():
        table, _, column = name.partition(".")
        op.execute(f"ALTER TABLE {table} ADD COLUMN {may_be_there}{column} {what}")
    for name, what in LARGE_INDEXES.items():
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {what}")
    op.create_table(
        "round_ups",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=True),
        sa.Column("tried_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guilds.id"], name=op.f("fk_round_ups_guild_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("guild_id", name=op.f("pk_round_ups")),
    )
