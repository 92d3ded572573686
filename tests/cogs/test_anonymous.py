"""Posting anonymously in Discord, from the form to the card."""

from __future__ import annotations

import simcord

from tests.cogs.conftest import Configure
from tests.support.replies import buttons, fields, filled, reply_of, sentence
from tests.support.server import Card, Server, told

TITLE, DETAILS = "May I cry here at night?", "I do, *every* night."


async def test_draft(
    env: simcord.Env, server: Server, alice: simcord.MemberActor, configure: Configure
) -> None:
    await configure("anonymous", "on")
    form = await alice.slash(server.lounge, "ask")
    sent = await alice.submit_modal(form, {"title": TITLE, "details": DETAILS, "tags": "night", "how": ["anonymous"]})
    print(told(sent), buttons(sent))
    known = await alice.click(reply_of(sent), label="Understood")
    print(told(known), buttons(known))
    known = await alice.click(reply_of(known), label="Post anyway")
    print(told(known), buttons(known))
    named = await alice.click(reply_of(known), label="Choose another name")
    print(named.modal)
    named = await alice.submit_modal(named, {"name": "Brave Fox"})
    print(told(named), buttons(named))
    done = await alice.click(reply_of(named), label="Post as Brave Fox")
    print(told(done), buttons(done))
    await env.advance_time(5)
    for card in server.cards():
        print(card.text(), card.message.reactions, card.embed.to_dict())
    assert 0
