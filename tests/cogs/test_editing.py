"""Editing and deleting, and what people do to cards themselves."""

from __future__ import annotations

import pytest
import simcord

from bot.usecases import browsing
from data.database import Database
from tests.support.kinds import in_a_forum, in_a_text_channel, on_sqlite
from tests.support.ledger import assert_consistent
from tests.support.replies import buttons, fields, filled, open_again, pings, reply_of, sentence
from tests.support.server import Card, Server, told
from tests.support.simulator import at_once, delete_channel, exists

TITLE = "How do I sleep after a night shift?"
FIRST = "Dark curtains, and no screens before bed."


async def points(db: Database, person: simcord.MemberActor) -> int:
    return (await browsing.profile(db, person.guild.id, person.id)).points


async def delete(
    person: simcord.MemberActor, channel: simcord.ChannelHandle, post: str | None = None
) -> simcord.InteractionResult:
    """A person deletes a post, and is sure."""
    asked = await person.slash(channel, "delete", **({"post": post} if post else {}))
    return await person.click(reply_of(asked), label="Delete")


# --- editing -------------------------------------------------------------------------------------


async def test_an_asker_edits_their_question(
    env: simcord.Env, server: Server, question: Card, alice: simcord.MemberActor
) -> None:
    shown = await alice.slash(question.thread, "edit")
    before = filled(shown)
    assert before["title"] == TITLE
    assert before["details"] == "I work nights this month, and lie awake until noon."

    written = {"title": "How do I fall asleep after a night shift?", "tags": "sleep, work"}
    reply = await alice.submit_modal(shown, before | written | {"reason": "clearer"})

    assert sentence(reply).startswith("Saved your changes to #1.\n")
    assert buttons(reply) == {"Go to #1": question.message.jump_url}
    text = question.text()
    assert question.title == written["title"]
    assert "I work nights this month" in text
    assert "#sleep #work" in text
    assert question.small_line.endswith(" · edited")
    # State never goes into a thread's name, but the title does.
    assert question.thread.name == written["title"]
    assert pings(question.message) == []


