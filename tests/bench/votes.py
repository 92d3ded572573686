"""Durable votes: members who vote at once, against plain sqlite3 with one transaction a vote.

Both sides write the same rows, and that is checked after every turn: votes, scores, ledger, points,
hourly counts, outbox, inboxes of authors. The rival is sqlite3 as one would write it by hand: one
connection, prepared statements, BEGIN IMMEDIATE, no event loop, and none of the rules of the bot.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.domain.reputation import votes_limit
from bot.domain.rules import Rules
from bot.domain.voting import DOWN, NONE, UP, Ballot, VoteSource, change
from bot.usecases.voting import VoteBatcher
from data.database import Database
from data.types import microseconds
from tests.bench.measuring import Report, milliseconds
from tests.store.forum import Forum

LIMIT = 1.5  # times plain sqlite3
CALLERS = 50
AUTHORS = 60
FREELY = {"privilege.down_vote": "0", "limit.votes": "10000", "limit.answers": "10000"}


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of one side: how long it took, and how long each vote was on its way."""

    seconds: float
    waits: list[float]

    def rate(self) -> float:
        """Votes a second."""
        return len(self.waits) / self.seconds


async def prepare(url: str, posts: int) -> list[int]:
    """Fill an empty database with a forum of so many posts, and return them."""
    db = Database(url)
    await db.open()
    forum = await Forum(db).open(FREELY)
    made: list[int] = []
    for n in range(posts):
        author = forum.member(1000 + n % AUTHORS)
        make = forum.ask(author) if n % 4 == 0 else forum.answer(author, made[n - n % 4])
        made.append(await make)
        forum.later(minutes=10)
    await forum.clear_jobs()
    await db.close()
    return made


