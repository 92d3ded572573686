"""Where a test runs that does not need to run everywhere.

A test that says nothing runs on both databases and in both kinds of channel. That is what
whatever stores, searches, counts, locks or races needs: all of `tests/store`, and one test at
least of each act in `tests/cogs`. The kind of channel matters wherever a card, its thread, its
pin or its tags are made or looked for. What a person sees of a refusal, of a form or of a list
depends on neither: the use case below it is tried on both databases, and one of each is enough.

What depends on both depends on each of them alone: a text channel's cards lie in the same tables.
So what would run four times runs three times, unless `EVERY_CELL=1` asks for all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import pytest

_BOTH_RARER = ("postgresql", "text")

on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
in_a_forum = pytest.mark.parametrize("channel_kind", ["forum"], indirect=True)
in_a_text_channel = pytest.mark.parametrize("channel_kind", ["text"], indirect=True)

SIMPLE = [on_sqlite, in_a_forum]
"""For a whole module, as its `pytestmark`."""


def needless(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """Those of the tests that run on PostgreSQL in a text channel, and elsewhere as well."""
    kinds: defaultdict[str, dict[tuple[object, object], list[pytest.Item]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for item in items:
        if isinstance(item, pytest.Function) and hasattr(item, "callspec"):
            found = item.callspec.params
            if "database_kind" in found and "channel_kind" in found:
                function = item.nodeid.removesuffix(f"[{item.callspec.id}]")
                kinds[function][found["database_kind"], found["channel_kind"]].append(item)
    return [
        item for by_kind in kinds.values() if len(by_kind) == 4 for item in by_kind[_BOTH_RARER]
    ]
