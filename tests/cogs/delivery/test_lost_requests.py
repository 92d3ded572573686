"""Whichever request to Discord fails, and however: in the end everything is there, once.

A small story (`tests.support.tale`) makes some 37 requests. It is told with a failure, or with the
end of the process, at each of them: in each telling at every fifth, or the end at every third,
beginning with another one.
"""

from __future__ import annotations

from itertools import cycle

import pytest
import simcord

from bot.usecases import publishing
from tests.conftest import Restart
from tests.support.kinds import in_a_text_channel, on_sqlite
from tests.support.server import Server, told
from tests.support.tale import MOMENT, TITLE, Tale
from tests.support.time import hours_pass
from tests.support.wire import Failure, Wire

FAIL_EVERY = 5
KILL_EVERY = 3


pytestmark = pytest.mark.usefixtures("impatient")


async def test_without_a_failure(tale: Tale, wire: Wire) -> None:
    for step in tale.steps:
        await step()
    await tale.assert_told()
    assert 30 <= len(wire.seen) <= 45, "points to fail at"


@on_sqlite
@pytest.mark.parametrize(
    ("channel_kind", "failure"),
    [
        ("forum", Failure.SERVER_ERROR),
        ("text", Failure.CUT),
        ("forum", Failure.LOST),
        ("text", Failure.LOST),
    ],
    indirect=["channel_kind"],
)
@pytest.mark.parametrize("first", range(FAIL_EVERY))
async def test_failures_at_every_point(
    tale: Tale, wire: Wire, failure: Failure, first: int
) -> None:
    wire.fail("*", "*", failure, skip=first, every=FAIL_EVERY, times=None)
    for step in tale.steps:
        await step()
    assert wire.sprung >= 37 // FAIL_EVERY
    wire.mend()
    await tale.server.env.advance_time(MOMENT)
    await tale.assert_told()


@pytest.mark.parametrize(
    ("database_kind", "channel_kind", "after"),
    [
        ("sqlite", "forum", False),
        ("postgresql", "text", False),
        ("postgresql", "forum", True),
        ("sqlite", "text", True),
    ],
    indirect=["database_kind", "channel_kind"],
)
@pytest.mark.parametrize("first", range(KILL_EVERY))
async def test_killed_at_every_point(
    tale: Tale, wire: Wire, restart: Restart, after: bool, first: int
) -> None:
    # Reading changes nothing; a new process that may not even read would never get anywhere.
    wire.kill("[!G]*", after=after, skip=first, every=KILL_EVERY, times=None)
    kills = 0
    for step in tale.steps:
        await step()
        while wire.dead:
            kills += 1
            assert kills < 30, "no process gets anywhere"
            await restart()
            await tale.server.env.advance_time(MOMENT)
            await step()
    assert kills >= 34 // KILL_EVERY
    wire.mend()
    await tale.server.env.advance_time(MOMENT)
    await tale.assert_told()


@on_sqlite
@pytest.mark.parametrize("failure", [Failure.SERVER_ERROR, Failure.CUT])
async def test_an_outage_is_told_and_made_up_for(
    tale: Tale, wire: Wire, server: Server, alice: simcord.MemberActor, failure: Failure
) -> None:
    wire.fail("*", "/channels/*", failure, times=None)
    shown = await alice.slash(server.lounge, "ask")
    reply = await alice.submit_modal(shown, {"title": TITLE, "details": "I lie awake."})
    await server.env.advance_time(60)
    assert "saved as #1" in told(reply)
    assert "will appear" in told(reply)
    assert server.cards() == []

    wire.mend()
    await server.env.advance_time(60)
    assert len(server.cards()) == 1
    for step in tale.steps:
        await step()
    await tale.assert_told()


@on_sqlite
async def test_a_long_outage_that_began_with_a_lost_answer(
    tale: Tale,
    wire: Wire,
    server: Server,
) -> None:
    """It is never given up; once Discord is back it is done, and not done twice."""
    wire.fail("POST", "/channels/*", Failure.LOST)
    wire.fail("*", "*", Failure.SERVER_ERROR, skip=4, times=None)
    await tale.alice_asks()
    for _ in range(5):
        await server.env.advance_time(600)
    (failure,) = await publishing.failures_of(tale.db)
    assert "500" in failure.error
    assert not failure.final

    wire.mend()
    await hours_pass(server.env, 2)
    for step in tale.steps:
        await step()
    await tale.assert_told()


