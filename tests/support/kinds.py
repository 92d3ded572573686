"""On which databases and kinds of channel a test runs.

By default a test runs on both databases and in both kinds of channel. Tests of storing, searching,
counting, locking and races need that: all of `tests/store`, and at least one test of each act in
`tests/cogs`. The kind of channel matters for creating and finding cards, threads, pins and tags.
Refusals, forms and lists depend on neither: their use cases are tested on both databases, and one
of each is enough.

No act depends on the combination: a text channel's cards are in the same tables. So instead of four
runs there are two, on SQLite in a forum and on PostgreSQL in a text channel (`tests.support.order`;
`EVERY_CELL=1` runs all four).
"""

from __future__ import annotations

import pytest

on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
in_a_forum = pytest.mark.parametrize("channel_kind", ["forum"], indirect=True)
in_a_text_channel = pytest.mark.parametrize("channel_kind", ["text"], indirect=True)

SIMPLE = [on_sqlite, in_a_forum]
"""For a whole module, as its `pytestmark`."""
