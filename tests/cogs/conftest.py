"""A question, an answer to it, a category with a channel of its own, and how a manager changes what
the server allows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
import simcord

from tests.support.homes import make, row
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


@pytest.fixture
def nights(server: Server) -> simcord.ChannelHandle:
    """A second channel for questions."""
    return make(server, "nights")


@pytest.fixture
async def sleep(server: Server, owner: simcord.MemberActor, nights: simcord.ChannelHandle) -> str:
    """The category Sleep, whose questions are posted in #nights. Returns its row, as it is sent."""
    reply = await owner.slash(server.lounge, "category add", name="Sleep", channel=nights)
    assert sentence(reply) == (
        "The category **Sleep** is there now.\n"
        f"New questions in it are posted in <#{nights.id}>; older ones stay where they are."
    )
    return await row(server, "Sleep")
