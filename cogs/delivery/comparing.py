"""Comparing one question with Discord: its reactions, pins and messages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import discord

from bot.domain.cards import Place, PostCard
from bot.domain.policies import depends_on_member
from bot.domain.posts import PostKind
from bot.domain.rules import Rules
from bot.domain.voting import REACTIONS, Ballot
from bot.usecases import consenting, naming, reconciling, removing
from bot.usecases.reconciling import ThreadToCompare
from bot.usecases.voting import BATCH, cast_votes
from cogs.delivery.missed import About
from cogs.delivery.reactions import ShownReactions, as_member, own_missing, shown_reactions
from cogs.failures import Code, code_of
from cogs.foundation.turns import Turns

if TYPE_CHECKING:
    from bot.app import Askwell

_PAGE = 100  # messages that Discord gives in one answer
_TRIES = 3  # at a card under which people react while it is compared


class HomeGone(Exception):
    """The channel of a question was deleted. That isn't a decision about each of its questions."""


class Comparison:
    """Compares one question. `requests` counts its requests to Discord."""

    def __init__(self, bot: Askwell, guild: discord.Guild, question_id: int, rules: Rules) -> None:
        self.bot = bot
        self.guild = guild
        self.question_id = question_id
        self.rules = rules
        self.requests = 0

    async def run(self, turns: Turns) -> None:
        """Update the forum from what Discord shows, in the turn of the question's thread. Raises
        Discord's errors if the thread can't be read, and `HomeGone`."""
        thread = await self._thread()
        if (question := self._question(thread)) is not None:
            async with turns.of(self.guild.id, question.place.thread_id or 0):
                await self._compare()

    def _question(self, thread: ThreadToCompare) -> PostCard | None:
        shown = (c for c in thread.cards if c.place.thread_id is not None)
        return next((c for c in shown if c.post_id == self.question_id), None)

    async def _compare(self) -> None:
        with self.bot.publications.own_pins() as own:
            thread = await self._thread()
            question = self._question(thread)
            if question is None or question.place.thread_id is None:
                return
            try:
                found, missing = await self._messages(question, thread)
            except discord.NotFound:
                if await self._home_is_gone(question.place.home_id):
                    raise HomeGone from None
                await self._removed({question.place.thread_id})
                return
            pinned = {message.id: message.pinned for message in found.values()}
            await follow_pins(self.bot, thread.cards, pinned, own)
            if own & pinned.keys() and not self.bot.publications.doubt(pinned):
                self.bot.missed.note(About(self.guild.id, question_id=self.question_id))
        await self._follow_name(question)
        for card in thread.cards:
            message = found.get(card.place.message_id or 0)
            if message is not None and card.kind is not PostKind.COMMENT:
                await self._follow_reactions(card, message, thread)
        if missing:
            await self._removed(missing)

    async def _thread(self) -> ThreadToCompare:
        return await reconciling.thread_to_compare(self.bot.db, self.guild.id, self.question_id)

    async def _messages(
        self, question: PostCard, compared: ThreadToCompare
    ) -> tuple[dict[int, discord.Message], set[int]]:
        """The messages of the cards, and those that are not there any more: they were deleted.
        `discord.NotFound` where there is no thread.

        The newest card is read first, with what stands before it, so that a long talk without
        cards costs nothing.
        """
        place, cards = question.place, compared.cards
        thread = self.bot.get_partial_messageable(place.thread_id or 0, guild_id=self.guild.id)
        wanted = sorted(
            {c.place.message_id or 0 for c in cards if c.place.channel_id == place.thread_id}
            | set(compared.said),
            reverse=True,
        )
        found: dict[int, discord.Message] = {}
        missing: set[int] = set()
        # Without a card in it, it is still to be seen whether the thread is there.
        before = wanted[0] if wanted else place.thread_id or 0
        while True:
            self.requests += 1
            page = [m async for m in thread.history(limit=_PAGE, before=discord.Object(before + 1))]
            found |= {message.id: message for message in page}
            oldest = min((m.id for m in page), default=0) if len(page) == _PAGE else 0
            missing |= {each for each in wanted if each >= oldest and each not in found}
            wanted = [each for each in wanted if each < oldest]
            if not wanted:
                break
            before = wanted[0]
        elsewhere = [c.place for c in cards if c.place.channel_id != place.thread_id]
        for other in elsewhere:
            await self._look_up(other, found, missing)
        return found, missing

    async def _look_up(
        self, place: Place, found: dict[int, discord.Message], missing: set[int]
    ) -> None:
        """Add a card's message to the found or the missing ones."""
        channel = self.bot.get_partial_messageable(place.channel_id or 0, guild_id=self.guild.id)
        self.requests += 1
        try:
            message = await channel.fetch_message(place.message_id or 0)
        except discord.NotFound as error:
            if code_of(error) == Code.UNKNOWN_MESSAGE:
                missing.add(place.message_id or 0)
        else:
            found[message.id] = message

    async def _follow_name(self, question: PostCard) -> None:
        """Follow a name that people gave the thread meanwhile; the library knows active ones."""
        thread = self.guild.get_thread(question.place.thread_id or 0)
        if thread is not None and naming.is_news(question, thread.name):
            now = discord.utils.utcnow()
            await naming.follow_name(self.bot.db, question, thread.name, now)

    async def _home_is_gone(self, home_id: int | None) -> bool:
        """Whether the channel was deleted with the thread."""
        homes = self.bot.homes
        before = homes.requests
        gone = home_id is None or await homes.is_gone(self.guild, home_id, doubted=True)
        self.requests += homes.requests - before
        return gone

    async def _removed(self, message_ids: Collection[int]) -> None:
        now = discord.utils.utcnow()
        where = (self.bot.db, self.guild.id, message_ids)
        await removing.hide_removed(*where, now=now)
        # It can't be known who deleted them; most people delete their own.
        await removing.follow_writers(*where, now=now)
        await consenting.withdraw(*where, now=now)

    async def _follow_reactions(
        self, card: PostCard, message: discord.Message, thread: ThreadToCompare
    ) -> None:
        now = discord.utils.utcnow()
        by_emoji = self.rules.vote_emoji and not card.author.is_anonymous
        if by_emoji and own_missing(message, self.rules):
            await reconciling.offer_votes_again(self.bot.db, card, now=now)
        for _ in range(_TRIES):
            with self.bot.missed.listening(message.id) as heard:
                by_reaction = any(
                    source in REACTIONS for _, source in thread.votes[card.post_id].values()
                )
                found = await shown_reactions(self.bot, message, self.rules, self.guild.id)
                self.requests += found.requests
                if not (found.voters or by_reaction):
                    return
                await self._count(card, thread, found, heard)
                if not heard:
                    return
            # People reacted meanwhile: what was read may be outdated.
            thread = await self._thread()
            if card.post_id not in thread.votes:
                return
            self.requests += 1
            message = await message.fetch()
        self.bot.missed.note(About(self.guild.id, message.id))

    async def _count(
        self,
        card: PostCard,
        thread: ThreadToCompare,
        found: ShownReactions,
        heard: Collection[int],
    ) -> None:
        now, question = discord.utils.utcnow(), self._question(thread)
        home_id = question.place.home_id if question is not None else None
        ballots: list[Ballot] = []
        missed = reconciling.missed_ballots(card, thread, found.shown, found.voters, now)
        for ballot in missed:
            voter = ballot.voter
            if depends_on_member(ballot, self.rules):
                self.requests += 1
                voter = await as_member(self.guild, home_id, voter, self.rules)
            ballots.append(replace(ballot, voter=voter))
        for start in range(0, len(ballots), BATCH):
            unheard = [
                b for b in ballots[start : start + BATCH] if not {0, b.voter.user_id} & set(heard)
            ]
            await cast_votes(self.bot.db, unheard, now=now)


async def follow_pins(
    bot: Askwell, cards: Collection[PostCard], pinned: Mapping[int, bool], own: Collection[int]
) -> None:
    """Follow the pins on answers' cards, and their removals, as Discord says which messages are
    pinned. Nothing is followed of the bot's `own` pins of meanwhile."""
    for card in cards:
        message_id = card.place.message_id or 0
        if card.kind is not PostKind.ANSWER or message_id not in pinned or message_id in own:
            continue
        if card.place.pinned != pinned[message_id]:
            now = discord.utils.utcnow()
            await reconciling.follow_pin(bot.db, card, pinned=pinned[message_id], now=now)
