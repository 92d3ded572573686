"""Voting: by reaction, by a card's buttons, by its menu, and by `/vote`: always the same vote."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.access import Deed, check_may
from bot.domain.actors import Actor
from bot.domain.cards import PostCard
from bot.domain.errors import Denial, Denied
from bot.domain.rules import Rules
from bot.domain.voting import BY_MESSAGE, DOWN, NONE, UP, Ballot, VoteOutcome, VoteSource
from bot.i18n import N_, Texts
from bot.usecases import browsing, seeing
from bot.usecases.refusing import RefusedVote
from cogs.delivery.pressing import answered, turn_to_draw
from cogs.delivery.reactions import kind_of
from cogs.foundation.access import home_of_card, voter_in
from cogs.foundation.turns import Turns
from cogs.interaction.choices import Choices, post_choices
from cogs.interaction.people import reader
from cogs.interaction.pointing import post_meant
from cogs.interaction.replies import acknowledge_click, answer_with_card, reply
from cogs.interaction.routing import Control, control
from cogs.interaction.visible import actor_at, card_at
from cogs.ui.cards import votes_text
from cogs.ui.controls import SIGNS, Forged, button, view_of

if TYPE_CHECKING:
    from bot.app import Askwell

_VALUES = {"up": UP, "down": DOWN, "clear": NONE}


class Voting(commands.Cog):
    """Votes."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot
        self._turns = Turns()

    @app_commands.command(description=N_("Vote on a question or an answer."))
    @app_commands.guild_only()
    @app_commands.describe(
        direction=N_("Vote up, vote down or clear your vote"),
        post=N_("The post's number or link. In a question's thread, the default is the question."),
    )
    @app_commands.choices(
        direction=[
            app_commands.Choice(name=N_("up"), value="up"),
            app_commands.Choice(name=N_("down"), value="down"),
            app_commands.Choice(name=N_("clear"), value="clear"),
        ]
    )
    async def vote(
        self,
        interaction: discord.Interaction[Askwell],
        direction: str,
        post: str | None = None,
    ) -> None:
        """Vote on a post."""
        card = await post_meant(interaction, post, "vote", direction)
        if card is None:
            return
        find = card_at(interaction, card.post_id)
        await self._vote(interaction, find, _VALUES[direction], VoteSource.COMMAND)

    @vote.autocomplete("post")
    async def suggest(self, interaction: discord.Interaction[Askwell], typed: str) -> Choices:
        """Offer posts."""
        return await post_choices(interaction, typed)

    @control("vote", of_post=True)
    async def clicked(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Vote with a card's button, from its menu, or from a private reply."""
        value = _VALUES.get(wanted.word(1))
        if value is None:
            raise Forged(f"no such vote: {wanted.word(1)}")
        find = card_at(interaction, wanted.number(0))
        message = interaction.message
        if message is not None and not message.flags.ephemeral:
            await self._pressed(interaction, find, value)
            return
        await self._vote(interaction, find, value, VoteSource.BUTTON)

    async def _pressed(
        self,
        interaction: discord.Interaction[Askwell],
        find: Coroutine[Any, Any, PostCard],
        value: int,
    ) -> None:
        """Vote with a card's button. A second press changes nothing, and offers to take the vote
        back."""
        card, outcome = await self._cast(interaction, find, value, VoteSource.BUTTON, shown=True)
        clicked = interaction.message
        if clicked is not None and clicked.id != card.place.message_id:  # a card left behind
            await reply(interaction, outcome_text(outcome, card, reader(interaction)))
            return
        if outcome.changed:
            async with turn_to_draw(self.bot, card.guild_id, card.post_id) as it:
                if it is None:
                    done = await acknowledge_click(interaction)
                elif done := await answer_with_card(interaction, it.embeds, view_of(*it.controls)):
                    answered(it)
            if done is None:  # the person was already told to wait
                await reply(interaction, outcome_text(outcome, card, reader(interaction)))
            return
        t = reader(interaction)
        sign = SIGNS[value]
        text = t("You voted {sign} on {number}.", sign=sign, number=card.reference)
        back = button(t("Take it back"), "vote", card.post_id, "clear")
        await reply(interaction, text, view=view_of(back))

    async def _vote(
        self,
        interaction: discord.Interaction[Askwell],
        find: Coroutine[Any, Any, PostCard],
        value: int,
        source: VoteSource,
    ) -> None:
        card, outcome = await self._cast(interaction, find, value, source)
        text = outcome_text(outcome, card, reader(interaction))
        await reply(interaction, text, update=source is VoteSource.BUTTON)

    async def _cast(
        self,
        interaction: discord.Interaction[Askwell],
        find: Coroutine[Any, Any, PostCard],
        value: int,
        source: VoteSource,
        *,
        shown: bool = False,
    ) -> tuple[PostCard, VoteOutcome]:
        """Count a vote; with `shown`, the clicked card is about to show the new score. Raises the
        refusal."""
        async with self._turns.of(interaction.guild_id, interaction.user.id):
            card = await find
            actor = await actor_at(interaction, card.post_id)
            check_may(actor, Deed.VOTE)
            ballot = Ballot(
                actor,
                card.post_id,
                value,
                source,
                discord.utils.utcnow(),
                unsure=self.bot.missed.waits(card.guild_id, card.place.message_id),
                shown=shown,
            )
            outcome = await self.bot.ballots.cast(ballot)
        if outcome.refusal is not None:
            raise outcome.refusal
        return card, outcome

    async def cog_load(self) -> None:
        """Take over the refused votes whose voters haven't read why."""
        await self.bot.refused_votes.load()

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        """Count a reaction as a vote; one that the rules refuse is removed."""
        if payload.guild_id is None or self._is_me(payload.user_id):
            return
        if payload.message_author_id and not self._is_me(payload.message_author_id):
            return  # no card of ours
        self.bot.missed.heard(payload.message_id, payload.user_id)
        async with self.bot.missed.second_chance(payload.guild_id, payload.message_id):
            await self._reacted(payload, payload.guild_id)

    async def _reacted(self, payload: discord.RawReactionActionEvent, guild_id: int) -> None:
        async with self._turns.of(guild_id, payload.user_id):
            rules = await browsing.rules_of(self.bot.db, guild_id)
            value = rules.vote_of(str(payload.emoji))
            if value is None:
                return
            outcome = await self.bot.ballots.cast(
                Ballot(
                    await self._voter(payload, guild_id, rules),
                    BY_MESSAGE,
                    value,
                    kind_of(payload),
                    discord.utils.utcnow(),
                    message_id=payload.message_id,
                    unsure=self.bot.missed.waits(guild_id, payload.message_id),
                )
            )
        if outcome.post_id == BY_MESSAGE:
            if self._is_me(payload.message_author_id or 0):
                self.bot.publications.reacted_early(payload.message_id)
            return
        where = (guild_id, payload.user_id, payload.channel_id, payload.message_id)
        match outcome.refusal:
            case None:
                await self.bot.refused_votes.forget(guild_id, payload.user_id, payload.message_id)
            case Denied(reason=Denial.POST_HIDDEN):
                pass  # nothing is told about deleted posts
            case Denied() as why:
                await self.bot.refused_votes.keep(RefusedVote(*where, why))
            case _:
                pass

    async def _voter(
        self, payload: discord.RawReactionActionEvent, guild_id: int, rules: Rules
    ) -> Actor:
        """The voter of a reaction; only the id without a member, as after they left."""
        member = payload.member
        if member is None:
            return Actor(guild_id, payload.user_id)
        home_id = home_of_card(member.guild, payload.channel_id)
        if home_id is None:
            home = await seeing.home_of_message(self.bot.db, guild_id, payload.message_id)
            home_id = home.channel_id if home is not None else None
        return voter_in(member, home_id, rules)

    @commands.Cog.listener()
    async def on_raw_reaction_remove(self, payload: discord.RawReactionActionEvent) -> None:
        """Take the vote back with its reaction, if it still is that vote."""
        if payload.guild_id is None or self._is_me(payload.user_id):
            return
        self.bot.missed.heard(payload.message_id, payload.user_id)
        async with self.bot.missed.second_chance(payload.guild_id, payload.message_id):
            await self._unreacted(payload, payload.guild_id)

    async def _unreacted(self, payload: discord.RawReactionActionEvent, guild_id: int) -> None:
        async with self._turns.of(guild_id, payload.user_id):
            rules = await browsing.rules_of(self.bot.db, guild_id)
            value = rules.vote_of(str(payload.emoji))
            if value is None:
                return
            await self.bot.ballots.cast(
                Ballot(
                    Actor(guild_id, payload.user_id),
                    BY_MESSAGE,
                    NONE,
                    kind_of(payload),
                    discord.utils.utcnow(),
                    message_id=payload.message_id,
                    only_if=value,
                )
            )

    def _is_me(self, user_id: int) -> bool:
        return self.bot.user is not None and user_id == self.bot.user.id


def outcome_text(outcome: VoteOutcome, card: PostCard, t: Texts) -> str:
    """The outcome of a vote, with the post's new score."""
    named = {"number": card.reference, "votes": votes_text(outcome.score, t)}
    if outcome.new == UP:
        return t("You upvoted {number}. It now has {votes}.", **named)
    if outcome.new == DOWN:
        return t("You downvoted {number}. It now has {votes}.", **named)
    return t("You have no vote on {number}. It now has {votes}.", **named)


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Voting(bot))
