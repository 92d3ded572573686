"""What every story is told with: acting as a person, and looking at what comes of it.

A story verifies as it goes: what the people see, and what the votes and the choice are worth.
"""

import textwrap
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from simcord import ChannelHandle, InteractionResult, ResponseMessage
from simcord.backend.errors import BackendError, SetupError

from bot.i18n import texts_for
from bot.sandbox import _simcord
from bot.sandbox.reading import buttons, fields, read
from bot.sandbox.telling import Teller
from bot.sandbox.world import Person, World

Between = Callable[[str], Awaitable[None]]

SETTLING = 5.0
"""Simulated seconds after which a card shows the votes it was given."""


class StoryFailed(Exception):
    """Something in the story is not as it should be; the text says in which step, and what."""


@dataclass(frozen=True, slots=True)
class Card:
    """A question's or an answer's card."""

    world: World
    post_id: int
    channel_id: int
    message_id: int

    @property
    def message(self) -> ResponseMessage:
        """The card as it is now."""
        stored = self.world.env.backend.get_message(self.channel_id, self.message_id)
        return _simcord.message_handle(self.world.env, stored)

    @property
    def pinned(self) -> bool:
        return self.world.env.backend.get_message(self.channel_id, self.message_id).pinned

    def reactors(self, emoji: str) -> list[int]:
        """The ids of those who reacted with an emoji, the bot among them."""
        stored = self.world.env.backend.get_message(self.channel_id, self.message_id)
        reaction = stored.reaction_for(emoji)
        return [] if reaction is None else list(reaction.user_ids)


