"""A busy server for hours: members at random, restarts, a Discord that fails now and then.

At the end all of it must hold together: a recount changes nothing, each visible post has exactly
one card that shows its votes, nothing waits or was given up, and the bot holds no more objects than
at the beginning. The seed is printed; the same seed plays the same hours again.
"""

from __future__ import annotations

import gc
import math
import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import discord
import simcord
from simcord.backend.errors import BackendError, SetupError
from sqlalchemy import select
from sqlalchemy.orm import aliased

from bot.domain.posts import PostKind, PostStatus
from bot.i18n import texts_for
from bot.usecases import publishing
from bot.usecases.recounting import recount
from cogs.ui.cards import votes_text
from data.models import Place, Post
from tests.bench.measuring import Report, quantile
from tests.bench.memory import resident
from tests.bench.world import World, sqlite_url, world
from tests.support.outbox import next_due
from tests.support.replies import buttons, filled, post_mine
from tests.support.server import Card, told
from tests.support.simulator import channel_of, forget_refusals, forgive
from tests.support.wire import Failure, Killed

PEOPLE = 16
# All of them pass: what Discord refuses for good is recorded, not tried again.
PASSING = (
    Failure.CUT,
    Failure.LOST,
    Failure.SERVER_ERROR,
    Failure.SERVER_ERROR_AFTER,
    Failure.UNAVAILABLE,
)
WORDS = [
    *("sleep", "night", "shift", "work", "tea", "curtains", "dark", "phone", "worry", "exam"),
    *("friend", "quiet", "breathing", "walk", "doctor", "morning", "coffee", "music", "garden"),
    *("letter", "habit", "list", "plan", "week", "evening", "rain", "bicycle", "train"),
]
TOLD_EVERY = 10.0  # seconds
HOLDS_AT_MOST = 2_000  # objects of the bot's own more than at the beginning
GROWS_AT_MOST = 160.0  # KB of resident memory a post: the simulator keeps all of Discord in it


@dataclass
class Tally:
    """What has happened so far, and what surprised."""

    done: Counter[str] = field(default_factory=Counter[str])
    surprises: list[str] = field(default_factory=list[str])
    seconds: list[float] = field(default_factory=list[float])

    def surprise(self, what: str) -> None:
        """Keep what should not happen, the first few times."""
        if len(self.surprises) < 20:
            self.surprises.append(what)
            print(f"  SURPRISE {what}", flush=True)


