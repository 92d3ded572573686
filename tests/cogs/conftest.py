"""A question, an answer to it, a category with a channel of its own, and how a manager changes what
the server allows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
import simcord

import cogs.asking
import cogs.interaction.posted
import cogs.interaction.replies
from bot.app import Askwell
from bot.domain.errors import Refusal
from bot.domain.voting import Ballot, VoteOutcome
from bot.usecases import drafts
from tests.support.homes import make, row
from tests.support.population import Population, populate
from tests.support.replies import sentence
from tests.support.reports import closed_channel
from tests.support.server import Card, Server
from tests.support.simulator import answered_only

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
async def reports(
    env: simcord.Env, server: Server, moderators: simcord.RoleHandle, configure: Configure
) -> simcord.ChannelHandle:
    """#reports, which only moderators see, chosen as the moderators' channel."""
    channel = closed_channel(server, "reports", moderators)
    await configure("moderators_channel", f"<#{channel.id}>")
    await env.advance_time(5)
    return channel


@pytest.fixture
def nights(server: Server) -> simcord.ChannelHandle:
    """A second channel for questions."""
    return make(server, "nights")


@pytest.fixture
async def sleep(server: Server, owner: simcord.MemberActor, nights: simcord.ChannelHandle) -> str:
    """The category Sleep, whose questions are posted in #nights. Returns its row, as it is sent."""
    reply = await owner.slash(server.lounge, "category add", name="Sleep", channel=nights)
    assert sentence(reply) == (
        "Added **Sleep**.\n"
        f"New questions in this category go to <#{nights.id}>. Older ones stay where they are."
    )
    return await row(server, "Sleep")


@pytest.fixture
async def world(
    server: Server,
    owner: simcord.MemberActor,
    moderators: simcord.RoleHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> Population:
    """Everybody whom Discord treats differently, and places of every state."""
    return await populate(server, owner, moderators, alice, bob)


@pytest.fixture
def heard(world: Population, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What people are refused is kept with its reason; what they typed is not given back."""
    bot = world.env.bot
    assert isinstance(bot, Askwell)
    explain, cast = cogs.interaction.replies.explain, bot.ballots.cast

    def explained(refusal: Refusal, *rest: Any) -> str:
        world.refused.append(refusal)
        return explain(refusal, *rest)

    async def counted(ballot: Ballot) -> VoteOutcome:
        outcome = await cast(ballot)
        if outcome.refusal is not None:
            world.refused.append(outcome.refusal)
        return outcome

    async def kept_nowhere(*_: Any, **__: Any) -> int:
        return 1

    with monkeypatch.context() as patch, answered_only(world.env):
        for module in (cogs.interaction.replies, cogs.asking):
            patch.setattr(module, "explain", explained)
        patch.setattr(drafts, "keep_draft", kept_nowhere)
        patch.setattr(bot.ballots, "cast", counted)
        # No card comes of what is not written.
        patch.setattr(cogs.interaction.posted, "PATIENCE", 0.0)
        yield
