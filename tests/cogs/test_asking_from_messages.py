"""`/ask` from the bot's direct messages, where nobody in a channel sees it being typed."""

from __future__ import annotations

import discord
import simcord

from tests.conftest import Restart
from tests.support.kinds import SIMPLE
from tests.support.replies import buttons, filled, open_again, reply_of, sentence
from tests.support.server import Card, Server, told
from tests.support.simulator import set_permissions

pytestmark = SIMPLE
TITLE = "Which bread is best with cheese?"


async def chosen(
    server: Server, person: simcord.MemberActor, **options: str
) -> simcord.InteractionResult:
    """A person types `/ask` to the bot, and chooses the server."""
    shown = await person.user.slash("ask", **options)
    assert "Where do you want to ask?" in told(shown)
    return await person.user.select(reply_of(shown), [str(server.guild.id)])


async def test_the_server_comes_first_then_the_form_and_the_link(
    server: Server, restart: Restart, alice: simcord.MemberActor, question: Card
) -> None:
    form = await chosen(server, alice)
    await restart()
    done = await alice.user.submit_modal(form, {"title": TITLE, "details": "Rye, perhaps."})
    assert "Your question is #2." in sentence(done)
    (card,) = [c for c in server.cards() if c.kind == "question" and c.thread.name == TITLE]
    assert buttons(done)["Go to #2"] == card.message.jump_url


async def test_similar_ones_come_before_as_everywhere(
    server: Server, alice: simcord.MemberActor, bob: simcord.MemberActor, question: Card
) -> None:
    await server.ask(bob, TITLE)
    form = await chosen(server, alice)
    typed = {"title": "What bread goes with cheese?", "details": ""}
    shown = await alice.user.submit_modal(form, typed)
    assert "Before it goes up" in told(shown)
    changed = await alice.user.click(reply_of(shown), label="Change mine")
    assert filled(changed)["title"] == typed["title"]
    done = await alice.user.click(reply_of(shown), label="Post mine")
    assert "Your question is #3." in sentence(done)


async def test_a_title_given_before_is_not_lost(
    server: Server, alice: simcord.MemberActor, question: Card
) -> None:
    form = await chosen(server, alice, title=TITLE)
    assert filled(form)["title"] == TITLE


async def test_only_servers_are_offered_where_one_takes_part_and_is(
    server: Server, env: simcord.Env, bob: simcord.MemberActor, alice: simcord.MemberActor
) -> None:
    shown = await bob.user.slash("ask")
    assert "I haven't seen you take part in a server yet" in sentence(shown)
    assert "use /ask there once" in told(shown)
    await server.ask(alice, TITLE)
    shown = await alice.user.slash("ask")
    env.backend.remove_member(server.guild.id, alice.id)
    await env.settle()
    refused = await alice.user.select(reply_of(shown), [str(server.guild.id)])
    assert "You aren't a member of that server any more" in sentence(refused)
    assert "I haven't seen you" in sentence(await alice.user.slash("ask"))


async def test_rights_are_those_at_opening_and_at_sending(
    server: Server, env: simcord.Env, alice: simcord.MemberActor, question: Card
) -> None:
    form = await chosen(server, alice)
    set_permissions(env, server.channel, alice.id, send_messages=False)
    await env.settle()
    refused = await alice.user.submit_modal(form, {"title": TITLE, "details": "Rye, perhaps."})
    assert "You can't ask there" in sentence(refused)
    again = await open_again(alice.user, refused)  # type: ignore[arg-type]
    assert filled(again)["details"] == "Rye, perhaps."
    set_permissions(env, server.channel, alice.id, send_messages=None)
    await env.settle()
    done = await alice.user.submit_modal(again, filled(again))
    assert "Your question is #2." in sentence(done)


async def test_who_left_meanwhile_gets_their_text_back(
    server: Server, env: simcord.Env, alice: simcord.MemberActor, question: Card
) -> None:
    form = await chosen(server, alice)
    env.backend.remove_member(server.guild.id, alice.id)
    await env.settle()
    refused = await alice.user.submit_modal(form, {"title": TITLE, "details": "Rye, perhaps."})
    assert "Here's what you typed." in sentence(refused)


async def test_who_is_timed_out_may_not(
    server: Server, env: simcord.Env, alice: simcord.MemberActor, question: Card
) -> None:
    form = await chosen(server, alice)
    until = discord.utils.utcnow().replace(year=2100).isoformat()
    env.backend.get_guild(server.guild.id).members[alice.id].timed_out_until = until
    refused = await alice.user.submit_modal(form, {"title": TITLE, "details": ""})
    assert "You're timed out in this server" in sentence(refused)


async def test_nothing_else_can_be_done_from_there(
    server: Server, env: simcord.Env, owner: simcord.MemberActor, alice: simcord.MemberActor
) -> None:
    await server.ask(alice, TITLE)
    assert alice.user.available_commands() == ("ask",)
