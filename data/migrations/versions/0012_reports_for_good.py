"""Reports are one a member and post for good; who links duplicates.

Why: whoever had reported a post could do so again once a moderator had shown it, and five new
accounts could hide anything. Reports stay with the time they were decided on; those that are
waiting now do not count towards hiding, since nobody noted how old their members were.

A question that its own asker closed as a duplicate put its title onto the original's card. Only
those stay linked there that somebody else closed, or that belong to the original's asker.

Revision: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# Built before, while others go on writing: see 0010.
LARGE_COLUMNS = {"flags.decided_at": "bigint"}
LARGE_INDEXES = {"ix_flags_waiting": "flags (guild_id) WHERE decided_at IS NULL"}


def upgrade() -> None:
    no = sa.text("false")
    op.add_column("flags", sa.Column("counts", sa.Boolean(), server_default=no, nullable=False))
    may_be_there = "IF NOT EXISTS " if op.get_bind().dialect.name == "postgresql" else ""
    for name, what in LARGE_COLUMNS.items():
        table, _, column = name.partition(".")
        op.execute(f"ALTER TABLE {table} ADD COLUMN {may_be_there}{column} {what}")
    for name, what in LARGE_INDEXES.items():
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {what}")
    op.add_column(
        "posts", sa.Column("duplicate_linked", sa.Boolean(), server_default=no, nullable=False)
    )
    op.add_column("posts", sa.Column("vouched_at", sa.BigInteger(), nullable=True))
    op.execute(
        "UPDATE posts SET duplicate_linked = true WHERE duplicate_of IS NOT NULL AND"
        " (closed_by <> coalesce(author_id, 0) OR closed_by ="
        " (SELECT o.author_id FROM posts AS o WHERE o.id = posts.duplicate_of))"
    )
