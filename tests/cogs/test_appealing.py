"""Appeals, as authors and moderators meet them."""

from __future__ import annotations

import pytest
import simcord

from tests.conftest import Restart
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.replies import bell_of, buttons, fields, open_again, reply_of, sentence
from tests.support.reports import shown_in
from tests.support.server import Card, Server, said, told
from tests.support.simulator import set_permissions

WORDS = "It quotes a leaflet, and it isn't spam."


@pytest.fixture
async def nell(
    env: simcord.Env, server: Server, moderators: simcord.RoleHandle
) -> simcord.MemberActor:
    """Nell, another moderator. She has been seen to moderate."""
    nell = server.guild.add_member(env.create_user("nell"), roles=[moderators])
    await nell.slash(server.lounge, "tag synonym", tag="snooze", target="sleep")
    await nell.slash(server.lounge, "block", member=nell)
    return nell


async def appeal(
    server: Server, author: simcord.MemberActor, label: str, words: str = WORDS
) -> simcord.InteractionResult:
    """Somebody appeals from their inbox."""
    shown = await author.slash(server.lounge, "inbox")
    form = await author.click(reply_of(shown), label=label)
    return await author.submit_modal(form, {"appeal": words})


async def hidden(server: Server, by: simcord.MemberActor, number: str = "#1.1") -> None:
    await by.slash(server.lounge, "hide", post=number, reason="spam")


async def test_it_is_decided_by_another_and_told(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    bob: simcord.MemberActor,
    owner: simcord.MemberActor,
    moderator: simcord.MemberActor,
    nell: simcord.MemberActor,
    answer: Card,
    restart: Restart,
) -> None:
    await hidden(server, moderator)
    shown = await bob.slash(server.lounge, "inbox")
    assert "A moderator hid it as spam." in sentence(shown)
    assert "Appeal #1.1" in buttons(shown)
    form = await bob.click(reply_of(shown), label="Appeal #1.1")
    assert fields(form)["appeal"]["max_length"] == 600
    sent = await bob.submit_modal(form, {"appeal": WORDS})
    assert "Another moderator will look at it." in sentence(sent)
    await env.advance_time(5)
    inbox = await bob.slash(server.lounge, "inbox")
    assert "**Appeal** · #1.1" in sentence(inbox)
    assert "Your appeal waits for a moderator." in sentence(inbox)
    assert "Appeal #1.1" not in buttons(inbox)

    card = shown_in(reports)[-1]
    assert "Appeal: #1.1 is hidden" in said(card)
    assert "Spam or advertising" in said(card)
    assert f"||{WORDS}||" in said(card)
    await restart()
    card = shown_in(reports)[-1]
    refused = await moderator.click(card, label="It stands")
    assert "You decided this first" in sentence(refused)
    assert WORDS in sentence(await moderator.click(card, label="Read it"))
    late = await owner.click(card, label="Read it")
    read = await nell.click(card, label="Read it")
    assert WORDS in sentence(read)
    assert "no screens before bed" in sentence(read)
    done = await nell.click(reply_of(read), label="Undo it")
    assert sentence(done).startswith("Undone. The author reads it in their inbox.")
    await env.advance_time(5)
    decided = shown_in(reports)[-1]
    assert decided.id == card.id
    assert "Undone by nell" in said(decided)
    assert WORDS not in said(decided)
    late = await owner.click(reply_of(late), label="It stands")
    assert "Another moderator was faster. Undone by nell" in sentence(late)

    assert "🔔" in bell_of(await bob.slash(server.lounge, "about"))
    inbox = sentence(await bob.slash(server.lounge, "inbox"))
    assert "🔵 ⚖️ **Appeal** · #1.1" in inbox
    assert "Your appeal was right. The decision is undone." in inbox
    assert "**Shown again** · #1.1" in inbox
    inbox = sentence(await bob.slash(server.lounge, "inbox"))
    assert "🔵" not in inbox
    assert "Your appeal was right." in inbox, "for a week"
    log = sentence(await nell.slash(server.lounge, "audit"))
    (line,) = [each for each in log.split("\n\n") if "**Decided an appeal**" in each]
    assert line.endswith("appeal: waits for a decision → undone")
    assert WORDS not in log


@in_a_forum
async def test_a_block_is_appealed_against(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    nell: simcord.MemberActor,
    answer: Card,
) -> None:
    await moderator.slash(server.lounge, "block", member=bob, reason="he sells curtains")
    sent = await appeal(server, bob, "Appeal the block")
    assert "Another moderator will look at it." in sentence(sent)
    await env.advance_time(5)
    card = shown_in(reports)[-1]
    for secret in ("bob", "curtains", WORDS):
        assert secret not in said(card), "who is blocked isn't told to readers of the channel"
    read = sentence(await nell.click(card, label="Read it"))
    for what in ("bob", "he sells curtains", WORDS):
        assert what in read
    await nell.click(card, label="It stands")
    await env.advance_time(5)
    inbox = sentence(await bob.slash(server.lounge, "inbox"))
    assert "A moderator looked at your appeal. The decision stands." in inbox
    assert "**Blocked**" in inbox
    refused = await bob.slash(server.lounge, "comment", post="#1")
    assert "You're blocked" in sentence(refused)


