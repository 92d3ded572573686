"""The weekly round-up: a message in a channel, once a week, for all who read that channel."""

from __future__ import annotations

from datetime import timedelta

import discord
import pytest
import simcord

from tests.cogs.conftest import Configure
from tests.conftest import Restart
from tests.support.kinds import SIMPLE
from tests.support.replies import reply_of, sentence
from tests.support.reports import closed_channel, shown_in
from tests.support.server import Server, said, told
from tests.support.simulator import (
    bot_user_id,
    delete_channel,
    set_permissions,
)
from tests.support.time import hours_pass
from tests.support.wire import Failure, Wire

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
TITLE = "How do I sleep after a night shift?"


@pytest.fixture
async def news(env: simcord.Env, server: Server, configure: Configure) -> simcord.ChannelHandle:
    """#news, where a round-up comes in an hour."""
    channel = server.guild.create_text_channel("news")
    await soon(env, configure)
    await configure("roundup_channel", f"<#{channel.id}>")
    return channel


async def soon(env: simcord.Env, configure: Configure) -> None:
    """Have the next round-up at the next full hour."""
    at = env.now() + timedelta(hours=1)
    await configure("roundup_day", DAYS[at.weekday()])
    await configure("roundup_hour", str(at.hour))


async def a_week(server: Server, *people: simcord.MemberActor) -> None:
    """Somebody's question is answered, another one waits."""
    asker, helper = people
    question = await server.ask(asker, TITLE)
    answer = await server.answer(helper, question, "Dark curtains, and no screens before bed.")
    await server.choose(asker, answer)
    await server.ask(asker, "What helps against stage fright before a talk?", "Next week.")


def round_ups(channel: simcord.ChannelHandle) -> list[discord.Message]:
    return [message for message in shown_in(channel) if "This week in" in said(message)]


