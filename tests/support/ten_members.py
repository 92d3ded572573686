"""Ten members who ask, answer, comment, edit, vote, follow, report and are blocked, some of it
anonymously, and somebody who copies the database around each act.

Who does something, and when, depends on nothing but chance: so whatever leads from an anonymous
post to its author was written by the bot.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from bot.domain.actors import Actor
from bot.domain.blocks import BlockSpan
from bot.domain.errors import Refusal
from bot.domain.notices import Digest, FollowKind, Mail
from bot.domain.outbox import Done, JobKind, Later
from bot.domain.posts import CloseReason
from bot.domain.voting import DOWN, UP, VoteSource
from bot.usecases import (
    blocking,
    digesting,
    following,
    leaving,
    mailing,
    personas,
    publishing,
    reporting,
    sealed_blocks,
)
from bot.usecases.blocking import BlockForm
from bot.usecases.closing import ClosingForm, close_question, reopen_question
from bot.usecases.commenting import comment_on
from data import following as follows
from data.database import Database
from tests.store.forum import CHANNEL, Forum
from tests.support.anonymous import anonymous, member, persona_of, themselves
from tests.support.dumps import Dump, Members, Thief
from tests.support.keys import SEALING
from tests.support.seeded import seeded
from tests.support.solver import Moment, Solver

NAMES = (
    *("Adalbrand", "Brunhilde", "Cyprianus", "Dorothea", "Engelbert"),
    *("Friedegund", "Gottlieb", "Heliodora", "Ingeborg", "Jeremias"),
)
TAGS = ("sleep", "night", "worry", "exams", "friends", "letters")
_WORDS = (
    *("curtain", "garden", "bicycle", "evening", "music"),
    *("plan", "habit", "rain", "tea", "walk"),
)
_GENEROUS = {f"limit.{n}": "1000" for n in ("questions", "answers", "comments", "votes", "edits")}
_DISCORD_EPOCH = 1_420_070_400_000


def snowflake(at: datetime, chance: random.Random) -> int:
    """An id of Discord's that was made at a time."""
    return (int(at.timestamp() * 1000) - _DISCORD_EPOCH << 22) | chance.getrandbits(22)


@asynccontextmanager
async def ten_members(
    db: Database, seed: int, kind: type[Story] | None = None
) -> AsyncIterator[Story]:
    """The story's beginning, all of it by a seed. It goes on with `Story.tell`."""
    story = (kind or Story)(db, seed)
    with seeded(seed):
        try:
            yield await story.begin()
        finally:
            await story.thief.leave()


