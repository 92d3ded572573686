"""`/unseal`, and blocking an author whom nobody knows, as moderators and authors meet them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import simcord

from bot.app import Askwell
from bot.domain.actors import Actor
from bot.domain.errors import Denial, Denied
from bot.usecases import personas, unsealing
from bot.usecases.asking import QuestionForm, ask_question
from tests.cogs.conftest import Configure
from tests.support.forgery import press
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.replies import buttons, reply_of, sentence
from tests.support.reports import report, shown_in
from tests.support.server import Card, Server, said, told
from tests.support.simulator import as_the_bot

WHY = "They threaten another member with violence."


async def ask_anonymously(env: simcord.Env, server: Server, person: simcord.MemberActor) -> Card:
    """A person asks without a name."""
    bot = env.bot
    assert isinstance(bot, Askwell)
    seal = personas.seal_of(bot.sealing, person.guild.id, person.id)
    actor = replace(Actor(person.guild.id, person.id), seal=seal)
    me = await personas.author(bot.db, actor, "Quiet Otter", asks=True)
    number = len(server.cards()) + 1
    form = QuestionForm(f"Where do you live, number {number}?", "I'll find you.")
    with as_the_bot(env):
        posted = await ask_question(bot.db, me, form, origin_id=4711 + number, now=env.now())
    await env.advance_time(5)
    return server.card(posted.post_id)


async def known_for(env: simcord.Env, long: timedelta, *people: simcord.MemberActor) -> None:
    """The bot has first seen these people moderate so long ago."""
    bot = env.bot
    assert isinstance(bot, Askwell)
    for person in people:
        actor = Actor(person.guild.id, person.id, is_moderator=True)
        await unsealing.note_try(bot.db, actor, now=env.now() - long)


@pytest.fixture
async def nell(
    env: simcord.Env, server: Server, moderators: simcord.RoleHandle
) -> simcord.MemberActor:
    """Nell, another moderator."""
    return server.guild.add_member(env.create_user("nell"), roles=[moderators])


@pytest.fixture
async def sealed(
    env: simcord.Env,
    server: Server,
    alice: simcord.MemberActor,
    moderator: simcord.MemberActor,
    nell: simcord.MemberActor,
    configure: Configure,
) -> Card:
    """A question that Alice asked anonymously, number 1; two moderators have been known for more
    than a week."""
    await configure("anonymous", "on")
    await known_for(env, timedelta(days=8), moderator, nell)
    return await ask_anonymously(env, server, alice)


async def unseal(
    server: Server, person: simcord.MemberActor, post: str = "#1"
) -> simcord.InteractionResult:
    return await person.slash(server.lounge, "unseal", post=post, reason=WHY)


async def test_two_moderators_see_once_who_it_was(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    sealed: Card,
    alice: simcord.MemberActor,
    moderator: simcord.MemberActor,
    nell: simcord.MemberActor,
) -> None:
    asked = sentence(await unseal(server, moderator))
    assert asked.startswith("Asked. Another moderator can agree until <t:")
    await env.advance_time(5)
    [card] = [m for m in shown_in(reports) if "Who wrote #1?" in said(m)]
    assert WHY in said(card)
    assert "I'll find you" not in said(card)
    own = sentence(await moderator.click(card, label="Agree"))
    assert own == "You asked for this, so another moderator has to agree."

    seen = sentence(await nell.click(card, label="Agree"))
    assert f"<@{alice.id}> (`{alice.id}`) wrote #1." in seen
    await env.advance_time(5)
    [card] = [m for m in shown_in(reports) if "Who wrote #1?" in said(m)]
    assert "agreed. Both of them see once who wrote it" in said(card)
    assert str(alice.id) not in str(card.embeds[0].to_dict())
    refused = sentence(await nell.click(card, label="See who wrote it"))
    assert refused.startswith("This is for the moderator who asked.")
    looked = sentence(await moderator.click(card, label="See who wrote it"))
    assert f"<@{alice.id}>" in looked
    await env.advance_time(5)
    [card] = [m for m in shown_in(reports) if "Who wrote #1?" in said(m)]
    assert "See who wrote it" not in str([row.to_dict() for row in card.components])

    log = sentence(await nell.slash(server.lounge, "audit", kind="unseal"))
    assert "**Unsealing a post** [#1]" in log
    assert WHY in log
    assert "asked → agreed" in log
    assert str(alice.id) not in log
    assert "alice" not in log.lower()


@on_sqlite
@in_a_forum
async def test_a_reply_that_got_lost_isnt_said_again(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    sealed: Card,
    moderator: simcord.MemberActor,
    nell: simcord.MemberActor,
) -> None:
    await unseal(server, moderator)
    await env.advance_time(5)
    [card] = [m for m in shown_in(reports) if "Who wrote #1?" in said(m)]
    await nell.click(card, label="Agree")
    again = sentence(await press(nell, card, f"qa:1:unseal.agree:{sealed.post_id}"))
    assert again.startswith("This request is over. If you still need it, ask again")
    inbox = sentence(await nell.slash(server.lounge, "inbox"))
    assert "wrote #1" not in inbox


@on_sqlite
@in_a_forum
async def test_it_is_in_the_queue_and_can_be_refused(
    env: simcord.Env,
    server: Server,
    sealed: Card,
    moderator: simcord.MemberActor,
    nell: simcord.MemberActor,
) -> None:
    await unseal(server, moderator)
    queue = await nell.slash(server.lounge, "queue")
    assert "Who wrote #1? · 1/1" in told(queue)
    assert {"Agree", "Refuse", "Danger: tell the author later", "Take it", "Pass"} <= set(
        buttons(queue)
    )
    taken = await nell.click(reply_of(queue), label="Take it")
    assert "It's yours for an hour." in told(taken)
    done = sentence(await nell.click(reply_of(taken), label="Refuse"))
    assert done == "Refused. Nobody saw who wrote it."
    assert "Nothing waits." in told(await nell.slash(server.lounge, "queue"))


@on_sqlite
@in_a_forum
async def test_a_new_moderator_waits_a_week(
    env: simcord.Env, server: Server, sealed: Card, moderators: simcord.RoleHandle
) -> None:
    new = server.guild.add_member(env.create_user("newt"), roles=[moderators])
    refused = sentence(await unseal(server, new))
    assert refused.startswith("You can take part from <t:")
    older = server.guild.add_member(env.create_user("olga"), roles=[moderators])
    await known_for(env, timedelta(days=7), older)
    assert sentence(await unseal(server, older)).startswith("Asked.")


@on_sqlite
@in_a_forum
async def test_turned_on_again_everybody_is_told_a_week_before(
    env: simcord.Env,
    server: Server,
    sealed: Card,
    alice: simcord.MemberActor,
    moderator: simcord.MemberActor,
    configure: Configure,
) -> None:
    await configure("unsealing", "off")
    off = sentence(await unseal(server, moderator))
    assert off.startswith("This server has turned unsealing off")
    await configure("unsealing", "on")
    await env.advance_time(10)
    news = [thread for thread in server.threads() if thread.name == "Anonymous posts"]
    assert len(news) == 1
    [message] = [m for m in news[0].history() if m.embeds]
    assert "two moderators together can see who wrote an anonymous post" in said(message)
    meaning = sentence(await alice.click(message, label="What this means"))
    assert meaning.startswith("Two moderators can see together")
    assert "posts written after" in sentence(await unseal(server, moderator))
    await configure("unsealing", "off")
    await env.advance_time(10)
    assert not [thread for thread in server.threads() if thread.name == "Anonymous posts"]


# Blocking


async def test_its_author_is_blocked_and_nobody_learns_who(
    env: simcord.Env,
    server: Server,
    reports: simcord.ChannelHandle,
    sealed: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
) -> None:
    await report(carol, sealed, "So unkind.")
    await env.advance_time(5)
    [card] = [m for m in shown_in(reports) if "Reported:" in said(m)]
    read = await moderator.click(card, label="Read it")
    form = await moderator.click(reply_of(read), label="Block author…")
    sent = await moderator.submit_modal(form, {"span": ["7d"], "reason": "Threats."})
    text = sentence(sent)
    assert text.startswith("The author can't post anonymously until <t:")
    assert "alice" not in text.lower()
    with pytest.raises(Denied, match=Denial.BLOCKED_ANONYMOUS):
        await ask_anonymously(env, server, alice)
    assert await ask_anonymously(env, server, bob)
    assert (await server.comment(alice, sealed, "By name I can.")).by
    lifted = "If the author of this post was blocked, they can post anonymously again."
    for _ in range(2):
        assert lifted in sentence(await moderator.slash(server.lounge, "unblock", post="#1"))
    assert await ask_anonymously(env, server, alice)


@on_sqlite
@in_a_forum
async def test_a_post_by_name_blocks_its_author_by_name(
    server: Server, bob: simcord.MemberActor, moderator: simcord.MemberActor
) -> None:
    await server.ask(bob, "How do I wake up early?")
    done = sentence(await moderator.slash(server.lounge, "block", post="#1"))
    assert "bob" in done.lower()
    assert "is blocked until" in done
    lifted = sentence(await moderator.slash(server.lounge, "unblock", post="#1"))
    assert "can take part again" in lifted
    asked = sentence(await moderator.slash(server.lounge, "block"))
    assert asked == "Choose a member, or enter the number of a post."