@in_a_forum
async def test_an_edited_title_is_found(
    server: Server, question: Card, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    shown = await alice.slash(question.thread, "edit")
    await alice.submit_modal(shown, filled(shown) | {"title": "Which bread goes with cheese?"})

    similar = await bob.slash(server.lounge, "ask", title="bread and cheese")
    assert "Which bread goes with cheese?" in sentence(similar)
    other = await bob.slash(server.lounge, "ask", title="A night shift, and then?")
    assert other.modal is not None


@in_a_forum
async def test_an_answer_is_edited_from_the_more_menu_and_the_message_menu(
    server: Server, answer: Card, bob: simcord.MemberActor
) -> None:
    menu = await bob.click(answer.message, label="⋯")
    shown = await bob.click(reply_of(menu), label="Edit")
    assert list(fields(shown)) == ["answer", "reason"]
    assert filled(shown)["answer"] == FIRST
    await bob.submit_modal(shown, {"answer": f"{FIRST} And earplugs."})
    assert f"{FIRST} And earplugs." in answer.text()
    assert answer.small_line.endswith(" · edited")

    shown = await bob.context_menu(answer.thread, "Edit post", answer.message)
    assert filled(shown)["answer"] == f"{FIRST} And earplugs."


@on_sqlite
@in_a_forum
async def test_the_message_menu_on_what_is_no_post(
    question: Card, bob: simcord.MemberActor
) -> None:
    chat = await bob.send(question.thread, "Good luck to you!")

    text = sentence(await bob.context_menu(question.thread, "Edit post", chat))

    assert text == "That message isn't the card of a question or an answer. Use this on a card."


@on_sqlite
@in_a_forum
async def test_an_edit_that_changes_nothing(
    server: Server, answer: Card, bob: simcord.MemberActor
) -> None:
    shown = await bob.slash(server.lounge, "edit", post="#1.1")
    told_ = await bob.submit_modal(shown, filled(shown) | {"answer": f"{FIRST}  "})

    assert sentence(told_) == "No changes to #1.1."
    assert "edited" not in answer.text()


@on_sqlite
@in_a_forum
async def test_who_may_edit_what(
    server: Server,
    answer: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    configure,
) -> None:
    refused = await alice.slash(server.lounge, "edit", post="#1.1")
    assert sentence(refused) == "Only the author and moderators can edit this post."
    assert "Edit" not in buttons(await alice.click(answer.message, label="⋯"))

    shown = await moderator.slash(server.lounge, "edit", post="#1.1")
    await moderator.submit_modal(shown, {"answer": f"{FIRST} (Mona: well said.)"})
    assert f"edited by {moderator.name}" in answer.text()
    assert f"{bob.name} · 140 points" in answer.text()

    await configure("privilege.edit_others", "130")
    refused = await alice.slash(server.lounge, "edit", post="#1.1")
    assert sentence(refused) == "Editing other members' posts requires 130 points. You have 120."
    await configure("privilege.edit_others", "120")
    shown = await alice.slash(server.lounge, "edit", post="#1.1")
    await alice.submit_modal(shown, {"answer": f"{FIRST} Thank you."})
    assert f"edited by {alice.name}" in answer.text()


@in_a_forum
async def test_two_who_edit_at_the_same_time(
    server: Server,
    answer: Card,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
) -> None:
    bobs = await bob.slash(server.lounge, "edit", post="#1.1")
    monas = await moderator.slash(server.lounge, "edit", post="#1.1")
    await moderator.submit_modal(monas, {"answer": f"{FIRST} (Mona: well said.)"})

    refused = await bob.submit_modal(bobs, {"answer": f"{FIRST} And earplugs."})
    assert sentence(refused).startswith("Someone else edited this post while you were editing it.")
    assert "And earplugs." not in answer.text()

    again = await open_again(bob, refused)
    assert filled(again)["answer"] == f"{FIRST} And earplugs."
    sentence(await bob.submit_modal(again, filled(again)))
    assert "And earplugs." in answer.text()


@in_a_forum
async def test_two_edits_sent_at_once(
    env: simcord.Env, server: Server, answer: Card, bob: simcord.MemberActor, moderator
) -> None:
    forms = [(p, await p.slash(server.lounge, "edit", post="#1.1")) for p in (bob, moderator)]
    async with at_once(env):
        replies = [
            await person.submit_modal(form, {"answer": f"{FIRST} Says {person.name}."})
            for person, form in forms
        ]

    told_ = sorted(told(reply)[:10] for reply in replies)
    assert told_ == ["Saved your", "Someone el"]


@on_sqlite
@in_a_forum
async def test_a_refused_edit_comes_back_with_everything_in_it(
    server: Server, question: Card, alice: simcord.MemberActor
) -> None:
    shown = await alice.slash(question.thread, "edit")
    written = {"title": "! ! ! ! ! !", "details": "More.", "tags": "work", "reason": "why not"}
    refused = await alice.submit_modal(shown, written)
    assert sentence(refused).startswith(
        "The title must have at least 10 characters. You entered 6."
    )
    assert "Nothing you typed is lost." in sentence(refused)

    assert filled(await open_again(alice, refused)) == written
    assert question.title == TITLE


@on_sqlite
@in_a_forum
async def test_only_so_many_edits_within_an_hour(
    server: Server, answer: Card, bob: simcord.MemberActor, configure
) -> None:
    await configure("limit.edits", "1")
    first = await bob.slash(server.lounge, "edit", post="#1.1")
    second = await bob.slash(server.lounge, "edit", post="#1.1")
    await bob.submit_modal(first, {"answer": f"{FIRST} And earplugs."})

    refused = await bob.submit_modal(second, {"answer": f"{FIRST} And a mask."})
    assert sentence(refused).startswith("You've made 1 edit this hour")
    third = await bob.slash(server.lounge, "edit", post="#1.1")
    assert sentence(third).startswith("You've made 1 edit this hour")


@on_sqlite
@in_a_forum
async def test_a_post_that_goes_while_one_edits(
    server: Server, answer: Card, bob: simcord.MemberActor, moderator: simcord.MemberActor
) -> None:
    shown = await bob.slash(server.lounge, "edit", post="#1.1")
    await delete(moderator, server.lounge, "#1.1")

    reply = await bob.submit_modal(shown, {"answer": f"{FIRST} And earplugs."})

    assert sentence(reply).startswith("This post is no longer available. Here's what you typed.")
    assert reply.response is not None
    (file,) = reply.response.attachments
    assert (await file.read()).decode() == f"{FIRST} And earplugs."


@on_sqlite
@in_a_forum
async def test_a_kept_edit_of_a_post_that_is_gone(
    server: Server, answer: Card, bob: simcord.MemberActor, moderator: simcord.MemberActor
) -> None:
    shown = await bob.slash(server.lounge, "edit", post="#1.1")
    refused = await bob.submit_modal(shown, {"answer": "- - - - - - - - - - - - - - -"})
    await delete(moderator, server.lounge, "#1.1")

    gone = await open_again(bob, refused)

    assert sentence(gone).startswith("This post is no longer available. Here's what you typed.")


# --- deleting ------------------------------------------------------------------------------------


async def test_an_answer_is_deleted_by_its_author(
    env: simcord.Env,
    server: Server,
    question: Card,
    answer: Card,
    bob: simcord.MemberActor,
    db: Database,
) -> None:
    asked = await bob.slash(server.lounge, "delete", post="#1.1")
    assert sentence(asked).startswith(
        "Delete #1.1? Moderators can restore it for 7 days. After that, its text is erased."
    )
    assert answer in server.cards()

    told_ = await bob.click(reply_of(asked), label="Delete")
    await env.advance_time(5)

    assert sentence(told_) == "#1.1 is deleted."
    assert server.cards() == [question]
    assert "0 answers" in question.text()
    assert await points(db, bob) == 100
    await assert_consistent(db)


async def test_a_question_without_answers_goes_with_its_thread(
    server: Server, question: Card, alice: simcord.MemberActor, db: Database
) -> None:
    assert sentence(await delete(alice, server.lounge, "#1")) == "#1 is deleted."

    assert server.cards() == []
    assert server.threads() == []
    assert await points(db, alice) == 100
    # Its number is not given out again.
    assert "#2" in (await server.ask(alice, TITLE)).text()
    await assert_consistent(db)


@on_sqlite
@in_a_forum
async def test_an_answered_question_is_deleted_by_moderators_only(
    server: Server, question: Card, answer: Card, alice: simcord.MemberActor
) -> None:
    refused = await alice.slash(question.thread, "delete")

    assert sentence(refused) == (
        "Others have answered this question, so only a moderator can delete it. You can still "
        "edit it."
    )
    assert "Delete" not in buttons(await alice.click(question.message, label="⋯"))
    assert question.title == TITLE


@on_sqlite
@in_a_forum
async def test_an_answer_that_comes_while_one_deletes(
    server: Server, question: Card, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    asked = await alice.slash(question.thread, "delete")
    await server.answer(bob, question, FIRST)

    refused = await alice.click(reply_of(asked), label="Delete")

    assert sentence(refused).startswith("Others have answered this question")
    assert question.title == TITLE


async def test_what_a_moderator_leaves_of_an_answered_question(
    env: simcord.Env,
    server: Server,
    question: Card,
    answer: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    db: Database,
) -> None:
    await delete(moderator, server.lounge, "#1")
    await env.advance_time(5)

    assert question.text().startswith("This question was deleted.")
    assert TITLE not in question.text()
    assert question.message.components == []
    assert exists(env, question.thread.id)  # others wrote there
    for post in ("#1", "1"):
        text = sentence(await bob.slash(server.lounge, "answer", question=post))
        assert text == f"There's no post {post} in this server. Check its number or link."
    assert await points(db, alice) == 100
    await assert_consistent(db)


@on_sqlite
@in_a_forum
async def test_strangers_delete_nothing(
    server: Server, answer: Card, carol: simcord.MemberActor
) -> None:
    text = sentence(await carol.slash(server.lounge, "delete", post="#1.1"))

    assert text == "Only the author and moderators can delete this post."
    assert "Delete" not in buttons(await carol.click(answer.message, label="⋯"))


@on_sqlite
@in_a_forum
async def test_deleting_twice(server: Server, answer: Card, bob: simcord.MemberActor) -> None:
    first = await bob.slash(server.lounge, "delete", post="#1.1")
    second = await bob.slash(server.lounge, "delete", post="#1.1")
    await bob.click(reply_of(first), label="Delete")

    text = sentence(await bob.click(reply_of(second), label="Delete"))

    assert text == "This post is no longer available."


# --- what people take away in Discord itself ------------------------------------------------------


@in_a_forum
async def test_a_card_that_a_moderator_deletes_hides_its_post(
    env: simcord.Env,
    server: Server,
    question: Card,
    answer: Card,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    db: Database,
) -> None:
    await moderator.delete(answer.message)
    await env.advance_time(5)

    assert server.cards() == [question]
    assert "0 answers" in question.text()
    assert await points(db, bob) == 100
    text = sentence(await bob.slash(server.lounge, "edit", post="#1.1"))
    assert text == "There's no post #1.1 in this server. Check its number or link."
    await assert_consistent(db)


@pytest.mark.parametrize("gone", ["card", "thread"])
async def test_a_question_whose_card_or_thread_is_deleted(
    env: simcord.Env,
    server: Server,
    question: Card,
    answer: Card,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    gone: str,
    db: Database,
) -> None:
    if gone == "card":
        await moderator.delete(question.message)
    else:
        await delete_channel(env, question.thread)
    await env.advance_time(5)

    text = sentence(await bob.slash(server.lounge, "answer", question="#1"))
    assert text == "There's no post #1 in this server. Check its number or link."
    similar = await bob.slash(server.lounge, "ask", title=TITLE)
    assert similar.modal is not None
    await assert_consistent(db)


@on_sqlite
@in_a_text_channel
async def test_deleting_ones_own_chat_changes_nothing(
    env: simcord.Env, server: Server, question: Card, answer: Card, bob: simcord.MemberActor
) -> None:
    chat = await bob.send(question.thread, "Good luck to you!")
    await bob.delete(chat)
    await env.advance_time(5)

    assert server.cards() == [question, answer]
    assert "1 answer" in question.text()