class Story:
    """What ten members do in a server, one act after the other. `moments` are the copies around
    what was done anonymously, or changed what stands under an author's number; `authors` who is
    behind each number, which the thief doesn't know."""

    def __init__(self, db: Database, seed: int) -> None:
        self.chance = random.Random(seed)
        self.forum = Forum(db)
        born = datetime.fromisoformat("2019-05-01T00:00:00Z")
        ids = [snowflake(born.replace(month=n + 1), self.chance) for n in range(len(NAMES))]
        self.members = Members(dict(zip(ids, NAMES, strict=True)))
        self.people = [member(self.forum, each, name=n) for each, n in zip(ids, NAMES, strict=True)]
        self.mona = member(self.forum, 50, is_moderator=True, name="Moderatrix")
        self.thief = Thief(db)
        self.moments: list[Moment] = []
        self.authors: dict[int, int] = {}
        self.done: Counter[str] = Counter()
        self.acting = 0
        """Who acts anonymously at this moment."""
        self._copy: Dump | None = None
        self._deck: list[str] = []
        self._questions: list[int] = []
        self._posts: dict[int, int] = {}  # and the questions they stand below
        self._by: dict[int, int] = {}  # who wrote them, also anonymously
        self._numbers: dict[int, tuple[Actor, int]] = {}  # the first post under a number
        self._acts: dict[str, tuple[int, Callable[[Actor], Awaitable[Any]]]] = {
            "asks": (2, self._ask),
            "answers": (3, self._answer),
            "comments": (2, self._comment),
            "votes": (5, self._vote),
            "follows": (3, self._follow),
            "stops following": (1, self._unfollow),
            "reports": (1, self._report),
            "edits": (2, self._edit),
            "chooses": (1, self._choose),
            "reads": (3, self._read),
            "wishes messages": (1, self._wish),
            "is blocked": (1, self._block),
            "is hidden and shown": (1, self._hide),
            "is blocked from a post": (1, self._block_author),
            "goes on anonymously": (5, self._go_on),
        }

    async def begin(self) -> Story:
        """A server where members have been by name, and follow this and that."""
        await self.forum.open({"anonymous": "on", "flags_to_hide": "0", **_GENEROUS})
        self._pass(seconds=17)
        for person in self.people:
            await self._ask(person)
        async with self.forum.db.write() as tx:
            for person in self.people:
                what = [(FollowKind.TAG, tag) for tag in self.chance.sample(TAGS, 4)]
                asked = self.chance.sample(self._questions, 6)
                what += [(FollowKind.QUESTION, str(each)) for each in asked]
                who = (self.forum.guild_id, person.user_id)
                for each in what:
                    await follows.follow(tx, *who, each, self._pass(seconds=20), most=None)
        await self.thief.break_in()
        return self

    async def tell(self, posts: int, between: int = 2) -> Story:
        """So many new authors' posts, with what others do between them."""
        until = len(self.authors) + posts
        while len(self.authors) < until:
            await self._watch("anonymously", self._anonymously(len(self.authors) % 3))
            for _ in range(self.chance.randrange(between + 1)):
                act = self._next_act()
                await self._watch(act, self._acts[act][1](self.chance.choice(self.people)))
            if self.chance.random() < 0.1:
                await self._watch("time passes", self._upkeep())
        return self

    def _next_act(self) -> str:
        """By chance, but all kinds come about again and again."""
        if not self._deck:
            self._deck = [act for act, (times, _) in self._acts.items() for _ in range(times)]
            self.chance.shuffle(self._deck)
        return self._deck.pop()

    async def solver(self) -> Solver:
        """A solver that has looked at all copies."""
        solver = Solver(self.thief, self.members, await self.thief.copy())
        return solver.look_at(self.moments)

    def never_done(self) -> set[str]:
        """The kinds of acts that never came about."""
        return {act for act in self._acts if not self.done[act]}

    async def _watch(self, what: str, act: Awaitable[Any]) -> tuple[Dump, Dump]:
        """Somebody does something; returns copies of the database from before and afterwards."""
        before, known = self._copy or await self.thief.copy(), set(self.authors)
        self._pass(seconds=self.chance.choice((5, 20, 90)))
        try:
            await act
            self.done[what] += 1
        except Refusal as refused:
            self.done[f"{what}: {type(refused).__name__}"] += 1
        await self._deliver()
        after = self._copy = await self.thief.copy()
        changed = [t for t, rows in after.rows.items() if rows is not before.rows[t]]
        wrote = {row for t in changed for row in set(after.rows[t]) - set(before.rows[t])}
        values = {value for row in wrote for value in row if isinstance(value, int)}
        for number in self.authors:
            if number in values:
                first = number not in known
                kind = "begins" if first else "goes on" if "anonymously" in what else "by others"
                self.moments.append(Moment(before, after, number, kind))
        return before, after

    def _pass(self, seconds: float) -> datetime:
        return self.forum.later(seconds=seconds * self.chance.random() + 0.5)

    # Anonymously

    async def _anonymously(self, kind: int) -> None:
        """A member writes anonymously where they haven't yet."""
        person = self.chance.choice(self.people)
        self.acting = person.user_id
        below = None
        if kind:
            mine = {self._posts[p] for a, p in self._numbers.values() if a is person}
            below = self.chance.choice([q for q in self._questions[-12:] if q not in mine])
        number = None if below is None else (await self.forum.card(below)).number
        way = await personas.way_to_post(self.forum.db, person, number, self.forum.now)
        me = await anonymous(self.forum, person, below, way.offer.name)
        if below is None:
            post = await self._ask(me)
        elif kind == 1:
            post = await self._answer_to(me, below)
        else:
            post = await self._comment_on(me, below)
        self._by[post] = person.user_id
        found = (await persona_of(self.forum, person, post)).number
        self.authors[found] = person.user_id
        self._numbers[found] = (person, post)

    async def _go_on(self, _person: Actor) -> None:
        """An anonymous author does something more under the same number."""
        if not self._numbers:
            return
        person, post = self.chance.choice(list(self._numbers.values()))
        question = self._posts[post]
        self.acting = person.user_id
        me, db, now = await anonymous(self.forum, person, post), self.forum.db, self.forum.now
        match self.chance.randrange(5):
            case 0:
                self._by[await self._comment_on(me, question)] = person.user_id
            case 1:
                await self.forum.delete(me, await self._comment_on(me, question))
            case 2 if post == question:
                form = ClosingForm(CloseReason.OTHER)
                await close_question(db, me, question, form, now=now)
                await reopen_question(db, me, question, now=self._pass(seconds=9))
            case 3 if post == question:
                below = [p for p, q in self._posts.items() if q == question and p != q]
                await self.forum.choose(me, self.chance.choice(below or [question]))
            case _:
                await self.forum.edit(me, post, self._words())

    # By name

    def _words(self) -> str:
        return f"{' '.join(self.chance.sample(_WORDS, 4))} {self.chance.randrange(10**6)}?"

    def _somewhere(self) -> int:
        return self.chance.choice(list(self._posts)[-30:])

    async def _ask(self, person: Actor) -> int:
        tags = " ".join(self.chance.sample(TAGS, 2))
        notify = self.chance.random() < 0.5
        post = await self.forum.ask(
            person, self._words(), tags=tags, notify=notify, origin_id=self._origin()
        )
        self._questions.append(post)
        return await self._placed(post, post, person)

    async def _answer(self, person: Actor) -> None:
        await self._answer_to(person, self.chance.choice(self._questions[-12:]))

    async def _answer_to(self, person: Actor, question: int) -> int:
        notify = self.chance.random() < 0.5
        post = await self.forum.answer(
            person, question, self._words(), notify=notify, origin_id=self._origin()
        )
        return await self._placed(post, question, person)

    async def _comment(self, person: Actor) -> None:
        await self._comment_on(person, self._somewhere())

    async def _comment_on(self, person: Actor, post: int) -> int:
        posted = await comment_on(
            self.forum.db,
            person,
            post,
            self._words(),
            origin_id=self._origin(),
            now=self.forum.now,
        )
        return await self._placed(posted.post_id, self._posts[post], person)

    def _origin(self) -> int:
        return snowflake(self.forum.now, self.chance)

    async def _placed(self, post: int, question: int, person: Actor) -> int:
        """A post is shown in its channel, a moment later."""
        self._posts[post], self._by[post] = question, person.user_id
        place: dict[str, Any] = {"message_id": snowflake(self._pass(seconds=1), self.chance)}
        if post == question:
            place |= {"home_id": CHANNEL, "thread_id": place["message_id"]}
        where = (self.forum.db, self.forum.guild_id, post)
        await publishing.record_shown(*where, channel_id=CHANNEL, **place)
        return post

    async def _vote(self, person: Actor) -> None:
        post, value = self._somewhere(), self.chance.choice((UP, UP, DOWN))
        source = self.chance.choice((VoteSource.BUTTON, VoteSource.BUTTON, VoteSource.REACTION))
        await self.forum.vote(await themselves(self.forum, person, post), post, value, source)

    async def _follow(self, person: Actor) -> None:
        what = self.chance.choice((FollowKind.TAG, FollowKind.QUESTION, FollowKind.MEMBER))
        key = {
            FollowKind.TAG: self.chance.choice(TAGS),
            FollowKind.QUESTION: str(self.chance.choice(self._questions[-6:])),
            FollowKind.MEMBER: str(self.chance.choice(self.members.ids)),
        }[what]
        await following.follow(self.forum.db, person, what, key, now=self.forum.now)

    async def _unfollow(self, person: Actor) -> None:
        key = self.chance.choice(TAGS)
        await following.unfollow(self.forum.db, person, FollowKind.TAG, key, now=self.forum.now)

    async def _report(self, person: Actor) -> None:
        post = self._somewhere()
        who = await themselves(self.forum, person, post)
        await reporting.report_post(
            self.forum.db, who, post, "unkind", by_moderator=False, now=self.forum.now
        )

    async def _edit(self, person: Actor) -> None:
        if mine := self._of(person, list(self._posts)):
            await self.forum.edit(person, self.chance.choice(mine), self._words())

    def _of(self, person: Actor, posts: list[int]) -> list[int]:
        """What a member wrote by name."""
        hidden = {post for _, post in self._numbers.values()}
        hidden |= {p for p in posts if self._posts[p] in hidden and self._posts[p] != p}
        return [p for p in posts if self._by[p] == person.user_id and p not in hidden]

    async def _choose(self, person: Actor) -> None:
        mine = self._of(person, self._questions)
        below = [p for p, q in self._posts.items() if q in mine and p != q]
        if below:
            post = self.chance.choice(below)
            await self.forum.choose(await themselves(self.forum, person, post), post)

    async def _read(self, person: Actor) -> None:
        inbox = await following.open_inbox(
            self.forum.db, person, 0, channels=[CHANNEL], now=self.forum.now
        )
        await following.note_read(self.forum.db, person, inbox, now=self._pass(seconds=1))

    async def _wish(self, person: Actor) -> None:
        daily = self.chance.choice((Digest.DAILY, Digest.OFF))
        changes = {"by_message": self.chance.random() < 0.7, "digest": daily}
        await following.change_preferences(self.forum.db, person, changes, now=self.forum.now)

    # Moderators, and the bot

    async def _block(self, person: Actor) -> None:
        form, db = BlockForm(BlockSpan.HOUR, "Rude"), self.forum.db
        await blocking.block_member(db, self.mona, person, form, now=self.forum.now)
        await self._read(person)
        if self.chance.random() < 0.7:
            now = self._pass(seconds=60)
            await blocking.unblock_member(db, self.mona, person.user_id, now=now)

    async def _hide(self, _person: Actor) -> None:
        post = self.chance.choice([p for p, q in self._posts.items() if p != q] or [1])
        await reporting.hide_post(self.forum.db, self.mona, post, now=self.forum.now)
        await reporting.show_post(self.forum.db, self.mona, post, now=self._pass(seconds=30))

    async def _block_author(self, _person: Actor) -> None:
        if not self._numbers:
            return
        _, post = self.chance.choice(list(self._numbers.values()))
        opening, form = personas.opening(SEALING), BlockForm(BlockSpan.DAY, "Rude")
        what = (self.forum.db, self.mona, post)
        await sealed_blocks.block_author(*what, form, opening, now=self.forum.now)
        await sealed_blocks.unblock_author(*what, opening, now=self._pass(seconds=30))

    async def _deliver(self) -> None:
        """All that waits to be shown or sent."""
        db, now = self.forum.db, self.forum.now
        for job in await publishing.due_jobs(db, now, 100, frozenset({self.forum.guild_id})):
            if job.kind is not JobKind.NOTICE:
                await publishing.settle(db, job, Done())
                continue
            mail = await mailing.mail_to_send(db, job, now, SEALING)
            if isinstance(mail, Mail):
                there = {each.notice_id for each in mail.notices}
                await mailing.mail_sent(db, mail.fitting(there), job)
            elif isinstance(mail, Later):
                await publishing.settle(db, job, mail)
            else:
                await mailing.nothing_to_send(db, job)

    async def _upkeep(self) -> None:
        """Hours pass, and the bot does what it does by itself."""
        self.forum.later(hours=self.chance.randrange(1, 9), seconds=self.chance.random())
        db, now = self.forum.db, self.forum.now
        await personas.drop_old(db, now)
        await blocking.drop_ended(db, now)
        await leaving.look_after(db, self.forum.guild_id, now)
        for due in await digesting.claim_digests(db, now, None) or []:
            person = next(p for p in self.people if p.user_id == due.user_id)
            await digesting.digest_to_send(db, due, frozenset({CHANNEL}), person.seal)
            await digesting.digest_done(db, due, now)
