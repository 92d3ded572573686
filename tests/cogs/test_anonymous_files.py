"""Pictures of anonymous posts: drawn anew, without a name, and in no row before the post's own."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import pytest
import simcord
from sqlalchemy import delete

from bot.app import Askwell
from cogs.foundation import uploads
from data.database import Database
from data.models import Category
from tests.cogs.conftest import Configure
from tests.cogs.test_anonymous import (
    ANSWER,
    DETAILS,
    TITLE,
    asked,
    dump,
    posted,
    said_nowhere,
    to_the_name,
)
from tests.conftest import Restart
from tests.support import pictures
from tests.support.anonymous import rows_with
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.replies import buttons, fields, filled, open_again, reply_of, sentence
from tests.support.server import Card, Server, told
from tests.support.simulator import set_permissions

Person = simcord.MemberActor
Result = simcord.InteractionResult
File = tuple[str, bytes]
NAME = "noor-at-the-sea"
PHOTO = pictures.saved(pictures.image(), "JPEG", exif=pictures.exif())
OTHER = pictures.saved(pictures.image(mode="L"), "PNG")


@pytest.fixture(autouse=True)
async def on(configure: Configure, db: Database) -> None:
    """Anonymous posts are on, and there are no categories, so that the form of a question has a
    field for files."""
    await configure("anonymous", "on")
    async with db.write() as tx:
        await tx.execute(delete(Category))


def held(card: Card) -> list[File]:
    """The files of a card's message, with what they hold."""
    cdn = card.env.backend.cdn
    return [(a.filename, cdn.get(a.url) or b"") for a in card.message.attachments]


def remembered(env: simcord.Env) -> uploads.Uploads:
    bot = env.bot
    assert isinstance(bot, Askwell)
    return bot.uploads


async def add(person: Any, shown: Result, *files: File) -> Result:
    """A person adds pictures where they are asked for them."""
    form = await person.click(reply_of(shown), label="Add pictures")
    return await person.submit_modal(form, {"files": list(files)})


async def nothing_kept(db: Database, *names: str) -> bool:
    found = await dump(db)
    tables = ("draft_files", "draft_file_pieces", "attachments", "attachment_pieces", "drafts")
    return not any(found[table] for table in tables) and await said_nowhere(db, *names)


