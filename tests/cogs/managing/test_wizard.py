"""The wizard of `/setup`: step by step, over restarts, and with what goes wrong on the way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import simcord

from data.database import Database
from tests.support.forgery import press
from tests.support.forums import make_community, stored_settings, tag_emoji, tag_ids
from tests.support.kinds import in_a_forum, in_a_text_channel, on_sqlite
from tests.support.replies import buttons, fields, sentence
from tests.support.server import Server, told
from tests.support.simulator import at_once, channel_of, delete_channel, exists
from tests.support.wire import Failure, Wire

pytestmark = on_sqlite
Restart = Callable[[], Awaitable[Any]]


def select(name: str, preset: str = "none") -> str:
    return f"qa:1:setup.{name}:{preset}"


async def test_the_wizard_in_a_text_channel(
    env: simcord.Env,
    guild: simcord.GuildHandle,
    text: simcord.ChannelHandle,
    lounge: simcord.ChannelHandle,
    moderators: simcord.RoleHandle,
    owner: simcord.MemberActor,
    alice: simcord.MemberActor,
    restart: Restart,
) -> None:
    """Every step is taken after a restart: nothing is remembered but what is stored."""
    shown = await owner.slash(lounge, "setup")
    assert "Not chosen yet" in sentence(shown)
    message = shown.response
    assert message is not None
    assert "Create a channel" in buttons(shown)

    await restart()
    step = await owner.select(message, [text], custom_id=select("channel"))
    assert f"<#{text.id}> (text channel with threads)" in told(step)
    assert "Create a channel" not in buttons(step)

    await restart()
    step = await owner.select(message, [moderators], custom_id=select("role"))
    assert f"<@&{moderators.id}>" in told(step)

    bot = await restart()
    step = await owner.select(message, ["support"], custom_id="qa:1:setup.preset")
    assert "Support community" in told(step)
    assert "voting" not in await stored_settings(bot.db, guild), "a preset is applied with Finish"

    await restart()
    form = await owner.click(message, custom_id="qa:1:setup.emoji:support")
    assert fields(form)["up"]["value"] == "⬆️"
    await restart()
    step = await owner.submit_modal(form, {"up": "👍", "down": "👎"})
    assert "Support community" in told(step), "the preset was forgotten"

    bot = await restart()
    done = await owner.click(message, label="Finish")
    assert "Askwell is ready" in told(done)
    assert "nobody sees who voted" in told(done)
    stored = await stored_settings(bot.db, guild)
    assert stored["question_channel"] == str(text.id)
    assert stored["moderator_role"] == str(moderators.id)
    assert stored["vote_up_emoji"] == "👍"
    assert stored["voting"] == "private"

    server = Server(env, guild, text, "text", lounge)
    assert await server.ask(alice, "Is it normal to cry before a session?")


async def test_the_wizard_creates_a_forum_where_there_may_be_one(
    env: simcord.Env,
    db: Database,
    guild: simcord.GuildHandle,
    lounge: simcord.ChannelHandle,
    owner: simcord.MemberActor,
) -> None:
    make_community(env, guild)
    shown = await owner.slash(lounge, "setup")
    assert shown.response is not None
    step = await owner.click(shown.response, label="Create a channel")
    made = channel_of(env, guild, int((await stored_settings(db, guild))["question_channel"]))
    assert f"<#{made.id}> (forum)" in told(step)
    assert made.name == "questions"
    assert tag_emoji(env, made) == {"Solved": "✅"}
    await owner.select(shown.response, ["general"], custom_id="qa:1:setup.preset")
    done = await owner.click(shown.response, label="Finish")
    assert "Askwell is ready" in told(done)
    assert tag_emoji(env, made) == {"Solved": "✅", "General": "💬"}


async def test_the_wizard_creates_a_text_channel_elsewhere_and_only_one(
    env: simcord.Env,
    guild: simcord.GuildHandle,
    lounge: simcord.ChannelHandle,
    owner: simcord.MemberActor,
) -> None:
    shown = await owner.slash(lounge, "setup")
    assert shown.response is not None
    message = shown.response.message
    async with at_once(env):
        await press(owner, message, select("create"))
        await press(owner, message, select("create"))
    await press(owner, message, select("create"))
    names = [env.backend.get_channel(c).name for c in env.backend.get_guild(guild.id).channel_ids]
    assert names.count("questions") == 1


async def test_a_channel_for_questions_that_exists_is_offered_before_one_is_created(
    env: simcord.Env,
    db: Database,
    guild: simcord.GuildHandle,
    text: simcord.ChannelHandle,
    lounge: simcord.ChannelHandle,
    owner: simcord.MemberActor,
) -> None:
    """The server made #questions itself, and the wizard would make a second one."""
    before = len(env.backend.get_guild(guild.id).channel_ids)
    shown = await owner.slash(lounge, "setup")
    assert shown.response is not None
    offer = await owner.click(shown.response, label="Create a channel")
    assert f"There's already <#{text.id}>. Is it for questions?" in told(offer)
    assert "Create another" in buttons(offer)
    assert "question_channel" not in await stored_settings(db, guild)
    await owner.click(shown.response, label="Use #questions")
    assert (await stored_settings(db, guild))["question_channel"] == str(text.id)
    assert len(env.backend.get_guild(guild.id).channel_ids) == before


