"""Blocking members: `/block`, `/unblock`, and *Block author…* on a reported post."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.actors import Actor
from bot.domain.blocks import BlockSpan
from bot.domain.cards import Author
from bot.domain.errors import Denial, Denied, Missing, NotFound
from bot.domain.policies import check_moderator
from bot.i18n import N_
from bot.usecases import auditing, blocking, sealed_blocks
from bot.usecases.blocking import BlockForm
from bot.usecases.drafts import Draft
from cogs.foundation.access import actor_of, name_of
from cogs.interaction.forms import form_failed, show_form
from cogs.interaction.people import opening_in, reader, rules_and_actor
from cogs.interaction.replies import defer, tell_saved
from cogs.interaction.routing import Control, control, form_values
from cogs.interaction.visible import actor_at
from cogs.ui.blocks import SPANS, block_form, done_text, sealed_done_text, unblock_view
from cogs.ui.controls import custom_id, one_of
from cogs.ui.people import person

if TYPE_CHECKING:
    from bot.app import Askwell


class Blocking(commands.Cog):
    """Blocked members."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot

    @app_commands.command(description=N_("Keep a member from posting and voting. They can read."))
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    @app_commands.describe(
        member=N_("Who is blocked"),
        post=N_("Or a post: blocks its author. If it's anonymous, only from posting anonymously."),
        span=N_("How long. The default is 7 days. Blocking again changes the end."),
        reason=N_("Why. The member reads this in their inbox."),
    )
    @app_commands.rename(span="for")
    @app_commands.choices(
        span=[app_commands.Choice(name=name, value=each.value) for each, name in SPANS.items()]
    )
    async def block(
        self,
        interaction: discord.Interaction[Askwell],
        member: discord.User | None = None,
        span: str = BlockSpan.WEEK.value,
        reason: app_commands.Range[str, 0, 200] | None = None,
        post: str | None = None,
    ) -> None:
        """Block a member, also one who has left, or the author of a post."""
        rules, actor = await rules_and_actor(interaction)
        form = BlockForm(one_of(BlockSpan, span), reason or "")
        if member is None:
            post_id = await self._post_meant(actor, post)
            await self._block_author(interaction, post_id, form)
            return
        whom = actor_of(member, actor.guild_id, rules)
        await self._block(interaction, actor, whom, form, person(member.id, name_of(member)))

    async def _block(
        self,
        interaction: discord.Interaction[Askwell],
        actor: Actor,
        whom: Actor,
        form: BlockForm,
        named: str,
    ) -> None:
        now, t = discord.utils.utcnow(), reader(interaction)
        block = await blocking.block_member(self.bot.db, actor, whom, form, now=now)
        text, view = done_text(named, block, t), unblock_view(whom.user_id, t)
        await tell_saved(interaction, text, view=view)

    async def _post_meant(self, actor: Actor, typed: str | None) -> int:
        """The post whose author is meant."""
        if typed is None:
            check_moderator(actor)
            raise Denied(Denial.WHOM_TO_BLOCK)
        return await auditing.post_meant(self.bot.db, actor, typed)

    async def _block_author(
        self, interaction: discord.Interaction[Askwell], post_id: int, form: BlockForm
    ) -> None:
        actor, author = await self._author(interaction, post_id)
        if author.member_id is not None:
            whom = await self._as_now(interaction, author.member_id)
            await defer(interaction)
            named = person(author.member_id, whom.name or author.name)
            await self._block(interaction, actor, whom, form, named)
            return
        await defer(interaction)
        now, t, opening = discord.utils.utcnow(), reader(interaction), opening_in(interaction)
        block = await sealed_blocks.block_author(
            self.bot.db, actor, post_id, form, opening, now=now
        )
        await tell_saved(interaction, sealed_done_text(block, t))

    @app_commands.command(description=N_("Let a blocked member take part again."))
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    @app_commands.describe(
        member=N_("Who may take part again"),
        post=N_("Or a post whose author is blocked"),
    )
    async def unblock(
        self,
        interaction: discord.Interaction[Askwell],
        member: discord.User | None = None,
        post: str | None = None,
    ) -> None:
        """Take a member's block off, or that of a post's author."""
        if member is None:
            _, actor = await rules_and_actor(interaction)
            await self._unblock_author(interaction, await self._post_meant(actor, post))
            return
        await self._unblock(interaction, member.id, person(member.id, name_of(member)))

    @control("unblock")
    async def unblock_clicked(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """The same, from the reply to blocking them."""
        await self._unblock(interaction, wanted.number(0), person(wanted.number(0), ""))

    async def _unblock_author(
        self, interaction: discord.Interaction[Askwell], post_id: int
    ) -> None:
        actor, author = await self._author(interaction, post_id)
        if author.member_id is not None:
            await self._unblock(
                interaction, author.member_id, person(author.member_id, author.name)
            )
            return
        await defer(interaction)
        now, t, opening = discord.utils.utcnow(), reader(interaction), opening_in(interaction)
        await sealed_blocks.unblock_author(self.bot.db, actor, post_id, opening, now=now)
        text = t("If the author of this post was blocked, they can post anonymously again.")
        await tell_saved(interaction, text)

    async def _unblock(
        self, interaction: discord.Interaction[Askwell], user_id: int, named: str
    ) -> None:
        _, actor = await rules_and_actor(interaction)
        now, t = discord.utils.utcnow(), reader(interaction)
        if await blocking.unblock_member(self.bot.db, actor, user_id, now=now):
            text = t("{member} can take part again.", member=named)
        else:
            text = t("{member} isn't blocked.", member=named)
        await tell_saved(interaction, text)

    @control("report.block")
    async def author_meant(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Ask for how long a reported post's author is to be blocked, and why."""
        await self._author(interaction, wanted.number(0))
        await show_form(interaction, block_form(wanted.number(0), {}, reader(interaction)))

    @control("block.form")
    async def author_blocked(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Block a reported post's author."""
        values, post_id = form_values(interaction), wanted.number(0)
        try:
            chosen = values.get("span") or [""]
            form = BlockForm(one_of(BlockSpan, chosen[0]), str(values.get("reason", "")))
            await self._block_author(interaction, post_id, form)
        except Exception as error:
            await form_failed(interaction, error, Draft(custom_id("block.form", post_id), values))

    async def _author(
        self, interaction: discord.Interaction[Askwell], post_id: int
    ) -> tuple[Actor, Author]:
        """The actor, if they are a moderator of the server who can see a post, and its author, who
        may be anonymous. Raises `Denied`; `NotFound(POST)` where its author is unknown."""
        try:
            actor = await actor_at(interaction, post_id, by_name=True)
        except NotFound:
            raise Denied(Denial.NOT_MODERATOR_THERE) from None
        check_moderator(actor)
        author = (await sealed_blocks.post_to_block(self.bot.db, actor, post_id)).author
        if author.member_id is None and not author.is_anonymous:
            raise NotFound(Missing.POST)
        return actor, author

    async def _as_now(self, interaction: discord.Interaction[Askwell], user_id: int) -> Actor:
        """A member as Discord describes them now; the bare id of one who has left."""
        rules, actor = await rules_and_actor(interaction)
        guild = interaction.guild
        try:
            member = await guild.fetch_member(user_id) if guild is not None else None
        except discord.NotFound:
            member = None
        if member is None:
            return Actor(actor.guild_id, user_id)
        return actor_of(member, actor.guild_id, rules)


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Blocking(bot))
