"""What was typed into a command while its post is chosen in a select: a custom id has no room for
it, so that the private message that offers the posts carries it. No row has it, since what it is
about may be an anonymous post: see decision 37."""

from __future__ import annotations

from typing import Any, Final

import discord

from bot.domain.typed import one_line
from cogs.interaction.people import reader

CARRIED: Final = 1
"""In a custom id: the message carries what was typed."""


def carry(interaction: discord.Interaction[Any], typed: str) -> discord.Embed | None:
    """What a message shows, and carries, of what was typed; None if nothing was."""
    if not typed.strip():
        return None
    # In a footer no markup works, so that it stands there as it was typed.
    t = reader(interaction)
    return discord.Embed(title=t("What you typed")).set_footer(text=one_line(typed))


def carried(interaction: discord.Interaction[Any], mark: int) -> str:
    """What the clicked message carries by the `mark` in its custom id; "" if it says there is
    nothing."""
    message = interaction.message
    if mark != CARRIED or message is None or not message.embeds:
        return ""
    return message.embeds[-1].footer.text or ""
