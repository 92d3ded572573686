"""Voting: ballots gathered into sets, one transaction a set."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.blocks import Block
from bot.domain.errors import Denied, Missing, NotFound
from bot.domain.outbox import JobKind, Priority
from bot.domain.policies import (
    Action,
    PostForVote,
    check_can_vote,
    check_limit,
    check_not_blocked,
)
from bot.domain.posts import PostKind, PostStatus
from bot.domain.reputation import Entry, Reason, vote_weight, votes_limit
from bot.domain.rules import Rules
from bot.domain.sealed import is_sealed
from bot.domain.voting import (
    BY_MESSAGE,
    DOWN,
    NONE,
    REACTIONS,
    UP,
    Ballot,
    Standing,
    VoteOutcome,
    VoteSource,
    added,
    change,
    taken_off,
    wanted,
)
from data import erasures, ledger, members, outbox, places, reactions, telling, votes
from data.database import Database, Transaction, writing

BATCH = 256
ANSWERING = timedelta(seconds=3)
"""How long a click on a card may be answered with the card itself."""


@writing
async def cast_votes(
    tx: Transaction, ballots: Sequence[Ballot], *, now: datetime
) -> list[VoteOutcome]:
    """Apply ballots in their order, in one transaction; outcomes come in the same order.

    Votes, scores, points, ledger and the wish for new cards are on disk when this returns. A
    ballot that the rules refuse changes nothing and says so in its outcome; a ballot never fails
    the others. Ballots for posts that do not exist, or belong to another server, are refused.
    """
    if not ballots:
        return []
    count = _Count(now)
    outcomes = [count.apply(ballot) for ballot in await count.read(tx, ballots)]
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
        # Votes that stay, and come another way now.
        self.sources: dict[tuple[int, int], VoteSource] = {}
        # Reactions to be taken off: what waited before, and what is to wait from now on.
        self.waited: set[reactions.Unwanted] = set()
        self.waiting: set[reactions.Unwanted] = set()
        self.standing: dict[tuple[int, int], tuple[int, int]] = {}
        self.blocks: dict[tuple[int, int], Block] = {}
        # Voters who were erased and haven't acted since, those who do now, and their digests.
        self.erased: set[tuple[int, int]] = set()
        self.back: set[tuple[int, int]] = set()
        self.known_by: dict[tuple[int, int], int] = {}
        self.done: Counter[tuple[int, int]] = Counter()
        self.changes: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
        # Posts whose cards aren't shown by whoever voted.
        self.to_show: set[int] = set()

    async def read(self, tx: Transaction, ballots: Sequence[Ballot]) -> list[Ballot]:
        """Read what the ballots need; returns them with their posts."""
        await tx.lock({b.voter.guild_id for b in ballots})
        ballots = await _with_posts(tx, ballots)
        pairs = {(b.post_id, b.voter.user_id) for b in ballots}
        facts = await votes.facts_of(tx, pairs, self.now)
        self.rules, self.posts = facts.rules, facts.posts
        self.old, self.standing, self.blocks = facts.votes, facts.standing, facts.blocks
        self.waited, self.waiting = facts.unwanted, set(facts.unwanted)
        self.erased, self.known_by = facts.erased, facts.known_by
        return ballots

    def apply(self, ballot: Ballot) -> VoteOutcome:
        # Longer than a function should be: which check comes first is what it says.
        post = self.posts.get(ballot.post_id)
        rules = self.rules.get(ballot.voter.guild_id)
        if post is None or rules is None or post.guild_id != ballot.voter.guild_id:
            refusal = NotFound(Missing.POST)
            return VoteOutcome(ballot.post_id, 0, 0, 0, refusal=refusal)
        key = (ballot.post_id, ballot.voter.user_id)
        old, _ = before = self._vote(key)
        outcome = VoteOutcome(
            post.post_id,
            old,
            old,
            self._score(post),
            message_id=post.message_id,
            channel_id=post.channel_id,
        )
        if self._outdated(ballot, before) or self._one_of_two(ballot, before):
            return outcome
        if self._was_erased(ballot):
            return outcome
        new = wanted(ballot, old)
        # A comparison has just seen what is there.
        unsure = ballot.unsure or (post.unsure and ballot.seen is None)
        if new == old:
            self._note_source(ballot, before, unsure=unsure)
            self._note_reactions(ballot, before, new, unsure=unsure)
            return outcome
        try:
            self._check(ballot, post, new, rules)
        except Denied as refusal:
            if ballot.source in REACTIONS:
                self.waiting.add((*key, ballot.value))
            return replace(outcome, refusal=refusal)
        if new:
            self.back.add((ballot.voter.guild_id, ballot.voter.user_id))
            self.done[ballot.voter.guild_id, ballot.voter.user_id] += 1
        up, down = change(old, new)
        self.changes[post.post_id][0] += up
        self.changes[post.post_id][1] += down
        if not ballot.shown:
            self.to_show.add(post.post_id)
        self.current[key] = (new, ballot.source, ballot.at)
        self.sources.pop(key, None)
        self._note_reactions(ballot, before, new, unsure=unsure)
        return replace(outcome, new=new, score=self._score(post))

    def _check(self, ballot: Ballot, post: votes.VotedPost, new: int, rules: Rules) -> None:
        """Refuse a vote that is not allowed, of a blocked member, or over the hourly limit. Raises
        `Denied`."""
        who = (ballot.voter.guild_id, ballot.voter.user_id)
        points, done = self.standing[who]
        check_can_vote(ballot, PostForVote(post.kind, post.status, post.author_id), points, rules)
        if new:
            check_not_blocked(self.blocks.get(who), ballot.voter, ballot.at)
            done += self.done[who]
            check_limit(Action.VOTES, done, ballot.voter.is_moderator, rules, ballot.at)

    def _was_erased(self, ballot: Ballot) -> bool:
        """Whether a comparison found a reaction of somebody who was erased since: it is to be taken
        off. Whoever reacts now acts themselves."""
        who = (ballot.voter.guild_id, ballot.voter.user_id)
        if ballot.seen is None or who not in self.erased or who in self.back:
            return False
        if ballot.value:
            self.waiting.add((ballot.post_id, ballot.voter.user_id, ballot.value))
        return True

    def _outdated(self, ballot: Ballot, before: Standing) -> bool:
        """Whether a comparison saw another vote than the one that stands now, or a reaction that
        is to be taken off meanwhile."""
        if ballot.seen is None:
            return False
        key = (ballot.post_id, ballot.voter.user_id, ballot.value)
        return ballot.seen != before or key in self.waiting

    def _one_of_two(self, ballot: Ballot, before: Standing) -> bool:
        """Whether a reaction that is gone takes no vote away: the vote came another way, or the
        same emoji is still there as the other kind of reaction."""
        value, source = before
        if ballot.only_if is None or ballot.only_if != value or source is None:
            return False
        if source not in REACTIONS:
            return True
        left = taken_off(source, ballot.source)
        if left is not None:
            self._set_source((ballot.post_id, ballot.voter.user_id), left)
        return left is not None

    def _note_source(self, ballot: Ballot, before: Standing, *, unsure: bool) -> None:
        """The same vote again, maybe in another way. A reaction that is there must be taken back
        by taking the reaction away, so a button changes nothing about it; where the reaction may
        be gone already, the button is what counts."""
        value, source = before
        if not value or ballot.only_if is not None:
            return
        if ballot.source in REACTIONS:
            came = ballot.source if ballot.seen else added(source, ballot.source)
        elif source in REACTIONS and not unsure:
            return
        else:
            came = ballot.source
        if came is not source:
            self._set_source((ballot.post_id, ballot.voter.user_id), came)

    def _set_source(self, key: tuple[int, int], source: VoteSource) -> None:
        if key in self.current:
            value, _, at = self.current[key]
            self.current[key] = (value, source, at)
        else:
            self.sources[key] = source

    def _note_reactions(self, ballot: Ballot, before: Standing, new: int, *, unsure: bool) -> None:
        """Ask for the reactions to be taken off that say something else than the vote."""
        key = (ballot.post_id, ballot.voter.user_id)
        by_reaction = ballot.source in REACTIONS
        if by_reaction and new == NONE:
            return  # that reaction is gone
        if by_reaction:
            self.waiting.discard((*key, new))
        old, source = before
        if old and old != new and source in REACTIONS:
            self.waiting.add((*key, old))
        if unsure:
            self.waiting.update((*key, value) for value in (UP, DOWN) if value != new)

    def _vote(self, key: tuple[int, int]) -> Standing:
        if key in self.current:
            return self.current[key][:2]
        value, source = self.old.get(key, (NONE, None))
        return value, self.sources.get(key, source)

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
        await votes.write_sources(tx, self.sources)
        changed = {p: (up, down) for p, (up, down) in self.changes.items() if up or down}
        await votes.write_scores(tx, changed)
        await telling.count_votes(tx, self._lines(changed), self.now)
        await self._write_points(tx)
        await members.count_action(tx, Action.VOTES, self.done, self.now)
        touched: defaultdict[tuple[int, bool], list[int]] = defaultdict(list)
        for post_id in changed:
            key = self.posts[post_id].guild_id, post_id in self.to_show
            touched[key].append(post_id)
        for (guild_id, to_show), post_ids in touched.items():
            jobs = dict.fromkeys(post_ids, Priority.REFRESH)
            rest = timedelta() if to_show else ANSWERING
            await outbox.enqueue_all(tx, guild_id, JobKind.CARD, jobs, self.now, rest=rest)
        await self._write_reactions(tx)
        for who in self.back & self.erased:
            await erasures.come_back(tx, who[0], [self.known_by[who]])

    def _lines(self, changed: Mapping[int, tuple[int, int]]) -> list[telling.VotesLine]:
        """What authors read of it: by how much the score of each of their posts has changed."""
        lines: list[telling.VotesLine] = []
        for post_id, (up, down) in changed.items():
            post = self.posts[post_id]
            if up != down and post.author_id is not None:
                line = telling.VotesLine(post.guild_id, post.author_id, post_id, up - down)
                lines.append(line)
        return lines

    async def _write_reactions(self, tx: Transaction) -> None:
        await reactions.keep(tx, self.waited - self.waiting)
        unwanted: defaultdict[int, list[reactions.Unwanted]] = defaultdict(list)
        for row in sorted(self.waiting - self.waited):
            unwanted[self.posts[row[0]].guild_id].append(row)
        for guild_id, rows in unwanted.items():
            await reactions.take_off(tx, guild_id, rows)
            keys = [post_id for post_id, _, _ in rows]
            kind, priority = JobKind.REACTIONS, Priority.REFRESH
            await outbox.enqueue(tx, guild_id, kind, keys, priority, self.now)

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


async def _with_posts(tx: Transaction, ballots: Sequence[Ballot]) -> list[Ballot]:
    """Ballots that say which post they are for, also where only its message was known."""
    messages = {b.message_id for b in ballots if b.post_id == BY_MESSAGE}
    if not messages:
        return list(ballots)
    found = await places.posts_at(tx, messages)
    return [
        replace(b, post_id=found.get(b.message_id, BY_MESSAGE)) if b.post_id == BY_MESSAGE else b
        for b in ballots
    ]


def _earner(post: votes.VotedPost) -> int | None:
    """Whom a post's votes give points: nobody for hidden posts, comments, and unknown or anonymous
    authors."""
    if post.status is not PostStatus.VISIBLE or post.kind is PostKind.COMMENT:
        return None
    if is_sealed(post.author_id):
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
