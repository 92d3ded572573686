"""A process ends and another one takes over: old buttons work, nothing is lost or done twice."""

from __future__ import annotations

import pytest
import simcord

from bot.usecases import browsing
from tests.conftest import Restart
from tests.support import simulator
from tests.support.ledger import assert_consistent
from tests.support.server import Card, Server, told
from tests.support.tale import BOBS, CAROLS, MOMENT, TITLE, Tale
from tests.support.wire import Wire

pytestmark = pytest.mark.usefixtures("impatient")


async def votes_on(tale: Tale, card: Card) -> int:
    post = await browsing.post_card(tale.db, tale.server.guild.id, card.post_id)
    return post.score


async def test_between_any_two_steps(tale: Tale, restart: Restart) -> None:
    for step in tale.steps:
        await step()
        await restart()
    await tale.server.env.advance_time(MOMENT)
    await tale.assert_told()


async def test_a_start_with_nothing_to_do_changes_nothing(
    tale: Tale, wire: Wire, restart: Restart
) -> None:
    for step in tale.steps:
        await step()
    before = len(wire.seen)
    await restart()
    await tale.server.env.advance_time(MOMENT)
    changes = [str(request) for request in wire.seen[before:] if request.method != "GET"]
    assert [change.split("/")[1] for change in changes] == ["applications"]
    await tale.assert_told()


HANGING = {
    "a forum post": ("forum", "POST", "/channels/*/threads"),
    "the question's message": ("text", "POST", "/channels/*/messages"),
    "the thread": ("text", "POST", "/channels/*/messages/*/threads"),
    "a vote emoji": ("forum", "PUT", "/channels/*/messages/*/reactions/*"),
    "an edit": ("text", "PATCH", "/channels/*/messages/*"),
    "a pin": ("forum", "PUT", "/channels/*/messages/pins/*"),
    "a pin taken off": ("text", "DELETE", "/channels/*/messages/pins/*"),
}


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("what", "channel_kind"),
    [(what, kind) for what, (kind, _, _) in HANGING.items()],
    indirect=["channel_kind"],
)
async def test_stopped_while_discord_does_not_answer(
    tale: Tale, wire: Wire, restart: Restart, what: str, after: bool
) -> None:
    """Told to stop (SIGTERM, not a kill), it leaves off, and begins nothing anew."""
    _, method, path = HANGING[what]
    wire.hang(method, path, after=after)
    for step in tale.steps:
        await step()
        if wire.sprung:
            break
    assert wire.sprung == 1
    await restart()
    await tale.server.env.advance_time(MOMENT)
    for step in tale.steps:
        await step()
    await tale.assert_told()


async def test_old_buttons_of_every_kind(
    tale: Tale,
    server: Server,
    restart: Restart,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
) -> None:
    await tale.alice_asks()
    await tale.bob_answers()
    bobs = tale.answer(BOBS)
    menu = await carol.click(bobs.message, custom_id=bobs.control("more"))
    assert menu.response is not None
    form = await carol.click(tale.question.message, custom_id=tale.question.control("answer"))

    await restart()

    voted = await carol.click(menu.response, custom_id=f"qa:1:vote:{bobs.post_id}:up")
    assert "+1 vote" in told(voted)
    posted = await carol.submit_modal(form, {"answer": CAROLS})
    assert "#1.2" in told(posted)
    chosen = await server.choose(alice, tale.answer(CAROLS))
    assert "best answer" in told(chosen)
    again = await bob.click(tale.question.message, custom_id=tale.question.control("more"))
    assert "Upvote" in told(again)

    await server.env.advance_time(MOMENT)
    assert tale.answer(CAROLS).pinned
    await tale.assert_nothing_twice()


async def test_a_form_opened_before_is_taken(
    tale: Tale, server: Server, restart: Restart, alice: simcord.MemberActor
) -> None:
    form = await alice.slash(server.lounge, "ask")
    await restart()
    reply = await alice.submit_modal(form, {"title": TITLE, "details": "I lie awake."})
    assert "Your question is #1" in told(reply)
    assert len(server.cards()) == 1


