"""A long tale: nearly everything people do in a forum, told to a bot in a process of its own."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from typing import Any

from tests.process.acting import Acting
from tests.process.fake_people import controls
from tests.process.fake_replies import IN_TIME, Reply
from tests.process.fake_world import Payload
from tests.process.telling import ANSWER, SECOND, TITLE, Keeper
from tests.support import pictures

THIRD = "What helps against a racing mind at night?"
OTHER = "Earplugs, and a mask over the eyes."
COMMENT = "Did you try magnesium?"
EDITED = "Dark curtains, no screens in the last hour, and a cool room."
WALK = "A walk in the sun after work helps me."
FEWER = "Ask for fewer night shifts in a row."
_FORM = 9


class LongTale(Acting):
    """A question with answers, comments, votes; and all that is done with them besides."""

    def __init__(self, keeper: Keeper, home: Payload) -> None:
        super().__init__(keeper, home)
        self.carol = self.world.add_person("carol")
        self.mona = self.world.add_person("mona", moderates=True)
        self.lounge = self.world.lounge

    # --- what there is -------------------------------------------------------------------------

    def cards(self) -> list[Payload]:
        """The cards of all posts, wherever in the server they stand."""
        channels = [c for c in self.world.channels.values() if "guild_id" in c]
        return [card for channel in channels for card in self.world.cards(channel)]

    def card(self, *words: str) -> Payload | None:
        """The card that shows these words, if there is one."""
        for message in self.cards():
            shown = self.world.shown(message)
            if all(word in shown for word in words):
                return message
        return None

    def must(self, *words: str) -> Payload:
        card = self.card(*words)
        assert card is not None, words
        return card

    def thread_of(self, question: Payload) -> Payload:
        return self.world.channels[question["id"]]

    def is_over(self) -> bool:
        """Whether Discord shows all of it."""
        shown = (
            self.card(TITLE, "Best answer"),
            self.card(THIRD),
            self.card(SECOND),
            self.card(WALK),
            self.card(FEWER),
            self.card(EDITED, "+3 votes", "Best answer"),
        )
        return all(shown) and all(
            len(card["reactions"]) == 2
            for card in self.cards()
            if COMMENT not in self.world.shown(card)
        )

    def assert_kept(self, written: str) -> None:
        """What holds at the end of every tale, whatever went wrong in it."""
        world, discord = self.world, self.discord
        titles = sorted(thread["name"] for thread in self.threads())
        assert titles == sorted([TITLE, SECOND, THIRD]), "one thread a question"
        for words in (TITLE, SECOND, THIRD, EDITED, COMMENT, WALK, FEWER):
            # The best answer is quoted on its question's card, which is the one with `follow`.
            own = [c for c in self.cards() if words in world.shown(c)]
            own = [c for c in own if words in (TITLE, SECOND, THIRD) or ":follow:" not in str(c)]
            assert len(own) == 1, (words, len(own))
        pinned = [
            m for t in self.threads() for m in world.messages[t["id"]].values() if m["pinned"]
        ]
        assert len(pinned) == 1
        assert EDITED in world.shown(pinned[0])
        assert "Traceback" not in written, written
        assert discord.token not in written
        assert not [token for token in discord.replies if token in written]
        for reply in discord.replies.values():
            if reply.session == discord.gateway.identifies and reply.heard:
                assert reply.tried, f"{reply.what} was never answered"
            assert reply.seconds < IN_TIME, (reply.what, reply.seconds)
        unkind = [each for each in discord.refusals if " 50083 " not in each]
        assert len(unkind) <= 5, unkind
        assert len(discord.pace.exceeded) <= 5, discord.pace.exceeded

    def assert_votes(self, folder: Path) -> None:
        """The votes by reaction are the reactions."""
        stored: dict[str, dict[str, int]] = {}
        query = """SELECT message_id, voter_id, value FROM votes JOIN places USING (post_id)
            WHERE source = 'reaction' AND value != 0 AND message_id IS NOT NULL"""
        with closing(connect(folder / "var" / "askwell.sqlite3")) as connection:
            for message, voter, value in connection.execute(query):
                stored.setdefault(str(message), {})[str(voter)] = value
        shown: dict[str, dict[str, int]] = {}
        for card in self.cards():
            for emoji, value in (("⬆️", 1), ("⬇️", -1)):
                for person in card.get("_people", {}).get(emoji, ()):
                    if person != self.world.bot["id"]:
                        shown.setdefault(card["id"], {})[person] = value
        assert stored == shown

    # --- the tale ------------------------------------------------------------------------------

    async def set_up_long(self) -> None:
        """The owner sets up, with a category and the moderators' role."""
        await self.discord.until(lambda: self.discord.commands)
        owner, lounge = self.world.owner, self.lounge
        given = {"channel": self.home, "moderators": self.world.moderators}
        reply = await self.do(owner, lounge, "setup", preset="general", **given)
        assert self.home["id"] in self.said(reply), self.said(reply)
        reply = await self.do(owner, lounge, "category add", name="Sleep", emoji="🌙")
        assert "Added " in self.said(reply), self.said(reply)

    async def tell_long(self) -> None:
        """All of it, each thing once what came of the one before can be seen."""
        await self._writing()
        await self._voting()
        await self._changing()
        await self._moderating()
        await self._reading()
        await self._following()
        await self._managing()

    async def _ask_with(self, title: str, given: str | None = None, **values: Any) -> Reply:
        more = {} if given is None else {"title": given}
        reply = await self.do(self.alice, self.lounge, "ask", **more)
        if reply.first["type"] != _FORM and "draft" in self.said(reply):
            reply = await self.press(self.alice, reply.shown, "draft", self.lounge)
        form = next(
            (c for c in controls(reply.first["data"]) if c.get("custom_id") == "category"), None
        )
        if form is not None and "category" in values:
            wanted = values["category"]
            values["category"] = [o["value"] for o in form["options"] if wanted in o["label"]]
        else:
            values.pop("category", None)
        reply = await self.fill(self.alice, self.lounge, reply, title=title, **values)
        return await self.post_mine(self.alice, reply, self.lounge)

    async def _writing(self) -> None:
        ask = lambda: self._ask_with(  # noqa: E731
            TITLE, details="I lie awake until noon.", category="Sleep", tags="sleep, work",
            how=["notify"],
        )  # fmt: skip
        await self._until(ask, lambda: self.card(TITLE))
        question = self.must(TITLE)
        await self._until(self._nothing, lambda: question["id"] in self.world.channels)
        thread = self.thread_of(question)

        async def answer() -> None:
            reply = await self.do(self.bob, thread, "answer")
            picture = self.discord.keep_file("room.png", pictures.PNG)
            await self.fill(self.bob, thread, reply, answer=ANSWER, upload={"files": [picture]})

        await self._until(answer, lambda: self.card(ANSWER))

        async def second() -> None:
            reply = await self.press(self.carol, question, "answer")
            await self.fill(self.carol, thread, reply, answer=OTHER)

        await self._until(second, lambda: self.card(OTHER))

        async def comment() -> None:
            reply = await self.press_in_menu(self.carol, self.must(ANSWER), "comment")
            await self.fill(self.carol, thread, reply, comment=COMMENT)

        await self._until(comment, lambda: self.card(COMMENT))
        await self._until(lambda: self._ask_with(SECOND), lambda: self.card(SECOND))
        again = lambda: self._ask_with(THIRD, "How to sleep after night shifts?")  # noqa: E731
        await self._until(again, lambda: self.card(THIRD))

    async def _nothing(self) -> None:
        """Wait, as people do."""

    async def _voting(self) -> None:
        question, answer, other = self.must(TITLE), self.must(ANSWER), self.must(OTHER)
        for card in (question, answer, other):
            await self._until(self._nothing, lambda c=card: len(c["reactions"]) == 2)
        thread = self.thread_of(question)
        await self.discord.react(self.alice, answer, "⬆️")
        await self.discord.react(self.carol, answer, "⬆️")
        await self.discord.react(self.bob, other, "⬇️")
        await self.discord.react(self.bob, other, "⬇️", remove=True)
        await self.discord.react(self.bob, other, "⬆️")
        await self.discord.react(self.bob, answer, "⬆️")  # one's own: it comes off again
        await self._until(self._nothing, lambda: self.card(ANSWER, "+2 votes"))
        await self._until(self._nothing, lambda: self.card(OTHER, "+1 vote"))
        own = lambda: self.bob["id"] not in answer["_people"]["⬆️"]  # noqa: E731
        await self._until(self._nothing, own)

        async def more() -> None:
            await self.press_in_menu(self.mona, question, "vote")

        await self._until(more, lambda: self.card(TITLE, "+1 vote"))
        number = "#1.2"
        vote = lambda: self.do(self.mona, thread, "vote", direction="up", post=number)  # noqa: E731
        await self._until(vote, lambda: self.card(OTHER, "+2 votes"))
        choose = lambda: self.press_in_menu(self.alice, answer, "best")  # noqa: E731
        await self._until(choose, lambda: answer["pinned"])
        await self._until(self._nothing, lambda: self.card(TITLE, "Best answer"))
        await self.discord.pin(other)  # a moderator decides otherwise
        await self._until(self._nothing, lambda: other["pinned"] and not answer["pinned"])
        await self.discord.pin(other, pinned=False)
        await self._until(self._nothing, lambda: not self.card(TITLE, "Best answer"))
        best = lambda: self.menu(self.alice, "Mark best answer", answer)  # noqa: E731
        await self._until(best, lambda: answer["pinned"] and self.card(TITLE, "Best answer"))

    async def _changing(self) -> None:
        question = self.must(TITLE)
        thread = self.thread_of(question)
        # Its card quotes the best answer, too.
        (answer,) = [c for c in self.world.cards(thread) if c["pinned"]]

        async def edit() -> None:
            reply = await self.menu(self.bob, "Edit post", answer)
            await self.fill(self.bob, thread, reply, body=EDITED, text=EDITED, answer=EDITED)

        await self._until(edit, lambda: self.card(EDITED))
        await self.told(lambda: self.do(self.bob, thread, "history", post="#1.1"), "cool room")
        self.archive(thread)
        await self.discord.react(self.mona, answer, "⬆️")  # in a thread that rests
        await self._until(self._nothing, lambda: self.card(EDITED, "+3 votes"))
        delete_yes = lambda r: self.press(self.carol, r.shown, "delete.yes", thread)  # noqa: E731

        async def delete() -> None:
            await delete_yes(await self.do(self.carol, thread, "delete", post="#1.2"))

        await self._until(delete, lambda: not self.card(OTHER))
        retag = lambda: self.do(self.alice, thread, "retag", tags="sleep, nights")  # noqa: E731
        await self._until(retag, lambda: self.card(TITLE, "nights"))
        said = await self.discord.say(self.bob, thread, WALK)
        post = lambda: self.menu(self.bob, "Post as answer", said)  # noqa: E731
        await self._until(post, lambda: self.card(WALK))

    def archive(self, thread: Payload) -> None:
        thread["thread_metadata"]["archived"] = True

    async def _moderating(self) -> None:
        second, thread = self.must(SECOND), self.thread_of(self.must(SECOND))
        close = lambda: self.do(self.mona, thread, "close", reason="off_topic")  # noqa: E731
        await self._until(close, lambda: self.card(SECOND, "Closed"))
        reopen = lambda: self.do(self.mona, thread, "reopen")  # noqa: E731
        await self._until(reopen, lambda: not self.card(SECOND, "Closed"))

        async def report() -> Reply:
            reply = await self.menu(self.carol, "Report post", second)
            return await self.fill(
                self.carol, thread, reply, reason="Not a question at all.", note="x"
            )

        await self.told(report)
        await self.told(lambda: self.do(self.mona, self.lounge, "queue"), "Not a question")
        hide = lambda: self.do(self.mona, self.lounge, "hide", post="#2")  # noqa: E731
        await self._until(hide, lambda: not self.card(SECOND))
        show = lambda: self.do(self.mona, self.lounge, "show", post="#2")  # noqa: E731
        await self._until(show, lambda: self.card(SECOND))

    async def _reading(self) -> None:
        carol, lounge = self.carol, self.lounge
        await self.told(lambda: self.do(carol, lounge, "questions"), TITLE, THIRD)
        await self.told(lambda: self.do(carol, lounge, "questions", view="votes"), TITLE)
        await self.told(
            lambda: self.do(carol, lounge, "search", query='"night shift" -stage'), TITLE
        )
        await self.told(lambda: self.do(carol, lounge, "categories"), "Sleep")
        await self.told(lambda: self.do(carol, lounge, "tags"), "nights")
        await self.told(
            lambda: self.do(carol, lounge, "profile", member=self.bob), "points", ".png"
        )
        await self.told(lambda: self.do(carol, lounge, "leaderboard"), self.bob["id"])
        await self.told(lambda: self.do(self.bob, lounge, "points"), "300")
        await self.told(lambda: self.do(carol, lounge, "help"), "/ask")
        await self.told(lambda: self.do(carol, lounge, "about"), "Askwell")

    async def _following(self) -> None:
        lounge, thread = self.lounge, self.thread_of(self.must(TITLE))
        await self.told(lambda: self.do(self.carol, thread, "follow"))
        await self.told(lambda: self.do(self.mona, lounge, "follow", tag="nights"))
        await self.told(lambda: self.do(self.carol, lounge, "notifications", dm=True), "")

        async def answer() -> None:
            reply = await self.do(self.mona, thread, "answer")
            await self.fill(self.mona, thread, reply, answer=FEWER)

        await self._until(answer, lambda: self.card(FEWER))
        await self.told(lambda: self.do(self.carol, lounge, "inbox"), TITLE)
        await self.told(lambda: self.do(self.carol, thread, "unfollow"))

    async def _managing(self) -> None:
        owner, lounge = self.world.owner, self.lounge
        await self.told(lambda: self.do(owner, lounge, "settings show"), "points")
        await self.told(lambda: self.do(owner, lounge, "stats"), "activity.png")
        await self.told(lambda: self.do(owner, lounge, "recount"), "")
        await self.told(lambda: self.do(owner, lounge, "category list"), "Sleep")
