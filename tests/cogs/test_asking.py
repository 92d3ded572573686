"""Asking: `/ask`, similar questions, the form, and its outcome."""

from __future__ import annotations

import pytest
import simcord

from tests.support.forgery import told_twice
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.replies import buttons, fields, filled, open_again, pings, reply_of, sentence
from tests.support.server import Card, Server, told
from tests.support.simulator import at_once
from tests.support.wire import Failure, Wire

TITLE = "How do I sleep after a night shift?"
DETAILS = "I work **nights** this month, and lie awake until noon."


def link_to(card: Card) -> str:
    return f"https://discord.com/channels/{card.guild.id}/{card.channel_id}/{card.message_id}"


async def test_a_question_gets_a_card_and_a_thread_of_its_own(
    server: Server, alice: simcord.MemberActor
) -> None:
    reply = await server.try_to_ask(alice, TITLE, DETAILS, tags="Sleep, night shift")

    (card,) = server.cards()
    shown = card.text()
    # The post of a forum is called like that.
    assert (TITLE in shown) == (server.kind == "text")
    assert DETAILS in shown
    assert card.small_line == "0 votes · 0 answers · #1 · #sleep #night-shift"
    assert card.embed.timestamp is None, "the message's date is enough"
    assert card.embed.author.name == f"{alice.name} · 120 points"
    assert [(str(r.emoji), r.count) for r in card.message.reactions] == [("⬆️", 1), ("⬇️", 1)]
    assert [thread.name for thread in server.threads()] == [TITLE]
    assert card.thread.id == server.threads()[0].id
    assert (card.channel_id == card.thread.id) == (server.kind == "forum")
    assert pings(card.message) == []

    text = sentence(reply)
    assert "#1" in text
    assert buttons(reply) == {"Go to #1": link_to(card)}


async def test_numbers_count_up(server: Server, alice: simcord.MemberActor) -> None:
    first = await server.ask(alice, "How do I fall asleep?", "Really.")
    second = await server.ask(alice, "How do I wake up again?")

    assert "· #1" in first.text()
    assert "· #2" in second.text()


@on_sqlite
@in_a_forum
async def test_without_a_title_the_form_comes_at_once(
    server: Server, alice: simcord.MemberActor
) -> None:
    shown = await alice.slash(server.lounge, "ask")

    assert shown.modal is not None
    assert shown.modal["title"] == "Ask a question"
    assert list(fields(shown)) == ["title", "details", "category", "tags", "how"]
    labels = [part["label"] for part in fields(shown)["category"]["options"]]
    assert labels == ["General", "No category"]
    assert [o["label"] for o in fields(shown)["how"]["options"]] == ["DM me when it's answered"]


@in_a_forum
async def test_similar_questions_come_first(
    server: Server,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    question: Card,
    answer: Card,
) -> None:
    await bob.react(question.message, "⬆️")
    await server.choose(alice, answer)
    await server.ask(alice, "Which bread is best with cheese?")

    reply = await bob.slash(server.lounge, "ask", title="Sleeping badly after the night shift")

    text = sentence(reply)
    assert TITLE in text
    assert "#1" in text
    assert "+1 vote · 1 answer · ✅ solved" in text
    assert link_to(question) in text
    assert "bread" not in text

    shown = await bob.click(reply_of(reply), label="Ask anyway")
    assert fields(shown)["title"]["value"] == "Sleeping badly after the night shift"
    told_ = await bob.submit_modal(shown, filled(shown))
    assert "#3" in sentence(told_)
    assert "Sleeping badly after the night shift" in {t.name for t in server.threads()}


@in_a_forum
async def test_with_nothing_similar_the_form_comes_at_once_with_the_title(
    server: Server, bob: simcord.MemberActor, question: Card
) -> None:
    shown = await bob.slash(server.lounge, "ask", title="Which bread is best with cheese?")

    assert fields(shown)["title"]["value"] == "Which bread is best with cheese?"


@on_sqlite
@in_a_forum
async def test_a_short_title_fits_into_the_form(server: Server, bob: simcord.MemberActor) -> None:
    shown = await bob.slash(server.lounge, "ask", title="Bread?")

    # Discord refuses a form that is filled with less than the field asks for.
    title = fields(shown)["title"]
    assert title["value"] == "Bread?"
    assert title.get("min_length", 0) <= len("Bread?")


