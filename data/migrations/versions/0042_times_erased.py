"""How many times a member was erased, and from which tables something was erased.

Why: a backup from before an erasure still has what was erased. Whoever restores it erases that
again, but not what the member wrote since in a backup from afterwards; days are too coarse to tell
the two. `texts` is the last time in which texts went, too. PostgreSQL's files keep what was erased
until their tables are written anew: `upkeep` says which.

Revision: 0042
"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, default in (("times", "1"), ("texts", "0")):
        column = sa.Column(name, sa.Integer(), server_default=sa.text(default), nullable=False)
        op.add_column("erasures", column)
    op.create_table(
        "upkeep",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_upkeep")),
    )