class Soak:
    """Somebody does something, again and again."""

    def __init__(self, made: World, seed: int) -> None:
        self.world = made
        self.chance = random.Random(seed)
        self.tally = Tally()
        self._act = 0
        self._recently_in_trouble = False
        self._cards: list[Card] = []
        self._acts: dict[str, tuple[int, Callable[[simcord.MemberActor], Awaitable[Any]]]] = {
            "asks": (6, self._ask),
            "answers": (12, self._answer),
            "comments": (4, self._comment),
            "reacts": (36, self._react),
            "takes a reaction away": (8, self._unreact),
            "votes by a button": (12, self._vote),
            "votes by a command": (4, self._command),
            "chooses": (6, self._choose),
            "pins": (2, self._pin),
            "edits": (4, self._edit),
            "deletes": (2, self._delete),
            "searches": (3, self._search),
        }

    async def step(self) -> None:
        """One member does one thing; now and then Discord fails, or the process ends."""
        chance, wire = self.chance, self.world.wire
        self._act += 1
        trouble = chance.random()
        if trouble < 0.08:
            name = self._fail()
        elif trouble < 0.09:
            wire.kill(*self._request(), after=chance.random() < 0.5, skip=chance.randrange(4))
            name = "killed"
        else:
            name = ""
        weights = [weight for weight, _ in self._acts.values()]
        act = chance.choices(list(self._acts), weights)[0]
        person = chance.choice(self.world.people)
        began = time.perf_counter()
        try:
            await self._acts[act][1](person)
            # Longer every now and then: then even an hour's limits are over.
            await self.world.env.advance_time(600 if chance.random() < 0.02 else 15)
        except (BackendError, SetupError, AssertionError) as error:
            # A card that is gone, an answer that never came: that is life where Discord fails.
            if not name and not self._recently_in_trouble:
                self.tally.surprise(f"act {self._act} ({act}): {error!r}")
        except Killed:
            pass
        self.tally.seconds.append(time.perf_counter() - began)
        self.tally.done[act] += 1
        self._recently_in_trouble = bool(name)
        if name:
            self.tally.done[f"failures: {name}"] += wire.sprung
        wire.mend()
        if wire.dead or chance.random() < 0.004:
            await self._restart()
        self._look_at_errors(act, excused=bool(name))

    def finish(self) -> None:
        """Let go of what is only remembered to choose from."""
        self._cards.clear()

    async def _restart(self) -> None:
        self.tally.done["restarts"] += 1
        await self.world.restart()
        await self.world.env.advance_time(30)
        self._recently_in_trouble = True

    def _request(self) -> tuple[str, str]:
        """A kind of request: any that changes something, or just those of cards."""
        return self.chance.choice(
            [("[!G]*", "*"), ("POST", "/channels/*"), ("PATCH", "/channels/*"), ("PUT", "*")]
        )

    def _fail(self) -> str:
        failure, times = self.chance.choice(PASSING), self.chance.choice((1, 1, 2, 3))
        skip = self.chance.randrange(3)
        self.world.wire.fail(*self._request(), failure, skip=skip, times=times)
        return failure.name.lower()

    def _look_at_errors(self, act: str, *, excused: bool) -> None:
        env = self.world.env
        forgive(env, Killed)
        forget_refusals(env)
        for error in env._errors[env._errors_acknowledged :]:
            cause = getattr(error, "original", error)
            # A failed answer to a click is raised to the library, which logs it; nothing is lost.
            if not excused or not isinstance(cause, (discord.HTTPException, OSError)):
                self.tally.surprise(f"act {self._act} ({act}): {cause!r}")
        env._errors.clear()
        env._errors_acknowledged = 0
        # What the simulator writes down would be all that grows.
        env.http_requests.clear()
        env.backend.transcript.clear()
        self.world.wire.seen.clear()

    # --- what people do ------------------------------------------------------------------------

    def _text(self, words: int) -> str:
        return " ".join(self.chance.choice(WORDS) for _ in range(words))

    def _card(self, *kinds: str) -> Card | None:
        if self._act % 20 == 1:
            self._cards = sorted(self.world.server.cards(), key=lambda card: card.post_id)
        # Mostly the latest: that is where people are.
        near = self._cards[-60:] if self.chance.random() < 0.8 else self._cards
        there = [c for c in near if c.kind in kinds and self._is_there(c)]
        return self.chance.choice(there) if there else None

    def _is_there(self, card: Card) -> bool:
        return card.message_id in self.world.env.backend.messages.get(card.channel_id, {})

    async def _fill_in(
        self, person: simcord.MemberActor, form: simcord.InteractionResult, **values: str
    ) -> None:
        """Send a form that was opened. Where none was, the person was told why."""
        if form.modal is not None:
            sent = await person.submit_modal(form, filled(form) | values)
            form = await post_mine(person, sent)
        assert told(form), "a form was sent, and nothing was said"

    async def _ask(self, person: simcord.MemberActor) -> None:
        form = await person.slash(self.world.server.lounge, "ask")
        title = f"How about {self._text(4)} {self._act}?"
        await self._fill_in(person, form, title=title, details=self._text(20), tags=self._text(2))

    async def _answer(self, person: simcord.MemberActor) -> None:
        if (card := self._card("question")) is not None:
            form = await person.slash(card.thread, "answer")
            await self._fill_in(person, form, answer=self._text(15))

    async def _comment(self, person: simcord.MemberActor) -> None:
        if (card := self._card("question", "answer")) is not None:
            form = await self.world.server.menu(person, card, "comment")
            await self._fill_in(person, form, comment=self._text(6))

    async def _react(self, person: simcord.MemberActor) -> None:
        if (card := self._card("question", "answer")) is not None:
            emoji = self.chance.choice(("⬆️", "⬆️", "⬆️", "⬇️"))
            await person.set_reaction(card.message, emoji, reacted=True)

    async def _unreact(self, person: simcord.MemberActor) -> None:
        if (card := self._card("question", "answer")) is not None:
            await person.set_reaction(card.message, "⬆️", reacted=False)

    async def _vote(self, person: simcord.MemberActor) -> None:
        if (card := self._card("question", "answer")) is not None:
            menu = await person.click(card.message, custom_id=card.control("more"))
            votes = [each for each in buttons(menu).values() if ":vote:" in each]
            if votes and menu.response is not None:  # nobody votes on their own posts
                await person.click(menu.response, custom_id=self.chance.choice(votes))

    async def _command(self, person: simcord.MemberActor) -> None:
        if (card := self._card("question")) is not None:
            direction = self.chance.choice(("up", "down", "clear"))
            await person.slash(card.thread, "vote", direction=direction)

    async def _choose(self, _person: simcord.MemberActor) -> None:
        if (card := self._card("answer")) is not None:
            await self.world.server.choose(self.world.moderator, card)

    async def _pin(self, _person: simcord.MemberActor) -> None:
        if (card := self._card("answer")) is not None:
            await self.world.moderator.set_pinned(card.message, not card.pinned)

    async def _edit(self, _person: simcord.MemberActor) -> None:
        if (card := self._card("question", "answer")) is not None:
            moderator = self.world.moderator
            where = channel_of(self.world.env, card.guild, card.channel_id)
            form = await moderator.context_menu(where, "Edit post", card.message)
            body = "details" if card.kind == "question" else "answer"
            await self._fill_in(moderator, form, **{body: self._text(12)})

    async def _delete(self, _person: simcord.MemberActor) -> None:
        if (card := self._card("answer")) is not None:
            await self.world.moderator.delete(card.message)

    async def _search(self, person: simcord.MemberActor) -> None:
        reply = await person.slash(self.world.server.lounge, "search", query=self._text(1))
        assert told(reply), "a search said nothing"


