"""Messages of the bot's that aren't cards.

Why: `/setup` posts a how-to into the question channel. It is desired state, so that it is posted
once whatever gets lost on the way, and found again to be changed or taken back.

Revision: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    no = sa.text("false")
    op.create_table(
        "signs",
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("reply_to", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("post_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("ended", sa.Boolean(), server_default=no, nullable=False),
        sa.Column("home_id", sa.BigInteger(), nullable=True),
        sa.Column("shown_in", sa.BigInteger(), nullable=True),
        sa.Column("shown_id", sa.BigInteger(), nullable=True),
        sa.Column("shown", sa.Text(), server_default="", nullable=False),
        sa.Column("pinned", sa.String(3), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guilds.id"], name=op.f("fk_signs_guild_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_signs")),
    )
    op.create_index("ix_signs_shown", "signs", ["shown_id"])
