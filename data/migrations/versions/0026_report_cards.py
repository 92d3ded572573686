"""Cards of reports in the moderators' channel.

Why: no moderator was told of a report. Each reported post has a card there now, which says what was
decided and by whom; the row is what delivery compares it with. Reports have a reason to choose,
which may be shown where the post itself may not. Reports that wait get their row here.

Revision: 0026
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def _message() -> list[sa.Column[Any]]:
    return [
        sa.Column("channel_id", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("shown", sa.Text(), server_default="", nullable=False),
        sa.Column("times", sa.Integer(), server_default=sa.text("0"), nullable=False),
    ]


def upgrade() -> None:
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("flags", sa.Column("why", sa.String(20), server_default="other", nullable=False))
    op.create_table(
        "report_cards",
        sa.Column("post_id", row_id, autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("waiting", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("reported_at", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.String(20), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("hidden_for", sa.String(20), nullable=True),
        *_message(),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_report_cards_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_report_cards")),
    )
    op.create_index(
        "ix_report_cards_waiting",
        "report_cards",
        ["guild_id", "post_id"],
        sqlite_where=sa.text("waiting"),
        postgresql_where=sa.text("waiting"),
    )
    op.create_table(
        "moderators_messages",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(20), nullable=False),
        *_message(),
        sa.ForeignKeyConstraint(
            ["guild_id"],
            ["guilds.id"],
            name=op.f("fk_moderators_messages_guild_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("guild_id", "name", name=op.f("pk_moderators_messages")),
    )
    op.execute(
        "INSERT INTO report_cards (post_id, guild_id, waiting, reported_at) "
        "SELECT post_id, min(guild_id), true, max(at) FROM flags "
        "WHERE decided_at IS NULL GROUP BY post_id"
    )
