"""A small Discord server in memory, as the payloads that Discord would send of it."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

import discord

from tests.process.fake_permissions import Refused, permissions_in

Payload = dict[str, Any]

TEXT, PUBLIC_THREAD, FORUM = 0, 11, 15
INVITED = "2252126231325776"  # the permissions integer of the README
# What Discord lets everybody do in a new server, as far as it matters here.
EVERYBODY = str(
    discord.Permissions(
        view_channel=True,
        send_messages=True,
        send_messages_in_threads=True,
        create_public_threads=True,
        embed_links=True,
        attach_files=True,
        add_reactions=True,
        read_message_history=True,
        use_application_commands=True,
    ).value
)
MODERATOR = str(discord.Permissions(manage_messages=True, pin_messages=True).value)
_EMOJI_MAX, _PINS_MAX = 20, 250
_EPOCH = 1_420_070_400_000

_counter = itertools.count(1)


def snowflake() -> str:
    """A new id, of now."""
    milliseconds = int(datetime.now(UTC).timestamp() * 1000) - _EPOCH
    return str((milliseconds << 22) | (next(_counter) & 0x3FFFFF))


def now() -> str:
    return datetime.now(UTC).isoformat()


def user(name: str, *, user_id: str | None = None, bot: bool = False) -> Payload:
    return {
        "id": user_id or snowflake(),
        "username": name,
        "discriminator": "0",
        "global_name": name.title(),
        "avatar": None,
        "bot": bot,
    }


def member(person: Payload, roles: list[str] | None = None) -> Payload:
    return {
        "user": person,
        "nick": None,
        "avatar": None,
        "roles": roles or [],
        "joined_at": "2024-01-01T00:00:00+00:00",
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "communication_disabled_until": None,
    }


def role(role_id: str, name: str, permissions: str) -> Payload:
    return {
        "id": role_id,
        "name": name,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "position": 0,
        "permissions": permissions,
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }


class World:
    """One server with a text and a forum channel; a bot, and people who do things in it."""

    def __init__(self, application_id: str) -> None:
        self.bot = user("askwell", user_id=application_id, bot=True)
        self.guild_id = snowflake()
        self.bot_role = role(snowflake(), "Askwell", INVITED)
        self.moderators = role(snowflake(), "Moderators", MODERATOR)
        everyone = role(self.guild_id, "@everyone", EVERYBODY)
        self.roles = [everyone, self.bot_role, self.moderators]
        self.members = {self.bot["id"]: member(self.bot, [self.bot_role["id"]])}
        self.channels: dict[str, Payload] = {}
        self.messages: dict[str, dict[str, Payload]] = {}
        self.automod_rules: list[Payload] = []
        self.text = self.add_channel("questions", TEXT)
        self.forum = self.add_channel("forum", FORUM)
        self.lounge = self.add_channel("lounge", TEXT)
        self.owner = self.add_person("olivia")
        self.joined = True

    def add_person(self, name: str, *, moderates: bool = False) -> Payload:
        """Somebody joins the server."""
        person = user(name)
        roles = [self.moderators["id"]] if moderates else []
        self.members[person["id"]] = member(person, roles)
        return person

    def member_in(self, person: Payload, channel: Payload) -> Payload:
        """A member as an interaction tells of them: with what they may do in its channel."""
        allowed = permissions_in(self, person["id"], channel)
        return self.members[person["id"]] | {"permissions": str(allowed)}

    def add_automod_rule(self, name: str, **looks_for: list[str]) -> None:
        """The owner makes a rule of AutoMod that blocks."""
        metadata = {"keyword_filter": [], "regex_patterns": [], "allow_list": []} | looks_for
        self.automod_rules.append(
            {
                "id": snowflake(),
                "guild_id": self.guild_id,
                "creator_id": self.owner["id"],
                "name": name,
                "event_type": 1,
                "actions": [{"type": 1, "metadata": {}}],
                "trigger_type": 1,
                "trigger_metadata": metadata,
                "enabled": True,
                "exempt_roles": [],
                "exempt_channels": [],
            }
        )

    def add_channel(self, name: str, kind: int) -> Payload:
        channel: Payload = {
            "id": snowflake(),
            "type": kind,
            "guild_id": self.guild_id,
            "name": name,
            "position": len(self.channels),
            "permission_overwrites": [],
            "nsfw": False,
            "parent_id": None,
            "topic": None,
            "rate_limit_per_user": 0,
            "last_message_id": None,
            "flags": 0,
        }
        if kind == FORUM:
            channel |= {"available_tags": [], "default_reaction_emoji": None}
            channel |= {"default_forum_layout": 0, "default_sort_order": None}
        self.channels[channel["id"]] = channel
        self.messages[channel["id"]] = {}
        return channel

    def add_thread(self, parent_id: str, name: str, thread_id: str | None = None) -> Payload:
        thread: Payload = {
            "id": thread_id or snowflake(),
            "type": PUBLIC_THREAD,
            "guild_id": self.guild_id,
            "parent_id": parent_id,
            "owner_id": self.bot["id"],
            "name": name,
            "message_count": 0,
            "total_message_sent": 0,
            "member_count": 1,
            "rate_limit_per_user": 0,
            "flags": 0,
            "applied_tags": [],
            "last_message_id": None,
            "thread_metadata": {
                "archived": False,
                "auto_archive_duration": 10080,
                "archive_timestamp": now(),
                "locked": False,
                "create_timestamp": now(),
            },
        }
        self.channels[thread["id"]] = thread
        self.messages[thread["id"]] = {}
        return thread

    def add_message(
        self,
        channel_id: str,
        body: Payload,
        *,
        author: Payload | None = None,
        message_id: str | None = None,
        **more: Any,
    ) -> Payload:
        message: Payload = {
            "id": message_id or snowflake(),
            "channel_id": channel_id,
            "author": author or self.bot,
            "content": body.get("content") or "",
            "timestamp": now(),
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
            "embeds": body.get("embeds") or [],
            "components": body.get("components") or [],
            "reactions": [],
            "pinned": False,
            "type": 0,
            "flags": body.get("flags", 0),
            "nonce": body.get("nonce"),
            **more,
        }
        self.messages.setdefault(channel_id, {})[message["id"]] = message
        return message

    def react(self, message: Payload, person_id: str, emoji: str, *, remove: bool = False) -> None:
        """Somebody's reaction goes on a message, or off it."""
        people: dict[str, list[str]] = message.setdefault("_people", {})
        shown = [each for each, ids in people.items() if ids]
        if not remove and emoji not in shown and len(shown) >= _EMOJI_MAX:
            raise Refused(400, 30010, "Maximum number of reactions reached (20)")
        who = people.setdefault(emoji, [])
        if remove and person_id in who:
            who.remove(person_id)
        elif not remove and person_id not in who:
            who.append(person_id)
        message["reactions"] = [
            {
                "emoji": {"id": None, "name": each},
                "count": len(ids),
                "count_details": {"burst": 0, "normal": len(ids)},
                "burst_colors": [],
                "me": self.bot["id"] in ids,
                "me_burst": False,
            }
            for each, ids in people.items()
            if ids
        ]

    def pin(self, channel_id: str, message_id: str, *, pinned: bool) -> None:
        """Somebody pins a message, or unpins it."""
        messages = self.messages[channel_id]
        if pinned and sum(each["pinned"] for each in messages.values()) >= _PINS_MAX:
            raise Refused(400, 30003, "Maximum number of pins reached (250)")
        messages[message_id]["pinned"] = pinned

    def remove_channel(self, channel_id: str) -> Payload:
        """A channel goes, with its messages and its threads."""
        for thread in [c for c in self.channels.values() if c.get("parent_id") == channel_id]:
            self.remove_channel(thread["id"])
        self.messages.pop(channel_id, None)
        return self.channels.pop(channel_id)

    def people_who_reacted(self, message: Payload, emoji: str) -> list[Payload]:
        ids: list[str] = message.get("_people", {}).get(emoji, [])
        return [self.members[each]["user"] for each in ids]

    def cards(self, channel: Payload) -> list[Payload]:
        """The bot's messages in a channel that carry controls."""
        messages = self.messages[channel["id"]].values()
        return [m for m in messages if m["author"] is self.bot and m["components"]]

    def shown(self, message: Payload) -> str:
        """All that a message shows, as one string to look for words in, with the name of the
        thread that it opens."""
        thread = self.channels.get(message["id"], {}).get("name", "")
        return str([thread, message["content"], message["embeds"], message["components"]])

    def guild(self) -> Payload:
        """The server as REST shows it."""
        return {
            "id": self.guild_id,
            "name": "Mind & Wellness",
            "owner_id": self.owner["id"],
            "icon": None,
            "roles": self.roles,
            "emojis": [],
            "stickers": [],
            "features": ["COMMUNITY"],
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "afk_timeout": 300,
            "premium_tier": 0,
            "preferred_locale": "en-US",
            "nsfw_level": 0,
            "mfa_level": 0,
            "system_channel_id": None,
            "system_channel_flags": 0,
        }

    def guild_create(self) -> Payload:
        """The server as the gateway shows it."""
        threads = [
            c
            for c in self.channels.values()
            if c["type"] == PUBLIC_THREAD and not c["thread_metadata"]["archived"]
        ]
        return self.guild() | {
            "unavailable": False,
            "large": False,
            "joined_at": "2024-01-01T00:00:00+00:00",
            "member_count": len(self.members),
            "members": [self.members[self.bot["id"]]],
            "channels": [c for c in self.channels.values() if c["type"] not in (1, PUBLIC_THREAD)],
            "threads": threads,
            "presences": [],
            "voice_states": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    def application(self) -> Payload:
        return {
            "id": self.bot["id"],
            "name": "Askwell",
            "description": "",
            "icon": None,
            "bot_public": True,
            "bot_require_code_grant": False,
            "owner": self.owner,
            "verify_key": "0" * 64,
            "flags": 0,
            "summary": "",
        }