def wishes(
    forum: Forum, posts: Sequence[int], votes: int, *, callers: int = CALLERS, seed: int = 1
) -> list[list[Ballot]]:
    """What each caller votes, in their order: mostly new votes, and now and then another one on
    the same post."""
    chance = random.Random(seed)
    lists: list[list[Ballot]] = []
    for caller in range(callers):
        voter, mine = forum.member(10 + caller), list[Ballot]()
        for _ in range(votes // callers):
            again = mine and chance.random() < 0.1
            post = chance.choice(mine).post_id if again else chance.choice(posts)
            value = chance.choices((UP, DOWN, NONE if again else UP), (8, 1, 1))[0]
            mine.append(Ballot(voter, post, value, VoteSource.BUTTON, forum.now))
        lists.append(mine)
    return lists


async def by_the_bot(url: str, lists: Sequence[Sequence[Ballot]]) -> Turn:
    """All callers vote at once, each casting the next vote when the last one is on disk."""
    db = Database(url)
    await db.open()
    batcher, waits = VoteBatcher(db), list[float]()

    async def caller(mine: Sequence[Ballot]) -> None:
        for ballot in mine:
            began = time.perf_counter()
            outcome = await batcher.cast(ballot)
            waits.append(time.perf_counter() - began)
            assert outcome.refusal is None, outcome.refusal

    began = time.perf_counter()
    await asyncio.gather(*map(caller, lists))
    turn = Turn(time.perf_counter() - began, waits)
    await db.close()
    return turn


_READ = """
SELECT p.guild_id, p.kind, p.author_id, p.up_votes, p.down_votes, coalesce(v.value, 0)
FROM posts p LEFT JOIN votes v ON v.post_id = p.id AND v.voter_id = ? WHERE p.id = ?"""
_VOTE = """
INSERT INTO votes (post_id, voter_id, guild_id, value, source, at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET value = excluded.value, source = excluded.source, at = excluded.at"""
_NO_VOTE = "DELETE FROM votes WHERE post_id = ? AND voter_id = ?"
_SCORE = """
UPDATE posts SET up_votes = up_votes + ?, down_votes = down_votes + ?, score = score + ?
WHERE id = ?"""
_LINE = """
INSERT INTO ledger (post_id, reason, actor_id, guild_id, user_id, points, at)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET user_id = excluded.user_id, points = excluded.points, at = excluded.at"""
_NO_LINE = "DELETE FROM ledger WHERE post_id = ? AND reason = ? AND actor_id = ?"
_POINTS = """
INSERT INTO members (guild_id, user_id, points) VALUES (?, ?, ?)
ON CONFLICT DO UPDATE SET points = points + excluded.points"""
_COUNT = """
INSERT INTO hourly_counts (guild_id, user_id, action, since, times) VALUES (?, ?, 'votes', ?, 1)
ON CONFLICT DO UPDATE SET times = times + 1"""
_NEWS = """
INSERT INTO notices (guild_id, user_id, kind, post_id, by_message, votes, created_at)
VALUES (?, ?, 'voted', ?, 0, ?, ?)
ON CONFLICT DO UPDATE SET votes = CASE WHEN read_at IS NULL THEN votes ELSE 0 END + excluded.votes,
created_at = excluded.created_at, read_at = NULL"""
_CARD = """
INSERT INTO outbox (kind, key, guild_id, revision, priority, attempts, due_at, created_at, failed,
error) VALUES ('card', ?, ?, 1, 2, 0, ?, ?, 0, '')
ON CONFLICT DO UPDATE SET revision = revision + 1"""


def by_hand(path: Path, lists: Sequence[Sequence[Ballot]], rules: Rules) -> Turn:
    """The same votes, one after the other, each in a transaction of its own."""
    db = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-8000"):
        db.execute(f"PRAGMA {pragma}")
    weights = {kind: rules.number(f"points.{kind}_vote") for kind in ("question", "answer")}
    turns = [ballot for round_ in zip(*lists, strict=True) for ballot in round_]
    waits: list[float] = []
    began = time.perf_counter()
    for ballot in turns:
        start = time.perf_counter()
        _vote_by_hand(db, ballot, rules, weights)
        waits.append(time.perf_counter() - start)
    turn = Turn(time.perf_counter() - began, waits)
    db.close()
    return turn


def _vote_by_hand(
    db: sqlite3.Connection, ballot: Ballot, rules: Rules, weights: dict[str, int]
) -> None:
    post, voter, at = ballot.post_id, ballot.voter.user_id, microseconds(ballot.at)
    run = db.execute
    run("BEGIN IMMEDIATE")
    guild, kind, author, up, down, old = run(_READ, (voter, post)).fetchone()
    new = ballot.value
    if new == old:
        run("ROLLBACK")
        return
    more_up, more_down = change(old, new)
    before = votes_limit(kind, up, down, rules)
    after = votes_limit(kind, up + more_up, down + more_down, rules)
    if new:
        run(_VOTE, (post, voter, guild, new, ballot.source, at))
        run(_LINE, (post, "vote", voter, guild, author, new * weights[kind], at))
        run(_COUNT, (guild, voter, at))
    else:
        run(_NO_VOTE, (post, voter))
        run(_NO_LINE, (post, "vote", voter))
    run(_SCORE, (more_up, more_down, more_up - more_down, post))
    if after:
        run(_LINE, (post, "vote_limit", 0, guild, author, after, at))
    elif before:
        run(_NO_LINE, (post, "vote_limit", 0))
    earned = (more_up - more_down) * weights[kind] + after - before
    if earned:
        run(_POINTS, (guild, author, earned))
    run(_NEWS, (guild, author, post, more_up - more_down, at))
    run(_CARD, (post, guild, at, at))
    run("COMMIT")


# How often a card was wished for is the one thing that gathering makes less of.
_WRITTEN = (
    "SELECT * FROM votes ORDER BY 1, 2",
    "SELECT id, up_votes, down_votes, score FROM posts ORDER BY 1",
    "SELECT post_id, reason, actor_id, guild_id, user_id, points, at FROM ledger ORDER BY 1, 2, 3",
    "SELECT * FROM members ORDER BY 1, 2",
    "SELECT * FROM hourly_counts WHERE action = 'votes' ORDER BY 1, 2",
    "SELECT kind, key, guild_id, priority, due_at, failed FROM outbox ORDER BY 1, 2",
    "SELECT user_id, post_id, votes, read_at FROM notices WHERE votes <> 0 ORDER BY 1, 2",
)


def written(path: Path) -> list[list[tuple[object, ...]]]:
    """All that votes write, to compare."""
    db = sqlite3.connect(path)
    rows = [db.execute(query).fetchall() for query in _WRITTEN]
    db.close()
    return rows


async def compare(
    folder: Path, template: Path, posts: Sequence[int], *, votes: int, rounds: int
) -> list[tuple[Turn, Turn]]:
    """Let both sides count the same votes in turns, each time from the same forum. Returns the
    turns, the bot's first; fails where they did not write the same."""
    turns: list[tuple[Turn, Turn]] = []
    for n in range(rounds):
        forum = Forum(Database("sqlite+aiosqlite://"))
        forum.later(days=400)
        lists = wishes(forum, posts, votes, seed=n)
        ours, theirs = folder / f"ours-{n}.sqlite3", folder / f"theirs-{n}.sqlite3"
        for path in (ours, theirs):
            shutil.copyfile(template, path)
        rules = Rules.of(FREELY)

        async def bot(path: Path = ours, lists: list[list[Ballot]] = lists) -> Turn:
            return await by_the_bot(f"sqlite+aiosqlite:///{path}", lists)

        # Who begins changes, so that neither always meets the other's leftovers.
        if n % 2:
            plain = by_hand(theirs, lists, rules)
            turns.append((await bot(), plain))
        else:
            mine = await bot()
            turns.append((mine, by_hand(theirs, lists, rules)))
        assert written(ours) == written(theirs), "the two sides did not write the same rows"
        for path in (ours, theirs):
            for file in folder.glob(f"{path.name}*"):
                file.unlink()
    return turns


def tell(report: Report, turns: Sequence[tuple[Turn, Turn]]) -> None:
    """Print what the turns took, and hold the median ratio against the promise."""
    report.title(
        f"Durable votes: {CALLERS} callers through cast_votes, and plain sqlite3 with a "
        f"transaction a vote\n({len(turns)} turns of {len(turns[0][0].waits)} votes each, "
        "WAL, synchronous=FULL, the same rows)"
    )
    report.line("", "votes/s", "lowest", "wait, median", "p99", "slowest")
    for name, side in (("Askwell", 0), ("plain sqlite3", 1)):
        rates = [turn[side].rate() for turn in turns]
        waits = [wait for turn in turns for wait in turn[side].waits]
        report.line(
            name, f"{statistics.median(rates):.0f}", f"{min(rates):.0f}", *milliseconds(waits)
        )
    ratios = [ours.rate() / theirs.rate() for ours, theirs in turns]
    report.line("ratio of each turn", *(f"{ratio:.2f} x" for ratio in ratios[:6]))
    median = statistics.median(ratios)
    report.promise("ratio, median", median, f"at least {LIMIT} x", kept=median >= LIMIT)
