"""Fifty servers, one of which renames a category of thousands of questions: who waits for it?

The others go on asking. How long it takes until their questions stand in Discord is measured in
short turns, with and without the rename going on, until its last card is right: what else the
machine does meanwhile meets both alike. Discord takes a while for each answer, and 50 requests a
second of the whole bot.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

import simcord
from sqlalchemy import delete, func, insert, select, update

from bot.app import create_bot
from bot.domain.actors import Actor
from bot.domain.outbox import Job, JobKind, Priority
from bot.settings import Settings
from bot.usecases import categories, guilds, publishing
from bot.usecases.asking import QuestionForm, ask_question
from data.database import Database
from data.models import Guild, OutboxRow, Place, Post, PostText, Refresh
from data.refreshes import AT_ONCE
from tests.bench.measuring import Report, milliseconds, quantile
from tests.bench.search import database_url
from tests.bench.world import PATIENCE, migrated
from tests.support.simulator import (
    Perform,
    Request,
    as_the_bot,
    bot_user_id,
    clock_runs,
    corrected,
    intercepted,
    on_its_way,
)

LIMIT = 1.5  # times the p99 without the rename
A_SECOND = 50  # requests
ENOUGH = 300  # questions of each kind, for a p99 to be held against the promise
BEFORE, AFTER = "Sleep", "Rest"
SHOWN = json.dumps({"look": "another", "emoji": "⬆️ ⬇️"})


@dataclass(frozen=True, slots=True)
class Size:
    """How many servers and questions there are, and how the others ask meanwhile.

    `latency` is Discord's, in seconds for each request: a fifth of the real one, so that 10,000
    edits take minutes. `rate` is how many questions a second the others ask together. The rename
    goes on for `turn` seconds, then rests for `rest`, and so on.
    """

    servers: int = 50
    questions: int = 10_000
    latency: float = 0.02
    rate: float = 8.0
    turn: float = 6.0
    rest: float = 3.0


WHOLE = Size()
QUICK = Size(questions=300, rate=5.0, turn=3.0, rest=3.0)


@dataclass
class Outcome:
    """What was measured. Waits are in seconds, of each question of the others."""

    without: list[float] = field(default_factory=list[float])
    beside: list[float] = field(default_factory=list[float])
    waiting: int = 0
    """The most refreshes of the rename that waited at once."""
    out_of_turn: int = 0
    """Jobs that were read too late: behind a refresh, or behind the second of another group."""
    edited: int = 0
    seconds: float = 0.0
    """How long the rename went on."""
    wrong: int = 0
    """Cards that are not right in the end, and questions without a card."""

    @property
    def ratio(self) -> float:
        """The p99 beside the rename, by the p99 without it."""
        return quantile(self.beside, 0.99) / quantile(self.without, 0.99)


class Wire:
    """Discord's own time and pace; `there` is when each thread was made, by its name."""

    def __init__(self, env: simcord.Env, latency: float) -> None:
        self._env = env
        self._latency = latency
        self._next = 0.0
        self.there: dict[str, float] = {}
        self.edits = 0

    async def __call__(self, request: Request, perform: Perform) -> Any:
        """Stands between the bot and Discord."""
        now = time.perf_counter()
        self._next = max(self._next + 1 / A_SECOND, now - 1)  # a second's requests may come at once
        await on_its_way(self._env, max(self._next - now, 0) + self._latency)
        answer = await perform()
        if request.method == "POST" and request.path.endswith("/threads"):
            self.there[request.body["name"]] = time.perf_counter()
        self.edits += request.method == "PATCH" and "/messages/" in request.path
        return answer


