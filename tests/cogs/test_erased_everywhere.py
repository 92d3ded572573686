"""After `/privacy erase` nothing that the bot says, asks of Discord or logs tells of the member:
neither their id, nor their name, nor their words.
"""

from __future__ import annotations

import logging

import pytest
import simcord

from tests.cogs.conftest import Configure
from tests.cogs.test_privacy import UP, erase
from tests.cogs.test_rounding_up import round_ups, soon
from tests.conftest import Restart
from tests.support.kinds import on_sqlite
from tests.support.replies import sentence
from tests.support.reports import report, reports_in
from tests.support.server import Card, Server, told
from tests.support.time import hours_pass

NAME = "noorzyxxograph"
WORDS = "karlvvquomb"


@pytest.fixture
def noor(env: simcord.Env, server: Server) -> simcord.MemberActor:
    """Who is erased."""
    return server.guild.add_member(env.create_user(NAME))


@pytest.fixture
async def hers(server: Server, noor: simcord.MemberActor, question: Card, answer: Card) -> Card:
    """Noor's answer to Alice's question, number 1.2, edited since; and her question, number 2."""
    card = await server.answer(noor, question, f"What {WORDS} says about it helps me.")
    form = await noor.slash(server.lounge, "edit", post="#1.2")
    await noor.submit_modal(form, {"answer": f"What {WORDS} says helps."})
    await server.ask(noor, f"What does {WORDS} mean?", f"{WORDS} said it.", tags=WORDS)
    return card


async def _what_she_did(
    server: Server, noor: simcord.MemberActor, question: Card, answer: Card
) -> None:
    """Noor leaves something of her in all that she can use."""
    await noor.react(question.message, UP)
    await server.vote(noor, answer, "up")
    await server.comment(noor, answer, f"As {WORDS} says.")
    await report(noor, answer, f"{WORDS} again")
    await noor.slash(server.lounge, "follow", tag=WORDS)
    await noor.slash(server.lounge, "notifications", dm=True)
    refused = await server.try_to_ask(noor, "Eh?", f"{WORDS} again.")
    assert "Open the form again" in told(refused), "what she typed is kept"


async def _what_others_did_to_her(
    server: Server,
    owner: simcord.MemberActor,
    moderator: simcord.MemberActor,
    alice: simcord.MemberActor,
    noor: simcord.MemberActor,
    hers: Card,
) -> None:
    """Others follow, reward and moderate her."""
    await alice.slash(server.lounge, "follow", member=noor)
    await alice.react(hers.message, UP)
    await server.choose(alice, hers)
    await report(alice, hers, "Who is this?")
    await owner.slash(server.lounge, "bonus", member=noor, points=5, reason=f"For {WORDS}")
    await moderator.slash(server.lounge, "hide", post="#2", reason="spam")
    await moderator.slash(server.lounge, "show", post="#2")


async def _life_goes_on(
    server: Server,
    owner: simcord.MemberActor,
    moderator: simcord.MemberActor,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    vote: str,
) -> None:
    """People read, write, vote and moderate where she was."""
    for person in (alice, bob, moderator):
        for command in ("inbox", "questions", "points", "profile", "leaderboard", "tags"):
            await person.slash(server.lounge, command)
    await owner.slash(server.lounge, "stats")
    await alice.slash(server.lounge, "leaderboard", period="week")
    for words in (f"{WORDS[:6]}*", "night", "deleted"):
        await alice.slash(server.lounge, "search", query=words)
    await moderator.slash(server.lounge, "queue")
    await moderator.slash(server.lounge, "audit")
    for post in ("#1", "#1.1", "#1.2", "#2"):
        await moderator.slash(server.lounge, "history", post=post)
    cards = {card.post_id: card for card in server.cards()}
    for card in cards.values():
        await moderator.click(card.message, custom_id=card.control("more"))
        if card.kind == "question":
            await bob.slash(card.thread, "questions")
    hers = next(card for card in cards.values() if "1.2" in card.small_line)
    await server.comment(bob, hers, "Whoever you were, thank you.")
    await server.vote(bob, hers, vote)
    await report(bob, hers, "Nobody wrote this.")
    await moderator.slash(server.lounge, "hide", post="#1.2", reason="spam")
    await moderator.slash(server.lounge, "show", post="#1.2")
    await alice.slash(server.lounge, "reopen", question="#2")


@on_sqlite
async def test_nothing_tells_of_them_afterwards(
    env: simcord.Env,
    server: Server,
    configure: Configure,
    restart: Restart,
    owner: simcord.MemberActor,
    moderator: simcord.MemberActor,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    noor: simcord.MemberActor,
    reports: simcord.ChannelHandle,
    question: Card,
    answer: Card,
    hers: Card,
    caplog: pytest.LogCaptureFixture,
) -> None:
    news = server.guild.create_text_channel("news")
    await soon(env, configure)
    await configure("roundup_channel", f"<#{news.id}>")
    await _what_she_did(server, noor, question, answer)
    await _what_others_did_to_her(server, owner, moderator, alice, noor, hers)
    await env.advance_time(10)
    assert _traces(noor, env.http_requests) == {"id", "name", "words"}
    assert reports_in(reports)

    done = await erase(server, noor, NAME, texts=True)
    assert "Askwell has erased what it kept of you here." in sentence(done)
    await env.advance_time(60)
    before = len(env.http_requests)
    with caplog.at_level(logging.DEBUG):
        caplog.clear()
        await _life_goes_on(server, owner, moderator, alice, bob, "up")
        await restart()
        await hours_pass(env, 2)
        assert round_ups(news)
        await _life_goes_on(server, owner, moderator, alice, bob, "clear")
        await env.advance_time(60)
        later = env.http_requests[before:]
        assert len(later) > 50
        assert _traces(noor, later) == set(), _telling(noor, later)
        lines = [record.getMessage() for record in caplog.records]
        assert lines
        assert _traces(noor, lines) == set(), _telling(noor, lines)


def _telling(noor: simcord.MemberActor, said: list) -> list[str]:
    return [str(each) for each in said if _traces(noor, [each])]


def _traces(noor: simcord.MemberActor, said: list) -> set[str]:
    """What of a member is in requests or lines."""
    text = "\n".join(map(str, said)).lower()
    wanted = {"id": str(noor.id), "name": NAME, "words": WORDS}
    return {what for what, trace in wanted.items() if trace in text}
