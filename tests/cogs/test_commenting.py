"""Commenting: `/comment`, the button on a card, and what can be done to a comment."""

from __future__ import annotations

import discord
import simcord

from bot.usecases import seeing
from tests.conftest import Restart
from tests.support.forgery import told_twice
from tests.support.kinds import in_a_forum, in_a_text_channel, on_sqlite
from tests.support.outbox import next_due
from tests.support.people import named
from tests.support.replies import buttons, fields, filled, open_again, pings, reply_of, sentence
from tests.support.server import Card, Server
from tests.support.simulator import at_once
from tests.support.wire import Failure, Wire

THANKS = "Thank you. **Which** curtains do you have?"


def answered(comment: Card) -> int | None:
    """The message a comment is shown as a reply to."""
    reference = comment.message.reference
    return None if reference is None else reference.message_id


def messages_to(person: simcord.MemberActor) -> list[discord.Message]:
    """The direct messages a person got."""
    try:
        return person.user.dm_channel.history()
    except simcord.BackendError:
        return []


async def test_a_comment_is_shown_as_a_reply(
    server: Server, alice: simcord.MemberActor, question: Card, answer: Card
) -> None:
    reply = await server.try_to_comment(alice, answer, THANKS)

    (comment,) = (card for card in server.cards() if card.kind == "comment")
    assert comment.channel_id == question.thread.id
    assert answered(comment) == answer.message_id
    assert pings(comment.message) == []
    shown = comment.text()
    assert THANKS in shown
    assert comment.small_line == f"-# {named(alice)} · 120 points · #1.2"
    assert comment.message.embeds == []
    assert comment.message.flags.suppress_embeds
    assert "vote" not in shown
    assert comment.message.reactions == []
    assert [b.label for b in comment.message.components[0].children] == ["⋯"]  # type: ignore[union-attr]

    assert "Comment posted as #1.2" in sentence(reply)
    link = f"https://discord.com/channels/{comment.guild.id}/{comment.channel_id}/"
    assert buttons(reply) == {"Go to #1.2": f"{link}{comment.message_id}"}


async def test_a_comment_on_a_question(
    server: Server, bob: simcord.MemberActor, question: Card
) -> None:
    shown = await bob.slash(question.thread, "comment")
    assert fields(shown)["comment"]["max_length"] == 600
    reply = await bob.submit_modal(shown, {"comment": "Do you use earplugs?"})

    assert "#1.1" in sentence(reply)
    (comment,) = (card for card in server.cards() if card.kind == "comment")
    assert comment.channel_id == question.thread.id
    # In a text channel the question's card is outside of its thread: no reply can reach it.
    assert answered(comment) == (question.message_id if server.kind == "forum" else None)


@in_a_forum
async def test_numbers_are_shared_with_answers_and_the_question_is_active(
    server: Server,
    env: simcord.Env,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    question: Card,
    answer: Card,
) -> None:
    first = await server.comment(alice, answer, THANKS)
    second = await server.answer(alice, question, "I have found something myself by now.")
    third = await server.comment(bob, question, "Good for you!")

    assert "#1.2" in first.text()
    assert "#1.3" in second.text()
    assert "#1.4" in third.text()
    assert "2 answers" in question.text()
    by_number = await bob.slash(server.lounge, "comment", post="#1.3")
    reply = await bob.submit_modal(by_number, {"comment": "That is new to me."})
    assert "#1.5" in sentence(reply)


@on_sqlite
@in_a_forum
async def test_a_comment_on_a_comment_is_about_the_same_post(
    server: Server, alice: simcord.MemberActor, bob: simcord.MemberActor, answer: Card
) -> None:
    await server.comment(alice, answer, THANKS)
    shown = await bob.slash(server.lounge, "comment", post="#1.2")
    await bob.submit_modal(shown, {"comment": "The thick ones."})

    second = next(card for card in server.cards() if "The thick ones." in card.text())
    assert answered(second) == answer.message_id


@on_sqlite
@in_a_forum
async def test_comments_earn_nothing_and_take_no_votes(
    server: Server,
    alice: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    answer: Card,
) -> None:
    comment = await server.comment(alice, answer, THANKS)

    menu = await carol.click(comment.message, custom_id=comment.control("more"))
    assert "Upvote" not in buttons(menu)
    refused = await carol.slash(server.lounge, "vote", direction="up", post="#1.2")
    assert sentence(refused) == "You can't vote on comments."
    await carol.react(comment.message, "⬆️")
    assert [r for r in comment.message.reactions if str(r.emoji) == "⬆️"] == []
    assert "120 points" in comment.text()
    refused = await moderator.slash(server.lounge, "best", answer="#1.2")
    assert not any(card.pinned for card in server.cards())
    assert sentence(refused)


