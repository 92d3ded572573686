"""Fixtures for processes: a Discord to speak to, and a folder to run in."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator

import pytest

from tests.process.fake_discord import FakeDiscord


@pytest.fixture
async def discord_server() -> AsyncIterator[FakeDiscord]:
    """Discord, on a loopback port. The test fails if anything the bot asked for was malformed."""
    async with FakeDiscord() as server:
        yield server
    assert not server.problems, "\n".join(server.problems)


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
