"""What the bot has on disk, as the guide needs it: read beside the bot, which is asked nothing."""

import sqlite3
from pathlib import Path
from typing import NamedTuple

_FACTS = """
SELECT id, 'setup', 0, 0, 0 FROM guilds
    WHERE json_extract(settings, '$.question_channel') IS NOT NULL
UNION ALL SELECT guild_id, CASE kind WHEN 'question' THEN 'ask' ELSE kind END, id, 0, 0 FROM posts
UNION ALL SELECT guild_id, 'best', id, best_answer_id, 0 FROM posts
    WHERE best_answer_id IS NOT NULL
UNION ALL SELECT guild_id, 'vote', post_id, voter_id, value FROM votes
"""


class Fact(NamedTuple):
    """Something that was done in a server; two that differ in anything were done separately."""

    guild_id: int
    step: str
    """`setup`, `ask`, `answer`, `comment`, `vote` or `best`."""
    subject: int = 0
    other: int = 0
    value: int = 0


class Record:
    """The bot's database file. Nothing is ever written into it here."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connection: sqlite3.Connection | None = None
        self._version = -1
        self._facts: frozenset[Fact] = frozenset()

    def facts(self) -> frozenset[Fact]:
        """All that has been done and is still true. Read again only when the file has changed."""
        if self._connection is None:
            address = f"{self._file.resolve().as_uri()}?mode=ro"
            self._connection = sqlite3.connect(address, uri=True, isolation_level=None)
        # Changes whenever another connection has committed something.
        (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            self._version = version
            self._facts = frozenset(Fact(*row) for row in self._connection.execute(_FACTS))
        return self._facts

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
