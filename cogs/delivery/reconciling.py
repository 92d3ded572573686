"""Acts in Discord itself: pins, deletions, removed reactions; and catching up after an absence."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime
from typing import TYPE_CHECKING

import discord
from discord.ext import commands, tasks

from bot.domain.actors import Actor
from bot.domain.voting import Ballot, VoteSource
from bot.usecases import browsing, consenting, offering, reconciling, removing, seeing, signs
from bot.usecases.voting import cast_votes
from cogs.delivery.catching_up import PERIOD, CatchingUp
from cogs.delivery.comparing import follow_pins
from cogs.delivery.missed import About
from cogs.delivery.pinning import take_notice_away
from cogs.failures import DISCORD_FAILED
from cogs.foundation.turns import Turns

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)
_LOOKS = 3  # at the pins of a thread in which the bot is pinning itself


class Reconciling(commands.Cog):
    """Takes over acts in Discord into the forum."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot
        self._turns = Turns()  # of threads
        self._catching_up = CatchingUp(bot, self._turns)
        self._comparing: asyncio.Task[None] | None = None
        self._again = False
        self._pins_changed: set[int] = set()
        self._unloaded = False

    async def cog_load(self) -> None:
        """Compare whenever there is something to compare."""
        self.bot.missed.on_note = self._kick
        self._period.start()

    async def cog_unload(self) -> None:
        """Stop. What is left is compared after the next start."""
        self.bot.missed.on_note = None
        self._period.cancel()
        self._unloaded = True
        self._catching_up.stop()
        await self.bot.ending.end([self._comparing])

    @tasks.loop(seconds=PERIOD)
    async def _period(self) -> None:
        self._catching_up.refill()
        if self._catching_up.has_work():
            self._kick()

    @commands.Cog.listener()
    async def on_shard_connect(self, shard_id: int) -> None:
        """A new session: events since the last one were missed. (After a RESUME, Discord sends them
        all.)"""
        self.bot.missed.absent(g.id for g in self.bot.guilds if g.shard_id == shard_id)

    @commands.Cog.listener()
    async def on_shard_ready(self, _shard_id: int) -> None:
        """Its servers are known: begin."""
        self._kick()

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """So are all servers, after a start."""
        self._kick()

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """The bot wasn't in the server before, or had left it."""
        self.bot.missed.absent([guild.id])
        self._kick()

    @commands.Cog.listener()
    async def on_guild_channel_update(
        self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        """A channel that was closed to the bot may be readable now: its events were missed."""
        me = after.guild.me
        if before.permissions_for(me).view_channel and not after.permissions_for(me).view_channel:
            self._catching_up.closed(after.guild.id, after.id)

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Posts in a deleted channel can't be shown any more."""
        await self.bot.homes.gone(channel.guild.id, channel.id)

    def _kick(self) -> None:
        """Compare now, unless a comparison is running already."""
        if self._unloaded or not self.bot.is_ready():
            return
        if self._comparing is not None and not self._comparing.done():
            self._again = True
            return
        self._comparing = asyncio.create_task(self._compare(), name="reconciling")

    async def _compare(self) -> None:
        self._again = True
        while self._again and not self._unloaded:
            self._again = False
            await self._catching_up.run()

    @commands.Cog.listener()
    async def on_votes_missed(self, guild_id: int, question_id: int) -> None:
        """Compare a question whose cards may have got votes before they were recorded."""
        self.bot.missed.note(About(guild_id, question_id=question_id))

    @commands.Cog.listener()
    async def on_guild_channel_pins_update(
        self, channel: discord.abc.GuildChannel | discord.Thread, _last_pin: datetime | None
    ) -> None:
        """Follow a moderator's own *Pin message* on an answer, and *Unpin*.

        The event says only that a channel's pins changed; our own changes cause it as well.
        """
        if not isinstance(channel, discord.Thread) or channel.id in self._pins_changed:
            return  # a task that waits for its turn sees this change as well
        self._pins_changed.add(channel.id)
        # One after the other, so that older pins don't decide last.
        async with self._turns.of(channel.guild.id, channel.id):
            self._pins_changed.discard(channel.id)
            async with self.bot.missed.second_chance(channel.guild.id, channel.id):
                await self._follow_pins(channel)

    @commands.Cog.listener()
    async def on_pins_doubted(self, guild_id: int, channel_id: int) -> None:
        """Look at the pins that people may have changed while the bot did."""
        guild = self.bot.get_guild(guild_id)
        thread = guild.get_thread(channel_id) if guild is not None else None
        if thread is not None:
            await self.on_guild_channel_pins_update(thread, None)

    async def _follow_pins(self, channel: discord.Thread) -> None:
        for _ in range(_LOOKS):
            with self.bot.publications.own_pins() as own:
                question = await browsing.thread_of(self.bot.db, channel.guild.id, channel.id)
                messages = {card.place.message_id or 0 for card in question}
                if not question:
                    return
                if not messages & own:
                    try:
                        pins = {message.id async for message in channel.pins()}
                    except DISCORD_FAILED as error:
                        _log.info("the pins of a thread could not be read: %s", error)
                        break
                    pinned = {message_id: message_id in pins for message_id in messages}
                    await follow_pins(self.bot, question, pinned, own)
            # Somebody may have pinned meanwhile what the bot was unpinning, or the other way round:
            # that is looked at again, when the bot has done so.
            if not messages & own or self.bot.publications.doubt(messages):
                return
        self.bot.missed.note(About(channel.guild.id, channel.id))

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Delete Discord's notice of a pin of the bot's that comes late; delivery deletes it while
        it pins."""
        about = message.reference.message_id if message.reference is not None else None
        if message.guild is None or self.bot.publications.pins(about):
            return
        async with self.bot.missed.second_chance(message.guild.id, message.channel.id):
            await take_notice_away(self.bot, message)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Hide the post whose card somebody deleted, or delete the answer that others made from the
        message. Bulk deletions don't delete such answers: moderators make them, about messages and
        not about answers."""
        await self._removed(payload.guild_id, {payload.message_id}, by_writer=True)

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

    async def _removed(
        self, guild_id: int | None, message_ids: set[int], *, by_writer: bool = False
    ) -> None:
        if guild_id is None:
            return
        now = discord.utils.utcnow()
        try:
            where = (self.bot.db, guild_id, message_ids)
            await removing.hide_removed(*where, now=now)
            if by_writer:
                await removing.follow_writers(*where, now=now)
            await consenting.withdraw(*where, now=now)
            await signs.gone(*where, now=now)
            await offering.withdraw(*where, now=now)
        except Exception as error:
            self.bot.missed.report(error, "deleted messages are looked at again")
            for message_id in message_ids:
                self.bot.missed.note(About(guild_id, message_id))

    @commands.Cog.listener()
    async def on_raw_reaction_remove(self, payload: discord.RawReactionActionEvent) -> None:
        """Restore the bot's own vote emoji when somebody removes one."""
        guild_id, me = payload.guild_id, self.bot.user
        if guild_id is None or me is None or payload.user_id != me.id:
            return
        async with self.bot.missed.second_chance(guild_id, payload.message_id):
            rules = await browsing.rules_of(self.bot.db, guild_id)
            value = rules.vote_of(str(payload.emoji))
            if value is not None and value in map(rules.vote_of, rules.vote_emoji):
                card = await seeing.post_of_message(self.bot.db, guild_id, payload.message_id)
                if card is not None:
                    now = discord.utils.utcnow()
                    await reconciling.offer_votes_again(self.bot.db, card, now=now)

    @commands.Cog.listener()
    async def on_raw_reaction_clear(self, payload: discord.RawReactionClearEvent) -> None:
        """Take back the votes whose reactions a moderator cleared."""
        self.bot.missed.heard(payload.message_id)
        if payload.guild_id is not None:
            async with self.bot.missed.second_chance(payload.guild_id, payload.message_id):
                await self._cleared(payload.guild_id, payload.message_id, (1, -1))

    @commands.Cog.listener()
    async def on_raw_reaction_clear_emoji(
        self, payload: discord.RawReactionClearEmojiEvent
    ) -> None:
        """The same, for one emoji."""
        self.bot.missed.heard(payload.message_id)
        if payload.guild_id is None:
            return
        async with self.bot.missed.second_chance(payload.guild_id, payload.message_id):
            rules = await browsing.rules_of(self.bot.db, payload.guild_id)
            value = rules.vote_of(str(payload.emoji))
            if value is not None:
                await self._cleared(payload.guild_id, payload.message_id, (value,))

    async def _cleared(self, guild_id: int, message_id: int, values: tuple[int, ...]) -> None:
        card = await seeing.post_of_message(self.bot.db, guild_id, message_id)
        if card is None:
            return
        now = discord.utils.utcnow()
        stored = await reconciling.reaction_votes(self.bot.db, card)
        ballots = [
            Ballot(
                Actor(guild_id, voter), card.post_id, 0, VoteSource.BOTH, now, seen=(value, source)
            )
            for voter, (value, source) in stored.items()
            if value in values
        ]
        await cast_votes(self.bot.db, ballots, now=now)
        await reconciling.offer_votes_again(self.bot.db, card, now=now)


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Reconciling(bot))