async def test_another_channel_is_created_where_that_is_wanted(
    env: simcord.Env,
    db: Database,
    guild: simcord.GuildHandle,
    text: simcord.ChannelHandle,
    lounge: simcord.ChannelHandle,
    owner: simcord.MemberActor,
) -> None:
    make_community(env, guild)
    shown = await owner.slash(lounge, "setup")
    assert shown.response is not None
    await owner.click(shown.response, label="Create a channel")
    step = await owner.click(shown.response, label="Create another")
    made = int((await stored_settings(db, guild))["question_channel"])
    assert made != text.id
    assert f"<#{made}> (forum)" in told(step)


async def test_the_wizard_without_the_permission_to_create(
    env: simcord.Env,
    lounge: simcord.ChannelHandle,
    owner: simcord.MemberActor,
    wire: Wire,
) -> None:
    shown = await owner.slash(lounge, "setup")
    assert shown.response is not None
    wire.fail("POST", "/guilds/*/channels", Failure.FORBIDDEN)
    step = await owner.click(shown.response, label="Create a channel")
    assert "Give my role the *Manage Channels* permission" in told(step)
    assert "Create a channel" in buttons(step), "the wizard is gone"


async def test_the_wizard_says_what_was_wrong_and_goes_on(
    env: simcord.Env,
    db: Database,
    guild: simcord.GuildHandle,
    text: simcord.ChannelHandle,
    lounge: simcord.ChannelHandle,
    owner: simcord.MemberActor,
) -> None:
    shown = await owner.slash(lounge, "setup", preset="general")
    assert "Set up Askwell" in sentence(shown)
    assert shown.response is not None
    for up, down, wrong in (
        ("👍", "👍", "Upvotes and downvotes need different emoji"),
        ("yes", "👎", "Upvote emoji must be a single emoji"),
        ("👍", "<:no:123456789012345678>", "it's from another server"),
    ):
        form = await owner.click(shown.response, label="Vote emoji")
        step = await owner.submit_modal(form, {"up": up, "down": down})
        assert wrong in told(step)
        assert "Finish" in buttons(step)
    assert "vote_up_emoji" not in await stored_settings(db, guild)
    step = await owner.select(shown.response, [guild.default_role], custom_id=select("role"))
    assert "other than @everyone" in told(step)
    fine = await owner.select(shown.response, [text], custom_id=select("channel"))
    assert "⚠️" not in told(fine)


async def test_a_role_can_be_taken_back(
    db: Database,
    guild: simcord.GuildHandle,
    text: simcord.ChannelHandle,
    lounge: simcord.ChannelHandle,
    moderators: simcord.RoleHandle,
    owner: simcord.MemberActor,
) -> None:
    done = await owner.slash(lounge, "setup", channel=text, moderators=moderators)
    assert done.response is not None
    await owner.click(done.response, label="Change something")
    await owner.select(done.response, [], custom_id=select("role"))
    assert "moderator_role" not in await stored_settings(db, guild)


@in_a_text_channel
async def test_a_deleted_channel_is_told_and_replaced(
    server: Server,
    env: simcord.Env,
    guild: simcord.GuildHandle,
    owner: simcord.MemberActor,
    alice: simcord.MemberActor,
) -> None:
    await delete_channel(env, server.channel)
    reply = await owner.slash(server.lounge, "setup")
    assert "no longer exists" in sentence(reply)
    late = await server.try_to_ask(alice, "Where do questions go without a channel?")
    assert "saved" in told(late)
    assert reply.response is not None
    await owner.click(reply.response, label="Create a channel")
    await env.advance_time(5)
    assert [card.title for card in server.cards()] == ["Where do questions go without a channel?"]


@in_a_forum
async def test_moving_to_another_forum_makes_its_tags_there(
    server: Server,
    env: simcord.Env,
    guild: simcord.GuildHandle,
    owner: simcord.MemberActor,
) -> None:
    other = guild.create_forum_channel("elsewhere")
    await env.settle()
    await owner.slash(server.lounge, "setup", channel=other)
    assert tag_emoji(env, other) == tag_emoji(env, server.channel)
    assert not set(tag_ids(env, other).values()) & set(tag_ids(env, server.channel).values())
    assert exists(env, server.channel.id)


@in_a_forum
async def test_a_role_and_an_emoji_that_were_deleted_are_told(
    server: Server,
    env: simcord.Env,
    guild: simcord.GuildHandle,
    moderators: simcord.RoleHandle,
    owner: simcord.MemberActor,
) -> None:
    hug = guild.create_emoji("hug", animated=True)
    await env.settle()
    typed = f"<a:hug:{hug.id}>"
    await owner.slash(server.lounge, "settings set", name="vote_up_emoji", value=typed)
    well = sentence(await owner.slash(server.lounge, "setup", channel=server.channel))
    assert "no longer exists" not in well
    assert f"<@&{moderators.id}>" in well

    env.backend.delete_role(guild.id, moderators.id)
    env.backend.guilds[guild.id].emojis.pop(hug.id)
    await env.settle()
    reply = await owner.slash(server.lounge, "setup")
    assert "The chosen role no longer exists" in sentence(reply)
    assert "A vote emoji no longer exists in the server" in told(reply)
    assert f"<@&{moderators.id}>" not in told(reply)
    summary = await owner.slash(server.lounge, "setup", channel=server.channel)
    assert "Almost there" in sentence(summary)
