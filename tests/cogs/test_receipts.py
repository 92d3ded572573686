"""Whoever did something reads how it ended: in the reply, or in the inbox where none arrived."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

import pytest
import simcord

from tests.cogs.conftest import Configure
from tests.support.kinds import on_sqlite
from tests.support.replies import filled, reply_of, sentence
from tests.support.server import Card, Server, told
from tests.support.wire import Failure, Wire

TITLE = "How do I sleep after a night shift?"
REPLY = "/webhooks/*"  # what fills in a private reply
Act = Callable[[Server, Card, simcord.MemberActor], Awaitable[object]]


async def inbox(server: Server, person: simcord.MemberActor) -> str:
    return told(await person.slash(server.lounge, "inbox"))


def no_reply_arrives(wire: Wire) -> None:
    """The token of the interaction is gone: trying again does not help."""
    wire.fail("PATCH", REPLY, Failure.UNKNOWN_INTERACTION, times=None)


async def test_a_question_that_was_told_is_not_told_again(
    server: Server, question: Card, alice: simcord.MemberActor
) -> None:
    assert "Nothing yet." in await inbox(server, alice)


async def test_a_question_whose_reply_was_lost_is_in_the_inbox(
    server: Server, wire: Wire, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    no_reply_arrives(wire)
    await server.ask(alice, TITLE)
    wire.mend()
    (card,) = server.cards()
    there = await inbox(server, alice)
    assert f"**You posted** · #1 [{TITLE}](" in there
    assert str(card.message_id) in there
    assert "Nothing yet." in await inbox(server, bob), "nobody else's"


@pytest.mark.parametrize("failure", [Failure.FORBIDDEN, Failure.INVALID])
async def test_one_that_can_not_be_shown_says_why(
    server: Server,
    wire: Wire,
    alice: simcord.MemberActor,
    failure: Failure,
    logged_errors: list[logging.LogRecord],
) -> None:
    path = "threads" if server.kind == "forum" else "messages"
    wire.fail("POST", f"/channels/{server.channel.id}/{path}", failure, times=None)
    no_reply_arrives(wire)
    await server.try_to_ask(alice, TITLE)
    wire.mend()
    there = await inbox(server, alice)
    assert "**Saved, but not shown yet** · #1" in there
    why = "permission" if failure is Failure.FORBIDDEN else "Something went wrong on our side"
    assert why in there
    assert "403" not in there
    assert len(logged_errors) == (failure is Failure.INVALID), "a mistake of ours is logged"
    logged_errors.clear()


@on_sqlite
async def test_a_card_that_comes_late_is_told_once_it_is_there(
    env: simcord.Env, server: Server, wire: Wire, alice: simcord.MemberActor
) -> None:
    """The reply could only say that it will appear."""
    wire.fail("POST", f"/channels/{server.channel.id}/*", Failure.UNAVAILABLE, times=None)
    reply = await server.try_to_ask(alice, TITLE)
    await env.advance_time(30)
    assert "will appear" in told(reply)
    wire.mend()
    await env.advance_time(60)
    assert "**You posted** · #1" in await inbox(server, alice)


async def edited(server: Server, question: Card, alice: simcord.MemberActor) -> object:
    form = await alice.slash(server.lounge, "edit", post="#1")
    return await alice.submit_modal(
        form, filled(form) | {"reason": "A word was missing.", "details": "I lie awake until noon."}
    )


async def retagged(server: Server, question: Card, alice: simcord.MemberActor) -> object:
    return await alice.slash(server.lounge, "retag", tags="sleep", post="#1")


async def chosen(server: Server, question: Card, alice: simcord.MemberActor) -> object:
    answer = next(card for card in server.cards() if card.kind == "answer")
    return await server.choose(alice, answer)


async def closed(server: Server, question: Card, alice: simcord.MemberActor) -> object:
    return await alice.slash(server.lounge, "close", reason="other", note="Enough.", question="#1")


async def opened(server: Server, question: Card, alice: simcord.MemberActor) -> object:
    await closed(server, question, alice)
    return await alice.slash(server.lounge, "reopen", question="#1")


async def reported(server: Server, question: Card, alice: simcord.MemberActor) -> object:
    answer = next(card for card in server.cards() if card.kind == "answer")
    menu = await alice.click(answer.message, custom_id=answer.control("more"))
    form = await alice.click(reply_of(menu), custom_id=f"qa:1:report:{answer.post_id}")
    return await alice.submit_modal(form, {"reason": "It is spam."})


async def answered(server: Server, question: Card, alice: simcord.MemberActor) -> object:
    return await server.try_to_answer(alice, question, "In the end I moved my shifts to the day.")


async def commented(server: Server, question: Card, alice: simcord.MemberActor) -> object:
    return await server.try_to_comment(alice, question, "Thank you all for that.")


ACTS: dict[str, Act] = {
    each.__name__: each
    for each in (edited, retagged, chosen, closed, opened, reported, answered, commented)
}


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("channel_kind", ["forum"], indirect=True)
@pytest.mark.parametrize("name", ACTS)
async def test_each_act_is_told_in_one_place(
    server: Server,
    wire: Wire,
    question: Card,
    answer: Card,
    alice: simcord.MemberActor,
    configure: Configure,
    name: str,
) -> None:
    await configure("privilege.close", "0")
    await configure("privilege.retag", "0")
    expected = "You posted" if name in ("answered", "commented") else "What you did is saved"
    no_reply_arrives(wire)
    await ACTS[name](server, question, alice)
    wire.mend()
    lost = await inbox(server, alice)
    assert lost.count(f"**{expected}** · #1") == 1, lost


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("channel_kind", ["forum"], indirect=True)
@pytest.mark.parametrize("name", ACTS)
async def test_what_was_told_leaves_nothing(
    server: Server,
    question: Card,
    answer: Card,
    alice: simcord.MemberActor,
    configure: Configure,
    name: str,
) -> None:
    await configure("privilege.close", "0")
    await configure("privilege.retag", "0")
    reply = await ACTS[name](server, question, alice)
    assert isinstance(reply, simcord.InteractionResult)
    sentence(reply)
    there = await inbox(server, alice)
    assert "You posted" not in there
    assert "What you did is saved" not in there
