"""Rendering the bot's messages that aren't cards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import discord

from bot.domain.outbox import JobKind
from bot.domain.unsealing import NOTICE
from bot.i18n import Texts
from bot.usecases.offering import What
from bot.usecases.signs import SignToShow
from cogs.ui.cards import card_link, way_button
from cogs.ui.controls import Control, button, view_of

_COLOUR = 0x5865F2


@dataclass(frozen=True, slots=True)
class Drawn:
    """A message: `name` is that of its post, if it is one in a forum."""

    content: str | None = None
    embed: discord.Embed | None = None
    view: discord.ui.View | None = None
    name: str = ""


def _how_to(_found: SignToShow, t: Texts) -> Drawn:
    text = t(
        "Every question gets its own thread. Answers rise by votes, and the person who asked "
        "chooses the best one."
    )
    view = view_of(
        button(t("Ask a question"), "ask", style=discord.ButtonStyle.primary),
        button(t("Browse"), "browse"),
        button(t("How it works"), "how"),
    )
    title = t("How to ask here")
    return Drawn(
        embed=discord.Embed(title=title, description=text, colour=_COLOUR), view=view, name=title
    )


def _offer(found: SignToShow, t: Texts) -> Drawn:
    sign = found.sign
    if sign.what == What.HINT:
        return Drawn(
            t(
                "To make this an answer: right-click your message, or press and hold it. Then "
                "choose *Apps*, *Post as answer*."
            )
        )
    ids = (sign.person_id or 0, sign.key)
    buttons = [
        button(t("Post as comment"), "offer.comment", *ids),
        button(t("No"), "offer.no", *ids),
    ]
    if sign.what == What.ANSWER:
        success = discord.ButtonStyle.success
        buttons.insert(0, button(t("Post as answer"), "offer.answer", *ids, style=success))
    text = t("Should this go into the forum? Only you can choose, for ten minutes.")
    return Drawn(text, view=view_of(*buttons))


def _stray(found: SignToShow, t: Texts) -> Drawn:
    sign, question = found.sign, found.question
    if question is None:
        text = t(
            "This isn't a question in the forum yet, so nobody finds it there or votes on answers. "
            "Whoever opened it can make it one."
        )
        ask = t("Make it a question")
        primary = discord.ButtonStyle.primary
        return Drawn(text, view=view_of(button(ask, "stray.ask", sign.key, style=primary)))
    link, number = card_link(question), question.reference
    text = t("This is now question {number}. It goes on there.", number=number)
    items: list[discord.ui.Button[Any]] = [way_button(link, number, t)] if link else []
    return Drawn(text, view=view_of(*items, button(t("Close this"), "stray.close", sign.key)))


def _unsealing(found: SignToShow, t: Texts) -> Drawn:
    """That unsealing is switched on again, for as long as everybody is to read it."""
    title, view = t("Anonymous posts"), view_of(button(t("What this means"), "unsealing"))
    text = unsealing_text(found.sign.asked_at + NOTICE, t)
    return Drawn(
        embed=discord.Embed(title=title, description=text, colour=_COLOUR), view=view, name=title
    )


def unsealing_text(since: datetime, t: Texts) -> str:
    """From when on two moderators can see who wrote an anonymous post."""
    return t(
        "From {when} on, two moderators together can see who wrote an anonymous post, if they have "
        "a reason. This is for posts written from then on. Earlier ones stay sealed.",
        when=discord.utils.format_dt(since, "f"),
    )


_DRAWN: Final[Mapping[JobKind, Callable[[SignToShow, Texts], Drawn]]] = {
    JobKind.HOW_TO: _how_to,
    JobKind.OFFER: _offer,
    JobKind.STRAY: _stray,
    JobKind.UNSEALING: _unsealing,
}
# What tells a message from the bot's others, to find one whose sending was not confirmed.
_MARKS: Final = {
    JobKind.HOW_TO: ("how",),
    JobKind.STRAY: ("stray.ask", "stray.close"),
    JobKind.UNSEALING: ("unsealing",),
}


def draw(found: SignToShow, t: Texts) -> Drawn:
    """The message as it should be."""
    return _DRAWN[found.sign.kind](found, t)


def is_marked(found: SignToShow, controls: list[Control]) -> bool:
    """Whether a message with these controls is this one."""
    return any(control.action in _MARKS[found.sign.kind] for control in controls)


def guidelines(t: Texts) -> str:
    """The post guidelines of a forum."""
    return t(
        "Ask with the buttons of the pinned post, or with /ask. One question per post. Say what "
        "you tried and what you hope for. Vote for answers that help, and choose the best one."
    )
