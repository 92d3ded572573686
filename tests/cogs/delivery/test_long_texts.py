"""Texts longer than a card: carried on in messages that follow it, whatever happens."""

from __future__ import annotations

import re

import discord
import pytest
import simcord

from tests.conftest import Restart
from tests.support.kinds import in_a_forum, in_a_text_channel, on_sqlite
from tests.support.outbox import next_due
from tests.support.replies import fields, filled, reply_of, sentence
from tests.support.server import Card, Server
from tests.support.simulator import archive, bot_user_id
from tests.support.wire import Failure, Wire

LINE = "This is the {n}th thing I have tried against lying awake after a night shift, in vain."


def lines(first: int, count: int) -> str:
    return "\n\n".join(LINE.format(n=n) for n in range(first, first + count))


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def parts(server: Server, card: Card) -> list[discord.Message]:
    """The messages that carry a card's text on."""
    mine = bot_user_id(server.env)
    found = [
        message
        for message in card.thread.history()
        if message.author.id == mine and message.embeds and not message.components
    ]
    return sorted(found, key=lambda message: message.id)


def whole(server: Server, card: Card) -> str:
    """All that a card and the messages after it say."""
    return "\n".join(
        [
            card.embed.description or "",
            *(m.embeds[0].description or "" for m in parts(server, card)),
        ]
    )


async def make_long(
    person: simcord.MemberActor, server: Server, card: Card, *texts: str
) -> simcord.InteractionResult:
    """A person edits a post, each text into a field; more fields than the form has are left out."""
    number = re.search(r"#\d+(\.\d+)?", card.text())
    assert number is not None
    given = list(texts)
    for _ in given:  # each makes room for one field more
        shown = await person.slash(server.lounge, "edit", post=number[0])
        names = [n for n in fields(shown) if n.split(".")[0] in ("answer", "details")]
        values = filled(shown)
        values |= dict.fromkeys(names, "") | dict(zip(names, given, strict=False))
        reply = await person.submit_modal(shown, values)
        await server.env.advance_time(5)
        if len(names) >= len(given):
            return reply
    raise AssertionError("the form has no field for all of it")


@pytest.fixture
async def long_answer(server: Server, bob: simcord.MemberActor, question: Card) -> Card:
    """Bob's answer, three messages long."""
    answer = await server.answer(bob, question, lines(1, 45))
    await make_long(bob, server, answer, lines(1, 45), lines(46, 45), lines(91, 30))
    return answer


async def test_an_answer_is_carried_on_in_messages_that_reply_to_it(
    server: Server, question: Card, long_answer: Card
) -> None:
    first, second = parts(server, long_answer)
    assert words(whole(server, long_answer)) == words(lines(1, 120))
    for message in (first, second):
        assert message.channel.id == question.thread.id
        assert message.reference is not None
        assert message.reference.message_id == long_answer.message_id
        assert message.mentions == []
        assert len(message.embeds[0].description or "") <= 4096
    assert first.embeds[0].footer.text == "#1.1 · 2/3"
    assert second.embeds[0].footer.text == "#1.1 · 3/3"
    assert len(server.cards()) == 2


async def test_a_question_is_carried_on_in_its_thread(
    server: Server, alice: simcord.MemberActor
) -> None:
    question = await server.ask(alice, "How do I sleep after a night shift?", lines(1, 45))
    await make_long(alice, server, question, lines(1, 45), lines(46, 40))

    (message,) = parts(server, question)
    assert message.channel.id == question.thread.id
    assert words(whole(server, question)) == words(lines(1, 85))
    # In a text channel the card is elsewhere.
    assert (message.reference is None) == (server.kind == "text")
    assert (question.channel_id == question.thread.id) == (server.kind == "forum")


async def test_edits_shrink_and_grow_it(
    env: simcord.Env, server: Server, bob: simcord.MemberActor, long_answer: Card
) -> None:
    first, second = parts(server, long_answer)

    reply = await make_long(bob, server, long_answer, lines(1, 45), lines(200, 10))
    assert "Saved your changes to #1.1" in sentence(reply)
    (left,) = parts(server, long_answer)
    assert left.id == first.id, "what is there is changed, not posted anew"
    assert left.embeds[0].footer.text == "#1.1 · 2/2"
    assert words(whole(server, long_answer)) == words(lines(1, 45) + "\n\n" + lines(200, 10))
    assert len(server.cards()) == 2, "deleting the rest is no moderator's decision"

    await make_long(bob, server, long_answer, "A short answer, after all that was said.")
    assert parts(server, long_answer) == []

    await make_long(bob, server, long_answer, lines(1, 45), lines(46, 45), lines(91, 30))
    assert len(parts(server, long_answer)) == 2
    assert words(whole(server, long_answer)) == words(lines(1, 120))
    assert second.id not in [m.id for m in parts(server, long_answer)]


