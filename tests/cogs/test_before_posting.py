"""Before a question goes up, its asker sees similar ones; what they typed is kept meanwhile."""

from __future__ import annotations

from typing import Any

import simcord
from discord.utils import utcnow
from sqlalchemy import select

from bot.domain.actors import Actor
from bot.usecases.asking import QuestionForm, ask_question
from data.database import Database
from data.models import Draft
from tests.conftest import Restart
from tests.support.forgery import press, told_twice
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.replies import buttons, fields, filled, open_again, reply_of, sentence
from tests.support.server import Card, Server, told
from tests.support.simulator import set_permissions
from tests.support.wire import Wire

MINE = "Sleeping badly after the night shift"
DETAILS = "Three weeks of nights, and I see *everything* twice."


async def sent(
    server: Server, person: simcord.MemberActor, title: str = MINE, **values: Any
) -> simcord.InteractionResult:
    """A person asks without a title, and sends the form."""
    form = await person.slash(server.lounge, "ask")
    return await person.submit_modal(form, {"title": title, "details": DETAILS, **values})


async def kept(db: Database) -> int:
    async with db.read() as tx:
        return len(await tx.rows(select(Draft.id)))


async def stats(server: Server, owner: simcord.MemberActor) -> str:
    shown = await owner.slash(server.lounge, "stats")
    fields_ = reply_of(shown).message.embeds[0].fields
    return next(str(f.value) for f in fields_ if f.name == "Answered before posting")


async def test_similar_ones_with_their_best_answers_come_after_the_form(
    server: Server,
    db: Database,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    question: Card,
    answer: Card,
) -> None:
    await server.choose(alice, answer)
    shown = await sent(server, bob)
    text = sentence(shown)
    assert "Before it goes up: is it one of these?" in text
    assert "How do I sleep after a night shift?" in text
    assert "> Dark curtains, and no screens before bed." in text
    assert list(buttons(shown)) == ["Post mine", "That helped, don't post", "Change mine"]
    assert len(server.cards()) == 2, "it is posted already"
    assert await kept(db) == 1

    posted = await bob.click(reply_of(shown), label="Post mine")
    assert "Your question is #2." in sentence(posted)
    (mine,) = [c for c in server.cards() if c.kind == "question" and c.thread.name == MINE]
    assert DETAILS in mine.text()
    assert await kept(db) == 0


async def test_what_helped_is_not_posted_and_is_counted(
    server: Server,
    db: Database,
    owner: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    question: Card,
) -> None:
    assert await stats(server, owner) == "0"
    shown = await sent(server, bob)
    done = await bob.click(reply_of(shown), label="That helped, don't post")
    assert "Nothing was posted" in told(done)
    assert "How do I sleep" in told(done), "the way to what helped is gone"
    assert buttons(done) == {}
    assert await kept(db) == 0
    early = await carol.slash(server.lounge, "ask", title=MINE)
    await carol.click(reply_of(early), label="That helped, don't ask")
    assert len(server.cards()) == 1
    assert await stats(server, owner) == "2"


@on_sqlite
@in_a_forum
async def test_nothing_similar_is_posted_at_once(
    server: Server, bob: simcord.MemberActor, question: Card
) -> None:
    reply = await sent(server, bob, "Which bread is best with cheese?")
    assert "Your question is #2." in sentence(reply)


@on_sqlite
@in_a_forum
async def test_only_what_is_telling_holds_somebody_up(
    server: Server,
    db: Database,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    question: Card,
) -> None:
    """One word that many questions have: straight up. Two that few have: a list."""
    who = Actor(server.guild.id, alice.id, is_moderator=True)
    nouns = "tea coffee rain wind noise light heat work music yoga sugar bread prayer grief snow"
    titles = [f"Does {noun} change my sleep?" for noun in nouns.split()]
    titles += [f"Which {noun} is the best one?" for noun in nouns.split()]
    for origin, title in enumerate(titles):
        form = QuestionForm(title, "I would like to know.")
        await ask_question(db, who, form, origin_id=origin, channels=None, now=utcnow())
    straight = await sent(server, bob, "Sleep on a new mattress")
    assert "Your question is #" in sentence(straight)
    shown = await sent(server, bob, "Tired for days after the night shift")
    assert "How do I sleep after a night shift?" in sentence(shown)
    assert "Post mine" in buttons(shown)
    early = await bob.slash(server.lounge, "ask", title="Sleep at sea")
    assert fields(early)["title"]["value"] == "Sleep at sea"


