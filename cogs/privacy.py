"""`/privacy`: what is kept in a server and why, what is kept of a member, and erasing it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.erasures import same_name
from bot.domain.text import show_line
from bot.i18n import N_
from bot.usecases import browsing, forgetting, own_data
from cogs.foundation.access import name_of
from cogs.interaction.forms import show_form
from cogs.interaction.people import guild_of, reader, seal_in
from cogs.interaction.replies import defer, reply
from cogs.interaction.routing import Control, control, form_values
from cogs.ui.help import command_mention
from cogs.ui.own_data import files_of
from cogs.ui.policy import Circumstances, contact_text, policy_embed
from cogs.ui.privacy import TEXTS, erased_text, erasing_embed, erasing_form, erasing_view

if TYPE_CHECKING:
    from bot.app import Askwell


class Privacy(commands.Cog):
    """A member's own data. Whoever may do nothing else may have it erased."""

    privacy = app_commands.Group(
        name="privacy",
        description=N_("What Askwell keeps of you."),
        allowed_contexts=app_commands.AppCommandContext(guild=True),
        guild_only=True,
    )

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot
        self._exporting = set[tuple[int, int]]()
        self._turn = asyncio.Lock()  # one export at a time: each is in memory as a whole

    @privacy.command(description=N_("Get all that Askwell keeps of you in this server, as files."))
    async def export(self, interaction: discord.Interaction[Askwell]) -> None:
        """Give a member their own data, privately."""
        who = (guild_of(interaction), interaction.user.id)
        if who in self._exporting:
            t = reader(interaction)
            text = t(
                "Your files are already being made. You'll get them in the reply above this one."
            )
            await reply(interaction, text)
            return
        self._exporting.add(who)
        try:
            await defer(interaction)
            async with self._turn:
                await self._export(interaction, who)
        finally:
            self._exporting.discard(who)

    async def _export(
        self, interaction: discord.Interaction[Askwell], who: tuple[int, int]
    ) -> None:
        t, guild = reader(interaction), interaction.guild
        seal, now = seal_in(interaction), discord.utils.utcnow()
        data = await own_data.own_data(
            self.bot.db, *who, seal=seal, sealing=self.bot.sealing, now=now
        )
        name = guild.name if guild is not None else ""
        files = await asyncio.to_thread(files_of, data, name, t)
        text = t("This is all that Askwell keeps of you here. Only you can see it: save the files.")
        if own_data.ANONYMOUS in data or own_data.WAITING in data:
            text += "\n" + t(
                "Your anonymous posts are in it: whoever gets the files knows that they are yours."
            )
        await reply(interaction, text, files=files)

    @privacy.command(description=N_("Read what Askwell keeps in this server, why and how long."))
    async def policy(self, interaction: discord.Interaction[Askwell]) -> None:
        """Say what is kept here, as the server's settings and the process's have it."""
        rules, sealed = await browsing.rules_and_sealed(self.bot.db, guild_of(interaction))
        t, guild, settings = reader(interaction), interaction.guild, self.bot.settings
        owner_id = guild.owner_id if guild is not None else None
        about = Circumstances(
            rules,
            contact_text(settings.operator_contact, owner_id, t),
            on_postgresql=settings.database_path is None,
            command=partial(command_mention, ids=self.bot.command_ids),
            removed_days=settings.removed_servers_days,
            sealed=sealed,
        )
        name = guild.name if guild is not None else ""
        await reply(interaction, embed=policy_embed(about, name, t))

    @privacy.command(description=N_("See what erasing your data in this server would do."))
    async def erase(self, interaction: discord.Interaction[Askwell]) -> None:
        """Show what would go and what would stay."""
        outlook = await forgetting.outlook(self.bot.db, guild_of(interaction), interaction.user.id)
        t, guild = reader(interaction), interaction.guild
        name, anonymous = guild.name if guild is not None else "", self.bot.sealing is not None
        embed = erasing_embed(outlook, name, t, anonymous=anonymous)
        await reply(interaction, embed=embed, view=erasing_view(t))

    @control("privacy.erase")
    async def meant(self, interaction: discord.Interaction[Askwell], _: Control) -> None:
        """Ask for their name."""
        await show_form(interaction, erasing_form(name_of(interaction.user), reader(interaction)))

    @control("privacy.form")
    async def confirmed(self, interaction: discord.Interaction[Askwell], _: Control) -> None:
        """Erase what is kept of whoever typed their name. A wrong one is kept nowhere."""
        t, user, values = reader(interaction), interaction.user, form_values(interaction)
        names = (name_of(user), user.display_name, user.global_name or "", user.name)
        if not same_name(str(values.get("name", "")), names):
            text = t(
                "That isn't your name here, so nothing was erased. It's {name}.",
                name=f"**{show_line(names[0])}**",
            )
            await reply(interaction, text, view=erasing_view(t))
            return
        await defer(interaction)
        who, now = (guild_of(interaction), user.id), discord.utils.utcnow()
        texts = TEXTS in values.get("what", ())
        await forgetting.begin(self.bot.db, *who, texts=texts, now=now)
        await self.bot.erasures.write(now)
        await forgetting.finish(self.bot.db, *who, sealing=self.bot.sealing, now=now)
        later = texts and self.bot.sealing is not None
        await reply(interaction, erased_text(t, later=later), bell=False)


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Privacy(bot))
