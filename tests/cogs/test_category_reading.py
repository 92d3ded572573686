"""Nobody is shown posts in a channel that they can't read. With channels per category, that differs
from reader to reader."""

from __future__ import annotations

import discord
import pytest
import simcord
from simcord.enums import ComponentType, InteractionType

from bot.domain.outbox import JobKind, Priority
from data import outbox
from data.database import Database
from tests.support.forgery import press, send, send_form
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.replies import fields, sentence
from tests.support.server import Card, Server, told
from tests.support.simulator import away, bot_user_id, delete_channel, set_permissions

TITLE = "How do I sleep after a night shift?"


@pytest.fixture
async def hidden(
    server: Server,
    env: simcord.Env,
    sleep: str,
    nights: simcord.ChannelHandle,
    alice: simcord.MemberActor,
) -> Card:
    """Alice's question in #nights, which nobody but she (and the bot) can read."""
    set_permissions(env, nights, server.guild.id, view_channel=False)
    for who in (alice.id, bot_user_id(env)):
        set_permissions(env, nights, who, view_channel=True)
    await env.settle()
    return await server.ask(alice, TITLE, "Noon comes too early.", category=sleep, tags="noon")


async def test_lists_and_searches(
    server: Server, hidden: Card, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    await server.ask(bob, "What helps against stage fright?", tags="fear")
    lounge = server.lounge

    async def seen(person: simcord.MemberActor) -> list[bool]:
        offered = [
            await person.autocomplete(lounge, "answer", "question", typed)
            for typed in ("", "night shift", "#1")
        ]
        texts = [
            told(await person.slash(lounge, "questions")),
            told(await person.slash(lounge, "questions", category="Sleep")),
            told(await person.slash(lounge, "search", query="noon")),
            told(await person.slash(lounge, "ask", title="How to sleep after night shift")),
            *(" ".join(choice["name"] for choice in each) for each in offered),
        ]
        return ["sleep after a night shift" in text for text in texts]

    assert all(await seen(alice))
    assert not any(await seen(bob))
    assert "stage fright" in told(await bob.slash(lounge, "questions"))


@on_sqlite
async def test_naming_a_post_by_number_bypasses_no_permission(
    server: Server,
    hidden: Card,
    nights: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
) -> None:
    answer = await server.answer(alice, hidden, "Dark curtains, and no screens before bed.")
    lounge = server.lounge
    link = f"https://discord.com/channels/{server.guild.id}/{answer.channel_id}/{answer.message_id}"
    for command, options in (
        ("answer", {"question": "#1"}),
        ("comment", {"post": "#1.1"}),
        ("vote", {"direction": "up", "post": "#1.1"}),
        ("best", {"answer": "#1.1"}),
        ("edit", {"post": "#1"}),
        ("delete", {"post": link}),
        ("history", {"post": "#1"}),
        ("follow", {"question": "#1"}),
        ("close", {"question": "#1", "reason": "other"}),
        ("reopen", {"question": "1"}),
    ):
        for person in (bob, moderator):
            reply = await person.slash(lounge, command, **options)
            assert sentence(reply).startswith("There's no post "), command
    assert (await alice.slash(lounge, "answer", question="#1")).modal is not None

    await delete_channel(server.env, nights)  # then moderators may still tidy up
    assert "no post" in sentence(await bob.slash(lounge, "delete", post="#1"))
    asked = await moderator.slash(lounge, "delete", post="#1")
    assert "Delete #1?" in sentence(asked)


@on_sqlite
async def test_buttons_and_forms_from_before_are_no_way_in_either(
    server: Server,
    env: simcord.Env,
    hidden: Card,
    nights: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> None:
    text = "Dark curtains, and no screens for an hour before bed."
    board = await bob.slash(server.lounge, "leaderboard")
    assert board.response is not None
    for action in ("more", "answer", "comment", "vote", "report", "follow", "history", "answers"):
        forged = f"qa:1:{action}:{hidden.post_id}" + ":up" * (action == "vote")
        reply = await press(bob, board.response.message, forged)
        assert sentence(reply) == "This post is no longer available.", action
    sent = await send_form(
        bob, server.lounge, f"qa:1:answer.form:{hidden.post_id}", {"answer": text}
    )
    assert sentence(sent) == "This post is no longer available. Here's what you typed."
    assert sent.response is not None
    (file,) = sent.response.message.attachments
    assert file.filename == "your-text.txt"
    assert "0 votes · 0 answers" in hidden.text()
    asker = await alice.slash(server.lounge, "leaderboard")
    assert asker.response is not None
    own = await press(alice, asker.response.message, f"qa:1:answers:{hidden.post_id}:0")
    assert "no longer available" not in told(own)


@on_sqlite
async def test_a_duplicate_does_not_tell_on_the_cards_of_other_channels(
    server: Server,
    env: simcord.Env,
    owner: simcord.MemberActor,
    hidden: Card,
    nights: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> None:
    public = await server.ask(bob, "What helps against stage fright?")
    both = {"reason": "duplicate", "duplicate_of": "#2"}
    assert "Closed #1." in told(await owner.slash(hidden.thread, "close", **both))
    await env.advance_time(5)
    assert "Duplicates" not in public.text()
    assert "stage fright" in hidden.text(), "everybody may read that one"

    set_permissions(env, nights, server.guild.id, view_channel=True)
    await owner.slash(hidden.thread, "reopen")
    await owner.slash(hidden.thread, "close", **both)
    await env.advance_time(5)
    assert "sleep after a night shift" in public.text()


@on_sqlite
async def test_a_title_is_named_where_all_who_read_it_may_read_the_question(
    server: Server,
    env: simcord.Env,
    guild: simcord.GuildHandle,
    owner: simcord.MemberActor,
    sleep: str,
    nights: simcord.ChannelHandle,
    alice: simcord.MemberActor,
) -> None:
    """The duplicate is closed before each look, with its original in #nights."""
    staff, guests = guild.create_role("Staff"), guild.create_role("Guests")
    await server.ask(alice, TITLE, category=sleep)
    again = await server.ask(alice, "How can one sleep when the sun is up?")
    here, everyone = server.channel, guild.id

    async def is_named() -> bool:
        await env.settle()
        await owner.slash(again.thread, "reopen")
        both = {"reason": "duplicate", "duplicate_of": "#1"}
        assert "Closed #2." in told(await owner.slash(again.thread, "close", **both))
        await env.advance_time(5)
        assert "This was asked before." in again.text()
        return "sleep after a night shift" in again.text()

    assert await is_named()
    set_permissions(env, nights, guests.id, view_channel=False)  # all but the guests
    assert not await is_named()
    set_permissions(env, here, guests.id, view_channel=False)
    assert await is_named()
    set_permissions(env, nights, everyone, read_message_history=False)  # seen, and not read back
    assert not await is_named()
    for channel in (nights, here):
        set_permissions(env, channel, everyone, view_channel=False)
        set_permissions(env, channel, bot_user_id(env), view_channel=True)
        set_permissions(env, channel, staff.id, view_channel=True)
    assert await is_named()  # nobody but the same few reads either
    set_permissions(env, here, alice.id, view_channel=True)
    assert not await is_named()


async def test_a_title_goes_and_comes_with_the_permissions(
    server: Server,
    env: simcord.Env,
    guild: simcord.GuildHandle,
    owner: simcord.MemberActor,
    sleep: str,
    nights: simcord.ChannelHandle,
    alice: simcord.MemberActor,
) -> None:
    first = await server.ask(alice, TITLE, category=sleep)
    again = await server.ask(alice, "How can one sleep when the sun is up?")
    both = {"reason": "duplicate", "duplicate_of": "#1"}
    await owner.slash(again.thread, "close", **both)

    async def named() -> tuple[bool, bool]:
        await env.settle()
        await env.advance_time(15)
        return "after a night shift" in again.text(), "the sun is up" in first.text()

    assert await named() == (True, True)
    set_permissions(env, nights, guild.id, view_channel=False)
    set_permissions(env, nights, bot_user_id(env), view_channel=True)
    assert await named() == (False, True)
    set_permissions(env, nights, guild.id, view_channel=None)
    assert await named() == (True, True)
    role = guild.create_role("Guests")
    set_permissions(env, nights, role.id, view_channel=False)
    assert await named() == (False, True)
    env.backend.delete_role(guild.id, role.id)
    assert await named() == (True, True)


@on_sqlite
@in_a_forum
async def test_what_changed_while_the_bot_was_away(
    server: Server,
    env: simcord.Env,
    guild: simcord.GuildHandle,
    owner: simcord.MemberActor,
    sleep: str,
    nights: simcord.ChannelHandle,
    alice: simcord.MemberActor,
) -> None:
    await server.ask(alice, TITLE, category=sleep)
    again = await server.ask(alice, "How can one sleep when the sun is up?")
    await owner.slash(again.thread, "close", reason="duplicate", duplicate_of="#1")
    await env.advance_time(15)
    assert "after a night shift" in again.text()
    async with away(env):
        set_permissions(env, nights, guild.id, view_channel=False)
        set_permissions(env, nights, bot_user_id(env), view_channel=True)
    await env.advance_time(15)
    assert "after a night shift" not in again.text()


@on_sqlite
async def test_categories(
    server: Server,
    hidden: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    owner: simcord.MemberActor,
) -> None:
    lounge = server.lounge
    assert "**Sleep** · 1 question ·" in told(await alice.slash(lounge, "categories"))
    assert "Sleep" not in told(await bob.slash(lounge, "categories"))
    for command in ("search", "questions", "ask"):
        offered = await bob.autocomplete(lounge, command, "category", "")
        assert [choice["name"] for choice in offered] == ["General"], command
    form = fields(await bob.slash(lounge, "ask"))
    assert [o["label"] for o in form["category"]["options"]] == ["General", "No category"]
    typed = await bob.slash(lounge, "questions", category="Sleep")
    assert sentence(typed) == ("Please pick a category from the list.")


@on_sqlite
async def test_a_closed_category_is_not_named_as_a_parent(
    server: Server,
    hidden: Card,
    owner: simcord.MemberActor,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> None:
    options = {"name": "Naps", "parent": "Sleep", "channel": server.channel}
    await owner.slash(server.lounge, "category add", **options)

    async def offered(person: simcord.MemberActor) -> list[str]:
        found = await person.autocomplete(server.lounge, "questions", "category", "naps")
        return [choice["name"] for choice in found]

    assert (await offered(alice), await offered(bob)) == (["Sleep › Naps"], ["Naps"])
    assert "Sleep" not in told(await bob.slash(server.lounge, "categories"))
    assert "**Naps**" in told(await bob.slash(server.lounge, "categories"))


@on_sqlite
async def test_the_same_words_may_be_asked_where_one_knows_of_no_such_question(
    server: Server, hidden: Card, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    words = (TITLE, "Noon comes too early.")
    again = told(await server.try_to_ask(alice, *words))
    assert "#2" not in again
    assert "#2" in told(await server.try_to_ask(bob, *words))
    refused = told(await server.try_to_ask(alice, *words))
    assert "#3" not in refused


async def test_tags(
    server: Server, hidden: Card, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    await server.ask(bob, "What helps against stage fright?", tags="fear")

    async def known(person: simcord.MemberActor) -> tuple[bool, bool, bool]:
        lounge = server.lounge
        offered = await person.autocomplete(lounge, "questions", "tag", "no")
        form = fields(await person.slash(lounge, "ask"))
        return (
            "`noon` 1" in told(await person.slash(lounge, "tags")),
            [choice["value"] for choice in offered] == ["noon"],
            "noon" in form["tags"]["placeholder"],
        )

    assert await known(alice) == (True, True, True)
    assert await known(bob) == (False, False, False)
    assert "`fear` 1" in told(await bob.slash(server.lounge, "tags"))


@on_sqlite
async def test_counts_are_of_what_one_can_read(
    server: Server,
    env: simcord.Env,
    hidden: Card,
    sleep: str,
    owner: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> None:
    await owner.slash(server.lounge, "category reset", category="Sleep", part="channel")
    await server.ask(bob, "How do I wake up before noon?", category=sleep)
    assert "**Sleep** · 1 question" in told(await bob.slash(server.lounge, "categories"))
    assert "**Sleep** · 2 questions" in told(await owner.slash(server.lounge, "categories"))


async def test_a_profile_counts_what_one_can_read(
    server: Server,
    hidden: Card,
    owner: simcord.MemberActor,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> None:
    public = await server.ask(bob, "What helps against stage fright?")
    below = await server.answer(owner, hidden, "Dark curtains, and no screens before bed.")
    for card in (public, below):
        await alice.react(card.message, "⬆️")
    await owner.react(hidden.message, "⬆️")

    async def figures(person: simcord.MemberActor) -> dict[str, str]:
        shown = await person.slash(server.lounge, "profile", member=alice)
        assert shown.response is not None
        return {str(f.name): str(f.value) for f in shown.response.embeds[0].fields}

    counted = ("Questions", "Votes received", "Votes given")
    assert [(await figures(alice))[name] for name in counted] == ["1", "1", "2"]
    assert [(await figures(owner))[name] for name in counted] == ["1", "1", "2"]
    assert [(await figures(bob))[name] for name in counted] == ["0", "0", "1"]


@on_sqlite
async def test_figures_for_managers_are_of_what_they_can_read(
    server: Server,
    guild: simcord.GuildHandle,
    env: simcord.Env,
    hidden: Card,
    owner: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> None:
    role = guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
    manager = guild.add_member(env.create_user("mia"), roles=[role])
    await server.answer(owner, hidden, "Dark curtains, and no screens before bed.")
    await server.ask(bob, "What helps against stage fright?")
    lounge = server.lounge
    stats = [told(await each.slash(lounge, "stats")) for each in (owner, manager)]
    assert ["Questions\n2" in text for text in stats] == [True, False]
    assert "Questions\n1\n" in stats[1]
    assert "Answers\n0\n" in stats[1]
    lists = [told(await each.slash(lounge, "category list")) for each in (owner, manager)]
    assert ["**Sleep** · 1 question" in text for text in lists] == [True, False]
    assert all("Sleep" in text for text in lists)  # they manage it all the same
    asked = await manager.slash(lounge, "category remove", category="Sleep")
    assert "question" not in told(asked)


@on_sqlite
async def test_settings_offer_channels_that_the_manager_sees(
    server: Server,
    guild: simcord.GuildHandle,
    env: simcord.Env,
    owner: simcord.MemberActor,
    nights: simcord.ChannelHandle,
    sleep: str,
) -> None:
    role = guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
    manager = guild.add_member(env.create_user("mia"), roles=[role])
    lounge, name = server.lounge, "question_channel"

    async def tried(person: simcord.MemberActor) -> list[bool]:
        offered = [
            (await person.autocomplete(lounge, "settings set", "value", typed, name=name))
            for typed in ("", "nig")
        ]
        names = await person.autocomplete(lounge, "settings set", "name", name)
        said = [
            told(await person.slash(lounge, "settings set", name=name, value=value))
            for value in ("nights", "#nights", str(nights.id), f"<#{nights.id}>")
        ]
        return [
            *("#nights" in {choice["name"] for choice in each} for each in offered),
            "#nights" in names[0]["name"],
            *(str(nights.id) in text for text in said),
        ]

    assert await tried(owner) == [True, True, False, *[True] * 4]
    set_permissions(env, nights, guild.id, view_channel=False)
    set_permissions(env, nights, bot_user_id(env), view_channel=True)
    await env.settle()
    assert await tried(owner) == [True] * 7
    assert await tried(manager) == [False] * 7
    refused = await manager.slash(lounge, "settings set", name=name, value="nights")
    never = await manager.slash(lounge, "settings set", name=name, value="never")
    assert sentence(refused) == sentence(never)
    # Discord offers no such channel in its own list, but a client can make one up.
    await owner.slash(lounge, "settings set", name=name, value=str(server.channel.id))
    wizard = await manager.slash(lounge, "setup")
    assert wizard.response is not None
    data = {
        "component_type": ComponentType.CHANNEL_SELECT,
        "custom_id": "qa:1:setup.channel:none",
        "values": [str(nights.id)],
    }
    for person, taken in ((manager, False), (owner, True)):
        kind, at = InteractionType.MESSAGE_COMPONENT, wizard.response.message
        shown = told(await send(person, kind, lounge, data, at))
        assert (f"<#{nights.id}> " in shown) == taken, shown


async def test_a_synonym_does_not_name_a_tag_one_can_not_read(
    server: Server,
    hidden: Card,
    owner: simcord.MemberActor,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> None:
    lounge = server.lounge
    for word, target in (("midday", "noon"), ("midnight", "moon")):  # nobody carries the second
        await owner.slash(lounge, "tag synonym", tag=word, target=target)

    async def offered(person: simcord.MemberActor) -> list[str]:
        found = await person.autocomplete(lounge, "questions", "tag", "mid")
        return [choice["value"] for choice in found]

    assert await offered(alice) == ["moon", "noon"]
    assert await offered(bob) == ["moon"]
    for command, options in (("questions", {}), ("search", {"query": "stage"})):
        assert "noon" not in told(await bob.slash(lounge, command, tag="midday", **options))


async def test_the_queue_names_no_refused_post_of_a_closed_channel(
    server: Server,
    env: simcord.Env,
    hidden: Card,
    owner: simcord.MemberActor,
    moderator: simcord.MemberActor,
    db: Database,
) -> None:
    async with db.write() as tx:
        await outbox.enqueue(
            tx, server.guild.id, JobKind.CARD, [hidden.post_id], Priority.REFRESH, env.now()
        )
        (job,) = await outbox.due(tx, env.now(), 5, None)
        await outbox.give_up(tx, job, "50013 Missing Permissions")
    assert "- #1: " in told(await owner.slash(server.lounge, "queue"))
    assert sentence(await moderator.slash(server.lounge, "queue")) == "Nothing waits."