@on_sqlite
@in_a_forum
async def test_who_saw_them_before_the_form_is_not_asked_again(
    server: Server, bob: simcord.MemberActor, question: Card
) -> None:
    early = await bob.slash(server.lounge, "ask", title=MINE)
    form = await bob.click(reply_of(early), label="Ask anyway")
    reply = await bob.submit_modal(form, filled(form))
    assert "Your question is #2." in sentence(reply)


@on_sqlite
@in_a_forum
async def test_mine_can_be_changed_first(
    server: Server, db: Database, bob: simcord.MemberActor, question: Card
) -> None:
    shown = await sent(server, bob, tags="nights")
    form = await bob.click(reply_of(shown), label="Change mine")
    assert filled(form)["title"] == MINE
    assert filled(form)["tags"] == "nights"
    reply = await bob.submit_modal(form, filled(form) | {"details": "Shorter."})
    assert "Your question is #2." in sentence(reply)
    assert "Shorter." in server.card(question.post_id + 1).text()
    assert await kept(db) == 0


@on_sqlite
@in_a_forum
async def test_pressed_twice_it_is_posted_once(
    server: Server, env: simcord.Env, bob: simcord.MemberActor, question: Card
) -> None:
    shown = await sent(server, bob)
    with told_twice(env):
        await bob.click(reply_of(shown), label="Post mine")
    again = await bob.click(reply_of(shown), label="Post mine")
    assert "It was sent" in sentence(again)
    late = await bob.click(reply_of(shown), label="That helped, don't post")
    assert "It was sent" in sentence(late), "a posted question counts as not needed"
    assert len(server.cards()) == 2


@on_sqlite
@in_a_forum
async def test_the_process_may_die_in_between(
    server: Server, bob: simcord.MemberActor, restart: Restart, wire: Wire, question: Card
) -> None:
    shown = await sent(server, bob)
    await restart()
    wire.kill("POST", "/channels/*/threads")
    await bob.click(reply_of(shown), label="Post mine")
    assert wire.dead
    await restart()
    await server.env.advance_time(60)
    again = await bob.click(reply_of(shown), label="Post mine")
    assert "#2" in sentence(again) or "It was sent" in sentence(again)
    assert len(server.cards()) == 2


@on_sqlite
@in_a_forum
async def test_a_refusal_keeps_what_was_typed(
    server: Server, env: simcord.Env, db: Database, bob: simcord.MemberActor, question: Card
) -> None:
    shown = await sent(server, bob)
    set_permissions(env, server.channel, bob.id, send_messages=False)
    await env.settle()
    refused = await bob.click(reply_of(shown), label="Post mine")
    assert "You can't ask there" in sentence(refused)
    assert await kept(db) == 1
    set_permissions(env, server.channel, bob.id, send_messages=None)
    await env.settle()
    form = await open_again(bob, refused)
    assert filled(form)["details"] == DETAILS
    reply = await bob.submit_modal(form, filled(form))
    assert "Your question is #2." in sentence(reply)


@on_sqlite
@in_a_forum
async def test_a_bad_text_is_refused_before_anything_is_compared(
    server: Server, bob: simcord.MemberActor, question: Card
) -> None:
    refused = await sent(server, bob, "Sleep")
    form = await open_again(bob, refused)
    assert fields(form)["title"]["value"] == "Sleep"


@on_sqlite
@in_a_forum
async def test_a_draft_is_its_writers_alone(
    server: Server, alice: simcord.MemberActor, bob: simcord.MemberActor, question: Card
) -> None:
    shown = await sent(server, bob)
    for forged in ("ask.post", "ask.helped"):
        custom_id = buttons(shown)["Post mine"].replace("ask.post", forged)
        refused = await press(alice, question.message, custom_id)
        assert "no longer saved" in sentence(refused)
    posted = await bob.click(reply_of(shown), label="Post mine")
    assert "Your question is #2." in sentence(posted)


@on_sqlite
@in_a_forum
async def test_questions_of_a_closed_channel_are_not_told(
    server: Server,
    env: simcord.Env,
    bob: simcord.MemberActor,
    alice: simcord.MemberActor,
    nights: simcord.ChannelHandle,
    sleep: str,
) -> None:
    secret = await server.ask(alice, "How do I sleep after a night shift?", category=sleep)
    set_permissions(env, nights, bob.id, view_channel=False)
    await env.settle()
    reply = await sent(server, bob)
    assert "Your question is #2." in sentence(reply)
    assert secret.text() not in told(reply)
