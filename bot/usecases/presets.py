"""Presets of `/setup`: settings, first categories and a welcome text for a kind of community."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.i18n import N_


@dataclass(frozen=True, slots=True)
class Preset:
    """What a preset sets. Names of categories and the welcome are keys of the catalogues."""

    categories: tuple[tuple[str, str], ...] = ()
    welcome: str = ""
    settings: Mapping[str, str] = field(default_factory=dict[str, str])


PRESETS: Final[Mapping[str, Preset]] = {
    "support": Preset(
        categories=(
            (N_("Psychotherapy"), "🛋️"),
            (N_("Relationships"), "💞"),
            (N_("Anxiety"), "🌊"),
            (N_("Self-care"), "🌱"),
        ),
        welcome=N_(
            "Welcome. Here we ask about what weighs on us, and answer as we would like to be "
            "answered: kindly, from experience, without judging. Nobody here replaces a therapist "
            "or a doctor. If you are in danger, please call your local emergency number first."
        ),
        settings={
            "voting": "private",
            "downvotes": "off",
            "anonymous": "on",
            "anonymous_delay": "10",
        },
    ),
    "helpdesk": Preset(
        categories=(
            (N_("Getting started"), "🚀"),
            (N_("Problems"), "🔧"),
            (N_("Ideas"), "💡"),
        ),
        welcome=N_(
            "Welcome to the help desk. Say what you did, what you expected and what happened "
            "instead. When an answer solves it, mark it as the best answer: it helps the next one."
        ),
    ),
    "general": Preset(
        categories=((N_("General"), "💬"),),
        welcome=N_("Welcome. Ask anything, answer what you know, and vote for what helped you."),
    ),
}
