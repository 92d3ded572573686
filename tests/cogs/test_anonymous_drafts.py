"""No row has what an anonymous author typed beside who they are, wherever it was typed."""

from __future__ import annotations

import logging

import pytest

from data.database import Database
from tests.cogs.conftest import Configure
from tests.cogs.test_anonymous import (
    TITLE,
    Person,
    commented,
    on,
    posted,
    question,
    said_nowhere,
)
from tests.cogs.test_pointing import choose
from tests.support.forgery import send_form
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.replies import fields, filled, open_again, reply_of, sentence
from tests.support.server import Card, Server, told

pytestmark = [on_sqlite, in_a_forum]
__all__ = ["on", "question"]
WORDS = "I only cry under a full moon."


async def test_a_refused_form_without_a_tick_may_become_an_anonymous_post(
    server: Server, alice: Person, db: Database
) -> None:
    form = await alice.slash(server.lounge, "ask")
    refused = await alice.submit_modal(form, {"title": "?!", "details": WORDS})
    assert "Nothing you typed is lost." in sentence(refused)
    assert await said_nowhere(db, "full moon")
    again = await open_again(alice, refused)
    assert filled(again)["details"] == WORDS
    assert filled(again)["how"] == []
    sent = await alice.submit_modal(again, filled(again) | {"title": TITLE, "how": ["anonymous"]})
    assert sentence(await posted(alice, sent)).startswith("Your question is #1.")


async def test_what_a_row_has_is_posted_by_name_alone(
    server: Server, alice: Person, bob: Person, configure: Configure, db: Database
) -> None:
    """As what was typed before anonymous posts were on, and what comes with files."""
    card = await server.ask(alice, "Which bread is best with cheese?")
    await configure("anonymous", "off")
    form = await bob.slash(card.thread, "answer")
    refused = await bob.submit_modal(form, {"answer": "?"})
    await configure("anonymous", "on")
    again = await open_again(bob, refused)
    assert [each["value"] for each in fields(again)["how"]["options"]] == ["notify"]


async def test_a_refused_edit_comes_back_as_a_file(
    server: Server, question: Card, alice: Person, db: Database
) -> None:
    form = await server.menu(alice, question, "edit")
    refused = await alice.submit_modal(form, filled(form) | {"title": "?!", "details": WORDS})
    assert "Here's what you typed." in sentence(refused)
    assert (await reply_of(refused).attachments[0].read()).decode() == f"?!\n\n{WORDS}\n\nnight"
    assert await said_nowhere(db, "full moon")


async def test_a_refused_edit_of_a_post_by_name_can_be_opened_again(
    server: Server, alice: Person
) -> None:
    card = await server.ask(alice, "Which bread is best with cheese?")
    form = await server.menu(alice, card, "edit")
    refused = await alice.submit_modal(form, filled(form) | {"title": "?!", "details": WORDS})
    assert filled(await open_again(alice, refused))["details"] == WORDS


async def test_what_nobody_knows_whose_it_is_comes_back_as_a_file(
    server: Server,
    question: Card,
    alice: Person,
    db: Database,
    monkeypatch: pytest.MonkeyPatch,
    logged_errors: list[logging.LogRecord],
) -> None:
    """Where reading fails before it is known whose post it is, and writing works afterwards."""
    form = await server.menu(alice, question, "edit")

    async def fails(*_: object, **__: object) -> None:
        raise RuntimeError("this reading failed")

    monkeypatch.setattr("cogs.interaction.visible.seeing.look_at", fails)
    refused = await alice.submit_modal(form, filled(form) | {"details": WORDS})
    assert reply_of(refused).attachments
    logged_errors.clear()
    assert await said_nowhere(db, "full moon")


@pytest.mark.parametrize("command", ["close", "retag"])
async def test_what_was_typed_into_a_command_while_its_question_is_chosen(
    server: Server, question: Card, alice: Person, db: Database, command: str
) -> None:
    await server.ask(alice, "Which bread is best with cheese?")
    options = {"close": {"reason": "other", "note": WORDS}, "retag": {"tags": "full, moon"}}
    shown = await alice.slash(server.lounge, command, **options[command])
    assert "full" in told(shown)
    assert await said_nowhere(db, "full")
    chosen = await choose(alice, shown, "#1")
    if command == "close":
        assert "Closed #1." in sentence(chosen)
        assert WORDS in question.text()
    else:
        assert fields(chosen)["tags"]["value"] == "full, moon"


async def test_a_comment(server: Server, question: Card, alice: Person, db: Database) -> None:
    refused = await commented(server, alice, question, "?")
    assert await said_nowhere(db, "comment.form")
    again = await open_again(alice, refused)
    assert filled(again)["how"] == ["anonymous"]


async def test_a_title_and_a_file(server: Server, alice: Person, bob: Person, db: Database) -> None:
    """The file is held in memory, and the title is in the message."""
    await server.ask(bob, "Which bread is best with cheese?")
    file = ("a.png", b"\x89PNG")
    shown = await alice.slash(
        server.lounge, "ask", title="Which bread is best with jam?", attachment=file
    )
    assert await said_nowhere(db, "with jam", "a.png")
    form = await alice.click(reply_of(shown), label="Ask anyway")
    assert [each["value"] for each in fields(form)["how"]["options"]] == ["notify", "anonymous"]


async def test_what_no_form_of_discords_could_send_comes_back_as_a_file(
    server: Server, alice: Person, db: Database
) -> None:
    """A message has no room for it."""
    typed = {"title": TITLE, "details": WORDS * 200, "tags": "", "how": ["anonymous"]}
    refused = await send_form(alice, server.lounge, "qa:1:ask.form", typed)
    assert "can have at most 4,000 characters" in sentence(refused)
    (file,) = reply_of(refused).attachments
    assert WORDS * 200 in (await file.read()).decode()
    assert await said_nowhere(db, "full moon")
