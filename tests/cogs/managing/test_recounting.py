"""`/recount` corrects wrong figures and reports them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import discord
import pytest
import simcord
from sqlalchemy import text as sql

from bot.domain.actors import Actor
from bot.usecases import guilds, recounting
from data.database import Database
from data.guilds import recounts_due
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.ledger import assert_consistent
from tests.support.people import named
from tests.support.replies import buttons, sentence
from tests.support.server import Card, Server
from tests.support.wire import Wire

pytestmark = in_a_forum


class Ended(Exception):
    """The process ended."""


async def test_nothing_to_do(server: Server, owner: simcord.MemberActor, answer: Card) -> None:
    reply = await owner.slash(server.lounge, "recount")
    assert "All numbers were correct" in sentence(reply)


async def test_a_recount_corrects_and_reports_figures(
    server: Server,
    env: simcord.Env,
    db: Database,
    owner: simcord.MemberActor,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    answer: Card,
) -> None:
    await alice.react(answer.message, "⬆️")
    async with db.write() as tx:
        for statement in (
            "UPDATE posts SET answer_count = 7 WHERE sub_number = 0",
            "UPDATE posts SET up_votes = 9, score = 9 WHERE sub_number = 1",
            "DELETE FROM ledger WHERE reason = 'vote'",
            f"UPDATE members SET points = 5 WHERE user_id = {alice.id}",  # noqa: S608
        ):
            await tx.execute(sql(statement))
    reply = await owner.slash(server.lounge, "recount")
    lines = sentence(reply).splitlines()
    assert lines[0] == "Corrected 4 numbers."
    assert set(lines[1:]) == {
        "- Answers to #1: 7 → 1",
        "- Upvotes on #1.1: 9 → 1",
        "- Added missing points for #1.1: 20",
        f"- Points of {named(alice)}: 5 → 20",
    }
    await assert_consistent(db)
    assert "All numbers" in sentence(await owner.slash(server.lounge, "recount"))
    await env.advance_time(10)
    assert "+1 vote" in answer.text()


@on_sqlite
async def test_a_long_one_shows_how_far_it_is(
    server: Server,
    env: simcord.Env,
    owner: simcord.MemberActor,
    answer: Card,
    wire: Wire,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recounting, "PIECE", 1)
    original = recounting.counting.post_ids

    async def slowly(*arguments: Any) -> list[int]:
        env.backend.advance_clock(5)
        return await original(*arguments)

    monkeypatch.setattr(recounting.counting, "post_ids", slowly)
    reply = await owner.slash(server.lounge, "recount")
    said = [str(r.body) for r in wire.seen if "@original" in r.path]
    assert any("Counting… 1 posts so far." in body for body in said)
    assert "All numbers were correct" in sentence(reply)
    assert not buttons(reply)


async def test_new_weights_are_followed_though_the_process_ended_amid_it(
    env: simcord.Env,
    server: Server,
    bob: simcord.MemberActor,
    answer: Card,
    db: Database,
    restart: Callable[[], Awaitable[Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recounting, "PIECE", 1)

    async def end(_posts: int) -> None:
        raise Ended

    manager = Actor(server.guild.id, 1, is_manager=True)
    now = discord.utils.utcnow()
    with pytest.raises(Ended):
        await guilds.change_setting(db, manager, "points.answer", "75", now=now, progress=end)
    bot = await restart()
    await env.advance_time(10)
    assert f"{bob.name} · 175 points" in answer.text()
    async with bot.db.read() as tx:
        assert await recounts_due(tx) == []
