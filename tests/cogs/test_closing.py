"""Closing and reopening questions, as members see it."""

from __future__ import annotations

from simcord import MemberActor

from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.server import Card, Server, told


async def test_a_duplicate_is_linked_both_ways_and_takes_no_more_answers(
    server: Server, alice: MemberActor, bob: MemberActor, moderator: MemberActor
) -> None:
    first = await server.ask(alice, "How do I fall asleep after a night shift?")
    again = await server.ask(bob, "Night shifts: how can one sleep by day?")

    opened = await alice.slash(again.thread, "answer")
    reply = await moderator.slash(again.thread, "close", reason="duplicate", duplicate_of="#1")
    assert "Closed #2." in told(reply)

    assert "🔒 Closed" in again.text()
    assert "This was asked before." in again.text()
    assert "#1 [How do I fall asleep after a night shift?]" in again.text()
    assert "Duplicates" in first.text()
    assert "#2" in first.text()

    typed = {"answer": "Dark curtains, and no screens before bed."}
    refused = await alice.submit_modal(opened, typed)
    assert "is closed and takes no more answers" in told(refused)
    assert "Nothing you typed is lost" in told(refused)

    voted = await server.vote(alice, again, "up")
    assert "You upvoted #2." in told(voted)

    reply = await moderator.slash(again.thread, "reopen")
    assert "Reopened #2." in told(reply)
    assert "Closed" not in again.text()
    assert "Duplicates" not in first.text()
    await server.answer(alice, again, "Dark curtains, and no screens before bed.")


async def test_who_may_close_and_reopen(
    server: Server, alice: MemberActor, bob: MemberActor, moderator: MemberActor
) -> None:
    question = await server.ask(alice, "How do I fall asleep after a night shift?")

    refused = await bob.slash(question.thread, "close", reason="other")
    assert told(refused) == "Only the member who asked and moderators can do this."

    closed = await alice.slash(question.thread, "close", reason="other", note="It is solved.")
    assert "Closed #1." in told(closed)
    assert "It is solved." in question.text()
    assert "Reopened #1." in told(await alice.slash(question.thread, "reopen"))

    await moderator.slash(question.thread, "close", reason="off_topic")
    refused = await alice.slash(question.thread, "reopen")
    assert "Only moderators" in told(refused)


async def test_a_duplicate_needs_another_question_of_this_server(
    server: Server, alice: MemberActor, moderator: MemberActor
) -> None:
    question = await server.ask(alice, "How do I fall asleep after a night shift?")
    for named, said in (
        (None, "I found no question like #1."),
        ("#1", "can't be a duplicate of itself"),
        ("#77", "There's no post #77"),
    ):
        options = {"duplicate_of": named} if named else {}
        refused = await moderator.slash(question.thread, "close", reason="duplicate", **options)
        assert said in told(refused)
    assert "Closed" not in question.text()


async def test_the_links_follow_what_becomes_of_the_other(
    server: Server, alice: MemberActor, bob: MemberActor, moderator: MemberActor
) -> None:
    first, again = await two_alike(server, alice, bob, moderator)

    form = await alice.slash(first.thread, "edit")
    await alice.submit_modal(form, {"title": "Sleeping after a night shift: how?"})
    assert "#1 [Sleeping after a night shift: how?]" in again.text()

    await moderator.slash(server.lounge, "hide", post="#1")
    assert "This was asked before." in again.text()
    assert "Sleeping after" not in again.text()
    await moderator.slash(server.lounge, "show", post="#1")
    await server.env.advance_time(5)
    first = server.card(first.post_id)
    assert f"/{first.thread.id}/{first.message_id})" in again.text()

    await moderator.slash(server.lounge, "hide", post="#2")
    assert "Duplicates" not in first.text()
    await moderator.slash(server.lounge, "show", post="#2")
    await server.env.advance_time(5)
    again = server.card(again.post_id)
    assert f"/{again.thread.id}/{again.message_id})" in first.text()


async def test_the_links_lead_to_where_the_other_stands_by_now(
    server: Server, alice: MemberActor, bob: MemberActor, moderator: MemberActor
) -> None:
    first, again = await two_alike(server, alice, bob, moderator)
    server.env.backend.delete_channel(first.thread.id)
    await server.env.settle()
    await server.env.advance_time(5)
    assert "This was asked before." in again.text()
    assert "fall asleep" not in again.text()

    await moderator.slash(server.lounge, "show", post="#1")
    await server.env.advance_time(5)
    anew = server.card(first.post_id)
    assert anew.message_id != first.message_id
    assert f"/{anew.thread.id}/{anew.message_id})" in again.text()


@on_sqlite
async def test_the_best_answer_is_linked_where_it_stands_by_now(
    server: Server, alice: MemberActor, moderator: MemberActor, question: Card, answer: Card
) -> None:
    await server.choose(alice, answer)
    assert f"/{answer.message_id})" in question.text()
    server.env.backend.delete_channel(question.thread.id)
    await server.env.settle()
    await server.env.advance_time(5)

    await moderator.slash(server.lounge, "show", post="#1")
    await server.env.advance_time(10)
    anew = server.card(answer.post_id)
    assert anew.message_id != answer.message_id
    assert f"/{anew.thread.id}/{anew.message_id})" in server.card(question.post_id).text()


@on_sqlite
@in_a_forum
async def test_an_asker_cannot_reopen_by_closing_again_what_a_moderator_closed(
    server: Server, alice: MemberActor, moderator: MemberActor, question: Card
) -> None:
    await moderator.slash(question.thread, "close", reason="off_topic")
    refused = await alice.slash(question.thread, "close", reason="other")
    assert "Only moderators" in told(refused)
    assert "Off-topic here." in question.text()

    await moderator.slash(question.thread, "reopen")
    await alice.slash(question.thread, "close", reason="other")
    again = await alice.slash(question.thread, "close", reason="other", note="It is solved.")
    assert "Closed #1." in told(again)


async def two_alike(
    server: Server, alice: MemberActor, bob: MemberActor, moderator: MemberActor
) -> tuple[Card, Card]:
    """Two questions, the second closed as a duplicate of the first."""
    first = await server.ask(alice, "How do I fall asleep after a night shift?")
    again = await server.ask(bob, "Night shifts: how can one sleep by day?")
    await moderator.slash(again.thread, "close", reason="duplicate", duplicate_of="#1")
    assert f"/{first.thread.id}/{first.message_id})" in again.text()
    assert f"/{again.thread.id}/{again.message_id})" in first.text()
    return first, again
