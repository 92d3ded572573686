"""`/move`: a question that was asked in the wrong category."""

from __future__ import annotations

import pytest
import simcord

from tests.cogs.conftest import Configure
from tests.support.forums import tag_ids
from tests.support.homes import row
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.replies import sentence
from tests.support.server import Card, Server


@pytest.fixture
async def work(server: Server, owner: simcord.MemberActor) -> str:
    """The category Work. Returns its row."""
    sentence(await owner.slash(server.lounge, "category add", name="Work"))
    return await row(server, "Work")


async def test_the_card_its_tag_and_the_lists_follow(
    env: simcord.Env, server: Server, alice: simcord.MemberActor, question: Card, work: str
) -> None:
    offered = await alice.autocomplete(question.thread, "move", "category", "wor")
    assert offered == [{"name": "Work", "value": work}]
    reply = sentence(await alice.slash(question.thread, "move", category=work))
    assert reply.startswith("#1 is in **Work** now.\n")
    assert "Work · 💬 Open" in question.text()
    assert "edited by" not in question.text(), "what it says is as it was"
    listed = sentence(await alice.slash(server.lounge, "questions", category="Work"))
    assert "#1 [How do I sleep" in listed
    if server.kind == "forum":
        stored = env.backend.get_channel(question.thread.id)
        assert list(map(int, stored.applied_tags)) == [tag_ids(env, server.channel)["Work"]]

    again = sentence(await alice.slash(server.lounge, "move", category="Work", question="#1"))
    assert again.startswith("#1 is in **Work** already.")
    (none,) = await alice.autocomplete(question.thread, "move", "category", "no cat")
    out = sentence(await alice.slash(question.thread, "move", category=none["value"]))
    assert out.startswith("#1 is in no category now.")
    assert "Work" not in question.text()
    if server.kind == "forum":
        assert not env.backend.get_channel(question.thread.id).applied_tags


@on_sqlite
@in_a_forum
async def test_who_may_move_it(
    server: Server,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    configure: Configure,
    question: Card,
    work: str,
) -> None:
    refused = await bob.slash(question.thread, "move", category=work)
    assert sentence(refused).startswith("To edit what others wrote you need 2000 points")
    assert "Work" not in question.text()
    moved = sentence(await moderator.slash(question.thread, "move", category=work))
    assert "is in **Work** now." in moved
    await configure("privilege.edit_others", "100")
    moved = sentence(await bob.slash(question.thread, "move", category="none"))
    assert "is in no category now." in moved


@on_sqlite
@in_a_forum
async def test_not_where_one_may_not_ask_nor_what_is_not_there(
    server: Server, owner: simcord.MemberActor, alice: simcord.MemberActor, question: Card
) -> None:
    nurses = server.guild.create_role("Nurses")
    await owner.slash(server.lounge, "category add", name="Wards", role=nurses)
    assert await alice.autocomplete(question.thread, "move", "category", "war") == []
    refused = await alice.slash(question.thread, "move", category="Wards")
    assert "only members with the role" in sentence(refused)
    unknown = await alice.slash(question.thread, "move", category="Moon")
    assert "category" in sentence(unknown)
    missing = await alice.slash(server.lounge, "move", category="General", question="#7")
    assert "There is no post #7" in sentence(missing)
    assert "💬 Open" in question.text()


@on_sqlite
async def test_its_thread_stays_where_it_is(
    server: Server,
    alice: simcord.MemberActor,
    question: Card,
    sleep: str,
    nights: simcord.ChannelHandle,
) -> None:
    moved = sentence(await alice.slash(question.thread, "move", category=sleep))
    assert f"#1 is in **Sleep** now. Its thread stays in <#{server.channel.id}>." in moved
    assert "Sleep · 💬 Open" in server.card(question.post_id).text()
    assert nights.threads == []
