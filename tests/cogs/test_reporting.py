"""Reporting posts, and what moderators do about it: `/queue`, `/hide`, `/show`."""

from __future__ import annotations

import pytest
import simcord

from bot.usecases import browsing
from tests.cogs.conftest import Configure
from tests.conftest import Restart
from tests.support.forgery import press
from tests.support.kinds import in_a_forum, in_a_text_channel, on_sqlite
from tests.support.ledger import assert_consistent
from tests.support.replies import (
    buttons,
    control_in,
    fields,
    filled,
    open_again,
    reply_of,
    sentence,
)
from tests.support.reports import report
from tests.support.server import Card, Server, told
from tests.support.time import hours_pass
from tests.support.wire import Failure, Wire


async def reports_count_at_once(configure: Configure) -> None:
    """However new the members are: that their age counts has tests of its own."""
    await configure("report_account_days", "0")
    await configure("report_member_days", "0")


def kinds(server: Server) -> list[str]:
    return sorted(card.kind for card in server.cards())


@in_a_forum
async def test_a_report_reaches_the_moderators(
    server: Server,
    alice: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    answer: Card,
) -> None:
    first = await report(carol, answer, "It sells *curtains*.")
    assert sentence(first) == (
        "Thanks. The moderators' queue now has #1.1. They'll see it the next time they use Askwell."
    )
    shown = await alice.context_menu(answer.thread, "Report post", answer.message)
    assert fields(shown)["reason"]["required"] is False
    await alice.submit_modal(shown, {"reason": ""})

    queue = await moderator.slash(server.lounge, "queue")
    text = sentence(queue)
    assert "Reported posts · 1/1" in text
    assert "**#1.1**" in text
    assert "Dark curtains" in text
    assert "2 reports" in text
    assert f"{carol.mention}" in text
    assert "It sells \\*curtains\\*." in text
    more = ["Take it", "Pass", "Edit"]
    assert list(buttons(queue)) == ["Dismiss", "Block author…", "Link", *more]
    assert "answer" in kinds(server), "two reports hide nothing"


@on_sqlite
@in_a_forum
async def test_new_members_hide_nothing(
    env: simcord.Env, server: Server, moderator: simcord.MemberActor, answer: Card
) -> None:
    for n in range(5):
        member = server.guild.add_member(env.create_user(f"new{n}"))
        assert "is hidden" not in sentence(await report(member, answer))
    await env.advance_time(5)
    assert "answer" in kinds(server)
    assert "5 reports" in sentence(await moderator.slash(server.lounge, "queue"))


@on_sqlite
@in_a_forum
async def test_what_a_moderator_wrote_is_not_hidden_by_a_number_of_reports(
    env: simcord.Env,
    server: Server,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
    configure: Configure,
) -> None:
    await configure("flags_to_hide", "2")
    await reports_count_at_once(configure)
    advice = await server.answer(moderator, question, "Please see a doctor about this, soon.")
    for person in (alice, bob, carol):
        assert "is hidden" not in sentence(await report(person, advice))
    await env.advance_time(5)
    assert kinds(server) == ["answer", "question"]
    assert "3 reports" in sentence(await moderator.slash(server.lounge, "queue"))


@on_sqlite
@in_a_forum
async def test_what_a_moderator_showed_again_stays(
    env: simcord.Env,
    server: Server,
    alice: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    answer: Card,
    configure: Configure,
) -> None:
    await configure("flags_to_hide", "1")
    await reports_count_at_once(configure)
    hidden = "#1.1 is hidden until a moderator has looked at it."
    assert hidden in sentence(await report(carol, answer))
    await moderator.slash(server.lounge, "show", post="#1.1")
    await env.advance_time(5)
    again = next(card for card in server.cards() if card.kind == "answer")
    assert "already reported this post" in sentence(await report(carol, again))
    assert "is hidden" not in sentence(await report(alice, again))
    await env.advance_time(5)
    assert "answer" in kinds(server)


@in_a_forum
async def test_each_reports_a_post_once_and_nobody_their_own(
    server: Server,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    answer: Card,
) -> None:
    await report(carol, answer)
    again = await carol.context_menu(answer.thread, "Report post", answer.message)
    refused = await carol.submit_modal(again, {"reason": "Really!"})
    assert "You've already reported this post." in sentence(refused)

    menu = await bob.click(answer.message, custom_id=answer.control("more"))
    assert "Report" not in buttons(menu)
    refused = await bob.context_menu(answer.thread, "Report post", answer.message)
    assert sentence(refused) == "This is your own post. You can edit or delete it instead."
    forged = await press(bob, answer.message, f"qa:1:report:{answer.post_id}")
    assert "your own post" in sentence(forged)