async def test_an_edit_in_the_middle_changes_what_it_must(
    env: simcord.Env, server: Server, bob: simcord.MemberActor, long_answer: Card
) -> None:
    before = {m.id: m.edited_at for m in parts(server, long_answer)}
    shown = await bob.slash(server.lounge, "edit", post="#1.1")
    values = filled(shown)
    last = [name for name in values if name.startswith("answer")][-1]
    values[last] = str(values[last]) + " And this."
    await bob.submit_modal(shown, values)
    await env.advance_time(5)

    after = {m.id: m.edited_at for m in parts(server, long_answer)}
    assert list(after) == list(before)
    assert [after[i] == before[i] for i in after] == [True, False]
    assert whole(server, long_answer).endswith("And this.")


@in_a_forum
async def test_deleting_takes_all_of_it_away(
    server: Server, bob: simcord.MemberActor, question: Card, long_answer: Card
) -> None:
    asked = await bob.slash(server.lounge, "delete", post="#1.1")
    await bob.click(reply_of(asked), label="Delete")
    await server.env.advance_time(5)

    assert parts(server, question) == []
    assert [card.kind for card in server.cards()] == ["question"]


async def test_hidden_and_shown_again_whole(
    env: simcord.Env,
    server: Server,
    moderator: simcord.MemberActor,
    question: Card,
    long_answer: Card,
) -> None:
    await moderator.slash(server.lounge, "hide", post="#1.1")
    await env.advance_time(5)
    assert parts(server, question) == []

    await moderator.slash(server.lounge, "show", post="#1.1")
    await env.advance_time(5)
    (answer,) = (card for card in server.cards() if card.kind == "answer")
    assert words(whole(server, answer)) == words(lines(1, 120))
    nonces = [
        (r.json or {})["nonce"]
        for r in env.http_requests
        if r.method == "POST" and r.path.endswith("/messages") and (r.json or {}).get("nonce")
    ]
    # Discord gives a deleted message back for a nonce it has seen a moment ago.
    assert len(nonces) == len(set(nonces))


@in_a_forum
async def test_a_part_that_a_moderator_deletes_hides_the_post(
    env: simcord.Env,
    server: Server,
    moderator: simcord.MemberActor,
    question: Card,
    long_answer: Card,
) -> None:
    await moderator.delete(parts(server, long_answer)[1])
    await env.advance_time(5)

    assert parts(server, question) == []
    assert [card.kind for card in server.cards()] == ["question"]


@on_sqlite
@in_a_forum
async def test_menus_work_on_every_part_and_votes_on_the_card_alone(
    server: Server,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    question: Card,
    long_answer: Card,
) -> None:
    part = parts(server, long_answer)[0]
    assert fields(await bob.context_menu(question.thread, "Edit post", part))
    assert fields(await carol.context_menu(question.thread, "Report post", part))
    link = f"https://discord.com/channels/{server.guild.id}/{question.thread.id}/{part.id}"
    shown = await bob.slash(server.lounge, "edit", post=link)
    assert fields(shown)

    await carol.react(part, "⬆️")
    assert "0 votes" in long_answer.text()


@on_sqlite
@in_a_forum
async def test_code_and_lists_are_kept_whole(
    server: Server, bob: simcord.MemberActor, question: Card
) -> None:
    code = "```py\n" + "\n".join(f"print({n}, 'sleep')" for n in range(60)) + "\n```"
    todo = "\n".join(f"{n}. Do the thing with number {n}, then wait." for n in range(1, 40))
    answer = await server.answer(bob, question, lines(1, 45))
    await make_long(bob, server, answer, lines(1, 45), f"{lines(90, 30)}\n\n{code}", todo)

    said = [answer.embed.description or ""]
    said += [message.embeds[0].description or "" for message in parts(server, answer)]
    assert sum(code in text for text in said) == 1
    assert sum(todo in text for text in said) == 1


@on_sqlite
@in_a_forum
async def test_texts_that_grow_when_they_are_shown(
    server: Server, bob: simcord.MemberActor, question: Card
) -> None:
    """4,000 characters that one may type, and that are more than 4,096 to show."""
    text = "\n".join(f"[link {n}](https://example.org/{n})" for n in range(120))[:4000]
    answer = await server.answer(bob, question, text)
    await server.env.advance_time(5)

    shown = whole(server, answer)
    assert len(parts(server, answer)) == 1
    for n in range(100):
        assert f"link {n} (<https://example.org/{n}>)" in shown


