"""Two servers share a bot and a database: whatever is sent from one, nothing of the other changes
or is shown.

Every command and every control is called again and again with the ids, numbers and links of the
other server. FUZZ_CALLS says how often; five thousand take some minutes.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import simcord
from simcord.backend import serializers
from simcord.enums import InteractionType
from sqlalchemy import select

from bot.app import Askwell
from data.database import Database
from data.models import Base
from tests.support.commands import MESSAGE, SLASH, USER, leaves, synced
from tests.support.forgery import form_data, send
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.ledger import assert_consistent
from tests.support.other_server import Other
from tests.support.server import Card, Server

CALLS = int(os.environ.get("FUZZ_CALLS") or 400)
SECRETS = ("ripe cheese", "rather old", "walnuts", "sourdough", "proofing", "crumbs", "Bakery")
WORDS = ("up", "down", "clear", "1", "0", "-1", "spam", "duplicate", "solved", "yes", "next", "all")
FIELDS = ("title", "details", "tags", "answer", "comment", "text", "reason", "note", "value", "why")
_STRING, _INTEGER, _BOOLEAN, _USER, _CHANNEL, _ROLE, _MENTIONABLE, _NUMBER, _FILE = range(3, 12)
_BUTTON, _SELECT = 2, 3

Rows = dict[str, list[dict[str, Any]]]


async def _rows(db: Database, guild_id: int) -> Rows:
    """All rows of a server."""
    found: Rows = {}
    async with db.read() as tx:
        for table in Base.metadata.sorted_tables:
            whose = table.c.id if table.name == "guilds" else table.c.get("guild_id")
            if whose is None:
                continue
            rows = await tx.rows(select(table).where(whose == guild_id))
            found[table.name] = sorted((row._asdict() for row in rows), key=str)
    return found


@pytest.fixture
async def furnished(env: simcord.Env, other: Other) -> Other:
    """The other server with more than posts in it: what its people reported, blocked and named."""
    there, owner = other.server, other.server.guild.owner
    manager = simcord.MemberActor(env, there.guild, owner)
    await manager.slash(there.lounge, "category add", name="Sourdough")
    await manager.slash(there.lounge, "settings set", name="blocked_words", value="proofing")
    await other.alice.slash(there.lounge, "follow", question="#1")
    await manager.slash(there.lounge, "block", member=other.dora, reason="Crumbs")
    await manager.slash(there.lounge, "lock", question="#1")
    await env.advance_time(900)  # chores have counted its words
    return other


@dataclass(slots=True)
class Fuzzer:
    """Sends from one server what names things of another."""

    random: random.Random
    person: simcord.MemberActor
    place: simcord.ChannelHandle
    card: Card
    theirs: Other
    ids: list[str]
    commands: list[dict[str, Any]]
    actions: list[str]

    async def call(self) -> str:
        """Send one thing. Returns what, for a failure's message."""
        kind: Callable[[], tuple[str, InteractionType, dict[str, Any]]] = self.random.choice(
            (self._command, self._click, self._click, self._form)
        )
        name, interaction, data = kind()
        at = self.card.message if interaction is InteractionType.MESSAGE_COMPONENT else None
        await send(self.person, interaction, self.place, data, at)
        return name

    def _value(self) -> str:
        theirs = self.theirs.question
        link = f"{theirs.guild.id}/{theirs.channel_id}/{theirs.message_id}"
        return self.random.choice(
            (
                self.random.choice(self.ids),
                self.random.choice(self.ids),
                self.random.choice(WORDS),
                f"https://discord.com/channels/{link}",
                f"#{self.random.randint(1, 3)}.{self.random.randint(1, 2)}",
            )
        )

    def _custom_id(self) -> str:
        values = [self._value() for _ in range(self.random.randint(0, 4))]
        plain = [value for value in values if ":" not in value]
        return ":".join(("qa:1", self.random.choice(self.actions), *plain))[:100]

    def _click(self) -> tuple[str, InteractionType, dict[str, Any]]:
        data: dict[str, Any] = {"custom_id": self._custom_id(), "component_type": _BUTTON}
        if self.random.random() < 0.5:
            data |= {"component_type": _SELECT, "values": [self._value()]}
        return data["custom_id"], InteractionType.MESSAGE_COMPONENT, data

    def _form(self) -> tuple[str, InteractionType, dict[str, Any]]:
        custom_id = self._custom_id()
        values: dict[str, str | list[str]] = {
            name: self.random.choice((self._value(), "Twenty letters and some words more."))
            for name in FIELDS
        }
        return custom_id, InteractionType.MODAL_SUBMIT, form_data(custom_id, values)

    def _command(self) -> tuple[str, InteractionType, dict[str, Any]]:
        root = self.random.choice(self.commands)
        data: dict[str, Any] = {"id": root["id"], "name": root["name"], "type": root["type"]}
        backend = self.person._env.backend
        if root["type"] == MESSAGE:
            question = self.theirs.question
            stored = backend.get_message(question.channel_id, question.message_id)
            messages = {str(stored.id): dict(serializers.message_payload(backend, stored))}
            data |= {"target_id": str(stored.id), "resolved": {"messages": messages}}
        elif root["type"] == USER:
            data |= {"target_id": str(self.theirs.dora.id), "resolved": self._dora()}
        else:
            path, leaf = self.random.choice(list(leaves(root)))
            options = [self._option(each) for each in leaf.get("options") or ()]
            given: Any = [option for option in options if option is not None]
            for name in reversed(path.split()[1:]):
                group = 1 if given is None or name == path.split()[-1] else 2
                given = [{"name": name, "type": group, "options": given}]
            data |= {"options": given, "resolved": self._dora()}
            return path, InteractionType.APPLICATION_COMMAND, data
        return root["name"], InteractionType.APPLICATION_COMMAND, data

    def _dora(self) -> dict[str, Any]:
        backend, key = self.person._env.backend, str(self.theirs.dora.id)
        return {"users": {key: dict(serializers.user_payload(backend.get_user(int(key))))}}

    def _option(self, option: dict[str, Any]) -> dict[str, Any] | None:
        kind = option["type"]
        if kind == _FILE or (not option.get("required") and self.random.random() < 0.3):
            return None
        value: Any = self._value()
        if option.get("choices"):
            value = self.random.choice(option["choices"])["value"]
        elif kind in (_INTEGER, _NUMBER):
            value = max(option.get("min_value", 1), min(option.get("max_value", 9), 5))
        elif kind == _BOOLEAN:
            value = True
        elif kind in (_USER, _MENTIONABLE):
            value = str(self.theirs.dora.id)
        elif kind in (_CHANNEL, _ROLE):
            if not option.get("required"):
                return None  # Discord resolves these: it names none of another server
            value = str(self.place.id)
        return {"name": option["name"], "type": kind, "value": value}


