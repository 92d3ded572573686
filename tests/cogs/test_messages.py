"""Messages that say what they say elsewhere than in their text."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import discord
import pytest
import simcord

from bot.domain.errors import Invalid, Problem
from cogs.ui.messages import words_of
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.replies import filled
from tests.support.server import Card, Server

TEXT = "Sleep in a cold room, and wear socks: it helps the body to cool."


@on_sqlite
@in_a_forum
async def test_a_forwarded_message_becomes_an_answer(
    server: Server, question: Card, bob: simcord.MemberActor
) -> None:
    forwarded = await bob.forward(await bob.send(server.lounge, TEXT), question.thread)
    await bob.context_menu(question.thread, "Post as answer", forwarded)
    assert [c.embed.description for c in server.cards() if c.kind == "answer"] == [TEXT]


@on_sqlite
@in_a_forum
async def test_a_forwarded_message_is_quoted_in_a_question(
    server: Server, question: Card, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    forwarded = await bob.forward(await bob.send(server.lounge, TEXT), server.lounge)
    shown = await alice.context_menu(server.lounge, "Ask about this", forwarded)
    assert filled(shown)["details"] == f"> {TEXT}\n{forwarded.jump_url}"


def message(**parts: Any) -> Any:
    """A message of a member's with nothing in it but these parts."""
    nothing = {"clean_content": "", "message_snapshots": [], "poll": None, "embeds": []}
    flags = SimpleNamespace(voice=False)
    return SimpleNamespace(**nothing | {"stickers": [], "flags": flags, "guild": None} | parts)


def test_a_poll_is_its_question_and_answers() -> None:
    answers = [SimpleNamespace(text="Tea"), SimpleNamespace(text="Milk")]
    poll = SimpleNamespace(question="What helps you sleep?", answers=answers)
    assert words_of(message(poll=poll)) == "What helps you sleep?\n- Tea\n- Milk"


def test_a_message_of_embeds_is_what_they_say() -> None:
    embeds = [discord.Embed(title="Sleep", description=TEXT), discord.Embed(description="More")]
    assert words_of(message(embeds=embeds)) == f"Sleep\n{TEXT}\n\nMore"
    forwarded = message(content="", embeds=embeds[:1])
    assert words_of(message(message_snapshots=[forwarded])) == f"Sleep\n{TEXT}"


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ({"stickers": [1]}, Problem.STICKER),
        ({"flags": SimpleNamespace(voice=True)}, Problem.VOICE_MESSAGE),
    ],
)
def test_it_is_said_what_has_no_text(parts: dict[str, Any], problem: Problem) -> None:
    with pytest.raises(Invalid) as refused:
        words_of(message(**parts))
    assert refused.value.reason is problem
    assert words_of(message(clean_content=TEXT, **parts)) == TEXT
