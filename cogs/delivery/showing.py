"""Bringing Discord to show what a card says: every step may be repeated, and is recorded at once.

A step that may have been done before (its answer lost, the process killed) is looked for in
Discord before it is done again; sends into channels carry a nonce as well."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import discord

from bot.domain.outbox import CHANNEL_GONE
from bot.domain.posts import PostKind, PostStatus
from bot.domain.text import normal_emoji
from bot.usecases import publishing
from bot.usecases.publishing import files_shown
from cogs.delivery.continuing import Continuing
from cogs.delivery.files import take_files_back
from cogs.delivery.publishing import Publishing, mark_of
from cogs.delivery.reactions import as_reaction
from cogs.failures import Code, EmbedsLeftOut, Unshowable, code_of, gravest, is_trouble
from cogs.ui.cards import deleted_embed, further_embeds, thread_name
from cogs.ui.controls import view_of

_FORUM_TAGS = 5  # how many a forum post can carry
_GONE = "deleted"  # the look of what is left of a question under which others wrote


Step = Callable[[], Awaitable[None]]


async def each_by_itself(steps: Sequence[Step]) -> None:
    """Take steps that do not need each other: what Discord refuses of one keeps no other away.

    Raises, at the end, the failure that decides what is done about all. Where Discord is out of
    reach, or the card itself is gone, nothing further is tried.
    """
    failed: list[Exception] = []
    for step in steps:
        try:
            await step()
        except discord.DiscordException as error:
            if is_trouble(error) or code_of(error) == Code.UNKNOWN_MESSAGE:
                raise
            failed.append(error)
    if failed:
        raise gravest(failed)


class Showing(Publishing):
    """Shows one post."""

    async def show(self) -> bool:
        """Bring Discord up to date. Returns whether an existing message was edited."""
        away = self.card.status is not PostStatus.VISIBLE or self.card.orphaned
        if self.question.place.message_id is not None and await self._home_is_gone():
            if not away:
                raise Unshowable(CHANNEL_GONE)
            if self.place.message_id is not None:
                await self._forget()  # it went with its channel
            return False
        if away:
            await self._take_away()
            return False
        await self._come_back()
        edited: list[bool] = []
        if self.place.message_id is None:
            await self._publish()
        # Who reacted to the card before it was recorded has voted, and nobody knew for what.
        if self.bot.publications.was_early(self.place.message_id) or self.uncertain:
            self.bot.dispatch("votes_missed", self.card.guild_id, self.card.question_id)

        async def text() -> None:
            if self._shown("look") != self.look or self.item.waiting or self._holds_removed():
                await self._edit_card()
                edited.append(True)

        async def further() -> None:
            if self.card.kind is PostKind.QUESTION and self.place.thread_id is None:
                return  # it has nowhere to stand yet
            more = further_embeds(self.card, self.t)
            if await self._continuing().show(more, self._shown("times")):
                edited.append(True)

        steps: dict[PostKind, tuple[Step, ...]] = {
            PostKind.QUESTION: (text, self._make_thread, further, self._tag, self._offer_votes),
            PostKind.ANSWER: (text, further, self._pin, self._offer_votes),
            PostKind.COMMENT: (text, further),
        }
        await each_by_itself(steps[self.card.kind])
        return bool(edited)

    async def _home_is_gone(self) -> bool:
        guild = self.bot.get_guild(self.card.guild_id)
        home_id = self.question.place.home_id
        return guild is not None and await self.bot.homes.is_gone(guild, home_id)

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

    async def _make_thread(self) -> None:
        if self.place.thread_id is not None:
            return
        message = self._message()
        try:
            thread_id = (await message.create_thread(name=thread_name(self.card))).id
        except discord.HTTPException as error:
            if code_of(error) != Code.THREAD_EXISTS:
                raise
            thread_id = message.id  # a thread made from a message has the message's id
        await self._record({"name": thread_name(self.card)}, thread_id=thread_id)

    # Keeping up to date

    async def _edit_card(self) -> None:
        # Where no attachments are given, the message keeps those it has.
        removed: dict[str, Any] = {"attachments": []} if self._holds_removed() else {}

        async def edit(files: list[discord.File]) -> discord.Message:
            held: dict[str, Any] = {"attachments": files} if files else removed
            return await self._edit(self.embeds, view_of(*self.controls), **held)

        edited = await self._with_files(edit)
        await self._published(edited, {})
        if not edited.embeds:
            raise EmbedsLeftOut

    def _holds_removed(self) -> bool:
        """Whether the message holds files that were taken away from the post: then all were."""
        return not self.card.files and bool(files_shown(self.place))

    async def _come_back(self) -> None:
        """Leave a place where the card can't be: a thread that is gone. A question whose thread was
        only closed opens it again."""
        if self.place.message_id is None:
            return
        if self.card.kind is not PostKind.QUESTION:
            if self.question.place.thread_id not in (None, self.place.channel_id):
                await self._leave_old_place()
        elif self._shown("look") == _GONE:
            thread = await self._thread()
            if thread is not None:
                await thread.edit(archived=False, locked=False)
                return
            left = self._message()
            await self._forget()  # first: who deletes a card that is recorded hides its post
            with suppress(discord.NotFound):
                await left.delete()

    async def _leave_old_place(self) -> None:
        """Take the card off a thread that its question stands in no more: a post has one card."""
        left = self._message()
        await self._forget()  # first: who deletes a card that is recorded hides its post
        await publishing.forget_parts(self.db, self.card.post_id)
        with suppress(discord.NotFound):  # it went with its thread
            await self._act(left.delete, thread_id=left.channel.id)

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
        if self._shown("tags") == mark_of(ours):
            return
        thread = await self._thread()
        if thread is not None:
            # What we gave it may stand for a category that was removed since.
            given = {*self.forum_tags, *map(int, self._shown("tags").split())}
            theirs = [tag for tag in thread.applied_tags if tag.id not in given]
            tags = [*ours, *theirs][:_FORUM_TAGS]
            await self._act(lambda: thread.edit(applied_tags=tags))
        await self._record({"tags": mark_of(ours)})

    async def _offer_votes(self) -> None:
        shown, wanted = self._shown("emoji").split(), self.rules.vote_emoji
        kept = [normal_emoji(emoji) for emoji in wanted]
        if [normal_emoji(emoji) for emoji in shown] == kept:
            return
        for old in shown:
            if normal_emoji(old) not in kept:
                await self._withdraw(old)
        message = self._message()
        # One that was deleted in the server, say, keeps the other one not away.
        await each_by_itself(
            [
                partial(self._act, partial(message.add_reaction, as_reaction(emoji)))
                for emoji in wanted
            ]
        )
        await self._record({"emoji": " ".join(wanted)})

    async def _withdraw(self, emoji: str) -> None:
        """Take an emoji that is no vote any more off the card, everybody's: it must not look like
        one, nor tell who voted. The votes given with it stand."""
        message, me = self._message(), self.bot.user
        try:
            await self._act(partial(message.clear_reaction, as_reaction(emoji)))
        except discord.Forbidden:  # without Manage Messages at least our own
            if me is not None:
                await self._act(partial(message.remove_reaction, as_reaction(emoji), me))
        except discord.HTTPException as error:  # a 400, where one would look for a 404
            if code_of(error) != Code.UNKNOWN_EMOJI:  # deleted in the server meanwhile
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
                # Each by itself: one that is away already says nothing of the other.
                if thread is not None:
                    with suppress(discord.NotFound):
                        await thread.delete()
                if self.place.channel_id != self.place.thread_id:
                    with suppress(discord.NotFound):
                        await self._message().delete()
            elif await self._says_gone():
                if thread is not None:
                    await thread.edit(locked=True, archived=True)
                return
            elif thread is not None:  # what others wrote stays, under nothing: it is closed
                await thread.edit(locked=True, archived=True)
        except discord.NotFound:
            pass  # it is away, which is what was wanted
        await self._forget()

    async def _says_gone(self) -> bool:
        """Leave word of the question in place of its card; False where the card is deleted."""
        try:
            await self._edit([deleted_embed(self.card, self.t)], None, attachments=[])
        except discord.NotFound as error:
            if code_of(error) != Code.UNKNOWN_MESSAGE:
                raise
            return False
        await self._record({"look": _GONE, "files": ""})
        return True

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
