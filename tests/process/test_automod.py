"""The server's AutoMod over a real connection: rules as Discord sends them, and when it doesn't."""

from __future__ import annotations

import time

from tests.process.fake_discord import FakeDiscord
from tests.process.fake_permissions import bits
from tests.process.fake_replies import Reply
from tests.process.long_telling import LongTale
from tests.process.test_trouble import keeper, tale

__all__ = ["keeper", "tale"]  # fixtures


async def asked(tale: LongTale, title: str) -> Reply:
    form = await tale.do(tale.alice, tale.lounge, "ask")
    return await tale.fill(tale.alice, tale.lounge, form, title=title, details="I lie awake.")


async def let_manage(tale: LongTale) -> None:
    """The owner gives the bot Manage Server."""
    role = tale.world.bot_role
    role["permissions"] = str(int(role["permissions"]) | bits(manage_guild=True))
    event = {"guild_id": tale.world.guild_id, "role": role}
    await tale.discord.dispatch("GUILD_ROLE_UPDATE", event)


def times_read(tale: LongTale) -> int:
    return sum(each.path.endswith("/auto-moderation/rules") for each in tale.discord.requests)


async def test_a_rule_applies_from_the_moment_it_is_made(tale: LongTale) -> None:
    await asked(tale, "How do I sleep by day?")
    assert times_read(tale) == 0, "without Manage Server nothing is asked for"
    await let_manage(tale)
    await asked(tale, "How do I sleep after nights?")
    assert times_read(tale) == 1
    tale.world.add_automod_rule("House rule", keyword_filter=["grim"], regex_patterns=[r"gr1+m"])
    (rule,) = tale.world.automod_rules
    await tale.discord.dispatch("AUTO_MODERATION_RULE_CREATE", rule)
    for title in ("How do I get over a grim night?", "How do I get over a gr11m night?"):
        reply = await asked(tale, title)
        assert "The server's AutoMod blocked it." in tale.said(reply), tale.said(reply)
    assert times_read(tale) == 2


async def test_rules_that_cannot_be_read_hold_nobody_up(
    discord_server: FakeDiscord, tale: LongTale
) -> None:
    """The library tries five times, for 25 seconds. Nobody waits for that."""
    await let_manage(tale)
    path = f"/guilds/{tale.world.guild_id}/auto-moderation/rules"
    discord_server.fail("GET", path, 500, times=None)
    begun = time.monotonic()
    await asked(tale, "How do I sleep after nights?")
    await discord_server.until(lambda: tale.card("How do I sleep after nights?"))
    assert times_read(tale) >= 1
    assert time.monotonic() - begun < 15
