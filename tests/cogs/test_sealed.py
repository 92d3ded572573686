"""What the author of an anonymous post does to it in Discord: it is theirs, and nobody sees who."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import simcord
from sqlalchemy import select

from bot.app import Askwell
from bot.domain.actors import Actor
from bot.domain.sealed import is_sealed
from bot.usecases import personas
from bot.usecases.asking import QuestionForm, ask_question
from bot.usecases.commenting import comment_on
from data.database import Database
from data.models import Base
from tests.cogs.conftest import Configure
from tests.support.anonymous import rows_with
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.replies import buttons, filled, reply_of, sentence
from tests.support.server import Card, Server, told
from tests.support.simulator import as_the_bot

NAME = "Quiet Otter"


async def dump(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    found: dict[str, list[tuple[Any, ...]]] = {}
    async with db.read() as tx:
        for table in Base.metadata.sorted_tables:
            found[table.name] = [tuple(row) for row in await tx.rows(select(table))]
    return found


async def author_of(bot: Askwell, person: simcord.MemberActor, number: int | None) -> Actor:
    """A person who is about to write anonymously, as a form would have it."""
    seal = personas.seal_of(bot.sealing, person.guild.id, person.id)
    actor = replace(Actor(person.guild.id, person.id), seal=seal)
    return await personas.author(bot.db, actor, NAME, asks=number is None)


@pytest.fixture
async def sealed(
    env: simcord.Env, server: Server, alice: simcord.MemberActor, configure: Configure
) -> Card:
    """A question that Alice asked anonymously, number 1."""
    await configure("anonymous", "on")
    bot = env.bot
    assert isinstance(bot, Askwell)
    form = QuestionForm("May I cry here at night?", "I do.")
    me = await author_of(bot, alice, None)
    with as_the_bot(env):
        posted = await ask_question(bot.db, me, form, origin_id=4711, now=env.now())
    await env.advance_time(5)
    return server.card(posted.post_id)


async def test_its_author_changes_it_and_no_row_says_who(
    env: simcord.Env,
    server: Server,
    sealed: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    db: Database,
) -> None:
    answer = await server.answer(bob, sealed, "You may, of course. I do it, too.")
    before = rows_with(await dump(db), alice.id)

    shown = await server.menu(alice, sealed, "edit")
    reply = await alice.submit_modal(shown, filled(shown) | {"details": "I do, a lot."})
    assert sentence(reply).startswith("Saved your changes to #1.\n")
    assert sentence(await server.choose(alice, answer)).startswith("#1.1 is now the best answer.\n")
    closed = await alice.slash(sealed.thread, "close", reason="other", note="Thank you.")
    assert "#1" in sentence(closed)
    assert "#1" in sentence(await alice.slash(sealed.thread, "reopen"))
    shown = await server.menu(alice, sealed, "retag")
    sentence(await alice.submit_modal(shown, filled(shown) | {"tags": "night"}))
    await env.advance_time(5)

    assert rows_with(await dump(db), alice.id) == before
    assert "I do, a lot." in sealed.text()
    assert sealed.small_line.endswith(" · edited")
    assert sealed.by == NAME
    assert answer.embed.title == "✅ Best answer"
    for card in server.cards():
        assert "alice" not in card.text().lower()
        assert str(alice.id) not in str(card.message.embeds[0].to_dict())


async def test_it_is_deleted_by_its_author(
    env: simcord.Env, server: Server, sealed: Card, alice: simcord.MemberActor, db: Database
) -> None:
    before = rows_with(await dump(db), alice.id)
    asked = await alice.slash(server.lounge, "delete", post="#1")
    assert "#1" in sentence(await alice.click(reply_of(asked), label="Delete"))
    await env.advance_time(5)
    assert rows_with(await dump(db), alice.id) == before
    assert not server.cards()


@in_a_forum
async def test_its_menu_is_an_authors_for_its_author_alone(
    sealed: Card, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    own = buttons(await alice.click(sealed.message, custom_id=sealed.control("more")))
    theirs = buttons(await bob.click(sealed.message, custom_id=sealed.control("more")))
    assert {"Edit", "Delete", "Close…"} <= set(own) | {"Close…"}
    assert not {"Upvote", "Report"} & set(own)
    assert {"Upvote", "Report"} <= set(theirs)
    assert not {"Edit", "Delete"} & set(theirs)


@on_sqlite
@in_a_forum
async def test_its_author_neither_votes_on_it_nor_reports_it(
    server: Server, sealed: Card, alice: simcord.MemberActor, db: Database
) -> None:
    before = rows_with(await dump(db), alice.id)
    voted = await alice.slash(server.lounge, "vote", post="#1", direction="up")
    assert "your own" in sentence(voted)
    reported = await alice.context_menu(sealed.thread, "Report post", sealed.message)
    assert "your own" in sentence(reported)
    assert rows_with(await dump(db), alice.id) == before


@on_sqlite
@in_a_forum
async def test_own_lists_and_commands_have_it(
    server: Server, sealed: Card, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    for person, there in ((alice, True), (bob, False)):
        shown = await person.slash(server.lounge, "questions", view="mine")
        assert ("May I cry here" in told(shown)) is there
    shown = await alice.slash(server.lounge, "edit")
    assert shown.modal is not None
    assert filled(shown)["details"] == "I do."


@on_sqlite
@in_a_forum
async def test_what_the_author_says_by_name_stays_theirs(
    env: simcord.Env,
    server: Server,
    sealed: Card,
    alice: simcord.MemberActor,
) -> None:
    comment = await server.comment(alice, sealed, "I know that feeling.")
    assert "alice" in comment.by
    bot = env.bot
    assert isinstance(bot, Askwell)
    me = await author_of(bot, alice, 1)
    now = env.now()
    with as_the_bot(env):
        posted = await comment_on(bot.db, me, sealed.post_id, "So do I.", origin_id=4712, now=now)
    await env.advance_time(5)
    assert server.card(posted.post_id).by.startswith(f"-# {NAME} · ")


@on_sqlite
@in_a_forum
async def test_a_moderator_acts_on_their_own_anonymous_post_by_name(
    env: simcord.Env,
    server: Server,
    configure: Configure,
    owner: simcord.MemberActor,
    db: Database,
) -> None:
    await configure("anonymous", "on")
    bot = env.bot
    assert isinstance(bot, Askwell)
    me, form = await author_of(bot, owner, None), QuestionForm("May moderators cry here?")
    with as_the_bot(env):
        posted = await ask_question(bot.db, me, form, origin_id=4711, now=env.now())
    await env.advance_time(5)
    hidden = await owner.slash(server.lounge, "hide", post="#1")
    assert "#1" in sentence(hidden)
    found = await dump(db)
    assert any(row[1] == owner.guild.id for row in found["audit"])
    assert not any(is_sealed(row[3]) for row in found["audit"] if row[3] is not None)
    assert posted.number == 1
