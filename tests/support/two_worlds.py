"""Two servers that differ in one thing alone: in the first one Alice wrote anonymously, in the
second one Bob did. Whatever anybody else can learn has to be the same in both."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import discord
import simcord

from bot.app import Askwell
from bot.domain.actors import Actor
from bot.usecases import personas
from bot.usecases.answering import AnswerForm, answer_question
from bot.usecases.asking import QuestionForm, ask_question
from bot.usecases.commenting import comment_on
from tests.support.masked import masked
from tests.support.replies import sentence
from tests.support.reports import closed_channel, shown_in
from tests.support.server import Card, Server, said, set_up, told
from tests.support.simulator import as_the_bot

NAME = "Quiet Otter"
_ID = re.compile(r"\d{15,20}")
_TIME = re.compile(r"<t:\d+(:\w)?>|\d{4}-\d\d-\d\dT[\d:.+Z]+")
_CONTROL = re.compile(r"qa:\w+:[^\"'\s\\]+")
_VALUE = re.compile(r'(?<="value": ")\d+(?=")')
_NUMBER = re.compile(r"(?<=[:.a-z])\d+")
_RULES = "auto-moderation/rules"
_origins = count(770_000)


@dataclass(frozen=True, slots=True)
class World:
    """A server, its people by name, and who of them writes anonymously there. `question` is what
    that is, `below` are their answer and comment below a question of Carol's. `shows` is what
    the author was told."""

    server: Server
    people: dict[str, simcord.MemberActor]
    author: str
    reports: simcord.ChannelHandle
    posts: dict[str, Card] = field(default_factory=dict[str, Card])
    shows: list[str] = field(default_factory=list[str])

    @property
    def env(self) -> simcord.Env:
        """The simulated Discord."""
        return self.server.env

    def masked(self, text: str) -> str:
        """A text without what differs between servers: ids, rows and times. Members' ids become
        their names, so that it matters where they stand."""
        names = {str(person.id): name for name, person in self.people.items()}

        def named(found: re.Match[str]) -> str:
            return f"@{names[found[0]]}" if found[0] in names else "#id"

        text = _TIME.sub("<time>", text)
        text = _VALUE.sub("n", _ID.sub(named, text))
        return _CONTROL.sub(lambda found: _NUMBER.sub("n", found[0]), text)

    async def told(self, name: str, command: str, /, **options: Any) -> str:
        """All that somebody reads who runs a command: text, embeds, controls and files."""
        given = {
            each: self.people[value[1:]] if isinstance(value, str) and value[:1] == "@" else value
            for each, value in options.items()
        }
        result = await self.people[name].slash(self.server.lounge, command, **given)
        return await self.read(result)

    async def read(self, result: simcord.InteractionResult) -> str:
        """All that a reply says."""
        parts = [told(result)]
        for reply in (result.response, *result.followups):
            if reply is None:
                continue
            parts.append(json.dumps(reply.components, sort_keys=True, default=str))
            parts += [_read(await file.read()) for file in reply.attachments]
        if result.modal is not None:
            parts.append(str(result.modal))
        return self.masked("\n".join(parts))

    async def sees(self, name: str, command: str, options: dict[str, Any]) -> list[Any]:
        """What somebody reads who runs a command, what the bot asks of Discord meanwhile and in the
        seconds after it, and what stands there then."""
        start = len(self.env.http_requests)
        reply = await self.told(name, command, **options)
        await self.env.advance_time(5)
        return [reply, self.requests(start), self.shown(), self.told_moderators()]

    def requests(self, start: int) -> list[str]:
        """All that the bot has asked of Discord from a position in its requests on, with what it
        sent. In an order of their own: what tasks beside each other ask has none."""
        people = {str(person.id): f"@{name}" for name, person in self.people.items()}
        sent = [masked(each, people) for each in self.env.http_requests[start:]]
        # A server's own rules are read again after a while, whoever does something then.
        return sorted(self.masked(each) for each in sent if _RULES not in each)

    def shown(self) -> list[str]:
        """All cards, as everybody reads them."""
        return [self.masked(card.text()) for card in self.server.cards()]

    def told_moderators(self) -> list[str]:
        """All that stands in the moderators' channel."""
        return [self.masked(said(message)) for message in shown_in(self.reports)]