async def test_what_a_refused_form_held_is_still_there(
    tale: Tale, server: Server, restart: Restart, alice: simcord.MemberActor
) -> None:
    await tale.alice_asks()
    form = await alice.slash(server.lounge, "ask")
    details = "I lie awake."
    refused = await alice.submit_modal(form, {"title": "Awake", "details": details})
    assert refused.response is not None

    await restart()

    opened = await alice.click(refused.response, label="Open the form again")
    assert details in str(opened.modal)
    longer = {"title": "What can I do about the noise?", "details": details}
    reply = await alice.submit_modal(opened, longer)
    assert "Your question is #2" in told(reply)


async def test_ask_anyway_after_a_restart(
    tale: Tale, server: Server, restart: Restart, bob: simcord.MemberActor
) -> None:
    await tale.alice_asks()
    similar = await bob.slash(server.lounge, "ask", title="How can I sleep after a night shift?")
    assert TITLE in told(similar)
    assert similar.response is not None

    await restart()

    form = await bob.click(similar.response, label="Ask anyway")
    assert "How can I sleep after a night shift?" in str(form.modal)


async def test_votes_given_while_it_was_away_count_once(
    tale: Tale,
    server: Server,
    restart: Restart,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
) -> None:
    await tale.alice_asks()
    await tale.bob_answers()
    await tale.carol_votes()
    bobs = tale.answer(BOBS)
    async with simulator.away(server.env):
        await alice.react(bobs.message, "⬆️")
        await carol.unreact(bobs.message, "⬆️")
        await bob.react(bobs.message, "⬆️")
    assert await votes_on(tale, bobs) == 1, "Alice's; Carol took hers back; Bob's own is none"
    await restart()
    await server.env.advance_time(MOMENT)
    assert await votes_on(tale, bobs) == 1
    assert "+1 vote" in tale.answer(BOBS).text()
    stored = server.env.backend.get_message(bobs.channel_id, bobs.message_id).reaction_for("⬆️")
    assert stored is not None
    assert bob.id not in stored.user_ids, "a refused reaction is taken off"
    await assert_consistent(tale.db)


async def test_pins_set_while_it_was_away_are_followed(
    tale: Tale, server: Server, moderator: simcord.MemberActor, restart: Restart
) -> None:
    await tale.alice_asks()
    await tale.bob_answers()
    await tale.carol_answers()
    await tale.alice_chooses()
    async with simulator.away(server.env):
        await moderator.set_pinned(tale.answer(BOBS).message, False)
        await moderator.set_pinned(tale.answer(CAROLS).message, True)
    await server.env.advance_time(MOMENT)
    assert not tale.answer(BOBS).pinned
    assert tale.answer(CAROLS).pinned
    assert "A fixed ritual" in tale.question.text()
    await restart()
    await server.env.advance_time(MOMENT)
    assert tale.answer(CAROLS).pinned
    await tale.assert_nothing_twice()


async def test_a_card_deleted_while_it_was_away_stays_away(
    tale: Tale, server: Server, moderator: simcord.MemberActor, restart: Restart
) -> None:
    await tale.alice_asks()
    await tale.bob_answers()
    await tale.carol_answers()
    await tale.carol_votes()
    async with simulator.away(server.env):
        await moderator.delete(tale.answer(BOBS).message)
    await server.env.advance_time(MOMENT)
    await restart()
    await server.env.advance_time(MOMENT)
    assert [card.post_id for card in server.cards() if card.kind == "answer"] == [
        tale.answer(CAROLS).post_id
    ]
    assert "1 answer" in tale.question.text()
    await assert_consistent(tale.db)


async def test_the_same_form_sent_twice_is_one_post(
    tale: Tale, server: Server, wire: Wire, restart: Restart, alice: simcord.MemberActor
) -> None:
    """Killed after the question was on disk and before anybody was told: it is not asked again."""
    form = await alice.slash(server.lounge, "ask")
    wire.kill("POST", "/channels/*")
    await alice.submit_modal(form, {"title": TITLE, "details": "I lie awake."})
    assert wire.dead
    assert server.cards() == []
    await restart()
    await server.env.advance_time(MOMENT)
    assert len(server.cards()) == 1
    await tale.alice_asks()
    await tale.assert_nothing_twice()
