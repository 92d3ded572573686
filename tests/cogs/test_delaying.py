"""Anonymous posts that appear later, as their authors and others see them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import discord
import pytest
import simcord
from simcord.enums import ComponentType, InteractionType
from sqlalchemy import func, select

from bot.app import Askwell
from cogs.delaying import Delaying
from data.database import Database
from data.models import Post, WaitingPost
from tests.cogs.conftest import Configure
from tests.cogs.test_anonymous import (
    ANSWER,
    DETAILS,
    TITLE,
    Person,
    Result,
    answered,
    asked,
    commented,
    posted,
    said_nowhere,
    to_the_name,
)
from tests.conftest import Restart
from tests.support.anonymous import rows_with
from tests.support.forgery import send
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.masked import Steps
from tests.support.replies import buttons, filled, reply_of, sentence
from tests.support.server import Card, Server, told
from tests.support.simulator import set_permissions

DELAY = 10
LATER = f"Your post appears within {DELAY} minutes, and has no number until then."


@pytest.fixture(autouse=True)
async def on(configure: Configure) -> None:
    """Anonymous posts are on, and appear later."""
    await configure("anonymous", "on")
    await configure("anonymous_delay", str(DELAY))


async def rows(db: Database, model: Any) -> int:
    async with db.read() as tx:
        return await tx.scalar(select(func.count()).select_from(model)) or 0


async def pass_delay(env: simcord.Env) -> None:
    await env.advance_time(60 * DELAY + 30)
    await env.advance_time(5)


async def sent(server: Server, person: Person, title: str = TITLE, name: str = "") -> Result:
    """A person's question waits."""
    done = await posted(person, await asked(server, person, title), name)
    assert sentence(done).startswith(LATER), sentence(done)
    return done


async def inbox(server: Server, person: Person) -> Result:
    return await person.slash(server.lounge, "inbox")


async def take_back(person: Any, shown: Result) -> Result:
    return await person.click(reply_of(shown), label="Take back")


async def test_a_story(
    env: simcord.Env, server: Server, alice: Person, bob: Person, db: Database
) -> None:
    offered = await to_the_name(alice, await asked(server, alice))
    assert LATER in sentence(offered)
    (label,) = [each for each in buttons(offered) if each.startswith("Post as")]
    done = await alice.click(reply_of(offered), label=label)
    assert sentence(done).startswith(LATER)
    assert list(buttons(done)) == ["Take back"]
    assert server.cards() == []
    assert (await rows(db, Post), await rows(db, WaitingPost)) == (0, 1)
    assert await said_nowhere(db, "cry here", "every* night")

    await pass_delay(env)
    (question,) = server.cards()
    assert question.by == label.removeprefix("Post as ")
    assert question.small_line == "anonymous · 0 answers · #1 · #night"
    assert await rows(db, WaitingPost) == 0

    sentence(await posted(bob, await answered(bob, question), "Brave Fox"))
    done = await commented(server, alice, question, "Anybody?")  # they have a name in it
    assert sentence(done).startswith(LATER)
    assert len(server.cards()) == 1
    await pass_delay(env)
    assert {(card.kind, card.by) for card in server.cards()} >= {("answer", "Brave Fox")}
    (comment,) = [card for card in server.cards() if card.kind == "comment"]
    assert "anonymous · asker" in comment.small_line
    (answer,) = [card for card in server.cards() if card.kind == "answer"]
    assert answer.body == ANSWER
    async with db.read() as tx:
        found = {
            table.name: [tuple(row) for row in await tx.rows(select(table))]
            for table in Post.metadata.sorted_tables
        }
    named = {table for table, _ in rows_with(found, alice.id) | rows_with(found, bob.id)}
    assert named <= {"names", "members", "audit", "preferences"}, named


async def test_it_is_taken_back_and_sent_again(
    env: simcord.Env, server: Server, alice: Person, db: Database
) -> None:
    back = await take_back(alice, await sent(server, alice))
    assert sentence(back).startswith("Taken back. Nothing you typed is lost.")
    assert DETAILS in told(back)
    assert await rows(db, WaitingPost) == 0
    await pass_delay(env)
    assert server.cards() == []
    form = await alice.click(reply_of(back), label="Open the form again")
    typed = filled(form)
    assert (typed["title"], typed["details"]) == (TITLE, DETAILS)
    assert sentence(await posted(alice, await alice.submit_modal(form, typed))).startswith(LATER)
    await pass_delay(env)
    (card,) = server.cards()
    assert card.small_line.endswith("#1 · #night")


