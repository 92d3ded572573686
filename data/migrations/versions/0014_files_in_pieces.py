"""What waiting files hold, in pieces.

Why: a file of 10 MB was in memory four times while it was stored or read: two at once, and what the
allocator keeps, took more than 200 MB. Files that wait now become one piece each.

Revision: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# Built before, while others go on writing: see 0010. The index has a name of its own, since an
# older one over `content` may have the right name.
LARGE_COLUMNS = {"attachments.kept": "boolean DEFAULT false NOT NULL"}
LARGE_INDEXES = {"ix_attachments_kept": "attachments (guild_id, size) WHERE kept"}


def upgrade() -> None:
    op.create_table(
        "draft_file_pieces",
        sa.Column("file_id", RowId, autoincrement=False, nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["draft_files.id"],
            name=op.f("fk_draft_file_pieces_file_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("file_id", "number", name=op.f("pk_draft_file_pieces")),
    )
    op.create_table(
        "attachment_pieces",
        sa.Column("post_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id", "position"],
            ["attachments.post_id", "attachments.position"],
            name=op.f("fk_attachment_pieces_post_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("post_id", "position", "number", name=op.f("pk_attachment_pieces")),
    )
    op.execute(
        "INSERT INTO draft_file_pieces (file_id, number, content)"
        " SELECT id, 0, content FROM draft_files WHERE content IS NOT NULL"
    )
    op.execute(
        "INSERT INTO attachment_pieces (post_id, position, number, content)"
        " SELECT post_id, position, 0, content FROM attachments WHERE content IS NOT NULL"
    )
    op.execute("DROP INDEX IF EXISTS ix_attachments_waiting")
    on_postgres = op.get_bind().dialect.name == "postgresql"
    may_be_there = "IF NOT EXISTS " if on_postgres else ""
    for table in ("draft_files", "attachments"):
        what = LARGE_COLUMNS["attachments.kept"]
        op.execute(f"ALTER TABLE {table} ADD COLUMN {may_be_there}kept {what}")
        files = sa.table(table, sa.column("kept", sa.Boolean()), sa.column("content"))
        op.execute(files.update().values(kept=True).where(files.c.content.is_not(None)))
        op.drop_column(table, "content")
    of_kept = LARGE_INDEXES["ix_attachments_kept"]
    if on_postgres:
        op.execute(f"CREATE INDEX IF NOT EXISTS ix_attachments_kept ON {of_kept}")
        op.execute("ALTER INDEX ix_attachments_kept RENAME TO ix_attachments_waiting")
    else:  # which knows no renaming of indexes
        op.execute(f"CREATE INDEX ix_attachments_waiting ON {of_kept}")
