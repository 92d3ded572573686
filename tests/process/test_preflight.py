"""The permissions the bot asks for, and what it says of being turned away."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import discord
import pytest

from cogs.foundation.preflight import (
    NEEDED,
    PERMISSIONS,
    ChannelKind,
    invite_url,
    missing_permissions,
    rejection,
)


def test_the_permissions_are_exactly_these() -> None:
    names = (
        "view_channel",
        "send_messages",
        "send_messages_in_threads",
        "create_public_threads",
        "embed_links",
        "attach_files",
        "read_message_history",
        "add_reactions",
        "manage_messages",
        "manage_threads",
        "pin_messages",
        "manage_channels",
    )
    assert discord.Permissions(**dict.fromkeys(names, True)).value == PERMISSIONS
    assert {needed.name for needed in NEEDED} == set(names)


def test_none_of_them_gives_power_over_members() -> None:
    asked = discord.Permissions(PERMISSIONS)
    dangerous = ("administrator", "manage_guild", "manage_roles", "manage_webhooks")
    dangerous += ("kick_members", "ban_members", "mention_everyone", "moderate_members")
    assert not any(getattr(asked, name) for name in dangerous)


def test_each_has_a_name_people_see_and_a_reason() -> None:
    for needed in NEEDED:
        assert needed.label[0].isupper()
        assert needed.reason.startswith("to ")


@pytest.mark.parametrize("kind", ["forum", "text"])
def test_nothing_is_missing_where_all_is_granted(kind: ChannelKind) -> None:
    assert missing_permissions(discord.Permissions(PERMISSIONS), kind) == []
    assert missing_permissions(discord.Permissions.all(), kind) == []


def test_what_is_missing_is_named_for_the_kind_of_channel() -> None:
    def lacking(kind: ChannelKind, **without: bool) -> list[str]:
        granted = discord.Permissions(PERMISSIONS)
        granted.update(**without)
        return [missing.name for missing in missing_permissions(granted, kind)]

    assert lacking("text", pin_messages=False) == ["pin_messages"]
    assert lacking("text", create_public_threads=False) == ["create_public_threads"]
    assert lacking("forum", create_public_threads=False) == []
    assert lacking("forum", manage_channels=False) == ["manage_channels"]
    assert lacking("text", manage_channels=False) == []


def test_the_invitation_asks_for_exactly_that() -> None:
    link = urlsplit(invite_url(801234567890123456))
    assert link.netloc == "discord.com"
    assert parse_qs(link.query) == {
        "client_id": ["801234567890123456"],
        "scope": ["bot applications.commands"],
        "permissions": [str(PERMISSIONS)],
    }


def closed(code: int) -> discord.ConnectionClosed:
    socket: Any = SimpleNamespace(close_code=code)
    return discord.ConnectionClosed(socket, shard_id=0, code=code)


@pytest.mark.parametrize(
    ("error", "says", "permanent"),
    [
        (discord.LoginFailure("Improper token"), "does not accept the token", True),
        (discord.PrivilegedIntentsRequired(None), "intents", True),
        (closed(4004), "does not accept the token any more", True),
        (closed(4010), "SHARD_COUNT", True),
        (closed(4011), "SHARD_COUNT", True),
        (closed(4012), "Update Askwell", True),
        (closed(4013), "Update Askwell", True),
        (closed(4014), "intents", True),
        (closed(4000), "code 4000", False),
        (discord.GatewayNotFound(), "gateway", False),
        (aiohttp.ServerDisconnectedError(), "connection to Discord failed", False),
        (TimeoutError(), "connection to Discord failed", False),
    ],
    ids=lambda value: str(value)[:30],
)
def test_being_turned_away_is_a_sentence(error: Exception, says: str, permanent: bool) -> None:
    told = rejection(error)
    assert told is not None
    assert says in told.reason
    assert told.permanent is permanent


def test_other_errors_are_not_explained_away() -> None:
    assert rejection(ValueError("a defect of ours")) is None