@on_sqlite
async def test_categories_are_offered_and_chosen(
    server: Server,
    owner: simcord.MemberActor,
    moderators: simcord.RoleHandle,
    alice: simcord.MemberActor,
) -> None:
    await owner.slash(
        server.lounge, "setup", channel=server.channel, preset="helpdesk", moderators=moderators
    )

    offered = await alice.autocomplete(server.lounge, "ask", "category", "")
    assert [c["name"] for c in offered] == ["General", "Getting started", "Problems", "Ideas"]
    typed = await alice.autocomplete(server.lounge, "ask", "category", "prob")
    assert [c["name"] for c in typed] == ["Problems"]

    by_choice = await alice.slash(server.lounge, "ask", category=typed[0]["value"])
    by_name = await alice.slash(server.lounge, "ask", category="problems")
    assert filled(by_choice)["category"] == filled(by_name)["category"] == [typed[0]["value"]]
    await alice.submit_modal(by_choice, filled(by_choice) | {"title": "My screen stays black"})
    (card,) = server.cards()
    assert "🔧 Problems" in card.small_line


@on_sqlite
@in_a_forum
async def test_a_category_that_does_not_exist(server: Server, alice: simcord.MemberActor) -> None:
    text = sentence(await alice.slash(server.lounge, "ask", category="Astrology"))

    assert text == "Please pick a category from the list."


@in_a_forum
async def test_a_refused_form_comes_back_with_everything_in_it(
    server: Server, alice: simcord.MemberActor
) -> None:
    shown = await alice.slash(server.lounge, "ask")
    general = fields(shown)["category"]["options"][0]["value"]
    written = {
        "title": "A B C D E",
        "details": DETAILS,
        "category": [general],
        "tags": "sleep, night shift",
        "how": ["notify"],
    }
    refused = await alice.submit_modal(shown, written | {"title": "A B C D E "})

    text = sentence(refused)
    assert text.startswith("The title must have at least 10 characters. You entered 5.")
    assert "Nothing you typed is lost." in text
    assert server.cards() == []

    again = await open_again(alice, refused)
    assert filled(again) == written | {"title": "A B C D E "}
    await alice.submit_modal(again, written | {"title": TITLE})
    (card,) = server.cards()
    assert "#sleep #night-shift" in card.small_line
    assert "General" in card.text()


@on_sqlite
@in_a_forum
async def test_tags_have_their_limits(server: Server, alice: simcord.MemberActor) -> None:
    many = await server.try_to_ask(alice, TITLE, tags="a1, b2, c3, d4, e5, f6")
    assert sentence(many).startswith("That's too many tags. The maximum is 5.")
    long = await server.try_to_ask(alice, TITLE, tags="x" * 31)
    assert sentence(long).startswith("A tag can have at most 30 characters. You entered 31.")

    again = await open_again(alice, many)
    assert filled(again)["tags"] == "a1, b2, c3, d4, e5, f6"


@in_a_forum
async def test_only_so_many_questions_within_an_hour(
    env: simcord.Env,
    server: Server,
    alice: simcord.MemberActor,
    moderator: simcord.MemberActor,
    configure,
) -> None:
    await configure("limit.questions", "1")
    await server.ask(alice, TITLE)

    refused = await server.try_to_ask(alice, "And how do I wake up again?", DETAILS)
    assert "You've asked 1 question this hour" in sentence(refused)
    assert len(server.cards()) == 1
    for title in ("A moderator's first question", "A moderator's second question"):
        await server.ask(moderator, title)

    await env.advance_time(3601)
    again = await open_again(alice, refused)
    await alice.submit_modal(again, filled(again))
    assert DETAILS in server.cards()[-1].text()


@on_sqlite
@in_a_forum
async def test_asking_can_need_points(
    server: Server, alice: simcord.MemberActor, configure
) -> None:
    await configure("privilege.ask", "150")

    refused = await server.try_to_ask(alice, TITLE)

    assert sentence(refused).startswith("Asking a question requires 150 points. You have 100.")


@on_sqlite
async def test_a_server_that_is_not_set_up(
    guild: simcord.GuildHandle, lounge: simcord.ChannelHandle, alice: simcord.MemberActor
) -> None:
    text = sentence(await alice.slash(lounge, "ask"))

    assert text.startswith("The forum isn't set up in this server yet.")
    assert "/setup" in text


async def test_a_form_that_arrives_twice_is_one_question(
    env: simcord.Env, server: Server, alice: simcord.MemberActor
) -> None:
    shown = await alice.slash(server.lounge, "ask")
    with told_twice(env):
        reply = await alice.submit_modal(shown, {"title": TITLE, "details": DETAILS})

    assert "#1" in sentence(reply)
    assert len(server.cards()) == 1
    assert len(server.threads()) == 1


@in_a_forum
async def test_the_same_question_sent_twice_at_once_is_asked_once(
    env: simcord.Env, server: Server, alice: simcord.MemberActor
) -> None:
    first = await alice.slash(server.lounge, "ask")
    second = await alice.slash(server.lounge, "ask")
    values = {"title": TITLE, "details": DETAILS}
    async with at_once(env):
        replies = [await alice.submit_modal(form, values) for form in (first, second)]

    texts = sorted(told(reply) for reply in replies)
    assert texts[0].startswith("This exact question was just asked.")
    assert texts[1].startswith("Your question is #1.")
    assert len(server.cards()) == 1