@in_a_forum
async def test_it_is_edited_and_deleted_like_any_post(
    server: Server,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
    answer: Card,
) -> None:
    comment = await server.comment(alice, answer, THANKS)

    refused = await bob.slash(server.lounge, "edit", post="#1.2")
    assert sentence(refused) == "Only the author and moderators can edit this post."
    thread = question.thread
    shown = await alice.context_menu(thread, "Edit post", comment.message)
    assert filled(shown) == {"comment": THANKS, "reason": ""}
    reply = await alice.submit_modal(shown, {"comment": "Thank you!", "reason": "shorter"})
    assert "Saved your changes to #1.2." in sentence(reply)
    assert "Thank you!" in comment.text()
    assert comment.small_line.endswith(" · edited")

    asked = await moderator.slash(server.lounge, "delete", post="#1.2")
    await moderator.click(reply_of(asked), label="Delete")
    assert [card.kind for card in server.cards()] == ["question", "answer"]


@on_sqlite
@in_a_forum
async def test_invalid_comments_are_refused(
    server: Server, alice: simcord.MemberActor, answer: Card
) -> None:
    shown = await server.menu(alice, answer, "comment")
    refused = await alice.submit_modal(shown, {"comment": " \u200b ok "})

    assert sentence(refused).startswith(
        "The comment must have at least 3 characters. You entered 2."
    )
    again = await open_again(alice, refused)
    assert filled(again)["comment"]
    reply = await alice.submit_modal(again, {"comment": "Okay, I see."})
    assert "#1.2" in sentence(reply)


@in_a_forum
async def test_only_so_many_within_an_hour_and_with_so_many_points(
    env: simcord.Env, server: Server, alice: simcord.MemberActor, question: Card, configure
) -> None:
    await configure("limit.comments", "1")
    await server.comment(alice, question, "One more thing: I live at a street.")

    refused = await server.try_to_comment(alice, question, "And another one.")
    assert "You've posted 1 comment this hour" in sentence(refused)
    await env.advance_time(3601)
    again = await open_again(alice, refused)
    assert "#1.2" in sentence(await alice.submit_modal(again, filled(again)))

    await configure("privilege.comment", "5000")
    refused = await server.try_to_comment(alice, question, "And yet another one.")
    assert sentence(refused).startswith("Commenting requires 5,000 points. You have 120.")


@on_sqlite
@in_a_forum
async def test_a_closed_question_takes_comments(
    server: Server, alice: simcord.MemberActor, moderator: simcord.MemberActor, question: Card
) -> None:
    await moderator.slash(question.thread, "close", reason="other")

    await server.comment(alice, question, "Too bad.")


async def test_a_form_that_arrives_twice_is_one_comment(
    env: simcord.Env, server: Server, alice: simcord.MemberActor, answer: Card
) -> None:
    shown = await server.menu(alice, answer, "comment")
    with told_twice(env):
        await alice.submit_modal(shown, {"comment": THANKS})

    assert [card.kind for card in server.cards()].count("comment") == 1


@in_a_forum
async def test_comments_at_once_each_get_a_number(
    env: simcord.Env,
    server: Server,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    answer: Card,
) -> None:
    people = (alice, bob, carol)
    shown = [await server.menu(person, answer, "comment") for person in people]
    async with at_once(env):
        for person, form in zip(people, shown, strict=True):
            await person.submit_modal(form, {"comment": f"This is from {person.name}."})
    await env.advance_time(5)

    found = [card for card in server.cards() if card.kind == "comment"]
    numbers = sorted(
        number for card in found for number in ("#1.2", "#1.3", "#1.4") if number in card.text()
    )
    assert numbers == ["#1.2", "#1.3", "#1.4"]


async def test_it_goes_with_its_answer_and_comes_back_with_it(
    env: simcord.Env,
    server: Server,
    alice: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
    answer: Card,
) -> None:
    await server.comment(alice, answer, THANKS)
    await server.comment(alice, question, "Another thing: it is loud.")

    await moderator.slash(server.lounge, "hide", post="#1.1")
    assert [card.kind for card in server.cards()] == ["question", "comment"]
    refused = await alice.slash(server.lounge, "edit", post="#1.2")
    assert "no post #1.2" in sentence(refused) or "no longer available" in sentence(refused)

    await moderator.slash(server.lounge, "show", post="#1.1")
    await env.advance_time(5)
    kinds = [card.kind for card in server.cards()]
    assert sorted(kinds) == ["answer", "comment", "comment", "question"]
    back = next(card for card in server.cards() if THANKS in card.text())
    new = next(card for card in server.cards() if card.kind == "answer")
    assert answered(back) == new.message_id


