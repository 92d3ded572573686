"""A member's rights in a channel, derived from Discord's permissions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import discord

from bot.domain.access import Granted, access_of, blocked_by
from bot.domain.actors import NOWHERE, Access, Actor
from bot.domain.blocks import Block
from bot.domain.errors import Denial
from bot.domain.names import NO_AVATAR, SERVER_AVATAR, readable_name
from bot.domain.policies import is_held_by
from bot.domain.rules import Rules

_WRITING: Final = ("send_messages", "send_messages_in_threads")

# Commands that a member who may do nothing can still use: they only read, or concern nobody else.
READING_COMMANDS: Final = frozenset(
    {
        "about",
        "categories",
        "help",
        "history",
        "inbox",
        "leaderboard",
        "notifications",
        "points",
        "privacy erase",
        "privacy export",
        "privacy policy",
        "profile",
        "questions",
        "search",
        "tags",
        "unfollow",
        "Forum profile",
    }
)
READING_CONTROLS: Final = frozenset(
    {
        "answers",
        "board",
        "browse",
        "categories",
        "categories.open",
        "delayed.back",
        "dms",
        "follows",
        "help",
        "history",
        "how",
        "inbox",
        "list",
        "list.category",
        "list.view",
        "more",
        "notify",
        "notify.digest",
        "notify.dm",
        "notify.hour",
        "notify.roundup",
        "notify.zone",
        "notify.zone.chosen",
        "notify.zone.form",
        "notify.zone.other",
        "pick",  # what carries on is checked by itself
        "picks",
        "news",
        "points",
        "privacy.erase",
        "privacy.form",
        "roundup.out",
        "search",
        "stop",
        "tags",
        "tags.open",
        "undigest",
        "unfollow",
        "unfollow.chosen",
        "unsealing",
        "unsolved",
    }
)


def silenced(user: discord.abc.User) -> Denial | None:
    """Why a member may do nothing in their server: they are timed out, or haven't accepted its
    rules yet. This never applies to the owner and administrators."""
    if not isinstance(user, discord.Member):
        return None
    if user.id == user.guild.owner_id or any(r.permissions.administrator for r in user.roles):
        return None
    if user.is_timed_out():
        return Denial.TIMED_OUT
    return Denial.PENDING if user.pending else None


def actor_of(
    user: discord.abc.User, guild_id: int, rules: Rules, access: Access | None = NOWHERE
) -> Actor:
    """The actor for a member, with their access to a post's home.

    Moderators have Manage Messages in the server, or the role chosen in `/setup`; managers have
    Manage Server.
    """
    joined = None
    roles: frozenset[int] = frozenset()
    granted = discord.Permissions.none()
    if isinstance(user, discord.Member):
        joined = user.joined_at
        roles = frozenset(role.id for role in user.roles)
        granted = user.guild_permissions
    return Actor(
        guild_id=guild_id,
        user_id=user.id,
        is_moderator=granted.manage_messages or has_role(user, rules),
        is_manager=granted.manage_guild,
        is_bot=user.bot,
        account_created=discord.utils.snowflake_time(user.id),
        joined=joined,
        roles=roles,
        access=access,
        name=name_of(user),
        avatar=avatar_of(user),
    )


def name_of(user: discord.abc.User) -> str:
    """A member's name as others read it: their name in the server, if it is readable."""
    global_name: str | None = getattr(user, "global_name", None)
    return readable_name(user.display_name, global_name, user.name)


def avatar_of(user: discord.abc.User) -> str:
    """A member's avatar as others see it in the server, as it is stored."""
    if isinstance(user, discord.Member) and user.guild_avatar is not None:
        return SERVER_AVATAR + user.guild_avatar.key
    return NO_AVATAR if user.avatar is None else user.avatar.key


def has_role(user: discord.abc.User, rules: Rules) -> bool:
    """Whether a member has the moderators' role."""
    role_id = rules.identity("moderator_role")
    if role_id is None or not isinstance(user, discord.Member):
        return False
    return user.get_role(role_id) is not None


def home_of_card(guild: discord.Guild, channel_id: int) -> int | None:
    """The channel or thread of a card's message; None for an archived thread, which the library
    doesn't know."""
    channel = guild.get_channel_or_thread(channel_id)
    if isinstance(channel, discord.Thread):
        return channel.parent_id
    return None if channel is None else channel_id


