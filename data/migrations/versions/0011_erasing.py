"""What is kept of posts that were taken out, and no points for answering oneself.

Why: the text of deleted posts stayed for ever. It is erased after seven days; that of posts which
were deleted before is erased at once, since people were told that it could not come back. A best
answer that was hidden gets its choice back when it is shown again.

Answers to one's own question no longer earn points. Each server that has some is counted anew by
the bot's next start, as after a change of a weight: the setting `recount_due` says so.

Revision: 0011
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "removals",
        sa.Column("post_id", RowId, autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("chosen_at", sa.BigInteger(), nullable=True),
        sa.Column("erase_at", sa.BigInteger(), nullable=True),
        sa.Column("erased", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_removals_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_removals")),
    )
    op.execute(
        "INSERT INTO removals (post_id, guild_id, erase_at)"
        " SELECT id, guild_id, created_at FROM posts WHERE status = 'deleted'"
    )
    there = sa.text("erase_at IS NOT NULL")
    op.create_index(
        "ix_removals_due", "removals", ["erase_at"], sqlite_where=there, postgresql_where=there
    )
    _have_points_counted_anew()


def _have_points_counted_anew() -> None:
    bind = op.get_bind()
    own = bind.execute(
        sa.text(
            "SELECT DISTINCT a.guild_id FROM posts AS a JOIN posts AS q ON q.id = a.question_id"
            " WHERE a.kind = 'answer' AND a.author_id = q.author_id"
        )
    ).all()
    for (guild_id,) in own:
        stored = bind.execute(
            sa.text("SELECT settings FROM guilds WHERE id = :guild"), {"guild": guild_id}
        ).scalar()
        settings = json.loads(stored) if isinstance(stored, str) else dict(stored or {})
        settings["recount_due"] = "0011"
        bind.execute(
            sa.text("UPDATE guilds SET settings = :settings WHERE id = :guild").bindparams(
                sa.bindparam("settings", type_=sa.JSON())
            ),
            {"settings": settings, "guild": guild_id},
        )
