"""How many people have replied to each question.

Why: one reply is not enough in a support community. `/questions view:waiting` lists the questions
to which fewer than two people have replied, the oldest first, and the helpers are called for them.
Counted here from the answers and comments there are.

Revision: 0035
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    none = sa.text("0")
    op.add_column("posts", sa.Column("repliers", sa.Integer(), server_default=none, nullable=False))
    op.execute(
        "UPDATE posts SET repliers = (SELECT count(DISTINCT coalesce(reply.author_id, 0))"
        " FROM posts AS reply WHERE reply.question_id = posts.id AND reply.kind <> 'question'"
        " AND reply.status = 'visible'"
        " AND coalesce(reply.author_id, 0) <> coalesce(posts.author_id, 0))"
        " WHERE kind = 'question' AND last_sub_number > 0"
    )
    few = sa.text(
        "kind = 'question' AND status = 'visible' AND repliers < 2 AND closed_at IS NULL"
        " AND best_answer_id IS NULL"
    )
    op.create_index(
        "ix_posts_few_replies",
        "posts",
        ["guild_id", "number"],
        sqlite_where=few,
        postgresql_where=few,
    )
