"""Somebody at the sandbox's page, in a real browser."""

import asyncio
import os
import re
import shutil

import pytest
from playwright.async_api import FrameLocator, Locator, Page, expect

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None,
    reason="no Chromium on this machine: apt install chromium, or name one in CHROMIUM",
)
# One process runs all of these: several Chromiums at once would only wait for each other.
ONE_CHROMIUM = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Milliseconds. No promise to anybody: on a busy machine of two cores, a Chromium and a bot that
# plays a story take many times what they take alone.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


class Visitor:
    """Somebody at the page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def view(self) -> FrameLocator:
        """The channel, in its frame."""
        return self.page.frame_locator("iframe")

    async def come(self, address: str) -> None:
        """Open the page, and skip the story that plays there."""
        await self.page.goto(address)
        await self.page.get_by_role("button", name="Skip the story").click()
        await self.told()
        await self.settled()

    async def told(self) -> None:
        """The story is over."""
        await expect(self.page.locator("#telling")).to_be_hidden()

    async def settled(self) -> None:
        """The channel has been drawn."""
        await self.view.locator('#preview-app[aria-busy="false"]').wait_for()

    async def be(self, name: str) -> None:
        await self.page.locator(".be", has_text=name).click()
        await expect(self.page.locator('.be[aria-pressed="true"]')).to_contain_text(name)
        await self.settled()

    async def command(self, name: str, first: str = "", **options: str) -> None:
        """Run a command: with a text for its first option, where that is required, and others. For
        a text with a # before it, what is offered for it is chosen: a channel, one of a few."""
        keys = self.page.keyboard
        await self.view.locator("#channel-composer-input").click()
        await keys.type(f"/{name}")
        await self.view.get_by_role("option", name=f"/{name}").first.wait_for()
        await keys.press("Enter")
        await self.view.locator(".command-chip").wait_for()
        await self._type(first)
        for option, text in options.items():
            wanted = self.view.get_by_role("option", name=option).first
            more = self.view.get_by_text(re.compile(r"^\+\d+ more"))
            await wanted.or_(more).first.wait_for()
            if not await wanted.is_visible():
                await more.click()
            await wanted.click()
            await self._type(text)
        await self.view.locator("#send-message").click()

    async def _type(self, text: str) -> None:
        chosen = text.removeprefix("#")
        await self.page.keyboard.type(chosen)
        if chosen != text:
            await self.view.get_by_role("option", name=chosen).first.click()

    async def choose(self, message: Locator, select: str, option: str) -> None:
        """Choose something in a select of a message, or of a form."""
        await self._at_rest()
        await message.get_by_role("combobox", name=select).click()
        wanted = self.view.get_by_role("option", name=option)
        # A list of channels or members is shown as it was, and asked for anew a moment later: a
        # choice that falls into that is not sent.
        loaded = self.view.locator('[role="listbox"][aria-busy="false"]').filter(has=wanted)
        await loaded.wait_for()
        await self._at_rest()
        await wanted.first.click()

    async def _at_rest(self) -> None:
        """Nothing that one has done is still on its way: the view ignores a choice meanwhile."""
        app = self.view.locator("#preview-app")
        while not await app.evaluate("() => window.simcordPreview.ready"):
            await asyncio.sleep(0.02)

    @property
    def reply(self) -> Locator:
        """The newest message one sees: the answer to what one did last."""
        return self.view.locator("article.channel-message").last

    async def fill(self, **written: str) -> None:
        """Fill in the form that is open, and send it."""
        form = self.view.get_by_role("dialog")
        await form.wait_for()
        for label, text in written.items():
            await form.get_by_role("textbox", name=label.replace("_", " ")).fill(text)
        await form.get_by_role("button", name="Submit").click()
        await form.wait_for(state="detached")

    def card(self, text: str, button: str) -> Locator:
        """The card with this text and this button on it."""
        pressed = self.view.get_by_role("button", name=re.compile(rf"^(✅ )?{button}$"))
        return self.view.locator("article.channel-message", has_text=text).filter(has=pressed)

    def answer(self, text: str) -> Locator:
        """The card of the answer with this text; a question's card may quote it."""
        follow = self.view.get_by_role("button", name="Follow")
        return self.card(text, "Answer").filter(has_not=follow)

    async def done(self, step: str) -> None:
        await expect(self.page.locator(".step", has_text=step)).to_have_class(re.compile("done"))
