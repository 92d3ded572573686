"""Questions whose threads are asleep: what happens to them from elsewhere happens all the same."""

from __future__ import annotations

import pytest
import simcord

from data.database import Database
from tests.support.kinds import on_sqlite
from tests.support.ledger import assert_consistent
from tests.support.replies import reply_of, sentence
from tests.support.server import Card, Server
from tests.support.simulator import archive, asleep_like_discord

pytestmark = on_sqlite
LOCKED = "This question's thread is locked, so you can't answer, comment or edit here."


def state(card: Card) -> tuple[bool, bool]:
    """Whether a question's thread is archived, and locked."""
    metadata = card.env.backend.get_channel(card.thread.id).thread_metadata
    assert metadata is not None
    return metadata.archived, metadata.locked


@pytest.mark.parametrize("locked", [False, True], ids=["archived", "locked"])
async def test_all_of_it(
    env: simcord.Env,
    server: Server,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
    answer: Card,
    db: Database,
    locked: bool,
) -> None:
    rests = (True, locked)
    with asleep_like_discord(env):
        await archive(env, question.thread, locked=locked)
        sentence(await carol.slash(server.lounge, "vote", direction="up", post="#1.1"))
        await env.advance_time(5)
        assert "+1 vote" in answer.text()
        assert state(question) == rests, "a vote is no reason to bring it to the top"

        sentence(await alice.slash(server.lounge, "best", answer="#1.1"))
        await env.advance_time(5)
        assert answer.pinned
        assert "✅ Best answer" in question.text()
        assert state(question) == rests

        # A lock keeps members from writing, not those who moderate.
        if locked:
            for command in (
                {"name": "answer", "question": "#1"},
                {"name": "comment", "post": "#1"},
            ):
                refused = await carol.slash(server.lounge, command.pop("name"), **command)
                assert sentence(refused) == LOCKED
        writer = moderator if locked else carol
        form = await writer.slash(server.lounge, "answer", question="#1")
        text = "A fixed ritual: tea, a page, lights out."
        told = await writer.submit_modal(form, {"answer": text})
        assert sentence(told).startswith("Answer posted as #1.2.")
        await env.advance_time(5)
        assert "2 answers" in question.text()
        assert state(question) == (locked, locked), "a message wakes what nobody locked"

        await archive(env, question.thread, locked=locked)
        form = await writer.slash(server.lounge, "comment", post="#1.1")
        told = await writer.submit_modal(form, {"comment": "Since when, if I may ask?"})
        assert sentence(told).startswith("Comment posted as #1.3.")
        await env.advance_time(5)
        assert state(question) == (locked, locked)

        await archive(env, question.thread, locked=locked)
        asked = await bob.slash(server.lounge, "delete", post="#1.1")
        sentence(await bob.click(reply_of(asked), label="Delete"))
        await env.advance_time(5)
        assert [card.kind for card in server.cards()] == ["question", "answer"]
        assert "Best answer" not in question.text()
        assert state(question) == rests
    await assert_consistent(db)
