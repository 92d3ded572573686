"""Answers that others make of somebody's message.

Why: the writer's consent is asked by a reply under the message, which must go after a day also
where the bot was away: it becomes a row. An answer made of another's message goes with it until
somebody votes on it, and tells which moderator made it without asking.

Revision: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    no = sa.text("false")
    op.create_table(
        "consents",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("writer_id", sa.BigInteger(), nullable=False),
        sa.Column("asker_id", sa.BigInteger(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("shown_id", sa.BigInteger(), nullable=True),
        sa.Column("ended", sa.Boolean(), server_default=no, nullable=False),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guilds.id"], name=op.f("fk_consents_guild_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_consents")),
    )
    op.create_index("ix_consents_channel", "consents", ["guild_id", "channel_id"])
    op.add_column(
        "posts", sa.Column("from_message", sa.Boolean(), server_default=no, nullable=False)
    )
    op.add_column("posts", sa.Column("posted_by", sa.BigInteger(), nullable=True))
