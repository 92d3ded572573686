"""A short story, played through the bot's own commands: a missed appointment, and good advice.

It verifies as it goes: what the people see, and what the votes and the choice are worth.
"""

import textwrap
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

from simcord import ChannelHandle, InteractionResult, ResponseMessage
from simcord.backend.errors import BackendError, SetupError

from bot.i18n import texts_for
from bot.sandbox import _simcord
from bot.sandbox.reading import buttons, fields, read
from bot.sandbox.script import SCRIPTS, Script
from bot.sandbox.telling import Out, Teller
from bot.sandbox.world import Person, World

Kind = Literal["forum", "text"]
Between = Callable[[str], Awaitable[None]]

UP, DOWN = "⬆️", "⬇️"
PAUSE = 60.0
"""Simulated seconds between two steps."""
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


async def play(
    world: World,
    *,
    kind: Kind = "forum",
    locale: str = "en",
    pause: float = PAUSE,
    out: Out = print,
    between: Between | None = None,
) -> None:
    """Tell the story in a forum or a text channel, everybody speaking `locale` (en or de).

    `pause` is in simulated seconds: people read before they write. `between` is awaited after each
    step, which it is told of in words. Raises `StoryFailed` at the
    first thing that is not as it should be.
    """
    teller = Teller(world, out)
    hush = _simcord.speak(world.env, {"en": "en-US"}.get(locale, locale))
    try:
        await Story(world, teller, SCRIPTS[locale], kind, locale, pause, between).tell()
    except (BackendError, SetupError, TimeoutError) as error:
        raise StoryFailed(f"{teller.last}: {error}") from error
    finally:
        hush()