async def run(
    report: Report,
    folder: Path,
    minutes: float,
    seed: int | None = None,
    acts: float = math.inf,
) -> None:
    """Soak for so long, or so many acts, then look whether everything holds together."""
    if seed is None:
        seed = random.SystemRandom().randrange(10**6)
    kind = ("forum", "text")[seed % 2]
    report.title(
        f"{minutes:g} minutes of a busy server, questions in a {kind} channel, --seed {seed}"
    )
    url = sqlite_url(folder / "soak.sqlite3")
    async with world(url, people=PEOPLE, kind=kind) as made:
        soak = Soak(made, seed)
        began = told_at = time.perf_counter()
        before: tuple[int, float, int] | None = None
        while time.perf_counter() - began < minutes * 60 and len(soak.tally.seconds) < acts:
            await soak.step()
            now = time.perf_counter()
            # Caches fill and modules load in the first tenth.
            if before is None and now - began > minutes * 6:
                before = (_objects(), resident(os.getpid()), len(made.server.cards()))
            if now - told_at >= TOLD_EVERY:
                told_at = now
                _progress(report, soak, now - began)
        soak.finish()
        after = (_objects(), resident(os.getpid()), len(made.server.cards()))
        await _check(report, soak, before or after, after)


def _progress(report: Report, soak: Soak, seconds: float) -> None:
    done, times = soak.tally.done, soak.tally.seconds
    failures = sum(number for what, number in done.items() if what.startswith("failures"))
    report.line(
        f"{seconds:5.0f} s: {len(times)} acts",
        f"{len(times) / seconds:.0f}/s",
        f"p99 {quantile(times[-1000:], 0.99) * 1000:.0f} ms",
        f"{failures} failures",
        f"{done['restarts']} restarts",
        f"{resident(os.getpid()):.0f} MB",
    )


def _objects() -> int:
    """How many objects of the bot's own classes live."""
    gc.collect()
    ours = ("bot.", "cogs.", "data.")
    return sum(str(type(each).__module__).startswith(ours) for each in gc.get_objects())


async def _check(
    report: Report, soak: Soak, before: tuple[int, float, int], after: tuple[int, float, int]
) -> None:
    """Let everything that failed be tried again, and hold the end against the promises."""
    made = soak.world
    made.wire.mend()
    await made.restart()
    for _ in range(40):
        await made.env.advance_time(300)
        if await next_due(made.db) is None:
            break
    report.title("At the end")
    for what, number in sorted(soak.tally.done.items()):
        report.line(what, str(number))

    def none(what: str, found: list[str]) -> None:
        for one in found[:10]:
            print(f"    {one}")
        report.promise(what, len(found), "none", kept=not found)

    none("surprises", soak.tally.surprises)
    waiting = await next_due(made.db)
    none("left to deliver", [] if waiting is None else [f"due at {waiting}"])
    given_up = await publishing.failures_of(made.db)
    none("gave up", [f"{one.kind} {one.key}: {one.error}" for one in given_up])
    wrong = await recount(made.db, apply=False, now=datetime.now(UTC))
    none("figures a recount would change", [str(one) for one in wrong])
    none("posts without just one card", await _badly_shown(made))
    more = after[0] - before[0]
    kept = more < HOLDS_AT_MOST
    report.promise("objects more than at first", more, f"under {HOLDS_AT_MOST}", kept=kept)
    posts = max(after[2] - before[2], 1)
    each = (after[1] - before[1]) * 1024 / posts
    report.line("memory before, after", f"{before[1]:.0f} MB", f"{after[1]:.0f} MB")
    kept = each < GROWS_AT_MOST or after[1] - before[1] < 20
    report.promise("KB a post, Discord's included", each, f"under {GROWS_AT_MOST:.0f}", kept=kept)


async def _badly_shown(made: World) -> list[str]:
    """Visible posts that have no card or several, or one that shows other votes; and cards of posts
    that are gone."""
    cards: defaultdict[int, list[Card]] = defaultdict(list)
    for card in made.server.cards():
        cards[card.post_id].append(card)
    question, parent = aliased(Post), aliased(Post)
    async with made.db.read() as tx:
        rows = await tx.rows(
            select(Post.id, Post.kind, Post.score, Place.message_id)
            .join(question, question.id == Post.question_id)
            .outerjoin(parent, parent.id == Post.parent_id)
            .outerjoin(Place, Place.post_id == Post.id)
            .where(
                Post.status == PostStatus.VISIBLE,
                question.status == PostStatus.VISIBLE,
                (Post.parent_id.is_(None)) | (parent.status == PostStatus.VISIBLE),
            )
        )
    wrong: list[str] = []
    for post_id, kind, score, message_id in rows:
        shown = cards.pop(post_id, [])
        if [card.message_id for card in shown] != [message_id]:
            places = [card.message_id for card in shown]
            wrong.append(f"{kind} {post_id} is recorded at {message_id}, and has cards {places}")
        elif kind != PostKind.COMMENT and votes_text(score, texts_for("en")) not in shown[0].text():
            wrong.append(f"{kind} {post_id} has {score} votes, and its card says something else")
    return wrong + [f"post {post_id} is gone, and has a card" for post_id in cards]
