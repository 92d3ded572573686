"""Points and standing, as members look them up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
import simcord

from data.database import Database
from tests.support.forgery import press
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.ledger import assert_consistent
from tests.support.people import named
from tests.support.replies import buttons, sentence
from tests.support.server import Card, Server, told
from tests.support.simulator import Locales

pytestmark = in_a_forum
Restart = Callable[[], Awaitable[Any]]
Configure = Callable[..., Awaitable[None]]


def figures(result: simcord.InteractionResult) -> dict[str, str]:
    assert result.response is not None
    return {str(field.name): str(field.value) for field in result.response.embeds[0].fields}


def text(result: simcord.InteractionResult) -> str:
    assert result.response is not None
    return result.response.embeds[0].description or ""


async def test_a_profile_counts_what_one_did_and_got(
    server: Server,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    question: Card,
    answer: Card,
) -> None:
    await carol.react(answer.message, "⬆️")
    await carol.react(question.message, "⬆️")
    await server.choose(alice, answer)

    reply = await carol.slash(server.lounge, "profile", member=bob)
    sentence(reply)
    assert reply.response is not None
    head = reply.response.embeds[0].author
    assert (head.name, head.url) == ("bob", f"https://discord.com/users/{bob.id}")
    assert figures(reply) == {
        "Points": "**460** · rank 1",  # 100 + 40 + 20 + 300
        "Questions": "0",
        "Answers": "1",
        "Best answers": "1",
        "Votes received": "1",
        "Votes given": "0",
        "Badges": "🥉 **Helpful** · 1 answer\n🥉 **Insightful** · 1 best answer",
    }
    asker = figures(await alice.slash(server.lounge, "profile"))
    assert asker["Points"] == "**160** · rank 2"  # 100 + 20 + 10 + 30
    voter = figures(await carol.slash(server.lounge, "profile"))
    assert voter["Points"] == "**100** · not ranked yet"
    assert voter["Votes given"] == "2"


async def test_the_menu_of_a_member_shows_the_same(
    server: Server, alice: simcord.MemberActor, bob: simcord.MemberActor, question: Card
) -> None:
    by_command = await bob.slash(server.lounge, "profile", member=alice)
    by_menu = await bob.context_menu(server.lounge, "Forum profile", alice)
    assert sentence(by_menu) == sentence(by_command)


@on_sqlite
async def test_a_name_cannot_dress_up_as_something_else(
    server: Server, env: simcord.Env, guild: simcord.GuildHandle, alice: simcord.MemberActor
) -> None:
    mallory = guild.add_member(
        env.create_user("mallory", global_name="M\u202eyrollam" + "\u0300" * 40)
    )
    reply = await alice.slash(server.lounge, "profile", member=mallory)
    name = reply.response.embeds[0].author.name if reply.response else ""
    assert name is not None
    assert name.startswith("Myrollam")
    assert len(name) < 20


@on_sqlite
async def test_bots_have_no_profile(
    server: Server, env: simcord.Env, guild: simcord.GuildHandle, alice: simcord.MemberActor
) -> None:
    robot = guild.add_member(env.create_user("robot", bot=True))
    reply = await alice.slash(server.lounge, "profile", member=robot)
    assert "Bots don't take part" in sentence(reply)


@on_sqlite
async def test_titles_go_with_points(
    server: Server, owner: simcord.MemberActor, alice: simcord.MemberActor
) -> None:
    refused = await owner.slash(server.lounge, "settings set", name="titles", value="many Regular")
    assert "For Member titles, enter each title after its points" in sentence(refused)
    titles = "0 Newcomer, 120 *Regular*"
    reply = await owner.slash(server.lounge, "settings set", name="titles", value=titles)
    assert r"**Member titles** is now 0 Newcomer, 120 \*Regular\*." in sentence(reply)
    assert "Newcomer" in told(await alice.slash(server.lounge, "profile"))
    await server.ask(alice, "How do I sleep after a night shift?")
    assert r"\*Regular\*" in told(await alice.slash(server.lounge, "profile"))
    board = told(await alice.slash(server.lounge, "leaderboard"))
    assert r"120 points · \*Regular\*" in board
    week = told(await alice.slash(server.lounge, "leaderboard", period="week"))
    assert "Regular" not in week


@on_sqlite
async def test_private_voting_hides_how_often_others_voted(
    server: Server,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    question: Card,
    configure: Configure,
) -> None:
    await configure("voting", "private")
    await server.vote(bob, question, "up")
    assert "Votes given" not in figures(await alice.slash(server.lounge, "profile", member=bob))
    assert figures(await bob.slash(server.lounge, "profile"))["Votes given"] == "1"


async def test_the_leaderboard_in_pages_that_survive_a_restart(
    server: Server,
    env: simcord.Env,
    guild: simcord.GuildHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    restart: Restart,
) -> None:
    question = await server.ask(alice, "Which book helped you most last year?")
    people = [guild.add_member(env.create_user(f"reader{n}")) for n in range(12)]
    for n, person in enumerate(people):
        await server.answer(person, question, f"Number {n}: the one about sleeping well.")

    first = await bob.slash(server.lounge, "leaderboard")
    sentence(first)
    assert text(first).startswith(f"🥇 {named(people[0])} · 140 points\n🥇 ")
    assert named(alice) not in text(first)
    assert named(bob) not in text(first)  # has not taken part
    assert "Previous" in buttons(first)

    await restart()
    assert first.response is not None
    second = await bob.click(first.response, label="Next")
    assert text(second).splitlines() == [
        f"🥇 {named(people[10])} · 140 points",
        f"🥇 {named(people[11])} · 140 points",
        f"**13.** {named(alice)} · 120 points",
    ]
    with pytest.raises(simcord.SetupError, match="disabled"):
        await bob.click(first.response, label="Next")
    back = await bob.click(first.response, label="Previous")
    assert text(back).startswith(f"🥇 {named(people[0])}")


async def test_the_reader_sees_their_rank_on_every_page(
    server: Server, env: simcord.Env, guild: simcord.GuildHandle, alice: simcord.MemberActor
) -> None:
    question = await server.ask(alice, "Which book helped you most last year?")
    for n in range(10):
        person = guild.add_member(env.create_user(f"reader{n}"))
        await server.answer(person, question, f"Number {n}: the one about sleeping well.")
    reply = await alice.slash(server.lounge, "leaderboard")
    assert text(reply).endswith(f"You: **11.** {named(alice)} · 120 points")
    week = await alice.slash(server.lounge, "leaderboard", period="week")
    assert text(week).endswith(f"You: **11.** {named(alice)} · 20 points")


async def test_a_week_counts_what_the_week_brought(
    server: Server,
    env: simcord.Env,
    guild: simcord.GuildHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    question: Card,
    answer: Card,
) -> None:
    # Nine votes are 180 points; the cap of an answer's votes is 200.
    crowd = [guild.add_member(env.create_user(f"voter{n}")) for n in range(12)]
    for voter in crowd[:9]:
        await voter.react(answer.message, "⬆️")
    env.backend.advance_clock(timedelta(days=8).total_seconds())
    empty = await alice.slash(server.lounge, "leaderboard", period="week")
    assert "Nobody has earned points" in sentence(empty)
    for voter in crowd[9:]:
        await voter.react(answer.message, "⬆️")

    week = await alice.slash(server.lounge, "leaderboard", period="week")
    assert text(week) == f"🥇 {named(bob)} · 20 points"  # 60 by count, 20 up to the cap
    assert week.response is not None
    month = await alice.click(week.response, label="Last 30 days")
    assert text(month).splitlines()[0] == f"🥇 {named(bob)} · 240 points"
    every = await alice.click(week.response, label="All time")
    assert text(every).splitlines()[0] == f"🥇 {named(bob)} · 340 points"


@on_sqlite
async def test_forged_pages_and_periods_are_answered(
    server: Server, alice: simcord.MemberActor, question: Card
) -> None:
    reply = await alice.slash(server.lounge, "leaderboard")

    async def forged(custom_id: str) -> str:
        assert reply.response is not None
        return told(await press(alice, reply.response.message, custom_id))

    assert "couldn't read that" in await forged("qa:1:board:year:0")
    assert "couldn't read that" in await forged("qa:1:board")
    assert "couldn't read that" in await forged("qa:1:board:all:-7")
    assert "couldn't read that" in await forged("qa:1:board:all:99999999999999999999")
    assert named(alice) in await forged("qa:1:board:all:7")  # beyond the last: the last
    assert "couldn't read that" in await forged("qa:1:points:x")


async def test_points_say_where_each_came_from(
    server: Server,
    db: Database,
    env: simcord.Env,
    guild: simcord.GuildHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    question: Card,
    answer: Card,
) -> None:
    for n in range(12):
        await guild.add_member(env.create_user(f"voter{n}")).react(answer.message, "⬆️")
    await server.choose(alice, answer)
    reply = await bob.slash(server.lounge, "points")
    sentence(reply)
    lines = text(reply).splitlines()
    assert lines[0].startswith("**You have 640 points.** Everyone starts with 100")
    link = f"[#1.1]({answer.message.jump_url})"
    title = "How do I sleep after a night shift?"
    assert set(lines[2:]) == {
        f"`  +300` because {link} is the best answer · {title}",
        f"`  +200` 12 votes on {link} · {title}",
        "*The votes add up to 40 more, but this is the most one post can earn from votes.*",
        f"`   +40` for your answer {link} · {title}",
        "`  +100` to start with",
    }
    assert lines[-1].endswith("to start with")
    chooser = text(await alice.slash(server.lounge, "points"))
    assert f"`   +30` for choosing the best answer to [#1]({question.message.jump_url})" in chooser
    await assert_consistent(db)


async def test_points_in_pages_that_survive_a_restart(
    server: Server, env: simcord.Env, alice: simcord.MemberActor, restart: Restart
) -> None:
    for n in range(10):
        await server.ask(alice, f"Question number {n} about sleep, is it normal?")
        await env.advance_time(600)
    await server.ask(alice, "May I ask more than ten questions, an hour later?")
    first = await alice.slash(server.lounge, "points")
    assert text(first).count("for your question") == 10
    assert "to start with" not in text(first)
    await restart()
    assert first.response is not None
    second = await alice.click(first.response, label="Next")
    assert text(second).splitlines()[0].startswith("**You have")
    assert text(second).count("for your question") == 1
    assert text(second).endswith("`  +100` to start with")


@on_sqlite
async def test_points_of_a_newcomer(server: Server, carol: simcord.MemberActor) -> None:
    reply = await carol.slash(server.lounge, "points")
    assert "You have 100 points" in sentence(reply)
    assert "Nothing yet" in sentence(reply)
    assert not buttons(reply)


@on_sqlite
async def test_points_never_fall_below_0(
    server: Server,
    env: simcord.Env,
    guild: simcord.GuildHandle,
    alice: simcord.MemberActor,
    question: Card,
    configure: Configure,
) -> None:
    await configure("points.start", "0")
    await configure("points.question", "-1000")
    reply = await alice.slash(server.lounge, "points")
    assert "**You have 0 points.**" in sentence(reply)
    assert "Points never fall below 0." in sentence(reply)
    assert "−1,000" in sentence(reply)


@on_sqlite
async def test_a_german_reader(
    server: Server, alice: simcord.MemberActor, question: Card, locales: Locales
) -> None:
    """Whatever is translated so far: the figures stay, and nothing breaks."""
    locales.speaks(alice, "de")
    for command in ("profile", "leaderboard", "points"):
        assert "120" in sentence(await alice.slash(server.lounge, command))