@in_a_forum
@on_sqlite
async def test_its_words_are_shown_where_all_may_read_the_post(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    nell: simcord.MemberActor,
    answer: Card,
) -> None:
    helen = server.guild.add_member(env.create_user("helen"))
    set_permissions(env, reports, helen.id, view_channel=True, read_message_history=True)
    set_permissions(env, server.channel, helen.id, view_channel=False)
    await env.settle()
    await hidden(server, moderator)
    await appeal(server, bob, "Appeal #1.1")
    await env.advance_time(5)
    card = shown_in(reports)[-1]
    assert "Appeal: #1.1 is hidden" in said(card)
    assert WORDS not in said(card)
    assert "Only moderators of this post's channel" in sentence(
        await helen.click(card, label="Read it")
    )
    assert WORDS in sentence(await nell.click(card, label="Read it"))
    set_permissions(env, server.channel, helen.id, view_channel=True, read_message_history=True)
    await env.advance_time(30)
    assert WORDS in said(shown_in(reports)[-1]), "it follows who may read"


@in_a_forum
@on_sqlite
async def test_who_decided_first_decides_where_nobody_else_can(
    env: simcord.Env,
    server: Server,
    owner: simcord.MemberActor,
    bob: simcord.MemberActor,
    moderators: simcord.RoleHandle,
    answer: Card,
) -> None:
    await hidden(server, owner)
    await appeal(server, bob, "Appeal #1.1")
    shown = await owner.slash(server.lounge, "queue", view="appeals")
    assert WORDS in sentence(shown)
    nell = server.guild.add_member(env.create_user("nell"), roles=[moderators])
    await nell.slash(server.lounge, "block", member=server.guild.add_member(env.create_user("x")))
    refused = await owner.click(reply_of(shown), label="It stands")
    assert "You decided this first" in sentence(refused)
    env.backend.edit_member(server.guild.id, nell.id, {"role_ids": []})
    await env.settle()
    shown = await owner.slash(server.lounge, "queue", view="appeals")
    done = sentence(await owner.click(reply_of(shown), label="It stands"))
    assert done.startswith("It stands. The author reads it in their inbox. No appeals wait.")
    log = sentence(await owner.slash(server.lounge, "audit"))
    assert "The same person, as nobody else moderates" in log


@in_a_forum
@on_sqlite
async def test_a_role_taken_away_meanwhile_is_noticed(
    env: simcord.Env,
    server: Server,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    nell: simcord.MemberActor,
    answer: Card,
) -> None:
    await hidden(server, moderator)
    await appeal(server, bob, "Appeal #1.1")
    shown = await nell.slash(server.lounge, "queue", view="appeals")
    env.backend.edit_member(server.guild.id, nell.id, {"role_ids": []})
    await env.settle()
    refused = await nell.click(reply_of(shown), label="Undo it")
    assert "Only moderators of this post's channel can do this." in sentence(refused)
    assert answer.post_id not in {card.post_id for card in server.cards()}


@in_a_forum
@on_sqlite
async def test_what_was_typed_comes_back(
    server: Server,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    answer: Card,
) -> None:
    await hidden(server, moderator)
    shown = await bob.slash(server.lounge, "inbox")
    form = await bob.click(reply_of(shown), label="Appeal #1.1")
    await moderator.slash(server.lounge, "show", post="#1.1")
    refused = await bob.submit_modal(form, {"appeal": WORDS})
    assert "no longer holds, so there's nothing to appeal" in sentence(refused)
    again = await open_again(bob, refused)
    assert fields(again)["appeal"]["value"] == WORDS


@in_a_forum
@on_sqlite
async def test_without_a_channel_moderators_read_of_it_in_their_inbox(
    env: simcord.Env,
    server: Server,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    nell: simcord.MemberActor,
    answer: Card,
) -> None:
    await hidden(server, moderator)
    await appeal(server, bob, "Appeal #1.1")
    assert "1 new" in bell_of(await nell.slash(server.lounge, "about"))
    shown = await nell.slash(server.lounge, "inbox")
    assert "**1 appeal waits for a decision**" in sentence(shown)
    read = await nell.select(reply_of(shown), custom_id="qa:1:report.look", values=["appeal-1"])
    assert WORDS in sentence(read)
    await nell.click(reply_of(read), label="Undo it")
    assert "appeal waits" not in told(await nell.slash(server.lounge, "inbox"))


@in_a_forum
@on_sqlite
async def test_all_that_may_be_appealed_against_has_its_button(
    server: Server,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
) -> None:
    """A full page, beside a block, answers to be chosen from, and other pages."""
    for n in range(9):
        await server.answer(bob, question, f"Dark curtains, said I the time number {n}.")
    for n in range(1, 10):
        await hidden(server, moderator, f"#1.{n}")
    await moderator.slash(server.lounge, "block", member=bob)
    shown = await bob.slash(server.lounge, "inbox")
    offered = [label for label in buttons(shown) if label.startswith("Appeal")]
    assert offered == ["Appeal the block", *(f"Appeal #1.{n}" for n in range(9, 1, -1))]
    second = await bob.click(reply_of(shown), label="Next")
    assert [each for each in buttons(second) if each.startswith("Appeal")] == ["Appeal #1.1"]
