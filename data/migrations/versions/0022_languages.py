"""Stems in the server's language.

Why: every post's words were stemmed by the rules of English, in the way of 1980: in German, most
forms of a word did not meet. They are stemmed in the server's language now, so each server's posts
are indexed anew by the bot, in the background, from the setting `reindex_after` on. Until that is
done, posts are looked for by the stems of before as well, which `reindex_from` names.

Revision: 0022
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    bind = op.get_bind()
    for guild_id, stored in bind.execute(sa.text("SELECT id, settings FROM guilds")).all():
        settings = json.loads(stored) if isinstance(stored, str) else dict(stored or {})
        settings |= {"reindex_after": "0", "reindex_from": "porter"}
        bind.execute(
            sa.text("UPDATE guilds SET settings = :settings WHERE id = :guild").bindparams(
                sa.bindparam("settings", type_=sa.JSON())
            ),
            {"settings": settings, "guild": guild_id},
        )
