"""Killed and cut off at any request, over real HTTP: nothing is lost, nothing is there twice.

Each run takes up to half a minute, so some stand for all here; `TROUBLE=all` has them all.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.process.fake_discord import CUT, FakeDiscord, Request, Trouble
from tests.process.running import ran
from tests.process.telling import ANSWER, SECOND, TITLE, Keeper, Tale, kept

pytestmark = pytest.mark.xdist_group("waiting")

KILLS = 6
TROUBLES = {
    "cut": (CUT, False),
    "lost": (CUT, True),
    "done but 500": (500, True),
    "503": (503, False),
    "429": (429, False),
}
EVERYTHING = os.environ.get("TROUBLE") == "all"
KILLED = [
    (kind, took_effect, every)
    for kind in ("text", "forum")
    for took_effect in (False, True)
    for every in (4, 7)
    if EVERYTHING or ((kind == "forum") is took_effect) is (every == 4)
]
TROUBLED = [
    (kind, name)
    for kind in ("text", "forum")
    for name in TROUBLES
    if EVERYTHING or (kind, name) in (("text", "lost"), ("forum", "done but 500"))
]


async def told(
    discord: FakeDiscord, folder: Path, kind: str, trouble: Callable[[Keeper], Trouble]
) -> None:
    """Tell the tale with trouble from the first question on, and look at what is there after."""
    home = discord.world.text if kind == "text" else discord.world.forum
    async with kept(discord, folder) as keeper:
        tale = Tale(keeper, home)
        await tale.set_up()
        discord.trouble = trouble(keeper)
        await tale.tell()
        discord.trouble = None
        await tale.over()
    titles = sorted(thread["name"] for thread in tale.threads())
    assert titles == sorted([TITLE, SECOND]), "one thread a question"
    assert len(tale.questions()) == 2
    assert len(tale.answers()) == 1
    (answer,) = tale.answers()
    shown = discord.world.shown(answer)
    assert ANSWER in shown
    assert "460 points" in shown, "100 + 40 for answering + 20 for the vote + 300 for the best"
    written = "".join(keeper.written)
    assert "Traceback" not in written, written
    counted = await ran(folder, "recount", env=discord.environment())
    assert counted.code == 0, counted.err
    assert "nothing to change" in counted.out, counted.out


@pytest.mark.parametrize(("kind", "took_effect", "every"), KILLED)
async def test_killed(
    tmp_path: Path, discord_server: FakeDiscord, kind: str, took_effect: bool, every: int
) -> None:
    kills: list[str] = []

    def trouble(keeper: Keeper) -> Trouble:
        met = 0

        def kill(request: Request, effective: bool) -> int | None:
            nonlocal met
            if effective is not took_effect or len(kills) == KILLS or not keeper.up.is_set():
                return None
            met += 1
            if met % every:
                return None
            kills.append(f"{request.method} {request.path}")
            keeper.kill()
            return CUT

        return kill

    await told(discord_server, tmp_path, kind, trouble)
    assert len(kills) >= 3, kills


@pytest.mark.parametrize(("kind", "name"), TROUBLED)
async def test_answered_with_trouble(
    tmp_path: Path, discord_server: FakeDiscord, kind: str, name: str
) -> None:
    status, took_effect = TROUBLES[name]
    met: dict[str, int] = {}

    def trouble(_: Keeper) -> Trouble:
        def fail(request: Request, effective: bool) -> int | None:
            if effective is not took_effect:
                return None
            parts = ["#" if part.isdigit() else part for part in request.path.split("/")]
            what = f"{request.method} {'/'.join(parts[:3])}{len(parts)}"
            met[what] = met.get(what, 0) + 1
            return status if met[what] % 3 == 1 else None  # the first of each kind, and others

        return fail

    await told(discord_server, tmp_path, kind, trouble)
