"""Anonymous posts: who wrote them is sealed.

Why: see decision 36. A random number stands in place of an anonymous author's id, and `personas`
says, to the holder of the key, who it is. Numbers are no members: on PostgreSQL, tables of what is
a member's refuse them. What counts towards a limit is read of all members who acted in the hour:
its index. SQLite would have to write such tables anew for that, hours for the largest,
and both databases run the same statements in the tests.

Revision: 0044
"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SEALED = -(10**12) - 2**62 - 1
MEMBERS_ONLY = {
    "blocks": "user_id",
    "bonuses": "user_id",
    "duty": "user_id",
    "flags": "user_id",
    "follows": "user_id",
    "hourly_counts": "user_id",
    "ledger": "user_id",
    "members": "user_id",
    "preferences": "user_id",
    "votes": "voter_id",
}
# Built before, while others go on writing: see 0009.
LARGE_INDEXES = {
    "ix_hourly_counts_hour": "hourly_counts (guild_id, action, since)",
    "ix_notices_sealed": f"notices (created_at, user_id) WHERE user_id <= {SEALED}",
}


def upgrade() -> None:
    for name, what in LARGE_INDEXES.items():
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {what}")
    _personas()
    op.create_table(
        "anonymous_slots",
        *_of_a_server("anonymous_slots"),
        sa.Column("hour", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("slot", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "hour", "slot", name=op.f("pk_anonymous_slots")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_anonymous_slots_hour", "anonymous_slots", ["hour"])
    _post_blocks()
    op.create_table(
        "inbox_marks",
        *_of_a_server("inbox_marks"),
        sa.Column("owner", sa.LargeBinary(), nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "owner", name=op.f("pk_inbox_marks")),
        sqlite_with_rowid=False,
    )
    _unseal_requests()
    _moderators()
    op.create_table(
        "waiting",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        *_of_a_server("waiting"),
        sa.Column("appear_minute", sa.BigInteger(), nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_waiting_minute", "waiting", ["appear_minute"])
    op.create_index("ix_waiting_server", "waiting", ["guild_id"])
    op.add_column("guilds", sa.Column("sealing_salt", sa.Text(), nullable=True))
    op.add_column("guilds", sa.Column("unsealing_from", sa.BigInteger(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        for table, column in MEMBERS_ONLY.items():
            op.execute(
                f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_members_only"
                f" CHECK ({column} > {SEALED})"
            )


def _of_a_server(table: str) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    return (
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guilds.id"], name=op.f(f"fk_{table}_guild_id"), ondelete="CASCADE"
        ),
    )


def _personas() -> None:
    op.create_table(
        "personas",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        *_of_a_server("personas"),
        sa.Column("question_number", sa.Integer(), nullable=False),
        sa.Column("handle", sa.LargeBinary(), nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_asker", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_personas")),
        sa.UniqueConstraint("guild_id", "question_number", "handle", name="uq_personas_handle"),
        sqlite_with_rowid=False,
    )


def _post_blocks() -> None:
    op.create_table(
        "post_blocks",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        *_of_a_server("post_blocks"),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("handle", sa.LargeBinary(), nullable=False),
        sa.Column("until_day", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_blocks")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_post_blocks_server", "post_blocks", ["guild_id"])
    op.create_index("ix_post_blocks_end", "post_blocks", ["until_day"])
    op.create_index("ix_post_blocks_by", "post_blocks", ["guild_id", "by_id"])


def _unseal_requests() -> None:
    op.create_table(
        "unseal_requests",
        sa.Column("post_id", ROW_ID, autoincrement=False, nullable=False),
        *_of_a_server("unseal_requests"),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("seen", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("danger_by", sa.BigInteger(), nullable=True),
        sa.Column("tell_at", sa.BigInteger(), nullable=True),
        sa.Column("channel_id", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("shown", sa.Text(), server_default="", nullable=False),
        sa.Column("times", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_unseal_requests_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_unseal_requests")),
    )
    op.create_index("ix_unseal_requests_server", "unseal_requests", ["guild_id", "asked_by"])
    op.create_index("ix_unseal_requests_end", "unseal_requests", ["expires"])


def _moderators() -> None:
    op.create_table(
        "moderators",
        *_of_a_server("moderators"),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "user_id", name=op.f("pk_moderators")),
    )
