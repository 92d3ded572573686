"""Posts without `sealed_author` and `display_name`.

Why: nothing has ever written either. An author's name as last seen stands in `members` since 0015,
and a post without its author's name needs a table of its own, with one row for each name and
question. Two empty columns suggest that there is more to a post than there is.

PostgreSQL marks the columns as gone. SQLite writes the table anew, and keeps its indexes.

Revision: 0021
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("posts", "sealed_author")
    op.drop_column("posts", "display_name")
