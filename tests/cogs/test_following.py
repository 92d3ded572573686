"""Following and being told, as members see it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import discord
import pytest
from simcord import ChannelHandle, Env, MemberActor

from tests.support.forgery import press
from tests.support.server import Server, said, told
from tests.support.simulator import set_permissions
from tests.support.time import hours_pass


def mails(person: MemberActor) -> list[discord.Message]:
    """The direct messages somebody got from the bot."""
    return person.user.dm_channel.history()


async def test_followers_find_news_in_their_inbox(
    server: Server, alice: MemberActor, bob: MemberActor, carol: MemberActor
) -> None:
    question = await server.ask(alice, "How do I fall asleep after a night shift?")
    reply = await carol.slash(question.thread, "follow")
    assert "You're following #1" in told(reply)

    await server.answer(bob, question, "Dark curtains, and no screens before bed.")
    inbox = told(await carol.slash(server.lounge, "inbox"))
    assert "🔵 **New answer** · #1.1" in inbox
    assert "Dark curtains" in inbox
    again = told(await carol.slash(server.lounge, "inbox"))
    assert "🔵" not in again
    assert "Nothing yet" in told(await bob.slash(server.lounge, "inbox"))
    assert mails(carol) == []  # nobody asked for direct messages


async def test_direct_messages_are_asked_for_and_stopped(
    env: Env, server: Server, alice: MemberActor, bob: MemberActor, carol: MemberActor
) -> None:
    question = await server.ask(alice, "How do I fall asleep after a night shift?")
    reply = await carol.slash(question.thread, "follow")
    assert reply.response is not None
    await carol.click(reply.response.message, label="Send me DMs too")
    await server.answer(bob, question, "Dark curtains, and no screens before bed.")
    await env.advance_time(5)
    (mail,) = mails(carol)
    assert "New answer" in said(mail)
    stopped = await carol.user.click(mail, label="Stop these messages")
    assert "Stopped" in told(stopped)
    await server.answer(carol, question, "Earplugs helped me more than anything.")
    await server.answer(bob, question, "And magnesium in the evening, for some.")
    await env.advance_time(5)
    assert len(mails(carol)) == 1


async def test_stopping_all_messages_stops_digests_as_well(
    env: Env, server: Server, alice: MemberActor, bob: MemberActor, carol: MemberActor
) -> None:
    wanted = {"dm": True, "digest": "daily", "hour": 9, "timezone": "UTC"}
    # The simulated day begins at midnight: until seven, what is new is gathered.
    await carol.slash(server.lounge, "notifications", **wanted, quiet_from=22, quiet_to=7)
    await carol.slash(server.lounge, "follow", member=alice)
    await server.ask(alice, "How do I fall asleep after a night shift?")
    await server.ask(alice, "What helps against stage fright before a talk?")
    await hours_pass(env, 8)
    (mail,) = mails(carol)
    assert "2 updates" in said(mail)
    stopped = told(await carol.user.click(mail, label="Stop all messages"))
    assert "You won't get more messages or digests from this server." in stopped
    await server.ask(alice, "How do you tell a friend that you need time alone?")
    await env.advance_time(2 * 24 * 3600)
    assert mails(carol) == [mail]
    shown = told(await carol.slash(server.lounge, "notifications"))
    assert "Digest by DM none" in " ".join(shown.split())


async def test_stopping_a_message_about_something_followed_says_what_stops(
    env: Env, server: Server, alice: MemberActor, carol: MemberActor
) -> None:
    await carol.slash(server.lounge, "notifications", dm=True)
    await carol.slash(server.lounge, "follow", member=alice)
    await server.ask(alice, "How do I fall asleep after a night shift?")
    await env.advance_time(60)
    (mail,) = mails(carol)
    stopped = told(await carol.user.click(mail, label="Stop these messages"))
    assert "You won't get more messages about what you follow in this server." in stopped
    assert "digests still come" in stopped


async def test_categories_tags_and_members_can_be_followed(
    server: Server, alice: MemberActor, bob: MemberActor, carol: MemberActor
) -> None:
    assert "the tag `sleep`" in told(await bob.slash(server.lounge, "follow", tag="sleep"))
    named = told(await carol.slash(server.lounge, "follow", category="General"))
    assert "General" in named
    assert told(await carol.slash(server.lounge, "follow", member=alice.user))
    listed = told(await carol.slash(server.lounge, "follow"))
    assert "General" in listed
    assert f"<@{alice.id}>" in listed  # has done nothing under a name yet

    await server.ask(alice, "How do I fall asleep after a night shift?", tags="sleep")
    assert "**New question** · #1" in told(await bob.slash(server.lounge, "inbox"))
    assert "**New question** · #1" in told(await carol.slash(server.lounge, "inbox"))

    gone = told(await bob.slash(server.lounge, "unfollow", tag="sleep"))
    assert "You're no longer following this" in gone
    assert "weren't following" in told(await bob.slash(server.lounge, "unfollow", tag="sleep"))


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("channel_kind", ["forum"], indirect=True)
async def test_quiet_hours_keep_messages_back_and_then_merge_them(
    server: Server, alice: MemberActor, bob: MemberActor, env: Env
) -> None:
    # The simulated day begins at midnight, UTC.
    await alice.slash(server.lounge, "notifications", quiet_from=22, quiet_to=7)
    question = await server.ask(alice, "How do I fall asleep after a night shift?", how=["notify"])
    await server.answer(bob, question, "Dark curtains, and no screens before bed.")
    await server.answer(bob, question, "Earplugs helped me more than anything.")
    assert mails(alice) == []
    await hours_pass(env, 8)
    (mail,) = mails(alice)
    assert "2 updates" in said(mail)
    assert "#1.1" in said(mail)
    assert "#1.2" in said(mail)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("channel_kind", ["text"], indirect=True)
async def test_closed_direct_messages_lose_nothing(
    server: Server, alice: MemberActor, bob: MemberActor, env: Env
) -> None:
    question = await server.ask(alice, "How do I fall asleep after a night shift?", how=["notify"])
    dm = alice.user.dm_channel
    env.inject_error("POST", f"/channels/{dm.id}/messages", status=403, code=50007)
    await server.answer(bob, question, "Dark curtains, and no screens before bed.")
    assert mails(alice) == []
    assert "#1.1" in told(await alice.slash(server.lounge, "inbox"))


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("channel_kind", ["text"], indirect=True)
async def test_notification_preferences_are_shown_and_checked(
    server: Server, alice: MemberActor
) -> None:
    shown = told(
        await alice.slash(
            server.lounge, "notifications", digest="weekly", hour=18, timezone="Europe/Berlin"
        )
    )
    assert "weekly, on Mondays, at 6 PM" in shown
    assert "Europe/Berlin" in shown
    refused = told(await alice.slash(server.lounge, "notifications", timezone="Moon/Crater"))
    assert "I don't know that place." in refused
    offered = await alice.autocomplete(server.lounge, "notifications", "timezone", "berl")
    assert "Europe/Berlin" in [choice["value"] for choice in offered]


async def test_losing_access_ends_notices_of_a_channel(
    server: Server,
    env: Env,
    sleep: str,
    nights: ChannelHandle,
    alice: MemberActor,
    bob: MemberActor,
    carol: MemberActor,
) -> None:
    question = await server.ask(alice, "How do I sleep after a night shift?", category=sleep)
    other = await server.ask(alice, "What helps against stage fright before a talk?")
    await carol.slash(question.thread, "follow")
    await carol.slash(other.thread, "follow")
    await carol.slash(server.lounge, "follow", category="Sleep")
    await server.answer(bob, question, "Dark curtains, and no screens before bed.")
    await server.answer(bob, other, "Rehearse aloud, in the very room if you can.")

    async def seen() -> list[bool]:
        inbox = told(await carol.slash(server.lounge, "inbox"))
        followed = told(await carol.slash(server.lounge, "follow"))
        assert "Rehearse aloud" in inbox
        assert "stage fright" in followed
        return ["Dark curtains" in inbox, "night shift" in followed, "Sleep" in followed]

    assert await seen() == [True, True, True]
    set_permissions(env, nights, carol.id, view_channel=False)
    await env.settle()
    assert await seen() == [False, False, False]
    set_permissions(env, nights, carol.id, view_channel=True)
    await env.settle()
    assert await seen() == [True, True, True]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("channel_kind", ["text"], indirect=True)
async def test_hidden_posts_make_no_hole_in_an_inbox(
    server: Server, alice: MemberActor, bob: MemberActor, carol: MemberActor, owner: MemberActor
) -> None:
    kept = await server.ask(alice, "What helps against stage fright before a talk?")
    await carol.slash(kept.thread, "follow")
    await server.answer(bob, kept, "Rehearse aloud, in the very room if you can.")
    hidden = await server.ask(alice, "How do I fall asleep after a night shift?")
    await carol.slash(hidden.thread, "follow")
    for n in range(9):
        await server.answer(bob, hidden, f"Way number {n}: dark curtains, and no screens.")
    await owner.slash(server.lounge, "hide", post="#2")
    inbox = told(await carol.slash(server.lounge, "inbox"))
    assert "Rehearse aloud" in inbox
    assert "dark curtains" not in inbox


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("channel_kind", ["text"], indirect=True)
async def test_all_that_is_followed_is_listed_in_pages(
    server: Server, alice: MemberActor, restart: Callable[[], Awaitable[Any]]
) -> None:
    assert "You can't follow yourself" in told(
        await alice.slash(server.lounge, "follow", member=alice.user)
    )
    for n in range(1, 18):
        await alice.slash(server.lounge, "follow", tag=f"tag-{n}")
    await alice.slash(server.lounge, "follow", tag="tag-1")  # again: that changes nothing
    first = await alice.slash(server.lounge, "follow")
    assert told(first).count("the tag") == 15
    await restart()
    assert first.response is not None
    second = await alice.click(first.response.message, label="Next")
    assert told(second).count("the tag") == 2
    beyond = await press(alice, first.response.message, "qa:1:follows:9")
    assert "Nothing more to show" in told(beyond)
    beyond = await press(alice, first.response.message, "qa:1:inbox:9")
    assert "Nothing more to show" in told(beyond)
