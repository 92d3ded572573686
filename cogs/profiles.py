"""Points and standing: `/profile`, `/leaderboard`, `/points`, `/bonus`, and *Forum profile* on a
member."""

from __future__ import annotations

import asyncio
import io
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands
from discord.ext import commands

from bot.i18n import N_
from bot.usecases import browsing, figures, rewarding
from bot.usecases.rewarding import BONUS_MAX
from cogs.foundation.access import name_of
from cogs.interaction.people import guild_of, reader, rules_and_actor
from cogs.interaction.replies import reply, tell_saved
from cogs.interaction.routing import Control, control
from cogs.interaction.visible import readable_channels
from cogs.ui.charts import line_chart
from cogs.ui.controls import Forged
from cogs.ui.lists import (
    PERIODS,
    board_embed,
    board_view,
    points_embed,
    points_text,
    points_view,
    profile_embed,
    signed,
)
from cogs.ui.people import person

if TYPE_CHECKING:
    from bot.app import Askwell

_SPANS: Final = {"month": timedelta(days=30), "week": timedelta(days=7)}


class Profiles(commands.Cog):
    """What members have earned."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot
        self.menu = app_commands.guild_only(
            app_commands.ContextMenu(name=N_("Forum profile"), callback=self.show_of_member)
        )

    async def cog_load(self) -> None:
        """Add the user menu."""
        self.bot.tree.add_command(self.menu)

    async def cog_unload(self) -> None:
        """Remove the user menu."""
        self.bot.tree.remove_command(self.menu.name, type=self.menu.type)

    @app_commands.command(
        description=N_("See a member's points, rank, posts and votes, or your own.")
    )
    @app_commands.guild_only()
    @app_commands.describe(member=N_("Whose profile to show. Leave it out to see your own."))
    async def profile(
        self, interaction: discord.Interaction[Askwell], member: discord.User | None = None
    ) -> None:
        """Show a profile, also of people who left the server."""
        await self._show_profile(interaction, member or interaction.user)

    async def show_of_member(
        self, interaction: discord.Interaction[Askwell], member: discord.User
    ) -> None:
        """Show the profile of the member whose menu was opened."""
        await self._show_profile(interaction, member)

    async def _show_profile(
        self, interaction: discord.Interaction[Askwell], member: discord.User | discord.Member
    ) -> None:
        t, guild_id, db = reader(interaction), guild_of(interaction), self.bot.db
        if member.bot:
            await reply(
                interaction, t("Bots don't take part in the forum, so they don't have a profile.")
            )
            return
        rules = await browsing.rules_of(db, guild_id)
        own = member.id == interaction.user.id
        channels = None if own else readable_channels(interaction)
        embed = profile_embed(
            await browsing.profile(db, guild_id, member.id, channels=channels),
            name_of(member),
            member.display_avatar.url,
            own=own,
            private_voting=rules.private_voting,
            t=t,
        )
        curve = await figures.points_curve(db, guild_id, member.id, channels=channels)
        files: list[discord.File] = []
        if len(curve) > 1:
            embed.set_image(url="attachment://points.png")
            picture = await asyncio.to_thread(line_chart, t("Points over time"), curve, t)
            files.append(discord.File(io.BytesIO(picture), "points.png"))
        await reply(interaction, embed=embed, files=files)

    @app_commands.command(description=N_("See who has earned the most points here."))
    @app_commands.guild_only()
    @app_commands.describe(period=N_("All-time points, or only those from recent days"))
    @app_commands.choices(
        period=[app_commands.Choice(name=label, value=name) for name, label in PERIODS.items()]
    )
    async def leaderboard(
        self, interaction: discord.Interaction[Askwell], period: str = "all"
    ) -> None:
        """Show the first page of a leaderboard."""
        await self._show_board(interaction, period, 0)

    @control("board")
    async def turn_board(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Show another page, or another period."""
        await self._show_board(interaction, wanted.word(0), wanted.page(1), update=True)

    async def _show_board(
        self,
        interaction: discord.Interaction[Askwell],
        period: str,
        page: int,
        *,
        update: bool = False,
    ) -> None:
        if period not in PERIODS:
            raise Forged(f"no such period: {period}")
        span = _SPANS.get(period)
        board = await browsing.leaderboard(
            self.bot.db,
            guild_of(interaction),
            interaction.user.id,
            since=discord.utils.utcnow() - span if span else None,
            page=page,
        )
        t = reader(interaction)
        await reply(
            interaction,
            embed=board_embed(board, period, page, interaction.user.id, t),
            view=board_view(board, period, page, t),
            update=update,
        )

    @app_commands.command(description=N_("See where each of your points came from."))
    @app_commands.guild_only()
    async def points(self, interaction: discord.Interaction[Askwell]) -> None:
        """Show the member's own latest points."""
        await self._show_points(interaction, 0)

    @control("points")
    async def turn_points(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Show another page of the clicking member's own points, whoever the message was for."""
        await self._show_points(interaction, wanted.page(0), update=True)

    async def _show_points(
        self, interaction: discord.Interaction[Askwell], page: int, *, update: bool = False
    ) -> None:
        guild_id, t = guild_of(interaction), reader(interaction)
        channels = readable_channels(interaction)
        found = await browsing.points_history(
            self.bot.db, guild_id, interaction.user.id, channels=channels, page=page
        )
        await reply(
            interaction,
            embed=points_embed(guild_id, found, page, t),
            view=points_view(found, page, t),
            update=update,
        )

    @app_commands.command(
        description=N_("Give a member bonus points, on top of what their posts earn.")
    )
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.describe(
        member=N_("Who gets them"),
        points=N_("How many. Use a minus to take points away."),
        reason=N_("What the points are for. The member sees this in /points."),
    )
    async def bonus(
        self,
        interaction: discord.Interaction[Askwell],
        member: discord.User,
        points: app_commands.Range[int, -BONUS_MAX, BONUS_MAX],
        reason: app_commands.Range[str, 1, 200] | None = None,
    ) -> None:
        """Give a bonus."""
        t = reader(interaction)
        _, actor = await rules_and_actor(interaction)
        if member.bot:
            await reply(
                interaction, t("Bots don't take part in the forum, so they don't have points.")
            )
            return
        shown = await rewarding.give_bonus(
            self.bot.db,
            actor,
            rewarding.BonusForm(member.id, points, reason or ""),
            origin_id=interaction.id,
            now=discord.utils.utcnow(),
        )
        who = person(member.id, name_of(member))
        named = {"member": who, "points": points_text(shown, t)}
        text = t("{bonus} for {member}, who now has {points}.", bonus=signed(points, t), **named)
        await tell_saved(interaction, text)


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Profiles(bot))
