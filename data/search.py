"""Finding questions by their words: FTS5 on SQLite, tsvector on PostgreSQL.

What a person types is never syntax: it is cut into words, and each word is quoted.
"""

from __future__ import annotations

import re

from sqlalchemy import text

from data.database import Transaction

_WORD = re.compile(r"[^\W_]+")
_WORDS_MAX = 12
_CANDIDATES = 200

_SIMILAR = {
    # bm25 grows with each matching row, so the words are given from the longest (rarest) on, and
    # the newest matches are ranked.
    "sqlite": text(
        "SELECT rowid FROM (SELECT rowid, bm25(question_titles) AS rank FROM question_titles"
        " WHERE question_titles MATCH :query ORDER BY rowid DESC LIMIT :candidates)"
        " ORDER BY rank, rowid DESC LIMIT :limit"
    ),
    "postgresql": text(
        "SELECT post_id FROM (SELECT post_id, ts_rank(title_words, q) AS rank"
        " FROM post_texts, to_tsquery('english', :query) AS q"
        " WHERE guild_id = :guild_id AND title <> '' AND title_words @@ q"
        " ORDER BY post_id DESC LIMIT :candidates) AS matches"
        " ORDER BY rank DESC, post_id DESC LIMIT :limit"
    ),
}


def words_of(typed: str) -> list[str]:
    """The words of a text that can be searched for, the longest first, at most twelve."""
    words = dict.fromkeys(word.lower() for word in _WORD.findall(typed) if len(word) > 1)
    return sorted(words, key=len, reverse=True)[:_WORDS_MAX]


async def index_title(tx: Transaction, guild_id: int, post_id: int, title: str) -> None:
    """Put a question's title into the index, in place of an earlier one; an empty one takes it
    out. PostgreSQL keeps its index itself."""
    if tx.dialect != "sqlite":
        return
    await tx.execute(text("DELETE FROM question_titles WHERE rowid = :id"), {"id": post_id})
    if title:
        await tx.execute(
            text("INSERT INTO question_titles (rowid, title, scope) VALUES (:id, :title, :scope)"),
            {"id": post_id, "title": title, "scope": f"g{guild_id}"},
        )


async def similar(
    tx: Transaction, guild_id: int, title: str, limit: int, *, prefix: bool = False
) -> list[int]:
    """Questions of this server that share words with a title, the most alike first.

    With `prefix` the title is still being typed: its words may be beginnings, and all must be
    there.
    """
    words = words_of(title)
    if not words:
        return []
    if tx.dialect == "sqlite":
        star, glue = ("*", " AND ") if prefix else ("", " OR ")
        terms = glue.join(f'"{word}"{star}' for word in words)
        query = f'scope : "g{guild_id}" AND title : ({terms})'
    else:
        star, glue = (":*", " & ") if prefix else ("", " | ")
        query = glue.join(f"'{word}'{star}" for word in words)
    parameters = {"query": query, "limit": limit, "candidates": _CANDIDATES}
    if tx.dialect != "sqlite":
        parameters["guild_id"] = guild_id
    return [row[0] for row in await tx.rows(_SIMILAR[tx.dialect], parameters)]
