"""`/setup` asks for the moderators' channel, creates one, and says whom reports reach."""

from __future__ import annotations

import discord
import simcord

from bot.usecases import browsing
from data.database import Database
from tests.support.forums import stored_settings
from tests.support.kinds import SIMPLE
from tests.support.replies import buttons, reply_of, sentence
from tests.support.reports import closed_channel, report, reports_in, shown_in
from tests.support.server import Card, Server, told
from tests.support.simulator import bot_user_id, channel_of, set_permissions
from tests.support.wire import Failure, Wire

pytestmark = SIMPLE
CREATE = "Create a moderators' channel"


async def test_it_creates_a_channel_that_only_moderators_see(
    env: simcord.Env,
    db: Database,
    server: Server,
    owner: simcord.MemberActor,
) -> None:
    wizard = await owner.slash(server.lounge, "setup")
    assert "No moderator is told about reports until" in sentence(wizard)
    done = await owner.click(reply_of(wizard), label=CREATE)
    assert CREATE not in buttons(done)
    channel_id = int((await stored_settings(db, server.guild))["moderators_channel"])
    assert f"Each report comes to <#{channel_id}>." in told(done)
    channel = channel_of(env, server.guild, channel_id)
    assert channel.name == "reports"
    bot = env.bot
    guild = bot.get_guild(server.guild.id)
    assert guild is not None
    there = guild.get_channel(channel_id)
    assert isinstance(there, discord.TextChannel)
    assert not there.permissions_for(guild.default_role).view_channel
    assert there.permissions_for(guild.me).send_messages
    roles = {
        target.name
        for target, overwrite in there.overwrites.items()
        if isinstance(target, discord.Role) and overwrite.view_channel
    }
    assert roles - {"TestBot"} == {"Moderators"}
    assert len(shown_in(channel)) == 1


async def test_a_lost_answer_makes_no_second_channel(
    env: simcord.Env, db: Database, server: Server, owner: simcord.MemberActor, wire: Wire
) -> None:
    wizard = await owner.slash(server.lounge, "setup")
    wire.fail("POST", f"/guilds/{server.guild.id}/channels", Failure.LOST)
    failed = await owner.click(reply_of(wizard), label=CREATE)
    assert "⚠️" in told(failed)
    await owner.click(reply_of(failed), label=CREATE)
    assert "moderators_channel" in await stored_settings(db, server.guild)
    guild = env.bot.get_guild(server.guild.id)
    assert guild is not None
    assert [c.name for c in guild.text_channels].count("reports") == 1


async def test_it_says_what_it_lacks_to_create_one(
    server: Server, db: Database, owner: simcord.MemberActor, wire: Wire
) -> None:
    wizard = await owner.slash(server.lounge, "setup")
    wire.fail("POST", f"/guilds/{server.guild.id}/channels", Failure.FORBIDDEN)
    refused = await owner.click(reply_of(wizard), label=CREATE)
    assert "Give my role *Manage Channels* and *Manage Roles*" in told(refused)
    assert "moderators_channel" not in await stored_settings(db, server.guild)


async def test_a_role_that_nobody_may_mention_is_told_of(
    env: simcord.Env,
    server: Server,
    owner: simcord.MemberActor,
    moderators: simcord.RoleHandle,
) -> None:
    channel = closed_channel(server, "reports", moderators)
    allowed = dict.fromkeys(("view_channel", "read_message_history"), True)
    set_permissions(env, channel, bot_user_id(env), **allowed, mention_everyone=False)
    for mentionable in (False, True):
        role = server.guild.create_role(f"On call {mentionable}", mentionable=mentionable)
        reply = await owner.slash(server.lounge, "setup", reports=channel, called=role)
        text = sentence(reply)
        assert f"Each report comes to <#{channel.id}>." in text
        assert f"<@&{role.id}> is mentioned with each new one." in text
        assert ("Allow anyone to @mention this role" in text) is not mentionable
    form = await owner.click(reply_of(reply), label="Role for reports")
    done = await owner.submit_modal(form, {"role": []})
    assert "is mentioned" not in told(done)


async def test_an_open_channel_is_warned_of_and_a_forum_is_none(
    server: Server, owner: simcord.MemberActor
) -> None:
    reply = await owner.slash(server.lounge, "setup", reports=server.lounge)
    assert f"Everyone in the server can see <#{server.lounge.id}>" in sentence(reply)
    refused = await owner.slash(
        server.lounge, "settings set", name="moderators_channel", value=f"<#{server.channel.id}>"
    )
    assert "must be a text channel in this server" in sentence(refused)


async def test_reports_that_waited_come_to_the_new_channel(
    env: simcord.Env,
    server: Server,
    owner: simcord.MemberActor,
    alice: simcord.MemberActor,
    carol: simcord.MemberActor,
) -> None:
    question: Card = await server.ask(alice, "How do I sleep after a night shift?")
    await report(carol, question)
    wizard = await owner.slash(server.lounge, "setup")
    await owner.click(reply_of(wizard), label=CREATE)
    await env.advance_time(5)
    bot = env.bot
    rules = await browsing.rules_of(bot.db, server.guild.id)  # type: ignore[attr-defined]
    channel = channel_of(env, server.guild, rules.identity("moderators_channel") or 0)
    assert len(reports_in(channel)) == 1
