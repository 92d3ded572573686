"""Closing and reopening questions, as members see it."""

from __future__ import annotations

from simcord import MemberActor

from tests.support.server import Server, told


async def test_a_duplicate_is_linked_both_ways_and_takes_no_more_answers(
    server: Server, alice: MemberActor, bob: MemberActor, moderator: MemberActor
) -> None:
    first = await server.ask(alice, "How do I fall asleep after a night shift?")
    again = await server.ask(bob, "Night shifts: how can one sleep by day?")

    reply = await moderator.slash(again.thread, "close", reason="duplicate", duplicate_of="#1")
    assert "#2 is closed" in told(reply)

    assert "🔒 Closed" in again.text()
    assert "Asked before." in again.text()
    assert "#1 [How do I fall asleep after a night shift?]" in again.text()
    assert "Duplicates" in first.text()
    assert "#2" in first.text()

    refused = await server.try_to_answer(alice, again, "Dark curtains, and no screens before bed.")
    assert "is closed and takes no more answers" in told(refused)
    assert "Nothing you typed is lost" in told(refused)

    voted = await server.vote(alice, again, "up")
    assert "You voted #2 up" in told(voted)

    reply = await moderator.slash(again.thread, "reopen")
    assert "#2 is open" in told(reply)
    assert "💬 Open" in again.text()
    assert "Duplicates" not in first.text()
    await server.answer(alice, again, "Dark curtains, and no screens before bed.")


async def test_who_may_close_and_reopen(
    server: Server, alice: MemberActor, bob: MemberActor, moderator: MemberActor
) -> None:
    question = await server.ask(alice, "How do I fall asleep after a night shift?")

    refused = await bob.slash(question.thread, "close", reason="other")
    assert "you need 3000 points" in told(refused)

    closed = await alice.slash(question.thread, "close", reason="other", note="It is solved.")
    assert "#1 is closed" in told(closed)
    assert "It is solved." in question.text()
    assert "#1 is open" in told(await alice.slash(question.thread, "reopen"))

    await moderator.slash(question.thread, "close", reason="off_topic")
    refused = await alice.slash(question.thread, "reopen")
    assert "Only moderators" in told(refused)


async def test_a_duplicate_needs_another_question_of_this_server(
    server: Server, alice: MemberActor, moderator: MemberActor
) -> None:
    question = await server.ask(alice, "How do I fall asleep after a night shift?")
    for named, said in (
        (None, "duplicate_of"),
        ("#1", "can't be a duplicate of itself"),
        ("#77", "There is no post #77"),
    ):
        options = {"duplicate_of": named} if named else {}
        refused = await moderator.slash(question.thread, "close", reason="duplicate", **options)
        assert said in told(refused)
    assert "💬 Open" in question.text()