@on_sqlite
@in_a_forum
async def test_what_can_be_reported(
    server: Server, carol: simcord.MemberActor, question: Card, answer: Card
) -> None:
    comment = await server.comment(carol, answer, "Is that an advertisement?")
    chat = await carol.send(question.thread, "Hello!")
    refused = await carol.context_menu(question.thread, "Report post", chat)
    assert sentence(refused) == (
        "That message isn't the card of a question or an answer. Use this on a card."
    )
    assert "Report" not in buttons(
        await carol.click(comment.message, custom_id=comment.control("more"))
    )
    assert "#1." in sentence(await report(carol, question))


@on_sqlite
@in_a_forum
async def test_a_long_reason_comes_back_and_an_hour_has_its_limit(
    env: simcord.Env,
    server: Server,
    carol: simcord.MemberActor,
    question: Card,
    answer: Card,
    configure,
) -> None:
    await configure("limit.reports", "1")
    await report(carol, question)

    refused = await report(carol, answer, "Spam.")
    assert "You've reported 1 post this hour" in sentence(refused)
    again = await open_again(carol, refused)
    assert filled(again) == {"why": [], "reason": "Spam."}
    await env.advance_time(3601)
    assert "Thanks." in sentence(await carol.submit_modal(again, filled(again)))


async def test_enough_reports_hide_a_post_until_a_moderator_shows_it(
    env: simcord.Env,
    server: Server,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    answer: Card,
    configure,
) -> None:
    await configure("flags_to_hide", "2")
    await reports_count_at_once(configure)
    await carol.react(answer.message, "⬆️")
    await server.choose(alice, answer)
    before = await points(server, bob)

    assert "is hidden" not in sentence(await report(alice, answer, "Spam."))
    reply = await report(carol, answer)
    assert "#1.1 is hidden until a moderator has looked at it." in sentence(reply)
    await env.advance_time(5)
    assert kinds(server) == ["question"]
    (question,) = server.cards()
    assert "0 answers" in question.text()
    assert question.title
    assert await points(server, bob) == 100
    await assert_consistent(env.bot.db)  # type: ignore[attr-defined]

    queue = await moderator.slash(server.lounge, "queue")
    assert "· hidden" in sentence(queue)
    decisions = ["Show", "Keep hidden", "Block author…"]
    assert list(buttons(queue)) == [*decisions, "Take it", "Pass"]
    done = await moderator.click(reply_of(queue), label="Show")
    assert "The post is shown again. Nothing waits." in told(done)
    await env.advance_time(5)
    assert kinds(server) == ["answer", "question"]
    back = next(card for card in server.cards() if card.kind == "answer")
    assert "Dark curtains" in back.text()
    assert "+1 vote" in back.text()
    assert [str(r.emoji) for r in back.message.reactions] == ["⬆️", "⬇️"]
    assert "1 answer" in question.text()
    # It is the best answer again, too, with its points, and a recount finds nothing to change.
    assert "Best answer" in back.text()
    assert back.message.pinned
    assert await points(server, bob) == before
    await assert_consistent(env.bot.db)  # type: ignore[attr-defined]
    await assert_consistent(env.bot.db)  # type: ignore[attr-defined]

    await report(moderator, back)
    assert "answer" in kinds(server), "reports before the decision count no more"


async def points(server: Server, person: simcord.MemberActor) -> int:
    db = server.env.bot.db  # type: ignore[attr-defined]
    return (await browsing.profile(db, server.guild.id, person.id)).points


@on_sqlite
@in_a_forum
async def test_reports_can_be_told_to_hide_nothing(
    server: Server,
    alice: simcord.MemberActor,
    carol: simcord.MemberActor,
    answer: Card,
    configure,
) -> None:
    await configure("flags_to_hide", "0")
    await report(alice, answer)
    await report(carol, answer)
    assert "answer" in kinds(server)


@in_a_forum
async def test_the_queue_page_by_page(
    env: simcord.Env,
    server: Server,
    restart: Restart,
    alice: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
    answer: Card,
) -> None:
    await report(carol, question, "Off topic.")
    await env.advance_time(60)
    await report(carol, answer, "Spam.")
    await report(alice, answer, "Spam!")

    queue = await moderator.slash(server.lounge, "queue")
    assert "1/2" in told(queue)
    assert "Off topic." in told(queue)
    await restart()
    page = await moderator.click(reply_of(queue), label="Next")
    assert "2/2" in told(page)
    assert "2 reports" in told(page)

    page = await moderator.click(reply_of(page), label="Dismiss")
    assert "Dismissed 2 reports." in told(page)
    assert "1/1" in told(page)
    assert "Off topic." in told(page)
    select = control_in(reply_of(page), "review.hide.because")
    page = await moderator.select(reply_of(page), ["rules"], custom_id=select)
    assert "The post is hidden. Nothing waits." in told(page)

    hidden = await moderator.slash(server.lounge, "queue", view="hidden")
    assert "Hidden posts · 1/1" in told(hidden)
    assert "night shift" in told(hidden)
    assert list(buttons(hidden)) == ["Show", "Block author…", "Link"]
    assert "Nothing waits." in told(await moderator.slash(server.lounge, "queue"))


