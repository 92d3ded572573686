"""Nothing any more.

Why: this made an index of the files that wait to be sent, which 0014 makes anew over a new column.

Revision: 0013
"""

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Leave everything as it is."""
