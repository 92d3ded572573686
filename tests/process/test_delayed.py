"""Killed while an anonymous post appears that waited: it appears once."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

import pytest

from tests.process.fake_discord import FakeDiscord
from tests.process.long_telling import LongTale
from tests.process.telling import TITLE, Keeper, kept
from tests.process.test_kills import Kill, stored

LATE = "I do, every night."
US = 1_000_000


@pytest.fixture
async def keeper(tmp_path: Path, discord_server: FakeDiscord) -> AsyncIterator[Keeper]:
    """A bot that has a key."""
    key = tmp_path / ".config" / "askwell" / "key"
    key.parent.mkdir(parents=True)
    key.write_bytes(base64.b64encode(bytes(range(32))) + b"\n")
    key.chmod(0o600)
    async with kept(discord_server, tmp_path) as keeper:
        yield keeper
    assert "Traceback" not in "".join(keeper.written), keeper.written


@pytest.fixture
async def tale(keeper: Keeper, discord_server: FakeDiscord, tmp_path: Path) -> LongTale:
    """A server where Alice's question waits to appear."""
    tale = LongTale(keeper, discord_server.world.text)
    await tale.set_up_long()
    for name, value in (("anonymous", "on"), ("anonymous_delay", "900")):
        owner = tale.world.owner
        await tale.do(owner, tale.lounge, "settings set", name=name, value=value)
    form = await tale.do(tale.alice, tale.lounge, "ask")
    reply = await tale.fill(
        tale.alice, tale.lounge, form, title=TITLE, details=LATE, how=["anonymous"]
    )
    for step in ("anonymous:understood", "anonymous:anyway", "anonymous:post"):
        reply = await tale.press(tale.alice, reply.shown, step, tale.lounge)
    one = "SELECT 1 FROM waiting"
    await tale.discord.until(lambda: stored(tmp_path, one), 20)
    return tale


def its_minute_comes(folder: Path) -> None:
    minute = int(time.time()) // 60 * 60 * US
    with closing(connect(folder / "var" / "askwell.sqlite3")) as connection, connection:
        changed = connection.execute("UPDATE waiting SET appear_minute = ?", (minute,))
        assert changed.rowcount == 1


async def nothing() -> None:
    """Nobody does anything."""


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("method", "part"), [("GET", "/members/"), ("POST", "/messages")], ids=["member", "card"]
)
async def test_killed_at_any_request_it_appears_once(
    keeper: Keeper, tale: LongTale, tmp_path: Path, method: str, part: str, after: bool
) -> None:
    assert tale.card(TITLE) is None
    body = TITLE if method == "POST" else ""
    kill = Kill(keeper, method, part, after=after, body=body)
    its_minute_comes(tmp_path)
    await kill.amid(nothing())
    await tale.discord.until(lambda: tale.card(TITLE))
    async with asyncio.timeout(60):  # its row goes after the last request
        while stored(tmp_path, "SELECT 1 FROM outbox UNION SELECT 1 FROM waiting"):
            await asyncio.sleep(0.1)
    assert len(tale.questions()) == 1
    assert stored(tmp_path, "SELECT count(*) FROM posts") == [(1,)]
    assert not [each for each in keeper.written if tale.alice["id"] in each]
