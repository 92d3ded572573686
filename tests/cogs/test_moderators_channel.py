"""The moderators' channel: each report is a card there, and is decided there or anywhere else."""

from __future__ import annotations

import pytest
import simcord

from tests.cogs.conftest import Configure
from tests.conftest import Restart
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.replies import buttons, control_in, pings, reply_of, sentence
from tests.support.reports import closed_channel, report, reports_in, shown_in
from tests.support.server import Card, Server, said, told
from tests.support.simulator import Locales, delete_channel, set_permissions

QUOTE = "||Dark curtains, and no screens before bed.||"


async def test_a_report_is_a_card_until_it_is_decided(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    answer: Card,
) -> None:
    first = await report(carol, answer, "It sells *curtains*.", "spam")
    assert sentence(first) == "Thanks. The moderators will look at #1.1."
    (card,) = reports_in(reports)
    text = said(card)
    assert "Reported: #1.1 · answer" in text
    assert "**1 report** · Spam or advertising" in text
    assert "It sells \\*curtains\\*." in text
    assert QUOTE in text
    assert "carol" not in text, "not everybody in the channel learns who reported it"
    assert carol.mention not in text

    await env.advance_time(5)
    await report(alice, answer, "", "unkind")
    (again,) = reports_in(reports)
    assert again.id == card.id
    assert "**2 reports** · Spam or advertising, Unkind or insulting" in said(again)

    asked = await moderator.click(again, label="Hide")
    assert sentence(asked).startswith("Why are you hiding it?")
    done = await moderator.select(reply_of(asked), ["spam"])
    assert told(done).startswith("The post is hidden.")
    await env.advance_time(5)
    (decided,) = reports_in(reports)
    assert decided.id == card.id
    assert "Hidden by mona" in said(decided)
    assert "Spam or advertising" in said(decided)
    assert "curtains" not in said(decided), "what is hidden isn't quoted"
    assert decided.components == []
    assert "answer" not in {shown.kind for shown in server.cards()}


async def test_the_queue_stands_pinned(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    answer: Card,
) -> None:
    (standing,) = shown_in(reports)
    assert standing.pinned
    await report(carol, answer)
    queue = await moderator.click(standing, label="Open the queue")
    assert "Reported posts · 1/1" in sentence(queue)
    helen = server.guild.add_member(env.create_user("helen"))
    set_permissions(env, reports, helen.id, view_channel=True, read_message_history=True)
    refused = await helen.click(standing, label="Open the queue")
    assert sentence(refused) == "Only moderators can do this."
    assert len(shown_in(reports)) == 2


@on_sqlite
async def test_a_post_of_a_more_closed_channel_is_not_quoted(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    moderators: simcord.RoleHandle,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
    answer: Card,
) -> None:
    """A helper reads #reports, and not the channel of the question."""
    helpers = server.guild.create_role("Helpers")
    helen = server.guild.add_member(env.create_user("helen"), roles=[helpers])
    set_permissions(env, reports, helpers.id, view_channel=True, read_message_history=True)
    set_permissions(env, server.channel, helpers.id, view_channel=False)
    await env.settle()
    await report(carol, answer, "Dark curtains are a fraud.", "spam")
    (card,) = reports_in(reports)
    assert "#1.1 · answer" in said(card)
    assert "Spam or advertising" in said(card)
    assert "urtains" not in said(card), "neither its text nor what its readers write about it"
    assert "bob" not in said(card)

    read = await moderator.click(card, label="Read it")
    assert "Dark curtains, and no screens before bed." in sentence(read)
    assert "Dark curtains are a fraud." in told(read)
    assert "carol" in told(read)
    refused = await helen.click(card, label="Read it")
    assert sentence(refused) == "Only moderators of this post's channel can do this."

    set_permissions(env, server.channel, helpers.id, view_channel=None)
    await env.advance_time(20)
    assert QUOTE in said(reports_in(reports)[0]), "it follows what Discord allows"
    set_permissions(env, server.channel, helpers.id, view_channel=False)
    await env.advance_time(20)
    assert "urtains" not in said(reports_in(reports)[0])


@on_sqlite
@in_a_forum
async def test_each_button_asks_discord_who_moderates_that_post(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    carol: simcord.MemberActor,
    moderators: simcord.RoleHandle,
    moderator: simcord.MemberActor,
    question: Card,
) -> None:
    """Manage Messages in the post's home, or the moderators' role; at the moment of the click."""
    dora = server.guild.add_member(env.create_user("dora"))
    set_permissions(env, reports, dora.id, view_channel=True, read_message_history=True)
    await report(carol, question)
    (card,) = reports_in(reports)
    labels = ["Hide", "Dismiss", "Close", "Read it"]
    for label in labels:
        refused = sentence(await dora.click(card, label=label))
        assert refused == "Only moderators of this post's channel can do this."
    set_permissions(env, server.channel, dora.id, manage_messages=True)
    await env.settle()
    asked = await dora.click(card, label="Hide")
    assert "Why are you hiding it?" in sentence(asked)
    set_permissions(env, server.channel, dora.id, manage_messages=None)
    await env.settle()
    refused = await dora.select(reply_of(asked), ["spam"])
    assert "Only moderators of this post's channel can do this." in told(refused)

    # The role's members moderate where they can see, whatever Discord allows the role.
    set_permissions(env, server.channel, moderators.id, manage_messages=False)
    await env.settle()
    assert "Dismissed 1 report." in sentence(await moderator.click(card, label="Dismiss"))


