"""The forum: posts, votes, the ledger of points, and the outbox.

Why: the first schema. Times are whole microseconds since 1970 (`data.types.UTCDateTime`).
The index of question titles differs: a full-text table on SQLite, a generated column with a GIN
index on PostgreSQL.

Revision: 0001
"""

import sqlalchemy as sa
from alembic import op

RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guilds",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("last_number", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guilds")),
    )
    op.create_table(
        "outbox",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_due", "outbox", ["failed", "due_at"], unique=False)
    op.create_table(
        "categories",
        sa.Column("id", RowId, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("parent_id", RowId, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("emoji", sa.Text(), server_default="", nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("forum_tag_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guilds.id"], name=op.f("fk_categories_guild_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["categories.id"], name=op.f("fk_categories_parent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categories")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "drafts",
        sa.Column("id", RowId, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("form", sa.String(length=100), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guilds.id"], name=op.f("fk_drafts_guild_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_drafts_age", "drafts", ["created_at"], unique=False)
    op.create_table(
        "hourly_counts",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guilds.id"], name=op.f("fk_hourly_counts_guild_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("guild_id", "user_id", "action", name=op.f("pk_hourly_counts")),
    )
    op.create_table(
        "members",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("points", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guilds.id"], name=op.f("fk_members_guild_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("guild_id", "user_id", name=op.f("pk_members")),
    )
    op.create_index("ix_members_points", "members", ["guild_id", "points"], unique=False)
    op.create_table(
        "posts",
        sa.Column("id", RowId, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=10), server_default="visible", nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sub_number", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("question_id", RowId, nullable=True),
        sa.Column("parent_id", RowId, nullable=True),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("sealed_author", sa.LargeBinary(), nullable=True),
        sa.Column("display_name", sa.Text(), nullable=True),
        sa.Column("category_id", RowId, nullable=True),
        sa.Column("up_votes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("down_votes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("score", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("answer_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_sub_number", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("best_answer_id", sa.BigInteger(), nullable=True),
        sa.Column("best_chosen_at", sa.BigInteger(), nullable=True),
        sa.Column("notify", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("edited_by", sa.BigInteger(), nullable=True),
        sa.Column("edited_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("origin_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("score = up_votes - down_votes", name=op.f("ck_posts_score")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["categories.id"], name=op.f("fk_posts_category_id")
        ),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guilds.id"], name=op.f("fk_posts_guild_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["posts.id"], name=op.f("fk_posts_parent_id")),
        sa.ForeignKeyConstraint(["question_id"], ["posts.id"], name=op.f("fk_posts_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sa.UniqueConstraint("origin_id", name=op.f("uq_posts_origin_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_posts_author", "posts", ["guild_id", "author_id", "kind"], unique=False)
    op.create_index("ix_posts_number", "posts", ["guild_id", "number", "sub_number"], unique=True)
    op.create_index("ix_posts_question", "posts", ["question_id"], unique=False)
    op.create_table(
        "ledger",
        sa.Column("post_id", RowId, autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_ledger_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "reason", "actor_id", name=op.f("pk_ledger")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_ledger_member", "ledger", ["guild_id", "user_id", "at"], unique=False)
    op.create_table(
        "notices",
        sa.Column("id", RowId, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("post_id", RowId, nullable=False),
        sa.Column("sent", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guilds.id"], name=op.f("fk_notices_guild_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_notices_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_notices_once", "notices", ["user_id", "kind", "post_id"], unique=True)
    op.create_table(
        "places",
        sa.Column("post_id", RowId, autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("thread_id", sa.BigInteger(), nullable=True),
        sa.Column("pinned", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("shown", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_places_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_places")),
        sa.UniqueConstraint("message_id", name=op.f("uq_places_message_id")),
    )
    op.create_index("ix_places_thread", "places", ["thread_id"], unique=False)
    op.create_table(
        "post_texts",
        sa.Column("post_id", RowId, autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("body", sa.Text(), server_default="", nullable=False),
        sa.Column("tags", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_post_texts_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_post_texts")),
    )
    op.create_table(
        "revisions",
        sa.Column("post_id", RowId, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("replaced_by", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("replaced_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_revisions_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "number", name=op.f("pk_revisions")),
    )
    op.create_table(
        "votes",
        sa.Column("post_id", RowId, autoincrement=False, nullable=False),
        sa.Column("voter_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.SmallInteger(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("value IN (-1, 1)", name=op.f("ck_votes_value")),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_votes_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "voter_id", name=op.f("pk_votes")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_votes_voter", "votes", ["guild_id", "voter_id"], unique=False)
    op.create_index(
        "uq_categories_name",
        "categories",
        ["guild_id", sa.text("coalesce(parent_id, 0)"), "name_key"],
        unique=True,
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE question_titles USING fts5"
            "(title, scope, tokenize = 'porter unicode61 remove_diacritics 2')"
        )
    else:
        op.execute(
            "ALTER TABLE post_texts ADD COLUMN title_words tsvector "
            "GENERATED ALWAYS AS (to_tsvector('english', title)) STORED"
        )
        op.execute("CREATE INDEX ix_post_texts_title_words ON post_texts USING gin (title_words)")
