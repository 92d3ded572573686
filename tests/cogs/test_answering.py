"""Answering: the card's button, `/answer`, and *Post as answer* on a message."""

from __future__ import annotations

import pytest
import simcord
from sqlalchemy import text

from data.database import Database
from tests.conftest import Restart
from tests.support import pictures
from tests.support.forgery import press, told_twice
from tests.support.kinds import in_a_forum, in_a_text_channel, on_sqlite
from tests.support.ledger import assert_consistent
from tests.support.people import named
from tests.support.replies import buttons, fields, filled, open_again, pings, sentence
from tests.support.server import Card, Server, told
from tests.support.simulator import at_once, delete_channel
from tests.support.time import hours_pass

TITLE = "How do I sleep after a night shift?"
TEXT = "Dark curtains:\n\n1. **heavy** ones\n2. _and_ a mask."
MENU = "Post as answer"


def link_to(card: Card) -> str:
    return f"https://discord.com/channels/{card.guild.id}/{card.channel_id}/{card.message_id}"


async def test_an_answer_by_the_cards_button(
    server: Server, question: Card, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    shown = await bob.click(question.message, label="Answer")
    assert shown.modal is not None
    assert TITLE in str(shown.modal)  # which question it is, while the form covers it
    assert [o["label"] for o in fields(shown)["how"]["options"]] == [
        "DM me when it's chosen as best answer"
    ]

    reply = await bob.submit_modal(shown, {"answer": TEXT})

    (answer,) = [card for card in server.cards() if card.kind == "answer"]
    assert TEXT in answer.text()
    assert "0 votes" in answer.text()
    assert f"{bob.name} · 140 points" in answer.text()
    assert answer.channel_id == question.thread.id
    assert [str(r.emoji) for r in answer.message.reactions] == ["⬆️", "⬇️"]
    assert "0 votes · 1 answer" in question.text()
    assert pings(answer.message) == []

    text = sentence(reply)
    assert "#1.1" in text
    assert buttons(reply) == {"Go to #1.1": link_to(answer)}


async def test_answers_are_counted_and_numbered(
    server: Server, question: Card, bob: simcord.MemberActor, carol: simcord.MemberActor
) -> None:
    first = await server.answer(bob, question, "Dark curtains, and no screens before bed.")
    second = await server.answer(carol, question, "A fixed ritual: tea, a page, lights out.")

    assert "· #1.1" in first.text()
    assert "· #1.2" in second.text()
    assert "2 answers" in question.text()


@on_sqlite
@in_a_forum
@pytest.mark.parametrize("named", ["#1", "1", " #1 ", "link", "thread", "#1.1"])
async def test_from_anywhere_by_naming_the_question(
    server: Server, question: Card, answer: Card, bob: simcord.MemberActor, named: str
) -> None:
    thread = f"https://discord.com/channels/{server.guild.id}/{question.thread.id}"
    named = {"link": link_to(question), "thread": thread}.get(named, named)

    shown = await bob.slash(server.lounge, "answer", question=named)

    assert TITLE in str(shown.modal)


@on_sqlite
@in_a_text_channel
async def test_outside_of_a_thread_the_only_question_is_meant(
    server: Server, question: Card, bob: simcord.MemberActor
) -> None:
    for channel in (server.lounge, server.channel):
        shown = await bob.slash(channel, "answer")
        assert shown.modal is not None
        assert shown.modal["custom_id"] == f"qa:1:answer.form:{question.post_id}"


@in_a_forum
async def test_questions_are_offered_while_one_types(
    server: Server, question: Card, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    await server.ask(alice, "Which bread is best with **cheese**?")

    async def offered(typed: str) -> list[tuple[str, str]]:
        choices = await bob.autocomplete(server.lounge, "answer", "question", typed)
        return [(choice["name"], choice["value"]) for choice in choices]

    sleep, bread = (f"#1 {TITLE}", "#1"), ("#2 Which bread is best with **cheese**?", "#2")
    assert await offered("") == [bread, sleep]
    assert await offered("nigh") == [sleep]
    assert await offered("night slee") == [sleep]
    assert await offered("#2") == [bread]
    assert await offered("2") == [bread]
    assert await offered("zebra") == []
    assert await offered("' OR 1=1 -- \"*") == []


@in_a_forum
async def test_a_refused_answer_comes_back_with_everything_in_it(
    server: Server, question: Card, bob: simcord.MemberActor
) -> None:
    written = {"answer": "# # # # # # # # # # # # #", "how": ["notify"]}
    shown = await bob.slash(question.thread, "answer")
    refused = await bob.submit_modal(shown, written)

    text = sentence(refused)
    assert text.startswith("The answer must have at least 20 characters. You entered 13.")
    assert "Nothing you typed is lost." in text

    again = await open_again(bob, refused)
    assert TITLE in str(again.modal)
    assert filled(again) == written
    await bob.submit_modal(again, written | {"answer": "Dark curtains, and no screens."})
    assert "1 answer" in question.text()


@in_a_forum
async def test_the_same_answer_twice(
    server: Server, question: Card, answer: Card, carol: simcord.MemberActor
) -> None:
    reply = await server.try_to_answer(
        carol, question, "Dark curtains, and no screens before bed. "
    )

    assert sentence(reply).startswith("This question already has this exact answer.")
    assert "1 answer" in question.text()


@on_sqlite
@in_a_forum
async def test_only_so_many_answers_within_an_hour(
    server: Server, question: Card, answer: Card, bob: simcord.MemberActor, configure
) -> None:
    await configure("limit.answers", "1")

    refused = await server.try_to_answer(bob, question, "One more thing: earplugs help.")

    assert "You've posted 1 answer this hour" in sentence(refused)
    assert filled(await open_again(bob, refused))["answer"] == "One more thing: earplugs help."


async def test_a_form_that_arrives_twice_is_one_answer(
    env: simcord.Env, server: Server, question: Card, bob: simcord.MemberActor, db: Database
) -> None:
    shown = await bob.slash(question.thread, "answer")
    with told_twice(env):
        reply = await bob.submit_modal(shown, {"answer": TEXT})

    assert "#1.1" in sentence(reply)
    assert len(server.cards()) == 2
    assert "1 answer" in question.text()
    await assert_consistent(db)


@in_a_forum
async def test_answers_at_once_each_get_a_number(
    env: simcord.Env,
    server: Server,
    question: Card,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    db: Database,
) -> None:
    forms = [(person, await person.slash(question.thread, "answer")) for person in (bob, carol)]
    async with at_once(env):
        replies = [
            await person.submit_modal(form, {"answer": f"{person.name} has thought about it."})
            for person, form in forms
        ]

    for reply in replies:
        sentence(reply)
    assert {n for n in ("#1.1", "#1.2") for reply in replies if n in told(reply)} == {
        "#1.1",
        "#1.2",
    }
    assert "2 answers" in question.text()
    await assert_consistent(db)


@in_a_forum
@pytest.mark.parametrize("gone", ["thread", "question"])
async def test_a_question_that_goes_while_one_writes(
    env: simcord.Env,
    server: Server,
    question: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    gone: str,
) -> None:
    shown = await bob.slash(server.lounge, "answer", question="#1")
    if gone == "thread":
        await delete_channel(env, question.thread)
    else:
        asked = await alice.slash(server.lounge, "delete", post="#1")
        assert asked.response is not None
        await alice.click(asked.response, label="Delete")

    reply = await bob.submit_modal(shown, {"answer": TEXT})

    text = sentence(reply)
    assert text.startswith("This post is no longer available.")
    # There is no form to open again: the text itself is given back.
    assert "Here's what you typed." in text
    assert reply.response is not None
    (file,) = reply.response.attachments
    assert (await file.read()).decode() == TEXT


# --- Post as answer ------------------------------------------------------------------------------


async def test_a_message_becomes_its_writers_answer(
    server: Server, question: Card, bob: simcord.MemberActor, db: Database
) -> None:
    message = await bob.send(question.thread, "Dark curtains, and **no** screens before bed.")

    reply = await bob.context_menu(question.thread, MENU, message)

    (answer,) = [card for card in server.cards() if card.kind == "answer"]
    assert "Dark curtains, and **no** screens before bed." in answer.text()
    assert f"{bob.name} · 140 points" in answer.text()
    assert "#1.1" in sentence(reply)
    assert "1 answer" in question.text()
    await assert_consistent(db)


@on_sqlite
@in_a_forum
async def test_its_pictures_come_along_and_its_mentions_are_names(
    server: Server, question: Card, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    said = f"As <@{alice.id}> says in <#{server.lounge.id}>: dark curtains."
    photo = pictures.saved(pictures.image(), "JPEG", exif=pictures.exif())
    picture, program = ("curtains.jpg", photo), ("curtains.exe", b"MZ")
    message = await bob.send(question.thread, said, attachments=[picture])
    await bob.context_menu(question.thread, MENU, message)
    message = await bob.send(question.thread, "And no screens before bed.", attachments=[program])
    await bob.context_menu(question.thread, MENU, message)

    first, second = (card for card in server.cards() if card.kind == "answer")
    assert "As @alice says in #lounge: dark curtains." in first.text()
    assert [file.filename for file in first.message.attachments] == ["curtains.jpg"]
    assert first.embed.image.url == "attachment://curtains.jpg"
    (kept,) = (first.env.backend.cdn.get(file.url) for file in first.message.attachments)
    assert kept is not None
    assert pictures.SECRET.encode() in photo
    assert pictures.SECRET.encode() not in kept
    assert "And no screens before bed." in second.text()
    assert second.message.attachments == []


@on_sqlite
@in_a_forum
async def test_a_closed_question_opens_no_form(
    server: Server, question: Card, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    message = await bob.send(question.thread, "Dark curtains, and no screens before bed.")
    await alice.slash(question.thread, "close", reason="other")
    for refused in (
        await bob.slash(question.thread, "answer"),
        await press(bob, question.message, question.control("answer")),
        await bob.context_menu(question.thread, MENU, message),
    ):
        assert sentence(refused) == "This question is closed and takes no more answers."
    assert len(server.cards()) == 1


@on_sqlite
@in_a_forum
async def test_an_asker_needs_its_writers_consent_and_moderators_do_not(
    server: Server,
    question: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
) -> None:
    bobs = await bob.send(question.thread, "Dark curtains, and no screens before bed.")
    carols = await carol.send(question.thread, "A fixed ritual: tea, a page, lights out.")

    refused = await carol.context_menu(question.thread, MENU, bobs)
    assert sentence(refused).startswith("Only the message's author, the member who asked")
    assert [card.kind for card in server.cards()] == ["question"]

    asked = sentence(await alice.context_menu(question.thread, MENU, bobs))
    assert asked == f"We've asked {named(bob)} for permission, right under the message."
    assert [card.kind for card in server.cards()] == ["question"]
    under = question.thread.last_message
    assert under is not None
    assert under.content == (
        f"{named(bob)}, {named(alice)} would like to post your message as an answer to this "
        "question, under your name."
    )
    ids = f"{bob.id}:{bobs.id}"
    for forged in (f"qa:1:consent.yes:{ids}", f"qa:1:consent.no:{ids}"):
        refused = await press(carol, under, forged)
        assert sentence(refused) == "Only the member who wrote the message can decide this."
    own = f"qa:1:consent.yes:{carol.id}:{bobs.id}"  # a message of somebody else
    assert sentence(await press(carol, under, own)) == (
        "Only the member who wrote the message can decide this."
    )
    assert [card.kind for card in server.cards()] == ["question"]
    assert "posted as #1.1" in sentence(await bob.click(under, label="Post it"))
    assert under.id not in {message.id for message in question.thread.history()}

    sentence(await moderator.context_menu(question.thread, MENU, carols))
    first, second = (card.text() for card in server.cards() if card.kind == "answer")
    assert f"{bob.name} · 140 points" in first
    assert f"{carol.name} · 140 points" in second
    assert f"#1.2 · posted by {moderator.name}" in second


@on_sqlite
@in_a_forum
async def test_a_writer_says_no_and_a_day_is_long_enough_to_say_yes(
    env: simcord.Env,
    server: Server,
    question: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> None:
    said = await bob.send(question.thread, "I drink a bottle of wine each night, don't tell.")
    sentence(await alice.context_menu(question.thread, MENU, said))
    under = question.thread.last_message
    assert under is not None
    assert sentence(await bob.click(under, label="No")) == "Your message stays as it is."
    last = question.thread.last_message
    assert last is not None
    assert last.id == said.id

    await env.advance_time(3600)
    sentence(await alice.context_menu(question.thread, MENU, said))
    under = question.thread.last_message
    assert under is not None
    forged = await press(bob, under, f"qa:1:consent.yes:{bob.id}:{question.message.id}")
    assert sentence(forged).startswith("This request has ended.")
    await hours_pass(env, 25)
    assert under.id not in {message.id for message in question.thread.history()}
    assert [card.kind for card in server.cards()] == ["question"]


@in_a_forum
@pytest.mark.parametrize("says", ["Post it", "No"])
async def test_a_request_of_an_earlier_version_says_what_to_do(
    server: Server,
    db: Database,
    question: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    says: str,
) -> None:
    """They were kept nowhere: it goes when it is clicked, and nothing is posted."""
    said = await bob.send(question.thread, "Dark curtains, and no screens before bed.")
    sentence(await alice.context_menu(question.thread, MENU, said))
    under = question.thread.last_message
    assert under is not None
    async with db.write() as tx:
        await tx.execute(text("DELETE FROM consents"))
    assert sentence(await bob.click(under, label=says)) == (
        "This request has ended. To post the message, open its menu, then *Apps*, *Post as answer*."
    )
    assert under.id not in {message.id for message in question.thread.history()}
    assert [card.kind for card in server.cards()] == ["question"]
    posted = sentence(await bob.context_menu(question.thread, MENU, said))
    assert "posted as #1.1" in posted


@on_sqlite
@in_a_forum
async def test_a_request_goes_after_a_day_also_where_the_bot_was_away(
    env: simcord.Env,
    server: Server,
    restart: Restart,
    question: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> None:
    said = await bob.send(question.thread, "Dark curtains, and no screens before bed.")
    sentence(await alice.context_menu(question.thread, MENU, said))
    await restart()
    (under,) = [m for m in question.thread.history() if "under your name" in m.content]
    await hours_pass(env, 25)
    assert under.id not in {m.id for m in question.thread.history()}


@in_a_forum
@pytest.mark.parametrize("how", ["running", "away", "voted", "bulk"])
async def test_an_answer_that_others_made_goes_with_its_message_until_somebody_votes(
    env: simcord.Env,
    server: Server,
    restart: Restart,
    question: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    how: str,
) -> None:
    said = await bob.send(question.thread, "Dark curtains, and no screens before bed.")
    sentence(await alice.context_menu(question.thread, MENU, said))
    under = question.thread.last_message
    assert under is not None
    sentence(await bob.click(under, label="Post it"))
    (answer,) = [card for card in server.cards() if card.kind == "answer"]
    if how == "voted":
        await alice.react(answer.message, "⬆️")
    if how == "bulk":
        env.backend.bulk_delete_messages(question.thread.id, [said.id])
        await env.settle()
    elif how == "away":
        subscribers = env.backend.subscribers
        listening = subscribers[:]
        subscribers.clear()
        await bob.delete(said)
        subscribers[:] = listening
        await restart()
    else:
        await bob.delete(said)
    await env.advance_time(60)
    kinds = [card.kind for card in server.cards()]
    gone = how in ("running", "away")
    assert kinds == (["question"] if gone else ["question", "answer"])
    assert ("0 answers" in question.text()) is gone


@in_a_forum
async def test_a_message_is_an_answer_once(
    env: simcord.Env, server: Server, question: Card, bob: simcord.MemberActor
) -> None:
    message = await bob.send(question.thread, "Dark curtains, and no screens before bed.")
    async with at_once(env):
        await bob.context_menu(question.thread, MENU, message)
        await bob.context_menu(question.thread, MENU, message)

    third = await bob.context_menu(question.thread, MENU, message)

    assert sentence(third).startswith("This is already answer #1.1")
    assert "1 answer" in question.text()
    assert len(server.cards()) == 2


@on_sqlite
@in_a_forum
async def test_a_bots_message_cannot_become_an_answer(
    env: simcord.Env,
    server: Server,
    question: Card,
    answer: Card,
    alice: simcord.MemberActor,
    moderator: simcord.MemberActor,
) -> None:
    robot = server.guild.add_member(env.create_user("robot", bot=True))
    message = await robot.send(question.thread, "I am a bot, and I have an opinion on this.")

    for said in (message, answer.message, question.message):
        text = sentence(await moderator.context_menu(question.thread, MENU, said))
        assert text == "Only a member's message can become an answer."
    assert len(server.cards()) == 2


@on_sqlite
@in_a_forum
async def test_a_message_outside_of_a_questions_thread(
    server: Server, question: Card, bob: simcord.MemberActor
) -> None:
    message = await bob.send(server.lounge, "Dark curtains, and no screens before bed.")

    text = sentence(await bob.context_menu(server.lounge, MENU, message))

    assert text == "Only messages in a question's thread can become answers to it."


@on_sqlite
@in_a_forum
async def test_a_message_that_is_too_short_for_an_answer(
    server: Server, question: Card, bob: simcord.MemberActor
) -> None:
    short = await bob.send(question.thread, "Curtains!")
    picture = await bob.send(question.thread, attachments=[("curtains.png", pictures.PNG)])

    assert sentence(await bob.context_menu(question.thread, MENU, short)) == (
        "The answer must have at least 20 characters. You entered 9."
    )
    assert sentence(await bob.context_menu(question.thread, MENU, picture)) == (
        "The answer can't be empty. Enter at least 20 visible characters."
    )
    assert len(server.cards()) == 1
