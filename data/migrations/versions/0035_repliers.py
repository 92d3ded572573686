"""How many people have replied to each question.

Why: one reply is not enough in a support community. `/questions view:waiting` lists the questions
to which fewer than two people have replied, the oldest first, and the helpers are called for them.
Counted here from the answers and comments there are.

Revision: 0035
"""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


# Added and built before, while others go on writing: see 0009 and 0010.
LARGE_COLUMNS = {"posts.repliers": "integer DEFAULT 0 NOT NULL"}
LARGE_INDEXES = {
    "ix_posts_few_replies": "posts (guild_id, number) WHERE kind = 'question' AND"
    " status = 'visible' AND repliers < 2 AND closed_at IS NULL AND best_answer_id IS NULL",
}


def upgrade() -> None:
    may_be_there = "IF NOT EXISTS " if op.get_bind().dialect.name == "postgresql" else ""
    for name, what in LARGE_COLUMNS.items():
        table, _, column = name.partition(".")
        op.execute(f"ALTER TABLE {table} ADD COLUMN {may_be_there}{column} {what}")
    op.execute(
        "UPDATE posts SET repliers = (SELECT count(DISTINCT coalesce(reply.author_id, 0))"
        " FROM posts AS reply WHERE reply.question_id = posts.id AND reply.kind <> 'question'"
        " AND reply.status = 'visible'"
        " AND coalesce(reply.author_id, 0) <> coalesce(posts.author_id, 0))"
        " WHERE kind = 'question' AND last_sub_number > 0"
    )
    for name, what in LARGE_INDEXES.items():
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {what}")
