"""Members learn the outcome of their acts: from the reply, or from the inbox if none arrived."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable

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
    assert f"**Posted** · #1 [{TITLE}](" in there
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
    assert "**Posted** · #1" in await inbox(server, alice)


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
    expected = "Posted" if name in ("answered", "commented") else "Saved"
    no_reply_arrives(wire)
    await ACTS[name](server, question, alice)
    wire.mend()
    lost = await inbox(server, alice)
    assert lost.count(f"**{expected}** · #1") == 1, lost


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("channel_kind", ["forum"], indirect=True)
@pytest.mark.parametrize("name", ACTS)
async def test_a_told_outcome_leaves_no_receipt(
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
    assert "Posted" not in there
    assert "Saved" not in there


# --- what is not done to a post that is shown ---------------------------------------------------

Doing = Callable[[Server, simcord.MemberActor, simcord.MemberActor], AsyncIterator[None]]
SAVED: dict[str, tuple[str, Doing]] = {}


def saved(told: str) -> Callable[[Doing], Doing]:
    """Something that a manager does, as the inbox tells it; from its `yield` on nothing arrives."""

    def add(doing: Doing) -> Doing:
        SAVED[doing.__name__] = told, doing
        return doing

    return add


@saved("/hide #1.1")
async def hides(
    server: Server, owner: simcord.MemberActor, _bob: simcord.MemberActor
) -> AsyncIterator[None]:
    yield
    await owner.slash(server.lounge, "hide", post="#1.1")


@saved("/show #1.1")
async def shows(
    server: Server, owner: simcord.MemberActor, _bob: simcord.MemberActor
) -> AsyncIterator[None]:
    await owner.slash(server.lounge, "hide", post="#1.1")
    yield
    await owner.slash(server.lounge, "show", post="#1.1")


@saved("/queue #1")
async def dismisses(
    server: Server, owner: simcord.MemberActor, bob: simcord.MemberActor
) -> AsyncIterator[None]:
    question = next(card for card in server.cards() if card.kind == "question")
    menu = await bob.click(question.message, custom_id=question.control("more"))
    form = await bob.click(reply_of(menu), label="Report")
    await bob.submit_modal(form, {"reason": "It is spam."})
    queue = await owner.slash(server.lounge, "queue")
    yield
    await owner.click(reply_of(queue), label="Dismiss")


@saved("/delete #1.1")
async def deletes(
    server: Server, owner: simcord.MemberActor, _bob: simcord.MemberActor
) -> AsyncIterator[None]:
    sure = await owner.slash(server.lounge, "delete", post="#1.1")
    yield
    await owner.click(reply_of(sure), label="Delete")


@saved("/follow #1")
async def follows(
    server: Server, owner: simcord.MemberActor, _bob: simcord.MemberActor
) -> AsyncIterator[None]:
    yield
    await owner.slash(server.lounge, "follow", question="#1")


@saved("/unfollow")
async def unfollows(
    server: Server, owner: simcord.MemberActor, _bob: simcord.MemberActor
) -> AsyncIterator[None]:
    await owner.slash(server.lounge, "follow", question="#1")
    yield
    await owner.slash(server.lounge, "unfollow", question="#1")


@saved("/notifications")
async def asks_for_a_digest(
    server: Server, owner: simcord.MemberActor, _bob: simcord.MemberActor
) -> AsyncIterator[None]:
    yield
    await owner.slash(server.lounge, "notifications", digest="daily")


@saved("/settings show downvotes")
async def changes_a_setting(
    server: Server, owner: simcord.MemberActor, _bob: simcord.MemberActor
) -> AsyncIterator[None]:
    yield
    await owner.slash(server.lounge, "settings set", name="downvotes", value="off")


@saved("/setup")
async def sets_up(
    server: Server, owner: simcord.MemberActor, _bob: simcord.MemberActor
) -> AsyncIterator[None]:
    yield
    await owner.slash(server.lounge, "setup", preset="general")


@saved("/category list")
async def adds_a_category(
    server: Server, owner: simcord.MemberActor, _bob: simcord.MemberActor
) -> AsyncIterator[None]:
    yield
    await owner.slash(server.lounge, "category add", name="Nights")


@saved("/tag list")
async def adds_a_synonym(
    server: Server, owner: simcord.MemberActor, _bob: simcord.MemberActor
) -> AsyncIterator[None]:
    yield
    await owner.slash(server.lounge, "tag synonym", tag="sleeping", target="sleep")


@saved("/bonus")
async def gives_a_bonus(
    server: Server, owner: simcord.MemberActor, bob: simcord.MemberActor
) -> AsyncIterator[None]:
    yield
    await owner.slash(server.lounge, "bonus", member=bob, points=50)


def plain(text: str) -> str:
    """A text with the names of commands in place of their mentions."""
    return re.sub(r"</([a-z ]+):\d+>", r"/\1", text)


@pytest.mark.parametrize("channel_kind", ["forum"], indirect=True)
@pytest.mark.parametrize("name", SAVED)
async def test_whatever_is_saved_is_told_once(
    server: Server,
    wire: Wire,
    answer: Card,
    owner: simcord.MemberActor,
    bob: simcord.MemberActor,
    name: str,
) -> None:
    """By its reply; where that is lost, by the inbox, and there once."""
    wanted, doing = SAVED[name]
    told_by_inbox = f"**Saved** · {wanted}\n"
    async for _ in doing(server, owner, bob):
        no_reply_arrives(wire)
        wire.fail("POST", "/interactions/*", Failure.UNKNOWN_INTERACTION, times=None)
    wire.mend()
    there = plain(await inbox(server, owner))
    assert there.count(told_by_inbox) == 1, there
    assert "Saved" not in await inbox(server, owner)
    assert "Saved" not in await inbox(server, bob)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("channel_kind", ["forum"], indirect=True)
@pytest.mark.parametrize("name", SAVED)
async def test_a_told_act_leaves_no_receipt(
    server: Server,
    answer: Card,
    owner: simcord.MemberActor,
    bob: simcord.MemberActor,
    name: str,
) -> None:
    async for _ in SAVED[name][1](server, owner, bob):
        pass
    assert "Saved" not in await inbox(server, owner)