class Bench:
    """The servers, of which the first one renames its category."""

    def __init__(self, env: simcord.Env, db: Database, wire: Wire, size: Size) -> None:
        self.env = env
        self.db = db
        self.wire = wire
        self.size = size
        self.outcome = Outcome()
        self.homes: list[tuple[int, int]] = []  # server and its forum
        self.category = 0
        self._chance = random.Random(4)
        self._people = count(1_000)
        self._held: list[tuple[Any, list[dict[str, Any]]]] = []
        self._over = False

    @property
    def big(self) -> int:
        """The server that renames."""
        return self.homes[0][0]

    @property
    def now(self) -> datetime:
        """The time in the simulator."""
        return self.env.now()

    async def prepare(self) -> None:
        """Set all servers up, and fill the big one past the use cases."""
        for number in range(self.size.servers):
            guild = self.env.create_guild(f"Server {number}")
            forum = guild.create_forum_channel("questions")
            self.homes.append((guild.id, forum.id))
            manager = Actor(guild.id, 1, is_moderator=True, is_manager=True)
            await guilds.set_up(
                self.db,
                manager,
                guilds.SetupForm(forum.id),
                locale="en",
                now=self.now,
            )
        await self.env.settle()
        manager = Actor(self.big, 1, is_manager=True)
        self.category = await categories.add_category(self.db, manager, BEFORE, now=self.now)
        await self._fill()

    async def _fill(self) -> None:
        """Questions as they are once they were delivered, with their threads and messages."""
        (guild_id, forum_id), backend, mine = self.homes[0], self.env.backend, bot_user_id(self.env)
        posts, texts, places = [], [], []
        for number in range(1, self.size.questions + 1):
            title = f"How do I sleep in night {number}?"
            thread = backend.create_thread(forum_id, title, mine, broadcast=False)
            embed = {"type": "rich", "title": title, "description": BEFORE}
            message = backend.create_message(thread.id, mine, "", embeds=[embed], broadcast=False)
            post = {"id": number, "question_id": number, "guild_id": guild_id}
            post |= {"kind": "question", "number": number, "author_id": 2, "created_at": self.now}
            posts.append(post | {"category_id": self.category, "active_at": self.now})
            texts.append({"post_id": number, "guild_id": guild_id, "title": title, "body": ""})
            place = {"post_id": number, "guild_id": guild_id, "home_id": forum_id, "shown": SHOWN}
            place |= {"channel_id": thread.id, "thread_id": thread.id, "message_id": message.id}
            places.append(place)
        async with self.db.write() as tx:
            for start in range(0, len(posts), 2_000):
                part = slice(start, start + 2_000)
                await tx.execute(insert(Post), posts[part])
                await tx.execute(insert(PostText), texts[part])
                await tx.execute(insert(Place), places[part])
            await tx.execute(
                update(Guild).where(Guild.id == guild_id).values(last_number=len(posts))
            )
            if not self.db.is_sqlite:
                ids = f"SELECT setval(pg_get_serial_sequence('posts', 'id'), {len(posts)})"
                for statement in (ids, "ANALYZE"):
                    await tx.run_sync(lambda c, s=statement: c.exec_driver_sql(s))

    async def run(self) -> Outcome:
        """Rename, with rests, while the others ask, until every card is right."""
        async with clock_runs(self.env), self._looking():
            await self._ask_for(self.size.rest, [])  # what a process does but once is not counted
            await self._ask_for(self.size.rest, self.outcome.without)
            await self._rename()
            while not self._over:
                began = time.perf_counter()
                await self._ask_for(self.size.turn, self.outcome.beside)
                self.outcome.seconds += time.perf_counter() - began
                if not self._over:
                    await self._hold()
                    await self._ask_for(self.size.rest, self.outcome.without)
                    await self._go_on()
            async with asyncio.timeout(PATIENCE):
                while await self._left(OutboxRow):
                    await asyncio.sleep(0.1)
        self.outcome.edited = self.wire.edits
        self.outcome.wrong = await self._wrong()
        return self.outcome

    async def _rename(self) -> None:
        manager = Actor(self.big, 1, is_manager=True)
        with as_the_bot(self.env):
            await categories.change_category(
                self.db, manager, self.category, name=AFTER, now=self.now
            )

    async def _ask_for(self, seconds: float, waits: list[float]) -> None:
        """Have the other servers ask for a while, or until the rename is done; wait until all of
        it stands."""
        asked: dict[str, float] = {}
        end = time.perf_counter() + seconds
        async with asyncio.TaskGroup() as group:
            while time.perf_counter() < end and not self._over:
                await asyncio.sleep(self._chance.expovariate(self.size.rate))
                person = next(self._people)
                title = f"How does thing {person} work?"
                asked[title] = time.perf_counter()
                group.create_task(self._ask(person, title))
        async with asyncio.timeout(PATIENCE):
            while not asked.keys() <= self.wire.there.keys():
                await asyncio.sleep(0.02)
        waits += [self.wire.there[title] - began for title, began in asked.items()]

    async def _ask(self, person: int, title: str) -> None:
        guild_id, _ = self._chance.choice(self.homes[1:])
        form = QuestionForm(title, "")
        with as_the_bot(self.env):
            await ask_question(
                self.db, Actor(guild_id, person), form, origin_id=person, now=self.now
            )

    # What is not to go on is taken out of the tables, so that nothing of it is in anybody's way.

    async def _hold(self) -> None:
        async with self.db.write() as tx:
            for table in (OutboxRow.__table__, Refresh.__table__):
                rows = await tx.rows(select(table).where(table.c.guild_id == self.big))
                self._held.append((table, [dict(row._mapping) for row in rows]))
                await tx.execute(delete(table).where(table.c.guild_id == self.big))  # type: ignore[arg-type]

    async def _go_on(self) -> None:
        with as_the_bot(self.env):
            async with self.db.write() as tx:
                for table, rows in self._held:
                    if rows:
                        await tx.execute(insert(table), rows)
                self._held.clear()
                tx.enqueued = True

    async def _left(self, model: type[OutboxRow | Refresh], *where: Any) -> int:
        async with self.db.read() as tx:
            found = await tx.scalar(select(func.count()).select_from(model).where(*where))
        return int(found or 0)

    @asynccontextmanager
    async def _looking(self) -> AsyncIterator[None]:
        """Look into the outbox again and again meanwhile, as delivery does."""

        async def look() -> None:
            while not self._over:
                await asyncio.sleep(0.5)
                jobs = await publishing.due_jobs(self.db, self.now, 100)
                self.outcome.out_of_turn += out_of_turn(jobs)
                waiting = await self._left(OutboxRow, OutboxRow.priority == Priority.BULK)
                self.outcome.waiting = max(self.outcome.waiting, waiting)
                begun = self.outcome.waiting and not self._held
                self._over = bool(begun and not waiting and not await self._left(Refresh))

        looking = asyncio.create_task(look())
        try:
            yield
        finally:
            looking.cancel()
            await asyncio.wait([looking])
            if not looking.cancelled():
                looking.result()

    async def _wrong(self) -> int:
        """Look at all there is in Discord, and at what is recorded as given up."""
        messages, wrong = self.env.backend.messages, 0
        async with self.db.read() as tx:
            places = await tx.rows(
                select(Place.channel_id, Place.message_id).where(Place.guild_id == self.big)
            )
            unplaced = select(func.count()).where(Place.message_id.is_(None))
            wrong += int(await tx.scalar(unplaced) or 0)
        for channel_id, message_id in places:
            shown = str(messages[channel_id][message_id].embeds)
            wrong += AFTER not in shown or BEFORE in shown
        return wrong


