"""A reaction and a vote say the same, whatever Discord, the database or the process does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import discord
import pytest
import simcord
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from data import reactions as unwanted
from data import votes
from data.database import Database
from data.models import Post
from tests.cogs.conftest import Configure
from tests.cogs.delivery.test_reconciling import DOWN, UP, reactions
from tests.conftest import Restart
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.ledger import assert_consistent
from tests.support.reactions import super_react
from tests.support.server import Card, Server, told
from tests.support.simulator import (
    away,
    bot_user_id,
    clear_reactions,
    delete_channel,
    set_permissions,
)
from tests.support.time import hours_pass
from tests.support.unreachable import unreachable

pytestmark = [on_sqlite, in_a_forum]
OFF = "/channels/*/messages/*/reactions/*/*"


async def vote_of(db: Database, card: Card, person: simcord.MemberActor) -> int:
    """A person's vote on a card, 0 for none."""
    async with db.read() as tx:
        known = (await votes.votes_of(tx, [card.post_id]))[card.post_id]
    return known.get(person.id, (0, None))[0]


async def waiting(db: Database, card: Card) -> set[tuple[int, int]]:
    """The reactions (person, vote) that are to be taken off a card."""
    async with db.read() as tx:
        return (await unwanted.waiting_under(tx, [card.post_id]))[card.post_id]


@contextmanager
def busy(db: Database) -> Iterator[None]:
    """The database is busy for longer than anybody waits, in the block."""
    locked = OperationalError("BEGIN IMMEDIATE", None, Exception("database is locked"))
    with unreachable(db, locked):
        yield


async def test_a_reaction_that_could_not_be_taken_off_votes_no_more(
    env: simcord.Env,
    server: Server,
    answer: Card,
    carol: simcord.MemberActor,
    configure: Configure,
    db: Database,
) -> None:
    await configure("privilege.down_vote", "0")
    set_permissions(env, server.channel, bot_user_id(env), manage_messages=False)
    await carol.react(answer.message, UP)
    await server.vote(carol, answer, "down")
    assert reactions(answer)[UP] == 2
    async with away(env):
        pass
    await hours_pass(env, 1.1)
    assert "\u22121 vote" in answer.text()

    set_permissions(env, server.channel, bot_user_id(env), manage_messages=True)
    await hours_pass(env, 1)
    assert reactions(answer)[UP] == 1
    assert "\u22121 vote" in answer.text()
    assert await waiting(db, answer) == set()


async def test_a_reaction_is_removed_after_a_failure(
    env: simcord.Env,
    answer: Card,
    carol: simcord.MemberActor,
    configure: Configure,
) -> None:
    await configure("privilege.down_vote", "0")
    env.inject_error("DELETE", OFF, status=500, times=1)
    await carol.react(answer.message, UP)
    await carol.react(answer.message, DOWN)
    await env.advance_time(30)
    assert reactions(answer) == {UP: 1, DOWN: 2}
    assert "\u22121 vote" in answer.text()


