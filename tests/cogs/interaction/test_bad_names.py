"""Numbers, links and custom ids that lead nowhere get a clear private sentence, and do no harm."""

from __future__ import annotations

import pytest
import simcord

from bot.app import Askwell
from data.database import Database
from tests.support.forgery import press, send_form
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.ledger import assert_consistent
from tests.support.replies import sentence
from tests.support.server import Card, Server, told

ABSENT = "There's no post {} in this server. Check its number or link."
NO_POST = (
    "That isn't a post in this server. Enter a post's number, such as #12 or #12.3, or its link."
)

NAMES = {
    "#99": ABSENT.format("#99"),
    "99": ABSENT.format("99"),
    "#1.9": ABSENT.format("#1.9"),
    "#0": ABSENT.format("#0"),
    "#999999999": ABSENT.format("#999999999"),
    "#1.999999": ABSENT.format("#1.999999"),
    "#9999999999": NO_POST,
    "#1.1.1": NO_POST,
    "#1.": NO_POST,
    "-1": NO_POST,
    "1e3": NO_POST,
    "#": NO_POST,
    "zebra": NO_POST,
    "@everyone": NO_POST,
    "<@1456074443980800010>": NO_POST,
    "'; DROP TABLE posts; --": NO_POST,
    "\u202e1": NO_POST,
    "\u200b": NO_POST,
    "\x00": NO_POST,
    "\ud83d": NO_POST,
    "x" * 6000: NO_POST,
    "9" * 6000: NO_POST,
    "https://discord.com/channels/1/2/3": NO_POST,
    "https://discord.com/channels/{guild}/2/3": ABSENT.format(""),
    "https://discord.com/channels/{guild}/2": ABSENT.format(""),
    "https://discord.com/channels/{guild}/2/99999999999999999999999999": NO_POST,
    "https://discord.com/channels/{guild}": NO_POST,
    "https://discord.com/channels/@me/2/3": NO_POST,
    "https://discord.com.evil.example/channels/{guild}/2/3": NO_POST,
    "javascript:alert(1)": NO_POST,
}


@in_a_forum
async def test_names_of_posts_that_are_none(
    server: Server, question: Card, alice: simcord.MemberActor
) -> None:
    commands = {
        "answer": "question",
        "vote": "post",
        "edit": "post",
        "delete": "post",
        "best": "answer",
    }
    for name, expected in NAMES.items():
        typed = name.replace("{guild}", str(server.guild.id))
        for command, option in commands.items():
            filled = {option: typed} | ({"direction": "up"} if command == "vote" else {})
            text = sentence(await alice.slash(server.lounge, command, **filled))
            if expected.startswith("There's no post  "):  # the link, shortened
                assert text.startswith("There's no post https:"), (command, name)
            else:
                assert text == expected, (command, name)
            assert len(text) < 300


@in_a_forum
async def test_autocompletion_takes_any_input(
    server: Server, question: Card, answer: Card, alice: simcord.MemberActor
) -> None:
    options = {"answer": "question", "vote": "post", "edit": "post", "best": "answer"}
    for name in NAMES:
        for command, option in options.items():
            filled = {"direction": "up"} if command == "vote" else {}
            for channel in (server.lounge, question.thread):
                offered = await alice.autocomplete(channel, command, option, name, **filled)
                assert len(offered) <= 25
        await alice.autocomplete(server.lounge, "ask", "category", name)


# --- forged custom ids ---------------------------------------------------------------------------

OTHER_VERSION = "This button is from another version of Askwell. Please use a command instead."
UNREADABLE = "I couldn't read that. Please choose it again."
GONE = "This post is no longer available."