class Stage(ABC):
    """Plays steps in a world, in one channel of it."""

    def __init__(
        self,
        world: World,
        teller: Teller,
        channel: ChannelHandle,
        locale: str,
        pause: float,
        between: Between | None,
    ) -> None:
        self.world = world
        self.teller = teller
        self.locale = locale
        self.texts = texts_for(locale)
        self.pause = pause
        self._between = between
        self.channel = channel
        self._known = set(self._cards())

    async def perform(self) -> int:
        """Tell the story, everybody speaking its language; returns the number of its last step.

        Raises `StoryFailed` at the first thing that is not as it should be.
        """
        hush = _simcord.speak(self.world.env, {"en": "en-US"}.get(self.locale, self.locale))
        try:
            await self.tell()
        except (BackendError, SetupError, TimeoutError) as error:
            raise StoryFailed(f"{self.teller.last}: {error}") from error
        finally:
            hush()
        return self.teller.steps

    @abstractmethod
    async def tell(self) -> None:
        """The story, scene by scene."""

    # --- posting ----------------------------------------------------------------------------

    async def _post_question(
        self, asker: Person, written: dict[str, str], category: int, *, notify: bool = False
    ) -> Card:
        """Fill in the form of `/ask`, and look at the card that comes of it."""
        how = ("notify", "tell me by DM when it is answered") if notify else None
        sent, chosen = await self._fill_in_question(asker, written, category, how)
        return self._question_card(self._reply(asker, sent), asker.name, written, chosen)

    async def _fill_in_question(
        self,
        asker: Person,
        written: dict[str, str],
        category: int,
        how: tuple[str, str] | None = None,
    ) -> tuple[InteractionResult, str]:
        """Send the form of `/ask`; returns what came of it, and the category's name. `how` is a box
        that is ticked, and what it says."""
        shown = await asker.actor.slash(self.world.general, "ask")
        controls = self._form(shown)
        for name in ("title", "details", "category", "tags", "how"):
            self._expect(name in controls, f"the form does not ask for {name}")
        chosen = controls["category"]["options"][category]
        for name, text in written.items():
            self.teller.writes(name.title(), text)
        self.teller.writes("Category", str(chosen["label"]))
        sent: dict[str, Any] = {**written, "category": [chosen["value"]]}
        if how is not None:
            box, says = how
            self.teller.writes("How", says)
            sent["how"] = [box]
        return await asker.actor.submit_modal(shown, sent), str(chosen["label"])

    def _question_card(self, told: str, name: str, written: dict[str, str], category: str) -> Card:
        """The card of a question that was just asked under a name, as the reply tells."""
        card = self._new_card("follow")
        self._expect(str(card.message_id) in told, "the reply does not link to the card", told)
        self._expect(self._says_title(card, written["title"]), "the title is nowhere")
        first_sentence = written["details"].split(".")[0]
        self._shows(card, name, first_sentence, category)
        self._expect_votes(card)
        self.teller.card(card.message)
        return card

    async def _answer_by_button(self, person: Person, question: Card, text: str) -> Card:
        async with self._step(person, "presses “Answer” on the question's card"):
            custom_id = f"qa:1:answer:{question.post_id}"
            shown = await person.actor.click(question.message, custom_id=custom_id)
            return await self._send_answer(person, shown, text)

    async def _send_answer(self, person: Person, shown: InteractionResult, text: str) -> Card:
        self._expect("answer" in self._form(shown), "the form does not ask for the answer")
        self.teller.writes("Answer", textwrap.shorten(text.splitlines()[0], 72, placeholder=" …"))
        result = await person.actor.submit_modal(shown, {"answer": text})
        told = self._reply(person, result)
        card = self._new_card("more")
        self._expect(str(card.message_id) in told, "the reply does not link to the answer", told)
        self._shows(card, text.splitlines()[0].split(".")[0], person.name)
        self.teller.card(card.message)
        return card

    @abstractmethod
    def _expect_votes(self, card: Card) -> None:
        """Look at how one votes on a card; stories differ in that."""

    def _thread(self, question: Card) -> ChannelHandle:
        threads = [t for t in self.channel.threads if t.id == question.message_id]
        self._expect(len(threads) == 1, "the question has no thread of its own")
        return threads[0]

    # --- looking ----------------------------------------------------------------------------

    @asynccontextmanager
    async def _step(
        self, person: Person, does: str, pause: float | None = None
    ) -> AsyncGenerator[None, None]:
        """Tell a step, play it, let time pass; what the bot raised meanwhile fails the story."""
        env = self.world.env
        before = env.error_cursor
        self.teller.step(person, does)
        yield
        await env.advance_time(self.pause if pause is None else pause)
        errors = env.errors_since(before)
        if errors:
            raise StoryFailed(f"{self.teller.last}: the bot raised {errors[0]!r}") from errors[0]
        if self._between is not None:
            await self._between(f"{person.name} {does}")

    def _expect(self, true: bool, otherwise: str, seen: str = "") -> None:
        if not true:
            seen = f"\nSeen: {self.teller.plain(seen)}" if seen else ""
            raise StoryFailed(f"{self.teller.last}: {otherwise}.{seen}")

    def _reply(self, person: Person, result: InteractionResult) -> str:
        """What the bot told the person privately, and where its buttons lead; it must have."""
        self._expect(result.acknowledged, "the bot did not answer")
        replies = [reply for reply in (result.response, *result.followups) if reply is not None]
        self._expect(bool(replies), "the bot said nothing")
        for reply in replies:
            self._expect(reply.ephemeral, "the reply is not private", read(reply))
            self.teller.sees(person, reply)
        links = [target for reply in replies for _, target in buttons(reply)]
        return "\n".join([*(read(reply) for reply in replies), *links])

    async def _in_menu(self, person: Person, card: Card, action: str) -> InteractionResult:
        """Press a button in the menu of a card."""
        menu = await person.actor.click(card.message, custom_id=f"qa:1:more:{card.post_id}")
        if menu.response is None:
            raise StoryFailed(f"{self.teller.last}: the menu did not open")
        custom_id = f"qa:1:{action}:{card.post_id}"
        return await person.actor.click(menu.response, custom_id=custom_id)

    def _says_title(self, card: Card, title: str) -> bool:
        """Whether a question's card, or the forum post that it opens, is called like this."""
        names = [thread.name for thread in self.channel.threads if thread.id == card.message_id]
        return title in names or title in read(card.message)

    def _form(self, result: InteractionResult) -> dict[str, dict[str, Any]]:
        """The fields of the form the bot opened; it must have."""
        if result.modal is None:
            told = read(result.response) if result.response is not None else ""
            raise StoryFailed(f"{self.teller.last}: no form was opened.\nSeen: {told}")
        return fields(result.modal)

    def _shows(self, card: Card, *texts: str) -> None:
        shown = read(card.message)
        for text in texts:
            self._expect(text in shown, f"the card does not show “{text}”", shown)

    def _cards(self) -> Iterator[tuple[int, int, str]]:
        """(channel, message, custom id) of every control of the bot's in a channel."""
        for channel_id, messages in self.world.env.backend.messages.items():
            for message in messages.values():
                if message.is_ephemeral:
                    continue
                handle = _simcord.message_handle(self.world.env, message)
                for _, custom_id in buttons(handle):
                    yield channel_id, message.id, custom_id

    def _new_card(self, control: str) -> Card:
        """The card that has appeared, by a control on it: `follow` on a question's, `more` on
        any."""
        prefix = f"qa:1:{control}:"
        found = [one for one in self._cards() if one[2].startswith(prefix)]
        new = [one for one in found if one not in self._known]
        self._expect(len(new) == 1, f"{len(new)} cards have appeared, and there should be one")
        self._known.update(self._cards())
        channel_id, message_id, custom_id = new[0]
        return Card(self.world, int(custom_id.removeprefix(prefix)), channel_id, message_id)

    async def _direct_message(self, person: Person) -> None:
        """The person has got the direct message they asked for, in a moment."""
        await self.world.env.advance_time(SETTLING)
        messages = person.actor.user.dm_channel.history(viewer=person.actor.user)
        self._expect(len(messages) == 1, "there is no direct message about the answer")
        stored = self.world.env.backend.get_message(messages[0].channel.id, messages[0].id)
        self.teller.sees(person, _simcord.message_handle(self.world.env, stored))
