"""The best answer: chosen by button, command, menu or Discord's own pin; moved, and cleared."""

from __future__ import annotations

import pytest
import simcord

from bot.usecases import browsing
from data.database import Database
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.ledger import assert_consistent
from tests.support.replies import buttons, reply_of, sentence
from tests.support.server import Card, Server
from tests.support.simulator import at_once, bot_user_id, set_permissions
from tests.support.wire import Failure, Wire

MENU = "Mark best answer"
FIRST = "Dark curtains, and no screens before bed."
SECOND = "A fixed ritual: tea, a page of a book, lights out."


@pytest.fixture
async def second(server: Server, carol: simcord.MemberActor, question: Card, answer: Card) -> Card:
    """Carol's answer, number 1.2."""
    return await server.answer(carol, question, SECOND)


def tags(question: Card) -> list[str]:
    """The names of the forum tags on a question's post."""
    backend = question.env.backend
    thread = backend.get_channel(question.thread.id)
    if thread.parent_id is None or not thread.applied_tags:
        return []
    known = {int(t["id"]): t["name"] for t in backend.get_channel(thread.parent_id).available_tags}
    return [known[int(tag)] for tag in thread.applied_tags]


def is_best(answer: Card) -> bool:
    """Whether an answer's card shows it as the best one; pinned goes with it."""
    shown = answer.embed.title == "✅ Best answer"
    assert answer.pinned == shown
    return shown


def is_solved(question: Card) -> bool:
    """Whether a question's card quotes a best answer; its colour goes with it."""
    quoted = "✅ Best answer" in question.text()
    colour = question.embed.colour
    assert colour is not None
    assert (colour.value == 0x3BA55D) == quoted
    return quoted


async def points(db: Database, person: simcord.MemberActor) -> int:
    return (await browsing.profile(db, person.guild.id, person.id)).points


async def test_the_asker_chooses_by_button(
    env: simcord.Env,
    server: Server,
    question: Card,
    answer: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    db: Database,
) -> None:
    told = await server.choose(alice, answer)

    assert sentence(told).startswith("#1.1 is now the best answer.\n")
    assert buttons(told) == {"Go to #1.1": answer.message.jump_url}
    await env.advance_time(5)
    assert is_best(answer)
    assert answer.embed.author.name == "bob · 440 points"
    shown = question.text()
    assert is_solved(question)
    assert f"> {FIRST}" in shown
    link = f"https://discord.com/channels/{server.guild.id}/{answer.channel_id}/{answer.message_id}"
    assert f"[Read the answer]({link})" in shown
    assert question.embed.author.name == "alice · 150 points"
    assert tags(question) == (["Solved"] if server.kind == "forum" else [])
    assert (await points(db, alice), await points(db, bob)) == (150, 440)
    await assert_consistent(db)