@on_sqlite
@in_a_forum
async def test_drafts_are_kept_for_a_week(
    env: simcord.Env, server: Server, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    refused = await server.try_to_ask(alice, "! ! ! ! ! !")
    env.backend.advance_clock(6 * 24 * 3600)
    await server.try_to_ask(bob, "? ? ? ? ? ?")
    assert filled(await open_again(alice, refused))["title"] == "! ! ! ! ! !"

    env.backend.advance_clock(2 * 24 * 3600)
    await server.try_to_ask(bob, "? ? ? ? ? ?")
    assert refused.response is not None
    gone = await open_again(alice, refused)
    assert sentence(gone) == (
        "This draft is no longer saved. It was sent, or it's more than a week old."
    )


@on_sqlite
@in_a_forum
async def test_the_server_can_be_asked_in_from_any_channel(
    server: Server, alice: simcord.MemberActor, question: Card
) -> None:
    shown = await alice.slash(question.thread, "ask")
    await alice.submit_modal(shown, {"title": "Asked from within another thread"})

    assert {t.name for t in server.threads()} == {TITLE, "Asked from within another thread"}


@on_sqlite
@in_a_forum
async def test_a_deleted_emoji_does_not_keep_anybody_from_asking(
    server: Server, wire: Wire, owner: simcord.MemberActor, alice: simcord.MemberActor
) -> None:
    await owner.slash(server.lounge, "category add", name="Sleep", emoji="😴")
    wire.fail("POST", "/interactions/*/callback", Failure.INVALID)  # as Discord does for such one
    shown = await alice.slash(server.lounge, "ask")
    options = fields(shown)["category"]["options"]
    assert "Sleep" in [option["label"] for option in options]
    assert all(option.get("emoji") is None for option in options)
    await alice.submit_modal(shown, {"title": TITLE})
    assert len(server.cards()) == 1


@on_sqlite
@in_a_forum
@pytest.mark.parametrize("failure", [Failure.UNAVAILABLE, Failure.CUT])
async def test_a_form_that_does_not_open_is_said_so_with_what_was_typed(
    server: Server, wire: Wire, alice: simcord.MemberActor, failure: Failure
) -> None:
    wire.fail("POST", "/interactions/*/callback", failure)
    reply = await alice.slash(server.lounge, "ask", title=TITLE)
    assert sentence(reply).startswith(
        "Discord isn't responding properly right now. Please try again in a minute. "
        "Nothing you typed is lost."
    )
    # And what comes back does not get lost on the way either.
    wire.fail("POST", "/interactions/*/callback", failure)
    again = await open_again(alice, reply)
    assert "Nothing you typed is lost." in sentence(again)
    shown = await open_again(alice, again)
    assert filled(shown)["title"] == TITLE
    await alice.submit_modal(shown, filled(shown))
    assert len(server.cards()) == 1


@on_sqlite
@in_a_forum
async def test_a_form_that_discord_refuses_comes_back_as_a_file(
    server: Server, wire: Wire, alice: simcord.MemberActor
) -> None:
    empty = await server.try_to_ask(alice, "\u200b" * 12, "I lie awake until noon.")
    # Once with the categories' emoji, once without.
    wire.fail("POST", "/interactions/*/callback", Failure.INVALID, times=2)
    reply = await open_again(alice, empty)
    said = "Discord couldn't open the form. Please try again. Here's what you typed."
    assert sentence(reply).startswith(said)
    (file,) = reply_of(reply).attachments
    assert "I lie awake until noon." in (await file.read()).decode()


@on_sqlite
@in_a_forum
@pytest.mark.parametrize("failure", [Failure.UNAVAILABLE, Failure.INVALID, Failure.CUT])
async def test_no_form_fails_to_open_in_silence(
    server: Server,
    wire: Wire,
    question: Card,
    alice: simcord.MemberActor,
    owner: simcord.MemberActor,
    failure: Failure,
) -> None:
    asked: list[tuple[simcord.MemberActor, str, dict[str, str]]] = [
        (alice, "ask", {}),
        (alice, "answer", {"question": "#1"}),
        (alice, "comment", {"post": "#1"}),
        (alice, "edit", {"post": "#1"}),
        (owner, "settings set", {"name": "welcome"}),
    ]
    for person, command, options in asked:
        again = command == "ask" and failure is Failure.INVALID  # without the categories' emoji
        wire.fail("POST", "/interactions/*/callback", failure, times=2 if again else 1)
        reply = await person.slash(server.lounge, command, **options)
        assert "Please try again" in sentence(reply), command
