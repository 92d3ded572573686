"""What the page shows around the frame, as JSON for the browser to draw."""

import re
from typing import Any

from simcord.backend.models import Channel, Message
from simcord.enums import AppCommandType

from bot.sandbox import _simcord
from bot.sandbox._simcord import LOCALES
from bot.sandbox.page.lobby import Lobby

MARKUP = re.compile(r"[*_`~|>#]+|^-# ", re.MULTILINE)


def state(lobby: Lobby) -> dict[str, Any]:
    """Everything the page shows around the frame."""
    lobby.guide.look()
    channels = [_channel(lobby, channel) for channel in lobby.channels()]
    direct = lobby.who.actor.user.dm_channel
    return {
        "server": lobby.world.guild.name,
        "servers": [
            {"key": world.key, "name": world.guild.name, "here": world is lobby.world}
            for world in lobby.worlds
        ],
        "telling": lobby.telling,
        "skipping": lobby.telling is not None and lobby.skipped.is_set(),
        "who": lobby.who.key,
        "people": [
            {
                "key": person.key,
                "name": person.name,
                "part": person.part,
                "locale": lobby.languages.spoken.get(person.id, LOCALES[0]),
            }
            for person in lobby.world.people
        ],
        "place": str(lobby.place.id),
        "kind": lobby.kind,
        "card": _card_elsewhere(lobby),
        "channels": channels,
        "direct": {
            "id": str(direct.id),
            "unread": lobby.unread(lobby.env.backend.get_channel(direct.id)),
        },
        "frame": None if lobby.preview is None else lobby.preview.url,
        "posts": _posts(lobby) if lobby.kind == "forum" else [],
        "locales": LOCALES,
        "menus": lobby.menus(AppCommandType.MESSAGE),
        "personMenus": lobby.menus(AppCommandType.USER),
        "guide": lobby.guide.as_json(),
    }


def _channel(lobby: Lobby, channel: Channel) -> dict[str, Any]:
    return {
        "id": str(channel.id),
        "name": channel.name,
        "kind": lobby.kind_of(channel),
        "unread": lobby.unread(channel),
        "threads": [
            {"id": str(thread.id), "name": thread.name, "unread": lobby.unread(thread)}
            for thread in lobby.threads(channel.id)
        ],
    }


def _card_elsewhere(lobby: Lobby) -> dict[str, str] | None:
    """Where the message is that a text channel's thread hangs from: Discord shows it at the top of
    the thread, and simcord's page does not."""
    thread = lobby.env.backend.get_channel(lobby.place.id)
    if not thread.is_thread or thread.parent_id is None:
        return None
    parent = lobby.env.backend.channels.get(thread.parent_id)
    if parent is None or thread.id not in lobby.env.backend.messages.get(parent.id, {}):
        return None
    return {"channel": str(parent.id), "name": parent.name or "", "message": str(thread.id)}


def _posts(lobby: Lobby) -> list[dict[str, Any]]:
    """A forum's posts as Discord lists them, which simcord's page does not."""
    forum = lobby.env.backend.get_channel(lobby.place.id)
    names = {int(tag["id"]): str(tag["name"]) for tag in forum.available_tags}
    posts: list[dict[str, Any]] = []
    for thread in lobby.threads(forum.id):
        messages = lobby.env.backend.messages.get(thread.id, {})
        starter = messages.get(thread.id)
        visible = [message for message in messages.values() if not message.is_ephemeral]
        posts.append(
            {
                "id": str(thread.id),
                "name": thread.name,
                "tags": [names[tag] for tag in thread.applied_tags if tag in names],
                "excerpt": _excerpt(lobby, starter),
                "replies": max(0, len(visible) - 1),
                "reactions": [
                    {"emoji": reaction.emoji, "count": len(reaction.user_ids)}
                    for reaction in (starter.reactions if starter else [])
                ],
            }
        )
    return posts


def _excerpt(lobby: Lobby, starter: Message | None) -> str:
    if starter is None:
        return ""
    embeds = _simcord.message_handle(lobby.env, starter).embeds
    text = (embeds[0].description if embeds else None) or starter.content
    return " ".join(MARKUP.sub("", text).split())[:280]
