"""Files given with `/ask` and `/answer`, kept with the post."""

from __future__ import annotations

import asyncio
import io
from typing import Any
from unittest.mock import Mock

import discord
import pytest
import simcord
from PIL import Image

from bot.usecases import attaching, publishing
from cogs.interaction.files import fetch_files
from data.database import Database
from tests.conftest import Restart
from tests.store.forum import contents
from tests.support import pictures
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.outbox import next_due
from tests.support.replies import buttons, fields, filled, open_again, reply_of, sentence
from tests.support.server import Card, Server
from tests.support.time import hours_pass
from tests.support.wire import Failure, Wire

PICTURE = pictures.PNG
OTHER = pictures.saved(pictures.image(mode="L"), "PNG")
NOTES = b"What I tried: tea, books, running."
TITLE = "How do I sleep after a night shift?"
TEXT = "Dark curtains, and no screens before bed."
MB = 2**20


def held(card: Card) -> list[tuple[str, bytes | None]]:
    """The files of a card's message, with what they hold."""
    cdn = card.env.backend.cdn
    return [(a.filename, cdn.get(a.url)) for a in card.message.attachments]


async def stored(env: simcord.Env, card: Card) -> list[tuple[str, bytes]]:
    """What the database keeps of a post's files."""
    db: Database = env.bot.db  # type: ignore[attr-defined]
    found: list[tuple[str, bytes]] = []
    for file in await publishing.waiting_files(db, card.post_id):
        copy = io.BytesIO()
        await publishing.copy_file(db, card.post_id, file, copy)
        found.append((file.name, copy.getvalue()))
    return found


async def ask(
    person: simcord.MemberActor, server: Server, name: str, content: bytes, **options: str
) -> simcord.InteractionResult:
    """A person asks with a file; returns what they are told, a form or a refusal."""
    return await person.slash(server.lounge, "ask", attachment=(name, content), **options)


async def test_a_picture_given_with_ask_is_shown_in_the_card(
    env: simcord.Env, server: Server, alice: simcord.MemberActor
) -> None:
    shown = await ask(alice, server, "my room.png", PICTURE)
    reply = await alice.submit_modal(shown, {"title": TITLE})

    assert "#1" in sentence(reply)
    (card,) = server.cards()
    assert held(card) == [("my_room.png", PICTURE)]
    assert card.embed.image.url == "attachment://my_room.png"
    assert await stored(env, card) == [], "Discord holds it now"


async def test_files_put_into_the_form_of_an_answer(
    env: simcord.Env, server: Server, bob: simcord.MemberActor, question: Card
) -> None:
    shown = await bob.slash(question.thread, "answer")
    assert fields(shown)["files"]["required"] is False
    files = [("notes.txt", NOTES), ("plan.PDF", b"%PDF-1.7 " + NOTES)]
    await bob.submit_modal(shown, {"answer": TEXT, "files": files})

    answer = server.card(question.post_id + 1)
    assert held(answer) == [("notes.txt", NOTES), ("plan.pdf", b"%PDF-1.7 " + NOTES)]
    assert answer.embed.image.url is None


async def test_a_file_given_with_answer_and_one_in_its_form(
    server: Server, bob: simcord.MemberActor, question: Card
) -> None:
    shown = await bob.slash(question.thread, "answer", attachment=("a.png", PICTURE))
    assert "1 file already added." in str(shown.modal)
    assert fields(shown)["files"]["max_values"] == 2
    await bob.submit_modal(shown, {"answer": TEXT, "files": [("a.png", OTHER)]})

    answer = server.card(question.post_id + 1)
    assert held(answer) == [("a.png", PICTURE), ("a_2.png", OTHER)]