@on_sqlite
@in_a_forum
async def test_moderators_may_choose_and_others_may_not(
    server: Server,
    question: Card,
    answer: Card,
    alice: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> None:
    for person in (bob, carol):
        told = await person.slash(question.thread, "best", answer="#1.1")
        assert sentence(told) == (
            f"Only <@{alice.id}>, who asked, or a moderator can choose the best answer."
        )
    assert not is_best(answer)

    sentence(await server.choose(moderator, answer))
    assert is_best(answer)


@in_a_forum
async def test_by_command(
    server: Server,
    question: Card,
    answer: Card,
    second: Card,
    alice: simcord.MemberActor,
) -> None:
    offered = await alice.autocomplete(question.thread, "best", "answer", "")
    assert [(c["name"], c["value"]) for c in offered] == [
        (f"#1.1 {FIRST}", "#1.1"),
        (f"#1.2 {SECOND}", "#1.2"),
    ]
    typed = await alice.autocomplete(question.thread, "best", "answer", "ritual")
    assert [c["value"] for c in typed] == ["#1.2"]

    unnamed = await alice.slash(question.thread, "best")
    assert sentence(unnamed) == "Which answer helped most?"
    sentence(await alice.slash(question.thread, "best", answer="#1.2"))
    assert is_best(second)
    assert not is_best(answer)


@on_sqlite
@in_a_forum
async def test_the_only_answer_need_not_be_named(
    server: Server, question: Card, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    none = await alice.slash(question.thread, "best")
    assert sentence(none) == "This question has no answers yet."

    answer = await server.answer(bob, question, FIRST)
    sentence(await alice.slash(question.thread, "best"))
    assert is_best(answer)


@on_sqlite
@in_a_forum
async def test_by_the_message_menu(
    question: Card, answer: Card, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    chat = await bob.send(question.thread, "Good luck to you!")
    for message in (chat, question.message):
        told = await alice.context_menu(question.thread, MENU, message)
        assert sentence(told) == "That isn't an answer, so it can't be the best answer."

    sentence(await alice.context_menu(question.thread, MENU, answer.message))
    assert is_best(answer)


async def test_clearing_takes_a_click_of_its_own(
    env: simcord.Env,
    server: Server,
    question: Card,
    answer: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    db: Database,
) -> None:
    await server.choose(alice, answer)
    again = await alice.slash(question.thread, "best", answer="#1.1")
    assert sentence(again).startswith("#1.1 is already the best answer.")
    assert list(buttons(again)) == ["Unmark best answer"]
    assert is_best(answer)

    told = await alice.click(reply_of(again), label="Unmark best answer")
    await env.advance_time(5)

    assert sentence(told) == "#1.1 is no longer the best answer."
    assert not is_best(answer)
    assert not is_solved(question)
    assert FIRST not in question.text()
    assert tags(question) == []
    assert (await points(db, alice), await points(db, bob)) == (120, 140)
    await assert_consistent(db)


async def test_moving_the_choice_moves_all_that_goes_with_it(
    env: simcord.Env,
    server: Server,
    question: Card,
    answer: Card,
    second: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    db: Database,
) -> None:
    await server.choose(alice, answer)
    sentence(await server.choose(moderator, second))
    await env.advance_time(5)

    assert (is_best(answer), is_best(second)) == (False, True)
    assert f"> {SECOND}" in question.text()
    assert FIRST not in question.text()
    assert tags(question) == (["Solved"] if server.kind == "forum" else [])
    assert await points(db, alice) == 150
    assert (await points(db, bob), await points(db, carol)) == (140, 440)
    assert [m.id for m in question.thread.pinned_messages()] == [second.message_id]
    await assert_consistent(db)


# --- Discord's own pin ---------------------------------------------------------------------------


async def test_a_moderators_own_pin_is_the_choice(
    env: simcord.Env,
    question: Card,
    answer: Card,
    second: Card,
    moderator: simcord.MemberActor,
    db: Database,
) -> None:
    await moderator.set_pinned(answer.message, True)
    await env.advance_time(5)
    assert (is_best(answer), is_best(second)) == (True, False)
    assert is_solved(question)

    await moderator.set_pinned(second.message, True)
    await env.advance_time(5)
    assert (is_best(answer), is_best(second)) == (False, True)

    await moderator.set_pinned(second.message, False)
    await env.advance_time(5)
    assert (is_best(answer), is_best(second)) == (False, False)
    assert not is_solved(question)
    assert tags(question) == []
    await assert_consistent(db)


@on_sqlite
async def test_other_pins_choose_nothing(
    env: simcord.Env,
    server: Server,
    question: Card,
    answer: Card,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
) -> None:
    chat = await bob.send(question.thread, "Good luck to you!")
    for message in (chat, question.message):
        await moderator.set_pinned(message, True)
    await env.advance_time(5)

    assert not is_best(answer)
    assert not is_solved(question)
    assert question.pinned

    await server.choose(moderator, answer)
    await moderator.set_pinned(chat, False)
    await env.advance_time(5)
    assert is_best(answer)


@in_a_forum
async def test_choosing_two_at_once_leaves_one(
    env: simcord.Env,
    server: Server,
    question: Card,
    answer: Card,
    second: Card,
    alice: simcord.MemberActor,
    moderator: simcord.MemberActor,
    db: Database,
) -> None:
    async with at_once(env):
        await alice.slash(question.thread, "best", answer="#1.1")
        await moderator.slash(question.thread, "best", answer="#1.2")
    await env.advance_time(10)

    assert sorted((is_best(answer), is_best(second))) == [False, True]
    assert len(question.thread.pinned_messages()) == 1
    await assert_consistent(db)


# --- what follows --------------------------------------------------------------------------------


@in_a_forum
async def test_nobody_earns_points_with_their_own_answer(
    env: simcord.Env, server: Server, question: Card, alice: simcord.MemberActor, db: Database
) -> None:
    own = await server.answer(alice, question, "I have found out: earplugs did it for me.")
    sentence(await server.choose(alice, own))
    await env.advance_time(5)

    assert is_best(own)
    assert await points(db, alice) == 120  # 100, the question 20, nothing for answering oneself
    await assert_consistent(db)


@in_a_forum
async def test_a_best_answer_that_is_deleted_leaves_an_open_question(
    env: simcord.Env,
    server: Server,
    question: Card,
    answer: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    db: Database,
) -> None:
    await server.choose(alice, answer)
    asked = await bob.slash(question.thread, "delete", post="#1.1")
    await bob.click(reply_of(asked), label="Delete")
    await env.advance_time(5)

    assert not is_solved(question)
    assert "0 answers" in question.text()
    assert FIRST not in question.text()
    assert tags(question) == []
    assert (await points(db, alice), await points(db, bob)) == (120, 100)
    await assert_consistent(db)


@on_sqlite
@in_a_forum
async def test_the_excerpt_follows_an_edit(
    env: simcord.Env,
    server: Server,
    question: Card,
    answer: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> None:
    await server.choose(alice, answer)
    shown = await bob.slash(question.thread, "edit", post="#1.1")
    await bob.submit_modal(shown, {"answer": "Earplugs. Nothing **else** ever helped me."})
    await env.advance_time(5)

    assert "> Earplugs. Nothing **else** ever helped me." in question.text()


@on_sqlite
async def test_a_missing_permission_to_pin_is_reported(
    env: simcord.Env,
    server: Server,
    answer: Card,
    alice: simcord.MemberActor,
    owner: simcord.MemberActor,
    wire: Wire,
) -> None:
    set_permissions(env, server.channel, bot_user_id(env), pin_messages=False)
    await env.settle()
    wire.fail("PUT", "*/messages/pins/*", Failure.FORBIDDEN, times=None)
    told = sentence(await server.choose(alice, answer))
    assert told.startswith(
        "#1.1 is now the best answer.\n"
        f"I can't pin it yet: I need *Pin Messages* in <#{server.channel.id}>."
    )
    assert answer.embed.title == "✅ Best answer"
    assert not answer.pinned

    set_permissions(env, server.channel, bot_user_id(env), pin_messages=True)
    wire.mend()
    await owner.slash(server.lounge, "setup")
    await env.advance_time(5)
    assert answer.pinned
