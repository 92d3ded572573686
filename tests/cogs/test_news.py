"""What happens to one's own posts, as members read it in their inbox and in direct messages."""

from __future__ import annotations

from datetime import timedelta

import discord
import pytest
from simcord import ChannelHandle, Env, MemberActor

from tests.cogs.conftest import Configure
from tests.support.forgery import press
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.replies import buttons, reply_of, sentence
from tests.support.server import Card, Server, said, told
from tests.support.simulator import Locales, set_permissions

TITLE = "How do I sleep after a night shift?"


async def inbox_of(server: Server, person: MemberActor) -> str:
    return told(await person.slash(server.lounge, "inbox"))


def mails(person: MemberActor) -> list[discord.Message]:
    """The direct messages somebody got from the bot."""
    return person.user.dm_channel.history()


async def test_a_helper_reads_what_came_of_their_answer(
    env: Env,
    server: Server,
    question: Card,
    answer: Card,
    alice: MemberActor,
    bob: MemberActor,
    carol: MemberActor,
) -> None:
    """Nobody ticked or followed anything."""
    await server.comment(carol, answer, "And earplugs, for some.")
    await carol.react(answer.message, "⬆️")
    await server.vote(alice, answer, "up")
    await server.choose(alice, answer)
    await env.advance_time(30)

    inbox = await inbox_of(server, bob)
    assert "🔵 **New comment** · #1.2" in inbox
    assert "🔵 **+2 votes on #1.1**" in inbox
    assert "alice" in inbox
    assert "marked your answer as best: +300** · #1.1" in inbox
    assert "🔵" not in await inbox_of(server, bob)
    asked = await inbox_of(server, alice)
    assert "🔵 **New answer** · #1.1" in asked
    assert "votes on" not in asked, "what she did herself is no news"
    for person in (alice, bob, carol):
        assert mails(person) == [], "nobody asked for messages"


@on_sqlite
@in_a_forum
async def test_an_asker_says_in_the_inbox_that_it_is_solved(
    server: Server, question: Card, answer: Card, alice: MemberActor, bob: MemberActor
) -> None:
    inbox = await alice.slash(server.lounge, "inbox")
    assert "*Did this solve it?*" in told(inbox)
    assert [*buttons(inbox)] == ["Yes, best answer", "Not yet"]
    done = await alice.click(reply_of(inbox), label="Yes, best answer")
    assert sentence(done).startswith("#1.1 is now the best answer.")
    assert "✅ Best answer" in question.text()
    after = await alice.slash(server.lounge, "inbox")
    assert "Did this solve it" not in told(after)
    assert buttons(after) == {}


@on_sqlite
@in_a_forum
async def test_not_yet_asks_no_more_about_that_answer(
    server: Server, question: Card, answer: Card, alice: MemberActor, bob: MemberActor
) -> None:
    await server.answer(bob, question, "Earplugs helped me more than anything.")
    inbox = await alice.slash(server.lounge, "inbox")
    assert [*buttons(inbox)] == [
        "#1.2 · Yes, best answer",
        "#1.2 · Not yet",
        "#1.1 · Yes, best answer",
        "#1.1 · Not yet",
    ]
    left = await alice.click(reply_of(inbox), label="#1.2 · Not yet")
    assert "your question stays open" in sentence(left)
    assert "Best answer" not in question.text()
    again = await alice.slash(server.lounge, "inbox")
    assert [*buttons(again)] == ["Yes, best answer", "Not yet"]
    done = await alice.click(reply_of(again), label="Yes, best answer")
    assert sentence(done).startswith("#1.1 is now")


async def test_an_asker_says_so_in_a_direct_message(
    env: Env, server: Server, alice: MemberActor, bob: MemberActor
) -> None:
    question = await server.ask(alice, TITLE, how=["notify"])
    answer = await server.answer(bob, question, "Dark curtains, and no screens.", how=["notify"])
    await env.advance_time(5)
    [mail] = mails(alice)
    assert "*Did this solve it?*" in said(mail)
    assert "Not yet" in said(mail)
    done = await alice.user.click(mail, label="Yes, best answer")
    assert sentence(done).startswith("#1.1 is now the best answer.")
    await env.advance_time(30)
    assert "✅ Best answer" in question.text()
    assert answer.pinned
    [mail] = mails(bob)
    assert mail.embeds[0].title == "alice marked your answer as best: +300"


