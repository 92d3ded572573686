"""A browser for the sandbox's tests."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, Request, async_playwright

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