@pytest.mark.slow
@on_sqlite
@in_a_forum
async def test_whatever_is_sent_from_one_server_another_stays_as_it_was(
    env: simcord.Env,
    server: Server,
    furnished: Other,
    question: Card,
    answer: Card,
    alice: simcord.MemberActor,
    owner: simcord.MemberActor,
    db: Database,
) -> None:
    bot = env.bot
    assert isinstance(bot, Askwell)
    chance = random.Random(1)
    before = await _rows(db, furnished.server.guild.id)
    cards = [card.text() for card in furnished.server.cards()]
    values = [v for rows in before.values() for row in rows for v in row.values()]
    ids = sorted({str(v) for v in values if type(v) is int})
    commands = [
        env.backend.find_command(each["name"], server.guild.id, type=each.get("type", SLASH))
        for each in synced(env)
    ]
    sent = len(env.http_requests)
    for number in range(CALLS):
        fuzzer = Fuzzer(
            chance,
            chance.choice((owner, alice)),
            server.lounge,
            question,
            furnished,
            ids,
            [each for each in commands if each is not None],
            list(bot.router.handlers),
        )
        called = await fuzzer.call()
        if number % 100 == 99 or number == CALLS - 1:
            await env.advance_time(5)
        for request in env.http_requests[sent:]:
            told = str(request.json)
            assert not any(secret in told for secret in SECRETS), (called, told)
            theirs = str(furnished.server.guild.id) in request.path
            assert request.method == "GET" or not theirs, (called, request.path)
        sent = len(env.http_requests)

    assert await _rows(db, furnished.server.guild.id) == before
    assert [card.text() for card in furnished.server.cards()] == cards
    await assert_consistent(db)
