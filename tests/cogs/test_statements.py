"""What an act costs the database in all: with its interaction, its cards and their delivery."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
import simcord
from sqlalchemy import Connection

from data.database import Database
from tests.store.faults import counted, listening
from tests.support.kinds import SIMPLE
from tests.support.server import Card, Server

pytestmark = SIMPLE


@pytest.fixture
def begun(db: Database) -> Iterator[Counter[str]]:
    """How many transactions began: those that read, and those that write."""
    found: Counter[str] = Counter()

    def note(connection: Connection) -> None:
        found["write" if connection.get_execution_options().get("askwell_writes") else "read"] += 1

    with listening(db, "begin", note):
        yield found


async def test_x(
    server: Server,
    question: Card,
    answer: Card,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    db: Database,
    begun: Counter[str],
) -> None:
    await server.env.advance_time(700)

    async def m(name, do):
        begun.clear()
        with counted(db) as st:
            r = await do()
            await server.env.settle()
        with open("/tmp/prof/st-" + name.replace("/", "") + ".txt", "w") as f:
            f.write("\n".join(" ".join(s.split())[:230] for s in st))
        print(name, dict(begun), len(st))
        return r

    menu = await m("more", lambda: bob.click(question.message, custom_id=question.control("more")))
    await m(
        "vote click", lambda: bob.click(menu.response, custom_id=f"qa:1:vote:{question.post_id}:up")
    )
    await m(
        "/vote",
        lambda: bob.slash(
            server.lounge,
            "vote",
            direction="up",
            post=f"#{question.number}" if hasattr(question, "number") else "#1",
        ),
    )
    await m("react", lambda: carol.react(answer.message, "⬆️"))

    async def react():
        await carol.react(question.message, "⬆️")
        await server.env.advance_time(10)

    await m("react and card", react)

    async def ask():
        form = await carol.slash(server.lounge, "ask")
        await carol.submit_modal(
            form, {"title": "How do I wake up early?", "details": "I lie awake."}
        )
        await server.env.advance_time(10)

    await m("/ask", ask)

    async def ans():
        form = await carol.click(question.message, custom_id=question.control("answer"))
        await carol.submit_modal(form, {"answer": "Dark curtains and an early breakfast."})
        await server.env.advance_time(10)

    await m("/answer", ans)
