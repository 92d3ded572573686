"""The channels that questions stand in, and a server's duplicates, found by an index.

Why: counts and names of tags are told as they are to whoever reads every channel with questions;
for others, each question is looked at. Those channels were taken from today's settings, so whoever
could not read a channel of before was told of the questions that still stand there. And where
permissions change, the cards follow that name questions of other channels: those of duplicates.

Revision: 0019
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# Built before, while others go on writing: see 0009.
LARGE_INDEXES = {
    "ix_places_home": "places (guild_id, home_id) WHERE home_id IS NOT NULL",
    "ix_posts_duplicates": "posts (guild_id, id) WHERE duplicate_of IS NOT NULL",
}


def upgrade() -> None:
    for name, what in LARGE_INDEXES.items():
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {what}")
