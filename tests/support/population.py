"""A server with every kind of member that Discord distinguishes, and places in every state: one
world for the many cells of the tables in `tests/cogs`.

In each place stands a question of Alice's with two answers, the second of which is *mine*: it gets
the author that a row of a table is about, and so does a second question with an answer of Bob's.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from unittest.mock import patch

import discord
import simcord
from sqlalchemy import text, update

from bot.domain.actors import Actor
from bot.domain.appeals import About
from bot.domain.blocks import BlockSpan
from bot.domain.errors import Refusal
from bot.domain.notices import FollowKind
from bot.usecases import (
    answering,
    appealing,
    asking,
    blocking,
    editing,
    following,
    guilds,
    removing,
    reporting,
)
from bot.usecases.answering import AnswerForm
from bot.usecases.asking import QuestionForm
from bot.usecases.blocking import BlockForm
from bot.usecases.editing import EditForm
from data import erased_words
from data.database import Database, Transaction
from data.models import Post
from tests.support.homes import make, row
from tests.support.server import Card, Server
from tests.support.simulator import archive, bot_user_id, message_of, set_permissions
from tests.support.unreachable import writing_by

PEOPLE: tuple[str, ...] = (
    "member",
    "muted by role",
    "muted by overwrite",
    "timed out",
    "pending",
    "blocked",
    "without the role",
    "keeper elsewhere",
    "keeper here",
    "moderator shut out",
    "moderator",
    "manager",
)
PLACES: tuple[str, ...] = ("open", "locked", "archived", "closed", "bot's own")
WORDS: dict[str, str] = dict(
    zip(PLACES, ("alder", "birch", "cedar", "dogwood", "elder"), strict=True)
)
_BLOCKED = "xylophage"  # a word whose posts wait for approval
_origins = count(900_000)
_ANSWERING = ("CommandTree-invoker", "discord.py: on_interaction")
_CHANGES = text("SELECT total_changes()")  # of SQLite


@dataclass(frozen=True, slots=True)
class Place:
    """A channel with questions in it; `word` is in all that is said there, and in its tag."""

    name: str
    word: str
    channel: simcord.ChannelHandle
    category_id: int
    question: int
    answer: int
    my_answer: int
    my_question: int
    answer_to_me: int
    """Bob's answer to my question. It was edited."""
    hidden: int
    """An answer that a moderator has hidden."""
    held: int
    """An answer of Bob's that waits for approval."""
    my_held: int
    """An answer of mine that waits for approval."""
    appeal: int
    """Bob's appeal about the hidden answer."""


@dataclass(slots=True)
class Population:
    """The server with its people and places."""

    server: Server
    bystander: simcord.MemberActor
    people: dict[str, simcord.MemberActor] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    numbers: dict[int, str] = field(default_factory=dict)
    """By the posts' rows, what one types for them."""
    cards: dict[int, Card] = field(default_factory=dict)
    board: discord.Message | None = None
    remark: discord.Message | None = None
    """Two messages that everybody sees: the bot's and a member's."""
    refused: list[Refusal] = field(default_factory=list)
    """What was refused since a cell began."""

    @property
    def open(self) -> Place:
        """The place that everybody uses."""
        return self.places["open"]

    @property
    def env(self) -> simcord.Env:
        return self.server.env

    @property
    def db(self) -> Database:
        return self.env.bot.db  # type: ignore[attr-defined]

    def actor(self, person: simcord.MemberActor) -> Actor:
        """A person who may do everything, to write the posts that the tests start from."""
        return Actor(self.server.guild.id, person.id)

    async def belongs_to(self, person: simcord.MemberActor) -> None:
        """Make a person the author of *mine* in every place."""
        mine = [
            row
            for place in self.places.values()
            for row in (place.my_answer, place.my_question, place.my_held)
        ]
        async with self.db.write() as tx:
            await tx.execute(update(Post).where(Post.id.in_(mine)).values(author_id=person.id))


