"""Blocked words as people meet them: the form comes back, or moderators get a card."""

from __future__ import annotations

import pytest
import simcord

from tests.cogs.conftest import Configure
from tests.support.forgery import press
from tests.support.kinds import SIMPLE
from tests.support.replies import buttons, filled, open_again, reply_of, sentence
from tests.support.reports import closed_channel, reports_in, shown_in
from tests.support.server import Card, Server, said, told

pytestmark = SIMPLE
BAD = "You are such a gr1m person, honestly."


@pytest.fixture(autouse=True)
async def blocking(server: Server, answer: Card, configure: Configure) -> None:
    """The owner has blocked a word."""
    await configure("blocked_words", "grim, other")


async def test_the_form_comes_back_and_names_the_word_as_typed(
    server: Server, bob: simcord.MemberActor, question: Card
) -> None:
    before = len(server.cards())
    refused = await server.try_to_answer(bob, question, BAD)
    assert sentence(refused).startswith("“gr1m” can't be used here. Nothing you typed is lost.")
    again = await open_again(bob, refused)
    assert filled(again)["answer"] == BAD
    done = await bob.submit_modal(again, {"answer": "You are such a kind person, honestly."})
    assert "#1.2" in sentence(done)
    assert len(server.cards()) == before + 1


async def test_a_question_is_refused_before_similar_ones_are_shown(
    server: Server, alice: simcord.MemberActor
) -> None:
    title = "How do I sleep after a grim night shift?"
    refused = await server.try_to_ask(alice, title)
    assert sentence(refused).startswith("“grim” can't be used here.")
    assert filled(await open_again(alice, refused))["title"] == title


async def test_a_kept_question_is_refused_if_its_word_is_blocked_meanwhile(
    server: Server, alice: simcord.MemberActor, question: Card, configure: Configure
) -> None:
    form = await alice.slash(server.lounge, "ask")
    title = "How do I sleep after a long night shift?"
    shown = await alice.submit_modal(form, {"title": title, "details": ""})
    assert "Before it goes up" in told(shown)
    await configure("blocked_words", "long")
    refused = await alice.click(reply_of(shown), label="Post mine")
    assert sentence(refused).startswith("“long” can't be used here.")


async def test_a_moderator_writes_it(
    server: Server, moderator: simcord.MemberActor, question: Card
) -> None:
    await server.answer(moderator, question, BAD)


async def test_flagged_it_is_posted_and_comes_to_the_moderators(
    env: simcord.Env,
    server: Server,
    moderators: simcord.RoleHandle,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
    configure: Configure,
) -> None:
    channel = closed_channel(server, "reports", moderators)
    await configure("moderators_channel", f"<#{channel.id}>")
    await configure("blocked_words_do", "flag")
    posted = await server.answer(bob, question, BAD)
    await env.advance_time(5)
    (card,) = reports_in(channel)
    assert "**1 report** · Blocked words" in said(card)
    assert "- gr1m" in said(card)
    assert "||You are such a gr1m person, honestly.||" in said(card)
    read = await moderator.click(card, label="Read it")
    assert "The server's blocked words · Blocked words: gr1m" in sentence(read)
    queue = await moderator.slash(server.lounge, "queue")
    assert "The server's blocked words" in sentence(queue)
    assert "<@0>" not in told(queue) + told(read)
    dismissed = await moderator.click(card, label="Dismiss")
    assert sentence(dismissed) == "Dismissed 1 report."
    assert posted.body == BAD


async def test_held_it_waits_and_moderators_read_for_which_word(
    env: simcord.Env,
    server: Server,
    moderators: simcord.RoleHandle,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
    configure: Configure,
) -> None:
    channel = closed_channel(server, "reports", moderators)
    await configure("moderators_channel", f"<#{channel.id}>")
    await configure("blocked_words_do", "hold")
    await server.try_to_answer(bob, question, BAD)
    await env.advance_time(5)
    card = shown_in(channel)[-1]
    assert "**Waits for approval**\nBlocked words: gr1m\n" in said(card)
    queue = await moderator.slash(server.lounge, "queue", view="held")
    assert "Blocked words: gr1m" in sentence(queue)


async def test_the_words_stand_in_their_form_alone(
    server: Server, owner: simcord.MemberActor, configure: Configure
) -> None:
    page = await owner.slash(server.lounge, "settings show")
    assert "Blocked words: **2 entries** (default: not set)" in sentence(page)
    changed = await owner.slash(
        server.lounge, "settings set", name="blocked_words", value="grim\n*"
    )
    assert "Each blocked word needs a letter or number. “\\*” has none." in sentence(changed)
    changed = await owner.slash(server.lounge, "settings set", name="blocked_words", value="worse")
    text = sentence(changed)
    assert "**Blocked words** is now **1 entry**. Before: **2 entries**" in text
    assert "worse" not in text
    assert "grim" not in text
    form = await owner.slash(server.lounge, "settings set", name="blocked_words")
    assert filled(form)["value"] == "worse"


async def test_nobody_reports_or_hides_for_blocked_words(
    server: Server, carol: simcord.MemberActor, moderator: simcord.MemberActor, answer: Card
) -> None:
    menu = await carol.click(answer.message, custom_id=answer.control("more"))
    form = await carol.click(reply_of(menu), label="Report")
    sent = await carol.submit_modal(form, {"reason": "", "why": ["spam"]})
    assert "Thanks." in sentence(sent)
    queue = await moderator.slash(server.lounge, "queue")
    assert "Blocked words" not in told(queue)
    shown = ["Dismiss", "Block author…", "Link", "Take it", "Pass", "Edit"]
    assert list(buttons(queue)) == shown
    forged = await press(moderator, answer.message, f"qa:1:hide.as:{answer.post_id}:words")
    assert "hidden" not in sentence(forged)