async def test_edits_never_drop_them(
    env: simcord.Env, server: Server, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    shown = await ask(alice, server, "room.png", PICTURE)
    await alice.submit_modal(shown, {"title": TITLE})
    (card,) = server.cards()
    form = await alice.slash(server.lounge, "edit", post="#1")
    await alice.submit_modal(form, filled(form) | {"details": "Look at my room."})
    await bob.react(card.message, "⬆️")
    await env.advance_time(5)

    assert "Look at my room." in card.text()
    assert "+1 vote" in card.text()
    assert held(card) == [("room.png", PICTURE)]
    assert card.embed.image.url == "attachment://room.png"


async def test_past_similar_questions_and_without_a_restart_in_the_way(
    server: Server, restart: Restart, bob: simcord.MemberActor, question: Card
) -> None:
    reply = await ask(bob, server, "room.png", PICTURE, title="Sleeping after a night shift?")
    await restart()
    shown = await bob.click(reply_of(reply), label="Ask anyway")
    await bob.submit_modal(shown, filled(shown))

    card = next(card for card in server.cards() if card.post_id != question.post_id)
    assert held(card) == [("room.png", PICTURE)]


@in_a_forum
async def test_a_refused_form_keeps_them(
    server: Server, alice: simcord.MemberActor, bob: simcord.MemberActor, question: Card
) -> None:
    shown = await ask(alice, server, "room.png", PICTURE)
    refused = await alice.submit_modal(shown, {"title": "A B C D E F "})
    assert "at least 10 characters. You entered 6." in sentence(refused)
    again = await open_again(alice, refused)
    await alice.submit_modal(again, filled(again) | {"title": "How dark must a room be?"})
    assert held(server.card(question.post_id + 1)) == [("room.png", PICTURE)]

    shown = await bob.slash(question.thread, "answer")
    given = {"answer": "Too short but twenty " + " " * 20, "files": [("notes.txt", NOTES)]}
    refused = await bob.submit_modal(shown, given | {"answer": "a b c d e f g h i j k"})
    again = await open_again(bob, refused)
    assert "1 file already added." in str(again.modal)
    await bob.submit_modal(again, filled(again) | {"answer": TEXT})
    assert held(server.card(question.post_id + 2)) == [("notes.txt", NOTES)]


@on_sqlite
@in_a_forum
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("tool.exe", b"MZ", "tool.exe can't be attached. Allowed file types: PNG"),
        ("page.html", b"<script>", "page.html can't be attached."),
        ("drawing.svg", b"<svg/>", "drawing.svg can't be attached."),
        ("noending", b"text", "noending can't be attached."),
        ("empty.png", b"", "empty.png is empty, so it can't be attached."),
        (
            "huge.png",
            b"x" * (10 * MB + 1),
            "That's too large. All files together can be at most 10 MB.",
        ),
    ],
)
async def test_a_file_is_refused_before_the_form_opens(
    server: Server, alice: simcord.MemberActor, name: str, content: bytes, said: str
) -> None:
    refused = await ask(alice, server, name, content)
    assert sentence(refused).startswith(said)


@on_sqlite
@in_a_forum
async def test_a_refused_file_in_a_form_does_not_cost_the_text(
    server: Server, bob: simcord.MemberActor, question: Card
) -> None:
    shown = await bob.slash(question.thread, "answer")
    refused = await bob.submit_modal(shown, {"answer": TEXT, "files": [("a.exe", b"MZ")]})
    assert sentence(refused).startswith("a.exe can't be attached.")
    half = b"x" * (6 * MB)
    again = await open_again(bob, refused)
    assert filled(again)["answer"] == TEXT
    both = [("a.png", half), ("b.png", half)]
    refused = await bob.submit_modal(again, filled(again) | {"files": both})
    assert "That's too large" in sentence(refused)
    again = await open_again(bob, refused)
    assert "already added" not in str(again.modal)
    await bob.submit_modal(again, filled(again))
    assert held(server.card(question.post_id + 1)) == []


