"""A short tale, told to a bot in a process of its own, that may be killed at any request of it.

People do as people do: who sees nothing come of it for a while does it again.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from tests.process.fake_discord import FakeDiscord
from tests.process.fake_people import controls
from tests.process.fake_world import Payload
from tests.process.running import Process, askwell

_FORM = 9
_TRIES = 12
PATIENCE = 5.0  # seconds until somebody tries again
TITLE = "How do I sleep after a night shift?"
ANSWER = "Dark curtains, and no screens in the last hour."
SECOND = "What helps against stage fright?"


class Keeper:
    """Starts the bot, and starts it again whenever it was killed, as a service manager does."""

    def __init__(self, discord: FakeDiscord, folder: Path) -> None:
        self.discord = discord
        self.folder = folder
        self.written: list[str] = []
        self.process: Process | None = None
        self.code: int | None = None
        self.up = asyncio.Event()
        self.down = asyncio.Event()

    def kill(self) -> None:
        """Kill the bot, as the machine's end does: nothing of it gets to run any more."""
        self.up.clear()
        self.down.set()
        if self.process is not None:
            self.process.signal(signal.SIGKILL)

    async def keep(self) -> None:
        """Run the bot until it ends by itself."""
        while True:
            self.discord.gateway.identified.clear()
            async with askwell(self.folder, env=self.discord.environment()) as process:
                self.process = process
                ended = asyncio.create_task(process.ended(600))
                ready = asyncio.create_task(self.discord.gateway.identified.wait())
                await asyncio.wait({ended, ready}, return_when=asyncio.FIRST_COMPLETED)
                ready.cancel()
                if not ended.done():
                    self.down.clear()
                    self.up.set()
                self.written.append((await ended).err)
            self.code = ended.result().code
            if self.code != -signal.SIGKILL:
                return


@asynccontextmanager
async def kept(discord: FakeDiscord, folder: Path) -> AsyncIterator[Keeper]:
    """The bot, running whenever it can; asked to stop at the end, it does so within ten seconds."""
    keeper = Keeper(discord, folder)
    running = asyncio.create_task(keeper.keep())
    try:
        await asyncio.wait_for(keeper.up.wait(), 60)
        yield keeper
        discord.trouble = None
        await asyncio.wait_for(keeper.up.wait(), 60)
        assert keeper.process is not None
        keeper.process.signal(signal.SIGTERM)
        await asyncio.wait_for(running, 10)
        assert keeper.code == 0, keeper.written[-1:]
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running  # the process is killed


class Tale:
    """A question with an answer that is voted on and chosen, and another question."""

    def __init__(self, keeper: Keeper, home: Payload) -> None:
        self.keeper = keeper
        self.discord = keeper.discord
        self.world = keeper.discord.world
        self.home = home
        self.alice = self.world.add_person("alice")
        self.bob = self.world.add_person("bob")

    def questions(self) -> list[Payload]:
        """The cards of the questions, wherever they stand."""
        if self.home is self.world.text:
            return self.world.cards(self.home)
        return [card for thread in self.threads() for card in self.world.cards(thread)[:1]]

    def threads(self) -> list[Payload]:
        """The threads of the questions."""
        channels = self.world.channels.values()
        return [c for c in channels if c.get("parent_id") == self.home["id"]]

    def answers(self) -> list[Payload]:
        """The cards of the answers, in all threads."""
        questions = [card["id"] for card in self.questions()]
        cards = [card for thread in self.threads() for card in self.world.cards(thread)]
        return [card for card in cards if card["id"] not in questions]

    async def set_up(self) -> None:
        """The owner chooses the channel, while nothing is in the way yet."""
        await self.discord.until(lambda: self.discord.commands)
        option = {"name": "channel", "type": 7, "value": self.home["id"]}
        resolved = {"channels": {self.home["id"]: self.home | {"permissions": "0"}}}
        await self.discord.command(self.world.owner, self.world.text, "setup", [option], resolved)
        replies = self.discord.replies
        await self.discord.until(lambda: all(r.later for r in replies.values()))

    async def tell(self) -> None:
        """All of it, each thing once the one before it can be seen."""
        await self._until(lambda: self._ask(TITLE), lambda: len(self.questions()) >= 1)
        await self._until(self._answer, lambda: len(self.answers()) >= 1)
        answer = self.answers()[0]
        await self.discord.react(self.alice, answer, "⬆️")
        await self._until(self._choose, lambda: self.answers()[0]["pinned"])
        await self._until(lambda: self._ask(SECOND), lambda: len(self.questions()) >= 2)

    async def over(self) -> None:
        """Wait until Discord shows all of it."""
        world = self.world

        def shown() -> bool:
            first, answer = world.shown(self.questions()[0]), world.shown(self.answers()[0])
            return (
                "+1 vote" in answer
                and "Best answer" in answer
                and "Best answer" in first
                and len(self.threads()) >= 2
                and all(len(c["reactions"]) == 2 for c in [*self.questions(), *self.answers()])
            )

        await self.discord.until(shown, 60)

    async def _until(
        self,
        act: Callable[[], Awaitable[object]],
        seen: Callable[[], object],
        heard: Sequence[str] = (),
    ) -> None:
        if seen():
            return
        for _ in range(_TRIES):
            await asyncio.wait_for(self.keeper.up.wait(), 60)
            # Who gets no answer looks whether anything came of it.
            acting = asyncio.ensure_future(act())
            killed = asyncio.ensure_future(self.keeper.down.wait())
            await asyncio.wait(
                {acting, killed}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED
            )
            killed.cancel()
            answered = acting.done()
            if not answered:
                acting.cancel()
            elif type(acting.exception()) is not LookupError:  # which is: no such button any more
                acting.result()
            await asyncio.wait_for(self.keeper.up.wait(), 60)
            with suppress(TimeoutError):
                await self.discord.until(seen, PATIENCE * (3 if answered else 1))
                return
        raise AssertionError(f"nothing came of it, however often it was tried: {heard[-1:]}")

    async def _ask(self, title: str) -> None:
        form = await self.discord.command(self.alice, self.world.text, "ask")
        values = {"title": title, "details": "I lie awake until noon."}
        if form["type"] == _FORM:
            await self.discord.submit(self.alice, self.world.text, form, values)

    async def _answer(self) -> None:
        for thread in self.threads()[:1]:
            form = await self.discord.command(self.bob, thread, "answer")
            if form["type"] == _FORM:  # else the bot does not know its thread yet, and says so
                await self.discord.submit(self.bob, thread, form, {"answer": ANSWER})

    async def _choose(self) -> None:
        answer = self.answers()[0]
        channel = self.world.channels[answer["channel_id"]]
        (more,) = [c["custom_id"] for c in controls(answer) if ":more:" in c.get("custom_id", "")]
        menu = await self.discord.press(self.alice, answer, more)
        best = [c["custom_id"] for c in controls(menu.shown) if ":best:" in c.get("custom_id", "")]
        for custom_id in best:  # none where it is chosen already
            await self.discord.click(self.alice, menu.shown, custom_id, channel)
