"""A second server beside the first."""

from __future__ import annotations

import pytest
import simcord

from tests.support.other_server import Other, next_door
from tests.support.server import Server


@pytest.fixture
async def other(env: simcord.Env, server: Server, alice: simcord.MemberActor) -> Other:
    """A second server, where Alice is a member too."""
    return await next_door(env, server, alice)
