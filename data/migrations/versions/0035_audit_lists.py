"""What the audit log is searched by.

Why: moderators ask for one kind of act, or for those since a time.

Revision: 0035
"""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_audit_kind", "audit", ["guild_id", "kind", "id"])
    op.create_index("ix_audit_at", "audit", ["guild_id", "at", "id"])
