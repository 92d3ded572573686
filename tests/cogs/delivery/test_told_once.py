"""The bot's own messages reach their reader once, whatever gets lost and whichever process dies."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import discord
import pytest
import simcord
from simcord import Env, MemberActor

from bot.domain.outbox import Job, JobKind
from bot.usecases import publishing
from cogs.delivery import cog as delivering
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.replies import sentence
from tests.support.server import Card, Server, said, told
from tests.support.time import hours_pass
from tests.support.wire import Failure, Wire

pytestmark = [in_a_forum, on_sqlite]
Restart = Callable[[], Awaitable[Any]]
TITLE = "How do I fall asleep after a night shift?"
TEXT = "Dark curtains, and no screens before bed."


def mails(person: MemberActor) -> list[discord.Message]:
    """The direct messages somebody got from the bot."""
    return person.user.dm_channel.history()


async def die(env: Env, wire: Wire, seconds: float) -> None:
    """Let time pass, so many seconds a step, until the process is killed, and stop its clocks."""
    bot: Any = env.bot
    delivery, reminding = bot.cogs["Delivery"], bot.cogs["Reminding"]
    if seconds > 60:
        delivery._sweep.cancel()
    for _ in range(200):
        await env.advance_time(seconds)
        if wire.dead:
            break
    assert wire.dead, "nothing killed it"
    delivery._sweep.cancel()
    reminding._look.cancel()
    await env.settle()


async def daily(server: Server, person: MemberActor, hour: int = 9, **options: Any) -> None:
    """A person wants a daily digest. The simulated day begins at midnight, UTC."""
    asked = {"digest": "daily", "hour": hour, "timezone": "UTC", **options}
    sentence(await person.slash(server.lounge, "notifications", **asked))


async def test_a_digest_whose_answer_was_lost(
    server: Server, wire: Wire, alice: MemberActor, bob: MemberActor, env: Env
) -> None:
    await server.ask(alice, TITLE)
    await daily(server, bob)
    dm = bob.user.dm_channel
    wire.fail("POST", f"/channels/{dm.id}/messages", Failure.LOST)
    await hours_pass(env, 12)
    assert wire.sprung == 1
    assert len(mails(bob)) == 1


async def test_a_digest_of_a_process_that_died(
    server: Server,
    wire: Wire,
    alice: MemberActor,
    bob: MemberActor,
    env: Env,
    restart: Restart,
) -> None:
    await server.ask(alice, TITLE)
    await daily(server, bob)
    dm = bob.user.dm_channel
    wire.kill("POST", f"/channels/{dm.id}/messages", after=True)
    await hours_pass(env, 8)
    await die(env, wire, 600)
    await restart()
    await hours_pass(env, 3)
    assert len(mails(bob)) == 1
    await server.ask(alice, "What helps against stage fright before a talk?")
    await hours_pass(env, 24)
    assert len(mails(bob)) == 2


async def test_a_digest_that_did_not_go_out_is_sent_later(
    server: Server,
    wire: Wire,
    alice: MemberActor,
    bob: MemberActor,
    env: Env,
    restart: Restart,
) -> None:
    await server.ask(alice, TITLE)
    await daily(server, bob)
    dm = bob.user.dm_channel
    wire.kill("POST", f"/channels/{dm.id}/messages")
    await hours_pass(env, 8)
    await die(env, wire, 600)
    await restart()
    await hours_pass(env, 1)
    assert len(mails(bob)) == 1


@pytest.mark.parametrize("failure", [Failure.FORBIDDEN, Failure.UNAVAILABLE])
async def test_a_digest_that_is_refused_keeps_nobody_else_waiting(
    server: Server, wire: Wire, alice: MemberActor, bob: MemberActor, env: Env, failure: Failure
) -> None:
    """However many there are of them: these were due before hers."""
    await server.ask(alice, TITLE)
    people = [server.guild.add_member(env.create_user(f"reader{n}")) for n in range(25)]
    for person in people:
        await daily(server, person, hour=8)
        dm = person.user.dm_channel
        wire.fail("POST", f"/channels/{dm.id}/messages", failure, times=None)
    await daily(server, bob)
    await hours_pass(env, 10)
    assert len(mails(bob)) == 1
    tried = len([r for r in wire.seen if r.method == "POST" and r.path.endswith("/messages")])
    wire.mend()
    await hours_pass(env, 2)
    got = [len(mails(person)) for person in people]
    if failure is Failure.FORBIDDEN:  # for good: not before the next one
        assert not any(got)
        assert tried < 40
        await server.ask(alice, "What helps against stage fright before a talk?")
        await hours_pass(env, 22)
        got = [len(mails(person)) for person in people]
    assert set(got) == {1}


async def test_a_digest_waits_for_the_end_of_quiet_hours(
    server: Server, alice: MemberActor, bob: MemberActor, env: Env
) -> None:
    await server.ask(alice, TITLE)
    await daily(server, bob, hour=5, quiet_from=22, quiet_to=7)
    shown = told(await bob.slash(server.lounge, "notifications"))
    assert "at 5 AM\n(but not before your quiet hours end)" in shown
    await hours_pass(env, 6.5)
    assert mails(bob) == []
    await hours_pass(env, 1)
    assert len(mails(bob)) == 1
    await hours_pass(env, 20)
    assert len(mails(bob)) == 1


async def test_changing_preferences_when_a_digest_is_due_does_not_lose_it(
    server: Server, alice: MemberActor, bob: MemberActor, env: Env
) -> None:
    await server.ask(alice, TITLE)
    await daily(server, bob)
    env.backend.advance_clock(9 * 3600 + 1)  # due, and nobody has looked yet
    await bob.slash(server.lounge, "notifications", dm=True)
    await hours_pass(env, 1)
    assert len(mails(bob)) == 1


async def test_a_digest_tells_nothing_of_what_one_cannot_read(
    server: Server,
    env: Env,
    sleep: str,
    nights: simcord.ChannelHandle,
    alice: MemberActor,
    bob: MemberActor,
    carol: MemberActor,
) -> None:
    from tests.support.simulator import set_permissions

    secret = await server.ask(alice, TITLE, category=sleep)
    await carol.slash(secret.thread, "follow")
    await server.answer(bob, secret, TEXT)
    await daily(server, carol)
    set_permissions(env, nights, carol.id, view_channel=False)
    await hours_pass(env, 10)
    assert mails(carol) == []
    await server.ask(alice, "What helps against stage fright before a talk?")
    await hours_pass(env, 24)
    (digest,) = mails(carol)
    assert "stage fright" in said(digest)
    assert "unread" not in said(digest)
    assert "night shift" not in said(digest)


async def test_a_message_of_a_process_that_died(
    server: Server,
    wire: Wire,
    alice: MemberActor,
    bob: MemberActor,
    env: Env,
    restart: Restart,
) -> None:
    """Also where there is more news when the next process begins, long after."""
    question = await server.ask(alice, TITLE, how=["notify"])
    dm = alice.user.dm_channel
    wire.kill("POST", f"/channels/{dm.id}/messages", after=True)
    await server.answer(bob, question, TEXT)
    await die(env, wire, 1)
    env.backend.advance_clock(3600)
    await restart()
    await server.answer(bob, question, "Earplugs helped me more than anything.")
    await hours_pass(env, 1)
    first, second = mails(alice)
    assert "#1.1" in said(first)
    assert "#1.2" in said(second)
    assert "#1.1" not in said(second)


async def test_a_message_whose_answer_was_lost(
    server: Server, wire: Wire, alice: MemberActor, bob: MemberActor, env: Env
) -> None:
    question = await server.ask(alice, TITLE, how=["notify"])
    dm = alice.user.dm_channel
    wire.fail("POST", f"/channels/{dm.id}/messages", Failure.LOST)
    await server.answer(bob, question, TEXT)
    await server.answer(bob, question, "Earplugs helped me more than anything.")
    await hours_pass(env, 1)
    assert wire.sprung == 1
    texts = [str(mail.embeds[0].description) for mail in mails(alice)]
    assert sum(text.count("#1.1 ") for text in texts) == 1
    assert sum(text.count("#1.2 ") for text in texts) == 1


async def test_what_waits_when_somebody_says_stop_is_not_sent(
    server: Server, alice: MemberActor, bob: MemberActor, env: Env
) -> None:
    question = await server.ask(alice, TITLE, how=["notify"])
    await server.answer(bob, question, TEXT)
    await env.advance_time(5)
    (mail,) = mails(alice)
    await alice.slash(server.lounge, "notifications", quiet_from=22, quiet_to=7)
    await server.answer(bob, question, "Earplugs helped me more than anything.")
    await alice.user.click(mail, label="Stop these messages")
    await hours_pass(env, 9)
    assert len(mails(alice)) == 1


@pytest.mark.parametrize("how", ["lost", "killed"])
async def test_helpers_are_told_once(
    server: Server,
    wire: Wire,
    alice: MemberActor,
    owner: MemberActor,
    env: Env,
    restart: Restart,
    how: str,
) -> None:
    role = server.guild.create_role("Helpers")
    await owner.slash(server.lounge, "settings set", name="helper_role", value=str(role.id))
    question = await server.ask(alice, TITLE)
    path = f"/channels/{question.thread.id}/messages"
    if how == "lost":
        wire.fail("POST", path, Failure.LOST)
    else:
        wire.kill("POST", path, after=True)
    if how == "killed":
        await hours_pass(env, 23)
        await die(env, wire, 600)
        env.backend.advance_clock(3600)
        await restart()
    else:
        await hours_pass(env, 25)
        assert wire.sprung == 1
    await hours_pass(env, 2)
    assert calls(question) == 1


async def test_helpers_are_not_told_of_what_is_closed(
    server: Server, wire: Wire, alice: MemberActor, owner: MemberActor, env: Env
) -> None:
    role = server.guild.create_role("Helpers")
    await owner.slash(server.lounge, "settings set", name="helper_role", value=str(role.id))
    question = await server.ask(alice, TITLE)
    path = f"/channels/{question.thread.id}/messages"
    wire.fail("POST", path, Failure.UNAVAILABLE, times=None)
    await hours_pass(env, 24.5)
    assert wire.sprung
    wire.mend()
    await owner.slash(question.thread, "close", reason="other", note="Solved elsewhere.")
    await hours_pass(env, 2)
    assert calls(question) == 0


def calls(question: Card) -> int:
    """How often a role was called in a question's thread."""
    return sum("<@&" in message.content for message in question.thread.history())


