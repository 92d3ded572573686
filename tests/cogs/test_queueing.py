"""The queue as moderators use it: what it shows, who is looking at what, and passing on."""

from __future__ import annotations

import discord
import pytest
import simcord

from tests.conftest import Restart
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.replies import buttons, pings, reply_of, sentence
from tests.support.reports import report, reports_in
from tests.support.server import Card, Server, said, told
from tests.support.time import hours_pass
from tests.support.wire import Wire

FILTER = "qa:1:queue.filter:all:any"


async def test_the_card_says_who_is_looking_at_it(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    carol: simcord.MemberActor,
    owner: simcord.MemberActor,
    moderator: simcord.MemberActor,
    answer: Card,
    restart: Restart,
) -> None:
    await report(carol, answer, why="spam")
    await env.advance_time(5)
    (card,) = reports_in(reports)
    assert "It's yours for an hour." in sentence(await moderator.click(card, label="Take it"))
    await env.advance_time(5)
    await restart()
    (card,) = reports_in(reports)
    assert "👀 mona" in said(card)
    assert "is looking at it" in said(card)
    shown = await owner.slash(server.lounge, "queue")
    assert "is looking at it" in sentence(shown)
    assert "Take it" not in buttons(shown)
    passed = await moderator.click(card, label="Pass")
    assert "Left to others." in sentence(passed)
    await env.advance_time(5)
    (card,) = reports_in(reports)
    assert "looking" not in said(card)
    assert "mona" not in said(card), "nobody is told who passed it on"
    assert "You've passed this on." in told(await moderator.slash(server.lounge, "queue"))
    await owner.click(card, label="Take it")
    late = await owner.slash(server.lounge, "queue")
    await moderator.click(card, label="Dismiss")
    await env.advance_time(5)
    gone = await owner.click(reply_of(late), label="Pass")
    assert "Another moderator was faster. Dismissed by mona" in told(gone)
    assert "Nothing waits." in told(gone)


@in_a_forum
@on_sqlite
async def test_it_is_narrowed_down_by_a_select(
    env: simcord.Env,
    server: Server,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    answer: Card,
) -> None:
    await report(carol, answer, why="spam")
    shown = await moderator.slash(server.lounge, "queue")
    assert "Reported posts · 1/1" in told(shown)
    for value, expected in (
        ("appeals", "No appeals wait."),
        ("24h", "Nothing waits."),
        ("hidden", "No hidden posts."),
        ("reported", "Reported posts · 1/1"),
    ):
        chosen = await moderator.select(reply_of(shown), custom_id=FILTER, values=[value])
        assert expected in told(chosen), value
        shown = await moderator.slash(server.lounge, "queue")
    await env.advance_time(24 * 3600)
    shown = await moderator.slash(server.lounge, "queue")
    chosen = await moderator.select(reply_of(shown), custom_id=FILTER, values=["24h"])
    assert "Reported posts · 1/1" in told(chosen)
    await moderator.slash(server.lounge, "hide", post="#1.1")
    done = await moderator.click(reply_of(chosen), label="Dismiss")
    assert "Another moderator was faster." in told(done)


@in_a_forum
@on_sqlite
async def test_a_role_taken_away_is_noticed(
    env: simcord.Env,
    server: Server,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
) -> None:
    await report(carol, question, why="spam")
    shown = await moderator.slash(server.lounge, "queue")
    assert {"Take it", "Pass", "Edit", "Close", "Move…"} <= set(buttons(shown))
    form = await moderator.click(reply_of(shown), label="Edit")
    env.backend.edit_member(server.guild.id, moderator.id, {"role_ids": []})
    await env.settle()
    refused = await moderator.submit_modal(form, {"title": "How do I sleep after nights?"})
    assert "Only the author and moderators can edit this post." in sentence(refused)
    for label in ("Take it", "Pass"):
        refused = await moderator.click(reply_of(shown), label=label)
        assert "Only moderators of this post's channel can do this." in sentence(refused)


WAITING = "still waiting in the queue"


def calls_in(reports: simcord.ChannelHandle) -> list[discord.Message]:
    return [m for m in reports.history() if WAITING in m.content]


async def test_whoever_is_on_duty_is_called_for_what_nobody_looks_at(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    answer: Card,
    restart: Restart,
) -> None:
    await report(carol, answer, why="spam")
    await hours_pass(env, 20)
    await moderator.slash(server.lounge, "duty", state="on")
    assert not calls_in(reports)
    await hours_pass(env, 5)
    (call,) = calls_in(reports)
    assert call.content == (
        f"{moderator.mention} 1 post or appeal is {WAITING}. Can you look at it?"
    )
    assert pings(call) == [moderator.name]
    assert "Reported posts · 1/1" in told(await moderator.click(call, label="Open the queue"))
    await restart()
    await hours_pass(env, 5)
    assert [m.id for m in calls_in(reports)] == [call.id]


@in_a_forum
@on_sqlite
@pytest.mark.parametrize("after", [False, True])
async def test_a_call_that_was_cut_off_is_sent_once(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    answer: Card,
    wire: Wire,
    restart: Restart,
    *,
    after: bool,
) -> None:
    await report(carol, answer, why="spam")
    await hours_pass(env, 23)
    await moderator.slash(server.lounge, "duty", state="on")
    wire.kill("POST", f"/channels/{reports.id}/messages", after=after)
    await hours_pass(env, 2)
    await restart()
    await hours_pass(env, 1)
    assert len(calls_in(reports)) == 1


@in_a_forum
@on_sqlite
async def test_a_reported_question_is_edited_and_moved_from_its_card(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    carol: simcord.MemberActor,
    owner: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
) -> None:
    await owner.slash(server.lounge, "category add", name="Sleep")
    await report(carol, question, why="spam")
    await env.advance_time(5)
    (card,) = reports_in(reports)
    before = said(card)

    form = await moderator.click(card, label="Edit")
    await moderator.submit_modal(form, {"title": "How do I sleep after nights?"})
    assert question.thread.name == "How do I sleep after nights?"

    offered = await moderator.click(card, label="Move…")
    assert "Where do you want to move #1?" in sentence(offered)
    assert said(reports_in(reports)[0]).splitlines()[0] == before.splitlines()[0]
    moved = await moderator.select(reply_of(offered), custom_id="qa:1:move.to:1", values=["2"])
    assert "Moved #1 to **Sleep**." in told(moved)


@in_a_forum
@on_sqlite
async def test_how_much_was_decided_lately_is_told_as_it_is_opened(
    env: simcord.Env,
    server: Server,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    owner: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
    answer: Card,
) -> None:
    """For all moderators together, and for oneself."""
    assert "Decisions" not in told(await moderator.slash(server.lounge, "queue"))
    await report(carol, answer, why="spam")
    shown = await moderator.slash(server.lounge, "queue")
    done = await moderator.click(reply_of(shown), label="Dismiss")
    assert "Decisions" not in told(done)
    await report(bob, question, why="spam")
    for person, own in ((moderator, 1), (owner, 0)):
        shown = await person.slash(server.lounge, "queue")
        assert f"Decisions in the last 7 days: 1 (you: {own})" in told(shown)
        assert "Reported posts" in told(shown)
    env.backend.advance_clock(8 * 24 * 3600)
    assert "Decisions" not in told(await moderator.slash(server.lounge, "queue"))
