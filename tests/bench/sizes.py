"""A server of 20,000 questions and 200,000 votes: how long its people wait, on both databases."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import insert, update

from bot.domain.actors import Actor
from bot.domain.queries import Sort
from bot.domain.ranking import View
from bot.domain.voting import UP, Ballot, VoteSource
from bot.usecases import asking, browsing, listing, searching
from bot.usecases.recounting import recount
from bot.usecases.voting import VoteBatcher
from data.database import Database
from data.models import Post, Vote
from tests.bench.measuring import Report, milliseconds, timed
from tests.bench.search import GUILD, HOME, database_url, fill, opened
from tests.bench.soak import WORDS
from tests.bench.votes import CALLERS

VOTER = 1_000_000  # the first voter; authors have lower numbers
SINCE = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Size:
    """How large a server is, how often each thing is timed, and for how long votes are offered."""

    questions: int = 20_000
    votes: int = 200_000
    times: int = 200
    seconds: float = 5.0
    rates: Sequence[int] = (50, 200, 500, 1000)


def _vocabulary() -> list[str]:
    """3,000 words: the real ones are the most common, as a few words are in any forum."""
    syllables = ("ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so")
    made = (a + b + c for a in syllables for b in syllables for c in syllables)
    return [*WORDS, *made]


class Texts:
    """Made-up texts whose words are as unequally common as those of a language (Zipf's law)."""

    def __init__(self, seed: int = 1) -> None:
        self._chance = random.Random(seed)
        self._words = _vocabulary()
        self._weights = [1 / (rank + 10) for rank in range(len(self._words))]

    def of(self, words: int) -> str:
        """A text of so many words."""
        return " ".join(self._chance.choices(self._words, self._weights, k=words))

    def posts(self, questions: int) -> Iterator[tuple[str, str, str]]:
        """Questions, each with three answers for every two."""
        for number in range(questions):
            yield "question", self.of(7), self.of(60)
            for _ in range(1 + number % 2):
                yield "answer", "", self.of(80)


async def prepare(db: Database, size: Size) -> float:
    """Fill a database; returns the seconds a recount took, which computed all cached figures."""
    await fill(db, Texts().posts(size.questions))
    posts = size.questions * 5 // 2
    chance = random.Random(2)
    async with db.write() as tx:
        await tx.execute(update(Post).values(active_at=Post.created_at))
        made: set[tuple[int, int]] = set()
        while len(made) < size.votes:
            # A few posts have many votes, most have few.
            made.add((1 + int(posts * chance.random() ** 2), VOTER + chance.randrange(5_000)))
        rows = [
            {"post_id": post, "voter_id": voter, "guild_id": GUILD, "value": UP}
            | {"source": VoteSource.IMPORT, "at": SINCE + timedelta(minutes=post)}
            for post, voter in sorted(made)
        ]
        for start in range(0, len(rows), 10_000):
            await tx.execute(insert(Vote), rows[start : start + 10_000])
    return await timed(lambda: recount(db, now=datetime.now(UTC)))


def readings(db: Database, size: Size) -> dict[str, list[Callable[[], Awaitable[object]]]]:
    """What people read, each with so many different calls."""
    texts, reader = Texts(seed=3), {"channels": [HOME], "reader_id": 5}
    times, posts = size.times, size.questions * 5 // 2
    several = range(times)

    def lists(view: View, page: int) -> Callable[[], Awaitable[object]]:
        return partial(
            listing.list_questions, db, GUILD, listing.Selection(view, page=page), **reader
        )

    def searches(words: int, sort: Sort) -> list[Callable[[], Awaitable[object]]]:
        return [
            partial(
                searching.search_posts,
                db,
                GUILD,
                searching.Search(texts.of(words), sort=sort),
                **reader,
            )
            for _ in several
        ]

    week = SINCE + timedelta(days=20)
    return {
        "similar questions": [
            partial(asking.similar_questions, db, GUILD, texts.of(7), **reader) for _ in several
        ],
        "search, one word": searches(1, Sort.RELEVANCE),
        "search, three words": searches(3, Sort.RELEVANCE),
        "search, newest first": searches(2, Sort.NEWEST),
        **{f"/questions {view}": [lists(view, n % 3) for n in several] for view in View},
        "/leaderboard": [partial(browsing.leaderboard, db, GUILD, n) for n in several],
        "/leaderboard month": [
            partial(browsing.leaderboard, db, GUILD, n, since=week) for n in range(times // 4 + 1)
        ],
        "/points": [partial(browsing.points_history, db, GUILD, n % 997) for n in several],
        "/profile": [partial(browsing.profile, db, GUILD, n % 997) for n in several],
        "a card": [partial(browsing.post_card, db, GUILD, 1 + n * 97 % posts) for n in several],
    }


async def offer(db: Database, posts: int, rate: int, seconds: float) -> list[float]:
    """Offer votes at a rate, whether or not earlier ones are done; returns how long each took."""
    batcher, chance, waits = VoteBatcher(db), random.Random(rate), list[float]()

    async def vote(number: int) -> None:
        began = time.perf_counter()
        await _vote(batcher, 10_000 * rate + number, 1 + chance.randrange(posts))
        waits.append(time.perf_counter() - began)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
            group.create_task(vote(number))
    return waits


async def rush(db: Database, posts: int, votes: int, turn: int) -> float:
    """Let 50 callers cast so many votes in all, each the next one when the last one is on disk.
    Returns votes a second."""
    batcher, chance = VoteBatcher(db), random.Random(9)
    each = votes // CALLERS

    async def caller(number: int) -> None:
        for n in range(each):
            voter = (turn + 1) * 1_000_000_000 + number * each + n
            await _vote(batcher, voter, 1 + chance.randrange(posts))

    seconds = await timed(lambda: asyncio.gather(*map(caller, range(CALLERS))))
    return each * CALLERS / seconds


async def _vote(batcher: VoteBatcher, voter: int, post_id: int) -> None:
    """Somebody votes who has not done so before."""
    now = datetime.now(UTC)
    ballot = Ballot(Actor(GUILD, 2 * VOTER + voter), post_id, UP, VoteSource.BUTTON, now)
    outcome = await batcher.cast(ballot)
    assert outcome.changed, outcome


async def measure(report: Report, kind: str, size: Size | None = None) -> None:
    """Fill a database of a kind and print how long people wait in it."""
    size = size or Size()
    with database_url(kind) as url:
        db = await opened(url)
        counted = await prepare(db, size)
        report.title(
            f"A server of {size.questions:,} questions, {size.questions * 3 // 2:,} answers and "
            f"{size.votes:,} votes on {kind}"
        )
        report.line("recount, which computes all of it", f"{counted:.1f} s")
        report.line("", "median", "p99", "slowest")
        for what, calls in readings(db, size).items():
            await calls[0]()
            report.line(what, *milliseconds([await timed(call) for call in calls]))
        posts = size.questions * 5 // 2
        rates = [await rush(db, posts, int(1000 * size.seconds), turn) for turn in range(3)]
        report.line(
            f"votes, {CALLERS} callers at once", *(f"{rate:.0f}/s" for rate in sorted(rates))
        )
        for rate in size.rates:
            waits = await offer(db, posts, rate, size.seconds)
            report.line(f"votes offered, {rate} a second", *milliseconds(waits))
        corrections = await recount(db, apply=False, now=datetime.now(UTC))
        kept = not corrections
        report.promise("figures a recount would change", len(corrections), "none", kept=kept)
        await db.close()
