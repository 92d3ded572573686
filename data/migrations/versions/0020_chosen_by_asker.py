"""Whether a question's asker chose its best answer.

Why: whoever chose it had no notice of that, so that the one follower of a question without a row
was its asker. Now they have one like everybody, and are left out when it is read.

Revision: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "posts",
        sa.Column("best_by_asker", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
