"""Reading the rules of AutoMod: once for all who write, and never for long."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest

from bot.domain.actors import Access, Actor
from cogs.foundation import automod
from cogs.foundation.automod import AutoMod

MEMBER = Actor(1, 2, access=Access(home_id=10))


def made(name: str) -> Any:
    """A rule as the library reads it."""
    return discord.AutoModRule(
        data=cast(
            Any,
            {
                "id": "5",
                "guild_id": "1",
                "creator_id": "3",
                "name": name,
                "event_type": 1,
                "trigger_type": 1,
                "trigger_metadata": {"keyword_filter": ["grim"]},
                "actions": [{"type": 1, "metadata": {}}],
                "enabled": True,
                "exempt_roles": [],
                "exempt_channels": [],
            },
        ),
        guild=cast(Any, None),
        state=cast(Any, None),
    )


class Guild:
    """A server whose rules are read once `answer` is set."""

    def __init__(self) -> None:
        self.id = 1
        self.me = SimpleNamespace(guild_permissions=discord.Permissions(manage_guild=True))
        self.answer = asyncio.Event()
        self.rules = [made("First")]
        self.requests = 0

    async def fetch_automod_rules(self) -> list[Any]:
        self.requests += 1
        found = list(self.rules)
        await self.answer.wait()
        return found

    def get_channel(self, _channel_id: int) -> None:
        return None


@pytest.fixture
def guild() -> Guild:
    return Guild()


@pytest.fixture
def rules(guild: Guild, monkeypatch: pytest.MonkeyPatch) -> AutoMod:
    monkeypatch.setattr(automod, "_PATIENCE", 0.05)
    return AutoMod(cast(Any, SimpleNamespace(get_guild=lambda _: guild)))


async def names(rules: AutoMod) -> list[str]:
    return [rule.name for rule in (await rules.screening(MEMBER)).automod]


async def test_many_who_write_at_once_wait_for_one_request(guild: Guild, rules: AutoMod) -> None:
    guild.answer.set()
    found = await asyncio.gather(*(names(rules) for _ in range(100)))
    assert found == [["First"]] * 100
    assert guild.requests == 1


async def test_nobody_waits_for_long_and_older_rules_apply_meanwhile(
    guild: Guild, rules: AutoMod
) -> None:
    assert await names(rules) == []
    guild.answer.set()
    assert await names(rules) == ["First"]
    assert guild.requests == 1, "the request went on"
    guild.answer.clear()
    guild.rules = [made("Second")]
    rules.changed(guild.id)
    assert await names(rules) == ["First"]
    guild.answer.set()
    assert await names(rules) == ["Second"]
    assert guild.requests == 2


async def test_a_change_during_the_request_is_read_too(guild: Guild, rules: AutoMod) -> None:
    assert await names(rules) == []
    guild.rules = [made("Second")]
    rules.changed(guild.id)
    guild.answer.set()
    assert await names(rules) == ["First"]
    assert await names(rules) == ["Second"]


async def test_nothing_changes_where_nothing_was_read(guild: Guild, rules: AutoMod) -> None:
    rules.changed(guild.id)
    rules.forget(guild.id)
    guild.me.guild_permissions.manage_guild = False
    assert await names(rules) == []
    assert guild.requests == 0
