"""Everything the bot offers, by entry point: what a person's client sends, and how to tell that it
was done.

An entry point is named as in the tables: a command or a menu by its name (`/answer`, `Edit post`),
a control by its custom id (`answer.form`), and after a comma the case that a row is about.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from itertools import count
from typing import Any

import discord
import simcord
from simcord.enums import ComponentType, InteractionType

from bot.domain.outbox import JobKind
from bot.usecases import consenting
from bot.usecases.drafts import Draft, keep_draft
from bot.usecases.offering import LASTS, What
from data import consents, signs
from tests.support.forgery import form_data, invoke, send
from tests.support.population import Place, Population, kept
from tests.support.simulator import bot_user_id, channel_of, message_of, unheard

Result = simcord.InteractionResult
_turns = count(1)


class Sign(Enum):
    """How to tell that an act was done: a form opened, something was written, something was said
    without a refusal, or the reply names the place."""

    FORM = "form"
    WRITTEN = "written"
    SAID = "said"
    SHOWN = "shown"


@dataclass(frozen=True, slots=True)
class Cell:
    """The acting person, and the place of the post they act on."""

    world: Population
    person: simcord.MemberActor
    place: Place

    async def command(self, name: str, /, **options: Any) -> Result:
        """They type a command in the lounge."""
        return await invoke(self.person, self.world.server.lounge, name, **options)

    async def menu(self, name: str, message: discord.Message | None) -> Result:
        """They open a message's menu."""
        assert message is not None
        return await invoke(self.person, self._channel(message.channel.id), name, message)

    async def menu_of_member(self, name: str, member: simcord.MemberActor) -> Result:
        """They open a member's menu."""
        return await invoke(self.person, self.world.server.lounge, name, member)

    async def press(self, *parts: object, at: discord.Message | None = None, **data: Any) -> Result:
        """They click a control, at a message that everybody sees if not `at` another."""
        at = at or self.world.board
        assert at is not None
        data = {"component_type": ComponentType.BUTTON, **data, "custom_id": _id(parts)}
        kind, channel = InteractionType.MESSAGE_COMPONENT, self._channel(at.channel.id)
        return await send(self.person, kind, channel, data, at)

    async def choose(self, kind: ComponentType, *parts: object, value: object = None) -> Result:
        """They choose in a select."""
        values = [] if value is None else [str(value)]
        return await self.press(*parts, component_type=kind, values=values)

    async def form(self, *parts: object, **values: str | list[str]) -> Result:
        """They send a form."""
        data, lounge = form_data(_id(parts), values), self.world.server.lounge
        return await send(self.person, InteractionType.MODAL_SUBMIT, lounge, data)

    async def draft(self, *parts: object, **values: str | list[str]) -> Result:
        """They reopen a form that was given back to them."""
        return await self.kept_draft("draft", *parts, **values)

    async def kept_draft(self, action: str, *parts: object, **values: str | list[str]) -> Result:
        """They press a button about a form that is kept for them."""
        world, form = self.world, Draft(_id(parts), dict(values))
        who, now = (world.server.guild.id, self.person.id), world.env.now()
        with kept(world.db):
            draft_id = await keep_draft(world.db, *who, form, now=now)
        return await self.press(action, draft_id)

    def said(self, question_id: int, person: simcord.MemberActor | None = None) -> discord.Message:
        """A message of theirs, or of somebody else's, in the thread of a question."""
        env, thread = self.world.env, self.world.cards[question_id].thread
        author, words = person or self.person, f"A {self.place.word} needs patience above all."
        with unheard(env):  # or something would be offered under it
            message = env.backend.create_message(thread.id, author.id, f"{words} {next(_turns)}")
        return message_of(env, thread.id, message.id)

    async def consent(self, question_id: int, said: discord.Message) -> discord.Message:
        """The request to them that a message be an answer."""
        world, env = self.world, self.world.env
        thread, asker = world.cards[question_id].thread, world.server.guild.owner
        asked = env.backend.create_message(thread.id, bot_user_id(env), f"May I? {said.id}")
        who, now = (self.person.id, asker.id), env.now()
        words = consents.Said(said.content)
        lasts = (now, now + consenting.LASTS)
        request = consents.Request(said.id, thread.id, *who, words, *lasts, asked.id, ended=False)
        with kept(world.db):
            async with world.db.write() as tx:
                await consents.ask(tx, world.server.guild.id, request)
        return message_of(env, thread.id, asked.id)

    async def offer(self, question_id: int, said: discord.Message) -> discord.Message:
        """The offer to them to post a message, which pings the bot."""
        world, env, now = self.world, self.world.env, self.world.env.now()
        thread = world.cards[question_id].thread
        env.backend.get_message(thread.id, said.id).content += f" <@{bot_user_id(env)}>"
        line = env.backend.create_message(thread.id, bot_user_id(env), f"Shall I? {said.id}")
        sign = signs.Sign(
            JobKind.OFFER,
            said.id,
            world.server.guild.id,
            thread.id,
            now,
            what=What.ANSWER,
            reply_to=said.id,
            person_id=self.person.id,
            post_id=question_id,
            until=now + LASTS,
            home_id=thread.id,
            shown_in=thread.id,
            shown_id=line.id,
        )
        with kept(world.db):
            async with world.db.write() as tx:
                await signs.put(tx, sign)
        return message_of(env, thread.id, line.id)

    def number(self, post_id: int) -> str:
        """A post's number, as one types it."""
        return self.world.numbers[post_id]

    def card(self, post_id: int) -> discord.Message:
        """A post's card."""
        return self.world.cards[post_id].message

    def shown(self, post_id: int) -> discord.Message | None:
        """A post's card; None where there is none, as of what was taken away."""
        card = self.world.cards.get(post_id)
        there = card is not None and card.message_id in self.world.env.backend.messages.get(
            card.channel_id, ()
        )
        return card.message if card is not None and there else None

    def _channel(self, channel_id: int) -> simcord.ChannelHandle:
        return channel_of(self.world.env, self.world.server.guild, channel_id)


def _id(parts: tuple[object, ...]) -> str:
    return ":".join(["qa:1", *map(str, parts)])


@dataclass(frozen=True, slots=True)
class Act:
    """An entry point: how to tell that it worked, and how to use it. `shows` is what it says about
    a place that is visible; `typed` means that its text is repeated because it was typed."""

    sign: Sign
    do: Callable[[Cell], Awaitable[Any]]
    shows: str = "Where does the {word} grow best of all?"
    typed: bool = False
    tidied: bool = False
    """If it is refused, its trace in Discord is removed, which is written."""


def way_in(name: str) -> str:
    """The command, menu or control of a row's name."""
    return name.split(",", maxsplit=1)[0]
