"""Delivery in turns, changes that many cards show, and lookups without reading whole tables.

Why: one server's mass of refreshes, or one long thread, held up the jobs of all others. Jobs keep
the group they stand in line with, and indexes find the first of each server and group. A change
that many cards show is a row with a cursor, so that only a few of its cards wait at once. Notices
are found by their post, reader and age, comments by their parent, questions by their category.

Revision: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


# Of tables that may be large. PostgreSQL builds them before this migration, while the bot that is
# to be replaced goes on writing (`data.migrating`); then they are there.
LARGE_INDEXES = {
    "ix_posts_parent": "posts (parent_id)",
    "ix_posts_category": "posts (category_id, id) WHERE kind = 'question'",
    "ix_notices_post": "notices (post_id)",
    "ix_notices_reader": "notices (guild_id, user_id, id)",
    "ix_notices_age": "notices (created_at)",
}


def upgrade() -> None:
    op.add_column(
        "outbox",
        sa.Column("group_id", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
    )
    op.execute(
        "UPDATE outbox SET group_id = coalesce("
        " CASE kind WHEN 'card' THEN (SELECT question_id FROM posts WHERE posts.id = outbox.key)"
        " WHEN 'notice' THEN (SELECT user_id FROM notices WHERE notices.id = outbox.key) END, key)"
    )
    op.create_index(
        "ix_outbox_turn", "outbox", ["failed", "guild_id", "priority", "created_at", "key"]
    )
    op.create_index(
        "ix_outbox_group", "outbox", ["kind", "group_id", "priority", "created_at", "key"]
    )
    op.create_table(
        "refreshes",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("after_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guilds.id"], name=op.f("fk_refreshes_guild_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("guild_id", "cause", "about", name=op.f("pk_refreshes")),
    )
    for name, what in LARGE_INDEXES.items():
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {what}")
