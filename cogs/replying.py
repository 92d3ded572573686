"""Natural gestures: a reply to a card is offered to be posted, and whoever writes in a question's
thread is told once how to post that.

Discord sends the text of a message only where it mentions the bot, as a reply that pings does.
Nothing of it is kept: it is fetched again when its writer presses a button.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from bot.domain.actors import Actor
from bot.domain.errors import Denial, Denied, Invalid
from bot.usecases import answering, browsing, commenting, offering, seeing
from bot.usecases.answering import AnswerForm
from bot.usecases.consenting import ThreadMessage
from bot.usecases.offering import Written
from bot.usecases.seeing import Seen
from bot.usecases.signs import Sign
from cogs.failures import DISCORD_FAILED
from cogs.foundation.access import access_in, actor_of, with_block
from cogs.interaction.files import acceptable_files, files_of_message
from cogs.interaction.people import guild_of, reader
from cogs.interaction.posted import reply_answered, reply_posted
from cogs.interaction.replies import defer, reply
from cogs.interaction.routing import Control, control
from cogs.interaction.visible import actor_at
from cogs.ui.discord_refusals import discord_problem
from cogs.ui.messages import words_of

if TYPE_CHECKING:
    from bot.app import Askwell

_KINDS = (discord.MessageType.default, discord.MessageType.reply)
_REMEMBERED = 10_000  # members in threads, who needn't be looked up


class Replying(commands.Cog):
    """Offers under members' messages."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot
        self._told: OrderedDict[tuple[int, int], None] = OrderedDict()

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Offer to post a message. Most are none of ours, which costs nothing."""
        guild, writer = message.guild, message.author
        if guild is None or writer.bot or message.webhook_id or message.type not in _KINDS:
            return
        if not isinstance(writer, discord.Member):
            return
        channel, card_id = message.channel, _replied_to(message, guild.me.id)
        in_thread = isinstance(channel, discord.Thread) and channel.owner_id == guild.me.id
        if card_id is None and not in_thread:
            return
        try:
            if card_id is not None and _is_readable(message, guild.me.id):
                await self._offer(message, writer, card_id)
            elif in_thread:
                await self._tell_how(message, writer)
        except Exception as error:
            self.bot.missed.report(error, f"nothing is offered under message {message.id}")

    async def _offer(self, message: discord.Message, writer: discord.Member, card_id: int) -> None:
        guild_id, db = writer.guild.id, self.bot.db
        seen = await seeing.look_at_message(db, guild_id, card_id, writer.id)
        if seen is None or seen.card is None or not seen.home.rules.on("offers"):
            return
        try:
            words = words_of(message)
        except Invalid:  # a sticker
            return
        what = offering.worth_offering(seen.card, _actor(message, writer, seen), words)
        if what is not None:
            now = discord.utils.utcnow()
            post_id = seen.card.post_id
            await offering.offer(db, guild_id, _written(message), post_id, what, now=now)

    async def _tell_how(self, message: discord.Message, writer: discord.Member) -> None:
        key, guild_id, db = (message.channel.id, writer.id), writer.guild.id, self.bot.db
        if key in self._told:
            self._told.move_to_end(key)
            return
        if not await offering.is_told(db, *key):
            rules = await browsing.rules_of(db, guild_id)
            if not rules.on("offers"):
                return
            question_id = await seeing.question_of_thread(db, guild_id, message.channel.id)
            if question_id is None:
                return
            seen = await seeing.look_at(db, guild_id, question_id, writer.id)
            if seen is None or seen.card is None or seen.card.closing is not None:
                return
            actor = _actor(message, writer, seen)
            if actor.access is None or actor.access.write is not None:
                return
            now = discord.utils.utcnow()
            await offering.tell_how(db, guild_id, _written(message), seen.card.post_id, now=now)
        self._told[key] = None
        if len(self._told) > _REMEMBERED:
            self._told.popitem(last=False)

    @control("offer.answer")
    async def answer(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Post the message as its writer's answer."""
        sign, message = await self._offered(interaction, wanted)
        words = words_of(message)
        if not words:
            await self._say_edited(interaction)
            return
        actor = await actor_at(interaction, sign.post_id or 0, writing=True, by_name=True)
        files = await files_of_message(interaction, acceptable_files(message))
        await defer(interaction)
        posted = await answering.post_own_message(
            self.bot.db,
            actor,
            sign.post_id or 0,
            ThreadMessage(message.channel.id, message.id, actor.user_id, *actor.seen_as),
            AnswerForm(words, files=tuple(files)),
            now=discord.utils.utcnow(),
        )
        if posted.already:
            await self._end(interaction, message.id)
        await reply_answered(interaction, posted, message)

    @control("offer.comment")
    async def comment(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Post the message as its writer's comment."""
        sign, message = await self._offered(interaction, wanted)
        words = words_of(message)
        if not words:
            await self._say_edited(interaction)
            return
        post_id = sign.post_id or 0
        actor = await actor_at(interaction, post_id, writing=True, by_name=True)
        await defer(interaction)
        now = discord.utils.utcnow()
        where = (self.bot.db, actor, post_id)
        posted = await commenting.comment_on(*where, words, origin_id=message.id, now=now)
        await self._end(interaction, message.id)
        t = reader(interaction)
        done = t("Comment posted as {number}.")
        later = t("Comment saved as {number}. Discord is slow right now, but it will appear.")
        await reply_posted(interaction, posted, done, later)

    @control("offer.no")
    async def leave(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Leave the message as it is."""
        await self._about(interaction, wanted)
        await defer(interaction)
        await self._end(interaction, wanted.number(1))
        await reply(interaction, reader(interaction)("Your message stays as it is."))

    @control("offer.remove")
    async def remove(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Delete the plain message of an answer, which stays."""
        t, guild_id, message_id = reader(interaction), guild_of(interaction), wanted.number(0)
        await defer(interaction)
        now, who = discord.utils.utcnow(), interaction.user.id
        if not await offering.keep_without_message(self.bot.db, guild_id, message_id, who, now=now):
            raise Denied(Denial.NOT_ITS_WRITER)
        channel = self.bot.get_partial_messageable(wanted.number(1), guild_id=guild_id)
        try:
            await channel.get_partial_message(message_id).delete()
        except discord.NotFound:  # it is gone, as intended
            pass
        except discord.Forbidden:
            text = t("I need *Manage Messages* to remove your message. You can delete it yourself.")
            await reply(interaction, text)
            return
        except DISCORD_FAILED as error:
            await reply(interaction, discord_problem(error, t))
            return
        await reply(interaction, t("Your message is removed. The answer stays."))

    async def _about(self, interaction: discord.Interaction[Askwell], wanted: Control) -> Sign:
        """The offer that was pressed, for its writer. Raises `Denied`."""
        if interaction.user.id != wanted.number(0):
            raise Denied(Denial.NOT_ITS_WRITER)
        where = (self.bot.db, guild_of(interaction), wanted.number(1), interaction.user.id)
        return await offering.offer_about(*where, discord.utils.utcnow())

    async def _offered(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> tuple[Sign, discord.Message]:
        """The offer that was pressed, and the message as it is now. Raises `Denied`."""
        sign = await self._about(interaction, wanted)
        channel = self.bot.get_partial_messageable(sign.channel_id, guild_id=sign.guild_id)
        try:
            return sign, await channel.fetch_message(sign.key)
        except discord.NotFound:
            await self._end(interaction, sign.key)
            raise Denied(Denial.REQUEST_ENDED) from None

    async def _end(self, interaction: discord.Interaction[Askwell], message_id: int) -> None:
        now = discord.utils.utcnow()
        await offering.end_offer(self.bot.db, guild_of(interaction), message_id, now=now)

    async def _say_edited(self, interaction: discord.Interaction[Askwell]) -> None:
        t = reader(interaction)
        text = t(
            "You've edited this message, so I can only read it through its own menu. Open the "
            "message's menu, then *Apps*, *Post as answer*."
        )
        await reply(interaction, text)


def _replied_to(message: discord.Message, me: int) -> int | None:
    """The message of the bot's that a message replies to, or None."""
    reference = message.reference
    if reference is None or message.type is not discord.MessageType.reply:
        return None
    resolved = reference.resolved
    if isinstance(resolved, discord.Message) and resolved.author.id != me:
        return None
    return reference.message_id


def _is_readable(message: discord.Message, me: int) -> bool:
    """Whether Discord sends a message's text, which it does if the message mentions the bot."""
    return bool(message.content) or any(user.id == me for user in message.mentions)


def _actor(message: discord.Message, writer: discord.Member, seen: Seen) -> Actor:
    rules, channel = seen.home.rules, message.channel
    locked = isinstance(channel, discord.Thread) and channel.locked
    access = access_in(writer, seen.home.channel_id, rules, locked=locked, here=True)
    return with_block(actor_of(writer, writer.guild.id, rules, access), seen.home.block)


def _written(message: discord.Message) -> Written:
    return Written(message.channel.id, message.id, message.author.id)


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Replying(bot))
