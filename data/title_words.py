"""How many of a server's questions have a word in their titles."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import func, select, text

from data.database import Transaction
from data.models import TitleWord

_COUNTED = """
    SELECT asked.value, (
        SELECT count(*) FROM (
            SELECT 1 FROM title_words
            WHERE title_words.guild_id = :guild AND title_words.word = asked.value LIMIT :most
        ) AS found
    ), (SELECT last_number FROM guilds WHERE guilds.id = :guild) FROM {asked}
"""
_ASKED = {
    "sqlite": "json_each(:words) AS asked",
    "postgresql": "json_array_elements_text(CAST(:words AS json)) AS asked(value)",
}
_STATEMENTS = {name: text(_COUNTED.format(asked=asked)) for name, asked in _ASKED.items()}


async def frequencies(
    tx: Transaction, guild_id: int, words: Sequence[str], enough: int
) -> tuple[int, list[tuple[str, int]]]:
    """How many questions a server has, about; and the number of those with each of some words, the
    rarest first, without unused words.

    A word is counted up to `enough` only, since beyond that its exact number doesn't matter: on
    PostgreSQL, counting the commonest words costs more than everything else. Words are counted
    fully only if all of them are that common.
    """
    given = {"guild": guild_id, "words": json.dumps(list(words)), "most": enough + 1}
    rows = await tx.rows(_STATEMENTS[tx.dialect], given)
    asked = int(rows[0][2] or 1) if rows else 1
    counted = [(str(row[0]), int(row[1])) for row in rows]
    found = sorted((each for each in counted if each[1]), key=lambda each: each[1])
    if not found or found[0][1] <= enough:
        return asked, found
    rows = await tx.rows(
        select(TitleWord.word, func.count())
        .where(TitleWord.guild_id == guild_id, TitleWord.word.in_(words))
        .group_by(TitleWord.word)
        .order_by(func.count())
    )
    return asked, [(row[0], row[1]) for row in rows]
