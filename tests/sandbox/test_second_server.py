"""The second server, one's own language and theme, in a real browser; and all of it again."""

import asyncio
from functools import partial
from pathlib import Path

from playwright.async_api import Page, Route, expect

from tests.sandbox.running import open_sandbox
from tests.sandbox.visiting import ONE_CHROMIUM, Visitor, needs_chromium

pytestmark = ONE_CHROMIUM


async def _let_go_after(event: asyncio.Event, route: Route) -> None:
    await event.wait()
    await route.continue_()


@needs_chromium
async def test_the_quieter_server_is_there_again_after_a_kill(page: Page, tmp_path: Path) -> None:
    database = str(tmp_path / "sandbox.sqlite3")
    with open_sandbox("--db", database) as (_, address):
        visitor = Visitor(page)
        await visitor.come(address)

        # The theme is the system's until one chooses, in the channel as well as around it.
        await page.emulate_media(color_scheme="light")
        channel = visitor.view.locator("#channel-layout")
        await expect(channel).to_have_css("background-color", "rgb(255, 255, 255)")
        await page.get_by_role("button", name="Use the dark theme").click()
        await expect(channel).to_have_css("background-color", "rgb(50, 51, 57)")
        await expect(page.locator("#view")).to_have_css("background-color", "rgb(50, 51, 57)")

        # The second server tells a story of its own. Whoever skips it sees that at once, however
        # long the sandbox takes to hear of it.
        await page.get_by_role("button", name="Quiet Harbour").click()
        seen = asyncio.Event()
        await page.route("**/api/skip", partial(_let_go_after, seen))
        await page.get_by_role("button", name="Skip the story").click()
        await expect(page.get_by_role("button", name="Skipping…")).to_be_disabled()
        seen.set()
        await visitor.told()

        # Then one votes there.
        answer = visitor.card("You don't owe anybody the word", "Answer")
        await visitor.be("Sam")
        await answer.get_by_role("button", name="▲ 0").click()
        await expect(answer.get_by_role("button", name="▲ 1")).to_be_visible()
        await visitor.done("Vote, and leave no trace")

        # Sam's Discord is in German from now on, and what he is told is, too.
        await page.get_by_role("button", name="Sam’s Discord is in English").click()
        await expect(page.get_by_role("button", name="Sam’s Discord is in German")).to_be_visible()
        await visitor.command("points")
        await expect(visitor.reply).to_contain_text("Deine Punkte")

    # The process has been killed. The card is there again, and answers.
    with open_sandbox("--db", database) as (_, address):
        await page.goto(address)
        await page.get_by_role("button", name="Quiet Harbour").click()
        # Its people are drawn: each has a part of their own there.
        await expect(page.locator(".be", has_text="Brigid")).to_contain_text("asks")
        await visitor.be("Brigid")
        await visitor.told()
        await answer.get_by_role("button", name="▲ 1").click()
        await expect(answer.get_by_role("button", name="▲ 2")).to_be_visible()
