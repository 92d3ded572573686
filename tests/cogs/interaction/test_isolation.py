"""Two servers share a bot and a database, and nothing else."""

from __future__ import annotations

import pytest
import simcord

from bot.usecases import browsing
from data.database import Database
from tests.support.forgery import press, send_form
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.ledger import assert_consistent
from tests.support.other_server import Other
from tests.support.replies import buttons, sentence
from tests.support.server import Card, Server

GONE = "This post is no longer available."
TITLE = "How do I sleep after a night shift?"


async def test_numbers_begin_at_one_in_each_server(
    server: Server, other: Other, question: Card, answer: Card, db: Database
) -> None:
    assert "· #1" in other.question.text()
    assert "· #1" in question.text()
    assert "· #1.1" in other.answer.text()
    assert "· #1.1" in answer.text()
    assert {question.post_id, answer.post_id}.isdisjoint(
        {other.question.post_id, other.answer.post_id}
    )
    await assert_consistent(db)


@in_a_forum
async def test_points_are_earned_server_by_server(
    env: simcord.Env,
    server: Server,
    other: Other,
    question: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    db: Database,
) -> None:
    await bob.react(question.message, "⬆️")
    await other.dora.react(other.answer.message, "⬆️")
    await env.advance_time(5)

    here = await browsing.profile(db, server.guild.id, alice.id)
    there = await browsing.profile(db, other.server.guild.id, alice.id)
    assert (here.points, there.points) == (130, 160)
    await assert_consistent(db)


@in_a_forum
async def test_a_number_names_a_post_of_ones_own_server(
    server: Server, other: Other, question: Card, answer: Card, bob: simcord.MemberActor
) -> None:
    await other.server.ask(other.dora, "And which wine would you drink with it?")

    shown = await bob.slash(server.lounge, "answer", question="#1")
    assert TITLE in str(shown.modal)
    text = sentence(await bob.slash(server.lounge, "answer", question="#2"))
    assert text == "There's no post #2 in this server. Check its number or link."


@in_a_forum
async def test_links_to_another_server_name_nothing(
    server: Server, other: Other, question: Card, alice: simcord.MemberActor
) -> None:
    theirs = other.question
    links = {
        "to the message": f"{theirs.guild.id}/{theirs.channel_id}/{theirs.message_id}",
        "to the thread": f"{theirs.guild.id}/{theirs.thread.id}",
        "with this server's id": f"{server.guild.id}/{theirs.channel_id}/{theirs.message_id}",
    }
    for link in links.values():
        told = await alice.slash(
            server.lounge, "vote", direction="up", post=f"https://discord.com/channels/{link}"
        )
        text = sentence(told)
        assert text.startswith(("That isn't a post in this server", "There's no post"))
        assert "bread" not in text


@in_a_forum
async def test_nothing_of_another_server_is_offered(
    server: Server, other: Other, question: Card, alice: simcord.MemberActor
) -> None:
    for command in ("answer", "vote", "edit", "delete"):
        option = "question" if command == "answer" else "post"
        filled = {"direction": "up"} if command == "vote" else {}
        for typed in ("", "bread", "#1"):
            offered = await alice.autocomplete(server.lounge, command, option, typed, **filled)
            assert "bread" not in str(offered)
    similar = await alice.slash(server.lounge, "ask", title="Which bread goes with a ripe cheese?")
    assert similar.modal is not None, "a question of another server was shown as similar"


@in_a_forum
@pytest.mark.parametrize(
    "custom_id",
    [
        "answer:{question}",
        "more:{question}",
        "more:{answer}",
        "best:{answer}",
        "unbest:{answer}",
        "vote:{question}:up",
        "vote:{answer}:down",
        "vote:{answer}:clear",
        "edit:{question}",
        "edit:{answer}",
        "delete:{answer}",
        "delete.yes:{answer}",
        "delete.yes:{question}",
    ],
)
@on_sqlite
async def test_a_forged_click_reaches_no_post_of_another_server(
    env: simcord.Env,
    server: Server,
    other: Other,
    question: Card,
    moderator: simcord.MemberActor,
    custom_id: str,
    db: Database,
) -> None:
    before = [card.text() for card in other.server.cards()]
    ids = {"question": other.question.post_id, "answer": other.answer.post_id}

    told = await press(moderator, question.message, "qa:1:" + custom_id.format(**ids))

    assert sentence(told) == GONE
    await env.advance_time(5)
    assert [card.text() for card in other.server.cards()] == before
    await assert_consistent(db)


@on_sqlite
@in_a_forum
async def test_a_forged_form_reaches_no_post_of_another_server(
    env: simcord.Env,
    server: Server,
    other: Other,
    question: Card,
    moderator: simcord.MemberActor,
) -> None:
    before = [card.text() for card in other.server.cards()]
    text = "Words that were never meant to be seen in the other server."
    forms = {
        f"qa:1:answer.form:{other.question.post_id}": {"answer": text},
        f"qa:1:edit.form:{other.answer.post_id}:1": {"answer": text, "reason": ""},
        f"qa:1:edit.form:{other.question.post_id}:1": {"title": text, "details": "", "tags": ""},
    }
    for custom_id, values in forms.items():
        told = await send_form(moderator, server.lounge, custom_id, values)
        assert sentence(told).startswith(("This post is no longer", "This question is no longer"))
    await env.advance_time(5)
    assert [card.text() for card in other.server.cards()] == before


@on_sqlite
@in_a_forum
async def test_moderating_one_server_gives_no_rights_in_another(
    server: Server, other: Other, question: Card, answer: Card, env: simcord.Env
) -> None:
    milo = server.guild.add_member(other.moderator.user)  # a plain member here

    assert "or a moderator can choose the best answer." in sentence(
        await milo.slash(server.lounge, "best", answer="#1.1")
    )
    assert "can delete this" in sentence(await milo.slash(server.lounge, "delete", post="#1"))
    refused = sentence(await milo.slash(server.lounge, "edit", post="#1"))
    assert refused == "Only the author and moderators can edit this post."


@on_sqlite
@in_a_forum
async def test_a_draft_only_opens_for_its_author_in_its_server(
    server: Server, other: Other, question: Card, alice: simcord.MemberActor, bob
) -> None:
    refused = await server.try_to_ask(alice, "! ! ! ! ! !", "For nobody else to read.")
    draft = buttons(refused)["Open the form again"]
    gone = "This draft is no longer saved. It was sent, or it's more than a week old."

    assert sentence(await press(bob, question.message, draft)) == gone
    assert sentence(await press(other.alice, other.question.message, draft)) == gone
    mine = await press(alice, question.message, draft)
    assert "For nobody else to read." in str(mine.modal)


@in_a_forum
async def test_reactions_count_in_their_own_server(
    env: simcord.Env, other: Other, question: Card, alice: simcord.MemberActor
) -> None:
    await other.alice.react(other.question.message, "⬆️")
    await env.advance_time(5)

    assert "+1 vote" in other.question.text()
    assert "0 votes" in question.text()


@on_sqlite
@in_a_forum
async def test_settings_are_a_servers_own(
    server: Server, other: Other, question: Card, configure, alice, bob: simcord.MemberActor
) -> None:
    await configure("limit.answers", "1")
    await configure("privilege.vote", "500")

    refused = await bob.slash(server.lounge, "vote", direction="up", post="#1")
    assert sentence(refused) == "Voting requires 500 points. You have 100."
    allowed = await other.dora.slash(other.server.lounge, "vote", direction="up", post="#1.1")
    assert sentence(allowed) == "You upvoted #1.1. It now has +1 vote."
