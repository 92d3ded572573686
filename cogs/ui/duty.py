"""What is said about duty: who is on, and what keeps the bot from giving a role."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import discord

from bot.domain.text import fitting
from bot.i18n import N_, Texts
from bot.usecases.duty import OnDuty
from cogs.foundation.duty import RoleTrouble
from cogs.ui.people import person

_TROUBLES: Final = {
    RoleTrouble.GONE: N_("⚠️ The role for those on duty no longer exists. Choose another one."),
    RoleTrouble.NOT_ALLOWED: N_("⚠️ I need *Manage Roles* to give {role} to those on duty."),
    RoleTrouble.TOO_HIGH: N_(
        "⚠️ I can't give {role} to those on duty, because it's above my own role. Move mine up in "
        "*Server Settings* > *Roles*."
    ),
    RoleTrouble.MANAGED: N_("⚠️ Discord doesn't let me give {role}. Choose another role."),
    RoleTrouble.TOO_MIGHTY: N_(
        "⚠️ I don't give {role} to those on duty, because it can moderate or manage. Choose a role "
        "without such permissions."
    ),
    RoleTrouble.DISCORD: N_("⚠️ Discord didn't change the role {role} just now."),
}


def trouble_text(trouble: RoleTrouble, role_id: int | None, t: Texts) -> str:
    """What keeps the bot from giving the role of those on duty."""
    return t(_TROUBLES[trouble], role=f"<@&{role_id}>")


def on_duty_text(people: Sequence[OnDuty], t: Texts) -> str:
    """Who is on duty."""
    if not people:
        return t("Nobody is on duty right now. Go on duty with /duty `state:on`.")
    lines = [
        f"- {person(each.user_id, each.name)} · {discord.utils.format_dt(each.since, 'R')}"
        for each in people
    ]
    return fitting([t("On duty now, the longest first:"), *lines], 2000, "\n")
