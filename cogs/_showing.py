"""Bringing Discord to show what a card says: every step may be repeated, and is recorded at once.

A step that may have been done before (its answer lost, the process killed) is looked for in
Discord before it is done again; sends into channels carry a nonce as well."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import discord

from bot.domain.cards import PostCard
from bot.domain.posts import PostKind, PostStatus
from bot.domain.text import normal_emoji
from bot.i18n import N_, Texts, texts_for
from bot.usecases import publishing
from bot.usecases.publishing import CardToShow
from cogs.ui.cards import card_embeds, deleted_embed, thread_name
from cogs.ui.controls import card_controls, carries, view_of

if TYPE_CHECKING:
    from bot.app import Askwell

UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, UNKNOWN_EMOJI = 10003, 10008, 10014
NO_DIRECT_MESSAGES = 50007
THREAD_EXISTS, THREAD_ARCHIVED = 160004, 50083
_SKEW = timedelta(minutes=2)  # how far our clock and Discord's may be apart
_FORUM_TAGS = 5  # how many a forum post can carry
_SEARCHED = 300  # messages looked through for a card whose sending was not confirmed


class Unshowable(Exception):
    """A card that can't be shown until somebody changes something; the text, a key of the
    catalogues, says what."""


class NotYet(Exception):
    """A card that waits for another one: an answer whose question has no thread yet."""


def digest(*shown: object) -> str:
    """A short mark of what is shown: equal marks need no edit."""
    text = json.dumps(shown, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def nonce_of(card: PostCard) -> str:
    """The nonce of a card's message: the same for each attempt, at most 25 characters."""
    key = f"{card.guild_id}/{card.post_id}/{card.created_at.isoformat()}"
    return hashlib.blake2b(key.encode(), digest_size=12).hexdigest()


