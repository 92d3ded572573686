"""What was typed into a form is kept until it is sent, and no longer."""

from __future__ import annotations

from datetime import timedelta

import discord
import simcord
from sqlalchemy import select

from bot.usecases import drafts
from data.database import Database
from data.models import Draft
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.replies import filled, open_again, sentence
from tests.support.server import Card, Server

TITLE = "Does tea keep one awake?"
INVISIBLE = "\u2800" * 12


async def kept(db: Database) -> list[str]:
    """The forms that are kept, each by its custom id."""
    async with db.read() as tx:
        return [row[0] for row in await tx.rows(select(Draft.form).order_by(Draft.id))]


@in_a_forum
async def test_a_text_is_erased_once_it_was_sent(
    server: Server, db: Database, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    refused = await server.try_to_ask(alice, INVISIBLE, "Green tea, mostly.")
    await server.try_to_ask(bob, INVISIBLE, "Somebody else's.")
    assert len(await kept(db)) == 2

    form = await open_again(alice, refused)
    again = await alice.submit_modal(form, filled(form) | {"details": "Black tea, too."})
    assert "Nothing you typed is lost." in sentence(again)
    assert len(await kept(db)) == 2, "it was kept a second time"

    # The older button leads to what was typed last, too.
    for refusal in (refused, again):
        form = await open_again(alice, refusal)
        assert filled(form)["details"] == "Black tea, too."
    sent = await alice.submit_modal(form, filled(form) | {"title": TITLE})
    assert sentence(sent).startswith("Your question is #1.")
    assert len(await kept(db)) == 1
    assert "It was sent" in sentence(await open_again(alice, refused))


@on_sqlite
@in_a_forum
async def test_so_is_every_other_forms(
    server: Server,
    db: Database,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    owner: simcord.MemberActor,
    question: Card,
    answer: Card,
) -> None:
    details = "Dark curtains, and no screens before bed, and a window that is open."
    edit = await bob.click(answer.message, custom_id=answer.control("more"))
    assert edit.response is not None
    opened = await bob.click(edit.response, label="Edit")
    setting = await owner.slash(server.lounge, "settings set", name="limit.votes")
    refusals = [
        (bob, await server.try_to_answer(bob, question, INVISIBLE * 2), {"answer": details}),
        (bob, await server.try_to_comment(bob, question, INVISIBLE), {"comment": "And tea?"}),
        (bob, await bob.submit_modal(opened, {"answer": INVISIBLE * 2}), {"answer": details[:30]}),
        (owner, await owner.submit_modal(setting, {"value": "many"}), {"value": "200"}),
    ]
    assert len(await kept(db)) == len(refusals)
    for person, refused, better in refusals:
        before = await kept(db)
        form = await open_again(person, refused)
        sentence(await person.submit_modal(form, filled(form) | better))
        assert len(await kept(db)) == len(before) - 1, before


@on_sqlite
@in_a_forum
async def test_old_drafts_are_erased(
    env: simcord.Env, server: Server, db: Database, alice: simcord.MemberActor
) -> None:
    draft = drafts.Draft("qa:1:ask.form", {"title": TITLE})
    now = discord.utils.utcnow()
    for days in (8, 6):
        then = now - timedelta(days=days)
        await drafts.keep_draft(db, server.guild.id, alice.id, draft, now=then)
    await env.advance_time(300)
    assert len(await kept(db)) == 1
