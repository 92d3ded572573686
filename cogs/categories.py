"""`/category`: the categories of a server's questions, and the forum tags that stand for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.actors import Actor
from bot.domain.cards import Category
from bot.domain.errors import Missing, NotFound
from bot.domain.policies import check_manager
from bot.domain.text import show_line
from bot.i18n import N_, Texts
from bot.usecases import browsing, categories
from cogs._choices import Choices, category_choices
from cogs._forum_tags import TagTrouble
from cogs._interaction import defer, reader, reply, rules_and_actor
from cogs._routing import Control, add_cog, control
from cogs._server import acknowledge_click, check_emoji, server_of
from cogs.ui.lists import categories_embed, removal_view
from cogs.ui.modals import category_label

if TYPE_CHECKING:
    from bot.app import Askwell

_Name = app_commands.Range[str, 1, categories.NAME_MAX]
_Description = app_commands.Range[str, 1, categories.DESCRIPTION_MAX]


class Categories(commands.Cog):
    """Categories."""

    category = app_commands.Group(
        name="category",
        description=N_("The categories of questions."),
        allowed_contexts=app_commands.AppCommandContext(guild=True),
        default_permissions=discord.Permissions(manage_guild=True),
        guild_only=True,
    )

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot

    async def _manager(self, interaction: discord.Interaction[Askwell]) -> Actor:
        _, actor = await rules_and_actor(interaction)
        check_manager(actor)
        return actor

    @category.command(description=N_("Add a category."))
    @app_commands.describe(
        name=N_("Its name, at most 20 characters: it becomes a tag of the forum"),
        parent=N_("The category it belongs below"),
        emoji=N_("An emoji that stands for it"),
        description=N_("What belongs there, in a few words"),
    )
    async def add(
        self,
        interaction: discord.Interaction[Askwell],
        name: _Name,
        parent: str | None = None,
        emoji: str | None = None,
        description: _Description | None = None,
    ) -> None:
        """Add a category and its forum tag."""
        actor, guild = await self._manager(interaction), server_of(interaction)
        await defer(interaction)
        if emoji:
            await check_emoji(guild, emoji, "emoji")
        above = await self._named(guild.id, parent) if parent else None
        await categories.add_category(
            self.bot.db,
            actor,
            name,
            parent_id=above.category_id if above else None,
            emoji=emoji or "",
            description=description or "",
            now=discord.utils.utcnow(),
        )
        t = reader(interaction)
        done = t("The category {name} is there now.", name=f"**{show_line(name)}**")
        await self._done(interaction, guild, done)

    @category.command(name="list", description=N_("All categories, with their questions."))
    async def all(self, interaction: discord.Interaction[Askwell]) -> None:
        """List the categories."""
        actor = await self._manager(interaction)
        known = await browsing.categories_of(self.bot.db, actor.guild_id)
        await reply(interaction, embed=categories_embed(known, reader(interaction)))

    @category.command(
        description=N_("Give a category another name; or another emoji or description.")
    )
    @app_commands.describe(
        category=N_("Which category"),
        name=N_("Its new name, at most 20 characters"),
        emoji=N_("Another emoji"),
        description=N_("Another description"),
    )
    async def rename(
        self,
        interaction: discord.Interaction[Askwell],
        category: str,
        name: _Name | None = None,
        emoji: str | None = None,
        description: _Description | None = None,
    ) -> None:
        """Change a category; its forum tag and the cards of its questions follow."""
        actor, guild = await self._manager(interaction), server_of(interaction)
        await defer(interaction)
        if emoji:
            await check_emoji(guild, emoji, "emoji")
        found = await self._named(guild.id, category)
        t, old = reader(interaction), f"**{show_line(found.name)}**"
        if name is None and emoji is None and description is None:
            await reply(interaction, t("Say what should change: name, emoji or description."))
            return
        await categories.change_category(
            self.bot.db,
            actor,
            found.category_id,
            name=name,
            emoji=emoji,
            description=description,
            now=discord.utils.utcnow(),
        )
        if name is None:
            done = t("The category {name} is changed.", name=old)
        else:
            new = f"**{show_line(name)}**"
            done = t("The category {old} is called {new} now.", old=old, new=new)
        await self._done(interaction, guild, done)

    @category.command(description=N_("Remove a category; its questions stay."))
    @app_commands.describe(category=N_("Which category"))
    async def remove(self, interaction: discord.Interaction[Askwell], category: str) -> None:
        """Remove a category; where it has questions, ask once more."""
        actor, guild = await self._manager(interaction), server_of(interaction)
        found = await self._named(guild.id, category)
        found = await categories.category_to_remove(self.bot.db, actor, found.category_id)
        if not found.questions:
            await defer(interaction)
            await self._remove(interaction, actor, guild, found.category_id)
            return
        t = reader(interaction)
        await reply(
            interaction,
            t.plural(
                "{name} has {n} question. {fate} Remove it?",
                "{name} has {n} questions. {fate} Remove it?",
                found.questions,
                name=f"**{show_line(found.name)}**",
                fate=_fate(found, t),
            ),
            view=removal_view(found.category_id, t),
        )

    @control("category.remove")
    async def confirmed(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Remove a category with questions."""
        actor, guild = await self._manager(interaction), server_of(interaction)
        category_id = wanted.number(0)
        await categories.category_to_remove(self.bot.db, actor, category_id)
        await acknowledge_click(interaction)
        await self._remove(interaction, actor, guild, category_id)

    async def _remove(
        self,
        interaction: discord.Interaction[Askwell],
        actor: Actor,
        guild: discord.Guild,
        category_id: int,
    ) -> None:
        now = discord.utils.utcnow()
        removed = await categories.remove_category(self.bot.db, actor, category_id, now=now)
        t = reader(interaction)
        done = t("The category {name} is removed.", name=f"**{show_line(removed.name)}**")
        if removed.questions:
            done += " " + _fate(removed, t)
        gone = [removed.forum_tag_id] if removed.forum_tag_id else []
        await self._done(interaction, guild, done, gone)

    async def _named(self, guild_id: int, typed: str) -> Category:
        """The category that was chosen from the list, or typed with its full or bare name."""
        known = await browsing.categories_of(self.bot.db, guild_id)
        wanted = typed.strip().casefold()
        for matches in (
            [c for c in known if str(c.category_id) == wanted],
            [c for c in known if category_label(c).casefold() == wanted],
            [c for c in known if c.name.casefold() == wanted],
        ):
            if len(matches) == 1:
                return matches[0]
        raise NotFound(Missing.CATEGORY)

    async def _done(
        self,
        interaction: discord.Interaction[Askwell],
        guild: discord.Guild,
        done: str,
        gone: list[int] | None = None,
    ) -> None:
        """Bring the forum's tags up to date, and say what came of everything."""
        t = reader(interaction)
        outcome = await self.bot.forum_tags.update(guild, gone=gone or ())
        match outcome.trouble:
            case None:
                pass
            case TagTrouble.NOT_ALLOWED:
                done += "\n" + t(
                    "I couldn't change the forum's tags: for that I need the permission *Manage "
                    "Channels*. All else works."
                )
            case TagTrouble.FULL:
                names = ", ".join(show_line(name) for name in outcome.left_out)
                done += "\n" + t(
                    "A forum has at most 20 tags, so these have none: {names}", names=names
                )
            case TagTrouble.DISCORD:
                done += "\n" + t(
                    "Discord did not take the forum's tags just now; /setup tries again."
                )
        await reply(interaction, done)

    @add.autocomplete("parent")
    @rename.autocomplete("category")
    @remove.autocomplete("category")
    async def suggest(self, interaction: discord.Interaction[Askwell], typed: str) -> Choices:
        """Offer categories."""
        return await category_choices(interaction, typed)


def _fate(category: Category, t: Texts) -> str:
    """What becomes of the questions of a category that goes."""
    if category.path:
        return t("They move to {name}.", name=f"**{show_line(category.path[-1])}**")
    return t("They stay, without a category.")


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await add_cog(bot, Categories(bot))
