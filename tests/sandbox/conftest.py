"""The simulated server, the page that shows it, and a browser."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import simcord
from playwright.async_api import Page, Request, async_playwright

from bot.sandbox.page.lobby import Lobby
from bot.sandbox.page.record import Record
from bot.sandbox.page.server import Server
from bot.sandbox.world import World, build_world
from tests.sandbox.visiting import CHROMIUM, PATIENCE, QUIET


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """A browser's empty page. At its end, whatever left this machine or broke fails the test."""
    troubles: list[str] = []

    def note(request: Request) -> None:
        if not re.match(r"(http://127\.0\.0\.1:|blob:|data:)", request.url):
            troubles.append(f"request to {request.url}")

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = await browser.new_page(viewport={"width": 1360, "height": 820})
        page.set_default_timeout(PATIENCE)
        page.on("request", note)
        page.on("pageerror", lambda error: troubles.append(f"error in the page: {error}"))
        yield page
        await browser.close()
    assert not troubles, "\n".join(troubles)


@pytest.fixture
def world(env: simcord.Env) -> World:
    """The simulated server, nothing said in it yet."""
    return build_world(env)


@pytest.fixture
async def lobby(world: World, database_url: str) -> AsyncIterator[Lobby]:
    """The lobby of that server."""
    lobby = Lobby((world,), Record(Path(database_url.removeprefix("sqlite+aiosqlite:///"))))
    yield lobby
    await lobby.close()


@pytest.fixture
async def server(lobby: Lobby) -> AsyncIterator[Server]:
    """The page's server, listening; the channel's view is open."""
    server = Server()
    async with server.running(0):
        with server.showing(lobby):
            await lobby.enter()
            yield server
            await lobby.close()
