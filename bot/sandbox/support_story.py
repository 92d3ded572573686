"""A second story, in the server with the support preset: a question whose asker nobody knows, and
votes nobody can trace."""

from simcord import InteractionResult, ResponseMessage

from bot.sandbox.reading import buttons, read
from bot.sandbox.script import SUPPORT_SCRIPTS, SupportScript
from bot.sandbox.stage import SETTLING, Between, Card, Stage, StoryFailed
from bot.sandbox.telling import Out, Teller
from bot.sandbox.world import Person, World

PAUSE = 2.0
"""Simulated seconds between two steps: it is played while the real clock runs, too."""


async def play(
    world: World,
    *,
    locale: str = "en",
    pause: float = PAUSE,
    out: Out = print,
    between: Between | None = None,
    after: int = 0,
) -> int:
    """Tell the story in the text channel, everybody speaking `locale`; see `story.play`."""
    teller = Teller(world, out, after)
    story = SupportStory(world, teller, world.questions, locale, pause, between)
    story.script = SUPPORT_SCRIPTS[locale]
    return await story.perform()


class SupportStory(Stage):
    script: SupportScript

    async def tell(self) -> None:
        noor, teo, brigid, sam = self.world.people
        script = self.script
        self.teller.heading(f"{self.world.guild.name}: how do I say it?")
        await self._set_up(sam)
        written = {"title": script.title, "details": script.details, "tags": script.tags}
        question = await self._ask_anonymously(brigid, written, category=2)
        thread = self._thread(question)
        async with self._step(teo, "runs /answer in the question's thread"):
            shown = await teo.actor.slash(thread, "answer")
            first = await self._send_answer(teo, shown, script.first_answer)
        await self._answer_by_button(noor, question, script.second_answer)
        await self._vote_in_private(question, first)
        await self._choose(question, first)
        async with self._step(teo, "runs /inbox"):
            told = self._reply(teo, await teo.actor.slash(thread, "inbox"))
            self._expect("+3" in told, "the inbox does not tell of the votes", told)
            for person in (noor, brigid, sam):
                voted = f"<@{person.id}> +" in told
                self._expect(not voted, "the inbox says who voted", told)
        self.teller.end(
            "That was the second story: a question whose asker nobody knows, two answers, three "
            "votes that nobody can trace, and a best answer."
        )

    async def _set_up(self, sam: Person) -> None:
        channel, role = self.channel, self.world.moderators
        does = f"runs /setup channel:#{channel.name} preset:support moderators:@{role.name}"
        async with self._step(sam, does):
            result = await sam.actor.slash(
                self.world.general, "setup", channel=channel, preset="support", moderators=role
            )
            told = self._reply(sam, result)
            self._expect(f"<#{channel.id}>" in told, "the reply does not name the channel", told)

        # The preset lets anonymous posts appear within ten minutes. Here one sees them at once.
        async with self._step(sam, "runs /settings set name:anonymous_delay value:0"):
            result = await sam.actor.slash(
                self.world.general, "settings set", name="anonymous_delay", value="0"
            )
            self._reply(sam, result)

    async def _ask_anonymously(self, asker: Person, written: dict[str, str], category: int) -> Card:
        """Ask under the name that is offered, after all that is to be known before."""
        async with self._step(asker, "runs /ask, fills in the form, and ticks “Post anonymously”"):
            how = ("anonymous", "post anonymously")
            shown, chosen = await self._fill_in_question(asker, written, category, how)
            self._reply(asker, shown)
        for label in ("Understood", "Post anyway"):
            async with self._step(asker, f"presses “{label}”"):
                shown = await asker.actor.click(self._last(shown), label=self.texts(label))
                self._reply(asker, shown)
        offered = self._last(shown)
        name = offered.embeds[-1].author.name or ""
        async with self._step(asker, f"presses “Post as {name}”"):
            label = self.texts("Post as {name}", name=name)
            told = self._reply(asker, await asker.actor.click(offered, label=label))
            card = self._question_card(told, name, written, chosen)
            self._shows(card, self.texts("anonymous"))
            self._expect(asker.name not in read(card.message), "the card says who asked")
        self.teller.remark(f"The card says {name}, and no member can see who that is.")
        return card

    def _last(self, result: InteractionResult) -> ResponseMessage:
        """The private reply to what somebody did, to press a button under it."""
        if result.response is None:
            raise StoryFailed(f"{self.teller.last}: the bot said nothing")
        return result.response

    def _expect_votes(self, card: Card) -> None:
        controls = [target for _, target in buttons(card.message)]
        stored = self.world.env.backend.get_message(card.channel_id, card.message_id)
        self._expect(not stored.reactions, "there are reactions below the card")
        self._expect(f"qa:1:vote:{card.post_id}:up" in controls, "there is no button to vote")
        down = f"qa:1:vote:{card.post_id}:down"
        self._expect(down not in controls, "one can vote down, which the preset turns off")

    async def _vote_in_private(self, question: Card, answer: Card) -> None:
        noor, _, brigid, sam = self.world.people
        async with self._step(brigid, "presses ▲ on her own question"):
            result = await brigid.actor.click(
                question.message, custom_id=f"qa:1:vote:{question.post_id}:up"
            )
            self._reply(brigid, result)
            self._expect("▲ 0" in self._labels(question), "her own vote was counted")
        for person in (noor, brigid, sam):
            async with self._step(person, "presses ▲ on Teo's answer"):
                custom_id = f"qa:1:vote:{answer.post_id}:up"
                await person.actor.click(answer.message, custom_id=custom_id)
        await self.world.env.advance_time(SETTLING)
        self._expect("▲ 3" in self._labels(answer), "the card does not show three votes")
        self._expect(sam.name not in read(answer.message), "the card says who voted")
        self.teller.remark("The card says ▲ 3, and nobody can see whose votes they are.")

    @staticmethod
    def _labels(card: Card) -> list[str]:
        return [label for label, _ in buttons(card.message)]

    async def _choose(self, question: Card, answer: Card) -> None:
        brigid = self.world.person("brigid")
        async with self._step(brigid, "presses “⋯” on Teo's answer, and “Mark as best”"):
            self._reply(brigid, await self._in_menu(brigid, answer, "best"))
            await self.world.env.advance_time(SETTLING)
            self._expect(answer.pinned, "the answer is not pinned")
            self._shows(answer, self.texts("Best answer"))
            self._shows(question, self.texts("Best answer"))
            self.teller.card(question.message, brief=True)
        async with self._step(brigid, "presses “⋯” on it again, and “Comment”"):
            shown = await self._in_menu(brigid, answer, "comment")
            self._expect("comment" in self._form(shown), "the form does not ask for the comment")
            self.teller.writes("Comment", self.script.thanks)
            sent = {"comment": self.script.thanks}
            self._reply(brigid, await brigid.actor.submit_modal(shown, sent))