@on_sqlite
@in_a_forum
async def test_the_form_of_a_long_post_gives_back_what_was_put_into_it(
    server: Server, bob: simcord.MemberActor, question: Card, long_answer: Card
) -> None:
    shown = await bob.slash(server.lounge, "edit", post="#1.1")
    names = list(fields(shown))
    assert names[0] == "answer"
    assert names[-1] == "reason"
    assert len(names) == 4
    reply = await bob.submit_modal(shown, filled(shown))
    assert sentence(reply) == "No changes to #1.1."


@on_sqlite
@in_a_forum
async def test_a_long_question_keeps_its_tags(server: Server, alice: simcord.MemberActor) -> None:
    question = await server.ask(
        alice, "How do I sleep after a night shift?", lines(1, 44), tags="sleep, shifts"
    )
    await make_long(alice, server, question, lines(1, 44), lines(45, 44), lines(89, 20))

    shown = await alice.slash(server.lounge, "edit", post="#1")
    assert next(iter(fields(shown))) == "title"
    assert len(fields(shown)) == 5
    assert "tags" not in fields(shown)
    assert "#sleep #shifts" in question.text()


@in_a_forum
async def test_in_an_archived_thread(
    env: simcord.Env, server: Server, bob: simcord.MemberActor, question: Card, long_answer: Card
) -> None:
    await archive(env, question.thread)
    await make_long(bob, server, long_answer, lines(1, 45), lines(46, 20))

    assert words(whole(server, long_answer)) == words(lines(1, 65))


@pytest.mark.parametrize("failure", [Failure.LOST, Failure.CUT, Failure.SERVER_ERROR_AFTER])
@on_sqlite
async def test_failures_post_nothing_twice(
    env: simcord.Env,
    wire: Wire,
    server: Server,
    bob: simcord.MemberActor,
    question: Card,
    failure: Failure,
) -> None:
    answer = await server.answer(bob, question, lines(1, 45))
    for skip in range(3):
        wire.fail("POST", f"/channels/{question.thread.id}/messages", failure, skip=skip)
    wire.fail("PATCH", f"/channels/{question.thread.id}/messages/*", failure)
    await make_long(bob, server, answer, lines(1, 45), lines(46, 45), lines(91, 30))
    await env.advance_time(30)

    assert wire.sprung
    assert len(parts(server, answer)) == 2
    assert words(whole(server, answer)) == words(lines(1, 120))
    assert await next_due(env.bot.db) is None  # type: ignore[attr-defined]


@pytest.mark.parametrize("skip", [0, 1])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@on_sqlite
async def test_killed_while_it_is_carried_on(
    env: simcord.Env,
    wire: Wire,
    restart: Restart,
    server: Server,
    bob: simcord.MemberActor,
    question: Card,
    after: bool,
    skip: int,
) -> None:
    answer = await server.answer(bob, question, lines(1, 45))
    await make_long(bob, server, answer, lines(1, 30), lines(31, 15))
    shown = await bob.slash(server.lounge, "edit", post="#1.1")
    names = [n for n in fields(shown) if n.startswith("answer")]
    texts = dict(zip(names, (lines(1, 45), lines(46, 45), lines(91, 30)), strict=False))
    wire.kill("POST", f"/channels/{question.thread.id}/messages", after=after, skip=skip)
    await bob.submit_modal(shown, filled(shown) | texts)
    await env.advance_time(5)
    if wire.dead:
        await restart()
    await env.advance_time(10)

    written = "\n\n".join(texts.values())
    assert words(whole(server, answer)) == words(written)
    positions = [m.embeds[0].footer.text for m in parts(server, answer)]
    assert len(positions) == len(set(positions))


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@in_a_text_channel
@on_sqlite
async def test_killed_while_it_shrinks(
    env: simcord.Env,
    wire: Wire,
    restart: Restart,
    server: Server,
    bob: simcord.MemberActor,
    question: Card,
    long_answer: Card,
    after: bool,
) -> None:
    shown = await bob.slash(server.lounge, "edit", post="#1.1")
    names = [n for n in fields(shown) if n.startswith("answer")]
    values = filled(shown) | dict.fromkeys(names, "") | {"answer": lines(1, 10)}
    wire.kill("DELETE", f"/channels/{question.thread.id}/messages/*", after=after)
    await bob.submit_modal(shown, values)
    await env.advance_time(5)
    assert wire.dead
    await restart()
    await env.advance_time(10)

    assert parts(server, long_answer) == []
    assert words(whole(server, long_answer)) == words(lines(1, 10))
    assert [card.kind for card in server.cards()] == ["question", "answer"]
