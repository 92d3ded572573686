"""What `/setup` says about Discord's AutoMod."""

from __future__ import annotations

from bot.domain.text import shorten, show_line
from bot.i18n import Texts
from cogs.foundation.automod import AutoModState

_NAMES = 300  # characters


def automod_text(state: AutoModState, t: Texts) -> str:
    """How far a server's AutoMod is applied to what members write through the bot."""
    if not state.allowed:
        return t(
            "Discord doesn't apply AutoMod to what members write through me. With *Manage Server*, "
            "I apply your own rules. I need it for nothing else."
        )
    lines: list[str] = []
    if state.failed:
        lines.append(t("⚠️ I couldn't read your rules just now. I'll try again in a minute."))
    else:
        lines.append(
            t.plural(
                "{n} of your rules applies to what members write through me.",
                "{n} of your rules apply to what members write through me.",
                state.rules,
            )
        )
        lines.append(t("Discord doesn't tell bots the words of its own lists."))
    if state.unread:
        names = ", ".join(f"**{show_line(name)}**" for name in state.unread)
        lines.append(
            t(
                "⚠️ I can't read every regular expression in {names}. The rest applies.",
                names=shorten(names, _NAMES),
            )
        )
    return "\n".join(lines)
