"""Refused jobs as a state, lookups of what is hidden or failed, and words searched for as they are.

Why: whether Discord refused a job, or was out of reach, was read from the text of its error. What
moderators look through, and what failed, was found by reading whole tables. And `C++` or `.NET` are
words of the search since a while, but only of posts written since: each server's posts are indexed
anew by the bot, in the background, from the setting `reindex_after` on.

Revision: 0016
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# Built before, while others go on writing: see 0009.
LARGE_INDEXES = {
    "ix_posts_taken_out": "posts (guild_id, id) WHERE status <> 'visible'",
}


def upgrade() -> None:
    op.add_column(
        "outbox",
        sa.Column("refused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.execute("UPDATE outbox SET refused = true WHERE error LIKE '4%'")
    op.execute("CREATE INDEX ix_outbox_failing ON outbox (guild_id) WHERE failed OR attempts > 0")
    for name, what in LARGE_INDEXES.items():
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {what}")
    _have_everything_indexed()


def _have_everything_indexed() -> None:
    bind = op.get_bind()
    for guild_id, stored in bind.execute(sa.text("SELECT id, settings FROM guilds")).all():
        settings = json.loads(stored) if isinstance(stored, str) else dict(stored or {})
        settings["reindex_after"] = "0"
        bind.execute(
            sa.text("UPDATE guilds SET settings = :settings WHERE id = :guild").bindparams(
                sa.bindparam("settings", type_=sa.JSON())
            ),
            {"settings": settings, "guild": guild_id},
        )
