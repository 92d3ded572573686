"""Setting a server up at once, with the options of `/setup`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import discord
import pytest
import simcord

from bot.usecases import browsing
from data.database import Database
from tests.support.forgery import press, send_form
from tests.support.forums import make_community, stored_settings, tag_emoji, tag_ids
from tests.support.kinds import on_sqlite
from tests.support.replies import sentence
from tests.support.server import Server, told
from tests.support.simulator import Locales, bot_user_id, set_permissions
from tests.support.wire import Failure, Wire

pytestmark = on_sqlite
Restart = Callable[[], Awaitable[Any]]


async def test_at_once_in_a_forum(
    env: simcord.Env,
    db: Database,
    guild: simcord.GuildHandle,
    forum: simcord.ChannelHandle,
    lounge: simcord.ChannelHandle,
    moderators: simcord.RoleHandle,
    owner: simcord.MemberActor,
) -> None:
    reply = await owner.slash(
        lounge, "setup", channel=forum, preset="support", moderators=moderators
    )
    text = sentence(reply)
    assert "Askwell is ready" in text
    assert f"<#{forum.id}> (forum)" in text
    assert f"<@&{moderators.id}>" in text
    assert "nobody sees who voted" in text
    assert "I have every permission I need" in text
    assert tag_emoji(env, forum) == {
        "Solved": "✅",
        "Psychotherapy": "🛋️",
        "Relationships": "💞",
        "Anxiety": "🌊",
        "Self-care": "🌱",
    }
    stored = await stored_settings(db, guild)
    assert stored["solved_tag"] == str(tag_ids(env, forum)["Solved"])
    assert (stored["voting"], stored["downvotes"]) == ("private", "off")
    assert stored["welcome"].startswith("Welcome. Here we ask about what weighs on us")
    known = await browsing.categories_of(db, guild.id)
    assert {c.name: c.forum_tag_id for c in known} == {
        name: tag for name, tag in tag_ids(env, forum).items() if name != "Solved"
    }


async def test_what_discord_hides_from_the_moderators_is_told(
    env: simcord.Env,
    guild: simcord.GuildHandle,
    forum: simcord.ChannelHandle,
    lounge: simcord.ChannelHandle,
    moderators: simcord.RoleHandle,
    owner: simcord.MemberActor,
) -> None:
    """Discord shows the moderators' commands to who may manage messages, whatever was chosen."""
    helpers = guild.create_role("Helpers")
    text = sentence(await owner.slash(lounge, "setup", channel=forum, moderators=helpers))
    assert "Askwell is ready" in text
    assert (
        "Discord hides `/audit`, `/block`, `/hide`, `/lock`, `/queue`, `/show`, `/tag`, "
        "`/unblock`, `/unlock`, `/unseal` from this role" in text
    )
    helen = guild.add_member(env.create_user("helen"), roles=[helpers])
    with pytest.raises(simcord.SetupError, match="default-member-permissions"):
        await helen.slash(lounge, "queue")

    shown = await owner.slash(lounge, "setup")
    assert "Discord hides" in told(shown), "the wizard says it, too"
    text = sentence(await owner.slash(lounge, "setup", moderators=moderators))
    assert "Discord hides" not in text


async def test_at_once_in_a_text_channel(
    env: simcord.Env,
    text: simcord.ChannelHandle,
    lounge: simcord.ChannelHandle,
    owner: simcord.MemberActor,
) -> None:
    reply = await owner.slash(lounge, "setup", channel=text, preset="helpdesk")
    said = sentence(reply)
    assert f"<#{text.id}> (text channel with threads)" in said
    assert "⬆️ ⬇️ below each card" in said
    assert "Getting started" in said


async def test_again_changes_nothing(
    env: simcord.Env,
    db: Database,
    guild: simcord.GuildHandle,
    forum: simcord.ChannelHandle,
    lounge: simcord.ChannelHandle,
    owner: simcord.MemberActor,
) -> None:
    first = await owner.slash(lounge, "setup", channel=forum, preset="support")
    before, known = tag_ids(env, forum), await stored_settings(db, guild)
    requests = len(env.http_requests)
    second = await owner.slash(lounge, "setup", channel=forum, preset="support")
    assert told(second) == told(first)
    assert tag_ids(env, forum) == before
    assert await stored_settings(db, guild) == known
    changes = [r for r in env.http_requests[requests:] if r.path.startswith("/channels")]
    assert not changes, "the forum was asked again for what it has"


async def test_another_preset_takes_nothing_away_but_means_what_it_says(
    db: Database,
    guild: simcord.GuildHandle,
    forum: simcord.ChannelHandle,
    lounge: simcord.ChannelHandle,
    owner: simcord.MemberActor,
) -> None:
    await owner.slash(lounge, "setup", channel=forum, preset="support")
    await owner.slash(lounge, "setup", preset="general")
    stored = await stored_settings(db, guild)
    assert "voting" not in stored
    assert stored["welcome"].startswith("Welcome. Ask anything")
    names = [c.name for c in await browsing.categories_of(db, guild.id)]
    assert names == ["Psychotherapy", "Relationships", "Anxiety", "Self-care", "General"]


