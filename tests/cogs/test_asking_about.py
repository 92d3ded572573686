"""*Ask about this*: a question is made of a message."""

from __future__ import annotations

import simcord

from tests.support import pictures
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.replies import buttons, filled, sentence
from tests.support.server import Card, Server, told

MENU = "Ask about this"
TITLE = "How do I sleep after a night shift?"
DETAILS = "I work **nights** this month, and lie awake until noon."


async def test_ones_own_message_becomes_a_question(
    server: Server, alice: simcord.MemberActor
) -> None:
    message = await alice.send(server.lounge, f"{TITLE}\n\n{DETAILS}")
    shown = await alice.context_menu(server.lounge, MENU, message)
    assert filled(shown)["title"] == TITLE
    assert filled(shown)["details"] == DETAILS
    reply = await alice.submit_modal(shown, filled(shown) | {"tags": "sleep"})
    assert sentence(reply).startswith("Your question is #1.")
    (card,) = server.cards()
    assert card.title == TITLE
    assert DETAILS in card.text()


@on_sqlite
@in_a_forum
async def test_somebody_elses_message_is_quoted(
    server: Server, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    message = await alice.send(server.lounge, f"Hi!\n{DETAILS}\nWho <@{bob.id}> helps?")
    shown = await bob.context_menu(server.lounge, MENU, message)
    before = filled(shown)
    assert before["title"] == "", "that first line is no title"
    assert before["details"] == f"> Hi!\n> {DETAILS}\n> Who @bob helps?\n{message.jump_url}"
    await bob.submit_modal(shown, before | {"title": TITLE})
    (card,) = server.cards()
    assert f"{bob.name} · 120 points" in card.text()
    assert message.jump_url in card.text()


@on_sqlite
@in_a_forum
async def test_a_card_leads_to_a_related_question(
    server: Server, question: Card, bob: simcord.MemberActor
) -> None:
    shown = await bob.context_menu(question.thread, MENU, question.message)
    assert filled(shown)["title"] == ""
    assert filled(shown)["details"] == question.message.jump_url


@on_sqlite
@in_a_forum
async def test_questions_like_it_come_first_and_nothing_is_lost(
    server: Server, question: Card, bob: simcord.MemberActor
) -> None:
    message = await bob.send(server.lounge, f"How can I sleep after my night shift?\n{DETAILS}")
    shown = await bob.context_menu(server.lounge, MENU, message)
    assert TITLE in told(shown)
    assert list(buttons(shown)) == ["Ask anyway", "That helped, don't ask"]
    assert shown.response is not None
    form = filled(await bob.click(shown.response, label="Ask anyway"))
    assert form["title"] == "How can I sleep after my night shift?"
    assert form["details"] == DETAILS


@on_sqlite
@in_a_forum
async def test_the_longest_message_fits(
    server: Server, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    long = "\n".join(["I lie awake and count." * 4] * 22)
    message = await alice.send(server.lounge, long[:2000])
    own = filled(await alice.context_menu(server.lounge, MENU, message))
    assert own["details"] == long[:2000].partition("\n")[2]
    others = filled(await bob.context_menu(server.lounge, MENU, message))
    assert str(others["details"]).endswith(f"\n{message.jump_url}")
    assert len(others["details"]) <= 4000


@on_sqlite
@in_a_forum
async def test_pictures_come_along_and_other_files_stay(
    server: Server, alice: simcord.MemberActor
) -> None:
    text, picture = f"{TITLE}\n{DETAILS}", ("curtains.png", pictures.PNG)
    message = await alice.send(server.lounge, text, attachments=[picture])
    shown = await alice.context_menu(server.lounge, MENU, message)
    await alice.submit_modal(shown, filled(shown))
    program = ("curtains.exe", b"MZ")
    message = await alice.send(server.lounge, "And what on Sundays?", attachments=[program])
    shown = await alice.context_menu(server.lounge, MENU, message)
    await alice.submit_modal(shown, filled(shown))
    files = [[file.filename for file in card.message.attachments] for card in server.cards()]
    assert files == [["curtains.png"], []]


@on_sqlite
async def test_before_the_server_is_set_up(env: simcord.Env, alice: simcord.MemberActor) -> None:
    elsewhere = env.create_guild(name="New")
    newcomer = elsewhere.add_member(alice.user)
    lounge = elsewhere.create_text_channel("lounge")
    message = await newcomer.send(lounge, TITLE)
    refused = await newcomer.context_menu(lounge, MENU, message)
    assert "/setup" in sentence(refused)
