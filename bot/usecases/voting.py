"""Voting: ballots gathered into sets, one transaction a set."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.errors import Denied, Missing, NotFound
from bot.domain.outbox import JobKind, Priority
from bot.domain.policies import Action, PostForVote, check_can_vote, check_limit
from bot.domain.posts import PostKind, PostStatus
from bot.domain.reputation import Entry, Reason, vote_weight, votes_limit
from bot.domain.rules import Rules
from bot.domain.voting import Ballot, VoteOutcome, VoteSource, change, wanted
from data import guilds, ledger, members, outbox, votes
from data.database import Database, Transaction

BATCH = 256


async def cast_votes(
    db: Database, ballots: Sequence[Ballot], *, now: datetime
) -> list[VoteOutcome]:
    """Apply ballots in their order, in one transaction; outcomes come in the same order.

    Votes, scores, points, ledger and the wish for new cards are on disk when this returns. A
    ballot that the rules refuse changes nothing and says so in its outcome; a ballot never fails
    the others. Ballots for posts that do not exist, or belong to another server, are refused.
    """
    if not ballots:
        return []
    async with db.write() as tx:
        count = _Count(now)
        await count.read(tx, ballots)
        outcomes = [count.apply(ballot) for ballot in ballots]
        await count.write(tx)
    return outcomes


class _Count:
    """One set of ballots being counted: what was there, and what is to be written."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.rules: dict[int, Rules] = {}
        self.posts: dict[int, votes.VotedPost] = {}
        self.old: dict[tuple[int, int], tuple[int, VoteSource]] = {}
        self.current: dict[tuple[int, int], tuple[int, VoteSource, datetime]] = {}
        self.standing: dict[tuple[int, int], tuple[int, int]] = {}
        self.done: Counter[tuple[int, int]] = Counter()
        self.changes: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])

    async def read(self, tx: Transaction, ballots: Sequence[Ballot]) -> None:
        voters = {(b.voter.guild_id, b.voter.user_id) for b in ballots}
        self.rules = await guilds.lock_many(tx, {guild for guild, _ in voters})
        self.posts = await votes.posts_for_votes(tx, {b.post_id for b in ballots})
        pairs = {(b.post_id, b.voter.user_id) for b in ballots}
        self.old = await votes.current_votes(tx, pairs)
        self.standing = await members.standings(tx, Action.VOTES, voters, self.now)

    def apply(self, ballot: Ballot) -> VoteOutcome:
        post = self.posts.get(ballot.post_id)
        rules = self.rules.get(ballot.voter.guild_id)
        if post is None or rules is None or post.guild_id != ballot.voter.guild_id:
            refusal = NotFound(Missing.POST)
            return VoteOutcome(ballot.post_id, 0, 0, 0, refusal=refusal)
        key = (ballot.post_id, ballot.voter.user_id)
        old, source = self._vote(key)
        outcome = VoteOutcome(
            post.post_id,
            old,
            old,
            self._score(post),
            source,
            message_id=post.message_id,
            channel_id=post.channel_id,
        )
        new = wanted(ballot, old)
        if new == old:
            # The same vote again. How it came follows the latest way: a reaction that is there
            # must be taken back by taking the reaction away.
            if new and source is not ballot.source and ballot.only_if is None:
                self.current[key] = (new, ballot.source, ballot.at)
            return outcome
        who = (ballot.voter.guild_id, ballot.voter.user_id)
        points, done = self.standing[who]
        try:
            check_can_vote(
                ballot, PostForVote(post.kind, post.status, post.author_id), points, rules
            )
            if new:
                done += self.done[who]
                check_limit(Action.VOTES, done, ballot.voter.is_moderator, rules, ballot.at)
        except Denied as refusal:
            return replace(outcome, refusal=refusal)
        if new:
            self.done[who] += 1
        up, down = change(old, new)
        self.changes[post.post_id][0] += up
        self.changes[post.post_id][1] += down
        self.current[key] = (new, ballot.source, ballot.at)
        return replace(outcome, new=new, score=self._score(post))

    def _vote(self, key: tuple[int, int]) -> tuple[int, VoteSource | None]:
        if key in self.current:
            return self.current[key][:2]
        return self.old.get(key, (0, None))

    def _score(self, post: votes.VotedPost) -> int:
        up, down = self.changes.get(post.post_id, (0, 0))
        return post.up + up - post.down - down

    async def write(self, tx: Transaction) -> None:
        now_voted = [
            votes.NewVote(post, voter, self.posts[post].guild_id, value, source, at)
            for (post, voter), (value, source, at) in self.current.items()
            if value
        ]
        cleared = [key for key, vote in self.current.items() if not vote[0] and key in self.old]
        await votes.write_votes(tx, now_voted, cleared)
        changed = {p: (up, down) for p, (up, down) in self.changes.items() if up or down}
        await votes.write_scores(tx, changed)
        await self._write_points(tx)
        await members.count_action(tx, Action.VOTES, self.done, self.now)
        touched: defaultdict[int, list[int]] = defaultdict(list)
        for post_id in changed:
            touched[self.posts[post_id].guild_id].append(post_id)
        for guild_id, post_ids in touched.items():
            await outbox.enqueue(tx, guild_id, JobKind.CARD, post_ids, Priority.REFRESH, self.now)

    async def _write_points(self, tx: Transaction) -> None:
        entries: defaultdict[int, list[Entry]] = defaultdict(list)
        gone: list[tuple[int, Reason, int]] = []
        earned: defaultdict[int, Counter[int]] = defaultdict(Counter)
        latest: dict[int, datetime] = {}
        for (post_id, voter), (value, _source, at) in self.current.items():
            post = self.posts[post_id]
            author = _earner(post)
            latest[post_id] = max(at, latest.get(post_id, at))
            if author is not None and value:
                points = value * vote_weight(post.kind, self.rules[post.guild_id])
                entry = Entry(author, post_id, Reason.VOTE, voter, points, at)
                entries[post.guild_id].append(entry)
            elif author is not None and (post_id, voter) in self.old:
                gone.append((post_id, Reason.VOTE, voter))
        for post_id, (up, down) in self.changes.items():
            post, rules = self.posts[post_id], self.rules[self.posts[post_id].guild_id]
            author = _earner(post)
            if author is None:
                continue
            before = votes_limit(post.kind, post.up, post.down, rules)
            after = votes_limit(post.kind, post.up + up, post.down + down, rules)
            plain = (up - down) * vote_weight(post.kind, rules)
            earned[post.guild_id][author] += plain + after - before
            if after:
                entry = Entry(author, post_id, Reason.VOTE_LIMIT, 0, after, latest[post_id])
                entries[post.guild_id].append(entry)
            elif before:
                gone.append((post_id, Reason.VOTE_LIMIT, 0))
        for guild_id in self.rules:
            mine = [k for k in gone if self.posts[k[0]].guild_id == guild_id]
            await ledger.replace(tx, guild_id, mine, entries[guild_id])
            await members.add_points(tx, guild_id, earned[guild_id])