async def test_a_preset_leaves_a_welcome_of_ones_own(
    db: Database,
    guild: simcord.GuildHandle,
    forum: simcord.ChannelHandle,
    lounge: simcord.ChannelHandle,
    owner: simcord.MemberActor,
) -> None:
    await owner.slash(lounge, "settings set", name="welcome", value="Be kind.")
    await owner.slash(lounge, "setup", channel=forum, preset="support")
    assert (await stored_settings(db, guild))["welcome"] == "Be kind."


async def test_tags_that_are_there_are_used(
    env: simcord.Env,
    db: Database,
    guild: simcord.GuildHandle,
    forum: simcord.ChannelHandle,
    lounge: simcord.ChannelHandle,
    owner: simcord.MemberActor,
) -> None:
    env.backend.edit_channel(
        forum.id,
        {
            "available_tags": [
                {"id": "77", "name": "anxiety", "moderated": False, "emoji_id": None,
                 "emoji_name": "😟"},
                {"id": "78", "name": "Off-topic", "moderated": False, "emoji_id": None,
                 "emoji_name": None},
            ]
        },
    )  # fmt: skip
    await env.settle()
    await owner.slash(lounge, "setup", channel=forum, preset="support")
    found = tag_ids(env, forum)
    assert found["anxiety"] == 77
    assert found["Off-topic"] == 78
    assert len(found) == 6  # the two, Solved, and three more categories
    known = {c.name: c.forum_tag_id for c in await browsing.categories_of(db, guild.id)}
    assert known["Anxiety"] == 77


async def test_a_forum_full_of_tags(
    env: simcord.Env,
    forum: simcord.ChannelHandle,
    lounge: simcord.ChannelHandle,
    owner: simcord.MemberActor,
) -> None:
    theirs = [
        {"id": str(n), "name": f"Topic {n}", "moderated": False, "emoji_id": None,
         "emoji_name": None}
        for n in range(1, 19)
    ]  # fmt: skip
    env.backend.edit_channel(forum.id, {"available_tags": theirs})
    await env.settle()
    reply = await owner.slash(lounge, "setup", channel=forum, preset="support")
    assert "so these categories have none: Relationships, Anxiety, Self-care" in sentence(reply)
    assert len(tag_emoji(env, forum)) == 20


async def test_without_manage_channels_the_forum_works_without_tags(
    env: simcord.Env,
    db: Database,
    guild: simcord.GuildHandle,
    forum: simcord.ChannelHandle,
    lounge: simcord.ChannelHandle,
    owner: simcord.MemberActor,
    alice: simcord.MemberActor,
) -> None:
    me = bot_user_id(env)
    set_permissions(env, forum, me, manage_channels=False)
    await env.settle()
    reply = await owner.slash(lounge, "setup", channel=forum, preset="support")
    text = sentence(reply)
    assert "Almost there" in text
    assert f"permission in <#{forum.id}>:\n❌ **Manage Channels**" in text
    assert "I can't create forum tags" in text
    assert not tag_emoji(env, forum)

    server = Server(env, guild, forum, "forum", lounge)
    category = (await browsing.categories_of(db, guild.id))[2]
    card = await server.ask(
        alice, "How do I breathe through a panic?", category=str(category.category_id)
    )
    assert "Anxiety" in card.text()

    set_permissions(env, forum, me, manage_channels=True)
    await env.settle()
    assert reply.response is not None
    again = await owner.click(reply.response, label="Check again")
    assert "Askwell is ready" in told(again)
    await env.advance_time(5)
    assert tag_ids(env, forum)["Anxiety"] in env.backend.get_channel(card.thread.id).applied_tags


async def test_each_missing_permission_is_named_with_its_channel(
    env: simcord.Env,
    text: simcord.ChannelHandle,
    lounge: simcord.ChannelHandle,
    owner: simcord.MemberActor,
) -> None:
    set_permissions(env, text, bot_user_id(env), add_reactions=False, pin_messages=False)
    await env.settle()
    reply = await owner.slash(lounge, "setup", channel=text)
    said = sentence(reply)
    assert f"I'm missing these permissions in <#{text.id}>:" in said
    assert "❌ **Add Reactions** to add the vote emoji to cards" in said
    assert "❌ **Pin Messages** to pin best answers" in said
    assert said.count("❌") == 2

    set_permissions(env, text, bot_user_id(env), add_reactions=False, pin_messages=True)
    await env.settle()
    said = sentence(await owner.slash(lounge, "setup", channel=text))
    assert f"I'm missing this permission in <#{text.id}>:" in said


async def test_a_channel_the_bot_cannot_see_lacks_that_alone(
    env: simcord.Env,
    text: simcord.ChannelHandle,
    lounge: simcord.ChannelHandle,
    owner: simcord.MemberActor,
) -> None:
    set_permissions(env, text, bot_user_id(env), view_channel=False)
    await env.settle()
    said = sentence(await owner.slash(lounge, "setup", channel=text))
    assert "❌ **View Channel**" in said
    assert said.count("❌") == 1


