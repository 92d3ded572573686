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


# Built before, while others go on writing: see 0009.
LARGE_INDEXES = {
    "ix_posts_waiting": "posts (guild_id, number) WHERE kind = 'question' AND status = 'visible'"
    " AND answer_count = 0 AND closed_at IS NULL",
    "ix_posts_chosen": "posts (guild_id, best_chosen_at) WHERE best_answer_id IS NOT NULL",
}


def upgrade() -> None:
    for name, what in LARGE_INDEXES.items():
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {what}")
    wanted = sa.Column("in_round_up", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    op.add_column("preferences", wanted)
    left_out = sa.text("in_round_up IS false")
    op.create_index(
        "ix_preferences_left_out",
        "preferences",
        ["guild_id", "user_id"],
        sqlite_where=left_out,
        postgresql_where=left_out,
    )
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
