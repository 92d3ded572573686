"""`/help` and `/about`."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.actors import Actor
from bot.domain.policies import check_manager, check_moderator
from bot.i18n import N_
from bot.usecases import browsing
from cogs.foundation.preflight import invite_url
from cogs.interaction.people import guild_of, reader, rules_and_actor
from cogs.interaction.replies import reply
from cogs.interaction.routing import Control, control
from cogs.ui.help import (
    Audience,
    CommandLine,
    about_embed,
    audience_embed,
    help_embed,
    help_view,
    of_anonymous_posts,
)
from cogs.ui.policy import contact_text

if TYPE_CHECKING:
    from bot.app import Askwell

# The most used commands come first; those not listed here follow by name.
_FIRST: Final = (
    "ask", "answer", "comment", "vote", "best", "search", "questions", "categories", "tags",
    "edit", "retag", "move", "delete", "history", "close", "reopen", "profile", "leaderboard",
    "points", "follow", "unfollow", "inbox", "notifications", "privacy", "help", "about", "queue",
    "tag", "setup", "settings", "category", "bonus", "recount",
)  # fmt: skip


class Help(commands.Cog):
    """Help about the bot."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot

    @app_commands.command(description=N_("See how the forum works and all its commands."))
    @app_commands.guild_only()
    async def help(self, interaction: discord.Interaction[Askwell]) -> None:
        """Show the server's welcome, how it works, and the commands for everybody."""
        await self._show(interaction, Audience.MEMBERS)

    @control("how")
    async def how(self, interaction: discord.Interaction[Askwell], _: Control) -> None:
        """The same, from the how-to in the question channel."""
        await self._show(interaction, Audience.MEMBERS)

    @control("help")
    async def turn(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Show the commands for moderators or managers, to those who are."""
        await self._show(interaction, wanted.one_of(0, Audience), update=True)

    async def _show(
        self,
        interaction: discord.Interaction[Askwell],
        audience: Audience,
        *,
        update: bool = False,
    ) -> None:
        rules, actor = await rules_and_actor(interaction)
        t, ids, tree = reader(interaction), self.bot.command_ids, self.bot.tree
        lines, audiences = list(command_lines(tree)), _audiences(actor)
        if audience is Audience.MODERATORS:
            check_moderator(actor)
        elif audience is Audience.MANAGERS:
            check_manager(actor)
        if audience is Audience.MEMBERS:
            menus = list(menu_names(tree))
            embed = help_embed(rules, lines, menus, ids, manages=actor.is_manager, t=t)
        else:
            embed = audience_embed(audience, lines, ids, t)
        is_set_up = rules.channel_id is not None
        view = help_view(audience, audiences, lines, t, is_set_up=is_set_up)
        await reply(interaction, embed=embed, view=view, update=update)

    @app_commands.command(description=N_("See what Askwell is and what it stores."))
    @app_commands.guild_only()
    async def about(self, interaction: discord.Interaction[Askwell]) -> None:
        """Describe the bot."""
        invitation = invite_url(self.bot.application_id) if self.bot.application_id else ""
        t, guild = reader(interaction), interaction.guild
        owner_id = guild.owner_id if guild is not None else None
        contact = contact_text(self.bot.settings.operator_contact, owner_id, t)
        rules, sealed = await browsing.rules_and_sealed(self.bot.db, guild_of(interaction))
        anonymous = of_anonymous_posts(rules, t, sealed=sealed)
        known = (_version(), self.bot.command_ids, invitation, contact)
        embed = about_embed(*known, t, anonymous=anonymous)
        await reply(interaction, embed=embed)


def command_lines(tree: app_commands.CommandTree[Any]) -> Iterator[CommandLine]:
    """Every command of the tree, with each subcommand on its own, in the order of `/help`."""
    order = {name: place for place, name in enumerate(_FIRST)}
    roots = sorted(
        tree.get_commands(type=discord.AppCommandType.chat_input),
        key=lambda root: (order.get(root.name, len(order)), root.name),
    )
    for root in roots:
        audience = _audience(root.default_permissions)
        each = root.walk_commands() if isinstance(root, app_commands.Group) else [root]
        for command in each:
            if isinstance(command, app_commands.Command):
                yield CommandLine(command.qualified_name, command.description, audience)


def _audience(permissions: discord.Permissions | None) -> Audience:
    if permissions is None:
        return Audience.MEMBERS
    return Audience.MANAGERS if permissions.manage_guild else Audience.MODERATORS


def _audiences(actor: Actor) -> set[Audience]:
    audiences = {Audience.MEMBERS}
    if actor.is_moderator:
        audiences.add(Audience.MODERATORS)
    if actor.is_manager:
        audiences.add(Audience.MANAGERS)
    return audiences


def menu_names(tree: app_commands.CommandTree[Any]) -> Iterator[str]:
    """The entries in the menus of messages and members."""
    for kind in (discord.AppCommandType.message, discord.AppCommandType.user):
        for menu in tree.get_commands(type=kind):
            yield menu.name


def _version() -> str:
    try:
        return version("askwell")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return ""


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Help(bot))