@on_sqlite
@in_a_forum
@pytest.mark.parametrize("lost", ["access", "membership", "post"])
async def test_a_direct_message_gives_no_more_rights_than_one_has_now(
    env: Env, server: Server, alice: MemberActor, bob: MemberActor, owner: MemberActor, lost: str
) -> None:
    question = await server.ask(alice, TITLE, how=["notify"])
    await server.answer(bob, question, "Dark curtains, and no screens before bed.")
    await env.advance_time(5)
    [mail] = mails(alice)
    if lost == "access":
        set_permissions(env, server.channel, alice.id, view_channel=False)
    elif lost == "membership":
        server.guild.remove_member(alice)
    else:
        await owner.slash(server.lounge, "hide", post="#1.1")
    await env.settle()
    refused = await alice.user.click(mail, label="Yes, best answer")
    assert sentence(refused) == "This post is no longer available."
    await env.advance_time(30)
    assert "Best answer" not in server.card(question.post_id).text()


@on_sqlite
@in_a_forum
async def test_whoever_is_timed_out_chooses_nothing_by_message(
    env: Env, server: Server, alice: MemberActor, bob: MemberActor
) -> None:
    question = await server.ask(alice, TITLE, how=["notify"])
    await server.answer(bob, question, "Dark curtains, and no screens before bed.")
    await env.advance_time(5)
    [mail] = mails(alice)
    until = (env.now() + timedelta(hours=1)).isoformat()
    env.backend.edit_member(server.guild.id, alice.id, {"timed_out_until": until})
    refused = await alice.user.click(mail, label="Yes, best answer")
    assert "You're timed out in this server." in sentence(refused)
    left = await alice.user.click(mail, label="Not yet")
    assert "your question stays open" in sentence(left)


@on_sqlite
@in_a_forum
async def test_only_the_asker_chooses_whoever_presses(
    server: Server, question: Card, answer: Card, carol: MemberActor
) -> None:
    pressed = f"qa:1:solved:{server.guild.id}:{answer.post_id}"
    forged = await press(carol, answer.message, pressed)
    assert "can choose the best answer" in sentence(forged)


async def test_a_moderators_decisions_are_told_with_their_reasons(
    server: Server,
    question: Card,
    answer: Card,
    alice: MemberActor,
    bob: MemberActor,
    moderator: MemberActor,
) -> None:
    await moderator.slash(server.lounge, "hide", post="#1.1", reason="unkind")
    hidden = await inbox_of(server, bob)
    assert "🔵 **Hidden** · #1.1" in hidden
    assert "A moderator hid it because it's unkind." in hidden
    await moderator.slash(server.lounge, "show", post="#1.1")
    shown = await inbox_of(server, bob)
    assert "🔵 **Shown again** · #1.1" in shown
    assert "**Hidden**" not in shown

    first = await server.ask(bob, "How do you fall asleep by day?")
    await moderator.slash(
        question.thread, "close", reason="duplicate", duplicate_of="#2", note="Have a look."
    )
    closed = await inbox_of(server, alice)
    assert "🔵 **Closed** · #1" in closed
    assert "This was asked before." in closed
    assert "See #2 [How do you fall asleep by day?](https://discord.com/channels/" in closed
    assert "Have a look." in closed
    assert str(first.message_id) in closed
    await moderator.slash(question.thread, "reopen")
    assert "🔵 **Reopened** · #1" in await inbox_of(server, alice)

    form = await moderator.slash(server.lounge, "edit", post="#1")
    await moderator.submit_modal(form, {"title": "How do I sleep after working nights?"})
    edited = await inbox_of(server, alice)
    assert "🔵 **Edited by [" in edited
    asked = await moderator.slash(server.lounge, "delete", post="#1.1")
    await moderator.click(reply_of(asked), label="Delete")
    assert "🔵 **Deleted by a moderator** · #1.1" in await inbox_of(server, bob)


@on_sqlite
@in_a_forum
async def test_it_is_told_in_the_readers_language(
    server: Server, question: Card, answer: Card, locales: Locales, bob, carol, moderator
) -> None:
    locales.speaks(bob, "de")
    await carol.react(answer.message, "⬆️")
    await moderator.slash(server.lounge, "hide", post="#1.1", reason="spam")
    hidden = await inbox_of(server, bob)
    assert "**Verborgen** · #1.1" in hidden
    assert "Die Moderation hat ihn als Spam verborgen." in hidden
    assert "für #1.1" not in hidden, "a hidden post has no votes to tell of"


