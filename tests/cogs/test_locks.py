"""Who only reads waits for nobody's lock, and locks out nobody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import simcord
from sqlalchemy import Connection

from tests.store.faults import listening
from tests.support.acts import Cell, Sign
from tests.support.acts_on_posts import ON_POSTS
from tests.support.acts_on_the_server import ON_THE_SERVER
from tests.support.commands import leaves, synced
from tests.support.kinds import SIMPLE
from tests.support.population import Population

pytestmark = SIMPLE

# What says that something was done instead of showing anything.
DONE_AND_SAID = {
    "Post as answer, another's, by the asker",
    "consent.no",
    "offer.no",
    "offer.remove",
    "unsolved",
    "/reopen",
    "/reopen, one's own",
    "reopen",
    "/notifications",
    "lock",
    "/lock",
    "unlock",
    "/unlock",
    "tag.merge",
    "/setup",
    "setup.open",
    "setup.create",
    "setup.preset",
    "setup.finish",
    "setup.reports.create",
    "howto.open",
    "howto.back",
    "guidelines.post",
    "guidelines.back",
    # Under the lock they find that there is nothing to do here.
    "delayed.back",
    "unseal.agree",
    "unseal.look",
    "unseal.refuse",
    "unseal.danger",
    "/unblock, of a post's author",
}
# What is new counts as read, once it is shown.
READ_AND_NOTED = {"/inbox", "inbox", "news"}
# Their part of the world makes rows of its own; opening a draft is tried below.
MADE = "draft, "
ACTS = {**ON_POSTS, **ON_THE_SERVER}
READING = [
    name
    for name, act in ACTS.items()
    if act.sign is not Sign.WRITTEN
    and name not in DONE_AND_SAID | READ_AND_NOTED
    and not name.startswith(MADE)
]


@pytest.fixture
def begun(world: Population) -> Iterator[list[str]]:
    """What began to write, by the statement it began with."""
    writes: list[str] = []

    def note(connection: Connection) -> None:
        if connection.get_execution_options().get("askwell_writes"):
            writes.append("begin")

    with listening(world.db, "begin", note):
        yield writes


@pytest.mark.usefixtures("heard")
async def test_who_reads_opens_no_transaction_that_writes(
    world: Population, begun: list[str]
) -> None:
    """Also where they are refused, and where nothing is found."""
    assert {"/search", "search", "/queue", "queue", "/profile", "/tags", "/history", "/help"} < {
        *READING
    }
    assert ACTS.keys() >= DONE_AND_SAID | READ_AND_NOTED, "what is excused is there"
    writing: list[tuple[str, str]] = []
    for who in ("member", "moderator", "manager"):
        person = world.people[who]
        await world.belongs_to(person)
        for name in READING:
            begun.clear()
            await ACTS[name].do(Cell(world, person, world.open))
            if begun:
                writing.append((who, name))
    assert not writing, [name for _, name in writing]
    await _inbox(world, begun)
    await _completed(world, begun)


async def _inbox(world: Population, begun: list[str]) -> None:
    """What was new counts as read once it is shown; where nothing is new, nothing is written."""
    person = world.people["member"]
    await world.belongs_to(person)
    for name in ("/inbox", "inbox", "/inbox"):
        begun.clear()
        await ACTS[name].do(Cell(world, person, world.open))
        await world.env.settle()
    assert not begun


async def _completed(world: Population, begun: list[str]) -> None:
    """Whatever is typed where something is suggested."""
    owner, tried = simcord.MemberActor(world.env, world.server.guild, world.server.guild.owner), 0
    for command in synced(world.env):
        for path, known in leaves(command):
            for option in known.get("options") or ():
                if option.get("autocomplete"):
                    for typed in ("", "how"):
                        await owner.autocomplete(world.server.lounge, path, option["name"], typed)
                        tried += 1
    assert tried > 20
    assert not begun