async def populate(
    server: Server,
    owner: simcord.MemberActor,
    moderators: simcord.RoleHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> Population:
    """Create the people, the channels with their overwrites, and the posts."""
    env, guild = server.env, server.guild
    verified = guild.create_role("Verified")
    muted = guild.create_role("Muted")
    managers = guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
    roles = {
        "muted by role": [verified, muted],
        "without the role": [],
        "moderator shut out": [verified, moderators],
        "moderator": [verified, moderators],
        "manager": [verified, managers],
    }
    world = Population(server, bob)
    for name in PEOPLE:
        user = env.create_user(name.replace(" ", "-"))
        world.people[name] = guild.add_member(user, roles=roles.get(name, [verified]))
    members = env.backend.get_guild(guild.id).members
    members[world.people["pending"].id].pending = True
    set_permissions(
        env, make(server, "den", "text"), world.people["keeper elsewhere"].id, manage_messages=True
    )
    by_manager = Actor(guild.id, owner.id, is_manager=True)
    for setting, value in (("blocked_words", _BLOCKED), ("blocked_words_do", "hold")):
        await guilds.change_setting(world.db, by_manager, setting, value, now=env.now())
    for name in PLACES:
        channel = make(server, WORDS[name])
        _close(world, name, channel, verified.id, muted.id)
        await env.settle()
        await owner.slash(server.lounge, "category add", name=WORDS[name], channel=channel)
        world.places[name] = await _fill(world, name, channel, alice, bob)
    away = {row for p in world.places.values() for row in (p.hidden, p.held, p.my_held)}
    there = world.numbers.keys() - away
    for _ in range(10):
        await env.advance_time(30)
        world.cards = {card.post_id: card for card in server.cards()}
        if world.cards.keys() >= there:
            break
    assert world.cards.keys() >= there, there - world.cards.keys()
    board = env.backend.create_message(server.lounge.id, bot_user_id(env), "All of us see this.")
    world.board = message_of(env, server.lounge.id, board.id)
    remark = env.backend.create_message(server.lounge.id, bob.id, "Why do leaves fall at all?")
    world.remark = message_of(env, server.lounge.id, remark.id)
    for name, state in (("locked", {"archived": False, "locked": True}), ("archived", {})):
        for thread in world.places[name].channel.threads:
            await archive(env, thread, **state)
    until = (env.now() + timedelta(hours=1)).isoformat()
    env.backend.edit_member(guild.id, world.people["timed out"].id, {"timed_out_until": until})
    await env.settle()
    moderator = replace(world.actor(owner), is_moderator=True)
    blocked = world.actor(world.people["blocked"])
    form = BlockForm(BlockSpan.FOR_GOOD, "spam")
    await blocking.block_member(world.db, moderator, blocked, form, now=env.now())
    return world


def _close(
    world: Population, name: str, channel: simcord.ChannelHandle, verified: int, muted: int
) -> None:
    """Give a channel its overwrites: all but the open places are seen by the bot alone."""
    env, people = world.env, world.people
    writing = {"send_messages": False, "send_messages_in_threads": False}
    bots = {"send_messages": True, "send_messages_in_threads": True}
    everyone: dict[str, bool] = {"view_channel": False}
    if name == "bot's own":
        everyone |= writing
    set_permissions(env, channel, world.server.guild.id, **everyone)
    set_permissions(env, channel, bot_user_id(env), view_channel=True, **bots)
    if name != "closed":
        set_permissions(env, channel, verified, view_channel=True)
        set_permissions(env, channel, people["moderator shut out"].id, view_channel=False)
    set_permissions(env, channel, muted, **writing)
    set_permissions(env, channel, people["muted by overwrite"].id, **writing)
    set_permissions(env, channel, people["keeper here"].id, manage_messages=True)


async def _fill(
    world: Population,
    name: str,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> Place:
    db, env, word = world.db, world.env, WORDS[name]
    server_id = world.server.guild.id
    category_id = int(await row(world.server, word))

    async def ask(person: simcord.MemberActor, title: str, tags: str = "") -> int:
        form = QuestionForm(title, f"All about the {word}, please.", category_id, tags)
        who, now = world.actor(person), env.now()
        posted = await asking.ask_question(db, who, form, origin_id=next(_origins), now=now)
        world.numbers[posted.post_id] = f"#{posted.number}"
        return posted.post_id

    async def answer(person: simcord.MemberActor, question_id: int, text: str) -> int:
        who, now, form = world.actor(person), env.now(), AnswerForm(text)
        posted = await answering.answer_question(
            db, who, question_id, form, origin_id=next(_origins), now=now
        )
        world.numbers[posted.post_id] = f"#{posted.number}.{posted.sub_number}"
        return posted.post_id

    question = await ask(alice, f"Where does the {word} grow best of all?", word)
    mine = await ask(alice, f"How old does a {word} become here?")
    for person in world.people.values():
        who = world.actor(person)
        await following.follow(db, who, FollowKind.QUESTION, str(question), now=env.now())
    place = Place(
        name,
        word,
        channel,
        category_id,
        question,
        await answer(bob, question, f"A {word} wants sun and a deep soil."),
        await answer(alice, question, f"The {word} in our garden has neither."),
        mine,
        await answer(bob, mine, f"A {word} lives for eighty years."),
        await answer(bob, question, f"Nobody wants the {word}, you fool."),
        *[await answer(who, question, f"A {_BLOCKED}, this {word}.") for who in (bob, alice)],
        appeal=0,
    )
    change = EditForm(1, f"A {word} lives for ninety years.")
    await editing.edit_post(db, world.actor(bob), place.answer_to_me, change, now=env.now())
    await removing.hide_post(db, server_id, place.hidden, now=env.now())
    about, words = About.HIDDEN, f"The {word} deserves better."
    await appealing.appeal(db, world.actor(bob), about, place.hidden, words, now=env.now())
    place = replace(place, appeal=len(world.places) + 1)
    await reporting.report_post(
        db, world.actor(bob), question, "Not here.", by_moderator=False, now=env.now()
    )
    await env.settle()
    return place


# --- what is tried without consequences ----------------------------------------------------------


class _Undone(Exception):
    """Ends a transaction that is not to stay."""


@dataclass(slots=True)
class Tried:
    """Whether a transaction came to its end in the block, where nothing stays of it, and whether
    one changed anything until then."""

    done: bool = False
    changed: bool = False


@contextmanager
def undone(db: Database) -> Iterator[Tried]:
    """In the block every transaction is rolled back instead of committed, so that every cell finds
    the world unchanged."""
    tried, write = Tried(), db.write

    @asynccontextmanager
    async def written() -> AsyncIterator[Transaction]:
        with suppress(_Undone):
            async with write() as tx:
                before = await tx.scalar(_CHANGES)
                yield tx
                tried.done = True
                task = asyncio.current_task()  # not what the bot does meanwhile by itself
                if task is not None and task.get_name().startswith(_ANSWERING):
                    tried.changed |= await tx.scalar(_CHANGES) != before
                raise _Undone

    # The index would be purged for ever, since that is undone as well.
    with writing_by(db, written), patch.object(erased_words, "are_kept", return_value=False):
        yield tried


@contextmanager
def kept(db: Database) -> Iterator[None]:
    """What is written in this block is committed, also within `undone`."""
    written = {way: db.__dict__.pop(way) for way in ("write", "in_write") if way in db.__dict__}
    try:
        yield
    finally:
        db.__dict__.update(written)
