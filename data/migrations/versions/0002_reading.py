"""Following, closing, tags, reports, files and long texts.

Why: everything members write and read beside asking and answering. Columns are added without
foreign keys, which SQLite could only do by copying the table.

Revision: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "follows",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guilds.id"], name=op.f("fk_follows_guild_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("guild_id", "user_id", "kind", "key", name=op.f("pk_follows")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_follows_key", "follows", ["guild_id", "kind", "key"], unique=False)

    op.create_table(
        "preferences",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("by_message", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("locale", sa.String(length=10), server_default="", nullable=False),
        sa.Column("timezone", sa.Text(), server_default="UTC", nullable=False),
        sa.Column("quiet_from", sa.SmallInteger(), nullable=True),
        sa.Column("quiet_to", sa.SmallInteger(), nullable=True),
        sa.Column("digest", sa.String(length=10), server_default="off", nullable=False),
        sa.Column("digest_hour", sa.SmallInteger(), server_default=sa.text("9"), nullable=False),
        sa.Column("next_digest_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guilds.id"], name=op.f("fk_preferences_guild_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("guild_id", "user_id", name=op.f("pk_preferences")),
    )
    op.create_index("ix_preferences_digest", "preferences", ["next_digest_at"], unique=False)

    op.create_table(
        "tag_synonyms",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guilds.id"], name=op.f("fk_tag_synonyms_guild_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("guild_id", "tag", name=op.f("pk_tag_synonyms")),
    )
    op.create_table(
        "attachments",
        sa.Column("post_id", RowId, autoincrement=False, nullable=False),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), server_default="", nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_attachments_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "position", name=op.f("pk_attachments")),
    )
    op.create_table(
        "continuations",
        sa.Column("post_id", RowId, autoincrement=False, nullable=False),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("shown", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_continuations_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "position", name=op.f("pk_continuations")),
        sa.UniqueConstraint("message_id", name=op.f("uq_continuations_message_id")),
    )
    op.create_table(
        "flags",
        sa.Column("post_id", RowId, autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_flags_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "user_id", name=op.f("pk_flags")),
    )
    op.create_table(
        "post_tags",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("post_id", RowId, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_post_tags_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("guild_id", "tag", "post_id", name=op.f("pk_post_tags")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_post_tags_post", "post_tags", ["post_id"], unique=False)

    op.add_column("categories", sa.Column("channel_id", sa.BigInteger(), nullable=True))
    op.add_column("categories", sa.Column("ask_role_id", sa.BigInteger(), nullable=True))

    op.add_column(
        "notices",
        sa.Column("by_message", sa.Boolean(), server_default=sa.text("true"), nullable=False),
    )
    op.add_column("notices", sa.Column("read_at", sa.BigInteger(), nullable=True))

    op.add_column("places", sa.Column("home_id", sa.BigInteger(), nullable=True))

    op.add_column(
        "posts",
        sa.Column("comment_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column("posts", sa.Column("last_answer_at", sa.BigInteger(), nullable=True))
    op.add_column("posts", sa.Column("active_at", sa.BigInteger(), nullable=True))
    op.add_column("posts", sa.Column("closed_at", sa.BigInteger(), nullable=True))
    op.add_column("posts", sa.Column("closed_by", sa.BigInteger(), nullable=True))
    op.add_column("posts", sa.Column("close_reason", sa.String(length=20), nullable=True))
    op.add_column("posts", sa.Column("close_note", sa.Text(), nullable=True))
    op.add_column("posts", sa.Column("duplicate_of", sa.BigInteger(), nullable=True))
    op.add_column("posts", sa.Column("unanswered_told_at", sa.BigInteger(), nullable=True))
    op.add_column("posts", sa.Column("nudged_at", sa.BigInteger(), nullable=True))

    for name, order in (
        ("ix_posts_active", "active_at"),
        ("ix_posts_votes", "score"),
        (
            "ix_posts_hot",
            "((created_at + coalesce(last_answer_at, created_at)) / 10000"
            " + 16000000 * (answer_count + score))",
        ),
    ):
        op.execute(
            f"CREATE INDEX {name} ON posts (guild_id, {order})"
            " WHERE kind = 'question' AND status = 'visible'"
        )
    op.execute("UPDATE posts SET active_at = created_at WHERE kind = 'question'")
    op.execute(
        "UPDATE posts SET last_answer_at = (SELECT max(a.created_at) FROM posts AS a"
        " WHERE a.question_id = posts.id AND a.kind = 'answer' AND a.status = 'visible')"
        " WHERE kind = 'question'"
    )
    op.execute("UPDATE posts SET active_at = last_answer_at WHERE last_answer_at > active_at")
    bind = op.get_bind()
    tagged = bind.execute(
        sa.text(
            "SELECT t.guild_id, t.post_id, t.tags FROM post_texts AS t JOIN posts AS p"
            " ON p.id = t.post_id WHERE t.tags <> '' AND p.status = 'visible'"
        )
    )
    rows = [
        {"guild": guild, "post": post, "tag": tag}
        for guild, post, tags in tagged
        for tag in tags.split()
    ]
    if rows:
        bind.execute(
            sa.text("INSERT INTO post_tags (guild_id, tag, post_id) VALUES (:guild, :tag, :post)"),
            rows,
        )
