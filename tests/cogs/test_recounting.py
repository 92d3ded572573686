"""`/recount`: what was wrong is told, and right again."""

from __future__ import annotations

from typing import Any

import pytest
import simcord
from sqlalchemy import text as sql

from bot.usecases import recounting
from data.database import Database
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.ledger import assert_consistent
from tests.support.replies import buttons, sentence
from tests.support.server import Card, Server
from tests.support.wire import Wire

pytestmark = in_a_forum


async def test_nothing_to_do(server: Server, owner: simcord.MemberActor, answer: Card) -> None:
    reply = await owner.slash(server.lounge, "recount")
    assert "Every figure was right" in sentence(reply)


async def test_what_was_wrong_is_told_and_right_again(
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
    assert lines[0] == "4 figures were wrong and are right now."
    assert set(lines[1:]) == {
        "- Answers to #1: 7 → 1",
        "- Up-votes on #1.1: 9 → 1",
        "- Points for #1.1 that were not noted: 20",
        f"- Points of <@{alice.id}>: 5 → 20",
    }
    await assert_consistent(db)
    assert "Every figure" in sentence(await owner.slash(server.lounge, "recount"))
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
    assert "Every figure was right" in sentence(reply)
    assert not buttons(reply)