async def test_a_process_that_ends_meanwhile(
    env: simcord.Env, server: Server, alice: Person, restart: Restart
) -> None:
    await sent(server, alice)
    await restart()
    await pass_delay(env)
    await restart()
    await pass_delay(env)
    assert len(server.cards()) == 1


@on_sqlite
@in_a_forum
class TestTheInbox:
    async def test_it_has_what_waits(
        self, env: simcord.Env, server: Server, alice: Person, bob: Person, db: Database
    ) -> None:
        await sent(server, alice)
        shown = await inbox(server, alice)
        assert "Appears later, anonymously" in sentence(shown)
        assert TITLE in told(shown)
        assert "Appears later" not in told(await inbox(server, bob))
        back = await take_back(alice, shown)
        assert DETAILS in told(back)
        assert "Appears later" not in told(await inbox(server, alice))
        gone = await take_back(alice, shown)
        assert sentence(gone).startswith("This post no longer waits.")
        await pass_delay(env)
        assert server.cards() == []

    async def test_one_of_several(self, env: simcord.Env, server: Server, alice: Person) -> None:
        await sent(server, alice)
        await sent(server, alice, "Does anybody read at noon?")
        shown = await inbox(server, alice)
        labels = [each for each in buttons(shown) if each.startswith("Take back")]
        assert labels == ["Take back 1", "Take back 2"]
        second = told(shown).split("2. ")[1]
        back = await alice.click(reply_of(shown), label="Take back 2")
        kept = TITLE if TITLE not in second else "Does anybody read at noon?"
        assert "Nothing you typed is lost." in sentence(back)
        await pass_delay(env)
        assert [card.thread.name for card in server.cards()] == [kept]

    async def test_nobody_else_takes_it_back(
        self, server: Server, alice: Person, bob: Person, db: Database
    ) -> None:
        done = await sent(server, alice)
        data = {
            "component_type": ComponentType.BUTTON,
            "custom_id": buttons(done)["Take back"].removesuffix(":here"),
        }
        kind = InteractionType.MESSAGE_COMPONENT
        refused = await send(bob, kind, server.lounge, data)  # a forged click
        assert "no longer waits" in sentence(refused)
        assert DETAILS not in told(refused)
        assert await rows(db, WaitingPost) == 1


def timed_out(env: simcord.Env, server: Server, person: Person) -> None:
    until = (discord.utils.utcnow() + timedelta(days=1)).isoformat()
    env.backend.edit_member(server.guild.id, person.id, {"timed_out_until": until})


def muted(env: simcord.Env, server: Server, person: Person) -> None:
    set_permissions(env, server.channel, person.id, send_messages=False)


def shut_out(env: simcord.Env, server: Server, person: Person) -> None:
    set_permissions(env, server.channel, person.id, view_channel=False)


@on_sqlite
@in_a_forum
class TestWhatCannotAppear:
    @pytest.mark.parametrize(
        ("change", "why"),
        [(timed_out, "timed out"), (muted, "permission"), (shut_out, "permission")],
    )
    async def test_it_is_kept_with_the_reason(
        self,
        env: simcord.Env,
        server: Server,
        alice: Person,
        change: Callable[..., None],
        why: str,
        db: Database,
    ) -> None:
        await sent(server, alice)
        change(env, server, alice)
        await env.settle()
        await pass_delay(env)
        assert await rows(db, Post) == 0
        env.backend.edit_member(server.guild.id, alice.id, {"timed_out_until": None})
        await env.settle()
        shown = await inbox(server, alice)
        assert "Couldn't appear" in sentence(shown)
        assert why in told(shown), told(shown)
        assert "Kept until" in told(shown)
        assert DETAILS in told(await take_back(alice, shown))
        assert await rows(db, WaitingPost) == 0

    async def test_below_a_post_that_is_gone(
        self, env: simcord.Env, server: Server, alice: Person, bob: Person
    ) -> None:
        question = await server.ask(bob, "Which bread is best with cheese?")
        done = await posted(alice, await answered(alice, question), "Brave Fox")
        assert sentence(done).startswith(LATER)
        sentence(await bob.slash(question.thread, "close", reason="other", note="Thanks."))
        await pass_delay(env)
        shown = await inbox(server, alice)
        assert "Couldn't appear" in sentence(shown)
        assert "closed" in told(shown)
        assert ANSWER in told(await take_back(alice, shown))

    async def test_of_whoever_left(
        self, env: simcord.Env, server: Server, alice: Person, db: Database
    ) -> None:
        await sent(server, alice)
        env.backend.remove_member(server.guild.id, alice.id)
        await pass_delay(env)
        assert await rows(db, Post) == 0
        assert await rows(db, WaitingPost) == 1

    async def test_without_an_answer_of_discord_nothing_is_lost(
        self, env: simcord.Env, server: Server, alice: Person, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG, "cogs")
        await sent(server, alice)
        path = f"/guilds/{server.guild.id}/members/{alice.id}"
        env.inject_error("GET", path, status=500, times=2)
        await pass_delay(env)
        assert "Couldn't appear" not in told(await inbox(server, alice))
        await pass_delay(env)
        assert len(server.cards()) == 1
        assert "an anonymous post appears later" in caplog.text
        ours = [each.getMessage() for each in caplog.records if each.name.startswith("cogs")]
        assert not [each for each in ours if str(alice.id) in each]

    async def test_after_a_day_it_is_late(
        self, env: simcord.Env, server: Server, alice: Person, db: Database
    ) -> None:
        await sent(server, alice)
        bot = env.bot
        assert isinstance(bot, Askwell)
        sealing, bot.sealing = bot.sealing, None  # it does nothing meanwhile
        await env.advance_time(26 * 3600)
        bot.sealing = sealing
        await env.advance_time(60)
        assert "I was offline when it was due." in told(await inbox(server, alice))
        assert await rows(db, Post) == 0