async def test_a_question_with_a_photo(
    env: simcord.Env,
    server: Server,
    alice: Person,
    db: Database,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    await server.ask(alice, "What is by name?", "This is.")
    before = rows_with(await dump(db), alice.id)
    caplog.clear()
    sent = await asked(server, alice, files=[(f"{NAME}.jpg", PHOTO), (f"{NAME}.png", OTHER)])
    assert "2 files attached." in told(sent) or "2 files attached." in _footer(sent)
    assert await nothing_kept(db, NAME)
    sentence(await posted(alice, sent, "Quiet Otter"))
    await env.advance_time(5)
    (card,) = [each for each in server.cards() if each.by == "Quiet Otter"]
    assert [name for name, _ in held(card)] == ["picture-1.jpg", "picture-2.png"]
    assert card.embed.image.url == "attachment://picture-1.jpg"
    for _, content in held(card):
        assert pictures.SECRET.encode() not in content
        assert b"Exif" not in content
    assert await said_nowhere(db, NAME, "cdn")
    assert rows_with(await dump(db), alice.id) == before
    ours = [each for each in caplog.records if each.name.split(".")[0] in ("bot", "cogs", "data")]
    for line in (each.getMessage() for each in ours):
        assert NAME not in line
        assert str(alice.id) not in line
    for request in env.http_requests:
        assert NAME not in str(request.json)


def _footer(shown: Result) -> str:
    return str(reply_of(shown).embeds[-1].footer.text)


async def test_an_answer_with_a_hidden_picture(
    env: simcord.Env, server: Server, alice: Person, bob: Person, db: Database
) -> None:
    question = await server.ask(alice, "Which bread is best with cheese?")
    shown = await bob.slash(question.thread, "answer", attachment=(f"SPOILER_{NAME}.webp", OTHER))
    assert await nothing_kept(db, NAME)
    assert "1 file already added." in str(shown.modal)
    typed = {"answer": ANSWER, "how": ["anonymous"], "files": [(f"{NAME}.JPEG", PHOTO)]}
    sentence(await posted(bob, await bob.submit_modal(shown, typed), "Brave Fox"))
    await env.advance_time(5)
    (answer,) = [each for each in server.cards() if each.kind == "answer"]
    assert [n for n, _ in held(answer)] == ["SPOILER_picture-1.png", "picture-2.jpg"]
    assert await said_nowhere(db, NAME)

    # They can take them off, as any author can.
    more = await bob.click(answer.message, custom_id=answer.control("more"))
    sure = await bob.click(reply_of(more), label="Remove files")
    done = await bob.click(reply_of(sure), label="Remove files")
    assert sentence(done).startswith("Removed the files from #1.1.")
    await env.advance_time(5)
    assert held(answer) == []
    assert answer.by == "Brave Fox"
    other = await alice.click(answer.message, custom_id=answer.control("more"))
    assert "Remove files" not in buttons(other)


@on_sqlite
@in_a_forum
class TestTheWay:
    async def test_a_comment_has_no_field_for_them(
        self, server: Server, alice: Person, bob: Person, db: Database
    ) -> None:
        question = await server.ask(alice, "Which bread is best with cheese?")
        form = await server.menu(bob, question, "comment")
        assert "files" not in fields(form)

    async def test_a_file_of_the_command_is_in_no_row(
        self, env: simcord.Env, server: Server, alice: Person, db: Database
    ) -> None:
        form = await alice.slash(server.lounge, "ask", attachment=(f"{NAME}.jpg", PHOTO))
        assert await nothing_kept(db, NAME)
        sent = await alice.submit_modal(form, {"title": TITLE, "how": ["anonymous"]})
        sentence(await posted(alice, sent))
        await env.advance_time(5)
        assert [name for name, _ in held(server.cards()[0])] == ["picture-1.jpg"]

    async def test_a_file_of_the_command_waits_while_a_question_is_chosen(
        self, env: simcord.Env, server: Server, alice: Person, bob: Person, db: Database
    ) -> None:
        for title in ("Which bread is best with cheese?", "Where is the sea in winter?"):
            await server.ask(alice, title)
        file = (f"{NAME}.jpg", PHOTO)
        shown = await bob.slash(server.lounge, "answer", attachment=file)
        form = await bob.select(reply_of(shown), [str(server.cards()[0].post_id)])
        assert await nothing_kept(db, NAME)
        typed = {"answer": ANSWER, "how": ["anonymous"]}
        sentence(await posted(bob, await bob.submit_modal(form, typed)))
        await env.advance_time(5)
        (answer,) = [each for each in server.cards() if each.kind == "answer"]
        assert [name for name, _ in held(answer)] == ["picture-1.jpg"]

    async def test_they_wait_with_a_title_that_is_like_others(
        self, env: simcord.Env, server: Server, alice: Person, bob: Person, db: Database
    ) -> None:
        await server.ask(bob, "Which bread is best with cheese?")
        options: dict[str, Any] = {"title": "Which bread is best with jam?"}
        shown = await alice.slash(
            server.lounge, "ask", attachment=(f"{NAME}.jpg", PHOTO), **options
        )
        assert list(buttons(shown)) == ["Ask anyway", "That helped, don't ask"]
        assert await nothing_kept(db, NAME, "with jam")
        form = await alice.click(reply_of(shown), label="Ask anyway")
        assert "1 file already added." in str(form.modal)
        typed = filled(form) | {"how": ["anonymous"]}
        sentence(await posted(alice, await alice.submit_modal(form, typed)))
        await env.advance_time(5)
        (card,) = [each for each in server.cards() if each.thread.name == options["title"]]
        assert [name for name, _ in held(card)] == ["picture-1.jpg"]

    async def test_a_file_of_the_command_posted_by_name(
        self, env: simcord.Env, server: Server, alice: Person
    ) -> None:
        form = await alice.slash(server.lounge, "ask", attachment=("my plan.pdf", b"%PDF-1.7"))
        done = await alice.submit_modal(form, {"title": TITLE, "files": [("room.png", OTHER)]})
        assert sentence(done).startswith("Your question is #1.")
        await env.advance_time(5)
        assert [name for name, _ in held(server.cards()[0])] == ["my_plan.pdf", "room.png"]
        assert len(remembered(env)) == 0

    async def test_they_come_along_when_the_form_is_opened_again(
        self, env: simcord.Env, server: Server, alice: Person, db: Database
    ) -> None:
        sent = await to_the_name(alice, await asked(server, alice, files=[("a.jpg", PHOTO)]))
        form = await alice.click(reply_of(sent), label="Change mine")
        assert "1 file already added." in str(form.modal)
        typed = filled(form) | {"files": [("b.png", OTHER)]}
        sentence(await posted(alice, await alice.submit_modal(form, typed)))
        await env.advance_time(5)
        names = [name for name, _ in held(server.cards()[0])]
        assert names == ["picture-1.jpg", "picture-2.png"]

    async def test_they_wait_while_similar_questions_are_read(
        self, env: simcord.Env, server: Server, alice: Person, bob: Person
    ) -> None:
        await server.ask(bob, "May I cry here at night, please?")
        sent = await asked(server, alice, files=[("a.jpg", PHOTO)])
        assert "Before it goes up" in sentence(sent)
        sentence(await posted(alice, await alice.click(reply_of(sent), label="Post mine")))
        await env.advance_time(5)
        (card,) = [each for each in server.cards() if each.thread.name == TITLE]
        assert [name for name, _ in held(card)] == ["picture-1.jpg"]

    async def test_from_a_direct_message(
        self, env: simcord.Env, server: Server, alice: Person, restart: Restart
    ) -> None:
        await server.ask(alice, "Which bread is best with cheese?")
        shown = await alice.user.slash("ask")
        form = await alice.user.select(reply_of(shown), [str(server.guild.id)])
        typed = {"title": TITLE, "how": ["anonymous"], "files": [("a.jpg", PHOTO)]}
        sent = await alice.user.submit_modal(form, typed)
        await restart()
        again = await alice.user.click(reply_of(sent), label="Understood")
        assert "add your pictures again" in sentence(again)
        sent = await add(alice.user, again, ("a.jpg", PHOTO))
        sentence(await posted(alice.user, sent, "Quiet Otter"))
        await env.advance_time(5)
        (card,) = [each for each in server.cards() if each.by == "Quiet Otter"]
        assert [name for name, _ in held(card)] == ["picture-1.jpg"]

    async def test_once_posted_no_address_is_left(
        self, env: simcord.Env, server: Server, alice: Person
    ) -> None:
        offered = await to_the_name(alice, await asked(server, alice, files=[("a.jpg", PHOTO)]))
        shown = reply_of(offered)
        (label,) = [each for each in buttons(offered) if each.startswith("Post as")]
        done = await alice.click(shown, label=label)
        assert sentence(done).startswith("Your question is #1.")
        await env.advance_time(5)
        assert len(server.cards()) == 1
        assert not any(each.files for each in remembered(env)._held.values())

    async def test_what_is_posted_is_not_posted_again_without_them(
        self, env: simcord.Env, server: Server, alice: Person
    ) -> None:
        offered = await to_the_name(alice, await asked(server, alice, files=[("a.jpg", PHOTO)]))
        form = await alice.click(reply_of(offered), label="Change mine")
        (label,) = [each for each in buttons(offered) if each.startswith("Post as")]
        sentence(await alice.click(reply_of(offered), label=label))
        anew = await alice.submit_modal(form, filled(form) | {"title": "Where is the sea?"})
        assert "add your pictures again" in sentence(anew)
        await env.advance_time(5)
        assert len(server.cards()) == 1

    async def test_a_post_that_is_refused_keeps_them_for_another_try(
        self, env: simcord.Env, server: Server, alice: Person, configure: Configure, db: Database
    ) -> None:
        await configure("limit.questions", "1")
        sentence(await posted(alice, await asked(server, alice)))
        title = "Where does the sea end?"
        refused = await posted(alice, await asked(server, alice, title, files=[("a.jpg", PHOTO)]))
        assert "Nothing you typed is lost." in sentence(refused)
        assert await nothing_kept(db, "a.jpg", "the sea")
        await configure("limit.questions", "5")
        form = await open_again(alice, refused)
        assert "1 file already added." in str(form.modal)
        sentence(await posted(alice, await alice.submit_modal(form, filled(form))))
        await env.advance_time(5)
        (card,) = [each for each in server.cards() if each.thread.name == title]
        assert [name for name, _ in held(card)] == ["picture-1.jpg"]


async def refused_at_once(
    server: Server, person: Person, db: Database, files: Sequence[File]
) -> Result:
    sent = await asked(server, person, files=list(files))
    assert DETAILS in told(sent)
    assert "Add pictures" in buttons(sent)
    assert await nothing_kept(db, *(name for name, _ in files), "cry here")
    return sent


@on_sqlite
@in_a_forum
class TestRefusals:
    @pytest.mark.parametrize(
        ("name", "content", "why"),
        [
            ("noors-plan.pdf", b"%PDF-1.7 Noor", "can only have pictures"),
            ("noors-plan.docx", b"PK\3\4", "can only have pictures"),
            ("noors-notes.txt", b"Noor", "can only have pictures"),
            ("noor.heic", b"\0\0\0\x20ftypheic", "picture-1.heic can't be attached"),
            ("noor.png", b"", "picture-1.png is empty"),
        ],
    )
    async def test_other_kinds_when_the_form_is_sent(
        self, server: Server, alice: Person, db: Database, name: str, content: bytes, why: str
    ) -> None:
        sent = await refused_at_once(server, alice, db, [("a.png", OTHER), (name, content)][-1:])
        assert why in sentence(sent)
        assert "noor" not in told(sent)
        sent = await alice.click(reply_of(sent), label="Go on without pictures")
        assert sentence(await posted(alice, sent)).startswith("Your question is #1.")

    async def test_too_many_of_them(self, server: Server, alice: Person, db: Database) -> None:
        shown = await alice.slash(server.lounge, "ask", attachment=("a.png", OTHER))
        files = [(f"{n}.png", OTHER) for n in "bc"]
        sent = await alice.submit_modal(
            shown, {"title": TITLE, "details": DETAILS, "how": ["anonymous"], "files": files}
        )
        form = await alice.click(reply_of(await to_the_name(alice, sent)), label="Change mine")
        assert "files" not in fields(form)

    @pytest.mark.parametrize(
        ("name", "content", "why"),
        [
            ("a.png", pictures.png_bomb(20_000, 20_000), "picture-1.png is too large"),
            ("a.png", pictures.png_bomb(6000, 5000), "picture-1.png is too large"),
            ("a.png", pictures.text_bomb(), "picture-1.png is damaged"),
            ("a.jpg", PHOTO[: len(PHOTO) // 2], "picture-1.jpg is damaged"),
            ("a.gif", pictures.animated("GIF"), "picture-1.gif is animated"),
            ("a.webp", pictures.animated("WEBP"), "picture-1.webp is animated"),
            ("a.png", b"%PDF-1.7", "picture-1.png isn't a picture"),
        ],
        ids=["bomb", "huge", "text", "truncated", "gif", "webp", "pdf"],
    )
    async def test_what_can_not_be_drawn(
        self,
        env: simcord.Env,
        server: Server,
        alice: Person,
        db: Database,
        name: str,
        content: bytes,
        why: str,
    ) -> None:
        files = [(name, content), ("b.png", OTHER)]
        refused = await posted(alice, await asked(server, alice, files=files), "Quiet Otter")
        assert why in sentence(refused)
        assert DETAILS in told(refused)
        assert await nothing_kept(db, name, "b.png", "cry here")
        assert len(remembered(env)) == 0
        assert server.cards() == []
        sent = await add(alice, refused, ("c.png", OTHER))
        assert "Post as Quiet Otter" in buttons(sent)
        sentence(await posted(alice, sent))
        await env.advance_time(5)
        assert held(server.cards()[0]) == [("picture-1.png", OTHER)]

    async def test_after_a_restart_they_are_asked_for(
        self, env: simcord.Env, server: Server, alice: Person, db: Database, restart: Restart
    ) -> None:
        offered = await to_the_name(alice, await asked(server, alice, files=[("a.jpg", PHOTO)]))
        await restart()
        again = await posted(alice, offered)
        assert sentence(again).startswith("Please add your pictures again.")
        assert DETAILS in told(again)
        await env.advance_time(5)
        assert server.cards() == []
        form = await alice.click(reply_of(again), label="Change mine")
        assert filled(form)["details"] == DETAILS
        again = await add(alice, again, ("noors-plan.pdf", b"%PDF-1.7"))
        assert "can only have pictures" in sentence(again)
        sentence(await posted(alice, await add(alice, again, ("a.jpg", PHOTO))))
        await env.advance_time(5)
        assert [name for name, _ in held(server.cards()[0])] == ["picture-1.jpg"]

    async def test_after_a_restart_of_a_form_by_name(
        self, env: simcord.Env, server: Server, alice: Person, restart: Restart
    ) -> None:
        form = await alice.slash(server.lounge, "ask", attachment=("a.jpg", PHOTO))
        await restart()
        refused = await alice.submit_modal(form, {"title": TITLE, "details": DETAILS})
        assert "I can no longer get the file" in sentence(refused)
        assert filled(await open_again(alice, refused))["details"] == DETAILS

    async def test_they_are_forgotten_after_an_hour(
        self, env: simcord.Env, server: Server, alice: Person
    ) -> None:
        offered = await to_the_name(alice, await asked(server, alice, files=[("a.jpg", PHOTO)]))
        assert len(remembered(env)) == 1
        await env.advance_time(uploads.AGE.total_seconds() + 300)
        assert len(remembered(env)) == 0
        assert "add your pictures again" in sentence(await posted(alice, offered))

    async def test_discord_does_not_deliver(
        self,
        env: simcord.Env,
        server: Server,
        alice: Person,
        caplog: pytest.LogCaptureFixture,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        sent = await asked(server, alice, files=[(f"{NAME}.jpg", PHOTO)])
        offered = await to_the_name(alice, sent)
        monkeypatch.setattr(env.backend.cdn, "get", lambda _: None)
        assert "add your pictures again" in sentence(await posted(alice, offered))
        assert "a picture could not be read from Discord" in caplog.text
        assert NAME not in caplog.text

    async def test_where_posts_appear_later(
        self, server: Server, alice: Person, db: Database, configure: Configure
    ) -> None:
        await configure("anonymous_delay", "10")
        sent = await asked(server, alice, files=[("a.jpg", PHOTO)])
        assert "since they appear with a delay" in sentence(sent)
        assert list(buttons(sent)) == ["Go on without pictures", "Change mine"]
        assert DETAILS in told(sent)
        assert await nothing_kept(db, "a.jpg")

    async def test_where_they_may_attach_nothing(
        self, env: simcord.Env, server: Server, alice: Person, db: Database
    ) -> None:
        everyone = server.guild.default_role.id
        set_permissions(env, server.channel, everyone, attach_files=False)
        sent = await asked(server, alice, files=[("a.jpg", PHOTO)])
        assert "attach" in sentence(sent).lower() or "files" in sentence(sent)
        assert list(buttons(sent)) == ["Go on without pictures", "Change mine"]
        assert await nothing_kept(db, "a.jpg")