async def test_two_at_once(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    carol: simcord.MemberActor,
    moderators: simcord.RoleHandle,
    moderator: simcord.MemberActor,
    answer: Card,
) -> None:
    milo = server.guild.add_member(env.create_user("milo"), roles=[moderators])
    await report(carol, answer)
    (card,) = reports_in(reports)
    asked = await milo.click(card, label="Hide")
    queue = await milo.slash(server.lounge, "queue")
    assert "Dismissed 1 report." in sentence(await moderator.click(card, label="Dismiss"))
    late = await milo.select(reply_of(asked), ["spam"])
    assert told(late).startswith("Another moderator was faster. Dismissed by mona")
    select = control_in(reply_of(queue), "review.hide.because")
    late = await milo.select(reply_of(queue), ["spam"], custom_id=select)
    assert told(late).startswith("Another moderator was faster. Dismissed by mona")
    await env.advance_time(5)
    assert "answer" in {shown.kind for shown in server.cards()}, "the first one decides"
    assert "Dismissed by mona" in said(reports_in(reports)[0])


@on_sqlite
@pytest.mark.parametrize(
    ("act", "says"),
    [
        ("queue", "Dismissed by mona"),
        ("hide", "Hidden by mona"),
        ("delete", "Deleted by mona"),
        ("author", "Deleted by bob"),
        ("card", "Hidden until a moderator decides."),
    ],
)
async def test_it_says_what_was_decided_anywhere_else(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    answer: Card,
    act: str,
    says: str,
) -> None:
    await report(carol, answer)
    match act:
        case "queue":
            queue = await moderator.slash(server.lounge, "queue")
            await moderator.click(reply_of(queue), label="Dismiss")
        case "hide":
            await moderator.slash(server.lounge, "hide", post="#1.1")
        case "delete" | "author":
            person = moderator if act == "delete" else bob
            asked = await person.slash(server.lounge, "delete", post="#1.1")
            await person.click(reply_of(asked), label="Delete")
        case _:
            await moderator.delete(answer.message)
    await env.advance_time(5)
    (card,) = reports_in(reports)
    assert says in said(card)
    if act != "queue":
        assert "curtains" not in said(card)
    if act == "card":
        shown = await moderator.click(card, label="Show")
        assert sentence(shown) == "The post is shown again."
        await env.advance_time(5)
        assert "Shown again by mona" in said(reports_in(reports)[0])


@on_sqlite
@in_a_forum
async def test_a_question_is_closed(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
) -> None:
    other = await server.ask(alice, "How do I sleep after working at night?")
    for reported, reason in ((question, "off_topic"), (other, "duplicate")):
        await report(carol, reported)
        card = reports_in(reports)[-1]
        asked = await moderator.click(card, label="Close")
        done = await moderator.select(reply_of(asked), [reason])
        if reason == "duplicate":
            refused = await moderator.submit_modal(done, {"original": "#77"})
            assert "That isn't a post in this server." in sentence(refused)
            again = await moderator.click(reply_of(refused), label="Open the form again")
            done = await moderator.submit_modal(again, {"original": "#1"})
        assert "Closed #" in told(done)
        await env.advance_time(5)
        assert "Closed by mona" in said(reports_in(reports)[-1])
    assert "Closed" in question.text()
    assert "#1" in other.text()


@on_sqlite
@in_a_forum
async def test_a_role_is_called_by_a_new_card_alone(
    env: simcord.Env,
    server: Server,
    moderators: simcord.RoleHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
    answer: Card,
    configure: Configure,
) -> None:
    """Not by those that waited for a channel, and nobody but this role."""
    helpers = server.guild.create_role("On call", mentionable=True)
    await configure("report_role", f"<@&{helpers.id}>")
    await report(carol, question, "@everyone look")
    channel = closed_channel(server, "reports", moderators)
    await configure("moderators_channel", f"<#{channel.id}>")
    await env.advance_time(5)
    (waited,) = reports_in(channel)
    assert pings(waited) == []
    await report(carol, answer, "@everyone look")
    await report(alice, answer)
    new = reports_in(channel)[-1]
    assert pings(new) == ["On call"]
    sent = [
        entry.json["allowed_mentions"]
        for entry in env.http_requests
        if entry.method == "POST"
        and entry.path == f"/channels/{channel.id}/messages"
        and entry.json is not None
    ]
    assert [(each["parse"], [int(role) for role in each.get("roles", [])]) for each in sent] == [
        ([], []),
        ([], []),
        ([], [helpers.id]),
    ]
    edited = [
        entry.json["allowed_mentions"]
        for entry in env.http_requests
        if entry.method == "PATCH"
        and entry.path == f"/channels/{channel.id}/messages/{new.id}"
        and entry.json is not None
    ]
    assert edited
    assert not any(each.get("roles") for each in edited)


