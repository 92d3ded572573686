"""Showing the bot's messages that aren't cards, and deleting them when their time is over.

Each step may be repeated, and is recorded at once. A message that may have been sent before is
searched for by its controls.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import discord

from bot.domain.outbox import Done, Job, JobKind, Later, Outcome
from bot.i18n import texts_for
from bot.usecases import signs
from bot.usecases.signs import NOT_PINNED, PINNED, Sign, SignToShow
from cogs.delivery.continuing import digest
from cogs.delivery.mailing import nonce_of
from cogs.delivery.pinning import take_notices_away
from cogs.delivery.waking import act_awake
from cogs.failures import is_trouble
from cogs.ui.controls import controls_in
from cogs.ui.signs import Drawn, draw, is_marked

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)
_SEARCHED = 100  # messages, for one that may have been sent
_SEARCHED_THREADS = 100  # archived ones
_FRESH, _UNTIL_SHOWN = timedelta(minutes=10), timedelta(seconds=3)
_SKEW = timedelta(minutes=2)  # between Discord's clock and ours


async def follow_sign(bot: Askwell, job: Job, *, uncertain: bool) -> Outcome | None:
    """Show a message as it should be, or delete it. Returns None if the outcome was recorded."""
    found = await signs.sign_to_show(bot.db, job)
    if found is None:
        return Done()
    try:
        return await _Showing(bot, found).follow(job, uncertain=uncertain)
    except discord.NotFound as error:
        # Its channel is gone, or somebody deleted the message: then it isn't posted again.
        _log.info("%s %s is gone: %s", job.kind, job.key, error)
        await signs.forget(bot.db, found.sign, discord.utils.utcnow())
        return Done()


class _Showing:
    """One message being shown."""

    def __init__(self, bot: Askwell, found: SignToShow) -> None:
        self._bot = bot
        self._found = found
        self._sign = found.sign
        self._drawn: Drawn = draw(found, texts_for(found.rules.text("locale")))
        view, embed = self._drawn.view, self._drawn.embed
        self._look = digest(
            self._drawn.content,
            embed.to_dict() if embed is not None else None,
            view.to_components() if view is not None else None,
        )

    async def follow(self, job: Job, *, uncertain: bool) -> Outcome | None:
        """Take each step that is missing."""
        now = discord.utils.utcnow()
        if self._sign.shown_id is None and uncertain:
            await self._adopt()
        until = self._sign.until
        if self._sign.ended or (until is not None and until <= now):
            await self._take_away()
            await signs.taken_away(self._bot.db, self._sign, now)
            return Done()
        if self._sign.home_id not in (None, self._sign.channel_id):  # it moves
            await self._take_away()
            await self._record(**signs.NOWHERE)
        if self._sign.shown_id is None:
            await self._send()
        elif self._sign.shown != self._look:
            await self._edit()
        if self._sign.kind is JobKind.HOW_TO and not self._sign.pinned:
            await self._pin(uncertain=uncertain)
        question = self._found.question
        fresh = question is not None and now - question.created_at < _FRESH
        if question is not None and fresh and question.place.message_id is None:
            return Later(now + _UNTIL_SHOWN)  # its card is about to be there, to link to
        if until is not None:
            await signs.look_again(self._bot.db, job, until)
            return None
        return Done()

    async def _record(self, **values: Any) -> None:
        await signs.record_shown(self._bot.db, self._sign, discord.utils.utcnow(), **values)
        self._sign: Sign = replace(self._sign, **values)

    def _message(self) -> discord.PartialMessage:
        sign = self._sign
        where = self._bot.get_partial_messageable(sign.shown_in or 0, guild_id=sign.guild_id)
        return where.get_partial_message(sign.shown_id or 0)

    def _forum(self, channel_id: int | None) -> discord.ForumChannel | None:
        guild = self._bot.get_guild(self._sign.guild_id)
        channel = guild.get_channel(channel_id or 0) if guild is not None else None
        return channel if isinstance(channel, discord.ForumChannel) else None

    # Sending

    async def _send(self) -> None:
        sign, forum = self._sign, self._forum(self._sign.channel_id)
        await self._record(home_id=sign.channel_id)  # first, because the response may get lost
        if forum is not None:
            made = await forum.create_thread(
                name=self._drawn.name, **self._content(), reason="Askwell: /setup"
            )
            sent = made.message
        else:
            channel = self._bot.get_partial_messageable(sign.channel_id, guild_id=sign.guild_id)
            sent = await channel.send(**self._content(), **self._reference(), nonce=self._nonce())
        await self._record(shown_in=sent.channel.id, shown_id=sent.id, shown=self._look)

    def _content(self) -> dict[str, Any]:
        drawn = self._drawn
        shown = {"content": drawn.content, "embed": drawn.embed, "view": drawn.view}
        content: dict[str, Any] = {name: part for name, part in shown.items() if part is not None}
        return content | {"allowed_mentions": discord.AllowedMentions.none()}

    def _reference(self) -> dict[str, Any]:
        sign = self._sign
        if sign.reply_to is None:
            return {}
        reference = discord.MessageReference(
            message_id=sign.reply_to,
            channel_id=sign.channel_id,
            guild_id=sign.guild_id,
            fail_if_not_exists=False,
        )
        return {"reference": reference, "mention_author": False}

    def _nonce(self) -> str:
        sign = self._sign
        return nonce_of(f"{sign.kind}/{sign.key}/{sign.channel_id}/{sign.asked_at.isoformat()}")

    async def _adopt(self) -> None:
        """Note the message that an earlier attempt has sent, if it did."""
        home_id = self._sign.home_id
        if home_id is None:
            return
        message = await self._sent(home_id)
        if message is not None:
            await self._record(shown_in=message.channel.id, shown_id=message.id, shown="")

    async def _sent(self, home_id: int) -> discord.Message | None:
        forum, after = self._forum(home_id), self._sign.asked_at - _SKEW
        if forum is not None:
            return await self._sent_in(forum)
        channel = self._bot.get_partial_messageable(home_id, guild_id=self._sign.guild_id)
        since = discord.Object(self._sign.reply_to) if self._sign.reply_to else after
        async for message in channel.history(limit=_SEARCHED, after=since, oldest_first=True):
            if self._is_it(message):
                return message
        return None

    async def _sent_in(self, forum: discord.ForumChannel) -> discord.Message | None:
        threads = list(await forum.guild.active_threads())
        threads += [thread async for thread in forum.archived_threads(limit=_SEARCHED_THREADS)]
        after, me = self._sign.asked_at - _SKEW, forum.guild.me.id
        for thread in threads:
            ours = thread.parent_id == forum.id and thread.owner_id == me
            if not ours or discord.utils.snowflake_time(thread.id) < after:
                continue
            with suppress(discord.NotFound):  # its first message was deleted
                message = await thread.fetch_message(thread.id)
                if self._is_it(message):
                    return message
        return None

    def _is_it(self, message: discord.Message) -> bool:
        me = self._bot.user
        if me is None or message.author.id != me.id:
            return False
        controls, about = list(controls_in(message.components)), message.reference
        if self._sign.reply_to is None:
            return is_marked(self._found, controls)
        # The request for its writer's consent replies to a message as well.
        ours = not any(control.action.startswith("consent.") for control in controls)
        return ours and about is not None and about.message_id == self._sign.reply_to

    # Keeping up to date, and removing

    async def _edit(self) -> None:
        message = self._message()
        await act_awake(self._bot, message.channel.id, lambda: message.edit(**self._content()))
        await self._record(shown=self._look)

    async def _pin(self, *, uncertain: bool) -> None:
        """Pin it, unless there is no room. Of a forum's posts only one can be pinned, and another
        one's place isn't taken."""
        message, forum = self._message(), self._forum(self._sign.home_id)
        try:
            if forum is not None:
                await self._pin_post(forum, message.channel.id)
                return
            await message.pin()
            if uncertain:  # nobody may have heard of the notice of an earlier attempt's pin
                await take_notices_away(self._bot, self._sign.guild_id, message.channel.id)
            await self._record(pinned=PINNED)
        except discord.HTTPException as error:
            if is_trouble(error):
                raise
            _log.info("the how-to of server %s isn't pinned: %s", self._sign.guild_id, error)
            await self._record(pinned=NOT_PINNED)

    async def _pin_post(self, forum: discord.ForumChannel, thread_id: int) -> None:
        posts = [t for t in await forum.guild.active_threads() if t.parent_id == forum.id]
        mine = next((post for post in posts if post.id == thread_id), None)
        if mine is None:  # archived, which a pinned post is not
            await self._record(pinned=NOT_PINNED)
            return
        taken = any(post.flags.pinned for post in posts if post.id != thread_id)
        if not (mine.flags.pinned and mine.locked):
            # Locked, since nobody would answer there.
            pinned: Any = discord.utils.MISSING if taken else True
            await mine.edit(locked=True, pinned=pinned)
        await self._record(pinned=NOT_PINNED if taken else PINNED)

    async def _take_away(self) -> None:
        sign = self._sign
        if sign.shown_id is None:
            return
        with suppress(discord.NotFound):  # it is gone, as intended
            if sign.shown_in == sign.shown_id:
                thread = await self._bot.fetch_channel(sign.shown_id)
                if isinstance(thread, discord.Thread):
                    await thread.delete()
            else:
                message = self._message()
                await act_awake(self._bot, message.channel.id, message.delete)
