"""From `/ask` to a pinned best answer, in a real browser."""

import os
import re
import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import FrameLocator, Locator, Page, Request, async_playwright, expect

from tests.sandbox.running import open_sandbox

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None,
    reason="no Chromium on this machine: apt install chromium, or name one in CHROMIUM",
)
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
PATIENCE = 15_000  # milliseconds
expect.set_options(timeout=PATIENCE)


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


class Visitor:
    """Somebody at the page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def view(self) -> FrameLocator:
        """The channel, in its frame."""
        return self.page.frame_locator("iframe")

    async def settled(self) -> None:
        """The channel has been drawn."""
        await self.view.locator('#preview-app[aria-busy="false"]').wait_for()

    async def be(self, name: str) -> None:
        await self.page.locator(".be", has_text=name).click()
        await expect(self.page.locator('.be[aria-pressed="true"]')).to_contain_text(name)
        await self.settled()

    async def command(self, name: str) -> None:
        await self.view.locator("#channel-composer-input").click()
        await self.page.keyboard.type(f"/{name}")
        await self.view.get_by_role("option", name=f"/{name}").first.wait_for()
        await self.page.keyboard.press("Enter")
        await self.view.locator(".command-chip").wait_for()
        await self.page.keyboard.press("Enter")

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

    async def done(self, step: str) -> None:
        await expect(self.page.locator(".step", has_text=step)).to_have_class(re.compile("done"))


@needs_chromium
async def test_from_a_question_to_its_best_answer(page: Page) -> None:
    with open_sandbox() as (_, address):
        visitor = Visitor(page)
        await page.goto(address)
        await visitor.settled()

        # Noor asks, with the form that /ask opens.
        await page.get_by_role("button", name="Take me there").click()
        await visitor.settled()
        await visitor.command("ask")
        await visitor.fill(
            Title="How do I tell my sister that I need a break from her calls?",
            Details="She calls **every day**, and I love her.",
        )
        link = visitor.view.locator('a[href*="discord.com/channels"]').last
        await link.wait_for()
        await visitor.done("Ask a question")

        # The link in the private reply leads to the question, in a thread of its own.
        await link.click()
        await visitor.settled()
        question = visitor.card("How do I tell my sister", "Answer")
        await expect(question.locator("strong", has_text="every day")).to_be_visible()

        # Teo answers it from its card.
        await visitor.be("Teo")
        await question.get_by_role("button", name="Answer").click()
        await visitor.fill(Your_answer="1. Name a **day and an hour**.\n2. Keep it, and call her.")
        answer = visitor.card("Name a day and an hour", "Best answer")
        await answer.wait_for()
        await visitor.done("Answer it")

        # Brigid votes for it by a reaction; the score on the card follows.
        await visitor.be("Brigid")
        await answer.hover()
        await answer.get_by_role("button", name="React with ⬆️").click()
        await expect(answer).to_contain_text("+1 vote")
        await visitor.done("Vote")

        # Sam moderates, and finds the choice in the message's menu.
        await visitor.be("Sam")
        await answer.locator(".embed-description").click(button="right")
        await visitor.view.get_by_role("menuitem", name="Mark best answer").click()
        await expect(answer).to_contain_text("✅ Best answer")
        await expect(question).to_contain_text("Solved")
        await visitor.done("Pin the best answer")

        # It is Discord's own pin, so Discord's own menu takes it back.
        await answer.locator(".embed-description").click(button="right")
        await visitor.view.get_by_role("menuitem", name="Unpin message").click()
        await expect(question).to_contain_text("Open")

        # The points are there to be seen: 500 of the story's, the answer's 40, and 20 for a vote.
        await visitor.be("Teo")
        await visitor.command("points")
        await expect(visitor.view.locator("article.channel-message").last).to_contain_text(
            "560 points"
        )
        await visitor.done("See what it brought")
