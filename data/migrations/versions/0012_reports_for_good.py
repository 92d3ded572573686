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


def upgrade() -> None:
    no = sa.text("false")
    op.add_column("flags", sa.Column("counts", sa.Boolean(), server_default=no, nullable=False))
    op.add_column("flags", sa.Column("decided_at", sa.BigInteger(), nullable=True))
    waiting = sa.text("decided_at IS NULL")
    op.create_index(
        "ix_flags_waiting", "flags", ["guild_id"], sqlite_where=waiting, postgresql_where=waiting
    )
    op.add_column(
        "posts", sa.Column("duplicate_linked", sa.Boolean(), server_default=no, nullable=False)
    )
    op.add_column("posts", sa.Column("vouched_at", sa.BigInteger(), nullable=True))
    op.execute(
        "UPDATE posts SET duplicate_linked = true WHERE duplicate_of IS NOT NULL AND"
        " (closed_by <> coalesce(author_id, 0) OR closed_by ="
        " (SELECT o.author_id FROM posts AS o WHERE o.id = posts.duplicate_of))"
    )