async def waiting(server: Server, alice: MemberActor, owner: MemberActor, env: Env) -> Card:
    """A question that has waited for so long that helpers were called."""
    role = server.guild.create_role("Helpers")
    await owner.slash(server.lounge, "settings set", name="helper_role", value=str(role.id))
    question = await server.ask(alice, TITLE)
    await hours_pass(env, 25)
    await hours_pass(env, 1)
    return question


async def test_a_call_that_is_sent_while_the_outbox_is_read(
    server: Server,
    alice: MemberActor,
    owner: MemberActor,
    env: Env,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was read of it is old when it comes: the call is done by then."""
    bot: Any = env.bot
    read, settled = asyncio.Event(), asyncio.Event()
    send, look_out, settle = delivering.call_helpers, publishing.look_out, publishing.settle

    async def sent(*args: Any, **options: Any) -> None:
        await send(*args, **options)
        bot.cogs["Delivery"].kick()
        await read.wait()

    async def looked(*args: Any, **options: Any) -> Any:
        outlook = await look_out(*args, **options)
        if bot.cogs["Delivery"]._workload.tasks() and not read.is_set():
            assert [job.kind for job in outlook.jobs] == [JobKind.WAITING]
            read.set()
            await settled.wait()
            for _ in range(10):  # until its task is over
                await asyncio.sleep(0)
        return outlook

    async def recorded(db: Any, job: Job, outcome: Any) -> None:
        await settle(db, job, outcome)
        if job.kind is JobKind.WAITING:
            settled.set()

    monkeypatch.setattr(delivering, "call_helpers", sent)
    monkeypatch.setattr(publishing, "settle", recorded)
    monkeypatch.setattr(publishing, "look_out", looked)
    question = await waiting(server, alice, owner, env)
    assert settled.is_set()
    assert calls(question) == 1


async def test_a_call_that_could_not_be_recorded(
    server: Server,
    alice: MemberActor,
    owner: MemberActor,
    env: Env,
    monkeypatch: pytest.MonkeyPatch,
    logged_errors: list[logging.LogRecord],
) -> None:
    """The thread is looked through before helpers are called a second time."""
    settle, failed = publishing.settle, 0

    async def refused(db: Any, job: Job, outcome: Any) -> None:
        nonlocal failed
        if job.kind is JobKind.WAITING and not failed:
            failed += 1
            raise OSError("the disk is full")
        await settle(db, job, outcome)

    monkeypatch.setattr(publishing, "settle", refused)
    question = await waiting(server, alice, owner, env)
    assert failed == 1
    assert calls(question) == 1
    assert "could not be recorded" in logged_errors.pop().message