@on_sqlite
@in_a_forum
async def test_a_picture_does_not_say_where_it_was_taken(
    server: Server, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    photo = pictures.saved(pictures.image(), "JPEG", exif=pictures.exif(6))
    # As phones name them, and as others do.
    shown = await ask(alice, server, "IMG_2026.jpg", photo)
    await alice.submit_modal(shown, {"title": TITLE})
    (question,) = server.cards()
    shown = await bob.slash(question.thread, "answer")
    await bob.submit_modal(shown, {"answer": TEXT, "files": [("room.png", photo)]})

    kept = held(question) + held(server.card(question.post_id + 1))
    assert [name for name, _ in kept] == ["IMG_2026.jpg", "room.jpg"]
    assert question.embed.image.url == "attachment://IMG_2026.jpg"
    assert pictures.SECRET.encode() in photo
    for _, content in kept:
        assert content is not None
        assert pictures.SECRET.encode() not in content
        turned = Image.open(io.BytesIO(content))
        assert (turned.size, dict(turned.getexif())) == ((48, 64), {})


@on_sqlite
@in_a_forum
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "bomb.png",
            pictures.png_bomb(16_000, 16_000),
            "bomb.png is too large. Pictures can have up to 25 million pixels",
        ),
        ("text.png", pictures.text_bomb(), "text.png is damaged or incomplete"),
        ("half.jpg", pictures.saved(pictures.noise(64, 48), "JPEG")[:1500], "half.jpg is damaged"),
        ("half.gif", pictures.animated("GIF")[:900], "half.gif is damaged or incomplete"),
        ("photo.jpg", b"\0\0\0\x20ftypheic" + bytes(64), "photo.jpg isn't a picture that I can"),
        (
            "IMG_1.HEIC",
            b"\0\0\0\x20ftypheic" + bytes(64),
            "IMG_1.HEIC can't be attached. Please save",
        ),
    ],
    ids=["pixels", "text", "half", "half an animation", "no JPEG", "HEIC"],
)
async def test_a_picture_that_is_refused_costs_no_text_and_is_not_kept(
    env: simcord.Env,
    server: Server,
    bob: simcord.MemberActor,
    question: Card,
    name: str,
    content: bytes,
    said: str,
) -> None:
    shown = await bob.slash(question.thread, "answer")
    files = [("notes.txt", NOTES), (name, content)]
    refused = await bob.submit_modal(shown, {"answer": TEXT, "files": files})
    assert said in sentence(refused).replace("\\", "")
    left = await contents(env.bot.db)  # type: ignore[attr-defined]
    assert left["draft_files"] == left["draft_file_pieces"] == []

    again = await open_again(bob, refused)
    assert filled(again)["answer"] == TEXT
    await bob.submit_modal(again, filled(again))
    assert held(server.card(question.post_id + 1)) == []


@on_sqlite
@in_a_forum
async def test_an_animation_still_moves(server: Server, alice: simcord.MemberActor) -> None:
    shown = await ask(alice, server, "steps.gif", pictures.animated("GIF"))
    await alice.submit_modal(shown, {"title": TITLE})
    (card,) = server.cards()
    assert held(card) == [("steps.gif", pictures.animated("GIF"))]


