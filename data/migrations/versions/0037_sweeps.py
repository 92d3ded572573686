"""Hiding all posts of a member, and what the audit log is searched by.

Why: a moderator hides hundreds of posts at once, and can take that back. So it is known which posts
one act hid, and which of them still wait to be. Moderators ask the log for one kind of act, or for
those since a time.

Revision: 0037
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

# Built before, while others go on writing: see 0009.
LARGE_INDEXES = {
    "ix_audit_kind": "audit (guild_id, kind, id)",
    "ix_audit_at": "audit (guild_id, at, id)",
    "ix_audit_age": "audit (at)",
}
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for name, what in LARGE_INDEXES.items():
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {what}")
    op.create_table(
        "sweeps",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(20), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("audit_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guilds.id"], name=op.f("fk_sweeps_guild_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sweeps")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sweeps_member", "sweeps", ["guild_id", "member_id", "id"])
    op.create_index("ix_sweeps_age", "sweeps", ["at"])
    op.create_table(
        "sweep_posts",
        sa.Column("sweep_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("post_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.ForeignKeyConstraint(
            ["sweep_id"], ["sweeps.id"], name=op.f("fk_sweep_posts_sweep_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_sweep_posts_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sweep_id", "post_id", name=op.f("pk_sweep_posts")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_sweep_posts_post", "sweep_posts", ["post_id"])
    waiting = "sweep_posts (sweep_id, position) WHERE state = 'waiting'"
    op.execute(f"CREATE INDEX ix_sweep_posts_waiting ON {waiting}")