async def test_the_author_reads_why_a_post_was_hidden_from_the_queue(
    server: Server,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    moderators: simcord.RoleHandle,
    env: simcord.Env,
    restart: Restart,
    answer: Card,
) -> None:
    milo = server.guild.add_member(env.create_user("milo"), roles=[moderators])
    await report(carol, answer)
    queue = reply_of(await moderator.slash(server.lounge, "queue"))
    his = reply_of(await milo.slash(server.lounge, "queue"))
    await restart()
    select = control_in(queue, "review.hide.because")
    done = await moderator.select(queue, ["unkind"], custom_id=select)
    assert told(done).startswith("The post is hidden.")
    assert kinds(server) == ["question"]
    inbox = sentence(await bob.slash(server.lounge, "inbox"))
    assert "A moderator hid it because it's unkind." in inbox

    second = await milo.select(his, ["spam"], custom_id=select)
    assert told(second).startswith("Another moderator was faster. Hidden by mona")
    inbox = sentence(await bob.slash(server.lounge, "inbox"))
    assert "A moderator hid it because it's unkind." in inbox


@on_sqlite
@in_a_forum
@pytest.mark.parametrize(
    "action",
    [
        "queue:reported:0",
        "review.hide.because:1:reported:0",
        "review.show:1:reported:0",
        "review.dismiss:1:reported:0",
    ],
)
async def test_only_moderators(
    server: Server, carol: simcord.MemberActor, answer: Card, action: str
) -> None:
    refused = await press(carol, answer.message, f"qa:1:{action}")
    assert sentence(refused) == "Only moderators can do this."
    assert kinds(server) == ["answer", "question"]


@on_sqlite
@in_a_forum
async def test_the_commands_are_offered_to_moderators_only(
    server: Server, carol: simcord.MemberActor, moderator: simcord.MemberActor
) -> None:
    for name in ("queue", "hide", "show"):
        assert name in moderator.available_commands(server.lounge)
        assert name not in carol.available_commands(server.lounge)


async def test_a_question_is_hidden_and_shown_again(
    env: simcord.Env,
    server: Server,
    alice: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
) -> None:
    question = await server.ask(
        alice, "How do I sleep after a night shift?", "I lie awake.", tags="sleep, shifts"
    )
    await carol.react(question.message, "⬆️")

    reply = await moderator.slash(server.lounge, "hide", post="#1")
    assert "#1 is hidden. Use `/show #1` to show it again." in sentence(reply)
    assert server.cards() == []
    assert server.threads() == []
    assert await points(server, alice) == 100
    assert await similar(server, alice) == []

    offered = await moderator.autocomplete(server.lounge, "show", "post", "night")
    assert [choice["value"] for choice in offered] == ["#1"]
    again = await moderator.slash(server.lounge, "hide", post="#1")
    assert sentence(again) == "#1 is already hidden."

    reply = await moderator.slash(server.lounge, "show", post="#1")
    assert sentence(reply) == "#1 is shown again."
    await env.advance_time(5)
    (back,) = server.cards()
    assert "I lie awake." in back.text()
    assert "#sleep #shifts" in back.text()
    assert "+1 vote" in back.text()
    assert len(server.threads()) == 1
    assert await points(server, alice) == 130
    assert await similar(server, alice) == ["#1"]
    assert "isn't hidden" in sentence(await moderator.slash(back.thread, "show"))
    await server.answer(carol, back, "Dark curtains, and no screens before bed.")
    await assert_consistent(env.bot.db)  # type: ignore[attr-defined]


@on_sqlite
@in_a_text_channel
async def test_a_card_goes_although_its_thread_is_gone_already(
    server: Server, alice: simcord.MemberActor, moderator: simcord.MemberActor, wire: Wire
) -> None:
    """So Discord answers where its first answer got lost, and the library asked again."""
    await server.ask(alice, "How do I sleep after a night shift?", "I lie awake.")
    wire.fail("DELETE", "/channels/*[0-9]", Failure.UNKNOWN_CHANNEL)
    await moderator.slash(server.lounge, "hide", post="#1")
    assert wire.sprung == 1
    assert server.cards() == []


