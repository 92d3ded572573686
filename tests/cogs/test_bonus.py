"""`/bonus`: points that a manager gives, as people see them."""

from __future__ import annotations

import simcord

from data.database import Database
from tests.support.kinds import on_sqlite
from tests.support.ledger import assert_consistent
from tests.support.people import named
from tests.support.replies import sentence
from tests.support.server import Server, told
from tests.support.simulator import Locales


async def test_a_bonus_is_told_with_its_reason(
    server: Server,
    db: Database,
    owner: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> None:
    reply = await owner.slash(
        server.lounge, "bonus", member=bob, points=250, reason="For the **open day**"
    )
    assert sentence(reply) == f"+250 for {named(bob)}, who now has 350 points."
    points = told(await bob.slash(server.lounge, "points"))
    assert "You have 350 points" in points
    assert r"+250` as a bonus · For the \*\*open day\*\*" in points
    assert "**350**" in told(await bob.slash(server.lounge, "profile"))

    question = await server.ask(bob, "How do I sleep after a night shift?")
    assert "370 points" in question.text()
    taken = sentence(await owner.slash(server.lounge, "bonus", member=bob, points=-9000))
    assert taken == f"−9,000 for {named(bob)}, who now has 0 points."
    await assert_consistent(db)


@on_sqlite
async def test_what_is_refused(
    server: Server,
    env: simcord.Env,
    owner: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> None:
    nothing = sentence(await owner.slash(server.lounge, "bonus", member=bob, points=0))
    assert "must be between -10,000 and 10,000" in nothing
    bot = server.guild.add_member(env.create_user("beep", bot=True))
    refused = sentence(await owner.slash(server.lounge, "bonus", member=bot, points=5))
    assert refused == "Bots don't take part in the forum, so they don't have points."


@on_sqlite
async def test_a_german_manager(
    server: Server, locales: Locales, owner: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    locales.speaks(owner, "de")
    reply = sentence(await owner.slash(server.lounge, "bonus", member=bob, points=1))
    assert reply == f"+1 für {named(bob)}. Neuer Stand: 101 Punkte."
