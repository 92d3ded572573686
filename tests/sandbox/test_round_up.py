"""An owner sets the weekly round-up up, in a real browser, and reads it when its hour has come."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page, expect

from bot.sandbox.page.lobby import Lobby
from bot.sandbox.page.server import Server
from bot.sandbox.story import play
from tests.sandbox.visiting import ONE_CHROMIUM, Visitor, needs_chromium

pytestmark = [
    *ONE_CHROMIUM,
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]
WAITING = "How do I find my way back into running?"


class Owner(Visitor):
    """Sam, who chooses the settings of the round-up."""

    async def set(self, setting: str, select: str, value: str) -> None:
        await self.command("settings show")
        await self.choose(self.reply, "Change a setting: General", setting)
        await self.choose(self.reply, select, value)
        shown = re.compile(rf"{setting}: #?{re.escape(value)}")
        await expect(self.reply).to_contain_text(shown)


async def pass_time(lobby: Lobby, span: timedelta) -> None:
    """Let the simulated time pass, and show what the bot did meanwhile."""
    async with lobby._alone():
        await lobby.env.advance_time(span.total_seconds())
        await lobby._refresh()


@needs_chromium
async def test_a_round_up_by_selects(page: Page, lobby: Lobby, server: Server) -> None:
    await play(lobby.world, pause=1, out=lambda _: None)
    owner, berlin = Owner(page), ZoneInfo("Europe/Berlin")
    await page.goto(server.address)
    await owner.be("Brigid")
    await owner.command("ask")
    await owner.fill(Title=WAITING)
    await expect(owner.reply).to_contain_text("Your question is")

    # Sam chooses where and when: at the next full hour that is more than an hour away.
    due = lobby.env.now().astimezone(berlin) + timedelta(hours=2)
    await owner.be("Sam")
    await owner.set("Round-up channel", "Choose a channel", "general")
    await owner.set("Round-up day", "Choose a value", f"{due:%A}")
    await owner.set("Round-up hour", "Choose a value", f"{due:%H}:00")
    await owner.set("Round-up time zone", "Choose a time zone", "Berlin (Europe/Berlin)")

    # Nothing comes before that hour, and then what the week has brought comes once.
    round_up = owner.view.locator("article.channel-message", has_text="This week in")
    hour = due.replace(minute=0, second=0, microsecond=0)
    await pass_time(lobby, hour - lobby.env.now() - timedelta(minutes=1))
    await expect(owner.reply).to_contain_text("Round-up time zone")
    await expect(round_up).to_have_count(0)
    await pass_time(lobby, timedelta(minutes=11))
    for text in (
        "This week in Mind & Wellness",
        "My therapist forgot our appointment",
        "by Teo",
        WAITING,
        "Answered for the first time",
    ):
        await expect(round_up).to_contain_text(text)
    await pass_time(lobby, timedelta(days=1))
    await expect(round_up).to_have_count(1)

    # Noor takes the question that waits.
    await owner.be("Noor")
    await round_up.get_by_role("button", name="I'll take one").click()
    await expect(owner.reply).to_contain_text(WAITING)
    await expect(owner.reply.get_by_role("button", name="Answer")).to_be_visible()
