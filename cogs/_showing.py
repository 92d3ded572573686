"""Bringing Discord to show what a card says: every step may be repeated, and is recorded at once.

A step that may have been done before (its answer lost, the process killed) is looked for in
Discord before it is done again; sends into channels carry a nonce as well."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import discord

from bot.domain.posts import PostKind, PostStatus
from bot.domain.text import normal_emoji, show_line
from bot.i18n import N_
from bot.usecases import publishing
from cogs._card_message import CardMessage
from cogs._continuing import SEARCHED, SKEW, Continuing, nonce_of, reply_to
from cogs._files import TOO_LARGE, files_to_send, take_files_back
from cogs.ui.cards import deleted_embed, further_embeds, thread_name
from cogs.ui.controls import carries, view_of

UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, UNKNOWN_EMOJI = 10003, 10008, 10014
THREAD_EXISTS = 160004
_FORUM_TAGS = 5  # how many a forum post can carry
_SEARCHED_THREADS = 200  # archived ones, looked through for a card that may be there
_GONE = "deleted"  # the look of what is left of a question under which others wrote

_T = TypeVar("_T")


class Unshowable(Exception):
    """A card that can't be shown until somebody changes something: `text`, a key of the catalogues
    with its `values`, says what."""

    def __init__(self, text: str, **values: str) -> None:
        super().__init__(text.format(**values))
        self.text = text
        self.values = values


class NotYet(Exception):
    """A card that waits for another one: an answer whose question has no thread yet."""


def _mark(tags: Iterable[discord.ForumTag]) -> str:
    """What is recorded of the tags that a forum post was given."""
    return " ".join(str(tag.id) for tag in tags)


class Showing(CardMessage):
    """Shows one post."""

    async def show(self) -> bool:
        """Bring Discord up to date. Returns whether an existing message was edited."""
        if self.card.status is not PostStatus.VISIBLE or self.card.orphaned:
            await self._take_away()
            return False
        await self._come_back()
        edited = False
        if self.place.message_id is None:
            await self._publish()
        elif self._shown("look") != self.look or self.item.waiting:
            await self._edit_card()
            edited = True
        is_question = self.card.kind is PostKind.QUESTION
        if is_question:
            await self._make_thread()
        edited |= await self._continuing().show(
            further_embeds(self.card, self.t), self._shown("times")
        )
        if is_question:
            await self._tag()
        elif self.card.kind is PostKind.ANSWER:
            await self._pin()
        if self.card.kind is not PostKind.COMMENT:
            await self._offer_votes()
        return edited

    def _continuing(self) -> Continuing:
        place = self.place
        in_thread = place.thread_id if self.card.kind is PostKind.QUESTION else place.channel_id
        return Continuing(
            self.bot,
            replace(self.card, place=place),
            self.item.parts if place.message_id == self.card.place.message_id else (),
            in_thread,
            act=self._act,
            uncertain=self.uncertain,
        )

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
            await self._adopt(message, channel_id=channel_id, message_id=message.id, **home)
            return
        about = self.item.parent or self.question
        reply = reply_to(about, channel_id) if self.card.kind is PostKind.COMMENT else {}

        async def send(files: list[discord.File]) -> discord.Message:
            return await target.send(
                embeds=self.embeds,
                view=view_of(*self.controls),
                files=files,
                nonce=nonce_of(self.card, self._shown("times")),
                allowed_mentions=discord.AllowedMentions.none(),
                **reply,
            )

        sent = await self._with_files(send)
        await self._published({}, channel_id=channel_id, message_id=sent.id, **home)

    async def _adopt(self, message: discord.Message, **place: Any) -> None:
        """Take a card over that an earlier attempt has sent."""
        self._hold([attachment.filename for attachment in message.attachments])
        await self._record(**place)
        await self._edit(self.embeds, view_of(*self.controls))
        await self._published({})

    async def _published(self, marks: dict[str, str], **place: Any) -> None:
        """Record a new card; what its files hold is Discord's to keep from now on."""
        files = "/".join(file.name for file in self.card.files if file.there)
        await self._record({"look": self.look, "files": files, **marks}, **place)
        if self.item.waiting:
            await publishing.files_sent(self.db, self.card.post_id)

    async def _with_files(self, send: Callable[[list[discord.File]], Awaitable[_T]]) -> _T:
        """Send something with the files that wait for it. Where they are too large for the server
        after all, the text is not kept back for them: the card tells that they are missing."""
        files = await files_to_send(self.bot, self.card) if self.item.waiting else []
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
        found = await self._found_thread(forum) if self.uncertain else None
        if found is not None:
            place = dict.fromkeys(("channel_id", "message_id", "thread_id"), found.id)
            await self._adopt(found, **place, home_id=forum.id)
            return
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
            {"tags": _mark(ours)},
            channel_id=created.thread.id,
            message_id=created.message.id,
            thread_id=created.thread.id,
            home_id=forum.id,
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
        for thread in threads:
            if thread.parent_id != forum.id or thread.name != thread_name(self.card):
                continue
            if discord.utils.snowflake_time(thread.id) < asked:
                continue
            try:
                message = await thread.fetch_message(thread.id)
            except discord.NotFound:  # its first message was deleted: not a card to adopt
                continue
            if self._is_mine(message):
                return message
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

    async def _edit_card(self) -> None:
        async def edit(files: list[discord.File]) -> None:
            added = {"attachments": files} if files else {}
            await self._edit(self.embeds, view_of(*self.controls), **added)

        await self._with_files(edit)
        await self._published({})

    async def _come_back(self) -> None:
        """Leave a place where the card can't be: a thread that is gone. A question whose thread was
        only closed opens it again."""
        if self.place.message_id is None:
            return
        if self.card.kind is not PostKind.QUESTION:
            if self.question.place.thread_id not in (None, self.place.channel_id):
                await self._forget()
        elif self._shown("look") == _GONE:
            thread = await self._thread()
            if thread is not None:
                await thread.edit(archived=False, locked=False)
                return
            left = self._message()
            await self._forget()  # first: who deletes a card that is recorded hides its post
            with suppress(discord.NotFound):
                await left.delete()

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
        guild = self.bot.get_guild(self.card.guild_id)
        forum = guild.get_channel(self.place.home_id or 0) if guild is not None else None
        if not isinstance(forum, discord.ForumChannel):
            return
        ours = self._our_tags(forum)
        if self._shown("tags") == _mark(ours):
            return
        thread = await self._thread()
        if thread is not None:
            # What we gave it may stand for a category that was removed since.
            given = {*self.forum_tags, *map(int, self._shown("tags").split())}
            theirs = [tag for tag in thread.applied_tags if tag.id not in given]
            tags = [*ours, *theirs][:_FORUM_TAGS]
            await self._act(lambda: thread.edit(applied_tags=tags))
        await self._record({"tags": _mark(ours)})

    def _our_tags(self, forum: discord.ForumChannel) -> list[discord.ForumTag]:
        """The tags of state and category that the forum has; people may put others there."""
        solved = self.rules.solved_tags if self.card.solved else ()
        wanted = (*solved, self.card.category_tag_id or 0)
        return [tag for tag in map(forum.get_tag, wanted) if tag is not None]

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
        await self._take_parts_away()
        with suppress(discord.NotFound):  # it is away, which is what was wanted
            await self._act(self._message().delete)
        await self._forget()

    async def _take_parts_away(self) -> None:
        if self.card.status is not PostStatus.DELETED:
            await take_files_back(self.bot, self.card, self._message())
        await self._continuing().take_away()

    async def _take_question_away(self) -> None:
        """Delete a question's card with its thread; where others wrote, only say it is gone."""
        if self._shown("look") == _GONE:
            return
        await self._take_parts_away()
        try:
            thread = await self._thread()
            if not await self._others_wrote(thread):
                if thread is not None:
                    await thread.delete()
                if self.place.channel_id != self.place.thread_id:
                    await self._message().delete()
            else:
                await self._edit([deleted_embed(self.card, self.t)], None, attachments=[])
                await self._record({"look": _GONE, "files": ""})
                if thread is not None:
                    await thread.edit(locked=True, archived=True)
                return
        except discord.NotFound:
            pass  # it is away, which is what was wanted
        await self._forget()

    async def _others_wrote(self, thread: discord.Thread | None) -> bool:
        """Whether there is anything in the thread that is not the question's."""
        if self.card.answers or self.card.comments:
            return True
        if thread is None:
            return False
        # The library's count of messages is that of when it first saw the thread.
        me = self.bot.user
        newest = [message.author.id async for message in thread.history(limit=100)]
        return any(me is None or author != me.id for author in newest)
