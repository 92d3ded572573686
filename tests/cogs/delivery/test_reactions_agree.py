"""Whatever happens, at rest the reactions, the stored votes and the scores say the same.

Each story is drawn from a seed: members react and use commands, with the bot there or away;
the process is killed as it takes a reaction off, before or after that took effect; Discord refuses
it; the database is busy.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest
import simcord

from bot.domain.voting import REACTIONS
from data import reactions as unwanted
from data import votes
from data.database import Database
from tests.cogs.conftest import Configure
from tests.cogs.delivery.test_reactions import busy
from tests.conftest import Restart
from tests.support.kinds import on_sqlite
from tests.support.ledger import assert_consistent
from tests.support.reactions import super_react
from tests.support.server import Card, Server
from tests.support.simulator import away
from tests.support.wire import Failure, Wire

EMOJI = {1: "⬆️", -1: "⬇️"}
OFF = ("DELETE", "/channels/*/messages/*/reactions/*/[0-9]*")
STEPS = 25


@dataclass
class Story:
    """What happened, one line each, and who does it to what."""

    env: simcord.Env
    server: Server
    cards: list[Card]
    people: list[simcord.MemberActor]
    wire: Wire
    restart: Restart
    chance: random.Random
    lines: list[str] = field(default_factory=list)

    @property
    def db(self) -> Database:
        """That of the process that runs now."""
        return self.env.bot.db  # type: ignore[attr-defined]

    async def go_on(self) -> None:
        """One more thing happens."""
        await self.live()
        match self.chance.choice(("react",) * 5 + ("press",) * 3 + ("away", "busy", "trouble")):
            case "react":
                await self.react()
            case "press":
                await self.press()
            case "away":
                self.lines.append("away")
                async with away(self.env):
                    for _ in range(self.chance.randint(1, 4)):
                        await self.react()
                self.lines.append("back")
            case "busy":
                self.lines.append("the database is busy")
                with busy(self.db):
                    await self.react()
                self.lines.append("not any more")
            case _:
                await self.trouble()
        if self.chance.random() < 0.3:
            await self.env.advance_time(self.chance.choice((1, 20)))

    async def live(self) -> None:
        """A process that was killed is followed by another one."""
        if self.wire.dead:
            self.lines.append("killed, and started again")
            self.wire.mend()
            await self.restart()

    async def react(self) -> None:
        """Somebody adds a reaction, or takes one off."""
        person, card = self.chance.choice(self.people), self.chance.choice(self.cards)
        value, super_one = self.chance.choice((1, -1)), self.chance.random() < 0.2
        there = [v for v in EMOJI if person.id in self.shown(card, v)]
        takes_off = bool(there) and self.chance.random() < 0.4
        if takes_off:
            value = self.chance.choice(there)
        self.lines.append(f"{person.name} {'-' if takes_off else '+'}{EMOJI[value]} {card.kind}")
        if super_one:
            self.lines[-1] += " (super)"
            await super_react(self.env, person, card.message, EMOJI[value], given=not takes_off)
        elif not takes_off:
            await person.react(card.message, EMOJI[value])
        elif person.id in self.shown(card, value, supers=False):
            await person.unreact(card.message, EMOJI[value])

    async def press(self) -> None:
        """Somebody says how they vote, by a command."""
        person, card = self.chance.choice(self.people), self.chance.choice(self.cards)
        direction = self.chance.choice(("up", "down", "clear"))
        self.lines.append(f"{person.name} votes {direction} {card.kind}")
        number = {"question": "#1", "answer": "#1.1"}[card.kind]
        await person.slash(self.server.lounge, "vote", direction=direction, post=number)

    async def trouble(self) -> None:
        """Something will go wrong as the bot takes a reaction off."""
        after = self.chance.random() < 0.5
        if self.chance.random() < 0.5:
            self.lines.append(f"to be killed {'after' if after else 'before'} taking off")
            self.wire.kill(*OFF, after=after)
        else:
            failure = self.chance.choice((Failure.FORBIDDEN, Failure.SERVER_ERROR, Failure.LOST))
            self.lines.append(f"taking off: {failure.name}")
            self.wire.fail(*OFF, failure, times=self.chance.randint(1, 3))

    def shown(self, card: Card, value: int, *, supers: bool = True) -> set[int]:
        """Who shows an emoji under a card."""
        stored = self.env.backend.get_message(card.channel_id, card.message_id)
        reaction = stored.reaction_for(EMOJI[value])
        if reaction is None:
            return set()
        more = reaction.__dict__.get("super_ids", ()) if supers else ()
        return {*reaction.user_ids, *more}

    async def assert_they_agree(self) -> None:
        """Each member shows their vote or nothing; who voted by reaction shows it."""
        told = "\n".join(self.lines)
        async with self.db.read() as tx:
            posts = [card.post_id for card in self.cards]
            stored = await votes.votes_of(tx, posts)
            assert not any((await unwanted.waiting_under(tx, posts)).values()), told
        for card in self.cards:
            known = stored[card.post_id]
            for person in self.people:
                value, source = known.get(person.id, (0, None))
                there = {v for v in EMOJI if person.id in self.shown(card, v)}
                what = f"{person.name}, {card.kind}: {value} by {source}, shows {there}\n{told}"
                assert there <= {value}, what
                assert source not in REACTIONS or there == {value}, what
            score = sum(value for value, _ in known.values())
            sign = {True: "+", False: "\N{MINUS SIGN}"}[score > 0] if score else ""
            assert f"{sign}{abs(score)} vote" in card.text(), told
        await assert_consistent(self.db)


@on_sqlite
@pytest.mark.parametrize("seed", range(6))
async def test_reactions_votes_and_scores_agree_at_rest(
    env: simcord.Env,
    server: Server,
    question: Card,
    answer: Card,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    wire: Wire,
    restart: Restart,
    configure: Configure,
    seed: int,
) -> None:
    await configure("privilege.down_vote", "0")
    dave = server.guild.add_member(env.create_user("dave"))
    story = Story(
        env,
        server,
        [question, answer],
        [carol, moderator, dave],
        wire,
        restart,
        random.Random(seed),
    )
    for _ in range(STEPS):
        await story.go_on()
    wire.mend()
    await story.live()
    for _ in range(4):
        await env.advance_time(300)
    await story.assert_they_agree()