@on_sqlite
@in_a_forum
async def test_a_report_after_a_decision_is_a_new_card(
    env: simcord.Env,
    reports: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    answer: Card,
) -> None:
    await report(carol, answer)
    (first,) = reports_in(reports)
    await moderator.click(first, label="Dismiss")
    await env.advance_time(5)
    await report(alice, answer, "Really.")
    old, new = reports_in(reports)
    assert old.id == first.id
    assert "Dismissed by mona" in said(old)
    assert "**1 report**" in said(new)


@on_sqlite
@in_a_forum
async def test_in_the_servers_language(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    locales: Locales,
    carol: simcord.MemberActor,
    answer: Card,
    configure: Configure,
) -> None:
    await report(carol, answer)
    await configure("locale", "de")
    await env.advance_time(10)
    assert not reports_in(reports), "the card says it in German"
    assert [m.embeds[0].title for m in shown_in(reports)] == [
        "Meldungen landen hier",
        "Gemeldet: #1.1 · Antwort",
    ]


@on_sqlite
@in_a_forum
async def test_another_channel_or_none(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    moderators: simcord.RoleHandle,
    carol: simcord.MemberActor,
    answer: Card,
    configure: Configure,
    owner: simcord.MemberActor,
) -> None:
    await report(carol, answer)
    other = closed_channel(server, "mods", moderators)
    await configure("moderators_channel", f"<#{other.id}>")
    await env.advance_time(5)
    assert shown_in(reports) == [], "what waits moves"
    assert len(reports_in(other)) == 1
    assert len(shown_in(other)) == 2
    await owner.slash(server.lounge, "settings reset", name="moderators_channel")
    await env.advance_time(5)
    assert shown_in(other) == []


@on_sqlite
@in_a_forum
async def test_the_channel_is_deleted(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    moderators: simcord.RoleHandle,
    alice: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    owner: simcord.MemberActor,
    question: Card,
    answer: Card,
    configure: Configure,
) -> None:
    await report(carol, answer)
    await delete_channel(env, reports)
    said_then = sentence(await report(carol, question))
    assert "moderators' queue" in said_then, "the moderators aren't reached any more"
    wizard = told(await owner.slash(server.lounge, "setup"))
    assert "The moderators' channel no longer exists" in wizard
    assert "2" in told(await moderator.slash(server.lounge, "queue"))
    other = closed_channel(server, "mods", moderators)
    await configure("moderators_channel", f"<#{other.id}>")
    await env.advance_time(5)
    assert len(reports_in(other)) == 2, "what waited comes where moderators are reached again"


@on_sqlite
@in_a_forum
async def test_the_card_is_deleted_by_hand(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
    answer: Card,
) -> None:
    """That decides nothing. One more report brings it back; a decision doesn't."""
    for reported in (question, answer):
        await report(carol, reported)
    for card in reports_in(reports):
        await moderator.delete(card)
    await env.advance_time(5)
    assert reports_in(reports) == []
    assert "1/2" in told(await moderator.slash(server.lounge, "queue"))
    bob = server.guild.add_member(env.create_user("ben"))
    await report(bob, answer)
    (again,) = reports_in(reports)
    assert "**2 reports**" in said(again)
    await moderator.slash(server.lounge, "hide", post="#1")
    await env.advance_time(5)
    assert len(reports_in(reports)) == 1


@on_sqlite
@in_a_forum
async def test_what_waited_comes_once_a_channel_is_chosen(
    env: simcord.Env,
    server: Server,
    moderators: simcord.RoleHandle,
    carol: simcord.MemberActor,
    question: Card,
    answer: Card,
    configure: Configure,
) -> None:
    await report(carol, question)
    await report(carol, answer)
    channel = closed_channel(server, "reports", moderators)
    await configure("moderators_channel", f"<#{channel.id}>")
    await env.advance_time(5)
    assert len(reports_in(channel)) == 2


async def test_a_click_after_a_restart(
    env: simcord.Env,
    reports: simcord.ChannelHandle,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    answer: Card,
    restart: Restart,
) -> None:
    await report(carol, answer)
    (card,) = reports_in(reports)
    await restart()
    await env.advance_time(10)
    assert [m.id for m in reports_in(reports)] == [card.id]
    assert list(buttons(await moderator.click(card, label="Read it"))) == [
        "Hide",
        "Dismiss",
        "Edit",
        "Block author…",
        "Go to",
    ]
    assert "Dismissed 1 report." in sentence(await moderator.click(card, label="Dismiss"))
    await env.advance_time(5)
    assert "Dismissed by mona" in said(reports_in(reports)[0])
