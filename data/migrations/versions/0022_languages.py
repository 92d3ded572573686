"""Stems in the server's language.

Why: all words were stemmed by Porter's rules for English, so most forms of a German word didn't
match each other. Words are now stemmed in the server's language, and the bot re-indexes each
server's posts in the background, from the setting `reindex_after` on. Until that is done, a search
uses the former stems, too, which `reindex_from` names.

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
