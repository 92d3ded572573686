"""Where a test runs that does not need to run everywhere.

A test that says nothing runs on both databases and in both kinds of channel. That is what
whatever stores, searches, counts, locks or races needs: all of `tests/store`, and one test at
least of each act in `tests/cogs`. The kind of channel matters wherever a card, its thread, its
pin or its tags are made or looked for. What a person sees of a refusal, of a form or of a list
depends on neither: the use case below it is tried on both databases, and one of each is enough.

No act depends on how the two go together: a text channel's cards lie in the same tables. So what
would run four times runs twice, on SQLite in a forum and on PostgreSQL in a text channel
(`tests.support.order`; `EVERY_CELL=1` runs all four).
"""

from __future__ import annotations

import pytest

on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
in_a_forum = pytest.mark.parametrize("channel_kind", ["forum"], indirect=True)
in_a_text_channel = pytest.mark.parametrize("channel_kind", ["text"], indirect=True)

SIMPLE = [on_sqlite, in_a_forum]
"""For a whole module, as its `pytestmark`."""
