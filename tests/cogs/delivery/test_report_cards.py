"""The card of a report is sent once, whatever gets lost and whichever process dies; what Discord
refuses for good is told in the moderators' channel."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import simcord

from bot.domain.outbox import GivenUp, JobKind, Priority
from bot.usecases import publishing
from data import outbox
from tests.support.kinds import SIMPLE
from tests.support.replies import sentence
from tests.support.reports import report, reports_in, shown_in
from tests.support.server import Card, Server, said
from tests.support.simulator import bot_user_id, set_permissions
from tests.support.time import hours_pass
from tests.support.wire import Failure, Wire

pytestmark = SIMPLE
Restart = Callable[[], Awaitable[Any]]


async def asked_and_answered(server: Server, asker: Any, helper: Any) -> Card:
    question = await server.ask(asker, "How do I sleep after a night shift?", "I lie awake.")
    return await server.answer(helper, question, "Dark curtains, and no screens before bed.")


@pytest.mark.parametrize("failure", [Failure.LOST, Failure.SERVER_ERROR_AFTER, Failure.UNAVAILABLE])
async def test_a_card_whose_answer_was_lost(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    wire: Wire,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    failure: Failure,
) -> None:
    answer = await asked_and_answered(server, alice, bob)
    wire.fail("POST", f"/channels/{reports.id}/messages", failure)
    await report(carol, answer)
    await env.advance_time(10)
    assert wire.sprung == 1
    (card,) = reports_in(reports)
    await moderator.click(card, label="Dismiss")
    await env.advance_time(5)
    assert "Dismissed by mona" in said(reports_in(reports)[0])


@pytest.mark.parametrize("after", [False, True])
async def test_a_card_of_a_process_that_died(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    wire: Wire,
    restart: Restart,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    after: bool,
) -> None:
    answer = await asked_and_answered(server, alice, bob)
    wire.kill("POST", f"/channels/{reports.id}/messages", after=after)
    await report(carol, answer)
    assert wire.dead
    await restart()
    await env.advance_time(10)
    assert len(reports_in(reports)) == 1


async def test_the_channel_is_closed_to_the_bot_for_a_while(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    owner: simcord.MemberActor,
) -> None:
    answer = await asked_and_answered(server, alice, bob)
    set_permissions(env, reports, bot_user_id(env), view_channel=False)
    await env.settle()
    thanks = sentence(await report(carol, answer))
    assert "moderators' queue" in thanks, "nobody is reached"
    shown = await owner.slash(server.lounge, "setup")
    assert "Nobody is told about reports: I'm missing *View Channel*" in sentence(shown)
    assert reports_in(reports) == []
    set_permissions(env, reports, bot_user_id(env), view_channel=True, read_message_history=True)
    await env.advance_time(20)
    assert len(reports_in(reports)) == 1, "what was refused comes once it is allowed"


async def test_what_discord_refused_for_good_is_told_there_until_it_is_done(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    wire: Wire,
    alice: simcord.MemberActor,
    owner: simcord.MemberActor,
    logged_errors: list[Any],
) -> None:
    path = "/channels/*/threads"
    wire.fail("POST", path, Failure.INVALID, times=None)
    await server.try_to_ask(alice, "How do I sleep after a night shift?", "I lie awake.")
    await env.advance_time(10)
    logged_errors.clear()
    (_, refusals) = shown_in(reports)
    assert "Discord won't let me show:" in said(refusals)
    assert "- #1:" in said(refusals)
    assert "night shift" not in said(refusals)
    wire.mend()
    await owner.slash(server.lounge, "setup", channel=server.channel)
    await env.advance_time(20)
    assert len(shown_in(reports)) == 1, "it goes once all of it is shown"


async def test_a_refusal_in_a_closed_channel_is_only_counted(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> None:
    await asked_and_answered(server, alice, bob)
    helen = server.guild.add_member(env.create_user("helen"))
    set_permissions(env, reports, helen.id, view_channel=True, read_message_history=True)
    set_permissions(env, server.channel, helen.id, view_channel=False)
    await env.settle()
    bot: Any = env.bot
    now = env.now()
    await publishing.retry_failures(bot.db, server.guild.id, now)
    async with bot.db.write() as tx:
        await outbox.enqueue(tx, server.guild.id, JobKind.CARD, [2], Priority.REFRESH, now)
        [job] = [j for j in await outbox.due(tx, now, 10) if j.kind is JobKind.CARD]
    await publishing.settle(bot.db, job, GivenUp("404 10008: Unknown Message"))
    await env.advance_time(5)
    text = said(shown_in(reports)[-1])
    assert "1 post in a channel that not everyone here can see" in text
    assert "#1.1" not in text


async def test_a_standing_message_that_was_deleted_comes_back_with_setup(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    moderator: simcord.MemberActor,
    owner: simcord.MemberActor,
) -> None:
    (standing,) = shown_in(reports)
    await moderator.delete(standing)
    await hours_pass(env, 1)
    assert shown_in(reports) == []
    await owner.slash(server.lounge, "setup", channel=server.channel)
    await env.advance_time(5)
    (again,) = shown_in(reports)
    assert again.pinned
