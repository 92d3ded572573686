"""Messages that continue a text too long for its card, below it in the thread.

They follow the text: an edit changes, adds or deletes them. As with cards, each step may be
repeated, and is recorded at once. A message that may have been sent before is searched for by its
footer, which has the post and the position.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import discord

from bot.domain.cards import Part, PostCard
from bot.usecases import publishing
from cogs.ui.cards import is_part

if TYPE_CHECKING:
    from bot.app import Askwell

SKEW = timedelta(minutes=2)  # how far our clock and Discord's may be apart
SEARCHED = 300  # messages looked through for one whose sending was not confirmed

_T = TypeVar("_T")


class Act(Protocol):
    """Runs an act on a message, also in an archived thread; returns its result."""

    def __call__(self, act: Callable[[], Awaitable[_T]], /) -> Awaitable[_T]: ...


def digest(*shown: object) -> str:
    """A digest of what is shown: equal digests need no edit."""
    text = json.dumps(shown, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def nonce_of(card: PostCard, *more: object) -> str:
    """The nonce of a card's message: the same for each attempt, at most 25 characters.

    `more` distinguishes other messages of the same post.
    """
    key = f"{card.guild_id}/{card.post_id}/{card.created_at.isoformat()}"
    key += "".join(f"/{each}" for each in more if each)
    return hashlib.blake2b(key.encode(), digest_size=12).hexdigest()


class Continuing:
    """Continues one post's text. `channel_id` is the thread, or None before there is one.

    `act` runs an act on a message there.
    """

    def __init__(
        self,
        bot: Askwell,
        card: PostCard,
        parts: Sequence[Part],
        channel_id: int | None,
        *,
        act: Act,
        uncertain: bool,
    ) -> None:
        self._bot = bot
        self._card = card
        self._parts = {part.position: part for part in parts}
        self._channel = bot.get_partial_messageable(channel_id or 0, guild_id=card.guild_id)
        self._act = act
        self._uncertain = uncertain

    async def show(self, embeds: Sequence[discord.Embed], *salt: object) -> bool:
        """Make the messages show these embeds, one each; returns whether one was edited.

        `salt` makes the nonces of a republished card differ from earlier ones.
        """
        edited = False
        for position, embed in enumerate(embeds, 1):
            look = digest(embed.to_dict())
            part = self._parts.get(position)
            if part is None:
                await self._add(position, embed, look, salt)
            elif part.shown != look:
                await self._edit(part.message_id, embed)
                await self._record(Part(position, part.message_id, look))
                edited = True
        await self.take_away(len(embeds) + 1)
        return edited

    async def take_away(self, first: int = 1) -> None:
        """Delete the messages from a position on."""
        for position, part in sorted(self._parts.items()):
            if position < first:
                continue
            # Noted first, because a deletion that wasn't noted counts as a moderator's.
            await publishing.let_part_go(self._bot.db, self._card.post_id, position)
            with suppress(discord.NotFound):
                await self._act(self._channel.get_partial_message(part.message_id).delete)
        if any(position >= first for position in self._parts):
            await publishing.forget_parts(self._bot.db, self._card.post_id, first)

    async def _add(
        self, position: int, embed: discord.Embed, look: str, salt: Sequence[object]
    ) -> None:
        if self._uncertain:
            found = await self._found(position)
            if found is not None:
                await self._record(Part(position, found.id, ""))
                await self._edit(found.id, embed)
                await self._record(Part(position, found.id, look))
                return
        card = self._card
        send = partial(
            self._channel.send,
            embed=embed,
            nonce=nonce_of(card, "part", position, card.version, *salt),
            allowed_mentions=discord.AllowedMentions.none(),
            **reply_to(card, self._channel.id),
        )
        sent = await self._act(send)
        await self._record(Part(position, sent.id, look))

    async def _edit(self, message_id: int, embed: discord.Embed) -> None:
        message = self._channel.get_partial_message(message_id)
        quiet = discord.AllowedMentions.none()
        await self._act(lambda: message.edit(embed=embed, allowed_mentions=quiet))

    async def _record(self, part: Part) -> None:
        card = self._card
        await publishing.record_part(self._bot.db, card.guild_id, card.post_id, part)

    async def _found(self, position: int) -> discord.Message | None:
        me, known = self._bot.user, {part.message_id for part in self._parts.values()}
        since = self._card.created_at - SKEW
        history = self._channel.history(limit=SEARCHED, after=since, oldest_first=True)
        async for message in history:
            mine = me is not None and message.author.id == me.id and message.id not in known
            if mine and is_part(self._card, position, message.embeds):
                return message
        return None


def reply_to(card: PostCard, channel_id: int) -> dict[str, Any]:
    """The reference that makes a message a reply to a post's card, if that is in the same
    channel."""
    place = card.place
    if place.message_id is None or place.channel_id != channel_id:
        return {}
    reference = discord.MessageReference(
        message_id=place.message_id,
        channel_id=channel_id,
        guild_id=card.guild_id,
        fail_if_not_exists=False,
    )
    return {"reference": reference}
