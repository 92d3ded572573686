"""A server with Askwell, and what its members do there, in their own words.

question = await server.ask(alice, "How do I sleep after a night shift?")
answer = await server.answer(bob, question, "Dark curtains, and no screens before bed.")
await carol.react(answer.message, "⬆️")
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import discord
import simcord
from simcord.components import walk_components

from bot.app import Askwell
from tests.support.simulator import bot_user_id, channel_of, message_of
from tests.support.unreachable import cut_off
from tests.support.wire import Killed

# Each card has a menu. A question's card can be followed as well, and an answer's card leads to the
# form for another answer; a comment's card has nothing else.
_CONTROL = re.compile(r"qa:1:(answer|follow|more):(\d+)")
_KINDS = (("follow", "question"), ("answer", "answer"))
BELL = "qa:1:news"


@dataclass(frozen=True, slots=True)
class Card:
    """A post's card in Discord: `kind` is `question`, `answer` or `comment`."""

    env: simcord.Env
    guild: simcord.GuildHandle
    kind: str
    post_id: int
    channel_id: int
    message_id: int

    @property
    def message(self) -> discord.Message:
        """The card as it stands now."""
        return message_of(self.env, self.channel_id, self.message_id)

    @property
    def embed(self) -> discord.Embed:
        """What the card shows."""
        return self.message.embeds[0]

    @property
    def title(self) -> str:
        """A question's title, as its card says it, or the post of a forum that it opens."""
        return self.embed.title or self.thread.name or ""

    @property
    def by(self) -> str:
        """Whose post it is: their name, points and title, as the card begins."""
        return self.small_line if self.kind == "comment" else self.embed.author.name or ""

    @property
    def pinned(self) -> bool:
        """Whether the card is pinned."""
        return self.message.pinned

    @property
    def thread(self) -> simcord.ChannelHandle:
        """The question's thread: its own, or the one its message stands in."""
        channel = channel_of(self.env, self.guild, self.channel_id)
        if channel.is_thread:
            return channel
        # A thread made from a message has the message's id.
        return channel_of(self.env, self.guild, self.message_id)

    @property
    def body(self) -> str:
        """The post's text as the card shows it."""
        if self.kind == "comment":
            return self.message.content.partition("\n")[2]
        return self.embed.description or ""

    @property
    def small_line(self) -> str:
        """The line with the facts about the post; of a comment, the one about its author."""
        if self.kind == "comment":
            return self.message.content.partition("\n")[0]
        return self.embed.footer.text or ""

    def control(self, action: str) -> str:
        """The custom id of a button for `action` on the card (`more`, `follow`), or in its
        menu."""
        return f"qa:1:{action}:{self.post_id}"

    def text(self) -> str:
        """Everything the card says, in one string to look for words in."""
        return said(self.message)


