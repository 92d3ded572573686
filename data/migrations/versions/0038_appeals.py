"""Appeals against what moderators decided.

Why: whoever was hidden, closed, blocked or not approved may ask once for another look, and another
moderator than the one who decided first answers. An author's words are theirs: they are kept here
alone, and erased some time after the decision.

Revision: 0038
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "appeals",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("about", sa.String(10), nullable=False),
        sa.Column("post_id", ROW_ID, nullable=True),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.Column("first_by", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.String(20), server_default="", nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.String(20), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("alone", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        sa.Column("channel_id", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("shown", sa.Text(), server_default="", nullable=False),
        sa.Column("times", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guilds.id"], name=op.f("fk_appeals_guild_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_appeals_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_appeals_author", "appeals", ["guild_id", "author_id", "id"])
    op.create_index("ix_appeals_post", "appeals", ["post_id"])
    op.create_index("ix_appeals_at", "appeals", ["guild_id", "at"])
    op.create_index("ix_appeals_age", "appeals", ["at"])
    for name, columns, where in (
        ("ix_appeals_waiting", "guild_id, id", "decision IS NULL"),
        ("ix_appeals_unread", "guild_id, author_id", "decision IS NOT NULL AND read_at IS NULL"),
        ("ix_appeals_words", "decided_at", "words <> '' AND decided_at IS NOT NULL"),
    ):
        op.execute(f"CREATE INDEX {name} ON appeals ({columns}) WHERE {where}")
