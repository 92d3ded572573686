"""The channels a person can read. Lists and searches only show posts in these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import discord
from discord import Thread

from bot.domain.access import Deed, check_may
from bot.domain.actors import Access, Actor
from bot.domain.cards import Category, PostCard
from bot.domain.errors import Missing, NotFound
from bot.domain.rules import Rules
from bot.usecases import browsing, personas, seeing
from bot.usecases.seeing import Home, Seen, home_in
from cogs.foundation.access import access_in, is_locked, with_block
from cogs.foundation.channels import Channels, channels_of
from cogs.interaction.people import (
    actor_in,
    guild_of,
    note_actor,
    person_of,
    rules_and_actor,
    seal_in,
    server_in,
)

if TYPE_CHECKING:
    from bot.app import Askwell

# In an interaction's extras: what was looked up for it, so that it is looked up once.
_SEEN: Final = "seen"
_ACTORS: Final = "actors"
_CHANNELS: Final = "channels"


def readable_channels(interaction: discord.Interaction[Any]) -> frozenset[int]:
    """The ids of the text and forum channels the person may read, by Discord's permissions."""
    return _channels(interaction).read


def kept_channels(interaction: discord.Interaction[Any]) -> frozenset[int]:
    """The ids of those of them in which the person has Manage Messages."""
    return _channels(interaction).kept


def _channels(interaction: discord.Interaction[Any]) -> Channels:
    guild, member = server_in(interaction), person_of(interaction)
    if guild is None or not isinstance(member, discord.Member):
        return Channels(frozenset(), frozenset())
    if _CHANNELS not in interaction.extras:
        interaction.extras[_CHANNELS] = channels_of(guild, member)
    found: Channels = interaction.extras[_CHANNELS]
    return found


def moderates_in(interaction: discord.Interaction[Any], rules: Rules, home_id: int | None) -> bool:
    """Whether the person moderates the posts in a channel, or (None) those that stand in none yet,
    as the server's moderators do."""
    if home_id is None:
        return actor_in(interaction, rules).is_moderator
    return access_in(interaction.user, home_id, rules).moderates


def closed_channels(interaction: discord.Interaction[Any]) -> frozenset[int]:
    """The ids of the server's channels that the person may not read."""
    guild = interaction.guild
    known = frozenset(c.id for c in guild.channels) if guild is not None else frozenset[int]()
    return known - readable_channels(interaction)


async def moderated_channels(interaction: discord.Interaction[Askwell]) -> frozenset[int]:
    """The ids of the channels whose posts the person moderates."""
    rules = await browsing.rules_of(interaction.client.db, guild_of(interaction))
    return frozenset(
        channel_id
        for channel_id in readable_channels(interaction)
        if access_in(interaction.user, channel_id, rules).moderates
    )


def asker_in(
    interaction: discord.Interaction[Any], rules: Rules, category: Category | None
) -> Actor:
    """The actor, with their access to the channel in which questions of a category (None: of none)
    are posted."""
    home_id = home_in(category, rules)
    return actor_in(interaction, rules, access_in(person_of(interaction), home_id, rules))


async def named_post(
    interaction: discord.Interaction[Askwell],
    typed: str | None,
    *,
    question: bool = False,
    own: bool = False,
) -> PostCard:
    """The post that a person means, see `seeing.look_at_named`; also their `own` that waits for
    approval. One that they can't see is refused with the same words as an unknown one."""
    db, guild_id, here = interaction.client.db, guild_of(interaction), interaction.channel_id or 0
    reader_id = interaction.user.id
    seen = await seeing.look_at_named(
        db,
        guild_id,
        typed,
        here,
        question=question,
        reader_id=reader_id,
        own=own,
        seal=seal_in(interaction),
    )
    _known(interaction)[seen.post_id] = seen
    try:
        await actor_at(interaction, seen.post_id, by_name=True)
        find = own_card_at if own else card_at
        return await find(interaction, seen.post_id)
    except NotFound as error:
        raise NotFound(Missing.POST, typed=typed) if typed else error from None


async def post_of_message(
    interaction: discord.Interaction[Askwell], message: discord.Message
) -> PostCard | None:
    """The post whose card a message is, if the person can see it; or None."""
    db, guild_id = interaction.client.db, guild_of(interaction)
    who = (interaction.user.id, seal_in(interaction))
    seen = await seeing.look_at_message(db, guild_id, message.id, *who)
    if seen is None:
        return None
    _known(interaction)[seen.post_id] = seen
    try:
        await actor_at(interaction, seen.post_id, by_name=True)
    except NotFound:
        return None
    return seen.card


async def card_at(interaction: discord.Interaction[Askwell], post_id: int) -> PostCard:
    """A visible post, as it was when the interaction first looked at it. Raises `NotFound(POST)`.

    What an act has changed since then has to be read again.
    """
    seen = await _look_at(interaction, post_id)
    if seen is None or seen.card is None:
        raise NotFound(Missing.POST)
    return seen.card


async def own_card_at(interaction: discord.Interaction[Askwell], post_id: int) -> PostCard:
    """As `card_at`, or the person's own post that waits for approval."""
    seen = await _look_at(interaction, post_id)
    card = seen.card_for(interaction.user.id) if seen is not None else None
    if card is None:
        raise NotFound(Missing.POST)
    return card


