"""Fixtures of the tests of delivery: a story to tell, and people who do not wait."""

from __future__ import annotations

import pytest
import simcord

from cogs.interaction import posted
from tests.support.server import Server
from tests.support.tale import Tale


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for a card that is held up is told at once that it will come."""
    monkeypatch.setattr(posted, "PATIENCE", 0.5)


@pytest.fixture
def tale(
    server: Server,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
) -> Tale:
    """A small story, told by four members."""
    return Tale(server, alice, bob, carol, moderator)
