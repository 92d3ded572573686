"""A server's posts in their order; what a member did to others' rows, and what they typed.

Why: erasing a member and recounting go through all of a server, portion by portion. Each portion
would otherwise read through all of it again, while others wait to write.

Revision: 0043
"""

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

# Built before, while others go on writing: see 0009.
LARGE_INDEXES = {
    "ix_appeals_decided": "appeals (guild_id, decided_by)",
    "ix_appeals_first": "appeals (guild_id, first_by)",
    "ix_blocks_by": "blocks (guild_id, by_id)",
    "ix_bonuses_given": "bonuses (guild_id, given_by)",
    "ix_draft_files_member": "draft_files (guild_id, user_id)",
    "ix_drafts_member": "drafts (guild_id, user_id)",
    "ix_posts_server": "posts (guild_id, id)",
    "ix_report_cards_decided": "report_cards (guild_id, decided_by)",
    "ix_sweeps_actor": "sweeps (guild_id, actor_id)",
}


def upgrade() -> None:
    for name, what in LARGE_INDEXES.items():
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {what}")