async def similar(server: Server, person: simcord.MemberActor) -> list[str]:
    offered = await person.autocomplete(server.lounge, "answer", "question", "night shift")
    return [choice["value"] for choice in offered]


async def test_an_answered_question_keeps_its_thread_while_it_is_hidden(
    env: simcord.Env,
    server: Server,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
    answer: Card,
) -> None:
    await moderator.slash(question.thread, "hide")
    message = question.message
    assert message.embeds[0].description == "This question is hidden."
    assert message.components == []
    (thread,) = server.threads()
    stored = env.backend.get_channel(thread.id).thread_metadata
    assert stored is not None
    assert stored.archived
    assert stored.locked

    await moderator.slash(server.lounge, "show", post="#1")
    await env.advance_time(5)
    assert "How do I sleep" in question.title
    assert kinds(server) == ["answer", "question"]
    stored = env.backend.get_channel(thread.id).thread_metadata
    assert stored is not None
    assert not stored.archived
    assert not stored.locked


async def test_a_question_whose_thread_was_deleted_comes_back_whole(
    env: simcord.Env,
    server: Server,
    alice: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
    answer: Card,
) -> None:
    await server.comment(alice, answer, "Thank you!")
    env.backend.delete_channel(question.thread.id)
    await env.settle()
    await env.advance_time(5)
    assert kinds(server) == []

    await moderator.slash(server.lounge, "show", post="#1")
    await env.advance_time(10)
    assert kinds(server) == ["answer", "comment", "question"]
    new = {card.kind: card for card in server.cards()}
    assert new["answer"].channel_id == new["comment"].channel_id == new["question"].thread.id
    assert new["question"].thread.id != question.channel_id or server.kind == "text"
    reference = new["comment"].message.reference
    assert reference is not None
    assert reference.message_id == new["answer"].message_id
    assert len(server.threads()) == 1
    await assert_consistent(env.bot.db)  # type: ignore[attr-defined]


@on_sqlite
@in_a_text_channel
async def test_what_others_chat_in_the_thread_is_not_deleted_with_the_question(
    env: simcord.Env,
    server: Server,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
) -> None:
    await carol.send(question.thread, "I wonder about that, too.")
    await moderator.slash(question.thread, "hide")
    (thread,) = server.threads()
    assert any(m.content == "I wonder about that, too." for m in thread.history())


@on_sqlite
@in_a_forum
async def test_no_post_of_another_server(
    server: Server, moderator: simcord.MemberActor, question: Card
) -> None:
    for name in ("hide", "show"):
        refused = await moderator.slash(server.lounge, name, post="#77")
        assert "There's no post #77 in this server. Check its number or link." in sentence(refused)
        refused = await moderator.slash(server.lounge, name)
        assert sentence(refused)


@on_sqlite
@in_a_forum
async def test_a_deleted_post_can_be_shown_again_for_seven_days(
    env: simcord.Env,
    server: Server,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    answer: Card,
) -> None:
    asked = await bob.slash(server.lounge, "delete", post="#1.1")
    await bob.click(reply_of(asked), label="Delete")
    await env.advance_time(5)
    assert kinds(server) == ["question"]
    refused = await moderator.slash(server.lounge, "hide", post="#1.1")
    assert sentence(refused) == "There's no post #1.1 in this server. Check its number or link."
    shown = await moderator.slash(server.lounge, "show", post="#1.1")
    assert sentence(shown) == "#1.1 is shown again."
    await env.advance_time(5)
    assert kinds(server) == ["answer", "question"]

    asked = await bob.slash(server.lounge, "delete", post="#1.1")
    await bob.click(reply_of(asked), label="Delete")
    await hours_pass(env, 7 * 24 + 1)
    refused = await moderator.slash(server.lounge, "show", post="#1.1")
    erased = "#1.1 was deleted over a week ago. Its text is permanently erased."
    assert sentence(refused) == erased
    assert kinds(server) == ["question"]
    assert "No hidden posts." in told(await moderator.slash(server.lounge, "queue", view="hidden"))


@on_sqlite
async def test_a_thread_that_stays_loses_the_title_of_its_deleted_question_after_seven_days(
    env: simcord.Env, server: Server, moderator: simcord.MemberActor, question: Card, answer: Card
) -> None:
    title = question.title
    thread = answer.thread
    assert thread.name == title
    asked = await moderator.slash(server.lounge, "delete", post="#1")
    await moderator.click(reply_of(asked), label="Delete")
    await hours_pass(env, 24)
    assert thread.name == title
    await hours_pass(env, 6 * 24 + 1)
    assert thread.name == "Deleted question"
    metadata = env.backend.get_channel(thread.id).thread_metadata
    assert metadata is not None
    assert (metadata.archived, metadata.locked) == (True, True)
