"""The bot in a process of its own, in a server with questions; beside it the library alone."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

from tests.bench.lean import INTERACTION, REACTION, Act, LeanDiscord, Pattern, Values, gap
from tests.process.acting import Acting
from tests.process.fake_people import controls
from tests.process.fake_world import Payload
from tests.process.running import ROOT
from tests.process.telling import Keeper

UP = "⬆️"
EMPTY = "tests.bench.empty_client"
CLICKERS = 20
# Everybody may vote down, so that there is always something left to change.
RULES = {"privilege.down_vote": "0"}
_QUICKLY = 0.01  # times Discord's limits, while the questions are posted


@asynccontextmanager
async def program(
    folder: Path, module: str, *arguments: str, env: dict[str, str]
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a module by an interpreter of its own; it is asked to end after the block.

    What it writes goes to a file: nobody reads a pipe meanwhile. Fails where it ended otherwise
    than asked, or wrote of an exception.
    """
    written = folder / f"{module}.log"
    ours = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    with written.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, *arguments),
            cwd=folder,
            env=ours | env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield process
        assert process.returncode is None, written.read_text("utf-8")
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), 30)
        except TimeoutError:
            process.kill()
            raise
    told = written.read_text("utf-8")
    assert "Traceback" not in told, told


@dataclass(frozen=True, slots=True)
class Stage:
    """Both programs with their servers, and what people do there again and again."""

    bot: LeanDiscord
    empty: LeanDiscord
    bot_pid: int
    empty_pid: int
    cards: Sequence[Payload]
    reactors: Sequence[Payload]
    more: Act
    vote: Act
    any_click: Act
    reaction: Pattern

    def react(self, discord: LeanDiscord, person: Payload, card: Payload) -> None:
        """Somebody reacts."""
        ids = {"user": person["id"], "message": card["id"], "channel": card["channel_id"]}
        values = {name: json.dumps(value) for name, value in ids.items()}
        member = json.dumps(discord.world.members[person["id"]])
        discord.tell(self.reaction, values | {"member": member})


@asynccontextmanager
async def stage(
    folder: Path, url: str, *, questions: int, voters: int, reactors: int
) -> AsyncIterator[Stage]:
    """Start both, and have the questions posted."""
    async with AsyncExitStack() as stack:
        start = stack.enter_async_context
        bot, empty = await start(LeanDiscord()), await start(LeanDiscord())
        empty.world = bot.world  # the same server, so that both are told the very same
        env = bot.environment(DATABASE_URL=url, LOG_LEVEL="WARNING")
        process = await start(program(folder, "bot", "run", env=env))
        await _ready(bot, process)
        alone = await start(program(folder, EMPTY, env=empty.environment()))
        cards, _ = await asyncio.gather(_forum(bot, folder, questions), _ready(empty, alone))
        people = [bot.world.add_person(f"member{n}") for n in range(voters + 1)]
        others = [bot.world.add_person(f"reader{n}") for n in range(reactors)]
        acts = await _written_down(bot, empty, cards, people)
        yield Stage(bot, empty, process.pid, alone.pid, cards, others, *acts)
        problems = [*bot.problems, *empty.problems]
        assert not problems, problems
        assert (bot.gateway.identifies, empty.gateway.identifies) == (1, 1), "a connection was lost"


async def _ready(discord: LeanDiscord, process: asyncio.subprocess.Process) -> None:
    ready = asyncio.ensure_future(discord.ready())
    over = asyncio.ensure_future(process.wait())
    await asyncio.wait({ready, over}, return_when=asyncio.FIRST_COMPLETED)
    over.cancel()
    assert ready.done(), f"ended with {process.returncode} before it was there"
    await ready


async def _forum(discord: LeanDiscord, folder: Path, questions: int) -> list[Payload]:
    """Set up the text channel and have the questions asked, each by somebody else."""
    world, tale = discord.world, Acting(Keeper(discord, folder), discord.world.text)
    discord.pace.scale = _QUICKLY
    await tale.set_up()
    for name, value in RULES.items():
        await tale.do(world.owner, world.lounge, "settings set", name=name, value=value)
    for number in range(questions):
        author = world.add_person(f"author{number}")
        form = await tale.do(author, world.text, "ask")
        title = f"How do I sleep after night shift number {number}?"
        sent = await tale.fill(author, world.text, form, title=title, details="I lie awake.")
        await tale.post_mine(author, sent, world.text)
    # The vote emoji are the last step of publishing.
    await discord.until(
        lambda: [len(card["reactions"]) for card in tale.questions()] == [2] * questions, 60
    )
    discord.pace.scale = 1.0
    return tale.questions()


async def _written_down(
    bot: LeanDiscord, empty: LeanDiscord, cards: Sequence[Payload], people: Sequence[Payload]
) -> tuple[Act, Act, Act, Pattern]:
    """Have everything done once in the strict way, and keep it as patterns: a click on *More*, a
    vote by command, a click that the library alone answers, and a reaction."""
    world, anybody = bot.world, people[-1]
    ids: dict[str, Any] = {"id": gap("id"), "token": gap("token"), "member": gap("member")}

    await bot.press(anybody, cards[0], _more(cards[0]))
    pressed = bot.pattern(INTERACTION, **ids, data=gap("data"), message=gap("card"))
    menu = await bot.confirmation()
    presses = [
        {"data": json.dumps(_press(card)), "card": json.dumps(bot.public(card)), "member": member}
        for card in cards
        for member in _members(bot, people[:CLICKERS], world.text)
    ]
    random.Random(1).shuffle(presses)

    await bot.run(anybody, world.lounge, "vote", _options(cards[0], "up"))
    voted = bot.pattern(INTERACTION, **ids, data=_command(bot, gap("options")))
    outcome = await bot.confirmation()
    votes = _votes(cards, _members(bot, people[:-1], world.lounge))

    await empty.press(anybody, cards[0], _more(cards[0]))
    counted = await empty.confirmation()

    await bot.react(anybody, cards[1], UP)
    where = {"user_id": gap("user"), "message_id": gap("message"), "channel_id": gap("channel")}
    reacted = bot.pattern(REACTION, **where, member=gap("member"))
    return (
        Act(pressed, cycle(presses), menu, b":vote:"),
        Act(voted, votes, outcome, b"voted"),
        Act(pressed, cycle(presses), counted, b" reactions"),
        reacted,
    )


def _members(discord: LeanDiscord, people: Sequence[Payload], channel: Payload) -> list[str]:
    return [json.dumps(discord.world.member_in(person, channel)) for person in people]


def _votes(cards: Sequence[Payload], members: Sequence[str]) -> Iterator[Values]:
    """Everybody votes on everything, up, then down, then up: each vote changes something."""
    for direction in cycle(("up", "down")):
        for card in cards:
            options = json.dumps(_options(card, direction))
            for member in members:
                yield {"options": options, "member": member}


def _command(discord: LeanDiscord, options: Any) -> Payload:
    known = next(each for each in discord.commands if each["name"] == "vote")
    return {"id": known["id"], "name": "vote", "type": 1, "options": options, "resolved": {}}


def _options(card: Payload, direction: str) -> list[Payload]:
    number = _more(card).rpartition(":")[2]
    given = {"direction": direction, "post": number}
    return [{"name": name, "type": 3, "value": value} for name, value in given.items()]


def _more(card: Payload) -> str:
    ids = [str(each.get("custom_id", "")) for each in controls(card)]
    return next(each for each in ids if ":more:" in each)


def _press(card: Payload) -> Payload:
    return {"custom_id": _more(card), "component_type": 2}
