"""People are called by name wherever the bot tells of them, also once they have left."""

from __future__ import annotations

import re

import pytest
import simcord

from bot.domain.names import readable_name
from bot.usecases.erasing import forget_name
from data.database import Database
from tests.support.harm import assert_harmless
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.people import named
from tests.support.replies import sentence
from tests.support.server import Card, Server, told

UP = "⬆️"
pytestmark = in_a_forum


async def called(env: simcord.Env, person: simcord.MemberActor, nick: str | None) -> None:
    """A person takes another name in the server."""
    env.backend.edit_member(person.guild.id, person.id, {"nick": nick})
    await env.settle()


async def leaves(env: simcord.Env, person: simcord.MemberActor) -> None:
    """A person leaves the server."""
    env.backend.remove_member(person.guild.id, person.id)
    await env.settle()


async def drawn_anew(env: simcord.Env, voter: simcord.MemberActor, card: Card) -> str:
    """What a card says after somebody has voted."""
    await voter.react(card.message, UP)
    await env.advance_time(5)
    return card.text()


async def test_cards_name_members_who_have_left(
    env: simcord.Env,
    server: Server,
    question: Card,
    answer: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
) -> None:
    comment = await server.comment(bob, answer, "Or a mask.")
    for person in (alice, bob):
        await leaves(env, person)
    for card, person in ((question, alice), (answer, bob)):
        text = await drawn_anew(env, carol, card)
        assert f"{person.name} · " in text
        assert person.mention not in text
    assert comment.by.startswith(f"-# {named(bob)} · ")


@on_sqlite
async def test_lists_name_members_who_have_left(
    env: simcord.Env,
    server: Server,
    question: Card,
    answer: Card,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
) -> None:
    await server.answer(carol, question, "Ask for a rota with fewer night shifts.")
    await carol.slash(server.lounge, "follow", member=bob.user)
    shown = await bob.slash(answer.thread, "edit", post="#1.1")
    await bob.submit_modal(shown, {"answer": "Dark curtains, and a mask.", "reason": ""})
    menu = await bob.context_menu(question.thread, "Report post", question.message)
    await bob.submit_modal(menu, {"reason": ""})
    await leaves(env, bob)

    for period in ("all", "week"):
        assert named(bob) in told(await carol.slash(server.lounge, "leaderboard", period=period))
    assert named(bob) in told(await carol.slash(server.lounge, "follow"))
    assert f"by {named(bob)}, <t:" in sentence(
        await moderator.slash(server.lounge, "history", post="#1.1")
    )
    menu = await carol.click(question.message, label="⋯")
    assert menu.response is not None
    listed = await carol.click(menu.response.message, label="Answers by votes")
    assert f"by {named(bob)} (" in told(listed)
    # Whoever decides about somebody has the mention beside the name.
    assert f"bob {bob.mention} <t:" in sentence(await moderator.slash(server.lounge, "queue"))


@on_sqlite
async def test_the_name_is_the_servers_and_the_latest(
    env: simcord.Env,
    server: Server,
    question: Card,
    answer: Card,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
) -> None:
    await called(env, bob, "Bob the nurse")
    requests = len(env.http_requests)
    another = await server.answer(bob, question, "Ask for a rota with fewer night shifts.")
    assert another.by.startswith("Bob the nurse · ")
    # His other card is not drawn anew for that; when it is, it has the name as well.
    edited = [r for r in env.http_requests[requests:] if r.method == "PATCH"]
    assert not [r for r in edited if r.path.endswith(f"/messages/{answer.message_id}")]
    assert answer.by.startswith("bob · ")
    assert "Bob the nurse · " in await drawn_anew(env, carol, answer)


HOSTILE = {
    "@everyone": "[@\u200beveryone](",
    "[x](http://evil.example)": "[(x)(http: //evil.example)](",
    "||spoiler": "[\\|\\|spoiler](",
    "**a** `b` _c_": "[\\*\\*a\\*\\* \\`b\\` \\_c\\_](",
    "<@1> <#2>": "[<\u200b@1> <\u200b#2>](",
    "\u202eevil": "[evil](",
    "😴" * 32: f"[{'😴' * 32}](",
    "a\nb": "[a b](",
    "\u200b\u2060": "[bob](",
    "\u3164": "[bob](",
    "": "[bob](",
}


@on_sqlite
async def test_names_have_no_effect_in_texts(
    env: simcord.Env, server: Server, question: Card, bob: simcord.MemberActor
) -> None:
    for number, (name, shown) in enumerate(HOSTILE.items()):
        await called(env, bob, name or None)
        comment = await server.comment(bob, question, f"Reason {number}: it was so long ago.")
        assert comment.by.startswith(f"-# {shown}https://discord.com/users/{bob.id}) · "), name
        answer = await server.answer(bob, question, f"Reason {number}: because it was so long ago.")
        assert answer.by.startswith(f"{readable_name(name, 'bob')} · "), name
        assert_harmless(comment)
        assert_harmless(answer)


@on_sqlite
@pytest.mark.parametrize("locale", ["en", "de"])
async def test_a_member_without_a_known_name_is_called_so(
    env: simcord.Env,
    server: Server,
    db: Database,
    answer: Card,
    owner: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    locale: str,
) -> None:
    await owner.slash(server.lounge, "settings set", name="locale", value=locale)
    now = answer.message.created_at
    assert await forget_name(db, server.guild.id, bob.id, now=now)
    text = await drawn_anew(env, carol, answer)
    assert re.match(r"(A member|Ein Mitglied) · 160 (points|Punkte)", text.strip())
    board = told(await carol.slash(server.lounge, "leaderboard"))
    assert f"{bob.mention} · 160 points" in board


async def test_an_erased_name_leaves_the_cards(
    env: simcord.Env,
    server: Server,
    db: Database,
    question: Card,
    answer: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
) -> None:
    comment = await server.comment(carol, answer, "Thank you, I'll try that.")
    requests = len(env.http_requests)
    # The simulator does not wait for what a test itself begins; the vote begins it for the bot.
    kick, db.on_enqueue = db.on_enqueue, None
    assert await forget_name(db, server.guild.id, bob.id, now=answer.message.created_at)
    db.on_enqueue = kick
    await carol.react(question.message, UP)
    await env.advance_time(60)
    assert answer.by.startswith("A member · ")
    assert answer.embed.author.icon_url is None
    assert question.by.startswith("alice · ")
    edits = [r for r in env.http_requests[requests:] if r.method == "PATCH"]
    edited = {r.path.rpartition("/")[2] for r in edits}
    assert str(answer.message_id) in edited
    assert str(comment.message_id) not in edited
