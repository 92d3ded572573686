"""`/privacy erase`: what members read before, and what Discord shows afterwards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import simcord

from bot.usecases import own_data
from tests.support.kinds import on_sqlite
from tests.support.replies import fields, reply_of, sentence
from tests.support.server import Card, Server, told
from tests.support.simulator import at_once

UP = "⬆️"


async def erase(
    server: Server, person: simcord.MemberActor, name: str, *, texts: bool = False
) -> simcord.InteractionResult:
    """A person runs the command, opens its form and types a name."""
    preview = await person.slash(server.lounge, "privacy erase")
    form = await person.click(reply_of(preview), label="Erase…")
    what = ["texts"] if texts else []
    return await person.submit_modal(form, {"name": name, "what": what})


async def test_it_says_first_what_goes_and_what_stays(
    server: Server, bob: simcord.MemberActor, question: Card, answer: Card
) -> None:
    await bob.react(question.message, UP)
    preview = await bob.slash(server.lounge, "privacy erase")
    said = told(preview)
    assert "1 post, by “Deleted member”" in said
    assert "1 vote, which no longer says whose it was" in said
    assert "It can't be undone" in said
    form = await bob.click(reply_of(preview), label="Erase…")
    assert set(fields(form)) == {"name", "what"}
    assert answer.by.startswith("bob")


async def test_a_wrong_name_erases_nothing_and_is_kept_nowhere(
    server: Server, bob: simcord.MemberActor, answer: Card
) -> None:
    refused = await erase(server, bob, "bobby")
    assert "That isn't your name here, so nothing was erased. It's **bob**." in sentence(refused)
    assert answer.by.startswith("bob")
    again = await bob.click(reply_of(refused), label="Erase…")
    assert fields(again)["name"].get("value") in (None, "")


async def test_cards_say_deleted_member_and_reactions_go(
    env: simcord.Env, server: Server, bob: simcord.MemberActor, question: Card, answer: Card
) -> None:
    await bob.react(question.message, UP)
    await env.advance_time(10)
    score = question.small_line
    done = await erase(server, bob, " BOB ")
    assert "Askwell has erased what it kept of you here." in sentence(done)
    await env.advance_time(10)
    assert answer.by == "Deleted member"
    assert "Dark curtains" in answer.body
    assert {str(r.emoji): r.count for r in question.message.reactions}[UP] == 1, "the bot's own"
    assert question.small_line == score
    points = await bob.slash(server.lounge, "points")
    assert "Nothing yet" in told(points) or "0 points" in told(points)


async def test_texts_go_where_it_is_wanted(
    env: simcord.Env, server: Server, alice: simcord.MemberActor, question: Card, answer: Card
) -> None:
    await erase(server, alice, "alice", texts=True)
    await env.advance_time(10)
    assert question.by == "Deleted member"
    assert str(question.thread.name).startswith("A deleted question")
    assert question.body == "The author had this text deleted."
    assert "Dark curtains" in answer.body
    found = await alice.slash(server.lounge, "search", query="night")
    assert "#1" not in told(found)


@on_sqlite
async def test_no_later_request_names_them(
    env: simcord.Env,
    server: Server,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    question: Card,
    answer: Card,
) -> None:
    await bob.react(question.message, UP)
    await erase(server, bob, "bob", texts=True)
    await env.advance_time(10)
    before = len(env.http_requests)
    await alice.slash(server.lounge, "questions")
    await server.comment(alice, answer, "Thank you for that, whoever you are.")
    await server.choose(alice, answer)
    await env.advance_time(10)
    later = env.http_requests[before:]
    assert later
    assert not [entry for entry in later if str(bob.id) in str(entry)]


async def test_ones_data_comes_as_two_files(
    server: Server, bob: simcord.MemberActor, answer: Card
) -> None:
    got = await bob.slash(server.lounge, "privacy export")
    assert "Only you can see it" in sentence(got)
    files = {file.filename: await file.read() for file in reply_of(got).attachments}
    assert set(files) == {"askwell-data.json", "askwell-data.html"}
    data = json.loads(files["askwell-data.json"])
    assert [post["post"] for post in data["posts"]] == ["#1.1"]
    assert b"Dark curtains" in files["askwell-data.html"]
    assert "I lie awake" not in files["askwell-data.json"].decode()


@on_sqlite
async def test_an_erasure_is_listed_beside_the_backups_and_done_where_it_can_not_be(
    env: simcord.Env,
    server: Server,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    question: Card,
    answer: Card,
    tmp_path: Path,
) -> None:
    await erase(server, bob, "bob")
    listed = tmp_path / "backups" / "askwell-erasures.json"
    before = listed.read_text()
    assert '"times": 1' in before
    assert listed.stat().st_mode & 0o777 == 0o600
    listed.unlink()
    listed.mkdir()  # which no file takes the place of
    done = await erase(server, alice, "alice")
    assert "Askwell has erased what it kept of you here." in sentence(done)
    await env.advance_time(10)
    assert question.by == "Deleted member"


@on_sqlite
async def test_one_export_at_a_time(
    env: simcord.Env,
    server: Server,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    answer: Card,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    running, most, read = 0, 0, own_data.own_data

    async def counted(*args: Any, **options: Any) -> dict[str, Any]:
        nonlocal running, most
        running += 1
        most = max(most, running)
        found = await read(*args, **options)
        running -= 1
        return found

    monkeypatch.setattr(own_data, "own_data", counted)
    async with at_once(env):
        got = [
            await person.slash(server.lounge, "privacy export") for person in (bob, bob, alice, bob)
        ]
    whole, made = "This is all that Askwell keeps of you here.", "Your files are already being made"
    said = [sentence(one) for one in got]
    assert [whole in one for one in said] == [True, False, True, False]
    assert [made in one for one in said] == [False, True, False, True]
    assert most == 1
    assert whole in sentence(await bob.slash(server.lounge, "privacy export"))
