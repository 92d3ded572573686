"""`/block` and `/unblock`, and what blocked members meet."""

from __future__ import annotations

import simcord

from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.replies import bell_of, buttons, fields, open_again, pings, reply_of, sentence
from tests.support.reports import report, reports_in
from tests.support.server import Card, Server, told

DAY = 24 * 3600
GOOD = "You're blocked from posting here for good: spam."


async def block(
    server: Server, moderator: simcord.MemberActor, whom: simcord.MemberActor, **options: str
) -> simcord.InteractionResult:
    span = options.pop("span", "for_good")
    return await moderator.slash(
        server.lounge, "block", member=whom, **{"for": span}, reason="spam", **options
    )


@in_a_forum
async def test_a_blocked_member_reads_why_wherever_they_would_take_part(
    server: Server,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
    answer: Card,
) -> None:
    done = await block(server, moderator, bob)
    assert "is blocked for good. They read why in their inbox." in sentence(done)
    for name, options in (
        ("ask", {}),
        ("ask", {"title": "How do I wake up early?"}),
        ("answer", {"question": "#1"}),
        ("comment", {"post": "#1"}),
        ("edit", {"post": "#1.1"}),
        ("vote", {"post": "#1", "direction": "up"}),
        ("close", {"question": "#1", "reason": "other"}),
    ):
        refused = await bob.slash(server.lounge, name, **options)
        assert refused.modal is None
        assert GOOD in sentence(refused), name
    inbox = sentence(await bob.slash(server.lounge, "inbox"))
    assert f"🔵 **Blocked** · {GOOD}" in inbox
    assert "🔵 **Blocked**" not in sentence(await bob.slash(server.lounge, "inbox"))
    found = sentence(await bob.slash(server.lounge, "search", query="curtains"))
    assert "no screens before bed" in found
    await bob.slash(server.lounge, "notifications", dm=True)
    asked = await bob.slash(server.lounge, "delete", post="#1.1")
    assert "is deleted" in sentence(await bob.click(reply_of(asked), label="Delete"))


@in_a_forum
@on_sqlite
async def test_the_menu_offers_what_a_blocked_member_may_do(
    server: Server,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
    answer: Card,
) -> None:
    await block(server, moderator, bob)
    own = await bob.click(answer.message, custom_id=answer.control("more"))
    assert {"Comment", "Edit", "Report"}.isdisjoint(buttons(own))
    assert "Delete" in buttons(own)
    other = await bob.click(question.message, custom_id=question.control("more"))
    assert {"Comment", "Report", "Close…"}.isdisjoint(buttons(other))


async def test_a_block_while_a_form_is_open_is_noticed(
    server: Server, carol: simcord.MemberActor, moderator: simcord.MemberActor, question: Card
) -> None:
    form = await carol.slash(question.thread, "answer")
    await block(server, moderator, carol)
    refused = await carol.submit_modal(form, {"answer": "Warm milk, and an early breakfast."})
    text = sentence(refused)
    assert GOOD in text
    assert "Nothing you typed is lost." in text
    assert GOOD in sentence(await open_again(carol, refused))
    assert [card.kind for card in server.cards()] == ["question"]
    await moderator.slash(server.lounge, "unblock", member=carol)
    again = await open_again(carol, refused)
    assert fields(again)["answer"]["value"] == "Warm milk, and an early breakfast."
    await carol.submit_modal(again, {"answer": "Warm milk, and an early breakfast."})
    assert sorted(card.kind for card in server.cards()) == ["answer", "question"]


async def test_their_reaction_is_taken_off_and_explained(
    env: simcord.Env,
    server: Server,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    answer: Card,
) -> None:
    await block(server, moderator, carol)
    await carol.react(answer.message, "⬆️")
    await env.advance_time(10)
    up = next(r for r in answer.message.reactions if str(r.emoji) == "⬆️")
    assert up.count == 1, "only the bot's own is left"
    text = sentence(await carol.slash(server.lounge, "points"))
    assert "didn't count" in text
    assert GOOD in text


