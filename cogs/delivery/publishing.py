"""Publishing a card: finding its channel, sending it once, and finding it again where an earlier
attempt was not confirmed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

import discord

from bot.domain.posts import PostKind
from bot.domain.text import show_line
from bot.i18n import N_
from bot.usecases import naming, publishing
from cogs.delivery.card import CardMessage
from cogs.delivery.continuing import SEARCHED, SKEW, nonce_of, reply_to
from cogs.delivery.files import TOO_LARGE, files_to_send
from cogs.failures import Unshowable
from cogs.ui.cards import thread_name
from cogs.ui.controls import carries, view_of

_SEARCHED_THREADS = 200  # archived ones, looked through for a card that may be there

_T = TypeVar("_T")


class NotYet(Exception):
    """A card that waits for another one: an answer whose question has no thread yet."""


def mark_of(tags: Iterable[discord.ForumTag]) -> str:
    """What is recorded of the tags that a forum post was given."""
    return " ".join(str(tag.id) for tag in tags)


class Publishing(CardMessage):
    """Publishes one card."""

    async def _publish(self) -> None:
        if self.card.kind is PostKind.QUESTION:
            await self._publish_question()
            return
        channel_id = self.question.place.thread_id or 0
        if not channel_id:
            raise NotYet
        target = self.bot.get_partial_messageable(channel_id, guild_id=self.card.guild_id)
        if self.uncertain and await self._adopted_from(target, channel_id):
            return
        about = self.item.parent or self.question
        reply = reply_to(about, channel_id) if self.card.kind is PostKind.COMMENT else {}
        await self._publish_message(target, channel_id, **reply)

    async def _publish_question(self) -> None:
        channel, tried_id = await self._question_channel(), self.place.home_id
        if self.uncertain:
            # The channel may have been changed since it was sent: it stands where it was sent to.
            for home_id in dict.fromkeys((tried_id, channel.id)):
                tried = channel.guild.get_channel(home_id or 0)
                if isinstance(tried, discord.ForumChannel) and await self._adopted_in(tried):
                    return
                if isinstance(tried, discord.TextChannel) and await self._adopted_from(
                    tried, tried.id, home_id=tried.id
                ):
                    return
        if tried_id != channel.id:
            await self._record(home_id=channel.id)  # first: what answers the sending may get lost
        if isinstance(channel, discord.ForumChannel):
            await self._publish_in_forum(channel)
        else:
            await self._publish_message(channel, channel.id)

    async def _publish_message(
        self, target: discord.abc.Messageable, channel_id: int, **reply: Any
    ) -> None:
        async def send(files: list[discord.File]) -> discord.Message:
            return await target.send(
                embeds=self.embeds,
                view=view_of(*self.controls),
                files=files,
                nonce=nonce_of(self.card, self._shown("times")),
                allowed_mentions=discord.AllowedMentions.none(),
                **reply,
            )

        sent = await self._act(lambda: self._with_files(send))
        await self._published(sent, {}, channel_id=channel_id, message_id=sent.id)

    async def _adopted_from(
        self, target: discord.abc.Messageable, channel_id: int, **place: int
    ) -> bool:
        """Take over the card that an earlier attempt has sent into a channel, if it is there."""
        message = await self._found_in(target)
        if message is not None:
            await self._adopt(message, channel_id=channel_id, message_id=message.id, **place)
        return message is not None

    async def _adopted_in(self, forum: discord.ForumChannel) -> bool:
        """The same for a forum, where the card is the first message of its thread."""
        found = await self._found_thread(forum)
        if found is not None:
            place = dict.fromkeys(("channel_id", "message_id", "thread_id"), found.id)
            await self._adopt(found, **place, home_id=forum.id)
            await self._adopt_name(found.channel)
        return found is not None

    async def _adopt_name(self, thread: object) -> None:
        """Record what a thread was called when it was made; the title may be another by now."""
        if isinstance(thread, discord.Thread):
            await self._record({"name": thread.name})
            if thread.name != thread_name(self.card):
                where = (self.card.guild_id, self.card.post_id)
                await naming.name_thread(self.db, *where, discord.utils.utcnow())

    async def _adopt(self, message: discord.Message, **place: Any) -> None:
        """Take a card over that an earlier attempt has sent."""
        self._hold([attachment.filename for attachment in message.attachments])
        await self._record(**place)
        # What was taken away from the post meanwhile does not stay.
        removed: dict[str, Any] = {} if self.card.files else {"attachments": []}
        edited = await self._edit(self.embeds, view_of(*self.controls), **removed)
        await self._published(edited, {})

    async def _published(
        self, message: discord.Message, marks: dict[str, str], **place: Any
    ) -> None:
        """Record a new card; what its files hold is Discord's to keep from now on.

        A message whose embeds were left out is there, but shows nothing: that is done again.
        """
        files = "/".join(file.name for file in self.card.files if file.there)
        look = self.look if message.embeds else ""
        await self._record({"look": look, "files": files, **marks}, **place)
        if self.item.waiting:
            now = discord.utils.utcnow()
            await publishing.files_sent(self.db, self.card.guild_id, self.card.post_id, now)

    async def _with_files(self, send: Callable[[list[discord.File]], Awaitable[_T]]) -> _T:
        """Send something with the files that wait for it. Where they are too large for the server
        after all, the text is not kept back for them: the card tells that they are missing."""
        if not self.item.waiting:
            return await send([])
        async with self.bot.holding_files:
            with ExitStack() as held:
                files = await files_to_send(self.bot, self.card, held)
                try:
                    return await send(files)
                except discord.HTTPException as error:
                    if not files or error.status != TOO_LARGE:
                        raise
        self._hold(())
        return await send([])

    def _hold(self, names: Collection[str]) -> None:
        """Draw the card for a message with these files."""
        files = (replace(file, there=file.name in names) for file in self.card.files)
        self.card = replace(self.card, files=tuple(files))
        self._render()

    async def _question_channel(self) -> discord.TextChannel | discord.ForumChannel:
        channel_id, category = self.item.home_id, self.item.category
        guild = self.bot.get_guild(self.card.guild_id)
        if channel_id is None or guild is None:
            raise Unshowable(N_("No question channel is set."))
        channel = guild.get_channel(channel_id)
        if isinstance(channel, discord.TextChannel | discord.ForumChannel):
            return channel
        if category is not None and category.channel_id is not None:
            name = show_line(category.name)
            raise Unshowable(N_("The channel of the category {name} is gone."), name=name)
        raise Unshowable(N_("The question channel is gone."))

    async def _publish_in_forum(self, forum: discord.ForumChannel) -> None:
        ours = self._our_tags(forum)

        async def create(files: list[discord.File]) -> discord.channel.ThreadWithMessage:
            return await forum.create_thread(
                name=thread_name(self.card),
                embeds=self.embeds,
                view=view_of(*self.controls),
                files=files,
                applied_tags=ours,
                allowed_mentions=discord.AllowedMentions.none(),
            )

        created = await self._with_files(create)
        await self._published(
            created.message,
            {"tags": mark_of(ours), "name": thread_name(self.card)},
            channel_id=created.thread.id,
            message_id=created.message.id,
            thread_id=created.thread.id,
        )

    async def _found_in(self, channel: discord.abc.Messageable) -> discord.Message | None:
        """The card in a channel, where an earlier attempt was not confirmed."""
        since = self.card.created_at - SKEW
        async for message in channel.history(limit=SEARCHED, after=since, oldest_first=True):
            if self._is_mine(message):
                return message
        return None

    async def _found_thread(self, forum: discord.ForumChannel) -> discord.Message | None:
        """The card's post in a forum, where an earlier attempt was not confirmed."""
        asked = self.card.created_at - SKEW
        threads = list(await forum.guild.active_threads())
        # One that nobody wrote in rests after a while; the newest archived ones come first.
        threads += [thread async for thread in forum.archived_threads(limit=_SEARCHED_THREADS)]
        mine = [t for t in threads if t.parent_id == forum.id and self._may_be_it(t, asked)]
        known = await publishing.known_threads(
            self.db, self.card.guild_id, [thread.id for thread in mine]
        )
        # The title may have been edited meanwhile: the card's controls tell. The likeliest first.
        mine.sort(key=lambda thread: thread.name != thread_name(self.card))
        for thread in mine:
            if thread.id in known:
                continue
            try:
                message = await thread.fetch_message(thread.id)
            except discord.NotFound:  # its first message was deleted: not a card to adopt
                continue
            if self._is_mine(message):
                return message
        return None

    def _may_be_it(self, thread: discord.Thread, asked: datetime) -> bool:
        me = self.bot.user
        ours = me is not None and thread.owner_id == me.id
        return ours and discord.utils.snowflake_time(thread.id) >= asked

    def _is_mine(self, message: discord.Message) -> bool:
        me = self.bot.user
        if me is None or message.author.id != me.id:
            return False
        return carries(message.components, self.card.post_id)

    def _our_tags(self, forum: discord.ForumChannel) -> list[discord.ForumTag]:
        """The tags of state and category that the forum has; people may put others there."""
        solved = self.rules.solved_tags if self.card.solved else ()
        wanted = (*solved, self.card.category_tag_id or 0)
        return [tag for tag in map(forum.get_tag, wanted) if tag is not None]
