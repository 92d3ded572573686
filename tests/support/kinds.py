"""Where a test runs that does not need to run everywhere.

A test that says nothing runs on both databases and in both kinds of channel. What a person sees
of a refusal, for one, depends on neither.
"""

from __future__ import annotations

import pytest

on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
in_a_forum = pytest.mark.parametrize("channel_kind", ["forum"], indirect=True)
in_a_text_channel = pytest.mark.parametrize("channel_kind", ["text"], indirect=True)

SIMPLE = [on_sqlite, in_a_forum]
"""For a whole module, as its `pytestmark`."""
