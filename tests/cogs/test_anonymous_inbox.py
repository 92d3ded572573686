"""The inbox and messages of anonymous authors, as they and others meet them."""

from __future__ import annotations

import logging

import discord
import pytest
import simcord
from sqlalchemy import select

from bot.app import Askwell
from bot.usecases.asking import QuestionForm, ask_question
from data.database import Database
from data.models import Notice, OutboxRow
from tests.cogs.conftest import Configure
from tests.cogs.test_sealed import NAME, author_of, dump
from tests.support.anonymous import rows_with
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.replies import bell_of, reply_of, sentence
from tests.support.reports import shown_in
from tests.support.server import Card, Server, said, told
from tests.support.simulator import as_the_bot
from tests.support.wire import Failure, Wire

TEXT = "You may, of course. I do it, too."
WORDS = "I only asked whether I may."


def mails(person: simcord.MemberActor) -> list[discord.Message]:
    """The direct messages that somebody got from the bot."""
    try:
        return person.user.dm_channel.history()
    except simcord.BackendError:
        return []


async def inbox_of(server: Server, person: simcord.MemberActor) -> str:
    return told(await person.slash(server.lounge, "inbox"))


async def asked_by(env: simcord.Env, server: Server, person: simcord.MemberActor) -> Card:
    """A question that somebody asked anonymously, with a tick to be told by message."""
    bot = env.bot
    assert isinstance(bot, Askwell)
    form = QuestionForm("May I cry here at night?", "I do.", notify=True)
    me = await author_of(bot, person, None)
    with as_the_bot(env):
        posted = await ask_question(bot.db, me, form, origin_id=4711, now=env.now())
    await env.advance_time(5)
    return server.card(posted.post_id)


@pytest.fixture
async def question(
    env: simcord.Env, server: Server, alice: simcord.MemberActor, configure: Configure
) -> Card:
    """Alice's."""
    await configure("anonymous", "on")
    return await asked_by(env, server, alice)