class Showing:
    """Shows one post. `uncertain` tells that an earlier attempt may have gone through."""

    def __init__(self, bot: Askwell, item: CardToShow, *, uncertain: bool) -> None:
        self.bot = bot
        self.db = bot.db
        self.card = item.card
        self.place = item.card.place
        self.question = item.question
        self.rules = item.rules
        self.forum_tags = item.forum_tags
        self.uncertain = uncertain
        self.t: Texts = texts_for(item.rules.text("locale"))
        self.embeds = card_embeds(item.card, self.t)
        self.controls = card_controls(item.card, self.t)
        self.look = digest(
            [e.to_dict() for e in self.embeds], [c.to_component_dict() for c in self.controls]
        )

    async def show(self) -> bool:
        """Bring Discord up to date. Returns whether an existing message was edited."""
        if self.card.status is not PostStatus.VISIBLE:
            await self._take_away()
            return False
        edited = False
        if self.place.message_id is None:
            await self._publish()
        elif self._shown("look") != self.look:
            await self._edit(self.embeds, view_of(*self.controls))
            await self._record({"look": self.look})
            edited = True
        if self.card.kind is PostKind.QUESTION:
            await self._make_thread()
            await self._tag()
        else:
            await self._pin()
        await self._offer_votes()
        return edited

    # What is recorded as shown: the look, the forum tags and the emoji, each as a short text.

    def _shown(self, part: str) -> str:
        shown: dict[str, str] = json.loads(self.place.shown or "{}")
        return shown.get(part, "")

    async def _record(self, marks: dict[str, str] | None = None, **place: Any) -> None:
        where = (self.card.guild_id, self.card.post_id)
        await publishing.record_shown(self.db, *where, marks=marks, **place)
        if marks:
            known: dict[str, str] = json.loads(self.place.shown or "{}")
            place["shown"] = json.dumps(known | marks)
        self.place = replace(self.place, **place)

    def _message(self) -> discord.PartialMessage:
        channel = self.bot.get_partial_messageable(
            self.place.channel_id or 0, guild_id=self.card.guild_id
        )
        return channel.get_partial_message(self.place.message_id or 0)

    # Publishing

    async def _publish(self) -> None:
        if self.card.kind is PostKind.QUESTION:
            channel = await self._question_channel()
            if isinstance(channel, discord.ForumChannel):
                await self._publish_in_forum(channel)
                return
            target: discord.abc.Messageable = channel
            channel_id = channel.id
            home: dict[str, Any] = {"home_id": channel.id}
        else:
            channel_id = self.question.place.thread_id or 0
            if not channel_id:
                raise NotYet
            target = self.bot.get_partial_messageable(channel_id, guild_id=self.card.guild_id)
            home = {}
        message = await self._found_in(target) if self.uncertain else None
        if message is not None:
            await self._record(channel_id=channel_id, message_id=message.id, **home)
            await self._edit(self.embeds, view_of(*self.controls))
            await self._record({"look": self.look})
            return
        sent = await target.send(
            embeds=self.embeds,
            view=view_of(*self.controls),
            nonce=nonce_of(self.card),
            allowed_mentions=discord.AllowedMentions.none(),
        )
        await self._record({"look": self.look}, channel_id=channel_id, message_id=sent.id, **home)

    async def _question_channel(self) -> discord.TextChannel | discord.ForumChannel:
        channel_id = self.rules.channel_id
        guild = self.bot.get_guild(self.card.guild_id)
        if channel_id is None or guild is None:
            raise Unshowable(N_("No question channel is set."))
        channel = guild.get_channel(channel_id)
        if isinstance(channel, discord.TextChannel | discord.ForumChannel):
            return channel
        raise Unshowable(N_("The question channel is gone."))

    async def _publish_in_forum(self, forum: discord.ForumChannel) -> None:
        found = await self._found_thread(forum) if self.uncertain else None
        if found is not None:
            await self._record(
                channel_id=found, message_id=found, thread_id=found, home_id=forum.id
            )
            await self._edit(self.embeds, view_of(*self.controls))
            await self._record({"look": self.look})
            return
        tags = self._tags_of(forum, ())
        created = await forum.create_thread(
            name=thread_name(self.card),
            embeds=self.embeds,
            view=view_of(*self.controls),
            applied_tags=tags,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        await self._record(
            {"look": self.look, "tags": self._wanted_tags()},
            channel_id=created.thread.id,
            message_id=created.message.id,
            thread_id=created.thread.id,
            home_id=forum.id,
        )

    async def _found_in(self, channel: discord.abc.Messageable) -> discord.Message | None:
        """The card in a channel, where an earlier attempt was not confirmed."""
        since = self.card.created_at - _SKEW
        async for message in channel.history(limit=_SEARCHED, after=since, oldest_first=True):
            if self._is_mine(message):
                return message
        return None

    async def _found_thread(self, forum: discord.ForumChannel) -> int | None:
        """The card's post in a forum, where an earlier attempt was not confirmed."""
        for thread in await forum.guild.active_threads():
            if thread.parent_id != forum.id or thread.name != thread_name(self.card):
                continue
            if discord.utils.snowflake_time(thread.id) < self.card.created_at - _SKEW:
                continue
            try:
                message = await thread.fetch_message(thread.id)
            except discord.NotFound:  # its first message was deleted: not a card to adopt
                continue
            if self._is_mine(message):
                return thread.id
        return None

    def _is_mine(self, message: discord.Message) -> bool:
        me = self.bot.user
        if me is None or message.author.id != me.id:
            return False
        return carries(message.components, self.card.post_id)

    async def _make_thread(self) -> None:
        if self.place.thread_id is not None:
            return
        message = self._message()
        try:
            thread_id = (await message.create_thread(name=thread_name(self.card))).id
        except discord.HTTPException as error:
            if error.code != THREAD_EXISTS:
                raise
            thread_id = message.id  # a thread made from a message has the message's id
        await self._record(thread_id=thread_id)

    # Keeping up to date

    async def _act(self, act: Callable[[], Awaitable[object]]) -> None:
        """Do something to the card's message; in an archived thread, open it for that and put it
        back to rest: a new score is no reason to bring an old thread to the top again."""
        try:
            await act()
        except discord.HTTPException as error:
            if error.code != THREAD_ARCHIVED:
                raise
            thread = await self._thread()
            if thread is None:
                raise
            await thread.edit(archived=False)
            await act()
            await thread.edit(archived=True)

    async def _thread(self) -> discord.Thread | None:
        guild, thread_id = self.bot.get_guild(self.card.guild_id), self.question.place.thread_id
        if guild is None or thread_id is None:
            return None
        try:
            thread = guild.get_thread(thread_id) or await guild.fetch_channel(thread_id)
        except discord.NotFound:
            return None
        return thread if isinstance(thread, discord.Thread) else None

    async def _edit(self, embeds: list[discord.Embed], view: discord.ui.View | None) -> None:
        quiet = discord.AllowedMentions.none()
        message = self._message()
        await self._act(lambda: message.edit(embeds=embeds, view=view, allowed_mentions=quiet))

    async def _pin(self) -> None:
        best = self.card.is_best
        if best == self.place.pinned:
            return
        message = self._message()
        self.bot.publications.pinning[message.id] = best
        try:
            await self._act(message.pin if best else message.unpin)
            await self._record(pinned=best)
        finally:
            self.bot.publications.pinning.pop(message.id, None)

    async def _tag(self) -> None:
        in_forum = self.place.channel_id == self.place.thread_id
        if not in_forum or self._shown("tags") == self._wanted_tags():
            return
        thread = await self._thread()
        if thread is not None and isinstance(thread.parent, discord.ForumChannel):
            tags = self._tags_of(thread.parent, thread.applied_tags)
            await self._act(lambda: thread.edit(applied_tags=tags))
        await self._record({"tags": self._wanted_tags()})

    def _wanted_tags(self) -> str:
        return " ".join(str(tag_id) for tag_id in self._our_tags())

    def _our_tags(self) -> list[int]:
        solved = self.rules.identity("solved_tag") if self.card.solved else None
        return [tag_id for tag_id in (solved, self.card.category_tag_id) if tag_id]

    def _tags_of(
        self, forum: discord.ForumChannel, applied: Iterable[discord.ForumTag]
    ) -> list[discord.ForumTag]:
        """The tags of category and state, and those that people put there."""
        ours = [forum.get_tag(tag_id) for tag_id in self._our_tags()]
        theirs = [tag for tag in applied if tag.id not in self.forum_tags]
        return [tag for tag in (*ours, *theirs) if tag is not None][:_FORUM_TAGS]

    async def _offer_votes(self) -> None:
        shown, wanted = self._shown("emoji").split(), self.rules.vote_emoji
        kept = [normal_emoji(emoji) for emoji in wanted]
        if [normal_emoji(emoji) for emoji in shown] == kept:
            return
        for old in shown:
            if normal_emoji(old) not in kept:
                await self._withdraw(old)
        message = self._message()
        for emoji in wanted:
            await self._act(partial(message.add_reaction, emoji))
        await self._record({"emoji": " ".join(wanted)})

    async def _withdraw(self, emoji: str) -> None:
        """Take an emoji that is no vote any more off the card, everybody's: it must not look like
        one, nor tell who voted. The votes given with it stand."""
        message, me = self._message(), self.bot.user
        try:
            await self._act(partial(message.clear_reaction, emoji))
        except discord.Forbidden:  # without Manage Messages at least our own
            if me is not None:
                await self._act(partial(message.remove_reaction, emoji, me))
        except discord.NotFound as error:
            if error.code != UNKNOWN_EMOJI:  # deleted in the server meanwhile
                raise

    # Taking away

    async def _take_away(self) -> None:
        if self.place.message_id is None:
            return
        if self.card.kind is PostKind.QUESTION:
            await self._take_question_away()
            return
        with suppress(discord.NotFound):  # it is away, which is what was wanted
            await self._act(self._message().delete)
        await publishing.forget_place(self.db, self.card.guild_id, self.card.post_id)

    async def _take_question_away(self) -> None:
        """Delete a question's card with its thread; where others wrote, only say it is gone."""
        if self._shown("look") == "deleted":
            return
        try:
            thread = await self._thread()
            if self.card.answers == 0 and (thread is None or not thread.message_count):
                if thread is not None:
                    await thread.delete()
                if self.place.channel_id != self.place.thread_id:
                    await self._message().delete()
            else:
                await self._edit([deleted_embed(self.card, self.t)], None)
                await self._record({"look": "deleted"})
                if thread is not None:
                    await thread.edit(locked=True, archived=True)
                return
        except discord.NotFound:
            pass  # it is away, which is what was wanted
        await publishing.forget_place(self.db, self.card.guild_id, self.card.post_id)