@in_a_forum
@on_sqlite
async def test_it_ends_by_itself(
    env: simcord.Env,
    server: Server,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
) -> None:
    done = sentence(await block(server, moderator, carol, span="1d"))
    end = int(env.now().timestamp()) + DAY
    assert f"is blocked until <t:{end}:f>." in done
    refused = sentence(await carol.slash(question.thread, "answer"))
    assert f"You're blocked from posting here until <t:{end}:f>: spam." in refused
    assert bell_of(await carol.slash(server.lounge, "points")), "there is news"
    await env.advance_time(DAY + 5)
    assert "Blocked" not in sentence(await carol.slash(server.lounge, "inbox"))
    assert (await carol.slash(question.thread, "answer")).modal is not None


@in_a_forum
@on_sqlite
async def test_a_button_takes_it_off(
    server: Server, carol: simcord.MemberActor, moderator: simcord.MemberActor, question: Card
) -> None:
    done = await block(server, moderator, carol)
    assert list(buttons(done)) == ["Unblock"]
    sentence(await moderator.click(reply_of(done), label="Unblock"))
    assert (await carol.slash(question.thread, "answer")).modal is not None
    again = sentence(await moderator.slash(server.lounge, "unblock", member=carol))
    assert "isn't blocked." in again


@in_a_forum
@on_sqlite
async def test_who_can_be_blocked(
    env: simcord.Env,
    server: Server,
    owner: simcord.MemberActor,
    moderator: simcord.MemberActor,
) -> None:
    robot = server.guild.add_member(env.create_user("robot", bot=True))
    for by, whom, why in (
        (moderator, moderator, "You can't block yourself."),
        (moderator, owner, "Moderators and managers can't be blocked."),
        (owner, moderator, "Moderators and managers can't be blocked."),
        (moderator, robot, "Bots don't take part in the forum"),
    ):
        assert why in sentence(await block(server, by, whom))


@in_a_forum
@on_sqlite
async def test_the_author_of_a_reported_post_is_blocked_from_its_card(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    answer: Card,
) -> None:
    await report(carol, answer, "It sells curtains.")
    await env.advance_time(5)
    (card,) = reports_in(reports)
    form = await moderator.click(card, label="Block author…")
    assert [o["value"] for o in fields(form)["span"]["options"] if o.get("default")] == ["7d"]
    done = await moderator.submit_modal(form, {"span": ["1h"], "reason": "A rest"})
    end = int(env.now().timestamp()) + 3600
    assert f"is blocked until <t:{end}:f>." in sentence(done)
    assert "bob" in sentence(done)
    refused = sentence(await bob.slash(server.lounge, "ask"))
    assert f"You're blocked from posting here until <t:{end}:f>: A rest." in refused


@in_a_forum
@on_sqlite
async def test_a_role_taken_away_meanwhile_is_noticed(
    env: simcord.Env,
    server: Server,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    answer: Card,
) -> None:
    await report(carol, answer, "It sells curtains.")
    queue = await moderator.slash(server.lounge, "queue")
    form = await moderator.click(reply_of(queue), label="Block author…")
    env.backend.edit_member(server.guild.id, moderator.id, {"role_ids": []})
    await env.settle()
    refused = await moderator.submit_modal(form, {"span": ["1h"], "reason": ""})
    assert "Only moderators" in told(refused)
    assert (await bob.slash(server.lounge, "ask")).modal is not None


@in_a_forum
@on_sqlite
async def test_an_author_who_moderates_by_now_is_not_blocked(
    env: simcord.Env,
    server: Server,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderators: simcord.RoleHandle,
    moderator: simcord.MemberActor,
    answer: Card,
) -> None:
    await report(carol, answer, "It sells curtains.")
    queue = await moderator.slash(server.lounge, "queue")
    form = await moderator.click(reply_of(queue), label="Block author…")
    env.backend.edit_member(server.guild.id, bob.id, {"role_ids": [moderators.id]})
    await env.settle()
    refused = await moderator.submit_modal(form, {"span": ["1h"], "reason": ""})
    assert "Moderators and managers can't be blocked." in sentence(refused)


@in_a_forum
@on_sqlite
async def test_a_reason_pings_nobody(
    server: Server, carol: simcord.MemberActor, moderator: simcord.MemberActor
) -> None:
    await moderator.slash(
        server.lounge, "block", member=carol, reason="@everyone **see** <@&1>", **{"for": "1h"}
    )
    refused = await carol.slash(server.lounge, "ask")
    text = sentence(refused)
    assert pings(reply_of(refused).message) == []
    assert "<@&1>" not in text
    assert "**see**" not in text