async def two_worlds(env: simcord.Env, **settings: str) -> tuple[World, World]:
    """One server in which Alice has written anonymously, and one in which Bob has."""
    # Limits count by the hour: all of this is in one.
    await env.advance_time(3600 - env.now().timestamp() % 3600)
    names = ("owner", "mona", "mel", "alice", "bob", "carol")
    users = [env.create_user(f"the {name}") for name in names]
    await to_the_minute(env)
    first = await _world(env, dict(zip(names, users, strict=True)), "alice", settings)
    await to_the_minute(env)
    second = await _world(env, dict(zip(names, users, strict=True)), "bob", settings)
    return first, second


async def to_the_minute(env: simcord.Env) -> None:
    """Go on to the next full minute: what is written anonymously has no other times, so that both
    worlds are in order only if they begin alike."""
    await env.advance_time(60 - env.now().timestamp() % 60)


async def _world(
    env: simcord.Env, users: dict[str, Any], author: str, settings: dict[str, str]
) -> World:
    guild = env.create_guild("The Infirmary", owner=users["owner"])
    channel, lounge = guild.create_forum_channel("questions"), guild.create_text_channel("lounge")
    role = guild.create_role("Moderators", permissions=discord.Permissions(manage_messages=True))
    server = Server(env, guild, channel, "forum", lounge)
    people = {"owner": simcord.MemberActor(env, guild, users["owner"])}
    await set_up(server, people["owner"], role)
    for name in ("mona", "mel"):
        people[name] = guild.add_member(users[name], roles=[role])
    for name in ("alice", "bob", "carol"):
        people[name] = guild.add_member(users[name])
    reports = closed_channel(server, "reports", role)
    for name, value in {
        "anonymous": "on",
        "moderators_channel": f"<#{reports.id}>",
        **settings,
    }.items():
        sentence(await people["owner"].slash(lounge, "settings set", name=name, value=value))
    world = World(server, people, author, reports)
    await env.advance_time(5)
    return replace(world, posts=await _history(world))


async def _history(world: World) -> dict[str, Card]:
    """What happened: the same in both worlds, but for who writes anonymously."""
    server, people = world.server, world.people
    carols = await server.ask(people["carol"], "How do I sleep after a night shift?", "I lie.")
    await server.answer(people["alice"], carols, "Dark curtains, and no screens before bed.")
    await server.answer(people["bob"], carols, "Warm milk, and an early breakfast at six.")
    await server.ask(people["alice"], "Which tea is good for a bad stomach?", "Nothing helps.")
    await server.ask(people["bob"], "How do I tell my boss about the accident?", "It was me.")
    posts = {"carols": carols}
    posts["question"] = server.card(await write(world, None))
    posts["answer"] = server.card(await write(world, carols))
    posts["comment"] = server.card(await write(world, carols, comment=True))
    posts["helped"] = await server.answer(
        people["carol"], posts["question"], "You may, of course. I do it, too."
    )
    return posts


async def write(world: World, card: Card | None, *, comment: bool = False, body: str = "") -> int:
    """The anonymous author asks, or answers or comments on a post. Returns the post."""
    env, person = world.env, world.people[world.author]
    bot = env.bot
    assert isinstance(bot, Askwell)
    guild_id = world.server.guild.id
    actor = Actor(guild_id, person.id, seal=personas.seal_of(bot.sealing, guild_id, person.id))
    me = await personas.author(bot.db, actor, NAME, asks=card is None)
    origin, now = next(_origins), env.now()
    with as_the_bot(env):
        if card is None:
            form = QuestionForm("May I cry here at night?", body or "I do.")
            posted = await ask_question(bot.db, me, form, origin_id=origin, now=now)
        elif comment:
            said = body or "So do I, and nobody knows."
            posted = await comment_on(bot.db, me, card.post_id, said, origin_id=origin, now=now)
        else:
            text = AnswerForm(body or "Counting slowly from a thousand down to one.")
            posted = await answer_question(
                bot.db, me, card.post_id, text, origin_id=origin, now=now
            )
    await env.advance_time(5)
    return posted.post_id


def _read(content: bytes) -> str:
    """A file's text, or what stands for a picture: pictures that are drawn alike are equal."""
    if content.startswith(b"\x89PNG"):
        return hashlib.sha256(content).hexdigest()
    return content.decode("utf-8-sig")


Act = tuple[str, str, dict[str, Any]]


async def same(worlds: Sequence[World], *acts: Act) -> list[str]:
    """What people read who do something in each of two worlds, one act after the other. Fails where
    they can tell which one they are in: by a reply, by what the bot asks of Discord, or by a card.
    Returns what they read."""
    replies: list[str] = []
    for act in acts:
        first, second = [await world.sees(*act) for world in worlds]
        for one, other in zip(first, second, strict=True):
            assert one == other, act
        replies.append(first[0])
    return replies
