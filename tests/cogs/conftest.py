"""A question, an answer to it, and how a manager changes what the server allows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
import simcord

from tests.support.replies import sentence
from tests.support.server import Card, Server

Configure = Callable[..., Awaitable[None]]


@pytest.fixture
async def question(server: Server, alice: simcord.MemberActor) -> Card:
    """Alice's question, number 1."""
    details = "I work nights this month, and lie awake until noon."
    return await server.ask(alice, "How do I sleep after a night shift?", details)


@pytest.fixture
async def answer(server: Server, bob: simcord.MemberActor, question: Card) -> Card:
    """Bob's answer to it, number 1.1."""
    return await server.answer(bob, question, "Dark curtains, and no screens before bed.")


@pytest.fixture
def configure(server: Server, owner: simcord.MemberActor) -> Configure:
    """`await configure("voting", "private")`: the owner changes a setting of the server."""

    async def changed(name: str, value: str) -> None:
        sentence(await owner.slash(server.lounge, "settings set", name=name, value=value))

    return changed