@on_sqlite
async def test_a_reply_that_gets_lost_is_given_all_the_same(
    tale: Tale, wire: Wire, server: Server, alice: simcord.MemberActor
) -> None:
    shown = await alice.slash(server.lounge, "ask")
    wire.fail("POST", "/interactions/*/callback", Failure.LOST)
    reply = await alice.submit_modal(shown, {"title": TITLE, "details": ""})
    assert wire.sprung == 1
    assert "Your question is #1" in told(reply)
    await tale.assert_nothing_twice()


REFUSED = {
    "posts in the forum": ("forum", "POST", "/channels/*/threads"),
    "messages": ("text", "POST", "/channels/*/messages"),
    "threads": ("text", "POST", "/channels/*/messages/*/threads"),
    "vote emoji": ("forum", "PUT", "/channels/*/messages/*/reactions/*"),
    "vote emoji below a message": ("text", "PUT", "/channels/*/messages/*/reactions/*"),
    "pins": ("forum", "PUT", "/channels/*/messages/pins/*"),
    "taking pins off": ("text", "DELETE", "/channels/*/messages/pins/*"),
    "edits": ("text", "PATCH", "/channels/*/messages/*"),
    "tags": ("forum", "PATCH", "/channels/*"),
}


@on_sqlite
@pytest.mark.parametrize(
    ("what", "channel_kind", "failure"),
    [
        (what, kind, failure)
        for (what, (kind, _, _)), failure in zip(
            REFUSED.items(), cycle((Failure.FORBIDDEN, Failure.NO_ACCESS)), strict=False
        )
    ],
    indirect=["channel_kind"],
)
async def test_what_was_refused_is_done_once_the_owner_looks_after_it(
    tale: Tale,
    wire: Wire,
    server: Server,
    owner: simcord.MemberActor,
    moderators: simcord.RoleHandle,
    what: str,
    failure: Failure,
) -> None:
    _, method, path = REFUSED[what]
    wire.fail(method, path, failure, times=None)
    await tale.alice_asks()
    if tale.has_thread:
        for step in tale.steps[1:]:
            await step()
    assert wire.sprung
    assert await publishing.failures_of(tale.db), "it is recorded, for /setup and doctor"
    await tale.assert_nothing_twice()

    wire.mend()
    await owner.slash(server.lounge, "setup", channel=server.channel, moderators=moderators)
    await server.env.advance_time(MOMENT)
    for step in tale.steps:
        await step()
    await tale.assert_told()


@on_sqlite
async def test_one_refusal_holds_nobody_else_up(
    tale: Tale, wire: Wire, server: Server, bob: simcord.MemberActor
) -> None:
    wire.fail("POST", "/channels/*", Failure.FORBIDDEN)
    await tale.alice_asks()
    await server.ask(bob, "What helps against a racing mind?", "Above all in the evening.")
    await server.env.advance_time(2)
    assert len(server.cards()) == 2, "a permission may be given any time"


@on_sqlite
@in_a_text_channel
async def test_a_card_sent_again_carries_the_same_nonce(tale: Tale, wire: Wire) -> None:
    """Discord posts only one of two messages with the same one; the simulator does not know it."""
    wire.fail("POST", "/channels/*/messages", Failure.CUT)
    await tale.alice_asks()
    await tale.bob_answers()
    sent = [
        (request.body["nonce"], request.body["enforce_nonce"])
        for request in wire.seen
        if request.method == "POST" and request.path.endswith("/messages")
    ]
    first, again, answer = sent
    assert first == again != answer
    assert all(enforced and 1 <= len(nonce) <= 25 for nonce, enforced in sent)


@on_sqlite
@pytest.mark.parametrize("failure", [Failure.CUT, Failure.UNAVAILABLE])
async def test_a_reply_that_is_cut_twice_while_it_is_filled_in(
    tale: Tale, wire: Wire, server: Server, alice: simcord.MemberActor, failure: Failure
) -> None:
    shown = await alice.slash(server.lounge, "ask")
    wire.fail("PATCH", "/webhooks/*", failure, times=2)
    reply = await alice.submit_modal(shown, {"title": TITLE, "details": ""})
    assert wire.sprung == 2
    assert "Your question is #1" in told(reply)
