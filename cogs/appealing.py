"""Appeals: asking for another look, and deciding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from bot.domain.appeals import About
from bot.domain.errors import Denied
from bot.usecases import appealing, sweeping
from bot.usecases.drafts import Draft
from bot.usecases.sweeping import Sweeper
from cogs.interaction.appeals import judge, read_appeal
from cogs.interaction.forms import form_failed, show_form
from cogs.interaction.people import reader
from cogs.interaction.queue import tell_decided, too_late, wanted_in
from cogs.interaction.replies import defer, replace_clicked, tell_saved
from cogs.interaction.routing import Control, control, form_values
from cogs.interaction.visible import author_at, moderated_channels
from cogs.ui.appeals import appeal_form
from cogs.ui.controls import custom_id
from cogs.ui.help import command_mention

if TYPE_CHECKING:
    from bot.app import Askwell


class Appealing(commands.Cog):
    """Appeals of members, and moderators' decisions about them. Each is refused to whoever may not
    decide it, by what Discord says at that moment, and to whoever comes second."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot

    @control("appeal")
    async def wanted(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Open the form, from the inbox."""
        about, post_id = wanted.one_of(0, About), wanted.number(1) or None
        actor, now = await author_at(interaction, post_id), discord.utils.utcnow()
        what = await appealing.appealable(self.bot.db, actor, about, post_id, now=now)
        form = appeal_form(about, what.post_id, what.number, {}, reader(interaction))
        await show_form(interaction, form)

    @control("appeal.form")
    async def sent(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Keep an appeal, for moderators."""
        values, t = form_values(interaction), reader(interaction)
        try:
            about, post_id = wanted.one_of(0, About), wanted.number(1) or None
            actor = await author_at(interaction, post_id)
            words, now = str(values.get("appeal", "")), discord.utils.utcnow()
            await defer(interaction)
            await appealing.appeal(self.bot.db, actor, about, post_id, words, now=now)
        except Exception as error:
            form = custom_id("appeal.form", *wanted.arguments)
            await form_failed(interaction, error, Draft(form, values))
            return
        inbox = command_mention("inbox", self.bot.command_ids)
        text = t(
            "Sent. Another moderator will look at it. You'll read the outcome in {inbox}.",
            inbox=inbox,
        )
        await tell_saved(interaction, text)

    @control("appeal.read")
    async def read(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Show an appeal to somebody who may decide it."""
        await read_appeal(interaction, wanted.number(0))

    @control("appeal.stands")
    async def stands(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Leave what was decided as it is."""
        await self._decide(interaction, wanted, undo=False)

    @control("appeal.undo")
    async def undone(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Do the reverse of what was decided."""
        await self._decide(interaction, wanted, undo=True)

    async def _decide(
        self, interaction: discord.Interaction[Askwell], wanted: Control, *, undo: bool
    ) -> None:
        t, queued = reader(interaction), len(wanted.arguments) > 1
        if queued:
            replace_clicked(interaction)
        actor, _, others = await judge(interaction, wanted.number(0))
        who = Sweeper(actor, await moderated_channels(interaction))
        now = discord.utils.utcnow()
        try:
            done = await appealing.decide(
                self.bot.db, who, wanted.number(0), undo=undo, others=others, now=now
            )
        except Denied as refusal:
            if not queued:
                raise
            said = too_late(refusal, t)
        else:
            said = t("Undone. The author reads it in their inbox.")
            if not undo:
                said = t("It stands. The author reads it in their inbox.")
            if done.sweep is not None:
                await sweeping.finish(self.bot.db, done.sweep, now=now)
        if queued:
            place = wanted_in(wanted, 1)
            await tell_decided(interaction, *place, said)
        else:
            await tell_saved(interaction, said)


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Appealing(bot))
