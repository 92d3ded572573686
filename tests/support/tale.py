"""One small story in six steps, each of which can be interrupted and taken again.

Alice asks, Bob and Carol answer, Carol votes for Bob's answer, Alice chooses it, and Mona chooses
Carol's instead. However often Discord failed or the process ended on the way, in the end
everything is there once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import discord
import simcord

from bot.usecases import browsing, publishing
from data.database import Database
from tests.support.ledger import assert_consistent
from tests.support.outbox import next_due
from tests.support.server import Card, Server
from tests.support.simulator import bot_user_id, only_bot_messages

TITLE = "How do I sleep after a night shift?"
BOBS = "Dark curtains, and no screens in the hour before bed."
CAROLS = "A fixed ritual helped me: tea, a page of a book, lights out."
VOTES = ["⬆️", "⬇️"]
MOMENT = 10.0  # seconds, in which all that failed once has been tried again


@dataclass(frozen=True, slots=True)
class Tale:
    """The story, in a server with these people."""

    server: Server
    alice: simcord.MemberActor
    bob: simcord.MemberActor
    carol: simcord.MemberActor
    mona: simcord.MemberActor

    @property
    def steps(self) -> tuple[Callable[[], Awaitable[None]], ...]:
        """What happens, in its order. Taking a step that was taken changes nothing."""
        return (
            self.alice_asks,
            self.bob_answers,
            self.carol_answers,
            self.carol_votes,
            self.alice_chooses,
            self.mona_chooses,
        )

    @property
    def db(self) -> Database:
        """The database of the bot that runs now."""
        return self.server.env.bot.db  # type: ignore[attr-defined]

    async def alice_asks(self) -> None:
        """The question, by `/ask`."""
        if self._number_of("question"):
            return
        shown = await self._form(self.alice, self.server.lounge, "ask")
        if shown is None:
            return
        await self.alice.submit_modal(shown, {"title": TITLE, "details": "I lie awake."})
        await self.server.env.advance_time(MOMENT)

    async def bob_answers(self) -> None:
        """The first answer, by `/answer` in the thread."""
        await self._answers(self.bob, BOBS)

    async def carol_answers(self) -> None:
        """The second answer, by the button on the question's card."""
        await self._answers(self.carol, CAROLS)

    async def carol_votes(self) -> None:
        """A vote for the first answer, by reaction."""
        await self.carol.set_reaction(self.answer(BOBS).message, "⬆️", reacted=True)
        await self.server.env.advance_time(MOMENT)

    async def alice_chooses(self) -> None:
        """The first answer is the best, by the button on its card."""
        await self._choose(self.alice, BOBS)
        await self.server.env.advance_time(MOMENT)

    async def mona_chooses(self) -> None:
        """A moderator finds the second one better."""
        await self._choose(self.mona, CAROLS)
        await self.server.env.advance_time(MOMENT)

    @property
    def has_thread(self) -> bool:
        """Whether there is a thread to answer in."""
        return bool(self.server.threads()) and bool(self._number_of("question"))

    @property
    def question(self) -> Card:
        """The question's card; fails if there are none or two."""
        (card,) = (card for card in self.server.cards() if card.kind == "question")
        return card

    def answer(self, text: str) -> Card:
        """The card of an answer; fails if there are none or two."""
        (card,) = (card for card in self._answer_cards() if text in card.text())
        return card

    async def assert_told(self) -> None:
        """Everything is there, once, and as it should be."""
        await self.assert_nothing_twice()
        question, bobs, carols = self.question, self.answer(BOBS), self.answer(CAROLS)
        assert len(self.server.cards()) == 3
        assert {bobs.channel_id, carols.channel_id} == {question.thread.id}
        assert "✅ Best answer" in question.text()
        assert "2 answers" in question.text()
        assert "A fixed ritual" in question.text(), "the best answer is quoted"
        assert "+1 vote" in bobs.text()
        assert "Best answer" in carols.embed.title  # type: ignore[operator]
        pins = [message.id for message in question.thread.pinned_messages()]
        assert pins == [carols.message_id]
        for card in (question, bobs, carols):
            mine = [str(r.emoji) for r in card.message.reactions if self._is_mine(card, r)]
            assert mine == VOTES, f"{card.kind} {card.post_id} offers {mine}"
        # Each starts with 100; a question 20, choosing 30, an answer 40, its vote 20, chosen 300.
        assert await self._points() == {"alice": 150, "bob": 160, "carol": 440}
        assert await next_due(self.db) is None, "something still waits in the outbox"
        assert await publishing.failures_of(self.db) == []

    async def assert_nothing_twice(self) -> None:
        """Whatever is missing: no card, thread or vote is there twice, and all figures agree."""
        cards = Counter(card.post_id for card in self.server.cards())
        assert all(number == 1 for number in cards.values()), f"cards by post: {cards}"
        threads = [thread.name for thread in self.server.threads()]
        assert len(threads) <= 1, f"threads: {threads}"
        for thread in self.server.threads():
            spoken = only_bot_messages(self.server.env, thread.history())
            known = {card.message_id for card in self.server.cards()}
            assert {message.id for message in spoken} <= known, "something else was posted"
        await assert_consistent(self.db)

    async def _points(self) -> dict[str, int]:
        """Everybody's points, as shown."""
        people = {"alice": self.alice, "bob": self.bob, "carol": self.carol}
        guild_id = self.server.guild.id
        return {
            name: (await browsing.profile(self.db, guild_id, person.id)).points
            for name, person in people.items()
        }

    async def _answers(self, person: simcord.MemberActor, text: str) -> None:
        if any(text in card.text() for card in self._answer_cards()):
            return
        shown = await self._form(person, self.question.thread, "answer")
        if shown is None:
            return
        await person.submit_modal(shown, {"answer": text})
        await self.server.env.advance_time(MOMENT)

    async def _choose(self, person: simcord.MemberActor, text: str) -> None:
        answer = self.answer(text)
        if "Best answer" not in str(answer.embed.title):
            await self.server.choose(person, answer)

    async def _form(
        self, person: simcord.MemberActor, channel: simcord.ChannelHandle, command: str
    ) -> simcord.InteractionResult | None:
        """Ask for a form, twice if it does not come; None where nobody is there to send it."""
        for _ in range(2):
            shown = await person.slash(channel, command)
            if shown.modal is not None:
                return shown
        return None

    def _number_of(self, kind: str) -> int:
        return sum(card.kind == kind for card in self.server.cards())

    def _answer_cards(self) -> list[Card]:
        return [card for card in self.server.cards() if card.kind == "answer"]

    def _is_mine(self, card: Card, reaction: discord.Reaction) -> bool:
        mine = bot_user_id(self.server.env)
        stored = self.server.env.backend.get_message(card.channel_id, card.message_id)
        there = stored.reaction_for(str(reaction.emoji))
        return there is not None and mine in there.user_ids
