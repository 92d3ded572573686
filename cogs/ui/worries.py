"""What is said where somebody is worried about a post's author: to whoever is, to the author, and
to moderators. Nobody learns who is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from bot.domain.posts import REASON_MAX
from bot.domain.review import Report, ReportReason
from bot.domain.rules import Rules
from bot.domain.splitting import split_shown
from bot.domain.text import show_body
from bot.domain.typed import characters
from bot.i18n import Texts
from bot.usecases.drafts import Values
from cogs.ui.controls import custom_id

_COLOUR = 0x5865F2
_FIELD = 1023  # and a sign that there is more
WORRIED_COLOUR = 0xED4245


def any_worry(reports: Sequence[Report]) -> bool:
    """Whether somebody is worried, among those who reported a post."""
    return any(report.why is ReportReason.WORRIED for report in reports)


def worry_form(post_id: int, values: Values, t: Texts) -> discord.ui.Modal:
    """The form in which a member says that they are worried about a post's author."""
    form = discord.ui.Modal(
        title=t("I'm worried about this person")[:45], custom_id=custom_id("worry.form", post_id)
    )
    known = characters(str(values.get("reason", "")))[:REASON_MAX]
    note: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id="reason",
        style=discord.TextStyle.paragraph,
        required=False,
        max_length=REASON_MAX,
        default=known or None,
        placeholder=t("Optional. Moderators read it, without your name.")[:100],
    )
    form.add_item(discord.ui.Label(text=t("What worries you?")[:45], component=note))
    return form


def how_to_help(rules: Rules, t: Texts) -> discord.Embed:
    """What whoever is worried can do: in the server's own words, if it has any."""
    own = show_body(rules.text("how_to_help"))
    embed = discord.Embed(title=t("How you can help"), description=own, colour=_COLOUR)
    if not own:
        steps = (
            t("**Stay.** A few kind words show them that they aren't alone."),
            t("**Listen.** You don't need a solution, and you don't need to judge."),
            t("**Ask** how they are and what they need right now. It's fine to ask directly."),
            t("**Point to help.** A doctor, a helpline or someone close can do what you can't."),
            t("If someone is in danger right now, call your local emergency number."),
        )
        embed.description = "\n".join(steps)
    helplines = rules.text("helplines")
    if helplines:
        embed.add_field(name=t("Helplines"), value=_field(helplines), inline=False)
    return embed


def _field(helplines: str) -> str:
    shown = split_shown(show_body(helplines), _FIELD, _FIELD)
    return shown[0] + ("…" if len(shown) > 1 else "")


def author_text(helplines: str, t: Texts) -> str:
    """What the author reads, with the server's helplines."""
    kind = t(
        "Someone here read this and is thinking of you. You've done nothing wrong. If you'd like "
        "to talk to somebody, this may help:"
    )
    return f"{kind}\n{show_body(helplines)}"


def moderators_lines(rules: Rules, t: Texts, *, told: bool) -> list[str]:
    """What moderators read first of a post whose author somebody is worried about. `told` is
    whether the author has the helplines in their inbox."""
    head = t("Someone is worried about the person who wrote this. Nobody is told who.")
    if not rules.text("helplines"):
        line = t(
            "No helplines are set, so the author isn't told anything. Someone who manages the "
            "server can add them in /settings."
        )
    elif told:
        line = t("Your helplines are in the author's inbox.")
    else:
        line = t("Your helplines aren't in the author's inbox. You can send them yourself.")
    return [f"💛 **{head}**", line]