@on_sqlite
@in_a_forum
async def test_in_a_direct_message(
    env: simcord.Env, server: Server, alice: Person, bob: Person
) -> None:
    await server.ask(alice, "Which bread is best with cheese?")
    shown = await alice.user.slash("ask")
    form = await alice.user.select(reply_of(shown), [str(server.guild.id)])
    typed = {"title": TITLE, "details": DETAILS, "how": ["anonymous"]}
    done = await posted(alice.user, await alice.user.submit_modal(form, typed), "Quiet Otter")
    assert sentence(done).startswith(LATER)
    back = await take_back(alice.user, done)
    assert DETAILS in told(back)
    form = await alice.user.click(reply_of(back), label="Open the form again")
    again = await alice.user.submit_modal(form, filled(form))
    sentence(await posted(alice.user, again, "Quiet Otter"))
    await pass_delay(env)
    assert "Quiet Otter" in [card.by for card in server.cards()]


@on_sqlite
@in_a_forum
async def test_the_same_whoever_it_is(
    env: simcord.Env,
    server: Server,
    alice: Person,
    bob: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every request to Discord of two who do the same."""
    monkeypatch.setattr("bot.usecases.personas.new_name", lambda *_: "Dotted Planet")
    monkeypatch.setattr("bot.usecases.delaying.secrets.randbelow", lambda _: 4)
    found: list[list[str]] = []
    await pass_delay(env)  # so that AutoMod's rules are read anew both times
    for person, title in ((alice, "May I cry here at night?"), (bob, "Which bread goes with jam?")):
        wire = Steps(env, {title: "TITLE"})
        done = await posted(person, await asked(server, person, title, tags=""), "Quiet Otter")
        assert sentence(done).startswith(LATER)
        await wire.settle()
        await pass_delay(env)
        await wire.settle()
        found.append(wire.requests)
    assert found[0] == found[1]
    assert any("Quiet Otter" in each for each in found[0])


@on_sqlite
@in_a_forum
async def test_without_a_delay_it_appears_at_once(
    env: simcord.Env, server: Server, alice: Person, configure: Configure, db: Database
) -> None:
    await configure("anonymous_delay", "0")
    offered = await to_the_name(alice, await asked(server, alice))
    assert "appears within" not in sentence(offered)
    assert sentence(await posted(alice, offered)).startswith("Your question is #1.")
    await env.advance_time(5)
    card: Card = server.cards()[0]
    assert card.small_line.startswith("anonymous")
    assert await rows(db, WaitingPost) == 0


@on_sqlite
@in_a_forum
async def test_a_server_for_which_discord_does_not_answer_holds_up_no_other(
    env: simcord.Env, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot, hangs = env.bot, asyncio.Event()
    assert isinstance(bot, Askwell)
    cog, looked = bot.get_cog("Delaying"), list[int]()
    assert isinstance(cog, Delaying)

    async def due(*_: object) -> list[int]:
        return [1, 2]

    async def look(_: object, guild: discord.Guild) -> None:
        looked.append(guild.id)
        if guild.id == 1:
            await hangs.wait()

    monkeypatch.setattr("bot.usecases.delaying.servers_due", due)
    monkeypatch.setattr(cog, "_of_server", look)
    monkeypatch.setattr(bot, "get_guild", lambda n: SimpleNamespace(id=n, unavailable=False))
    for _ in range(2):
        await cog.on_ready()
        for _ in range(20):
            await asyncio.sleep(0)
    assert looked == [1, 2, 2]
    hangs.set()