class Story:
    def __init__(
        self,
        world: World,
        teller: Teller,
        script: Script,
        kind: Kind,
        locale: str,
        pause: float,
        between: Between | None,
    ) -> None:
        self.world = world
        self.teller = teller
        self.script = script
        self.locale = locale
        self.texts = texts_for(locale)
        self.pause = pause
        self._between = between
        self.channel = world.forum if kind == "forum" else world.questions
        self._known = set(self._cards())

    async def tell(self) -> None:
        world, teller = self.world, self.teller
        teller.heading(f"{world.guild.name}: a missed appointment")
        await self._set_up()
        await self._others_were_here()
        question, thread = await self._ask()
        first = await self._answer(thread)
        second = await self._answer_by_button(question)
        await self._vote(question, first, second)
        await self._edit(first, thread)
        await self._choose(question, first)
        await self._look_at_points(thread)
        teller.end(
            "That was the story: three questions, four answers, nine votes, an edit and a best "
            "answer."
        )

    # --- scenes -----------------------------------------------------------------------------

    async def _set_up(self) -> None:
        sam, channel, role = self.world.moderator, self.channel, self.world.moderators
        async with self._step(
            sam, f"runs /setup channel:#{channel.name} preset:support moderators:@{role.name}"
        ):
            result = await sam.actor.slash(
                self.world.general, "setup", channel=channel, preset="support", moderators=role
            )
            told = self._reply(sam, result)
            self._expect(f"<#{channel.id}>" in told, "the reply does not name the channel", told)
        changes = {"voting": "public", "downvotes": "on"}
        if self.locale != "en":
            changes["locale"] = self.locale
        for name, value in changes.items():
            async with self._step(sam, f"runs /settings set name:{name} value:{value}"):
                result = await sam.actor.slash(
                    self.world.general, "settings set", name=name, value=value
                )
                self._reply(sam, result)

    async def _others_were_here(self) -> None:
        """Two earlier questions, so that there is something to look through and to find."""
        noor, _, brigid, sam = self.world.people
        family, sleep = self.script.earlier
        answers: list[Card] = []
        for asker, other, answerer in ((brigid, family, sam), (sam, sleep, brigid)):
            async with self._step(asker, "asks something else, with /ask"):
                written = {"title": other.title, "details": other.details, "tags": other.tags}
                question = await self._post_question(asker, written, other.category)
            async with self._step(answerer, "presses “Answer” on its card"):
                custom_id = f"qa:1:answer:{question.post_id}"
                shown = await answerer.actor.click(question.message, custom_id=custom_id)
                answers.append(await self._send_answer(answerer, shown, other.answer))
        async with self._step(noor, "presses “⋯” on the first answer, and “Comment”"):
            shown = await self._in_menu(noor, answers[0], "comment")
            self._expect("comment" in self._form(shown), "the form does not ask for the comment")
            self.teller.writes("Comment", self.script.thanks)
            result = await noor.actor.submit_modal(shown, {"comment": self.script.thanks})
            self._reply(noor, result)

    async def _ask(self) -> tuple[Card, ChannelHandle]:
        noor, script = self.world.asker, self.script
        async with self._step(noor, "runs /ask and fills in the form"):
            written = {"title": script.title, "details": script.details, "tags": script.tags}
            card = await self._post_question(noor, written, category=0, notify=True)
        threads = [t for t in self.channel.threads if t.id == card.message_id]
        self._expect(len(threads) == 1, "the question has no thread of its own")
        return card, threads[0]

    async def _post_question(
        self, asker: Person, written: dict[str, str], category: int, *, notify: bool = False
    ) -> Card:
        """Fill in the form of `/ask`, and look at the card that comes of it."""
        shown = await asker.actor.slash(self.world.general, "ask")
        controls = self._form(shown)
        for name in ("title", "details", "category", "tags", "how"):
            self._expect(name in controls, f"the form does not ask for {name}")
        chosen = controls["category"]["options"][category]
        for name, text in written.items():
            self.teller.writes(name.title(), text)
        self.teller.writes("Category", str(chosen["label"]))
        sent: dict[str, Any] = {**written, "category": [chosen["value"]]}
        if notify:
            self.teller.writes("How", "tell me by DM when it is answered")
            sent["how"] = ["notify"]
        told = self._reply(asker, await asker.actor.submit_modal(shown, sent))
        card = self._new_card("follow")
        self._expect(str(card.message_id) in told, "the reply does not link to the card", told)
        self._expect(self._says_title(card, written["title"]), "the title is nowhere")
        first_sentence = written["details"].split(".")[0]
        self._shows(card, asker.name, first_sentence, str(chosen["label"]))
        for emoji in (UP, DOWN):
            self._expect(len(card.reactors(emoji)) == 1, f"there is no {emoji} below the card")
        self.teller.card(card.message)
        return card

    async def _answer(self, thread: ChannelHandle) -> Card:
        teo, text = self.world.answerer, self.script.first_answer
        async with self._step(teo, "runs /answer in the question's thread"):
            shown = await teo.actor.slash(thread, "answer")
            card = await self._send_answer(teo, shown, text)
            for line in ("1. **", "2. **", "3. **"):
                self._expect(line in read(card.message), "the list did not survive", line)
        await self._direct_message(self.world.asker)
        return card

    async def _answer_by_button(self, question: Card) -> Card:
        brigid, text = self.world.second, self.script.second_answer
        async with self._step(brigid, "presses “Answer” on the question's card"):
            shown = await brigid.actor.click(
                question.message, custom_id=f"qa:1:answer:{question.post_id}"
            )
            return await self._send_answer(brigid, shown, text)

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

    async def _vote(self, question: Card, first: Card, second: Card) -> None:
        world = self.world
        noor, teo, brigid, sam = world.people
        async with self._step(noor, f"reacts with {UP} to her own question"):
            await noor.actor.react(question.message, UP)
            self._expect(noor.id not in question.reactors(UP), "the reaction was not taken off")
            self.teller.remark("That is no vote: the bot takes the reaction off again.")
        given = (
            (teo, question, "question"),
            (brigid, question, "question"),
            (sam, question, "question"),
            (noor, first, "first answer"),
            (brigid, first, "first answer"),
            (sam, first, "first answer"),
            (noor, second, "second answer"),
            (teo, second, "second answer"),
            (sam, second, "second answer"),
        )
        for person in world.people:
            cards = [(card, name) for voter, card, name in given if voter is person]
            names = [f"the {name}" for _, name in cards]
            listed = " and ".join([", ".join(names[:-1]), names[-1]])
            async with self._step(person, f"reacts with {UP} to {listed}", pause=SETTLING):
                for card, _ in cards:
                    await person.actor.react(card.message, UP)
        await world.env.advance_time(SETTLING)
        for card, name in (
            (question, "question"),
            (first, "first answer"),
            (second, "second answer"),
        ):
            # Three members' reactions, and the bot's own, which shows where to press.
            self._expect(len(card.reactors(UP)) == 3 + 1, "a reaction is missing")
            self._shows(card, "+3 ")
            facts = card.message.embeds[0].footer.text
            self.teller.remark(f"The {name} now shows: {facts}")

    async def _edit(self, answer: Card, thread: ChannelHandle) -> None:
        teo, script = self.world.answerer, self.script
        async with self._step(teo, "right-clicks the answer: Apps, “Edit post”"):
            shown = await teo.actor.context_menu(thread, "Edit post", answer.message)
            filled = str(self._form(shown)["answer"].get("value") or "")
            self._expect(filled == script.first_answer, "the form does not hold the answer", filled)
            self.teller.writes("Adds", script.afterthought)
            self.teller.writes("Reason", script.reason)
            text = f"{script.first_answer}\n\n{script.afterthought}"
            result = await teo.actor.submit_modal(shown, {"answer": text, "reason": script.reason})
            self._reply(teo, result)
            await self.world.env.advance_time(SETTLING)
            self._shows(answer, script.afterthought)

    async def _choose(self, question: Card, answer: Card) -> None:
        noor = self.world.asker
        async with self._step(noor, "presses “⋯” on Teo's answer, and “Mark as best”"):
            self._reply(noor, await self._in_menu(noor, answer, "best"))
            await self.world.env.advance_time(SETTLING)
            self._expect(answer.pinned, "the answer is not pinned")
            excerpt = self.script.first_answer.split(".")[0]
            best = self.texts("Best answer")
            self._shows(answer, best)
            self._shows(question, best, excerpt, str(answer.message_id))
            self.teller.card(answer.message, brief=True)
            self.teller.card(question.message, brief=True)

    async def _look_at_points(self, thread: ChannelHandle) -> None:
        noor, teo, brigid, _ = self.world.people
        # 100 to begin with; an answer 40, chosen 300, 20 a vote; a question 20, 10 a vote, and 30
        # for choosing: 500 and 180. Brigid comes between them, with two answers and a question.
        worth = {teo: 100 + 40 + 300 + 3 * 20, noor: 100 + 20 + 30 + 3 * 10}
        async with self._step(teo, "runs /profile"):
            told = self._reply(teo, await teo.actor.slash(thread, "profile"))
            self._expect(str(worth[teo]) in told, f"Teo should have {worth[teo]} points", told)
        async with self._step(noor, "runs /points"):
            told = self._reply(noor, await noor.actor.slash(thread, "points"))
            self._expect(str(worth[noor]) in told, f"Noor should have {worth[noor]} points", told)
        async with self._step(brigid, "runs /leaderboard"):
            told = self._reply(brigid, await brigid.actor.slash(thread, "leaderboard"))
            places = [told.find(person.name) for person in (teo, brigid, noor)]
            self._expect(
                -1 not in places and places == sorted(places), "the order is not by points", told
            )

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