CLICKS = {
    "qa:1:more:99": GONE,
    "qa:1:more:0": GONE,
    "qa:1:more": GONE,
    "qa:1:more:9223372036854775807": GONE,
    "qa:1:more:9223372036854775808": UNREADABLE,
    "qa:1:more:99999999999999999999999999": UNREADABLE,
    "qa:1:more:-1": UNREADABLE,
    "qa:1:more:x": UNREADABLE,
    "qa:1:more:1_0": UNREADABLE,
    "qa:1:more:٣": UNREADABLE,
    "qa:1:more:": OTHER_VERSION,
    "qa:1:more:1:2:3:4:5": OTHER_VERSION,
    "qa:1:more:1;DROP TABLE": OTHER_VERSION,
    "qa:1:": OTHER_VERSION,
    "qa:2:more:1": OTHER_VERSION,
    "qa:1:nonsense:1": OTHER_VERSION,
    "another-bots-button": OTHER_VERSION,
    "qa:1:vote:1": UNREADABLE,
    "qa:1:vote:1:sideways": UNREADABLE,
    "qa:1:vote:x:up": UNREADABLE,
    "qa:1:vote:99:up": GONE,
    "qa:1:answer:99": GONE,
    "qa:1:best:99": GONE,
    "qa:1:best:{question}": "That isn't an answer, so it can't be the best answer.",
    "qa:1:unbest:{question}": "That isn't an answer, so it can't be the best answer.",
    "qa:1:edit:99": GONE,
    "qa:1:delete:99": GONE,
    "qa:1:delete.yes:99": GONE,
    "qa:1:draft:99": "This draft is no longer saved. It was sent, or it's more than a week old.",
    "qa:1:draft:x": UNREADABLE,
}


@in_a_forum
async def test_forged_clicks(
    server: Server, question: Card, answer: Card, alice: simcord.MemberActor, db: Database
) -> None:
    for custom_id, expected in CLICKS.items():
        forged = custom_id.replace("{question}", str(question.post_id))
        text = sentence(await press(alice, question.message, forged))
        assert text == expected, custom_id
    assert "0 votes · 1 answer" in question.text()
    await assert_consistent(db)


@in_a_forum
@pytest.mark.parametrize("person", ["carol", "owner"])
async def test_every_control_answers_any_request(
    request: pytest.FixtureRequest,
    bot: Askwell,
    server: Server,
    question: Card,
    answer: Card,
    person: str,
    db: Database,
) -> None:
    who: simcord.MemberActor = request.getfixturevalue(person)
    junk = ("", ":x", ":99", ":-1", ":9223372036854775807", f":{'9' * 40}", ":x:x:x", ":0:0:0")
    for action in sorted(bot.router.handlers):
        for arguments in junk:
            custom_id = f"qa:1:{action}{arguments}"
            reply = await press(who, question.message, custom_id)
            assert reply.acknowledged, f"no answer to {custom_id}"
            assert "Something went wrong on our side" not in told(reply), custom_id
    # What others wrote is as it was.
    assert "Dark curtains, and no screens before bed." in answer.text()
    await assert_consistent(db)


@in_a_forum
@pytest.mark.parametrize("person", ["carol", "owner"])
async def test_every_form_answers_any_input(
    request: pytest.FixtureRequest,
    bot: Askwell,
    server: Server,
    question: Card,
    answer: Card,
    person: str,
    db: Database,
) -> None:
    who: simcord.MemberActor = request.getfixturevalue(person)
    names = ("title", "details", "answer", "comment", "tags", "reason", "value", "up", "down")
    texts = ("", "x", "\x00\u202e\ud83d", "y" * 5000)
    fillings: list[dict[str, str | list[str]]] = [
        {},
        *(dict.fromkeys(names, text) for text in texts),
        {name: ["a", "b"] for name in (*names, "category", "how")},
    ]
    for action in sorted(a for a in bot.router.handlers if a.endswith("form")):
        for arguments in ("", ":99:1", ":x", ":-1:-1", f":{'9' * 40}:1"):
            for values in fillings:
                custom_id = f"qa:1:{action}{arguments}"
                reply = await send_form(who, server.lounge, custom_id, values)
                assert reply.acknowledged, f"no answer to {custom_id}"
                assert "Something went wrong on our side" not in told(reply), (custom_id, values)
    assert "Dark curtains, and no screens before bed." in answer.text()
    await assert_consistent(db)


@on_sqlite
@in_a_forum
async def test_an_edit_form_for_the_wrong_kind_of_post_loses_nothing(
    server: Server, question: Card, answer: Card, alice: simcord.MemberActor, bob
) -> None:
    # A question's form sent for an answer: the answer would be empty.
    values = {"title": "How do I sleep at all?", "details": "", "tags": "", "reason": ""}
    form = f"qa:1:edit.form:{answer.post_id}:1"
    assert "empty" in sentence(await send_form(bob, server.lounge, form, values))
    form = f"qa:1:edit.form:{question.post_id}:1"
    text = {"answer": "An answer's text, sent as a question's.", "reason": ""}
    assert "empty" in sentence(await send_form(alice, server.lounge, form, text))
    assert "Dark curtains" in answer.text()
    assert question.title == "How do I sleep after a night shift?"
