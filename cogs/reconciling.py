"""What people do in Discord itself: pins, deletions, and reactions given while the bot was away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import discord
from discord.ext import commands, tasks

from bot.domain.cards import PostCard
from bot.domain.policies import depends_on_member
from bot.domain.posts import PostKind
from bot.domain.rules import Rules
from bot.usecases import browsing, reconciling, removing
from bot.usecases.voting import cast_votes
from cogs._ending import end
from cogs._interaction import DISCORD_FAILED
from cogs._reactions import as_member, take_off, vote_counts, vote_reactions
from cogs._routing import add_cog
from cogs._turns import Turns

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)
_MESSAGES = 200  # of a thread, the newest


class Reconciling(commands.Cog):
    """Takes over into the forum what happened in Discord."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot
        self._comparing: asyncio.Task[None] | None = None
        self._looking_again: set[asyncio.Task[None]] = set()
        self._turns = Turns()  # of threads
        self._pins_changed: set[int] = set()
        self._unloaded = False

    async def cog_load(self) -> None:
        """Compare hourly."""
        self._hourly.start()

    async def cog_unload(self) -> None:
        """Stop comparing."""
        self._hourly.cancel()
        self._unloaded = True
        await end([self._comparing, *self._looking_again])

    @tasks.loop(hours=1)
    async def _hourly(self) -> None:
        if self.bot.is_ready():
            self.compare()

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """A new session: whatever happened since the last one was not told. (After a RESUME,
        Discord tells it all.)"""
        self.compare()

    def compare(self) -> None:
        """Compare recent questions with Discord, unless that is going on already."""
        if self._comparing is None or self._comparing.done():
            self._comparing = asyncio.create_task(self._compare_all(), name="reconciling")

    @commands.Cog.listener()
    async def on_guild_channel_pins_update(
        self, channel: discord.abc.GuildChannel | discord.Thread, _last_pin: datetime | None
    ) -> None:
        """Follow a moderator's own *Pin message* on an answer, and *Unpin*.

        The event says only that a channel's pins changed; our own changes cause it as well.
        """
        if not isinstance(channel, discord.Thread) or channel.id in self._pins_changed:
            return  # who waits for their turn sees this change as well
        self._pins_changed.add(channel.id)
        # One after the other: who read the pins before must not decide after.
        async with self._turns.of(channel.guild.id, channel.id):
            self._pins_changed.discard(channel.id)
            await self._follow_pins(channel)

    async def _follow_pins(self, channel: discord.Thread) -> None:
        question = await browsing.thread_of(self.bot.db, channel.guild.id, channel.id)
        if not question:
            return
        # The cards were read first: a pin of ours that is recorded meanwhile changes nothing.
        try:
            pinned = {message.id async for message in channel.pins()}
        except DISCORD_FAILED as error:
            _log.info("the pins of a thread could not be read: %s", error)
            return
        for card in question:
            if card.place.message_id is not None:
                await self._follow_pin(card, pinned=card.place.message_id in pinned)

    async def _follow_pin(self, card: PostCard, *, pinned: bool) -> None:
        if card.kind is not PostKind.ANSWER or card.place.pinned == pinned:
            return
        if card.place.message_id in self.bot.publications.pinning:
            return  # that is us, just now
        now = discord.utils.utcnow()
        await reconciling.follow_pin(self.bot.db, card, pinned=pinned, now=now)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Hide the post whose card somebody deleted."""
        await self._removed(payload.guild_id, {payload.message_id})

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Hide the posts whose cards somebody deleted."""
        await self._removed(payload.guild_id, payload.message_ids)

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """Hide the question whose thread somebody deleted; not when its channel went with it."""
        guild = self.bot.get_guild(payload.guild_id)
        if guild is not None and guild.get_channel(payload.parent_id) is not None:
            await self._removed(payload.guild_id, {payload.thread_id})

    async def _removed(self, guild_id: int | None, message_ids: set[int]) -> None:
        if guild_id is not None:
            now = discord.utils.utcnow()
            await removing.hide_removed(self.bot.db, guild_id, message_ids, now=now)

    @commands.Cog.listener()
    async def on_raw_reaction_clear(self, payload: discord.RawReactionClearEvent) -> None:
        """Reactions that a moderator cleared are votes taken back."""
        await self._cleared(payload.guild_id, payload.message_id, (1, -1))

    @commands.Cog.listener()
    async def on_raw_reaction_clear_emoji(
        self, payload: discord.RawReactionClearEmojiEvent
    ) -> None:
        """So are those of one emoji."""
        if payload.guild_id is None:
            return
        rules = await browsing.rules_of(self.bot.db, payload.guild_id)
        value = rules.vote_of(str(payload.emoji))
        if value is not None:
            await self._cleared(payload.guild_id, payload.message_id, (value,))

    async def _cleared(
        self, guild_id: int | None, message_id: int, values: tuple[int, ...]
    ) -> None:
        if guild_id is None:
            return
        card = await browsing.post_of_message(self.bot.db, guild_id, message_id)
        if card is None:
            return
        thread = await reconciling.thread_to_compare(self.bot.db, guild_id, card.question_id)
        stored = thread.reactions.get(card.post_id, {})
        gone = {voter: value for voter, value in stored.items() if value in values}
        now = discord.utils.utcnow()
        ballots = reconciling.missed_ballots(card.post_id, gone, {}, {}, guild_id, now)
        await cast_votes(self.bot.db, ballots, now=now)
        await reconciling.offer_votes_again(self.bot.db, card, now=now)

    async def _compare_all(self) -> None:
        for guild in list(self.bot.guilds):
            now = discord.utils.utcnow()
            try:
                rules = await browsing.rules_of(self.bot.db, guild.id)
                recent = await reconciling.recent_threads(self.bot.db, guild.id, now)
            except Exception:
                _log.exception("server %s could not be compared", guild.id)
                continue
            for question_id in recent:
                if self._unloaded:
                    return
                try:
                    await self._compare(guild, question_id, rules)
                except DISCORD_FAILED as error:  # such as a channel the bot no longer sees
                    _log.info("question %s could not be compared: %s", question_id, error)
                except Exception:
                    _log.exception("question %s could not be compared", question_id)

    @commands.Cog.listener()
    async def on_votes_missed(self, guild_id: int, question_id: int) -> None:
        """Look at a question whose cards may have been voted on before they were recorded."""
        guild = self.bot.get_guild(guild_id)
        if guild is None or self._unloaded:
            return
        task = asyncio.create_task(self._look_again(guild, question_id), name="reconciling one")
        self._looking_again.add(task)
        task.add_done_callback(self._looking_again.discard)

    async def _look_again(self, guild: discord.Guild, question_id: int) -> None:
        try:
            rules = await browsing.rules_of(self.bot.db, guild.id)
            await self._compare(guild, question_id, rules)
        except DISCORD_FAILED as error:
            _log.info("question %s could not be compared: %s", question_id, error)
        except Exception:
            _log.exception("question %s could not be compared", question_id)

    async def _compare(self, guild: discord.Guild, question_id: int, rules: Rules) -> None:
        thread = await reconciling.thread_to_compare(self.bot.db, guild.id, question_id)
        for question in thread.cards:
            if question.post_id == question_id and question.place.thread_id is not None:
                async with self._turns.of(guild.id, question.place.thread_id):
                    await self._compare_now(guild, question_id, rules)

    async def _compare_now(self, guild: discord.Guild, question_id: int, rules: Rules) -> None:
        thread = await reconciling.thread_to_compare(self.bot.db, guild.id, question_id)
        question = next((c for c in thread.cards if c.post_id == question_id), None)
        if question is None or question.place.thread_id is None:
            return
        try:
            found, oldest = await self._messages(guild.id, question)
        except discord.NotFound:
            # Somebody deleted the thread; or its whole channel, which decides over no question.
            if await _is_there(guild, question.place.home_id):
                await self._removed(guild.id, {question.place.thread_id})
            return
        for card in thread.cards:
            message = found.get(card.place.message_id or 0)
            if message is not None:
                await self._follow_pin(card, pinned=message.pinned)
                stored = thread.reactions.get(card.post_id, {})
                await self._follow_reactions(guild, card, message, stored, rules)
            elif (card.place.message_id or 0) >= oldest:
                await self._removed(guild.id, {card.place.message_id or 0})

    async def _messages(
        self, guild_id: int, question: PostCard
    ) -> tuple[dict[int, discord.Message], int]:
        """The messages of a question's thread and its card, and the oldest id that was read: what
        is newer and not among them was deleted. `discord.NotFound` where there is no thread."""
        place = question.place
        thread = self.bot.get_partial_messageable(place.thread_id or 0, guild_id=guild_id)
        newest = [m async for m in thread.history(limit=_MESSAGES)]
        found = {message.id: message for message in newest}
        oldest = min(found, default=0) if len(newest) == _MESSAGES else 0
        if place.message_id is not None and place.message_id not in found:
            channel = self.bot.get_partial_messageable(place.channel_id or 0, guild_id=guild_id)
            try:
                found[place.message_id] = await channel.fetch_message(place.message_id)
            except discord.NotFound as error:
                if error.code != 10008:  # the channel is gone, which says nothing of the card
                    return found, 1 << 63
        return found, oldest

    async def _follow_reactions(
        self,
        guild: discord.Guild,
        card: PostCard,
        message: discord.Message,
        stored: Mapping[int, int],
        rules: Rules,
    ) -> None:
        values = list(stored.values())
        known = {1: values.count(1), -1: values.count(-1)}
        if vote_counts(message, rules) == known:
            return
        shown, voters = await vote_reactions(self.bot, message, rules, guild.id)
        now = discord.utils.utcnow()
        ballots = reconciling.missed_ballots(card.post_id, stored, shown, voters, guild.id, now)
        for i, ballot in enumerate(ballots):
            if depends_on_member(ballot, rules):
                voter = await as_member(guild, message.channel.id, ballot.voter, rules)
                ballots[i] = replace(ballot, voter=voter)
        outcomes = await cast_votes(self.bot.db, ballots, now=now)
        where = (message.channel.id, message.id, guild.id)
        for ballot, outcome in zip(ballots, outcomes, strict=True):
            if outcome.refusal is not None and ballot.value:
                emoji = rules.emoji_of(ballot.value)
                await take_off(self.bot, where, emoji, ballot.voter.user_id)


async def _is_there(guild: discord.Guild, channel_id: int | None) -> bool:
    """Whether there is still such a channel. The library remembers some that were deleted while it
    had no connection, so Discord is asked."""
    if channel_id is None:
        return False
    try:
        await guild.fetch_channel(channel_id)
    except discord.NotFound:
        return False
    return True


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await add_cog(bot, Reconciling(bot))
