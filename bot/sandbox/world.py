"""The simulated servers, their channels, and the four people who are in both."""

from dataclasses import dataclass
from pathlib import Path

import discord

from bot.sandbox import _simcord  # isort: skip
from simcord import ChannelHandle, Env, GuildHandle, MemberActor, RoleHandle, UserHandle

AVATARS = Path(__file__).parent / "page" / "static" / "avatars"
BOT_PICTURE = "askwell"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a server is like before the bot has been set up in it."""

    key: str
    """Names the server in addresses and tests."""
    name: str
    description: str
    forum: str
    questions: str
    topic: str
    """Of the text channel for questions."""
    parts: tuple[str, str, str, str]
    """What Noor, Teo, Brigid and Sam do there, in a few words."""


WELLNESS = Plan(
    "wellness",
    "Mind & Wellness",
    "A kind place to ask about minds, moods and the people we love.",
    forum="ask-the-community",
    questions="questions",
    topic="The same in a text channel: a card, and a thread below it.",
    parts=("asks", "answers", "answers, too", "moderates"),
)
HARBOUR = Plan(
    "harbour",
    "Quiet Harbour",
    "A support group. Who voted for what is nobody's business here.",
    forum="support-forum",
    questions="support",
    topic="A card for each question, and a thread below it.",
    parts=("answers, too", "answers", "asks", "moderates"),
)
PLANS = (WELLNESS, HARBOUR)
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
    """A server, and everybody as a member of it."""

    key: str
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

    @property
    def untouched(self) -> bool:
        """Whether nothing has been said in it yet."""
        backend = self.env.backend
        channels = (c for c in backend.channels.values() if c.guild_id == self.guild.id)
        return not any(backend.messages.get(channel.id) for channel in channels)

    def person(self, key: str) -> Person:
        """The person called `key`. Raises KeyError when there is none."""
        return {person.key: person for person in self.people}[key]


def picture(key: str) -> bytes:
    """The portrait of a person, or of the bot, as PNG."""
    return (AVATARS / f"{key}.png").read_bytes()


def build_world(env: Env, *, plan: Plan = WELLNESS, locale: str = "en") -> World:
    """The server of that plan in `env`, whose bot is running. `locale` is the server's own
    language. What is there already, from another server or an earlier run, is taken as it is.

    The owner is the moderator, so that nobody else is there. The bot keeps the broad role (all but
    administrator) that simcord gives it: the simulator wants Manage Channels for what Discord
    allows with Manage Threads, so the exact permissions of an invitation would refuse too much.
    """
    users = _users(env)
    guild = _simcord.find_guild(env, plan.name) or env.create_guild(
        plan.name,
        owner=users["sam"],
        description=plan.description,
        preferred_locale={"en": "en-US"}.get(locale, locale),
    )
    there = guild.channels
    general = there.get("general") or guild.create_text_channel(
        "general", topic="Say hello. Commands work here, too."
    )
    forum = there.get(plan.forum) or guild.create_forum_channel(plan.forum)
    questions = there.get(plan.questions) or guild.create_text_channel(
        plan.questions, topic=plan.topic
    )
    moderators = guild.roles.get("Moderators") or _create_moderators(guild)
    members = guild.member_ids()

    def join(user: UserHandle, key: str, part: str) -> Person:
        roles = [moderators] if key == "sam" else []
        # The owner is a member from the beginning, without the role.
        if user.id in members and (key != "sam" or moderators.id in _roles(env, guild, user)):
            actor = MemberActor(env, guild, user)
        else:
            actor = guild.add_member(user, roles=roles)
        return Person(key, user.global_name or user.name, part, actor)

    people = (join(users[key], key, part) for key, part in zip(users, plan.parts, strict=True))
    noor, teo, brigid, sam = people
    return World(
        plan.key, env, guild, general, forum, questions, moderators, noor, teo, brigid, sam
    )


def _roles(env: Env, guild: GuildHandle, user: UserHandle) -> list[int]:
    return env.backend.guilds[guild.id].members[user.id].role_ids


def _users(env: Env) -> dict[str, UserHandle]:
    known = {user.name: UserHandle(env, user) for user in env.backend.users.values()}
    return {
        key: known.get(username) or env.create_user(username, global_name=name, avatar=key)
        for key, username, name in _ACCOUNTS
    }


def _create_moderators(guild: GuildHandle) -> RoleHandle:
    return guild.create_role(
        "Moderators",
        permissions=discord.Permissions(manage_messages=True, manage_threads=True),
        color=0x57C29A,
        hoist=True,
    )
