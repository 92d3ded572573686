"""Moving a question to another category, as moderators and readers see it."""

from __future__ import annotations

import pytest
import simcord

from data.database import Database
from tests.support.forums import tag_ids
from tests.support.homes import applied, row
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.ledger import assert_consistent
from tests.support.replies import sentence
from tests.support.server import Card, Server, told
from tests.support.wire import Wire

TITLE = "How do I sleep after a night shift?"


@pytest.fixture
async def anxiety(server: Server, owner: simcord.MemberActor) -> str:
    """A category in the server's own channel. Returns its row, as it is sent."""
    sentence(await owner.slash(server.lounge, "category add", name="Anxiety", emoji="🌊"))
    return await row(server, "Anxiety")


async def test_card_tag_and_lists_follow(
    server: Server,
    env: simcord.Env,
    db: Database,
    anxiety: str,
    alice: simcord.MemberActor,
    moderator: simcord.MemberActor,
) -> None:
    card = await server.ask(alice, TITLE)
    offered = await moderator.autocomplete(card.thread, "move", "category", "anx")
    assert [(each["name"], each["value"]) for each in offered] == [("Anxiety", anxiety)]

    reply = await moderator.slash(card.thread, "move", category=anxiety)
    assert sentence(reply) == "Moved #1 to **Anxiety**.\nGo to #1"
    assert "🌊 Anxiety" in card.text()
    listed = told(await alice.slash(server.lounge, "questions", category=anxiety))
    assert TITLE in listed
    if server.kind == "forum":
        assert tag_ids(env, server.channel)["Anxiety"]
        assert applied(server, card) == {"Anxiety"}

    again = await moderator.slash(server.lounge, "move", category="Anxiety", question="#1")
    assert sentence(again) == "#1 is already in **Anxiety**.\nGo to #1"

    out = await moderator.autocomplete(card.thread, "move", "category", "no cat")
    reply = await moderator.slash(card.thread, "move", category=out[0]["value"])
    assert sentence(reply) == "#1 no longer has a category.\nGo to #1"
    assert "Anxiety" not in card.text()
    if server.kind == "forum":
        assert applied(server, card) == set()
    await assert_consistent(db)


@on_sqlite
async def test_editors_move_questions_to_categories_in_which_they_may_ask(
    server: Server,
    anxiety: str,
    moderators: simcord.RoleHandle,
    owner: simcord.MemberActor,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
) -> None:
    card = await server.ask(alice, TITLE)
    refused = await bob.slash(card.thread, "move", category=anxiety)
    assert "Only the author and moderators can edit" in sentence(refused)
    assert "Anxiety" not in card.text()
    assert "Moved #1 to **Anxiety**." in sentence(
        await alice.slash(card.thread, "move", category=anxiety)
    )

    options = {"category": "General", "role": moderators}
    sentence(await owner.slash(server.lounge, "category change", **options))
    refused = await alice.slash(card.thread, "move", category="General")
    assert "Only members with the role" in sentence(refused)
    await moderator.slash(card.thread, "move", category="General")
    assert "General" in card.text()

    unknown = await moderator.slash(card.thread, "move", category="Astrology")
    assert "Please pick a category from the list." in sentence(unknown)
    missing = await moderator.slash(server.lounge, "move", category=anxiety, question="#7")
    assert "There's no post #7" in sentence(missing)


@on_sqlite
async def test_a_thread_stays_in_its_channel(
    server: Server,
    sleep: str,
    anxiety: str,
    nights: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    moderator: simcord.MemberActor,
) -> None:
    """Discord moves no thread to another channel; what is private must not seem so."""
    here = await server.ask(alice, TITLE, category=anxiety)
    refused = sentence(await moderator.slash(here.thread, "move", category=sleep))
    assert refused == (
        f"Questions in **Sleep** go in <#{nights.id}>, and Discord can't move a thread to "
        "another channel. Ask it again there, then close this one as a duplicate."
    )
    assert "Anxiety" in here.text()
    there = await server.ask(alice, "How do I get up after one?", category=sleep)
    refused = sentence(await moderator.slash(there.thread, "move", category=anxiety))
    assert f"go in <#{server.channel.id}>" in refused
    assert "Sleep" in there.text()


@on_sqlite
async def test_questions_asked_before_the_channel_was_changed_move_among_its_categories(
    server: Server,
    anxiety: str,
    nights: simcord.ChannelHandle,
    owner: simcord.MemberActor,
    alice: simcord.MemberActor,
    moderator: simcord.MemberActor,
) -> None:
    card = await server.ask(alice, TITLE)
    sentence(await owner.slash(server.lounge, "setup", channel=nights))
    reply = await moderator.slash(card.thread, "move", category=anxiety)
    assert sentence(reply) == "Moved #1 to **Anxiety**.\nGo to #1"
    assert "Anxiety" in card.text()


@in_a_forum
@on_sqlite
async def test_where_discord_fails_it_follows_later(
    server: Server,
    env: simcord.Env,
    wire: Wire,
    anxiety: str,
    alice: simcord.MemberActor,
    moderator: simcord.MemberActor,
) -> None:
    card: Card = await server.ask(alice, TITLE)
    env.inject_error("PATCH", "/channels/*", status=500, times=1)
    reply = await moderator.slash(card.thread, "move", category=anxiety)
    assert sentence(reply) == "Moved #1 to **Anxiety**.\nGo to #1"
    await env.advance_time(30)
    assert "🌊 Anxiety" in card.text()
    assert applied(server, card) == {"Anxiety"}