async def test_a_forum_that_asks_for_a_tag_is_told(
    env: simcord.Env,
    forum: simcord.ChannelHandle,
    lounge: simcord.ChannelHandle,
    owner: simcord.MemberActor,
) -> None:
    reply = await owner.slash(lounge, "setup", channel=forum)
    assert reply.response is not None
    known = env.bot.get_channel(forum.id)
    assert isinstance(known, discord.ForumChannel)
    known._flags = discord.ChannelFlags(require_tag=True).value
    again = await owner.click(reply.response, label="Check again")
    assert "requires a tag on every post" in told(again)


async def test_everyone_is_no_moderators_role(
    env: simcord.Env,
    db: Database,
    guild: simcord.GuildHandle,
    text: simcord.ChannelHandle,
    lounge: simcord.ChannelHandle,
    owner: simcord.MemberActor,
) -> None:
    reply = await owner.slash(lounge, "setup", channel=text, moderators=guild.default_role)
    assert "other than @everyone" in sentence(reply)
    assert "moderator_role" not in await stored_settings(db, guild)


async def test_members_cannot_set_up(
    env: simcord.Env,
    db: Database,
    guild: simcord.GuildHandle,
    text: simcord.ChannelHandle,
    lounge: simcord.ChannelHandle,
    owner: simcord.MemberActor,
    alice: simcord.MemberActor,
) -> None:
    """Discord hides the command from them; what they forge is refused as well."""
    with pytest.raises(simcord.SetupError):
        await alice.slash(lounge, "setup", channel=text)
    shown = await owner.slash(lounge, "setup")
    assert shown.response is not None
    card = await alice.send(lounge, "hello")
    for action in ("setup.open:none", "setup.finish:support", "setup.create:none"):
        told_them = sentence(await press(alice, card, f"qa:1:{action}"))
        assert "*Manage Server*" in told_them
    form = await send_form(alice, lounge, "qa:1:setup.emoji.form:none", {"up": "👍", "down": "👎"})
    assert "*Manage Server*" in sentence(form)
    assert not await stored_settings(db, guild) or "question_channel" not in await stored_settings(
        db, guild
    )


# Languages


async def test_the_language_of_cards_is_the_communitys(
    env: simcord.Env,
    db: Database,
    guild: simcord.GuildHandle,
    text: simcord.ChannelHandle,
    lounge: simcord.ChannelHandle,
    owner: simcord.MemberActor,
    locales: Locales,
) -> None:
    make_community(env, guild)
    locales.speaks(owner, "de")
    await owner.slash(lounge, "setup", channel=text)
    assert (await stored_settings(db, guild))["locale"] == "en"


async def test_elsewhere_it_is_that_of_who_sets_up(
    db: Database,
    guild: simcord.GuildHandle,
    text: simcord.ChannelHandle,
    lounge: simcord.ChannelHandle,
    owner: simcord.MemberActor,
    locales: Locales,
) -> None:
    locales.speaks(owner, "de")
    reply = await owner.slash(lounge, "setup", channel=text)
    assert "Deutsch" in sentence(reply)
    assert (await stored_settings(db, guild))["locale"] == "de"


# When Discord fails


@pytest.mark.parametrize(
    "failure", [Failure.SERVER_ERROR, Failure.CUT, Failure.LOST, Failure.UNAVAILABLE]
)
async def test_tags_that_discord_did_not_confirm_are_made_once(
    env: simcord.Env,
    db: Database,
    guild: simcord.GuildHandle,
    forum: simcord.ChannelHandle,
    lounge: simcord.ChannelHandle,
    owner: simcord.MemberActor,
    wire: Wire,
    failure: Failure,
) -> None:
    wire.fail("PATCH", f"/channels/{forum.id}", failure)
    reply = await owner.slash(lounge, "setup", channel=forum, preset="general")
    assert "Discord didn't accept the forum's tags just now" in sentence(reply)
    assert reply.response is not None
    again = await owner.click(reply.response, label="Check again")
    assert "⚠️" not in told(again)
    assert tag_emoji(env, forum) == {"Solved": "✅", "General": "💬"}
    known = await browsing.categories_of(db, guild.id)
    assert known[0].forum_tag_id == tag_ids(env, forum)["General"]


async def test_a_lost_acknowledgement_does_not_lose_the_setup(
    env: simcord.Env,
    db: Database,
    guild: simcord.GuildHandle,
    text: simcord.ChannelHandle,
    lounge: simcord.ChannelHandle,
    owner: simcord.MemberActor,
    wire: Wire,
) -> None:
    wire.fail("POST", "/interactions/*/callback", Failure.LOST)
    reply = await owner.slash(lounge, "setup", channel=text)
    assert "Askwell is ready" in sentence(reply)
    assert (await stored_settings(db, guild))["question_channel"] == str(text.id)