@on_sqlite
async def test_whoever_sends_many_pictures_holds_up_nobody_else(
    env: simcord.Env, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[int] = []
    go_on = asyncio.Event()

    async def fetch(_: Any, files: attaching.MemberFiles, *rest: Any, **options: Any) -> None:
        begun.append(files.user_id)
        await go_on.wait()

    monkeypatch.setattr(attaching, "fetch_files", fetch)
    forms = [
        asyncio.ensure_future(
            fetch_files(Mock(client=env.bot, guild_id=1, user=Mock(id=user_id)), [1])
        )
        for user_id in (7, 7, 7, 7, 8)
    ]
    while len(begun) < 2:
        await asyncio.sleep(0)
    assert begun == [7, 8]
    go_on.set()
    await asyncio.gather(*forms)
    assert sorted(begun) == [7, 7, 7, 7, 8]


@on_sqlite
@in_a_forum
async def test_a_file_that_discord_has_lost(
    env: simcord.Env,
    server: Server,
    alice: simcord.MemberActor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lost = env.backend.cdn
    monkeypatch.setattr(lost, "get", lambda url: None)
    shown = await ask(alice, server, "room.png", PICTURE)
    assert shown.modal is not None, "nobody waits for a download before the form"
    refused = await alice.submit_modal(shown, {"title": TITLE})
    assert "I can no longer get the file from Discord." in sentence(refused)

    again = await open_again(alice, refused)
    assert filled(again)["title"] == TITLE
    await alice.submit_modal(again, filled(again))
    (card,) = server.cards()
    assert held(card) == []


@on_sqlite
@in_a_forum
async def test_nobody_takes_anothers_file(
    server: Server, alice: simcord.MemberActor, bob: simcord.MemberActor, question: Card
) -> None:
    await ask(alice, server, "secret.png", PICTURE)

    from tests.support.forgery import send_form

    forged = f"qa:1:answer.form:{question.post_id}:1"
    refused = await send_form(bob, question.thread, forged, {"answer": TEXT})
    assert "I can no longer get the file from Discord." in sentence(refused)
    assert [card.kind for card in server.cards()] == ["question"]


async def test_hidden_and_shown_again_with_its_files(
    env: simcord.Env,
    server: Server,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
) -> None:
    shown = await bob.slash(question.thread, "answer", attachment=("room.png", PICTURE))
    await bob.submit_modal(shown, {"answer": TEXT})
    for number in ("#1.1", "#1"):
        await moderator.slash(server.lounge, "hide", post=number)
        await env.advance_time(5)
        await moderator.slash(server.lounge, "show", post=number)
        await env.advance_time(5)
        (answer,) = (card for card in server.cards() if card.kind == "answer")
        assert held(answer) == [("room.png", PICTURE)]
        assert answer.embed.image.url == "attachment://room.png"
        assert await stored(env, answer) == []


async def test_a_hidden_question_hides_its_files_with_it(
    env: simcord.Env,
    server: Server,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
) -> None:
    shown = await ask(alice, server, "room.png", PICTURE)
    await alice.submit_modal(shown, {"title": TITLE})
    (question,) = server.cards()
    await server.answer(bob, question, TEXT)

    await moderator.slash(server.lounge, "hide", post="#1")
    await env.advance_time(5)
    assert question.message.attachments == []
    await moderator.slash(server.lounge, "show", post="#1")
    await env.advance_time(5)
    assert held(question) == [("room.png", PICTURE)]
    assert question.embed.image.url == "attachment://room.png"


@in_a_forum
async def test_a_card_deleted_in_discord_took_its_files_with_it(
    env: simcord.Env,
    server: Server,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
) -> None:
    shown = await bob.slash(question.thread, "answer", attachment=("room.png", PICTURE))
    await bob.submit_modal(shown, {"answer": TEXT})
    await moderator.delete(server.card(question.post_id + 1).message)
    await moderator.slash(server.lounge, "show", post="#1.1")
    await env.advance_time(5)

    answer = server.card(question.post_id + 1)
    assert "No longer available: `room.png`" in answer.text()
    assert answer.embed.image.url is None
    assert TEXT in answer.text()


@on_sqlite
@in_a_forum
async def test_a_deleted_post_leaves_nothing_behind_after_seven_days(
    env: simcord.Env, server: Server, bob: simcord.MemberActor, question: Card
) -> None:
    shown = await bob.slash(question.thread, "answer", attachment=("room.png", PICTURE))
    await bob.submit_modal(shown, {"answer": TEXT})
    answer = server.card(question.post_id + 1)
    asked = await bob.slash(server.lounge, "delete", post="#1.1")
    await bob.click(reply_of(asked), label="Delete")
    await env.advance_time(5)
    assert [name for name, _ in await stored(env, answer)] == ["room.png"]  # should it come back
    await hours_pass(env, 7 * 24 + 1)
    assert await stored(env, answer) == []


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@on_sqlite
async def test_killed_while_it_is_published(
    env: simcord.Env,
    wire: Wire,
    restart: Restart,
    server: Server,
    alice: simcord.MemberActor,
    after: bool,
) -> None:
    shown = await ask(alice, server, "room.png", PICTURE)
    path = "/channels/*/threads" if server.kind == "forum" else "/channels/*/messages"
    wire.kill("POST", path, after=after)
    await alice.submit_modal(shown, {"title": TITLE})
    assert wire.dead
    await restart()
    await env.advance_time(10)

    (card,) = server.cards()
    assert held(card) == [("room.png", PICTURE)]
    assert card.embed.image.url == "attachment://room.png"
    assert await stored(env, card) == []


@on_sqlite
async def test_lost_answers_and_a_server_that_takes_less(
    env: simcord.Env,
    wire: Wire,
    server: Server,
    alice: simcord.MemberActor,
) -> None:
    shown = await ask(alice, server, "room.png", PICTURE)
    path = "/channels/*/threads" if server.kind == "forum" else "/channels/*/messages"
    wire.fail("POST", path, Failure.LOST)
    await alice.submit_modal(shown, {"title": TITLE})
    await env.advance_time(10)
    (card,) = server.cards()
    assert held(card) == [("room.png", PICTURE)]

    env.inject_error("POST", path, status=413, code=40005, times=1)
    shown = await ask(alice, server, "large.png", PICTURE)
    await alice.submit_modal(shown, {"title": "What is too large for a server?"})
    await env.advance_time(10)
    late = next(c for c in server.cards() if c.post_id != card.post_id)
    assert held(late) == []
    assert "No longer available: `large.png`" in late.text()
    assert await next_due(env.bot.db) is None  # type: ignore[attr-defined]


@on_sqlite
@in_a_forum
async def test_a_hidden_picture_is_not_shown_in_the_card(
    server: Server, alice: simcord.MemberActor
) -> None:
    shown = await ask(alice, server, "SPOILER_wound.png", PICTURE)
    await alice.submit_modal(shown, {"title": TITLE})
    (card,) = server.cards()
    assert held(card) == [("SPOILER_wound.png", PICTURE)]
    assert card.embed.image.url is None


@on_sqlite
@in_a_forum
async def test_whether_it_is_hidden_is_told_by_its_name_or_by_discord(
    env: simcord.Env, server: Server, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    def hide(event: str, payload: Any) -> None:
        """A client that tells it by a flag, not by the name."""
        if event == "INTERACTION_CREATE":
            resolved = payload["data"].get("resolved", {})
            for attachment in resolved.get("attachments", {}).values():
                attachment["flags"] = discord.AttachmentFlags(spoiler=True).value

    shown = await ask(alice, server, "SPOILER_рана.png", PICTURE)
    await alice.submit_modal(shown, {"title": TITLE})
    (question,) = server.cards()
    assert held(question) == [("SPOILER_file.png", PICTURE)]
    assert question.embed.image.url is None

    env.backend.subscribers.insert(0, hide)
    shown = await bob.slash(question.thread, "answer", attachment=("wound.png", PICTURE))
    await bob.submit_modal(shown, {"answer": TEXT, "files": [("scar.png", PICTURE)]})
    answer = server.card(question.post_id + 1)
    assert [name for name, _ in held(answer)] == ["SPOILER_wound.png", "SPOILER_scar.png"]
    assert answer.embed.image.url is None


async def test_files_given_by_mistake_are_removed(
    env: simcord.Env,
    server: Server,
    restart: Restart,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
) -> None:
    """The text stays, and what others wrote below it."""
    shown = await ask(alice, server, "room.png", PICTURE)
    await alice.submit_modal(shown, {"title": TITLE})
    (card,) = server.cards()
    answer = await server.answer(bob, card, TEXT)
    assert "Remove files" not in buttons(await bob.click(card.message, label="⋯"))

    menu = reply_of(await alice.click(card.message, label="⋯"))
    sure = await alice.click(menu, label="Remove files")
    assert "Remove the files from #1? This can't be undone." in sentence(sure)
    await restart()
    done = await alice.click(menu, label="Remove files")
    assert sentence(done) == "Removed the files from #1."
    assert held(card) == []
    assert card.embed.image.url is None
    assert "No longer available" not in card.text()
    assert card.title == TITLE
    assert "Remove files" not in buttons(await alice.click(card.message, label="⋯"))

    # A file that is no picture is nowhere in its card, and gone from its message.
    shown = await bob.slash(card.thread, "answer", attachment=("notes.txt", NOTES))
    await bob.submit_modal(shown, {"answer": TEXT + " Sleep well."})
    answer = server.card(answer.post_id + 1)
    assert held(answer) == [("notes.txt", NOTES)]
    menu = reply_of(await moderator.click(answer.message, label="⋯"))
    await moderator.click(menu, label="Remove files")
    await moderator.click(menu, label="Remove files")
    assert held(answer) == []
    told_bob = sentence(await bob.slash(server.lounge, "inbox"))
    assert "**Files removed by a moderator** · #1.2" in told_bob
    assert "Files removed" not in sentence(await alice.slash(server.lounge, "inbox"))


@on_sqlite
async def test_files_removed_before_their_sending_was_confirmed(
    env: simcord.Env, server: Server, wire: Wire, alice: simcord.MemberActor
) -> None:
    path = "/channels/*/threads" if server.kind == "forum" else "/channels/*/messages"
    wire.fail("POST", path, Failure.LOST)
    shown = await ask(alice, server, "room.png", PICTURE)
    await alice.submit_modal(shown, {"title": TITLE})
    (card,) = server.cards()
    assert held(card) == [("room.png", PICTURE)]
    menu = reply_of(await alice.click(card.message, label="⋯"))
    await alice.click(menu, label="Remove files")
    await alice.click(menu, label="Remove files")
    await env.advance_time(60)
    (card,) = server.cards()
    assert held(card) == []
