"""Reactions and votes agree over a real connection, whatever dies or is busy."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from tests.process.fake_discord import CUT, FakeDiscord, Request
from tests.process.fake_world import Payload
from tests.process.long_telling import LongTale
from tests.process.telling import TITLE, Keeper
from tests.process.test_trouble import ask, keeper, tale

__all__ = ["keeper", "tale"]  # fixtures

UP, DOWN = "⬆️", "⬇️"
MINUS = "\N{MINUS SIGN}"


def stored(folder: Path) -> dict[int, int]:
    """Who voted what."""
    with sqlite3.connect(folder / "var" / "askwell.sqlite3") as connection:
        return dict(connection.execute("SELECT voter_id, value FROM votes"))


def shown(card: Payload, person: Payload) -> set[str]:
    """The emoji that a person shows under a card."""
    people: dict[str, list[str]] = card["_people"]
    return {emoji for emoji, ids in people.items() if person["id"] in ids}


async def allow_down_votes(tale: LongTale) -> None:
    await tale.do(
        tale.world.owner, tale.lounge, "settings set", name="privilege.down_vote", value="0"
    )


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_killed_as_it_takes_a_reaction_off(
    tmp_path: Path, discord_server: FakeDiscord, keeper: Keeper, tale: LongTale, after: bool
) -> None:
    await allow_down_votes(tale)
    card, killed = await ask(tale), asyncio.Event()

    def trouble(request: Request, effective: bool) -> int | None:
        taking_off = request.method == "DELETE" and f"{UP}/{tale.bob['id']}" in request.path
        if not taking_off or effective is not after or killed.is_set():
            return None
        killed.set()
        keeper.kill()
        return CUT

    discord_server.trouble = trouble
    await discord_server.react(tale.bob, card, UP)
    await discord_server.until(lambda: tale.card(TITLE, "+1 vote"))
    await discord_server.react(tale.bob, card, DOWN)
    await asyncio.wait_for(killed.wait(), 30)
    await discord_server.until(lambda: tale.card(TITLE, f"{MINUS}1 vote"), 60)
    await discord_server.until(lambda: shown(card, tale.bob) == {DOWN}, 60)
    assert stored(tmp_path) == {int(tale.bob["id"]): -1}


async def test_what_happened_between_two_sessions_counts(
    tmp_path: Path, discord_server: FakeDiscord, tale: LongTale
) -> None:
    """One vote goes and another comes: the count stays the same. And one is changed, with both
    emoji shown."""
    await allow_down_votes(tale)
    card, world = await ask(tale), discord_server.world
    for person in (tale.bob, tale.mona):
        await discord_server.react(person, card, UP)
    await discord_server.until(lambda: tale.card(TITLE, "+2 votes"))
    world.react(card, tale.bob["id"], UP, remove=True)
    world.react(card, tale.carol["id"], UP)
    world.react(card, tale.mona["id"], DOWN)
    await discord_server.gateway.drop("invalid")
    wanted = {int(tale.carol["id"]): 1, int(tale.mona["id"]): -1}
    await discord_server.until(lambda: stored(tmp_path) == wanted, 60)
    await discord_server.until(lambda: shown(card, tale.mona) == {DOWN}, 30)
    await discord_server.until(lambda: tale.card(TITLE, "0 votes"), 30)


async def test_a_reaction_that_meets_a_database_busy_for_long_counts(
    tmp_path: Path, discord_server: FakeDiscord, tale: LongTale
) -> None:
    card = await ask(tale)
    connection = sqlite3.connect(tmp_path / "var" / "askwell.sqlite3", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    await discord_server.react(tale.bob, card, UP)
    await asyncio.sleep(7)
    connection.execute("ROLLBACK")
    connection.close()
    await discord_server.until(lambda: tale.card(TITLE, "+1 vote"), 60)
