"""Discord's AutoMod as people meet it in what they write through the bot."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import simcord

from tests.cogs.conftest import Configure
from tests.support.automod import (
    BLOCK,
    TIMEOUT,
    add_rule,
    alert_in,
    block_saying,
    grant,
    keywords,
    mentions,
    times_read,
)
from tests.support.kinds import SIMPLE
from tests.support.replies import filled, open_again, reply_of, sentence
from tests.support.reports import closed_channel, reports_in
from tests.support.server import Card, Server, said, told
from tests.support.simulator import Locales

pytestmark = SIMPLE
BAD = "You are such a grim person, honestly."
GOOD = "You are such a kind person, honestly."
REFUSED = "The server's AutoMod blocked it. Nothing you typed is lost."
Restart = Callable[[], Awaitable[Any]]


async def test_a_blocked_answer_comes_back_with_the_servers_own_message(
    env: simcord.Env, server: Server, bob: simcord.MemberActor, question: Card
) -> None:
    await add_rule(
        env, server.guild, keywords("grim"), block_saying("Be kind.\n**Please**"), TIMEOUT
    )
    before = len(server.cards())
    refused = await server.try_to_answer(bob, question, BAD)
    text = sentence(refused)
    assert text.startswith("The server's AutoMod blocked it: “Be kind. \\*\\*Please\\*\\*”")
    assert "Nothing you typed is lost." in text
    again = await open_again(bob, refused)
    assert filled(again)["answer"] == BAD
    done = await bob.submit_modal(again, {"answer": GOOD})
    assert "#1.1" in sentence(done)
    assert len(server.cards()) == before + 1


async def test_a_question_is_refused_before_similar_ones_are_shown(
    env: simcord.Env, server: Server, alice: simcord.MemberActor
) -> None:
    await add_rule(env, server.guild, keywords("*grim*", patterns=[r"n[i1]ghtsh[i1]ft"]))
    for title in ("How do I sleep after a grim night?", "How do I sleep after a n1ghtshift?"):
        refused = await server.try_to_ask(alice, title)
        assert sentence(refused).startswith(REFUSED)
        assert filled(await open_again(alice, refused))["title"] == title
    for field in ({"details": "It was grim."}, {"tags": "grim-nights"}):
        refused = await server.try_to_ask(alice, "How do I sleep after a night shift?", **field)
        assert sentence(refused).startswith(REFUSED)


async def test_a_question_from_a_direct_message_is_screened_for_its_server(
    env: simcord.Env, server: Server, owner: simcord.MemberActor, alice: simcord.MemberActor
) -> None:
    await server.ask(alice, "How do I sleep by day?")
    await server.ask(owner, "How do I wake by night?")
    await add_rule(env, server.guild, keywords("grim"))
    for person, done in ((alice, REFUSED), (owner, "Your question is #3.")):
        shown = await person.user.slash("ask")
        form = await person.user.select(reply_of(shown), [str(server.guild.id)])
        typed = {"title": "Which grim bread goes with cheese?", "details": ""}
        assert sentence(await person.user.submit_modal(form, typed)).startswith(done)


async def test_comments_and_edits_are_refused(
    env: simcord.Env, server: Server, alice: simcord.MemberActor, question: Card
) -> None:
    await add_rule(env, server.guild, keywords("grim"))
    menu = await alice.click(question.message, custom_id=question.control("more"))
    form = await alice.click(reply_of(menu), label="Comment")
    assert sentence(await alice.submit_modal(form, {"comment": BAD})).startswith(REFUSED)
    menu = await alice.click(question.message, custom_id=question.control("more"))
    form = await alice.click(reply_of(menu), label="Edit")
    refused = await alice.submit_modal(form, {**filled(form), "details": BAD})
    assert sentence(refused).startswith(REFUSED)
    assert filled(await open_again(alice, refused))["details"] == BAD


async def test_what_stood_there_before_the_rule_can_still_be_edited(
    env: simcord.Env, server: Server, alice: simcord.MemberActor
) -> None:
    asked = await server.ask(alice, "How do I sleep after a grim night?", "I lie awake.")
    await add_rule(env, server.guild, keywords("grim"))
    menu = await alice.click(asked.message, custom_id=asked.control("more"))
    form = await alice.click(reply_of(menu), label="Edit")
    saved = await alice.submit_modal(form, {**filled(form), "details": "I lie awake all day."})
    assert sentence(saved).startswith("Saved your changes to #1.")


async def test_an_alert_is_posted_and_comes_to_the_moderators(
    env: simcord.Env,
    server: Server,
    moderators: simcord.RoleHandle,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
    configure: Configure,
) -> None:
    channel = closed_channel(server, "reports", moderators)
    await configure("moderators_channel", f"<#{channel.id}>")
    await add_rule(
        env, server.guild, keywords("grim"), alert_in(server.lounge), name="Harsh *words*"
    )
    posted = await server.answer(bob, question, BAD)
    assert posted.body == BAD
    await env.advance_time(5)
    (card,) = reports_in(channel)
    assert "**1 report** · AutoMod" in said(card)
    assert "- Harsh \\*words\\*" in said(card)
    read = await moderator.click(card, label="Read it")
    assert "The server's AutoMod · AutoMod: Harsh" in sentence(read)
    queue = await moderator.slash(server.lounge, "queue")
    assert "The server's AutoMod" in sentence(queue)
    assert "<@0>" not in told(queue) + told(read)
    assert sentence(await moderator.click(card, label="Dismiss")) == "Dismissed 1 report."

    # Moderators needn't look at the same words again, but at new ones.
    for text, waiting in ((f"{BAD} Really.", 0), (GOOD, 0), (f"{GOOD} But grim.", 1)):
        menu = await bob.click(posted.message, custom_id=posted.control("more"))
        form = await bob.click(reply_of(menu), label="Edit")
        saved = await bob.submit_modal(form, {**filled(form), "answer": text})
        assert sentence(saved).startswith("Saved your changes to #1.1.")
        queue = await moderator.slash(server.lounge, "queue")
        assert ("The server's AutoMod" in sentence(queue)) is bool(waiting)


async def test_who_is_exempt(
    env: simcord.Env,
    server: Server,
    owner: simcord.MemberActor,
    moderator: simcord.MemberActor,
    bob: simcord.MemberActor,
    question: Card,
) -> None:
    """Discord exempts those who manage the server and the roles of the rule, and so do we:
    moderators without either are not."""
    await server.answer(owner, question, f"Owner: {BAD}")
    poets = server.guild.create_role("Poets")
    penny = server.guild.add_member(env.create_user("penny"), roles=[poets])
    await add_rule(env, server.guild, keywords("grim"), exempt_roles=[poets.id])
    await server.answer(owner, question, f"Again: {BAD}")
    await server.answer(penny, question, f"Penny: {BAD}")
    assert sentence(await server.try_to_answer(moderator, question, BAD)).startswith(REFUSED)
    assert sentence(await server.try_to_answer(bob, question, BAD)).startswith(REFUSED)


async def test_a_rule_spares_the_channels_it_exempts(
    env: simcord.Env,
    server: Server,
    alice: simcord.MemberActor,
    nights: simcord.ChannelHandle,
    sleep: str,
) -> None:
    """The channel is the one that the post stands in, not the one that it is written from."""
    exempt = [nights.id, server.lounge.id]
    await add_rule(env, server.guild, keywords("grim"), exempt_channels=exempt)
    title = "How do I sleep after a grim night?"
    assert sentence(await server.try_to_ask(alice, title)).startswith(REFUSED)
    await server.ask(alice, title, category=sleep)


async def test_rules_that_are_off_for_profiles_or_of_discords_own_words_do_nothing(
    env: simcord.Env, server: Server, bob: simcord.MemberActor, question: Card
) -> None:
    profile = {**keywords("grim"), "trigger_type": 6}
    preset = {"trigger_type": 4, "trigger_metadata": {"presets": [1], "allow_list": []}}
    await add_rule(env, server.guild, keywords("grim"), enabled=False)
    await add_rule(env, server.guild, profile, {"type": 4, "metadata": {}}, event_type=2)
    await add_rule(env, server.guild, preset)
    await add_rule(env, server.guild, keywords("grim"), TIMEOUT)
    await add_rule(env, server.guild, mentions(2))
    refused = await server.try_to_answer(bob, question, "Ask <@1>, <@2> or <@&3>, they know it.")
    assert sentence(refused).startswith(REFUSED)
    await server.answer(bob, question, BAD)


async def test_rules_are_read_once_a_minute_and_when_they_change(
    env: simcord.Env, server: Server, bob: simcord.MemberActor, question: Card
) -> None:
    await env.advance_time(61)
    before = times_read(env)
    await server.answer(bob, question, f"One: {BAD}")
    await server.answer(bob, question, f"Two: {BAD}")
    assert times_read(env) == before + 1
    rule_id = await add_rule(env, server.guild, keywords("grim"))
    assert sentence(await server.try_to_answer(bob, question, BAD)).startswith(REFUSED)
    assert times_read(env) == before + 2
    env.backend.edit_auto_mod_rule(server.guild.id, rule_id, {"enabled": False})
    await env.settle()
    await server.answer(bob, question, f"Three: {BAD}")
    env.backend.edit_auto_mod_rule(server.guild.id, rule_id, {"enabled": True})
    await env.settle()
    assert sentence(await server.try_to_answer(bob, question, BAD)).startswith(REFUSED)
    env.backend.delete_auto_mod_rule(server.guild.id, rule_id)
    await env.settle()
    await server.answer(bob, question, f"Four: {BAD}")


async def test_a_change_that_was_missed_counts_within_a_minute(
    env: simcord.Env, server: Server, bob: simcord.MemberActor, question: Card
) -> None:
    subscribers = env.backend.subscribers
    saved = subscribers[:]
    subscribers.clear()
    await add_rule(env, server.guild, keywords("grim"))
    subscribers[:] = saved
    await env.advance_time(61)
    assert sentence(await server.try_to_answer(bob, question, BAD)).startswith(REFUSED)


async def test_if_they_cannot_be_read_the_older_ones_apply(
    env: simcord.Env,
    server: Server,
    owner: simcord.MemberActor,
    bob: simcord.MemberActor,
    question: Card,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await add_rule(env, server.guild, keywords("grim"))
    assert sentence(await server.try_to_answer(bob, question, BAD)).startswith(REFUSED)
    path = f"/guilds/{server.guild.id}/auto-moderation/rules"
    env.inject_error("GET", path, status=500, times=None)
    await env.advance_time(61)
    assert sentence(await server.try_to_answer(bob, question, BAD)).startswith(REFUSED)
    assert "could not be read" in caplog.text
    page = sentence(await owner.slash(server.lounge, "setup"))
    assert "I couldn't read your rules just now." in page


async def test_if_they_were_never_read_nobody_is_held_up(
    env: simcord.Env, server: Server, bob: simcord.MemberActor, question: Card
) -> None:
    path = f"/guilds/{server.guild.id}/auto-moderation/rules"
    env.inject_error("GET", path, status=500, times=None)
    await add_rule(env, server.guild, keywords("grim"))
    await server.answer(bob, question, BAD)


async def test_without_manage_server_nothing_is_read_and_setup_says_so(
    env: simcord.Env,
    server: Server,
    owner: simcord.MemberActor,
    bob: simcord.MemberActor,
    question: Card,
    locales: Locales,
) -> None:
    await add_rule(env, server.guild, keywords("grim"))
    assert sentence(await server.try_to_answer(bob, question, BAD)).startswith(REFUSED)
    grant(env, server.guild, manage_guild=False)
    await env.settle()
    before = times_read(env)
    await server.answer(bob, question, BAD)
    page = sentence(await owner.slash(server.lounge, "setup"))
    assert "Discord doesn't apply AutoMod to what members write through me." in page
    assert "I need it for nothing else." in page
    assert times_read(env) == before


async def test_setup_names_the_rules_that_cannot_be_read(
    env: simcord.Env,
    server: Server,
    owner: simcord.MemberActor,
    bob: simcord.MemberActor,
    question: Card,
) -> None:
    page = sentence(await owner.slash(server.lounge, "setup"))
    assert "0 of your rules apply to what members write through me." in page
    assert "Discord doesn't tell bots the words of its own lists." in page
    await add_rule(env, server.guild, keywords("other"), name="Fine")
    unread = keywords("grim", patterns=[r"\p{Extended_Pictographic}{5}"])
    await add_rule(env, server.guild, unread, BLOCK, name="No <@1> emoji")
    page = sentence(await owner.slash(server.lounge, "setup"))
    assert "2 of your rules apply to what members write through me." in page
    assert "I can't read every regular expression in **No " in page
    assert "**Fine**" not in page
    assert sentence(await server.try_to_answer(bob, question, BAD)).startswith(REFUSED)


async def test_a_server_that_is_left_is_forgotten(
    env: simcord.Env, server: Server, bob: simcord.MemberActor, question: Card
) -> None:
    await add_rule(env, server.guild, keywords("grim"))
    assert sentence(await server.try_to_answer(bob, question, BAD)).startswith(REFUSED)
    known = env.bot.automod._servers  # type: ignore[attr-defined]
    assert server.guild.id in known
    guild = env.bot.get_guild(server.guild.id)
    env.bot.dispatch("guild_remove", guild)
    await env.settle()
    assert server.guild.id not in known