@on_sqlite
@in_a_forum
async def test_a_closed_question_says_why_and_leads_to_its_original(
    env: Env,
    server: Server,
    sleep: str,
    nights: ChannelHandle,
    alice: MemberActor,
    bob: MemberActor,
    carol: MemberActor,
    moderator: MemberActor,
) -> None:
    original = await server.ask(alice, "How do you fall asleep by day?", category=sleep)
    question = await server.ask(alice, TITLE)
    form = await bob.slash(question.thread, "answer")
    await moderator.slash(
        question.thread, "close", reason="duplicate", duplicate_of="#1", note="Have a look."
    )
    refused = sentence(await bob.slash(question.thread, "answer"))
    assert refused.startswith("This question is closed and takes no more answers.\n")
    assert "This was asked before." in refused
    assert "See #1 [How do you fall asleep by day?](" in refused
    assert str(original.message_id) in refused
    assert "Have a look." in refused

    sent = await bob.submit_modal(form, {"answer": "Dark curtains, and no screens before bed."})
    assert "See #1 [How do you fall asleep by day?](" in sentence(sent)
    assert "Nothing you typed is lost." in sentence(sent)

    set_permissions(env, nights, carol.id, view_channel=False)
    await env.settle()
    refused = sentence(await carol.slash(question.thread, "answer"))
    assert "This was asked before." in refused
    assert "fall asleep" not in refused
    assert "#1" not in refused


@on_sqlite
@in_a_forum
async def test_closed_without_a_word_says_no_more_than_that(
    server: Server, question: Card, alice: MemberActor, bob: MemberActor
) -> None:
    await alice.slash(question.thread, "close", reason="other")
    refused = await bob.slash(question.thread, "answer")
    assert sentence(refused) == "This question is closed and takes no more answers."


@on_sqlite
@in_a_forum
@pytest.mark.parametrize("how", ["ticked", "followed"])
async def test_a_second_press_of_stop_leaves_other_messages_on(
    env: Env, server: Server, alice: MemberActor, bob: MemberActor, carol: MemberActor, how: str
) -> None:
    """The first one has undone why the message was sent; the second has nothing left to stop."""
    if how == "ticked":
        reader, asker = alice, alice
        question = await server.ask(alice, TITLE, how=["notify"])
    else:
        reader, asker = carol, alice
        question = await server.ask(asker, TITLE)
        await carol.slash(question.thread, "follow")
    await reader.slash(server.lounge, "notifications", dm=True)
    await reader.slash(server.lounge, "follow", tag="work")
    await server.answer(bob, question, "Dark curtains, and no screens before bed.")
    await env.advance_time(5)
    [mail] = mails(reader)
    for _ in range(2):
        stopped = await reader.user.click(mail, label="Stop these messages")
        assert sentence(stopped).startswith("Stopped. You won't get more messages about this.")
    await server.ask(bob, "What helps against stage fright before a talk?", tags="work")
    await env.advance_time(60)
    assert len(mails(reader)) == 2, "the tag is still followed by message"


@on_sqlite
@in_a_forum
@pytest.mark.parametrize("may", [True, False])
async def test_a_direct_message_may_be_about_another_processs_server(
    env: Env,
    server: Server,
    alice: MemberActor,
    bob: MemberActor,
    monkeypatch: pytest.MonkeyPatch,
    may: bool,
) -> None:
    """Discord sends what is pressed in direct messages to one process, which serves others'
    servers for that moment."""
    question = await server.ask(alice, TITLE, how=["notify"])
    await server.answer(bob, question, "Dark curtains, and no screens before bed.")
    await env.advance_time(5)
    [mail] = mails(alice)
    set_permissions(env, server.channel, alice.id, view_channel=may)
    await env.settle()
    assert env.bot is not None
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(env.bot, "get_guild", lambda _: None)
        done = await alice.user.click(mail, label="Yes, best answer")
    if may:
        assert sentence(done).startswith("#1.1 is now the best answer.")
    else:
        assert sentence(done) == "This post is no longer available."


@in_a_forum
@on_sqlite
async def test_the_servers_own_reply_stands_below_the_reason(
    server: Server,
    configure: Configure,
    alice: MemberActor,
    bob: MemberActor,
    moderator: MemberActor,
    question: Card,
    answer: Card,
) -> None:
    await configure("reply_unkind", "We speak **kindly** here. See our rules.")
    await configure("reply_off_topic", "Try #lounge for this.")
    await moderator.slash(server.lounge, "hide", post="#1.1", reason="unkind")
    inbox = sentence(await bob.slash(server.lounge, "inbox"))
    assert "because it's unkind.\nWe speak **kindly** here. See our rules." in inbox
    await moderator.slash(server.lounge, "close", question="#1", reason="off_topic")
    inbox = sentence(await alice.slash(server.lounge, "inbox"))
    assert "Try #lounge for this." in inbox
    await moderator.slash(server.lounge, "close", question="#1", reason="other")
    assert "Try #lounge" not in sentence(await alice.slash(server.lounge, "inbox"))
