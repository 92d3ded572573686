"""`/category`: the categories of a server's questions, and their forum tags."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.actors import Actor
from bot.domain.cards import Category
from bot.domain.errors import Missing, NotFound
from bot.domain.policies import check_manager
from bot.domain.text import show_line
from bot.i18n import N_, Texts
from bot.usecases import browsing, categories, publishing
from bot.usecases.categories import Part
from cogs.interaction.choices import Choices, matching_categories
from cogs.interaction.people import reader, rules_and_actor
from cogs.interaction.replies import defer, reply, tell_saved
from cogs.interaction.routing import Control, control
from cogs.interaction.visible import readable_channels
from cogs.managing.server import (
    QuestionChannelOption,
    acknowledge_click,
    asking_role,
    check_emoji,
    home_problems,
    question_channel,
    server_of,
)
from cogs.ui.homes import home_text, problem_lines, role_text, tags_text
from cogs.ui.lists import categories_embed, categories_pages, removal_view
from cogs.ui.modals import category_label

if TYPE_CHECKING:
    from bot.app import Askwell

_Name = app_commands.Range[str, 1, categories.NAME_MAX]
_Description = app_commands.Range[str, 1, categories.DESCRIPTION_MAX]
_Channel = app_commands.Transform[int, QuestionChannelOption]
_TOP, _NO_PARENT = "0", N_("No parent category")
_PARTS: Final = {
    Part.CHANNEL: N_("channel"),
    Part.ROLE: N_("who can ask"),
    Part.EMOJI: N_("emoji"),
    Part.DESCRIPTION: N_("description"),
}


class Categories(commands.Cog):
    """Categories."""

    category = app_commands.Group(
        name="category",
        description=N_("Manage question categories."),
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
        name=N_("Name, up to 20 characters. It becomes a tag in the forum."),
        parent=N_("Parent category"),
        emoji=N_("An emoji for the category"),
        description=N_("What belongs here, in a few words"),
        channel=N_("A separate text or forum channel for its questions"),
        role=N_("The role that can ask here, besides moderators"),
    )
    async def add(
        self,
        interaction: discord.Interaction[Askwell],
        name: _Name,
        parent: str | None = None,
        emoji: str | None = None,
        description: _Description | None = None,
        channel: _Channel | None = None,
        role: discord.Role | None = None,
    ) -> None:
        """Add a category and its forum tag."""
        # More parameters than a function should have: they are the command's options.
        actor, guild = await self._manager(interaction), server_of(interaction)
        home_id, role_id = await _checked(interaction, channel, role, emoji)
        above = await self._named(guild.id, parent) if parent else None
        await defer(interaction)
        category_id = await categories.add_category(
            self.bot.db,
            actor,
            name,
            categories.CategoryForm(
                parent_id=above.category_id if above else None,
                emoji=emoji or "",
                description=description or "",
                channel_id=home_id,
                role_id=role_id,
            ),
            now=discord.utils.utcnow(),
        )
        t = reader(interaction)
        done = t("Added {name}.", name=f"**{show_line(name)}**")
        touched = {Part.CHANNEL: home_id, Part.ROLE: role_id}
        await self._done(interaction, guild, done, category_id, touched)

    @category.command(
        name="list", description=N_("List all categories and how many questions they have.")
    )
    async def all(self, interaction: discord.Interaction[Askwell]) -> None:
        """List all categories, with their numbers of questions that the manager can read."""
        await self._list(interaction, 0)

    @control("category.list")
    async def turned(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Turn to another page of the categories."""
        await self._list(interaction, wanted.page(0), update=True)

    async def _list(
        self, interaction: discord.Interaction[Askwell], page: int, *, update: bool = False
    ) -> None:
        actor, t = await self._manager(interaction), reader(interaction)
        known = await browsing.counted_categories(
            self.bot.db,
            actor.guild_id,
            channels=readable_channels(interaction),
            reader_id=actor.user_id,
        )
        view = categories_pages("category.list", known, page, t)
        await reply(interaction, embed=categories_embed(known, page, t), view=view, update=update)

    @category.command(description=N_("Change a category: its name, channel, who can ask and more."))
    @app_commands.describe(
        category=N_("Which category"),
        name=N_("New name, up to 20 characters"),
        emoji=N_("New emoji"),
        description=N_("New description"),
        channel=N_("Another text or forum channel for new questions"),
        role=N_(
            "The role that can ask here, besides moderators. Pick @everyone to let everyone ask."
        ),
        parent=N_("New parent category. Subcategories move along."),
        before=N_("Place it before this category (must have the same parent)"),
    )
    async def change(
        self,
        interaction: discord.Interaction[Askwell],
        category: str,
        name: _Name | None = None,
        emoji: str | None = None,
        description: _Description | None = None,
        channel: _Channel | None = None,
        role: discord.Role | None = None,
        parent: str | None = None,
        before: str | None = None,
    ) -> None:
        """Change a category; its forum tag and the cards of its questions follow."""
        # More parameters than a function should have: they are the command's options.
        actor, guild = await self._manager(interaction), server_of(interaction)
        home_id, role_id = await _checked(interaction, channel, role, emoji)
        found = await self._named(guild.id, category)
        t = reader(interaction)
        given = (name, emoji, description, home_id, role_id, parent, before)
        if all(each is None for each in given):
            await _ask_what_to_change(interaction)
            return
        above = await self._parent(guild.id, parent, t)
        below = await self._named(guild.id, before) if before else None
        await defer(interaction)
        form = categories.CategoryForm(
            emoji=emoji,
            description=description,
            channel_id=home_id,
            role_id=role_id,
            parent_id=above,
            before_id=below.category_id if below else None,
        )
        await categories.change_category(
            self.bot.db, actor, found.category_id, form, name=name, now=discord.utils.utcnow()
        )
        done = _changed_text(found.name, name, t)
        # If it was moved, it may have the channel and the role of another parent.
        touched = {Part.CHANNEL: home_id or parent, Part.ROLE: role_id or parent}
        await self._done(interaction, guild, done, found.category_id, touched)

    @category.command(description=N_("Reset a category's channel, role, emoji or description."))
    @app_commands.describe(category=N_("Which category"), part=N_("What to reset"))
    @app_commands.choices(
        part=[app_commands.Choice(name=name, value=part.value) for part, name in _PARTS.items()]
    )
    async def reset(
        self, interaction: discord.Interaction[Askwell], category: str, part: str
    ) -> None:
        """Reset parts of a category, so that its parent's channel and role apply."""
        actor, guild = await self._manager(interaction), server_of(interaction)
        found, what = await self._named(guild.id, category), Part(part)
        now = discord.utils.utcnow()
        await defer(interaction)
        await categories.reset_category(self.bot.db, actor, found.category_id, what, now=now)
        t = reader(interaction)
        done = t("Saved your changes to {name}.", name=f"**{show_line(found.name)}**")
        await self._done(interaction, guild, done, found.category_id, {what: True})

    @category.command(description=N_("Remove a category. Its questions stay."))
    @app_commands.describe(category=N_("Which category"))
    async def remove(self, interaction: discord.Interaction[Askwell], category: str) -> None:
        """Remove a category; if it has questions, ask for confirmation."""
        actor, guild = await self._manager(interaction), server_of(interaction)
        found = await self._named(guild.id, category)
        channels = readable_channels(interaction)
        found = await categories.category_to_remove(
            self.bot.db, actor, found.category_id, channels=channels
        )
        if not found.questions:
            await defer(interaction)
            await self._remove(interaction, actor, guild, found.category_id)
            return
        t = reader(interaction)
        named, fate = f"**{show_line(found.name)}**", _fate(found, t)
        text = t.plural(
            "Remove {name}? It has {n} question. {fate}",
            "Remove {name}? It has {n} questions. {fate}",
            found.questions,
            name=named,
            fate=fate,
        )
        await reply(interaction, text, view=removal_view(found.category_id, t))

    @control("category.remove")
    async def confirmed(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Remove a category with questions."""
        actor, guild = await self._manager(interaction), server_of(interaction)
        category_id = wanted.number(0)
        channels = readable_channels(interaction)
        await categories.category_to_remove(self.bot.db, actor, category_id, channels=channels)
        await acknowledge_click(interaction)
        await self._remove(interaction, actor, guild, category_id)

    async def _remove(
        self,
        interaction: discord.Interaction[Askwell],
        actor: Actor,
        guild: discord.Guild,
        category_id: int,
    ) -> None:
        now, channels = discord.utils.utcnow(), readable_channels(interaction)
        removed = await categories.remove_category(
            self.bot.db, actor, category_id, channels=channels, now=now
        )
        t = reader(interaction)
        done = t("Removed {name}.", name=f"**{show_line(removed.name)}**")
        if removed.questions:
            done += " " + _fate(removed, t)
        gone = [removed.forum_tag_id] if removed.forum_tag_id else []
        await self._done(interaction, guild, done, gone=gone)

    async def _named(self, guild_id: int, typed: str) -> Category:
        """The category that was chosen from the list, or typed by its full or bare name."""
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

    async def _parent(self, guild_id: int, typed: str | None, t: Texts) -> int | None:
        """The row of the chosen parent, 0 for none; None if nothing was typed."""
        if typed is None:
            return None
        if typed.casefold() in (_TOP, t(_NO_PARENT).casefold()):
            return 0
        return (await self._named(guild_id, typed)).category_id

    async def _done(
        self,
        interaction: discord.Interaction[Askwell],
        guild: discord.Guild,
        done: str,
        category_id: int | None = None,
        touched: Mapping[Part, object] | None = None,
        *,
        gone: Collection[int] = (),
    ) -> None:
        """Update the forums' tags, and report the outcome: for a category, its channel and role if
        they were `touched`, and what is wrong with them."""
        t, db = reader(interaction), self.bot.db
        outcome = await self.bot.forum_tags.update(guild, gone=gone)
        known = await browsing.categories_of(db, guild.id)
        for category in known:
            if category.category_id == category_id and touched:
                done += await self._how_it_is(guild, category, touched, t)
        done += tags_text(outcome, t)
        await tell_saved(interaction, done)

    async def _how_it_is(
        self, guild: discord.Guild, category: Category, touched: Mapping[Part, object], t: Texts
    ) -> str:
        lines: list[str] = []
        if touched.get(Part.CHANNEL):
            # Questions that had no channel can be shown now.
            await publishing.retry_failures(self.bot.db, guild.id, discord.utils.utcnow())
            rules = await browsing.rules_of(self.bot.db, guild.id)
            lines.append(home_text(category, rules.channel_id, t))
        if touched.get(Part.ROLE):
            lines.append(role_text(category, t))
        problems = home_problems(guild, [category])
        lines += problem_lines(problems, self.bot.command_ids, t)
        return "".join(f"\n{line}" for line in lines if line)

    async def _offered(self, interaction: discord.Interaction[Askwell], typed: str) -> Choices:
        """All categories, also those whose channel the manager can't read."""
        known = await browsing.categories_of(self.bot.db, server_of(interaction).id)
        return matching_categories(known, typed)

    @add.autocomplete("parent")
    @change.autocomplete("before")
    @change.autocomplete("category")
    @reset.autocomplete("category")
    @remove.autocomplete("category")
    async def suggest(self, interaction: discord.Interaction[Askwell], typed: str) -> Choices:
        """Offer all categories."""
        return await self._offered(interaction, typed)

    @change.autocomplete("parent")
    async def suggest_parent(
        self, interaction: discord.Interaction[Askwell], typed: str
    ) -> Choices:
        """Offer all categories, and none."""
        none = reader(interaction)(_NO_PARENT)
        offered = (await self._offered(interaction, typed))[:24]
        if typed.casefold() in none.casefold():
            offered.append(app_commands.Choice(name=none, value=_TOP))
        return offered


async def _checked(
    interaction: discord.Interaction[Askwell],
    channel_id: int | None,
    role: discord.Role | None,
    emoji: str | None,
) -> tuple[int | None, int | None]:
    """The ids of a category's new channel and role, after checking them and the emoji. Raises
    `Invalid`."""
    guild = server_of(interaction)
    home = question_channel(interaction, channel_id, "channel") if channel_id else None
    asking = asking_role(guild, role.id, "role") if role else None
    if emoji:
        await check_emoji(guild, emoji, "emoji")
    return home.id if home else None, asking.id if asking else None


async def _ask_what_to_change(interaction: discord.Interaction[Askwell]) -> None:
    t = reader(interaction)
    text = t(
        "Please choose what to change: name, emoji, description, channel, role, parent or position."
    )
    await reply(interaction, text)


def _changed_text(old: str, new: str | None, t: Texts) -> str:
    if new is None:
        return t("Saved your changes to {name}.", name=f"**{show_line(old)}**")
    return t("Renamed {old} to {new}.", old=f"**{show_line(old)}**", new=f"**{show_line(new)}**")


def _fate(category: Category, t: Texts) -> str:
    """What happens to the questions of a category that is removed."""
    if category.path:
        return t("Its questions move to {name}.", name=f"**{show_line(category.path[-1])}**")
    return t("Its questions stay, but without a category.")


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Categories(bot))