async def test_she_is_told_and_nothing_says_that_it_is_her(
    env: simcord.Env,
    server: Server,
    question: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    db: Database,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    before = rows_with(await dump(db), alice.id)
    answer = await server.answer(bob, question, TEXT)
    await env.advance_time(5)
    (mail,) = mails(alice)
    assert "New answer" in said(mail)
    assert TEXT in said(mail)
    assert not mails(bob)
    assert not mails(carol)

    assert "🔔" in bell_of(await alice.slash(server.lounge, "about"))
    inbox = await inbox_of(server, alice)
    assert "🔵 **New answer** · #1.1" in inbox
    assert "🔵" not in await inbox_of(server, alice)
    for other in (bob, carol):
        assert "#1.1" not in await inbox_of(server, other)

    chosen = await alice.user.click(mail, label="Yes, best answer")
    assert sentence(chosen).startswith("#1.1 is now the best answer.")
    await env.advance_time(5)
    assert answer.embed.title == "✅ Best answer"
    assert f"{NAME} marked your answer as best" in await inbox_of(server, bob)
    changed = rows_with(await dump(db), alice.id) ^ before
    assert not changed
    ours = [r.getMessage() for r in caplog.records if not r.name.startswith(("discord", "sim"))]
    assert not [line for line in ours if str(alice.id) in line and "#1" in line]


async def test_stop_means_stop(
    env: simcord.Env,
    server: Server,
    question: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    db: Database,
) -> None:
    await server.answer(bob, question, TEXT)
    await env.advance_time(5)
    (mail,) = mails(alice)
    before = rows_with(await dump(db), alice.id)
    stopped = await alice.user.click(mail, label="Stop these messages")
    assert sentence(stopped).startswith("Stopped. You won't get more messages about this.")
    await server.answer(carol, question, "A fixed ritual: tea, a page, lights out.")
    await env.advance_time(30)
    assert len(mails(alice)) == 1
    assert rows_with(await dump(db), alice.id) == before
    assert "#1.2" in await inbox_of(server, alice)


@in_a_forum
@pytest.mark.parametrize(
    "failure", [Failure.NO_DIRECT_MESSAGES, Failure.FORBIDDEN, Failure.UNKNOWN_CHANNEL]
)
async def test_closed_direct_messages_leave_no_row(
    env: simcord.Env,
    server: Server,
    wire: Wire,
    question: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    db: Database,
    failure: Failure,
) -> None:
    before = rows_with(await dump(db), alice.id)
    direct = alice.user.dm_channel
    wire.fail("POST", f"/channels/{direct.id}/messages", failure)
    await server.answer(bob, question, TEXT)
    await env.advance_time(60)
    assert mails(alice) == []
    async with db.read() as tx:
        jobs = await tx.rows(select(OutboxRow.kind).where(OutboxRow.kind == "notice"))
        sent = await tx.rows(select(Notice.sent, Notice.by_message).where(Notice.user_id < 0))
    assert not jobs
    assert [tuple(row) for row in sent] == [(True, True)]
    assert rows_with(await dump(db), alice.id) == before
    assert "🔵 **New answer** · #1.1" in await inbox_of(server, alice)


@in_a_forum
async def test_who_has_left_leaves_no_row(
    env: simcord.Env,
    server: Server,
    question: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    db: Database,
) -> None:
    before = rows_with(await dump(db), alice.id)
    server.guild.remove_member(alice)
    await server.answer(bob, question, TEXT)
    await env.advance_time(60)
    assert mails(alice) == []
    async with db.read() as tx:
        sent = await tx.rows(select(Notice.sent, Notice.by_message).where(Notice.user_id < 0))
    assert [tuple(row) for row in sent] == [(True, True)]
    assert {row for row in rows_with(await dump(db), alice.id) if row[0] != "presences"} == {
        row for row in before if row[0] != "presences"
    }


@pytest.fixture
async def nell(
    env: simcord.Env, server: Server, moderators: simcord.RoleHandle
) -> simcord.MemberActor:
    """Nell, another moderator. She has been seen to moderate."""
    nell = server.guild.add_member(env.create_user("nell"), roles=[moderators])
    await nell.slash(server.lounge, "tag synonym", tag="snooze", target="sleep")
    await nell.slash(server.lounge, "block", member=nell)
    return nell


@in_a_forum
async def test_an_appeal_is_the_personas(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    question: Card,
    alice: simcord.MemberActor,
    moderator: simcord.MemberActor,
    nell: simcord.MemberActor,
    db: Database,
) -> None:
    before = rows_with(await dump(db), alice.id)
    await moderator.slash(server.lounge, "hide", post="#1", reason="spam")
    shown = await alice.slash(server.lounge, "inbox")
    form = await alice.click(reply_of(shown), label="Appeal #1")
    sent = await alice.submit_modal(form, {"appeal": WORDS})
    assert "Another moderator will look at it." in sentence(sent)
    await env.advance_time(5)
    card = shown_in(reports)[-1]
    assert "Appeal: #1 is hidden" in said(card)
    read = await nell.click(card, label="Read it")
    for shown_text in (said(card), sentence(read)):
        assert "alice" not in shown_text
        assert str(alice.id) not in shown_text
    assert NAME in sentence(read)
    await nell.click(reply_of(read), label="Undo it")
    await env.advance_time(5)
    assert "🔔" in bell_of(await alice.slash(server.lounge, "about"))
    assert "Your appeal was right." in await inbox_of(server, alice)
    assert "🔵" not in await inbox_of(server, alice)
    assert rows_with(await dump(db), alice.id) == before


@in_a_forum
@on_sqlite
async def test_a_moderator_who_wrote_it_cannot_decide_and_still_counts(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    configure: Configure,
    moderator: simcord.MemberActor,
    nell: simcord.MemberActor,
) -> None:
    await configure("anonymous", "on")
    await asked_by(env, server, nell)
    await moderator.slash(server.lounge, "hide", post="#1", reason="spam")
    shown = await nell.slash(server.lounge, "inbox")
    form = await nell.click(reply_of(shown), label="Appeal #1")
    await nell.submit_modal(form, {"appeal": WORDS})
    await env.advance_time(5)
    card = shown_in(reports)[-1]
    own = await nell.click(card, label="It stands")
    assert "your own appeal" in sentence(own)
    first = await moderator.click(card, label="It stands")
    assert "You decided this first" in sentence(first)
