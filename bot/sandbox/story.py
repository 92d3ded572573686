"""A short story, played through the bot's own commands: a missed appointment, and good advice."""

from typing import Literal

from simcord import ChannelHandle

from bot.sandbox.reading import read
from bot.sandbox.script import SCRIPTS, Script
from bot.sandbox.stage import SETTLING, Between, Card, Stage
from bot.sandbox.telling import Out, Teller
from bot.sandbox.world import World

Kind = Literal["forum", "text"]

UP, DOWN = "⬆️", "⬇️"
PAUSE = 60.0
"""Simulated seconds between two steps."""


async def play(
    world: World,
    *,
    kind: Kind = "forum",
    locale: str = "en",
    pause: float = PAUSE,
    out: Out = print,
    between: Between | None = None,
    after: int = 0,
) -> int:
    """Tell the story in a forum or a text channel, everybody speaking `locale` (en or de).

    `pause` is in simulated seconds: people read before they write. `between` is awaited after each
    step, which it is told of in words. Steps are numbered on from `after`, and the last number is
    returned. Raises `StoryFailed` at the first thing that is not as it should be.
    """
    # More parameters than a function should have: each is a way in which it may be told otherwise.
    channel = world.forum if kind == "forum" else world.questions
    story = Story(world, Teller(world, out, after), channel, locale, pause, between)
    story.script = SCRIPTS[locale]
    return await story.perform()


class Story(Stage):
    script: Script

    async def tell(self) -> None:
        world, teller = self.world, self.teller
        teller.heading(f"{world.guild.name}: a missed appointment")
        await self._set_up()
        await self._others_were_here()
        question, thread = await self._ask()
        first = await self._answer(thread)
        second = await self._answer_by_button(
            self.world.second, question, self.script.second_answer
        )
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
        return card, self._thread(card)

    def _expect_votes(self, card: Card) -> None:
        for emoji in (UP, DOWN):
            self._expect(len(card.reactors(emoji)) == 1, f"there is no {emoji} below the card")

    async def _answer(self, thread: ChannelHandle) -> Card:
        teo, text = self.world.answerer, self.script.first_answer
        async with self._step(teo, "runs /answer in the question's thread"):
            shown = await teo.actor.slash(thread, "answer")
            card = await self._send_answer(teo, shown, text)
            for line in ("1. **", "2. **", "3. **"):
                self._expect(line in read(card.message), "the list did not survive", line)
        await self._direct_message(self.world.asker)
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
