"""What there is around a person in the simulated Discord, as they may see it."""

from collections.abc import Sequence

from simcord import ChannelHandle, ResponseMessage
from simcord.backend.access import can_access_channel
from simcord.backend.command_access import command_access
from simcord.backend.models import Channel, Message
from simcord.enums import AppCommandType, ChannelType

from bot.sandbox import _simcord
from bot.sandbox.world import Person, World


class Refused(Exception):
    """The simulated Discord does not let this person do that; the text says why."""


def addresses_of(user_id: int, picture_hash: str) -> list[str]:
    """Where a portrait is looked for: by simcord's page, and in the embeds of the bot."""
    path = f"/avatars/{user_id}/{picture_hash}.png"
    sizes = ["", *(f"?size={2**power}" for power in range(4, 13))]
    return [
        f"https://cdn.simcord.invalid{path}",
        *(f"https://cdn.discordapp.com{path}{size}" for size in sizes),
    ]


class Surroundings:
    """Where one is, who one is, and what can be found from there. Nothing here changes Discord."""

    def __init__(self, worlds: Sequence[World]) -> None:
        self.worlds = worlds
        self.world = worlds[0]
        self.env = self.world.env
        self.who = self.world.people[0]
        self.place: ChannelHandle = self.world.general
        # The newest message each person has read in each channel.
        self._read: dict[tuple[str, int], int] = {}

    @property
    def kind(self) -> str:
        """What kind of place one is in: forum, text, thread or direct."""
        return self.kind_of(self.env.backend.get_channel(self.place.id))

    @staticmethod
    def kind_of(channel: Channel) -> str:
        """What kind of place a channel is."""
        if channel.guild_id is None:
            return "direct"
        if channel.is_thread:
            return "thread"
        return "forum" if channel.type == ChannelType.FORUM else "text"

    def _person(self, key: str) -> Person:
        try:
            return self.world.person(key)
        except KeyError:
            raise Refused("There is nobody of that name.") from None

    def _channel(self, channel_id: int) -> ChannelHandle:
        channel = self.env.backend.channels.get(channel_id)
        if channel is None:
            raise Refused("That channel is gone.")
        guild = next((w.guild for w in self.worlds if w.guild.id == channel.guild_id), None)
        return ChannelHandle(self.env, guild, channel)

    def _find(self, message: int | None) -> ResponseMessage | None:
        stored = self.env.backend.messages.get(self.place.id, {}).get(message or 0)
        visible = stored is not None and stored.visible_to(self.who.id)
        return _simcord.message_handle(self.env, stored) if stored and visible else None

    def _target(self, message: int) -> tuple[ResponseMessage, Message]:
        handle = self._find(message)
        if handle is None:
            raise Refused("That message is gone.")
        return handle, self.env.backend.get_message(self.place.id, message)

    def _backend_channels(self) -> list[Channel]:
        channels = self.env.backend.channels.values()
        return [channel for channel in channels if channel.guild_id == self.world.guild.id]

    def channels(self) -> list[Channel]:
        """The forums and text channels one can see, those the bot has made among them."""
        kinds = (ChannelType.TEXT, ChannelType.FORUM)
        return [
            channel
            for channel in self._backend_channels()
            if channel.type in kinds and can_access_channel(self.env, channel.id, self.who.actor)
        ]

    def threads(self, parent: int) -> list[Channel]:
        """The threads of a channel, the one with the newest message first."""
        threads = [c for c in self._backend_channels() if c.is_thread and c.parent_id == parent]
        return sorted(threads, key=lambda c: (c.last_message_id or c.id, c.id), reverse=True)

    def _newest_thread(self) -> Channel | None:
        threads = [c for c in self._backend_channels() if c.is_thread]
        return max(threads, key=lambda c: c.id, default=None)

    def _parent(self, thread: Channel) -> Channel | None:
        return self.env.backend.channels.get(thread.parent_id or 0)

    def _pictures(self) -> list[tuple[int, str]]:
        people = [(person.id, person.key) for person in self.world.people]
        return [*people, (self.env.backend.bot_user.id, "askwell")]

    def menus(self, kind: AppCommandType) -> list[str]:
        """The names of the bot's context menus for messages or for people."""
        scopes = (None, self.world.guild.id)
        registered = [self.env.backend.commands.get(scope, {}) for scope in scopes]
        return [
            str(command["name"])
            for commands in registered
            for command in commands.values()
            if command["type"] == kind
            and command_access(
                self.env.backend, command, user_id=self.who.id, channel_id=self.place.id
            ).allowed
        ]

    def _mark_read(self) -> None:
        channel = self.env.backend.get_channel(self.place.id)
        self._read[self.who.key, channel.id] = channel.last_message_id or 0

    def unread(self, channel: Channel) -> bool:
        """Whether there is something new for the person one is, elsewhere than where they look."""
        if channel.id == self.place.id:
            return False
        newest = channel.last_message_id or 0
        if newest <= self._read.get((self.who.key, channel.id), 0):
            return False
        stored = self.env.backend.messages.get(channel.id, {}).get(newest)
        return stored is not None and stored.visible_to(self.who.id)
