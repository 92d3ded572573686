"""`/hide member:` and `/show member:`: a preview, a button, and *Undo* for a week."""

from __future__ import annotations

import pytest
import simcord

from bot.usecases import sweeping
from tests.cogs.conftest import Configure
from tests.conftest import Restart
from tests.support.forgery import press
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.replies import buttons, reply_of, sentence
from tests.support.server import Card, Server, told
from tests.support.simulator import set_permissions


def kinds(server: Server) -> list[str]:
    return sorted(card.kind for card in server.cards())


@pytest.fixture
async def flood(server: Server, bob: simcord.MemberActor, answer: Card) -> Card:
    """Bob's question, beside his answer to Alice's."""
    return await server.ask(bob, "Who wants to buy the best curtains of all?")


async def test_all_posts_of_a_member_are_hidden_and_shown_again(
    env: simcord.Env,
    server: Server,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    flood: Card,
    restart: Restart,
) -> None:
    await server.answer(alice, flood, "Please don't advertise here, it is against the rules.")
    shown = await moderator.slash(server.lounge, "hide", member=bob, reason="spam")
    assert sentence(shown) == (
        f"This hides 2 posts by [bob](https://discord.com/users/{bob.id}). "
        "They're in 2 questions.\n"
        "1 answer or comment by someone else is below them and goes with them.\nHide 2 posts"
    )
    assert len(server.cards()) == 4, "it is a preview"
    await restart()
    done = await moderator.click(reply_of(shown), label="Hide 2 posts")
    assert sentence(done).startswith("Hid 2 posts by [bob]")
    await env.advance_time(5)
    assert [card.by for card in server.cards() if card.kind == "answer"] == ["alice · 160 points"]
    assert kinds(server) == ["answer", "question"], "hers is in the thread, which is locked"
    inbox = told(await bob.slash(server.lounge, "inbox"))
    assert "A moderator hid it as spam.\n1 more of your posts was hidden too." in inbox

    await restart()
    undone = await moderator.click(reply_of(done), label="Undo")
    assert sentence(undone).startswith("2 posts by [bob]")
    await env.advance_time(5)
    assert kinds(server) == ["answer", "answer", "question", "question"]
    assert "1 more of your posts is shown again too." in told(
        await bob.slash(server.lounge, "inbox")
    )


@on_sqlite
@in_a_forum
async def test_show_takes_back_what_hide_did_and_nothing_else(
    server: Server, bob: simcord.MemberActor, moderator: simcord.MemberActor, flood: Card
) -> None:
    await moderator.slash(server.lounge, "hide", post="#1.1")
    shown = await moderator.slash(server.lounge, "hide", member=bob)
    assert list(buttons(shown)) == ["Hide 1 post"]
    await moderator.click(reply_of(shown), label="Hide 1 post")
    again = await moderator.slash(server.lounge, "show", member=bob)
    assert sentence(again).startswith("This shows 1 post by [bob]")
    done = await moderator.click(reply_of(again), label="Show 1 post")
    assert sentence(done).startswith("1 post by [bob]")
    again = await moderator.slash(server.lounge, "show", member=bob)
    assert sentence(again).startswith("There are no posts by [bob]")
    assert kinds(server) == ["question", "question"]


@on_sqlite
@in_a_forum
async def test_only_what_was_written_since(
    env: simcord.Env,
    server: Server,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    flood: Card,
) -> None:
    await env.advance_time(2 * 24 * 3600)
    nothing = await moderator.slash(server.lounge, "hide", member=bob, since="24h")
    assert sentence(nothing).startswith("There are no posts by [bob]")
    await server.ask(bob, "Who wants to buy the second best curtains of all?")
    shown = await moderator.slash(server.lounge, "hide", member=bob, since="24h")
    await moderator.click(reply_of(shown), label="Hide 1 post")
    assert kinds(server) == ["answer", "question", "question"]


@on_sqlite
@in_a_forum
async def test_a_role_that_was_taken_away_meanwhile_is_noticed(
    env: simcord.Env,
    server: Server,
    channel: simcord.ChannelHandle,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    flood: Card,
) -> None:
    shown = await moderator.slash(server.lounge, "hide", member=bob)
    env.backend.edit_member(server.guild.id, moderator.id, {"role_ids": []})
    refused = await moderator.click(reply_of(shown), label="Hide 2 posts")
    assert sentence(refused).startswith("Only moderators")
    for control in (f"hide.member:{bob.id}:0.spam", f"show.member:{bob.id}", "hide.undo:1"):
        refused = await press(carol, reply_of(shown).message, f"qa:1:{control}")
        assert not sentence(refused).startswith("Hid")
    assert len(kinds(server)) == 3
    # Manage Messages in the channel is enough for what stands there.
    set_permissions(env, channel, carol.id, manage_messages=True)
    done = await press(carol, reply_of(shown).message, f"qa:1:hide.member:{bob.id}:0.spam")
    assert sentence(done).startswith("Hid 2 posts by [bob]")


@on_sqlite
@in_a_forum
async def test_a_channel_that_is_closed_to_them_is_left_out(
    server: Server,
    env: simcord.Env,
    nights: simcord.ChannelHandle,
    sleep: str,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    flood: Card,
) -> None:
    await server.ask(bob, "Who sells curtains to those who sleep by day?", category=sleep)
    set_permissions(env, nights, moderator.id, view_channel=False)
    shown = await moderator.slash(server.lounge, "hide", member=bob)
    assert sentence(shown).startswith("This hides 2 posts by [bob]")


@on_sqlite
@in_a_forum
async def test_the_button_offers_a_week_and_two_presses_are_one(
    env: simcord.Env,
    server: Server,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    flood: Card,
) -> None:
    shown = await moderator.slash(server.lounge, "hide", member=bob)
    message = reply_of(shown)
    done = await moderator.click(message, label="Hide 2 posts")
    again = await press(moderator, message.message, f"qa:1:hide.member:{bob.id}:0.other")
    assert sentence(again) == sentence(done)
    assert buttons(again) == buttons(done)
    audit = told(await moderator.slash(server.lounge, "audit", kind="hide_member"))
    assert audit.count("**Hid a member's posts**") == 1
    assert "posts: 2" in audit
    assert f"[bob](https://discord.com/users/{bob.id})" in audit
    await env.advance_time(8 * 24 * 3600)
    late = await moderator.click(reply_of(done), label="Undo")
    assert sentence(late).startswith("This can only be undone within a week.")
    shown = await moderator.slash(server.lounge, "show", member=bob)
    assert list(buttons(shown)) == ["Show 2 posts"]


@on_sqlite
@in_a_forum
async def test_it_goes_on_after_a_restart(
    env: simcord.Env,
    server: Server,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    flood: Card,
    restart: Restart,
    monkeypatch: pytest.MonkeyPatch,
    configure: Configure,
) -> None:
    async def ends(*_: object, **__: object) -> int:
        raise ConnectionError("the process ends here")

    with monkeypatch.context() as patch:
        patch.setattr(sweeping, "_go_on", ends)
        shown = await moderator.slash(server.lounge, "hide", member=bob)
        await moderator.click(reply_of(shown), label="Hide 2 posts")
        assert len(kinds(server)) == 3
    await restart()
    await env.advance_time(600)
    assert kinds(server) == ["question"]
