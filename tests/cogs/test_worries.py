"""*I'm worried about this person*: who is called, what is read, and that nobody learns by whom."""

from __future__ import annotations

import simcord

from tests.cogs.conftest import Configure
from tests.support.forgery import press
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.replies import fields, open_again, pings, reply_of, sentence
from tests.support.reports import report, reports_in
from tests.support.server import Card, Server, said, told

HELP = "Call 123, day and night."


async def worry(
    person: simcord.MemberActor, card: Card, note: str = ""
) -> simcord.InteractionResult:
    menu = await person.click(card.message, custom_id=card.control("more"))
    shown = await person.click(reply_of(menu), label="I'm worried…")
    return await person.submit_modal(shown, {"reason": note})


async def test_a_worry_from_the_menu(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
    configure: Configure,
) -> None:
    await configure("helplines", HELP)
    thanks = sentence(await worry(carol, question, "She sounds so alone."))
    assert "Thank you for looking out for them." in thanks
    assert "nobody learns that it was you" in thanks
    assert "**Stay.**" in thanks
    assert HELP in thanks
    await env.advance_time(5)

    (card,) = reports_in(reports)
    text = said(card)
    assert "Someone is worried about the person who wrote this." in text
    assert "She sounds so alone." in text
    assert "Your helplines are in the author's inbox." in text
    queue = sentence(await moderator.slash(server.lounge, "queue"))
    assert "Someone is worried" in queue
    assert "blocked words" not in queue
    read = sentence(await moderator.click(card, label="Read it"))
    for shown in (text, queue, read):
        assert "carol" not in shown
        assert str(carol.id) not in shown

    inbox = sentence(await alice.slash(server.lounge, "inbox"))
    assert "Someone is thinking of you" in inbox
    assert HELP in inbox
    assert "carol" not in inbox


@in_a_forum
@on_sqlite
async def test_without_helplines_the_author_is_told_nothing(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    question: Card,
    configure: Configure,
) -> None:
    await worry(carol, question)
    await env.advance_time(5)
    (card,) = reports_in(reports)
    assert "No helplines are set" in said(card)
    assert "thinking of you" not in sentence(await alice.slash(server.lounge, "inbox"))

    # Those that are set later are not in the author's inbox, and no card says that they are.
    await configure("helplines", HELP)
    await report(bob, question, "", "unkind")
    await env.advance_time(5)
    (card,) = reports_in(reports)
    assert "Your helplines aren't in the author's inbox." in said(card)
    assert HELP not in sentence(await alice.slash(server.lounge, "inbox"))


@in_a_forum
@on_sqlite
async def test_as_a_reason_in_the_form_of_a_report(
    env: simcord.Env,
    reports: simcord.ChannelHandle,
    carol: simcord.MemberActor,
    question: Card,
    configure: Configure,
) -> None:
    await configure("how_to_help", "Write to our team of listeners.")
    thanks = sentence(await report(carol, question, "", "worried"))
    assert "Write to our team of listeners." in thanks
    assert "**Stay.**" not in thanks
    await env.advance_time(5)
    (card,) = reports_in(reports)
    assert "Someone is worried" in said(card)


@in_a_forum
@on_sqlite
async def test_it_calls_again_where_a_report_waits_already(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderators: simcord.RoleHandle,
    question: Card,
    configure: Configure,
) -> None:
    await configure("report_role", f"<@&{moderators.id}>")
    await report(bob, question, "Rude.", "unkind")
    await env.advance_time(5)
    (before,) = reports_in(reports)
    await worry(carol, question, "@everyone She sounds so alone.")
    await env.advance_time(5)
    (card,) = reports_in(reports)
    assert card.id != before.id
    assert pings(card) == [moderators.name]
    dave = server.guild.add_member(env.create_user("dave"))
    await worry(dave, question)
    await env.advance_time(5)
    (again,) = reports_in(reports)
    assert again.id == card.id, "a second worry calls nobody"


@in_a_forum
@on_sqlite
async def test_it_is_no_reason_to_hide(
    server: Server, moderator: simcord.MemberActor, answer: Card
) -> None:
    refused = await press(moderator, answer.message, f"qa:1:hide.as:{answer.post_id}:worried")
    assert "hidden" not in told(refused).lower()
    assert "answer" in {card.kind for card in server.cards()}


@in_a_forum
@on_sqlite
async def test_what_was_typed_is_not_lost(
    server: Server,
    carol: simcord.MemberActor,
    question: Card,
    configure: Configure,
) -> None:
    await configure("limit.reports", "1")
    other = await server.ask(carol, "How do I wake up early?")
    answer = await server.answer(
        server.guild.add_member(server.env.create_user("dave")),
        other,
        "By a loud clock, far from the bed.",
    )
    await report(carol, answer)
    refused = await worry(carol, question, "She sounds so alone.")
    again = await open_again(carol, refused)
    assert fields(again)["reason"]["value"] == "She sounds so alone."
