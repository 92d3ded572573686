"""The story of ten members in a server where anonymous posts appear later: several wait at once,
and the thief copies the database around each sending and each appearance."""

from __future__ import annotations

from typing import Any

from bot.domain.actors import Actor
from bot.domain.errors import Refusal
from bot.domain.policies import Action
from bot.domain.review import Wording
from bot.usecases import delaying, personas
from bot.usecases.commenting import comment_on
from bot.usecases.delaying import Delayed, Opened, Sent
from tests.support.anonymous import anonymous, persona_of
from tests.support.delayed import ANSWER, ASK, COMMENT
from tests.support.dumps import Dump
from tests.support.keys import SEALING
from tests.support.solver import Moment
from tests.support.ten_members import TAGS, Story

DELAY = 10
_KINDS = (Action.QUESTIONS, Action.ANSWERS, Action.COMMENTS)


class DelayedStory(Story):
    """What was sent for later is known by its row until it has a number. A thief sees in which
    transaction a row goes and a number comes: so the copies around the sending are told of the
    number as well. `most` is how many waited at once."""

    def __init__(self, db: Any, seed: int) -> None:
        super().__init__(db, seed)
        self.most = 0
        self._sent: dict[int, tuple[int, int | None, tuple[Dump, Dump]]] = {}  # by row
        self._row = 0

    async def begin(self) -> Story:
        """The same, and posts appear later."""
        await super().begin()
        await self.forum.set("anonymous_delay", str(DELAY))
        return self

    async def tell(self, posts: int, between: int = 2) -> Story:
        """So many new authors whose posts have appeared, with what others do between them."""
        until, sent = len(self.authors) + posts, 0
        while len(self.authors) < until:
            self._row = 0
            copies = await self._watch("sends", self._send(sent % 3))
            sent += 1
            if self._row in self._sent:
                who, below, _ = self._sent[self._row]
                self._sent[self._row] = who, below, copies
            self.most = max(self.most, len(self._sent))
            for _ in range(self.chance.randrange(between + 1)):
                act = self._next_act()
                await self._watch(act, self._acts[act][1](self.chance.choice(self.people)))
            if self.chance.random() < 0.1:
                await self._watch("time passes", self._upkeep())
            await self._look(until)
        return self

    async def _send(self, kind: int) -> None:
        """A member sends a post where they have no name yet, to appear later."""
        person = self.chance.choice(self.people)
        self.acting = person.user_id
        below = number = None
        if kind:
            mine = {self._posts[post] for who, post in self._numbers.values() if who is person}
            mine |= {at for who, at, _ in self._sent.values() if who == person.user_id and at}
            below = self.chance.choice([q for q in self._questions[-12:] if q not in mine])
            number = (await self.forum.card(below)).number
        way = await personas.way_to_post(self.forum.db, person, number, self.forum.now)
        me = await anonymous(self.forum, person, below, way.offer.name)
        form, values, wording = self._typed(kind, below)
        points, origin = me.points or 0, self._origin()
        post = Delayed(person.user_id, points, form, values, origin, me.name, "en", number)
        what = Sent(_KINDS[kind], wording, post)
        kept = await delaying.keep(self.forum.db, SEALING, me, what, now=self.forum.now)
        assert kept is not None
        self._row = kept.row_id
        copy = self._copy or await self.thief.copy()
        self._sent[self._row] = person.user_id, below, (copy, copy)

    def _typed(self, kind: int, below: int | None) -> tuple[str, Any, Wording]:
        words, tags = self._words(), self.chance.sample(TAGS, 2)
        how = self.chance.choice((["anonymous"], ["anonymous", "notify"]))
        if kind == 0:
            values = {"title": words, "details": "", "tags": " ".join(tags), "how": how}
            return ASK, values, Wording(words, "", tuple(tags))
        form, name = ((ANSWER, "answer"), (COMMENT, "comment"))[kind - 1]
        return form.format(below), {name: words, "how": how}, Wording("", words, ())

    async def _look(self, until: int) -> None:
        """What the bot does when the minute of some posts has come."""
        db, server = self.forum.db, self.forum.guild_id
        for found in await delaying.due(db, SEALING, server, self.forum.now):
            if len(self.authors) == until:
                return
            before = set(self.authors)
            await self._watch("appears", self._appear(found))
            _, _, copies = self._sent.pop(found.row_id)
            for number in set(self.authors) - before:
                self.moments.append(Moment(*copies, number, "sends"))

    async def _appear(self, found: Opened) -> None:
        sent, values = found.post, found.post.values
        person = next(each for each in self.people if each.user_id == sent.user_id)
        self.acting = sent.user_id
        me = found.author(self.forum.member(sent.user_id), SEALING, asks=sent.form == ASK)
        try:
            post = await self._posted(me, found, notify="notify" in values["how"])
        except Refusal as refused:
            why, now = str(refused), self.forum.now
            await delaying.could_not_appear(self.forum.db, SEALING, found, why, now=now)
            raise
        self._by[post] = sent.user_id
        number = (await persona_of(self.forum, person, post)).number
        self.authors[number] = sent.user_id
        self._numbers[number] = (person, post)

    async def _posted(self, me: Actor, found: Opened, *, notify: bool) -> int:
        forum, origin, values = self.forum, found.post.origin_id, found.post.values
        if found.post.form == ASK:
            form: dict[str, Any] = {"tags": values["tags"], "notify": notify, "origin_id": origin}
            post = await forum.ask(me, str(values["title"]), **form)
            self._questions.append(post)
            return await self._placed(post, post, me)
        below = int(found.post.form.rsplit(":", 1)[1])
        if "answer" in values:
            words = str(values["answer"])
            post = await forum.answer(me, below, words, notify=notify, origin_id=origin)
        else:
            words, now = str(values["comment"]), forum.now
            made = await comment_on(forum.db, me, below, words, origin_id=origin, now=now)
            post = made.post_id
        return await self._placed(post, below, me)
