"""The forms of the wizard."""

from __future__ import annotations

from typing import Any

import discord

from bot.domain.rules import Rules
from bot.i18n import Texts
from cogs.ui.controls import custom_id
from cogs.ui.setup import ReportsState, default_values


def called_form(state: ReportsState, t: Texts) -> discord.ui.Modal:
    """The form of the role that is called with each new report."""
    form = discord.ui.Modal(
        title=t("Role for reports")[:45], custom_id=custom_id("setup.called.form")
    )
    select: discord.ui.RoleSelect[Any] = discord.ui.RoleSelect(
        custom_id="role",
        required=False,
        min_values=0,
        default_values=default_values(state.role_id, "role"),
    )
    about = t("Mentioned with each new report. Leave it empty to mention nobody.")
    label = discord.ui.Label(text=t("Role")[:45], description=about[:100], component=select)
    form.add_item(label)
    return form


def emoji_form(rules: Rules, preset: str, t: Texts) -> discord.ui.Modal:
    """The form of the two vote emoji, filled with the current ones."""
    form = discord.ui.Modal(
        title=t("Vote emoji")[:45], custom_id=custom_id("setup.emoji.form", preset)
    )
    for name, label, setting in (
        ("up", t("Upvote emoji"), "vote_up_emoji"),
        ("down", t("Downvote emoji"), "vote_down_emoji"),
    ):
        field: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id=name, default=rules.text(setting), min_length=1, max_length=60
        )
        form.add_item(discord.ui.Label(text=label[:45], component=field))
    return form
