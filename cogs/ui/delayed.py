"""What an author is told of an anonymous post that appears later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import discord

from bot.domain.text import excerpt, show_line
from bot.i18n import N_, Texts
from bot.usecases.delaying import Kept, Opened, State
from cogs.ui.controls import button
from cogs.ui.help import clickable, command_mention

BACK: Final = "delayed.back"
HERE: Final = "here"
"""The button stands in the reply that says that the post appears later."""
_BESIDE: Final = 5  # buttons in Discord's rows
_WORDS: Final = 60
_HEADS: Final = {
    State.WAITS: N_("Appears later, anonymously"),
    State.FAILED: N_("Couldn't appear"),
    State.TAKEN: N_("Taken back"),
}
_SIGNS: Final = {State.WAITS: "⏳", State.FAILED: "⚠️", State.TAKEN: "↩️"}


def later_text(minutes: int, t: Texts) -> str:
    """That a post appears within some minutes."""
    return t.plural(
        "Your post appears within {n} minute, and has no number until then.",
        "Your post appears within {n} minutes, and has no number until then.",
        minutes,
    )


def kept_text(kept: Kept, commands: Mapping[str, int], t: Texts) -> str:
    """The same once it is sent, with its author's name in the question, which may be another than
    they chose last; and what they can do until then."""
    named = t("Your name in this question is {name}.", name=show_line(kept.name))
    inbox = command_mention("inbox", commands)
    can = t("You can take it back before, here or in {inbox}.", inbox=inbox)
    return f"{later_text(kept.minutes, t)} {named} {can}"


def back_button(row_id: int, t: Texts) -> discord.ui.Button[Any]:
    """The button that takes a post back, in the reply that says that it appears later."""
    return button(t("Take back"), BACK, row_id, HERE)


def delayed_lines(found: Sequence[Opened], commands: Mapping[str, int], t: Texts) -> list[str]:
    """The lines of an inbox about what appears later, or couldn't."""
    marks = [""] if len(found) == 1 else [f"{n}. " for n in range(1, len(found) + 1)]
    return [mark + _line(each, commands, t) for mark, each in zip(marks, found, strict=False)]


def _line(found: Opened, commands: Mapping[str, int], t: Texts) -> str:
    post, state = found.post, State(found.post.state)
    head = f"{_SIGNS[state]} **{t(_HEADS[state])}** · {_about(found)}"
    if state is State.WAITS:
        return f"{head}\n{discord.utils.format_dt(found.minute, 'R')}"
    kept = t("Kept until {day}.", day=discord.utils.format_dt(found.minute, "d"))
    return f"{head}\n{clickable(post.problem, commands)} {kept}"


def _about(found: Opened) -> str:
    values = found.post.values
    title = values.get("title")
    if isinstance(title, str) and title.strip():
        return show_line(title)
    words = values.get("answer") or values.get("comment") or ""
    return excerpt(words if isinstance(words, str) else "", _WORDS)


def delayed_buttons(
    found: Sequence[Opened], t: Texts, *, beside: int
) -> list[discord.ui.Button[Any]]:
    """The buttons of an inbox that take these back, in its first row `beside` those that are there.
    Where there are more posts, their turn comes once the first ones are gone."""
    made: list[discord.ui.Button[Any]] = []
    for n, each in enumerate(found[: _BESIDE - beside], 1):
        label = t("Take back") if len(found) == 1 else t("Take back {number}", number=n)
        made.append(button(label, BACK, each.row_id, row=0))
    return made