async def actor_at(
    interaction: discord.Interaction[Askwell],
    post_id: int,
    *,
    writing: bool = False,
    asker: bool = False,
    by_name: bool = False,
) -> Actor:
    """The actor for a post, with their access to its home at this moment.

    It is called when a form opens and again when it is sent. Within one interaction, it is
    found out once. With `writing`, the lock of the question's thread is checked as well;
    Discord is asked if the thread is archived; and the actor has the rules of AutoMod that apply to
    what they write. Raises `NotFound(POST)` if they can't see the post:
    it is unknown, hidden or deleted, or in a channel that is closed to them. Its author and its
    moderators see it anyway.

    Its author, if they wrote it anonymously, is the anonymous author from here on: see decision 36.
    With `asker`, so is whoever asked its question anonymously. What they write or decide `by_name`
    they do as everybody else.
    """
    seen = await _look_at(interaction, post_id)
    if seen is None:
        raise NotFound(Missing.POST)
    actor = await _named_at(interaction, seen, writing=writing)
    if not by_name and (seen.is_own or (asker and seen.is_askers)):
        actor = await personas.anonymous(interaction.client.db, actor)
    note_actor(interaction, actor)
    return await interaction.client.automod.screening(actor) if writing else actor


async def author_at(interaction: discord.Interaction[Askwell], post_id: int | None) -> Actor:
    """The actor for what an author is told of a post (None: of none), whatever became of it, or of
    their access to it."""
    _, actor = await rules_and_actor(interaction)
    seen = await _look_at(interaction, post_id) if post_id is not None else None
    if seen is not None and seen.is_own:
        actor = replace(actor, persona=seen.persona)
        actor = await personas.anonymous(interaction.client.db, actor)
    note_actor(interaction, actor)
    return actor


async def _named_at(
    interaction: discord.Interaction[Askwell], seen: Seen, *, writing: bool
) -> Actor:
    actors: dict[int, Actor] = interaction.extras.setdefault(_ACTORS, {})
    if seen.post_id not in actors:
        actors[seen.post_id] = _actor_at(interaction, seen)
    actor, home = actors[seen.post_id], seen.home
    open_to_them = actor.access is not None and actor.access.write is None
    if writing and open_to_them and await is_locked(interaction.guild, home.thread_id):
        access = _access_at(interaction, home, locked=True)
        return _with_access(interaction, seen, access)
    return actor


def _with_access(interaction: discord.Interaction[Any], seen: Seen, access: Access) -> Actor:
    actor = actor_in(interaction, seen.home.rules, access)
    return replace(with_block(actor, seen.home.block), persona=seen.persona)


def _actor_at(interaction: discord.Interaction[Any], seen: Seen) -> Actor:
    home = seen.home
    access = _access_at(interaction, home)
    mine = home.author_id == interaction.user.id or seen.is_own
    if access.read is not None and not mine:
        raise NotFound(Missing.POST)
    if not home.visible and not mine and not access.moderates:
        raise NotFound(Missing.POST)
    return _with_access(interaction, seen, access)


async def rules_at(interaction: discord.Interaction[Askwell], post_id: int) -> Rules:
    """The rules of a post's server, as they were when the interaction first looked at it. Raises
    `NotFound(POST)`."""
    seen = await _look_at(interaction, post_id)
    if seen is None:
        raise NotFound(Missing.POST)
    return seen.home.rules


async def check_writing(interaction: discord.Interaction[Askwell], post_id: int) -> None:
    """Refuse, before anything is typed, if Discord wouldn't let a person write below a post."""
    check_may(await actor_at(interaction, post_id, writing=True, by_name=True), Deed.WRITE)


async def _look_at(interaction: discord.Interaction[Askwell], post_id: int) -> Seen | None:
    known = _known(interaction)
    if post_id not in known:
        db, guild_id = interaction.client.db, guild_of(interaction)
        who = (interaction.user.id, seal_in(interaction))
        known[post_id] = await seeing.look_at(db, guild_id, post_id, *who)
    return known[post_id]


def know(interaction: discord.Interaction[Any], post_id: int, seen: Seen | None) -> None:
    """Keep a post that was looked up for an interaction, so that it isn't looked up again."""
    _known(interaction)[post_id] = seen


def may_be_own(interaction: discord.Interaction[Any]) -> bool:
    """Whether the person acts on something that they wrote or asked anonymously, by whatever name
    they act on it; True where no post could be looked up yet."""
    seen = [each for each in _known(interaction).values() if each is not None]
    return not seen or any(each.is_own or each.is_askers for each in seen)


def _known(interaction: discord.Interaction[Any]) -> dict[int, Seen | None]:
    return interaction.extras.setdefault(_SEEN, {})


def _access_at(
    interaction: discord.Interaction[Any], home: Home, *, locked: bool = False
) -> Access:
    channel = interaction.channel
    parent = channel.parent_id if isinstance(channel, Thread) else None
    here = home.channel_id in (interaction.channel_id, parent)
    return access_in(interaction.user, home.channel_id, home.rules, locked=locked, here=here)


def shown_categories(
    interaction: discord.Interaction[Any], known: Sequence[Category]
) -> list[Category]:
    """The categories that a person may see: all but those of channels they can't read, which aren't
    named as others' parents either."""
    guild, readable = server_in(interaction), readable_channels(interaction)

    def hidden(channel_id: int | None) -> bool:
        if channel_id is None or channel_id in readable or guild is None:
            return False
        return guild.get_channel(channel_id) is not None  # a deleted channel hides nothing

    closed = {c.category_id: c for c in known if hidden(c.channel_id)}
    by_row = {c.category_id: c for c in known}

    def path_of(category: Category) -> tuple[str, ...]:
        names: list[str] = []
        above = by_row.get(category.parent_id or 0)
        while above is not None:
            if above.category_id not in closed:
                names.insert(0, above.name)
            above = by_row.get(above.parent_id or 0)
        return tuple(names)

    shown = [category for category in known if category.category_id not in closed]
    return [replace(c, path=path_of(c)) for c in shown] if closed else shown