async def test_who_chooses_again_while_others_reactions_are_removed_keeps_theirs(
    env: simcord.Env,
    server: Server,
    answer: Card,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    configure: Configure,
    db: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await configure("privilege.down_vote", "0")
    set_permissions(env, server.channel, bot_user_id(env), manage_messages=False)
    for person in (carol, moderator):
        await person.react(answer.message, UP)
        await person.react(answer.message, DOWN)
    assert await waiting(db, answer) == {(carol.id, 1), (moderator.id, 1)}
    remove = discord.PartialMessage.remove_reaction

    async def removed(self: discord.PartialMessage, emoji: Any, member: Any) -> None:
        await remove(self, emoji, member)
        if member.id == carol.id:
            for reacted in (False, True):
                env.backend.set_reaction(self.channel.id, self.id, UP, moderator.id, reacted)
            while await vote_of(db, answer, moderator) != 1:
                await asyncio.sleep(0)

    monkeypatch.setattr(discord.PartialMessage, "remove_reaction", removed)
    set_permissions(env, server.channel, bot_user_id(env), manage_messages=True)
    await hours_pass(env, 1)
    assert await vote_of(db, answer, carol) == -1
    assert await vote_of(db, answer, moderator) == 1
    assert reactions(answer) == {UP: 2, DOWN: 2}
    await assert_consistent(db)


async def test_both_shown_while_away_end_as_the_newer_one(
    env: simcord.Env,
    answer: Card,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    configure: Configure,
    db: Database,
) -> None:
    await configure("privilege.down_vote", "0")
    await carol.react(answer.message, UP)
    async with away(env):
        await carol.react(answer.message, DOWN)
        for emoji in (UP, DOWN):
            await moderator.react(answer.message, emoji)
    await env.advance_time(10)
    assert await vote_of(db, answer, carol) == -1
    assert await vote_of(db, answer, moderator) == 1
    assert reactions(answer) == {UP: 2, DOWN: 2}
    await assert_consistent(db)


async def test_a_button_pressed_before_the_comparison_stands_against_what_was_missed(
    env: simcord.Env,
    server: Server,
    answer: Card,
    carol: simcord.MemberActor,
    configure: Configure,
    db: Database,
) -> None:
    await configure("privilege.down_vote", "0")
    env.inject_error("GET", f"/channels/{answer.channel_id}/messages", status=500, times=1)
    async with away(env):
        await carol.react(answer.message, UP)
    await server.vote(carol, answer, "down")  # the comparison has failed, and waits
    await env.advance_time(60)
    assert await vote_of(db, answer, carol) == -1
    assert reactions(answer) == {UP: 1, DOWN: 1}


async def test_a_reaction_is_newer_than_a_button_pressed_before_it(
    env: simcord.Env,
    server: Server,
    answer: Card,
    carol: simcord.MemberActor,
    configure: Configure,
    db: Database,
) -> None:
    await configure("privilege.down_vote", "0")
    await server.vote(carol, answer, "down")
    async with away(env):
        await carol.react(answer.message, UP)
    await env.advance_time(10)
    assert await vote_of(db, answer, carol) == 1


async def test_a_super_reaction_and_a_normal_one_are_one_vote(
    env: simcord.Env, answer: Card, carol: simcord.MemberActor, db: Database
) -> None:
    await carol.react(answer.message, UP)
    await super_react(env, carol, answer.message, UP)
    await env.advance_time(5)
    assert "+1 vote" in answer.text()
    await carol.unreact(answer.message, UP)
    await env.advance_time(5)
    assert "+1 vote" in answer.text()
    await super_react(env, carol, answer.message, UP, given=False)
    await env.advance_time(5)
    assert "0 votes" in answer.text()
    await assert_consistent(db)


async def test_super_reactions_count_that_were_given_or_taken_back_while_away(
    env: simcord.Env,
    answer: Card,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    db: Database,
) -> None:
    await moderator.react(answer.message, UP)
    await super_react(env, moderator, answer.message, UP)
    async with away(env):
        await super_react(env, carol, answer.message, UP)
        await super_react(env, moderator, answer.message, UP, given=False)
    await env.advance_time(10)
    assert "+2 votes" in answer.text()
    await moderator.unreact(answer.message, UP)
    await env.advance_time(5)
    assert "+1 vote" in answer.text(), "the comparison has seen that her other one was gone"
    async with away(env):
        await super_react(env, carol, answer.message, UP, given=False)
    await env.advance_time(10)
    assert "0 votes" in answer.text()
    await assert_consistent(db)


@pytest.mark.parametrize("how", ["one", "all", "emoji", "away"])
async def test_the_vote_emoji_come_back(env: simcord.Env, answer: Card, how: str) -> None:
    mine = (answer.channel_id, answer.message_id, UP, bot_user_id(env))
    match how:
        case "one":
            env.backend.remove_reaction(*mine)
        case "all":
            await clear_reactions(env, answer.message)
        case "emoji":
            await clear_reactions(env, answer.message, UP)
        case _:
            async with away(env):
                env.backend.remove_reaction(*mine)
    await env.advance_time(10)
    assert reactions(answer) == {UP: 1, DOWN: 1}


async def test_a_reaction_that_meets_a_busy_database_counts_later(
    env: simcord.Env,
    answer: Card,
    carol: simcord.MemberActor,
    db: Database,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with busy(db):
        await carol.react(answer.message, UP)
    assert [r for r in caplog.records if r.exc_info] == [], "it is nobody's mistake"
    await env.advance_time(30)
    assert "+1 vote" in answer.text()
    with busy(db):
        await carol.unreact(answer.message, UP)
    await env.advance_time(30)
    assert "0 votes" in answer.text()


async def test_a_button_pressed_after_a_reaction_that_was_missed_stands(
    env: simcord.Env,
    server: Server,
    answer: Card,
    carol: simcord.MemberActor,
    configure: Configure,
    db: Database,
) -> None:
    await configure("privilege.down_vote", "0")
    env.inject_error("GET", f"/channels/{answer.channel_id}/messages", status=500, times=1)
    with busy(db):
        await carol.react(answer.message, UP)
    await server.vote(carol, answer, "down")
    await env.advance_time(60)
    assert await vote_of(db, answer, carol) == -1
    assert reactions(answer) == {UP: 1, DOWN: 1}


@pytest.mark.parametrize("what", ["pin", "card", "thread"])
async def test_so_does_all_else_that_people_do_in_discord(
    env: simcord.Env,
    question: Card,
    answer: Card,
    moderator: simcord.MemberActor,
    db: Database,
    what: str,
) -> None:
    with busy(db):
        if what == "pin":
            await moderator.set_pinned(answer.message, True)
        elif what == "card":
            await moderator.delete(answer.message)
        else:
            await delete_channel(env, question.thread)
    await env.advance_time(60)
    if what == "pin":
        assert "Best answer" in (answer.embed.title or "")
    elif what == "card":
        assert "0 answers" in question.text()
    else:
        async with db.read() as tx:
            assert await tx.scalar(select(Post.id).where(Post.id == question.post_id))
        assert await vote_of(db, question, moderator) == 0


async def test_who_gave_a_vote_that_does_not_count_is_told_why_with_the_next_private_answer(
    server: Server, question: Card, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    await alice.react(question.message, UP)
    assert reactions(question)[UP] == 1  # the bot's own
    assert "didn't count" not in told(await bob.slash(server.lounge, "help"))
    first = told(await alice.slash(server.lounge, "inbox"))
    assert f"Your vote on {question.message.jump_url} didn't count." in first
    assert "your own" in first
    assert "didn't count" not in told(await alice.slash(server.lounge, "inbox"))


async def test_it_is_told_also_after_a_restart_and_once(
    server: Server, question: Card, alice: simcord.MemberActor, restart: Restart
) -> None:
    await alice.react(question.message, UP)
    await restart()
    assert "didn't count" in told(await alice.slash(server.lounge, "inbox"))
    await restart()
    assert "didn't count" not in told(await alice.slash(server.lounge, "inbox"))


async def test_nothing_is_told_of_a_refused_vote_that_counts_by_now(
    env: simcord.Env,
    server: Server,
    question: Card,
    carol: simcord.MemberActor,
    configure: Configure,
) -> None:
    await carol.react(question.message, DOWN)  # she has too few points
    await env.advance_time(5)
    assert reactions(question)[DOWN] == 1, "it is taken off"
    await configure("privilege.down_vote", "0")
    await carol.react(question.message, DOWN)
    await env.advance_time(5)
    assert "\u22121 vote" in question.text()
    assert "didn't count" not in told(await carol.slash(server.lounge, "inbox"))
