"""Preflight: the permissions that the bot needs and why, its invitation, and explaining why it
can't log in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import aiohttp
import discord
import discord.http

from bot.i18n import N_
from cogs.failures import is_trouble

ChannelKind = Literal["forum", "text"]


@dataclass(frozen=True, slots=True)
class MissingPermission:
    """A permission by its name in the API, its name in Discord's settings, and its reason.

    `label` and `reason` are English sources for the catalogues.
    """

    name: str
    label: str
    reason: str
    kinds: tuple[ChannelKind, ...] = ("forum", "text")


# All permissions the bot asks for, in the order they are shown. Members need none of them.
NEEDED: Final = (
    MissingPermission("view_channel", N_("View Channel"), N_("to see the channel")),
    MissingPermission(
        "send_messages", N_("Send Messages and Create Posts"), N_("to post questions")
    ),
    MissingPermission(
        "create_public_threads",
        N_("Create Public Threads"),
        N_("to give each question a thread"),
        ("text",),
    ),
    MissingPermission(
        "send_messages_in_threads",
        N_("Send Messages in Threads"),
        N_("to post answers"),
    ),
    MissingPermission("embed_links", N_("Embed Links"), N_("to show cards")),
    MissingPermission("attach_files", N_("Attach Files"), N_("to send long texts as files")),
    MissingPermission(
        "read_message_history",
        N_("Read Message History"),
        N_("to find earlier cards and count votes given while the bot was offline"),
    ),
    MissingPermission("add_reactions", N_("Add Reactions"), N_("to add the vote emoji to cards")),
    MissingPermission(
        "manage_messages",
        N_("Manage Messages"),
        N_("to remove votes that don't count"),
    ),
    MissingPermission("pin_messages", N_("Pin Messages"), N_("to pin best answers")),
    MissingPermission(
        "manage_threads",
        N_("Manage Threads and Posts"),
        N_("to mark questions as solved and write in archived threads"),
    ),
    MissingPermission(
        "manage_channels",
        N_("Manage Channels"),
        N_("to create the question channel and its tags"),
        ("forum",),
    ),
)

PERMISSIONS: Final = discord.Permissions(**{needed.name: True for needed in NEEDED}).value


def missing_permissions(
    channel_permissions: discord.Permissions, kind: ChannelKind
) -> list[MissingPermission]:
    """The missing ones of the permissions that a question channel of this kind needs."""
    return [
        needed
        for needed in NEEDED
        if kind in needed.kinds and not getattr(channel_permissions, needed.name)
    ]


def invite_url(application_id: int) -> str:
    """The link that adds the bot to a server with exactly `PERMISSIONS`."""
    return discord.utils.oauth_url(
        application_id,
        permissions=discord.Permissions(PERMISSIONS),
        scopes=("bot", "applications.commands"),
    )


def speak_to(api_url: str | None) -> None:
    """Send the library's requests to a REST proxy, for the whole process; None changes nothing."""
    if api_url is not None:
        discord.http.Route.BASE = api_url


def say_nothing_of_voice() -> None:
    """Keep the library from warning of what it lacks for voice channels: the bot is in none."""
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why the bot can't connect to Discord, in a sentence. `permanent` means that retrying won't
    help."""

    reason: str
    permanent: bool


# Close codes of the gateway after which reconnecting is pointless.
_CLOSES: Final = {
    4004: "Discord does not accept the token any more. Make a new one in the developer portal "
    "(page Bot, Reset Token) and put it into DISCORD_TOKEN.",
    4010: "Discord does not accept this shard. Check SHARD_COUNT and SHARD_IDS.",
    4011: "The bot is in too many servers for its number of shards. Leave SHARD_COUNT empty, or "
    "raise it.",
    4012: "Discord does not speak this version of its gateway any more. Update Askwell.",
    4013: "Discord does not know the intents Askwell asks for. Update Askwell.",
    4014: "Discord does not allow the intents Askwell asks for. None of them is privileged: update "
    "Askwell.",
}
_REFUSED: Final = (
    "Discord does not accept the token in DISCORD_TOKEN. Copy it again from the developer portal "
    "(your application, page Bot, Reset Token); the old one stops working when a new one is made."
)


def rejection(error: BaseException) -> Rejection | None:
    """What kept the bot from connecting; None for another error."""
    match error:
        case discord.LoginFailure():
            return Rejection(_REFUSED, permanent=True)
        case discord.PrivilegedIntentsRequired():
            return Rejection(_CLOSES[4014], permanent=True)
        case discord.ConnectionClosed(code=code) if code in _CLOSES:
            return Rejection(_CLOSES[code], permanent=True)
        case discord.ConnectionClosed(code=code):
            return Rejection(f"Discord ended the connection (code {code}).", permanent=False)
        case discord.GatewayNotFound():
            return Rejection("Discord's gateway can't be found at the moment.", permanent=False)
        case discord.HTTPException(status=status):
            return Rejection(f"Discord answered with HTTP {status}.", permanent=False)
        case aiohttp.ClientConnectorError(host=host, port=port):
            where = f"{host}:{port}"
            return Rejection(
                f"{where} can't be reached. Check the network and DISCORD_API_URL.",
                permanent=False,
            )
        case aiohttp.ClientError() | TimeoutError():
            return Rejection(f"The connection to Discord failed ({error!r}).", permanent=False)
        case _:
            return None


def is_passing(error: BaseException) -> bool:
    """Whether a failed connection may succeed in a moment. That nothing answers at the address is a
    matter of the network or of a setting, and is reported at once."""
    return is_trouble(error) and not isinstance(error, aiohttp.ClientConnectorError)