@in_a_forum
async def test_its_card_deleted_in_discord_hides_it(
    env: simcord.Env,
    server: Server,
    alice: simcord.MemberActor,
    moderator: simcord.MemberActor,
    answer: Card,
) -> None:
    comment = await server.comment(alice, answer, THANKS)

    await moderator.delete(comment.message)

    refused = await alice.slash(server.lounge, "edit", post="#1.2")
    assert sentence(refused)
    await moderator.slash(server.lounge, "show", post="#1.2")
    assert "comment" in [card.kind for card in server.cards()]


@on_sqlite
@in_a_forum
async def test_the_author_of_the_post_is_told_if_they_wanted_it(
    env: simcord.Env,
    server: Server,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    question: Card,
) -> None:
    answer = await server.answer(
        bob, question, "Dark curtains, and no screens before bed.", how=["notify"]
    )
    await server.comment(bob, answer, "I forgot: it takes a week.")
    assert messages_to(bob) == []

    await server.comment(alice, answer, THANKS)

    await env.advance_time(60)
    (message,) = messages_to(bob)
    assert "curtains" in str([e.description for e in message.embeds])


@on_sqlite
@in_a_forum
async def test_an_old_card_and_a_post_that_is_gone(
    server: Server, alice: simcord.MemberActor, bob: simcord.MemberActor, answer: Card
) -> None:
    shown = await alice.slash(server.lounge, "comment", post="#1.1")
    asked = await bob.slash(server.lounge, "delete", post="#1.1")
    await bob.click(reply_of(asked), label="Delete")

    refused = await alice.submit_modal(shown, {"comment": THANKS})
    text = sentence(refused)
    assert "no longer available" in text


@on_sqlite
@in_a_forum
async def test_no_form_below_a_question_that_is_hidden(
    server: Server, alice: simcord.MemberActor, moderator: simcord.MemberActor, answer: Card
) -> None:
    shown = await alice.slash(server.lounge, "comment", post="#1.1")
    await moderator.slash(server.lounge, "hide", post="#1")
    refused = await alice.submit_modal(shown, {"comment": THANKS})
    assert sentence(refused).startswith("This post is no longer available.")
    again = await alice.slash(server.lounge, "comment", post="#1.1")
    assert sentence(again) == "This post is no longer available."


@in_a_text_channel
async def test_nothing_is_posted_twice_when_answers_get_lost(
    env: simcord.Env,
    wire: Wire,
    server: Server,
    alice: simcord.MemberActor,
    answer: Card,
) -> None:
    wire.fail("POST", f"/channels/{answer.channel_id}/messages", Failure.LOST)
    await server.try_to_comment(alice, answer, THANKS)
    await env.advance_time(10)

    assert [card.kind for card in server.cards()].count("comment") == 1
    assert await next_due(env.bot.db) is None  # type: ignore[attr-defined]


@in_a_forum
async def test_killed_after_sending(
    env: simcord.Env,
    wire: Wire,
    restart: Restart,
    server: Server,
    alice: simcord.MemberActor,
    answer: Card,
) -> None:
    wire.kill("POST", f"/channels/{answer.channel_id}/messages", after=True)
    await server.try_to_comment(alice, answer, THANKS)
    assert wire.dead
    await restart()
    await env.advance_time(10)

    (comment,) = (card for card in server.cards() if card.kind == "comment")
    found = await seeing.look_at_named(env.bot.db, server.guild.id, "#1.2", 0)  # type: ignore[attr-defined]
    assert found.card is not None
    assert found.card.place.message_id == comment.message_id


@on_sqlite
@in_a_forum
async def test_hostile_comments_break_nothing(
    server: Server, alice: simcord.MemberActor, answer: Card
) -> None:
    for text in (
        "@everyone look here",
        "```\nnever closed",
        ">>> all of it is a quote",
        "[Discord](https://evil.example/)",
        "-# by somebody else (9k points)",
        "x" * 600,
    ):
        comment = await server.comment(alice, answer, text)
        assert pings(comment.message) == []
        assert comment.small_line.startswith(f"-# {named(alice)} · ")
        assert "](https" not in comment.body
