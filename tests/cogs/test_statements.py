"""What an act costs the database in all: with its interaction, its cards and their delivery.

`tests/store/test_statements.py` fixes the use cases one by one; here nothing that is read twice for
one occasion gets by unseen. A failure lists the statements.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator

import pytest
import simcord
from sqlalchemy import Connection

from bot.app import Askwell
from data.database import Database
from tests.store.faults import counted, listening
from tests.support.kinds import SIMPLE
from tests.support.server import Card, Server

pytestmark = SIMPLE


class Scene:
    """A question with an answer; Bob and Carol have not voted yet."""

    def __init__(
        self, server: Server, posts: tuple[Card, Card], people: tuple[simcord.MemberActor, ...]
    ) -> None:
        self.server = server
        self.question, self.answer = posts
        self.bob, self.carol, self.owner = people

    async def nothing(self) -> None:
        """Nothing has to be there before."""

    async def show_buttons(self) -> None:
        """The owner wants vote buttons beside the reactions."""
        name, value = "vote_buttons", "on"
        await self.owner.slash(self.server.lounge, "settings set", name=name, value=value)
        await self.server.env.advance_time(700)

    async def more(self) -> simcord.InteractionResult:
        """Click on *More*."""
        return await self.bob.click(self.question.message, custom_id=self.question.control("more"))

    async def vote_by_command(self) -> None:
        await self.bob.slash(self.server.lounge, "vote", direction="up", post="#1")

    async def vote_by_reaction(self) -> None:
        await self.carol.react(self.answer.message, "⬆️")
        await self.server.env.advance_time(10)

    async def press_the_arrow(self) -> None:
        """Vote by the button on the card, where there is one."""
        custom_id = f"qa:1:vote:{self.answer.post_id}:up"
        await self.carol.click(self.server.card(self.answer.post_id).message, custom_id=custom_id)
        await self.server.env.advance_time(10)

    async def say(self) -> None:
        """A plain message in a question's thread: the first one of a member there is answered."""
        await self.carol.send(self.question.thread, "Just a thought.")
        await self.server.env.advance_time(10)

    async def ask(self) -> None:
        form = await self.carol.slash(self.server.lounge, "ask")
        typed = {"title": "How do I wake up early?", "details": "I lie awake."}
        await self.carol.submit_modal(form, typed)
        await self.server.env.advance_time(10)

    async def answer_it(self) -> None:
        custom_id = self.question.control("answer")
        form = await self.carol.click(self.question.message, custom_id=custom_id)
        await self.carol.submit_modal(form, {"answer": "Dark curtains and an early breakfast."})
        await self.server.env.advance_time(10)


# What is done, the transactions that read and that write, and the statements in all of them.
ACTS: dict[str, tuple[Callable[[Scene], Awaitable[object]], int, int, int]] = {
    "open More": (Scene.more, 1, 0, 2),
    "/vote": (Scene.vote_by_command, 5, 3, 18),
    "vote by reaction, with its card": (Scene.vote_by_reaction, 4, 3, 17),
    "a press on ▲, with its card": (Scene.press_the_arrow, 6, 3, 21),
    "a first plain message": (Scene.say, 7, 4, 15),
    "a plain message": (Scene.say, 0, 0, 0),
    "/ask": (Scene.ask, 13, 6, 36),  # its form points at no post that would tell of a block
    "/answer": (Scene.answer_it, 8, 7, 36),
}


PREPARED = {
    "a press on ▲, with its card": Scene.show_buttons,
    "a plain message": Scene.say,
}

# Their reply looks for the new card: once more where that comes after the first look.
WAIT_FOR_THEIR_CARD = {"/ask", "/answer"}


@pytest.fixture
def begun(db: Database) -> Iterator[Counter[str]]:
    """How many transactions began: those that read, and those that write."""
    found: Counter[str] = Counter()

    def note(connection: Connection) -> None:
        writes = connection.get_execution_options().get("askwell_writes")
        found["write" if writes else "read"] += 1

    with listening(db, "begin", note):
        yield found


@pytest.mark.parametrize("act", ACTS)
async def test_an_occasion_is_read_once(
    server: Server,
    question: Card,
    answer: Card,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    owner: simcord.MemberActor,
    db: Database,
    begun: Counter[str],
    monkeypatch: pytest.MonkeyPatch,
    act: str,
) -> None:
    monkeypatch.setattr("data.known_rules.FRESH", 3600.0)  # however slow the machine is
    # What is looked for every few seconds, whatever happens, isn't counted.
    bot = server.env.bot
    assert isinstance(bot, Askwell)
    monkeypatch.setattr(bot.get_cog("Delaying"), "_begin", lambda: None)
    await server.env.advance_time(700)
    scene = Scene(server, (question, answer), (bob, carol, owner))
    await PREPARED.get(act, Scene.nothing)(scene)
    do, reads, writes, number = ACTS[act]
    begun.clear()
    with counted(db) as statements:
        await do(scene)
        await server.env.settle()
    listed = "\n".join(" ".join(statement.split())[:120] for statement in statements)
    if act in WAIT_FOR_THEIR_CARD and abs(begun["read"] - reads) == 1:
        number += begun["read"] - reads
        reads = begun["read"]
    assert (begun["read"], begun["write"], len(statements)) == (reads, writes, number), listed