@pytest.fixture
async def round_up(
    env: simcord.Env,
    server: Server,
    news: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> discord.Message:
    """The round-up of a week in which Bob answered Alice, whose second question waits."""
    await a_week(server, alice, bob)
    await hours_pass(env, 1)
    (message,) = round_ups(news)
    return message


async def test_it_tells_the_week_in_a_channel(
    env: simcord.Env,
    server: Server,
    news: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> None:
    await a_week(server, alice, bob)
    assert round_ups(news) == []
    await hours_pass(env, 1)
    (message,) = round_ups(news)
    text = said(message)
    assert "This week in Mind & Wellness" in text
    assert TITLE in text
    assert "> Dark curtains, and no screens before bed." in text
    assert "What helps against stage fright" in text
    assert "Answered for the first time" in text
    assert f"[bob](https://discord.com/users/{bob.id})" in text
    assert message.mentions == []
    await hours_pass(env, 3)
    assert len(round_ups(news)) == 1


@pytest.mark.parametrize("language", ["de"])
async def test_in_the_servers_language(
    env: simcord.Env,
    server: Server,
    news: simcord.ChannelHandle,
    configure: Configure,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    language: str,
) -> None:
    await configure("locale", language)
    await a_week(server, alice, bob)
    await hours_pass(env, 1)
    (message,) = shown_in(news)
    assert "Diese Woche auf Mind & Wellness" in said(message)
    assert "Wartet noch auf eine Antwort" in said(message)


class TestOnOneDatabase:
    pytestmark = SIMPLE

    async def test_nothing_of_a_channel_that_its_readers_may_not_read(
        self,
        env: simcord.Env,
        server: Server,
        configure: Configure,
        sleep: str,
        nights: simcord.ChannelHandle,
        moderators: simcord.RoleHandle,
        alice: simcord.MemberActor,
        bob: simcord.MemberActor,
        moderator: simcord.MemberActor,
    ) -> None:
        """A channel for all tells nothing of #nights, one for its readers does."""
        await soon(env, configure)
        public = server.guild.create_text_channel("news")
        staff = closed_channel(server, "staff", moderators)
        await server.ask(alice, TITLE)
        await server.ask(alice, "Who else can't sleep at sea?", category=sleep)
        set_permissions(env, nights, server.guild.id, view_channel=False)
        set_permissions(env, nights, moderators.id, view_channel=True, read_message_history=True)
        set_permissions(env, nights, bot_user_id(env), view_channel=True, read_message_history=True)
        await env.settle()
        await configure("roundup_channel", f"<#{public.id}>")
        await hours_pass(env, 1)
        (message,) = round_ups(public)
        assert TITLE in said(message)
        assert "at sea" not in said(message)

        taken = await bob.click(message, label="I'll take one")
        assert TITLE in told(taken)
        await soon(env, configure)
        await configure("roundup_channel", f"<#{staff.id}>")
        await hours_pass(env, 1)
        (message,) = round_ups(staff)
        assert "at sea" in said(message)

    async def test_take_one_and_answer_it(
        self,
        round_up: discord.Message,
        alice: simcord.MemberActor,
        carol: simcord.MemberActor,
    ) -> None:
        own = sentence(await alice.click(round_up, label="I'll take one"))
        assert own == "No question is waiting for your answer right now."
        shown = await carol.click(round_up, label="I'll take one")
        assert shown.ephemeral
        assert "What helps against stage fright" in told(shown)
        assert "waited the longest" in told(shown)
        form = await carol.click(reply_of(shown), label="Answer")
        posted = await carol.submit_modal(form, {"answer": "Rehearse aloud, in the very room."})
        assert "#2.1" in told(posted)
        nothing = sentence(await carol.click(round_up, label="I'll take one"))
        assert nothing == own

    async def test_one_that_was_closed_since_it_was_taken(
        self,
        server: Server,
        round_up: discord.Message,
        alice: simcord.MemberActor,
        carol: simcord.MemberActor,
    ) -> None:
        shown = await carol.click(round_up, label="I'll take one")
        await alice.slash(server.lounge, "close", question="#2", reason="other", note="Done")
        refused = await carol.click(reply_of(shown), label="Answer")
        assert refused.modal is None
        assert "closed" in sentence(refused)

    async def test_a_muted_member_is_offered_nothing(
        self,
        env: simcord.Env,
        server: Server,
        round_up: discord.Message,
        carol: simcord.MemberActor,
    ) -> None:
        set_permissions(env, server.channel, carol.id, send_messages_in_threads=False)
        await env.settle()
        shown = sentence(await carol.click(round_up, label="I'll take one"))
        assert shown.startswith("No question is waiting")

    async def test_leave_me_out(
        self,
        env: simcord.Env,
        server: Server,
        news: simcord.ChannelHandle,
        configure: Configure,
        round_up: discord.Message,
        bob: simcord.MemberActor,
    ) -> None:
        left = sentence(await bob.click(round_up, label="Leave me out"))
        assert left.startswith("From the next round-up on, you and what you write are left out.")
        wishes = await bob.slash(server.lounge, "notifications")
        assert "You're left out of it." in told(wishes)
        await soon(env, configure)
        await hours_pass(env, 1)
        *_, message = round_ups(news)
        assert "Dark curtains" not in said(message)
        assert "bob" not in said(message)
        back = await bob.click(reply_of(wishes), label="Include me in round-ups")
        assert "left out" not in told(back)
        out = await bob.slash(server.lounge, "notifications", roundup=False)
        assert "You're left out of it." in told(out)

    @pytest.mark.parametrize(
        "failure", [Failure.LOST, Failure.SERVER_ERROR_AFTER, Failure.UNAVAILABLE, Failure.CUT]
    )
    async def test_a_response_that_was_lost(
        self,
        env: simcord.Env,
        server: Server,
        news: simcord.ChannelHandle,
        wire: Wire,
        alice: simcord.MemberActor,
        bob: simcord.MemberActor,
        failure: Failure,
    ) -> None:
        await a_week(server, alice, bob)
        wire.fail("POST", f"/channels/{news.id}/messages", failure)
        await hours_pass(env, 1)
        await env.advance_time(30)
        assert wire.sprung == 1
        assert len(round_ups(news)) == 1

    @pytest.mark.parametrize("after", [False, True])
    async def test_a_process_that_died(
        self,
        env: simcord.Env,
        server: Server,
        news: simcord.ChannelHandle,
        wire: Wire,
        restart: Restart,
        alice: simcord.MemberActor,
        bob: simcord.MemberActor,
        after: bool,
    ) -> None:
        await a_week(server, alice, bob)
        wire.kill("POST", f"/channels/{news.id}/messages", after=after)
        await hours_pass(env, 1)
        assert wire.dead
        await restart()
        await env.advance_time(30)
        assert len(round_ups(news)) == 1

    async def test_another_channel_while_it_is_uncertain(
        self,
        env: simcord.Env,
        server: Server,
        news: simcord.ChannelHandle,
        configure: Configure,
        wire: Wire,
        alice: simcord.MemberActor,
        bob: simcord.MemberActor,
    ) -> None:
        """The one that arrived is found where it was sent; another day begins anew."""
        await a_week(server, alice, bob)
        wire.fail("POST", f"/channels/{news.id}/messages", Failure.LOST)
        wire.fail("GET", f"/channels/{news.id}/messages", Failure.UNAVAILABLE, times=2)
        await hours_pass(env, 1)
        other = server.guild.create_text_channel("other")
        await configure("roundup_channel", f"<#{other.id}>")
        await env.advance_time(60)
        assert (len(round_ups(news)), len(round_ups(other))) == (1, 0)

    async def test_a_channel_that_is_closed_to_the_bot(
        self,
        env: simcord.Env,
        server: Server,
        news: simcord.ChannelHandle,
        owner: simcord.MemberActor,
        alice: simcord.MemberActor,
        bob: simcord.MemberActor,
    ) -> None:
        await a_week(server, alice, bob)
        set_permissions(env, news, bot_user_id(env), send_messages=False)
        await env.settle()
        value = f"<#{news.id}>"
        await owner.slash(server.lounge, "settings set", name="roundup_day", value="sunday")
        shown = await owner.slash(
            server.lounge, "settings set", name="roundup_channel", value=f"<#{server.lounge.id}>"
        )
        assert "missing" not in sentence(shown)
        shown = await owner.slash(
            server.lounge, "settings set", name="roundup_channel", value=value
        )
        assert "⚠️ I can't post there yet: I'm missing *Send Messages*" in sentence(shown)

    async def test_a_channel_that_was_deleted(
        self,
        env: simcord.Env,
        server: Server,
        news: simcord.ChannelHandle,
        alice: simcord.MemberActor,
        bob: simcord.MemberActor,
    ) -> None:
        await a_week(server, alice, bob)
        await delete_channel(env, news)
        await hours_pass(env, 1)
        assert round_ups(server.lounge) == []

    async def test_its_settings_are_chosen(
        self,
        env: simcord.Env,
        server: Server,
        owner: simcord.MemberActor,
    ) -> None:
        channel = server.guild.create_text_channel("news")
        view = await owner.slash(server.lounge, "settings show")
        pick = "qa:1:settings.pick:general"
        for name, value, said_so in (
            ("roundup_channel", channel, f"<#{channel.id}>"),
            ("roundup_day", "wednesday", "**Wednesday**"),
            ("roundup_hour", "7", "**07:00**"),
            ("roundup_zone", "Europe/Berlin", "**Berlin (Europe/Berlin)**"),
        ):
            picked = await owner.select(reply_of(view), [name], custom_id=pick)
            action = f"qa:1:settings.value:{name}"
            view = await owner.select(reply_of(picked), [value], custom_id=action)
            assert said_so in told(view), name
        picked = await owner.select(reply_of(view), ["roundup_zone"], custom_id=pick)
        form = await owner.select(
            reply_of(picked), ["other"], custom_id="qa:1:settings.value:roundup_zone"
        )
        done = await owner.submit_modal(form, {"value": "Lima"})
        assert "Lima (America/Lima)" in told(done)