def _earner(post: votes.VotedPost) -> int | None:
    """Whom a post's votes give points: nobody for hidden posts, comments and unknown authors."""
    if post.status is not PostStatus.VISIBLE or post.kind is PostKind.COMMENT:
        return None
    return post.author_id


class VoteBatcher:
    """Gathers the ballots that arrive while a commit is running into the next set.

    Nobody waits for company: a ballot that comes alone is counted at once. Each caller gets their
    outcome after the commit that holds it. When a set fails, its ballots are tried one by one.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._waiting: list[tuple[Ballot, asyncio.Future[VoteOutcome]]] = []
        self._task: asyncio.Task[None] | None = None

    async def cast(self, ballot: Ballot) -> VoteOutcome:
        """Count one ballot. Its `VoteOutcome` is on disk; raises what the database raised."""
        done: asyncio.Future[VoteOutcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((ballot, done))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._count())
        return await done

    async def _count(self) -> None:
        batch: list[tuple[Ballot, asyncio.Future[VoteOutcome]]] = []
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                await self._count_set(batch)
        except asyncio.CancelledError:  # the process ends: nobody is left waiting for an outcome
            for _, done in (*batch, *self._waiting):
                done.cancel()
            self._waiting.clear()
            raise

    async def _count_set(self, batch: list[tuple[Ballot, asyncio.Future[VoteOutcome]]]) -> None:
        ballots = [ballot for ballot, _ in batch]
        try:
            outcomes = await cast_votes(self._db, ballots, now=max(b.at for b in ballots))
        except Exception as error:
            if len(batch) == 1:
                _settle(batch[0][1], error)
                return
            for one in batch:
                await self._count_set([one])
            return
        for (_, done), outcome in zip(batch, outcomes, strict=True):
            _settle(done, outcome)


def _settle(done: asyncio.Future[VoteOutcome], result: VoteOutcome | Exception) -> None:
    if done.done():  # the caller has gone away; the vote stands all the same
        return
    if isinstance(result, Exception):
        done.set_exception(result)
    else:
        done.set_result(result)
