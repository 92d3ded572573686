"""Avatars of members as they were last seen.

Why: a card begins with its author, and a client shows an avatar only for members it knows. The hash
of the avatar is stored with the name, and erased with it.

Members who stand here already have none yet. Their cards show it when they are drawn after the
member's next act.

Revision: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("names", sa.Column("avatar", sa.Text(), server_default="", nullable=False))