@dataclass(frozen=True, slots=True)
class Server:
    """A server, its channel for questions (`kind` is `forum` or `text`), and one to chat in."""

    env: simcord.Env
    guild: simcord.GuildHandle
    channel: simcord.ChannelHandle
    kind: str
    lounge: simcord.ChannelHandle

    async def ask(
        self,
        person: simcord.MemberActor,
        title: str,
        details: str = "",
        *,
        category: str | None = None,
        tags: str = "",
        how: Sequence[str] = (),
    ) -> Card:
        """A person asks with `/ask`. Returns the question's card; fails where none appears."""
        before = {card.post_id for card in self.cards()}
        reply = await self.try_to_ask(person, title, details, category=category, tags=tags, how=how)
        return self._new_card("question", before, reply)

    async def try_to_ask(
        self,
        person: simcord.MemberActor,
        title: str,
        details: str = "",
        *,
        category: str | None = None,
        tags: str = "",
        how: Sequence[str] = (),
    ) -> simcord.InteractionResult:
        """As `ask`, but returns the reply, whatever the outcome."""
        shown = await person.slash(self.lounge, "ask")
        if shown.modal is None:
            return shown
        values: dict[str, Any] = {"title": title, "details": details, "tags": tags}
        if category is not None:
            values["category"] = [category]
        if how:
            values["how"] = list(how)
        sent = await person.submit_modal(shown, _asked_for(shown, values))
        if sent.response is not None and "Post mine" in told(sent):
            return await person.click(sent.response, label="Post mine")
        return sent

    async def answer(
        self,
        person: simcord.MemberActor,
        question: Card,
        text: str,
        *,
        how: Sequence[str] = (),
    ) -> Card:
        """A person answers with `/answer` in the question's thread. Returns the answer's card."""
        before = {card.post_id for card in self.cards()}
        reply = await self.try_to_answer(person, question, text, how=how)
        return self._new_card("answer", before, reply)

    async def try_to_answer(
        self,
        person: simcord.MemberActor,
        question: Card,
        text: str,
        *,
        how: Sequence[str] = (),
    ) -> simcord.InteractionResult:
        """As `answer`, but returns the reply, whatever the outcome."""
        shown = await person.slash(question.thread, "answer")
        if shown.modal is None:
            return shown
        values: dict[str, Any] = {"answer": text}
        if how:
            values["how"] = list(how)
        return await person.submit_modal(shown, values)

    async def comment(self, person: simcord.MemberActor, card: Card, text: str) -> Card:
        """A person comments through the menu of a card. Returns the comment's card."""
        before = {card.post_id for card in self.cards()}
        reply = await self.try_to_comment(person, card, text)
        return self._new_card("comment", before, reply)

    async def try_to_comment(
        self, person: simcord.MemberActor, card: Card, text: str
    ) -> simcord.InteractionResult:
        """As `comment`, but returns the reply, whatever the outcome."""
        shown = await self.menu(person, card, "comment")
        if shown.modal is None:
            return shown
        return await person.submit_modal(shown, {"comment": text})

    async def choose(self, person: simcord.MemberActor, answer: Card) -> simcord.InteractionResult:
        """A person clicks *Mark as best* in the menu of an answer's card, or runs `/best` if it has
        none for them. A bot that has ended opens no menu."""
        menu = await person.click(answer.message, custom_id=answer.control("more"))
        if menu.response is None:
            assert not menu.acknowledged
            return menu
        if answer.control("best") in str(menu.response.components):
            return await person.click(menu.response, custom_id=answer.control("best"))
        number = re.search(r"#\d+\.\d+", answer.small_line)
        assert number is not None
        return await person.slash(self.lounge, "best", answer=number[0])

    async def menu(
        self, person: simcord.MemberActor, card: Card, action: str
    ) -> simcord.InteractionResult:
        """A person clicks a button in the menu of a card."""
        menu = await person.click(card.message, custom_id=card.control("more"))
        assert menu.response is not None
        return await person.click(menu.response, custom_id=card.control(action))

    async def vote(
        self, person: simcord.MemberActor, card: Card, direction: str
    ) -> simcord.InteractionResult:
        """A person votes in the *More* menu of a card: `up`, `down` or `clear`."""
        menu = await person.click(card.message, custom_id=card.control("more"))
        assert menu.response is not None
        return await person.click(menu.response, custom_id=f"qa:1:vote:{card.post_id}:{direction}")

    def cards(self) -> list[Card]:
        """All cards in the server, one for each message: a post that has two is there twice."""
        return list(_cards(self.env, self.guild))

    def card(self, post_id: int) -> Card:
        """The one card of a post; fails if it has none, or several."""
        found = [card for card in self.cards() if card.post_id == post_id]
        assert len(found) == 1, f"post {post_id} has {len(found)} cards"
        return found[0]

    def threads(self) -> list[simcord.ChannelHandle]:
        """All threads in the channel for questions."""
        return self.channel.threads

    def _new_card(self, kind: str, before: set[int], reply: simcord.InteractionResult) -> Card:
        new = [card for card in self.cards() if card.post_id not in before and card.kind == kind]
        assert len(new) == 1, f"{len(new)} new cards; the reply was: {told(reply)}"
        return new[0]


async def set_up(
    server: Server, owner: simcord.MemberActor, moderators: simcord.RoleHandle
) -> None:
    """The owner sets the server up with `/setup`, all options given."""
    reply = await owner.slash(
        server.lounge, "setup", channel=server.channel, preset="general", moderators=moderators
    )
    assert reply.acknowledged, "nothing answered /setup"


def told(result: simcord.InteractionResult) -> str:
    """The whole reply to a person's act."""
    replies = [result.response, *result.followups]
    return "\n".join(said(reply.message) for reply in replies if reply is not None)


def said(message: discord.Message) -> str:
    """Everything a message says: its text, its embeds and its components, but not the bell, which
    is about something else."""
    parts = [message.content]
    for embed in message.embeds:
        parts += [embed.author.name, embed.title, embed.description, embed.footer.text]
        parts += [text for field in embed.fields for text in (field.name, field.value)]
    for component in walk_components([part.to_dict() for part in message.components]):
        if component.get("custom_id") == BELL:
            continue
        parts += [component.get("content"), component.get("label")]
    return "\n".join(part for part in parts if part)


def bury(env: simcord.Env) -> None:
    """The process is dead: its database connection goes with it."""
    assert isinstance(env.bot, Askwell)
    cut_off(env.bot.db, Killed("the database of a dead process"))


def _asked_for(shown: simcord.InteractionResult, values: dict[str, Any]) -> dict[str, Any]:
    """Those of the values that the form has a field for: empty ones need none."""
    modal = shown.modal or {}
    fields = {part.get("custom_id") for part in walk_components(modal.get("components", []))}
    return {name: value for name, value in values.items() if value or name in fields}


def _cards(env: simcord.Env, guild: simcord.GuildHandle) -> Iterator[Card]:
    mine = bot_user_id(env)
    for channel_id, messages in env.backend.messages.items():
        if env.backend.get_channel(channel_id).guild_id != guild.id:
            continue
        for message in messages.values():
            if message.author_id != mine or message.is_ephemeral:
                continue
            parts = walk_components(message.components)
            ids = (_CONTROL.fullmatch(part.get("custom_id") or "") for part in parts)
            posts = {found[1]: int(found[2]) for found in ids if found}
            if "more" in posts:
                kind = next((k for action, k in _KINDS if action in posts), "comment")
                yield Card(env, guild, kind, posts["more"], channel_id, message.id)