def out_of_turn(jobs: Sequence[Job]) -> int:
    """How many jobs stand behind a refresh of many, or behind the second job of a group while they
    are the first of their own."""
    late, bulk, groups, followed = 0, False, set[tuple[JobKind, int]](), False
    for job in jobs:
        group = job.kind, job.group
        late += job.priority is not Priority.BULK and (bulk or (followed and group not in groups))
        bulk = bulk or job.priority is Priority.BULK
        followed = followed or group in groups
        groups.add(group)
    return late


async def run(kind: str, size: Size) -> Outcome:
    """Measure on a database of a kind."""
    with database_url(kind) as url:
        db = await migrated(url)
        with corrected():
            bot = create_bot(Settings.from_env({"DATABASE_URL": url}), db)
            env = simcord.Env(bot, shard_count=1, settle_timeout=PATIENCE)
            wire = Wire(env, size.latency)
            await env.start()
            try:
                bench = Bench(env, db, wire, size)
                await bench.prepare()
                with intercepted(env, wire):
                    return await bench.run()
            finally:
                await env.shutdown()
                await db.close()


def tell(report: Report, kind: str, size: Size, outcome: Outcome) -> None:
    """Print how long the others wait, and hold it against the promise."""
    whole = "" if size.questions == WHOLE.questions else f" (whole: {WHOLE.questions:,})"
    report.title(
        f"{size.servers} servers on {kind}, one renames a category of {size.questions:,} questions"
        f"{whole}"
    )
    report.line("until others' questions stand", "median", "p99", "slowest", "questions")
    for name, waits in (("without", outcome.without), ("beside the rename", outcome.beside)):
        report.line(name, *milliseconds(waits), str(len(waits)))
    pace = f"{outcome.edited / outcome.seconds:.1f}/s"
    report.line("cards edited", str(outcome.edited), f"{outcome.seconds:.0f} s", pace)
    ratio, at_once = outcome.ratio, outcome.waiting
    if min(len(outcome.without), len(outcome.beside)) >= ENOUGH:
        report.promise("p99, ratio", ratio, f"at most {LIMIT}", kept=ratio <= LIMIT)
    else:  # the slowest one of few says nothing of the slowest of a hundred
        report.line("p99, ratio", f"{ratio:.2f}", f"not held: fewer than {ENOUGH} questions")
    report.promise("refreshes that wait at once", at_once, "at most 100", kept=at_once <= AT_ONCE)
    late = outcome.out_of_turn
    report.promise("jobs read out of turn", late, "none", kept=not late)
    report.promise("cards wrong in the end", outcome.wrong, "none", kept=not outcome.wrong)
