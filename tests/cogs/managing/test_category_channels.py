"""Categories with a channel of their own: where their questions are posted, who reads them there,
and what managers are told when something is wrong with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import discord
import pytest
import simcord

from data.database import Database
from tests.support.forums import tag_ids
from tests.support.homes import applied, home, make, row
from tests.support.kinds import in_a_forum, in_a_text_channel, on_sqlite
from tests.support.ledger import assert_consistent
from tests.support.replies import sentence
from tests.support.server import Card, Server, told
from tests.support.simulator import Locales, away, bot_user_id, delete_channel, set_permissions
from tests.support.wire import Failure, Wire

UP = "⬆️"
TITLE = "How do I sleep after a night shift?"
ANSWER = "Dark curtains, and no screens before bed."
Restart = Callable[[], Awaitable[Any]]


async def test_a_question_lives_in_its_categorys_channel(
    server: Server,
    env: simcord.Env,
    db: Database,
    sleep: str,
    nights: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
) -> None:
    elsewhere = await server.ask(alice, "Where do I find a therapist?")
    card = await server.ask(alice, TITLE, category=sleep)
    assert home(server, elsewhere) == server.channel.id
    assert home(server, card) == nights.id

    answer = await server.answer(bob, card, ANSWER)
    await carol.react(answer.message, UP)
    await env.advance_time(5)
    assert "+1 vote" in answer.text()
    await server.choose(alice, answer)
    await env.advance_time(5)
    assert answer.pinned
    assert "✅ Best answer" in card.text()
    if server.kind == "forum":
        assert applied(server, card) == {"Solved"}, "the forum is the category's alone"
        assert set(tag_ids(env, server.channel)) == {"Solved", "General"}
    await assert_consistent(db)


async def test_what_happens_there_while_the_bot_is_away_counts(
    server: Server,
    env: simcord.Env,
    db: Database,
    sleep: str,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
) -> None:
    card = await server.ask(alice, TITLE, category=sleep)
    answer = await server.answer(bob, card, ANSWER)
    second = await server.answer(carol, card, "Go to bed at the same hour, also on free days.")
    async with away(env):
        await carol.react(answer.message, UP)
        await bob.react(card.message, UP)
        await moderator.set_pinned(answer.message, True)
        await moderator.delete(second.message)
    await env.advance_time(10)
    assert "+1 vote" in answer.text()
    assert "+1 vote" in card.text()
    assert "✅ Best answer" in answer.text()
    assert "1 answer" in card.text()
    await assert_consistent(db)


@on_sqlite
async def test_those_below_have_the_channel_of_the_nearest_above(
    server: Server,
    env: simcord.Env,
    sleep: str,
    nights: simcord.ChannelHandle,
    owner: simcord.MemberActor,
    alice: simcord.MemberActor,
) -> None:
    dreams = make(server, "dreams")
    lounge = server.lounge
    sentence(await owner.slash(lounge, "category add", name="Shift work", parent="Sleep"))
    options = {"parent": "Sleep", "channel": dreams}
    sentence(await owner.slash(lounge, "category add", name="Dreams", **options))
    sentence(await owner.slash(lounge, "category add", name="Bad ones", parent="Dreams"))

    shift = await server.ask(alice, TITLE, category=await row(server, "Shift work"))
    bad = await server.ask(alice, "Why do I dream of work?", category=await row(server, "Bad ones"))
    assert home(server, shift) == nights.id
    assert home(server, bad) == dreams.id
    if server.kind == "forum":
        assert set(tag_ids(env, nights)) == {"Solved", "Shift work"}
        assert set(tag_ids(env, dreams)) == {"Solved", "Bad ones"}
        assert applied(server, shift) == {"Shift work"}
    for shown in ("category list", "categories"):
        text = told(await owner.slash(lounge, shown))
        assert f"**Sleep** · 0 questions · <#{nights.id}>" in text
        assert "**Shift work** · 1 question\n" in text
        assert f"**Dreams** · 0 questions · <#{dreams.id}>" in text


@on_sqlite
async def test_another_channel_counts_for_new_questions(
    server: Server,
    env: simcord.Env,
    sleep: str,
    nights: simcord.ChannelHandle,
    owner: simcord.MemberActor,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
) -> None:
    first = await server.ask(alice, TITLE, category=sleep)
    changed = await owner.slash(
        server.lounge, "category change", category="Sleep", channel=server.channel
    )
    assert f"go to <#{server.channel.id}>. Older ones stay" in sentence(changed)
    second = await server.ask(bob, "How do I wake up before noon?", category=sleep)
    back = await owner.slash(server.lounge, "category change", category="Sleep", channel=nights)
    assert f"go to <#{nights.id}>. Older ones stay" in sentence(back)
    reset = await owner.slash(server.lounge, "category reset", category="Sleep", part="channel")
    assert sentence(reset) == (
        "Saved your changes to **Sleep**.\n"
        f"New questions in this category go to <#{server.channel.id}>. "
        "Older ones stay where they are."
    )
    third = await server.ask(carol, "Is a nap at work a good idea?", category=sleep)
    assert [home(server, card) for card in (first, second, third)] == [
        nights.id,
        server.channel.id,
        server.channel.id,
    ]
    # The first one can still be answered and solved where it is.
    answer = await server.answer(bob, first, ANSWER)
    await server.choose(alice, answer)
    await env.advance_time(5)
    if server.kind == "forum":
        assert applied(server, first) == {"Solved"}
        assert applied(server, third) == {"Sleep"}


@on_sqlite
async def test_a_forum_beside_a_text_channel(
    server: Server,
    env: simcord.Env,
    owner: simcord.MemberActor,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> None:
    other = make(server, "other", "text" if server.kind == "forum" else "forum")
    sentence(await owner.slash(server.lounge, "category add", name="Sleep", channel=other))
    there = await server.ask(alice, TITLE, category=await row(server, "Sleep"))
    here = await server.ask(alice, "Where do I find a therapist?")
    assert (home(server, there), home(server, here)) == (other.id, server.channel.id)
    for card in (there, here):
        await server.choose(alice, await server.answer(bob, card, f"{ANSWER} {card.post_id}"))
    await env.advance_time(5)
    in_forum = here if server.kind == "forum" else there
    assert applied(server, in_forum) == {"Solved"}


@on_sqlite
async def test_a_lost_answer_of_discord_makes_no_second_card(
    server: Server,
    env: simcord.Env,
    wire: Wire,
    sleep: str,
    nights: simcord.ChannelHandle,
    alice: simcord.MemberActor,
) -> None:
    where = f"/channels/{nights.id}/" + ("threads" if server.kind == "forum" else "messages")
    wire.fail("POST", where, Failure.LOST)
    await server.try_to_ask(alice, TITLE, category=sleep)
    await env.advance_time(60)
    [card] = server.cards()
    assert home(server, card) == nights.id
    assert len(nights.threads) == 1


@on_sqlite
async def test_nor_where_the_category_gets_another_channel_meanwhile(
    server: Server,
    env: simcord.Env,
    db: Database,
    wire: Wire,
    sleep: str,
    nights: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    owner: simcord.MemberActor,
) -> None:
    other = make(server, "other", server.kind)
    where = f"/channels/{nights.id}/" + ("threads" if server.kind == "forum" else "messages")
    wire.fail("POST", where, Failure.LOST)
    await server.try_to_ask(alice, TITLE, category=sleep)
    await owner.slash(server.lounge, "category change", category=sleep, channel=other)
    await env.advance_time(60)
    [card] = server.cards()
    assert home(server, card) == nights.id
    answer = await server.answer(alice, card, "Dark curtains, and no screens before bed.")
    await server.choose(alice, answer)
    later = await server.ask(alice, "Is it the coffee?", category=sleep)
    assert home(server, later) == other.id


@on_sqlite
async def test_what_is_missing_there_is_told_with_its_channel(
    server: Server, env: simcord.Env, nights: simcord.ChannelHandle, owner: simcord.MemberActor
) -> None:
    set_permissions(env, nights, bot_user_id(env), add_reactions=False, pin_messages=False)
    await env.settle()
    reply = await owner.slash(server.lounge, "category add", name="Sleep", channel=nights)
    lacking = (
        f"In <#{nights.id}>, the channel of the category **Sleep**, "
        "I'm missing these permissions:\n"
        "❌ **Add Reactions** to add the vote emoji to cards\n"
        "❌ **Pin Messages** to pin best answers"
    )
    assert lacking in sentence(reply)
    wizard = await owner.slash(server.lounge, "setup")
    assert lacking in told(wizard)
    assert "*Check again*" in told(wizard)
    set_permissions(env, nights, bot_user_id(env), add_reactions=True, pin_messages=True)
    await env.settle()
    assert wizard.response is not None
    again = await owner.click(wizard.response, label="Check again")
    assert "❌" not in told(again)


@on_sqlite
@in_a_text_channel
async def test_where_it_can_not_be_posted_it_is_saved_until_it_can(
    server: Server,
    env: simcord.Env,
    sleep: str,
    nights: simcord.ChannelHandle,
    owner: simcord.MemberActor,
    alice: simcord.MemberActor,
) -> None:
    set_permissions(env, nights, bot_user_id(env), view_channel=False)
    await env.settle()
    asked = await server.try_to_ask(alice, TITLE, category=sleep)
    assert f"I'm missing permissions in <#{nights.id}>: *View Channel*." in sentence(asked)
    assert not server.cards()
    set_permissions(env, nights, bot_user_id(env), view_channel=True)
    await env.settle()
    sentence(await owner.slash(server.lounge, "setup"))
    await env.advance_time(5)
    [card] = server.cards()
    assert home(server, card) == nights.id


async def test_a_channel_that_is_gone_keeps_questions_until_there_is_another(
    server: Server,
    env: simcord.Env,
    sleep: str,
    nights: simcord.ChannelHandle,
    owner: simcord.MemberActor,
    alice: simcord.MemberActor,
) -> None:
    await delete_channel(env, nights)
    asked = await server.try_to_ask(alice, TITLE, category=sleep)
    assert "It's saved as #1, but I can't show it yet. " in sentence(asked)
    assert "The channel of the category Sleep is gone." in sentence(asked)
    assert not server.cards()

    wizard = told(await owner.slash(server.lounge, "setup"))
    assert "⚠️ The channel of the category **Sleep** no longer exists" in wizard
    assert "</category change:" in wizard
    offered = await owner.autocomplete(server.lounge, "category reset", "category", "sle")
    options = {"category": offered[0]["value"], "part": "channel"}
    sentence(await owner.slash(server.lounge, "category reset", **options))
    await env.advance_time(5)
    [card] = server.cards()
    assert home(server, card) == server.channel.id
    assert "Sleep" not in told(await owner.slash(server.lounge, "setup")).split("Permissions")[1]


@on_sqlite
async def test_why_it_can_not_be_shown_is_said_in_the_readers_language(
    server: Server,
    env: simcord.Env,
    wire: Wire,
    locales: Locales,
    sleep: str,
    nights: simcord.ChannelHandle,
    owner: simcord.MemberActor,
    alice: simcord.MemberActor,
) -> None:
    """What was recorded is read by the asker in one language and by moderators in another."""
    await delete_channel(env, nights)
    wire.fail("PATCH", "/webhooks/*", Failure.UNKNOWN_INTERACTION, times=None)
    await server.try_to_ask(alice, TITLE, category=sleep)
    wire.mend()
    locales.speaks(alice, "de")
    there = told(await alice.slash(server.lounge, "inbox"))
    assert "Den Kanal der Kategorie Sleep gibt es nicht mehr." in there
    assert "The channel of the category Sleep is gone." in told(
        await owner.slash(server.lounge, "queue")
    )
    locales.speaks(owner, "de")
    queue = told(await owner.slash(server.lounge, "queue"))
    assert "Den Kanal der Kategorie Sleep gibt es nicht mehr." in queue


@on_sqlite
async def test_questions_outlive_their_categorys_channel(
    server: Server,
    env: simcord.Env,
    sleep: str,
    nights: simcord.ChannelHandle,
    alice: simcord.MemberActor,
) -> None:
    await server.ask(alice, TITLE, category=sleep)
    await delete_channel(env, nights)
    async with away(env):
        pass
    await env.advance_time(10)
    mine = told(await alice.slash(server.lounge, "questions", view="mine"))
    assert "sleep after a night shift" in mine


@on_sqlite
@in_a_text_channel
@pytest.mark.parametrize("kind", ["voice", "thread"])
async def test_not_every_channel_will_do(
    server: Server, env: simcord.Env, owner: simcord.MemberActor, question: Card, kind: str
) -> None:
    talking = server.guild.create_voice_channel("talking")
    channel = question.thread if kind == "thread" else talking
    for command, options in (
        ("category add", {"name": "Sleep"}),
        ("category change", {"category": "General"}),
    ):
        with pytest.raises(Exception, match="channel"):
            await owner.slash(server.lounge, command, channel=channel, **options)
    assert "Sleep" not in told(await owner.slash(server.lounge, "categories"))


@on_sqlite
@in_a_forum
async def test_a_forum_that_asks_for_a_tag(
    server: Server, env: simcord.Env, nights: simcord.ChannelHandle, owner: simcord.MemberActor
) -> None:
    options: dict[str, Any] = {"category": "General", "channel": nights}
    sentence(await owner.slash(server.lounge, "category change", **options))
    known = env.bot.get_channel(nights.id)
    assert isinstance(known, discord.ForumChannel)
    known._flags = discord.ChannelFlags(require_tag=True).value
    assert f"⚠️ <#{nights.id}> requires a tag on every post" in told(
        await owner.slash(server.lounge, "setup")
    )


@on_sqlite
@in_a_forum
async def test_in_german(
    server: Server,
    env: simcord.Env,
    locales: Locales,
    nights: simcord.ChannelHandle,
    owner: simcord.MemberActor,
) -> None:
    locales.speaks(owner, "de")
    set_permissions(env, nights, bot_user_id(env), pin_messages=False)
    await env.settle()
    reply = sentence(
        await owner.slash(server.lounge, "category add", name="Schlaf", channel=nights)
    )
    assert f"Neue Fragen in dieser Kategorie erscheinen in <#{nights.id}>. Ältere bleiben" in reply
    assert (
        f"In <#{nights.id}>, dem Kanal der Kategorie **Schlaf**, fehlt mir diese Berechtigung:"
        in reply
    )
    await delete_channel(env, nights)
    assert "Den Kanal der Kategorie **Schlaf** gibt es nicht mehr" in told(
        await owner.slash(server.lounge, "setup")
    )