def voter_in(member: discord.Member, home_id: int | None, rules: Rules) -> Actor:
    """A member who votes on a card in a post's home."""
    return actor_of(member, member.guild.id, rules, access_in(member, home_id, rules))


def access_in(
    member: discord.abc.User,
    home_id: int | None,
    rules: Rules,
    *,
    locked: bool = False,
    here: bool = False,
) -> Access:
    """A member's access to a channel. `locked` and `here` are as in `access_of`.

    Posts in a deleted channel are only accessible to the server's moderators, who tidy up. A new
    question for it is accepted, and waits for another channel.
    """
    if not isinstance(member, discord.Member):
        return NOWHERE
    channel = member.guild.get_channel(home_id or 0)
    why, moderates = silenced(member), has_role(member, rules)
    if channel is not None:
        granted = granted_in(channel, member)
        return access_of(
            home_id, granted, silenced=why, has_role=moderates, locked=locked, here=here
        )
    everywhere = member.guild_permissions
    granted = Granted(*[everywhere.manage_messages or moderates] * 7)
    access = access_of(home_id, granted, silenced=why, has_role=moderates)
    may_ask = why is None and everywhere.send_messages
    return replace(access, ask=None if may_ask else access.ask)


def with_block(actor: Actor, block: Block | None) -> Actor:
    """An actor with the block that was found for them, if it keeps them from taking part now."""
    if block is None or not is_held_by(block, actor, discord.utils.utcnow()):
        return actor
    return replace(actor, access=blocked_by(actor.access or NOWHERE, block))


def granted_in(channel: discord.abc.GuildChannel, member: discord.Member) -> Granted:
    """Discord's permissions of a member in a channel and in its threads."""
    # Read without the library's rule that denying Send Messages denies others, too: it doesn't
    # apply in threads.
    allowed = discord.abc.GuildChannel.permissions_for(channel, member)
    opened = _opened(channel, member, allowed) if allowed.view_channel else frozenset[str]()
    return Granted(
        view=allowed.view_channel,
        history=allowed.read_message_history,
        send=allowed.send_messages or "send_messages" in opened,
        send_in_threads=allowed.send_messages_in_threads or "send_messages_in_threads" in opened,
        attach=allowed.attach_files,
        manage_messages=allowed.manage_messages,
        manage_threads=allowed.manage_threads,
    )


def _opened(
    channel: discord.abc.GuildChannel, member: discord.Member, allowed: discord.Permissions
) -> frozenset[str]:
    """Which of the permissions to write that a member lacks in a channel only the bot has, and no
    overwrite of this member or their roles denies. Such a channel is meant for posting through the
    bot, for all who see it."""
    lacking = [name for name in _WRITING if not getattr(allowed, name)]
    if not lacking or member.is_timed_out():
        return frozenset()
    theirs: list[Any] = [member, *(role for role in member.roles if not role.is_default())]
    found = [channel.overwrites_for(one) for one in theirs]
    return frozenset(
        name
        for name in lacking
        if not any(getattr(overwrite, name) is False for overwrite in found)
        and only_the_bot_has(channel, name)
    )


def only_the_bot_has(channel: discord.abc.GuildChannel, permission: str) -> bool:
    """Whether nobody but the bot and moderators has a permission in a channel."""
    for role in channel.guild.roles:
        if role.is_bot_managed():  # no person has that role
            continue
        allowed = discord.abc.GuildChannel.permissions_for(channel, role)
        if getattr(allowed, permission) and not allowed.manage_messages:
            return False
    return not any(
        getattr(overwrite, permission) is True and target.id != channel.guild.me.id
        for target, overwrite in channel.overwrites.items()
        if not _is_role(target)
    )


def _is_role(target: discord.Role | discord.Member | discord.Object) -> bool:
    return isinstance(target, discord.Role) or getattr(target, "type", None) is discord.Role


async def is_locked(guild: discord.Guild | None, thread_id: int | None) -> bool:
    """Whether a question's thread is locked. The library doesn't know archived threads."""
    if guild is None or thread_id is None:
        return False
    thread: object = guild.get_thread(thread_id)
    if thread is None:
        try:
            thread = await guild.fetch_channel(thread_id)
        except (discord.NotFound, discord.Forbidden, discord.InvalidData):
            return False  # there is no thread, or none that the bot can write in
    return isinstance(thread, discord.Thread) and thread.locked
