"""Posting anonymously in Discord, from the form to the card."""

from __future__ import annotations

import re
from typing import Any

import discord
import pytest
import simcord
from simcord.enums import ComponentType, InteractionType
from sqlalchemy import select

from bot.app import Askwell
from data.database import Database
from data.models import Base
from tests.cogs.conftest import Configure
from tests.conftest import Restart
from tests.support.anonymous import rows_with
from tests.support.forgery import send
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.masked import Steps, masked_requests
from tests.support.replies import buttons, fields, filled, open_again, reply_of, sentence
from tests.support.server import Card, Server, told
from tests.support.simulator import bot_user_id, set_permissions

TITLE, DETAILS = "May I cry here at night?", "I do, *every* night."
ANSWER = "You may, of course. I do it, too."
Result = simcord.InteractionResult
Person = simcord.MemberActor


@pytest.fixture(autouse=True)
async def on(configure: Configure) -> None:
    """Anonymous posts are on."""
    await configure("anonymous", "on")


async def dump(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    found: dict[str, list[tuple[Any, ...]]] = {}
    async with db.read() as tx:
        for table in Base.metadata.sorted_tables:
            found[table.name] = [tuple(row) for row in await tx.rows(select(table))]
    return found


async def said_nowhere(db: Database, *words: str) -> bool:
    """Whether no row has any of these words."""
    return not any(
        word in str(row) for rows in (await dump(db)).values() for row in rows for word in words
    )


async def asked(server: Server, person: Person, title: str = TITLE, **values: Any) -> Result:
    """A person sends the form of a question, *Post anonymously* ticked."""
    form = await person.slash(server.lounge, "ask")
    typed = {"title": title, "details": DETAILS, "tags": "night", "how": ["anonymous"]}
    return await person.submit_modal(form, typed | values)


async def answered(person: Person, question: Card, words: str = ANSWER, **values: Any) -> Result:
    form = await person.slash(question.thread, "answer")
    return await person.submit_modal(form, {"answer": words, "how": ["anonymous"]} | values)


async def commented(server: Server, person: Person, card: Card, words: str) -> Result:
    form = await server.menu(person, card, "comment")
    return await person.submit_modal(form, {"comment": words, "how": ["anonymous"]})


async def to_the_name(person: Any, sent: Result) -> Result:
    """Through all that has to be known, up to the name."""
    for label in ("Understood", "Post anyway"):
        if label in told(sent):
            sent = await person.click(reply_of(sent), label=label)
    assert "Post as" in told(sent), told(sent)
    return sent


async def posted(person: Any, sent: Result, name: str = "") -> Result:
    """Up to the post, under a chosen name, or the one that is offered."""
    offered = await to_the_name(person, sent)
    if name:
        offered = await named(person, offered, name)
    (label,) = [each for each in buttons(offered) if each.startswith("Post as")]
    return await person.click(reply_of(offered), label=label)


async def named(person: Any, offered: Result, name: str) -> Result:
    form = await person.click(reply_of(offered), label="Choose another name")
    return await person.submit_modal(form, {"name": name})


@pytest.fixture
async def question(env: simcord.Env, server: Server, alice: Person) -> Card:
    """What Alice asked as Quiet Otter, number 1."""
    sentence(await posted(alice, await asked(server, alice), "Quiet Otter"))
    await env.advance_time(5)
    (card,) = server.cards()
    return card


async def test_a_story(
    env: simcord.Env,
    server: Server,
    question: Card,
    alice: Person,
    bob: Person,
    carol: Person,
    db: Database,
) -> None:
    assert question.by == "Quiet Otter"
    assert question.small_line == "anonymous · 0 answers · #1 · #night"
    assert sentence(await posted(bob, await answered(bob, question), "Brave Fox")).startswith(
        "Answer posted as #1.1."
    )
    await env.advance_time(5)
    (answer,) = [card for card in server.cards() if card.kind == "answer"]
    assert (answer.by, answer.body) == ("Brave Fox", ANSWER)
    assert answer.small_line == "anonymous · #1.1"

    done = await commented(server, alice, answer, "Thank you, stranger.")
    assert sentence(done).startswith("Comment posted as #1.2.")  # they have a name in it
    await env.advance_time(5)
    (comment,) = [card for card in server.cards() if card.kind == "comment"]
    assert comment.small_line == "-# Quiet Otter · anonymous · asker · #1.2"

    form = await server.menu(bob, answer, "edit")
    sentence(await bob.submit_modal(form, filled(form) | {"answer": ANSWER + " Often."}))
    sentence(await server.choose(alice, answer))
    await env.advance_time(5)
    assert answer.small_line == "anonymous · #1.1 · edited"
    assert answer.embed.title == "✅ Best answer"

    gone = await alice.slash(server.lounge, "delete", post="#1.2")
    sentence(await alice.click(reply_of(gone), label="Delete"))
    await env.advance_time(5)
    assert len(server.cards()) == 2
    for card in server.cards():
        assert not card.embed.author.url
        assert not card.embed.author.icon_url
        assert not card.message.reactions
        assert card.control("vote") + ":up" in str(card.message.components)
        for person in (alice, bob):
            assert person.name not in card.text().lower()
            assert str(person.id) not in str(card.embed.to_dict())
    shown = told(await carol.slash(server.lounge, "history", post="#1.1"))
    assert "Brave Fox" in shown or "Only the author" in shown
    for request in masked_requests(env, 0):
        assert not re.search(r"-\d{18}|-ID", request), f"the number of an author: {request}"
    found = await dump(db)
    named_in = {table for table, _ in rows_with(found, alice.id) | rows_with(found, bob.id)}
    assert named_in <= {"names", "members", "audit", "preferences"}, named_in


async def test_from_a_direct_message(
    env: simcord.Env, server: Server, alice: Person, bob: Person, restart: Restart
) -> None:
    await server.ask(alice, "Which bread is best with cheese?")
    shown = await alice.user.slash("ask")
    form = await alice.user.select(reply_of(shown), [str(server.guild.id)])
    sent = await alice.user.submit_modal(
        form, {"title": TITLE, "details": "", "how": ["anonymous"]}
    )
    await restart()
    done = await posted(alice.user, sent, "Quiet Otter")
    assert sentence(done).startswith("Your question is #2.")
    await env.advance_time(5)
    assert "Quiet Otter" in [card.by for card in server.cards()]


@on_sqlite
@in_a_forum
class TestTheWay:
    async def test_who_can_know_is_said_before_the_first(
        self, server: Server, alice: Person, bob: Person
    ) -> None:
        sent = await asked(server, alice)
        assert "who can still know?" in sentence(sent)
        assert list(buttons(sent)) == ["Understood", "Change mine"]
        sentence(await posted(alice, sent))
        again = await asked(server, alice, "Does anybody read at noon?")
        assert "who can still know?" not in sentence(again)
        assert "who can still know?" in sentence(await asked(server, bob, "Where is the sea?"))

    async def test_a_small_server_warns(
        self, server: Server, alice: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        known = await alice.click(reply_of(await asked(server, alice)), label="Understood")
        assert sentence(known).startswith("Fewer than 20 members wrote here in the last month.")
        assert "Post anyway" in buttons(known)
        monkeypatch.setattr("bot.usecases.personas.SMALL", 0)
        known = await alice.click(
            reply_of(await asked(server, alice, "Does anybody read at noon?")), label="Understood"
        )
        assert "Post as" in sentence(known)

    async def test_what_was_typed_is_shown_and_in_no_row(
        self, server: Server, alice: Person, db: Database
    ) -> None:
        sent = await to_the_name(alice, await asked(server, alice, how=["anonymous", "notify"]))
        assert TITLE in told(sent)
        assert DETAILS in told(sent)
        assert await said_nowhere(db, "cry here", "every* night")
        form = await alice.click(reply_of(sent), label="Change mine")
        assert filled(form) == {
            "title": TITLE,
            "details": DETAILS,
            "tags": "night",
            "how": ["notify", "anonymous"],
        } | ({"category": []} if "category" in fields(form) else {})

    async def test_one_click_more_makes_no_second_post(
        self, server: Server, alice: Person, env: simcord.Env
    ) -> None:
        offered = await to_the_name(alice, await asked(server, alice))
        (post,) = [i for label, i in buttons(offered).items() if label.startswith("Post as")]
        first = await alice.click(reply_of(offered), custom_id=post)
        assert sentence(first).startswith("Your question is #1.")
        await env.advance_time(5)
        assert len(server.cards()) == 1

    async def test_similar_questions_come_first(
        self, server: Server, alice: Person, bob: Person, db: Database
    ) -> None:
        await server.ask(bob, "May I cry here at night, please?")
        sent = await asked(server, alice)
        assert "Before it goes up" in sentence(sent)
        assert DETAILS in told(sent)
        assert await said_nowhere(db, "every* night")
        helped = await alice.click(reply_of(sent), label="That helped, don't post")
        assert "Nothing was posted" in sentence(helped)
        sent = await asked(server, alice)
        done = await posted(alice, await alice.click(reply_of(sent), label="Post mine"))
        assert sentence(done).startswith("Your question is #2.")

    async def test_a_title_given_before_is_in_no_row(
        self, server: Server, alice: Person, bob: Person, db: Database
    ) -> None:
        await server.ask(bob, "Which bread is best with cheese?")
        shown = await alice.slash(server.lounge, "ask", title="Which bread is best with jam?")
        assert list(buttons(shown)) == ["Ask anyway", "That helped, don't ask"]
        assert await said_nowhere(db, "with jam")
        form = await alice.click(reply_of(shown), label="Ask anyway")
        assert filled(form)["title"] == "Which bread is best with jam?"
        assert filled(form)["how"] == []
        done = await alice.submit_modal(form, filled(form))
        assert sentence(done).startswith("Your question is #2.")

    async def test_other_files_are_refused_and_the_words_kept(
        self, server: Server, alice: Person, bob: Person, db: Database
    ) -> None:
        question = await server.ask(alice, "Which bread is best with cheese?")
        sent = await answered(bob, question, files=[("plan.pdf", b"%PDF-1.7")])
        assert "can only have pictures" in sentence(sent)
        assert await said_nowhere(db, "I do it, too", "plan.pdf")
        again = await bob.click(reply_of(sent), label="Change mine")
        assert filled(again)["answer"] == ANSWER
        sentence(await posted(bob, await bob.submit_modal(again, filled(again))))


@on_sqlite
@in_a_forum
class TestNames:
    @pytest.mark.parametrize(
        ("name", "why"),
        [
            ("Bobby", "someone else's"),
            ("bobbу", "someone else's"),  # with a Cyrillic letter
            ("Moderators", "someone else's"),
            ("Helpers", "someone else's"),
            ("**loud**", "markup"),
            ("example.org", "link"),
            ("..", "empty"),
        ],
    )
    async def test_refused_ones(
        self, env: simcord.Env, server: Server, alice: Person, name: str, why: str
    ) -> None:
        server.guild.create_role("Helpers")
        server.guild.add_member(env.create_user("bobby"))
        await env.settle()
        offered = await to_the_name(alice, await asked(server, alice))
        (known,) = [each for each in buttons(offered) if each.startswith("Post as")]
        refused = await named(alice, offered, name)
        assert why in sentence(refused)
        assert DETAILS in told(refused)
        assert known in buttons(refused)
        sentence(await alice.click(reply_of(refused), label=known))

    async def test_one_of_the_question_is_taken(
        self, server: Server, question: Card, bob: Person
    ) -> None:
        offered = await to_the_name(bob, await answered(bob, question))
        assert "someone else's" in sentence(await named(bob, offered, "Quiet 0tter"))

    async def test_it_stays_in_its_question(
        self, env: simcord.Env, server: Server, question: Card, bob: Person
    ) -> None:
        sentence(await posted(bob, await answered(bob, question), "Brave Fox"))
        done = await answered(bob, question, "And there is another one, too.")
        assert sentence(done).startswith("Answer posted as #1.2.")
        await env.advance_time(5)
        assert [c.by for c in server.cards() if c.kind == "answer"] == ["Brave Fox"] * 2

    async def test_the_search_fails_and_nothing_is_lost(
        self, server: Server, alice: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        offered = await to_the_name(alice, await asked(server, alice))

        async def slow(*_: Any, **__: Any) -> Any:
            raise TimeoutError

        monkeypatch.setattr(discord.Guild, "query_members", slow)
        refused = await named(alice, offered, "Brave Fox")
        assert DETAILS in sentence(refused)
        assert buttons(refused) == buttons(offered)


@on_sqlite
@in_a_forum
class TestRefusals:
    async def test_where_it_is_off(
        self, server: Server, alice: Person, configure: Configure, db: Database
    ) -> None:
        form = await alice.slash(server.lounge, "ask")
        await configure("anonymous", "off")
        typed = {"title": TITLE, "details": DETAILS, "how": ["anonymous"]}
        refused = await alice.submit_modal(form, typed)  # as if it were forged
        assert "This server has no anonymous posts." in sentence(refused)
        assert await said_nowhere(db, "cry here", "every* night")
        again = await open_again(alice, refused)
        assert [o["value"] for o in fields(again)["how"]["options"]] == ["notify"]
        assert filled(again)["details"] == DETAILS
        done = await alice.submit_modal(again, filled(again))
        assert sentence(done).startswith("Your question is #1.")

    async def test_the_forms_have_no_option_where_it_is_off(
        self, server: Server, alice: Person, bob: Person, configure: Configure
    ) -> None:
        await configure("anonymous", "off")
        card = await server.ask(alice, TITLE)
        shown = await bob.slash(card.thread, "answer")
        assert [o["value"] for o in fields(shown)["how"]["options"]] == ["notify"]
        assert "how" not in fields(await server.menu(bob, card, "comment"))

    async def test_off_between_the_steps(
        self, server: Server, alice: Person, configure: Configure, db: Database
    ) -> None:
        offered = await to_the_name(alice, await asked(server, alice))
        await configure("anonymous", "off")
        refused = await posted(alice, offered)
        assert "This server has no anonymous posts." in sentence(refused)
        assert await said_nowhere(db, "cry here")
        assert filled(await open_again(alice, refused))["details"] == DETAILS

    async def test_without_a_key(
        self, env: simcord.Env, server: Server, alice: Person, db: Database
    ) -> None:
        bot = env.bot
        assert isinstance(bot, Askwell)
        bot.sealing = None
        refused = await asked(server, alice)
        assert "aren't ready here yet" in sentence(refused)
        assert filled(await open_again(alice, refused))["title"] == TITLE
        assert await said_nowhere(db, "cry here")

    async def test_a_small_circle(
        self, env: simcord.Env, server: Server, alice: Person, db: Database
    ) -> None:
        role = server.guild.create_role("Circle")
        set_permissions(env, server.channel, server.guild.default_role.id, view_channel=False)
        set_permissions(env, server.channel, role.id, view_channel=True)
        set_permissions(env, server.channel, bot_user_id(env), view_channel=True)
        set_permissions(env, server.channel, alice.id, view_channel=True)
        circle = [
            server.guild.add_member(env.create_user(name), roles=[role])
            for name in ("dana", "emil", "fynn")
        ]
        await env.settle()
        refused = await asked(server, circle[0])  # with Alice they are four
        assert sentence(refused).startswith(f"Fewer than 5 people can read <#{server.channel.id}>")
        assert await said_nowhere(db, "cry here")
        server.guild.add_member(env.create_user("gus"), roles=[role])
        await env.settle()
        again = await open_again(circle[0], refused)
        sentence(await to_the_name(circle[0], await circle[0].submit_modal(again, filled(again))))

    async def test_a_persons_limit_holds(
        self, server: Server, alice: Person, configure: Configure, db: Database
    ) -> None:
        await configure("limit.questions", "1")
        sentence(await posted(alice, await asked(server, alice)))
        refused = await posted(alice, await asked(server, alice, "Where does the sea end?"))
        assert "Nothing you typed is lost." in sentence(refused)
        assert await said_nowhere(db, "the sea")
        assert filled(await open_again(alice, refused))["title"] == "Where does the sea end?"

    async def test_a_forged_control_carries_nothing(
        self, env: simcord.Env, server: Server, question: Card, bob: Person
    ) -> None:
        data = {
            "component_type": ComponentType.BUTTON,
            "custom_id": f"qa:1:anonymous:post:a:{question.post_id}:1",
        }
        kind = InteractionType.MESSAGE_COMPONENT
        refused = await send(bob, kind, question.thread, data, question.message)
        assert "I couldn't read that." in sentence(refused)


@on_sqlite
@in_a_forum
async def test_the_same_whoever_it_is(
    env: simcord.Env,
    server: Server,
    alice: Person,
    bob: Person,
    carol: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every request to Discord, and every reply to others, of two who do the same."""
    monkeypatch.setattr("bot.usecases.personas.new_name", lambda *_: "Dotted Planet")
    found: list[list[str]] = []
    for person, title in ((alice, "May I cry here at night?"), (bob, "Which bread goes with jam?")):
        wire = Steps(env, {title: "TITLE"})
        sentence(await posted(person, await asked(server, person, title, tags=""), "Quiet Otter"))
        await wire.settle()
        (card,) = [c for c in server.cards() if c.kind == "question" and c.thread.name == title]
        await carol.click(card.message, custom_id=card.control("more"))
        await carol.slash(server.lounge, "history", post=f"#{len(found) + 1}")
        for way in ("up", "clear"):
            await server.vote(carol, card, way)
            await wire.settle()
        sentence(await person.slash(card.thread, "close", reason="other", note="Thank you."))
        await wire.settle()
        found.append(wire.requests)
    assert found[0] == found[1]
    assert any("Quiet Otter" in each for each in found[0])
    for name in (alice.name, bob.name):
        assert not any(name in each.lower() for each in found[0] + found[1])
