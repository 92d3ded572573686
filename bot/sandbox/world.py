"""The simulated server: "Mind & Wellness", its channels, and the four people in it."""

from dataclasses import dataclass
from pathlib import Path

import discord
from simcord import ChannelHandle, Env, GuildHandle, MemberActor, RoleHandle, UserHandle

AVATARS = Path(__file__).parent / "page" / "static" / "avatars"
BOT_PICTURE = "askwell"
SERVER_NAME = "Mind & Wellness"
# Key, user name and display name of each person.
_ACCOUNTS = (
    ("noor", "noor.writes", "Noor"),
    ("teo", "teo_k", "Teo"),
    ("brigid", "brigid.o", "Brigid"),
    ("sam", "sam.mods", "Sam"),
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody one can be in the sandbox."""

    key: str
    """Names the person in addresses, tests and picture files."""
    name: str
    part: str
    """What they do in the story, in a few words."""
    actor: MemberActor

    @property
    def id(self) -> int:
        return self.actor.id


@dataclass(frozen=True, slots=True)
class World:
    env: Env
    guild: GuildHandle
    general: ChannelHandle
    forum: ChannelHandle
    questions: ChannelHandle
    moderators: RoleHandle
    asker: Person
    answerer: Person
    second: Person
    moderator: Person

    @property
    def people(self) -> tuple[Person, Person, Person, Person]:
        return (self.asker, self.answerer, self.second, self.moderator)

    @property
    def channels(self) -> tuple[ChannelHandle, ChannelHandle, ChannelHandle]:
        return (self.general, self.forum, self.questions)

    def person(self, key: str) -> Person:
        """The person called `key`. Raises KeyError when there is none."""
        return {person.key: person for person in self.people}[key]


def picture(key: str) -> bytes:
    """The portrait of a person, or of the bot, as PNG."""
    return (AVATARS / f"{key}.png").read_bytes()


def build_world(env: Env, *, locale: str = "en") -> World:
    """Create the server in `env`, whose bot is running. `locale` is the server's own language.

    The owner is the moderator, so that nobody else is there. The bot keeps the broad role (all but
    administrator) that simcord gives it: the simulator wants Manage Channels for what Discord
    allows with Manage Threads, so the exact permissions of an invitation would refuse too much.
    """
    users = _create_users(env)
    guild = env.create_guild(
        SERVER_NAME,
        owner=users["sam"],
        description="A kind place to ask about minds, moods and the people we love.",
        preferred_locale={"en": "en-US"}.get(locale, locale),
    )
    general = guild.create_text_channel("general", topic="Say hello. Commands work here, too.")
    forum = guild.create_forum_channel("ask-the-community")
    questions = guild.create_text_channel(
        "questions", topic="The same in a text channel: a card, and a thread below it."
    )
    moderators = _create_moderators(guild)

    def join(key: str, part: str, *roles: RoleHandle) -> Person:
        user = users[key]
        actor = guild.add_member(user, roles=roles)
        return Person(key, user.global_name or user.name, part, actor)

    return World(
        env=env,
        guild=guild,
        general=general,
        forum=forum,
        questions=questions,
        moderators=moderators,
        asker=join("noor", "asks"),
        answerer=join("teo", "answers"),
        second=join("brigid", "answers, too"),
        moderator=join("sam", "moderates", moderators),
    )


def _create_users(env: Env) -> dict[str, UserHandle]:
    return {
        key: env.create_user(username, global_name=name, avatar=key)
        for key, username, name in _ACCOUNTS
    }


def _create_moderators(guild: GuildHandle) -> RoleHandle:
    return guild.create_role(
        "Moderators",
        permissions=discord.Permissions(manage_messages=True, manage_threads=True),
        color=0x57C29A,
        hoist=True,
    )
