"""A server's forum without Discord: what members do in it, in their own words.

question = await forum.ask(alice)
answer = await forum.answer(bob, question)
await forum.vote(carol, answer, UP)
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select

from bot.domain.actors import Actor
from bot.domain.cards import PostCard
from bot.domain.notices import Mail, NoticeKind
from bot.domain.outbox import Job, JobKind
from bot.domain.review import ReviewItem
from bot.domain.voting import Ballot, VoteOutcome, VoteSource
from bot.usecases import browsing, guilds, queueing
from bot.usecases.answering import AnswerForm, answer_question
from bot.usecases.asking import QuestionForm, ask_question
from bot.usecases.choosing import choose_best_answer
from bot.usecases.editing import EditForm, delete_post, edit_post
from bot.usecases.mailing import mail_to_send
from bot.usecases.publishing import due_jobs
from bot.usecases.queueing import Wanted
from bot.usecases.removing import hide_post
from bot.usecases.reporting import Queue
from bot.usecases.rewarding import BonusForm, give_bonus
from bot.usecases.voting import cast_votes
from data import members
from data.database import Database
from data.models import Base
from tests.support.ledger import assert_consistent

CHANNEL = 500
_origins = count(10_000)


class Forum:
    """The forum of one server. `now` is its time; `later` moves it on."""

    def __init__(self, db: Database, guild_id: int = 100) -> None:
        self.db = db
        self.guild_id = guild_id
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.manager = self.member(9, is_moderator=True, is_manager=True)

    async def open(self, settings: Mapping[str, str] | None = None) -> Forum:
        """Set the server up, with these settings."""
        await guilds.set_up(
            self.db,
            self.manager,
            guilds.SetupForm(CHANNEL),
            locale="en",
            now=self.now,
        )
        for name, value in (settings or {}).items():
            await self.set(name, value)
        return self

    async def set(self, name: str, value: str) -> None:
        """A manager changes a setting."""
        await guilds.change_setting(self.db, self.manager, name, value, now=self.now)

    def member(self, user_id: int, **rights: Any) -> Actor:
        """A member of this server, called `Member 7` or by the given name."""
        return Actor(self.guild_id, user_id, **{"name": f"Member {user_id}", **rights})

    def later(self, **duration: float) -> datetime:
        """Let time pass (a minute, or the given span), and return the new time."""
        self.now += timedelta(**(duration or {"minutes": 1}))
        return self.now

    async def ask(self, person: Actor, title: str = "", details: str = "", **form: Any) -> int:
        """A person asks; without a title, something nobody has asked before. Returns the post."""
        origin, channels = form.pop("origin_id", next(_origins)), form.pop("channels", None)
        text = QuestionForm(title or f"How does thing {origin} work?", details, **form)
        posted = await ask_question(
            self.db, person, text, origin_id=origin, channels=channels, now=self.now
        )
        return posted.post_id

    async def answer(self, person: Actor, question: int, body: str = "", **form: Any) -> int:
        """A person answers; without a text, something new. Returns the post."""
        origin = form.pop("origin_id", next(_origins))
        text = AnswerForm(body or f"It works because of reason {origin}.", **form)
        posted = await answer_question(
            self.db, person, question, text, origin_id=origin, now=self.now
        )
        return posted.post_id

    async def vote(
        self,
        person: Actor,
        post: int,
        value: int,
        source: VoteSource = VoteSource.BUTTON,
        only_if: int | None = None,
    ) -> VoteOutcome:
        """A person votes."""
        ballot = Ballot(person, post, value, source, self.now, only_if)
        return (await cast_votes(self.db, [ballot], now=self.now))[0]

    async def choose(self, person: Actor, answer: int, *, chosen: bool = True) -> None:
        """A person chooses the best answer, or (`chosen` False) no longer does."""
        await choose_best_answer(self.db, person, answer, chosen=chosen, now=self.now)

    async def give(self, person: Actor, points: int, reason: str = "", **form: Any) -> int:
        """A manager gives a person points. Returns those the person has now, as shown."""
        origin = form.pop("origin_id", next(_origins))
        bonus = BonusForm(person.user_id, points, reason)
        return await give_bonus(self.db, self.manager, bonus, origin_id=origin, now=self.now)

    async def edit(self, person: Actor, post: int, body: str, **form: Any) -> PostCard:
        """A person edits the newest version of a post; title and tags stay if not given."""
        card = await self.card(post)
        title, tags = form.pop("title", card.title), form.pop("tags", " ".join(card.tags))
        channels = form.pop("channels", None)
        text = EditForm(form.pop("version", card.version), body, title, tags, **form)
        return await edit_post(self.db, person, post, text, channels=channels, now=self.now)

    async def delete(self, person: Actor, post: int) -> None:
        """A person deletes a post."""
        await delete_post(self.db, person, post, now=self.now)

    async def hide(self, post: int) -> bool:
        """A post's message was deleted in Discord."""
        return await hide_post(self.db, self.guild_id, post, now=self.now)

    async def card(self, post: int) -> PostCard:
        """A visible post's card."""
        return await browsing.post_card(self.db, self.guild_id, post)

    async def review(
        self, moderator: Actor, queue: Queue = Queue.ALL, *, page: int = 0, closed: Any = ()
    ) -> ReviewItem | None:
        """A page of a moderator's queue, of posts."""
        found = await queueing.review(
            self.db, moderator, Wanted(queue), closed=closed, page=page, now=self.now
        )
        return None if found is None else found.post

    async def points(self, person: Actor) -> int:
        """What a person has earned, beside the points everybody starts with."""
        async with self.db.read() as tx:
            return await members.points_of(tx, self.guild_id, person.user_id)

    async def jobs(self, kind: JobKind = JobKind.CARD) -> list[Job]:
        """This server's jobs of delivery that are due, in their order."""
        jobs = await due_jobs(self.db, self.now, 1000, frozenset({self.guild_id}))
        return [job for job in jobs if job.kind is kind]

    async def news(self, person: Actor) -> list[tuple[NoticeKind, int]]:
        """What a person is about to be told by direct message: kind and post."""
        told: list[tuple[NoticeKind, int]] = []
        for job in await self.jobs(JobKind.NOTICE):
            mail = await mail_to_send(self.db, job, self.now + timedelta(minutes=2))
            if isinstance(mail, Mail) and mail.user_id == person.user_id:
                told = [(notice.kind, notice.post.post_id) for notice in mail.notices]
        return told

    async def clear_jobs(self) -> None:
        """Everything has been delivered."""
        async with self.db.write() as tx:
            await tx.execute(Base.metadata.tables["outbox"].delete())

    async def assert_consistent(self) -> None:
        """Every cached figure is what a recount computes."""
        await assert_consistent(self.db)


async def contents(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in all tables, to compare before with after."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    async with db.read() as tx:
        for table in Base.metadata.sorted_tables:
            rows = await tx.rows(select(table))
            found[table.name] = sorted(tuple(map(str, row)) for row in rows)
    return found
