"""Rendering hiding all posts of a member, and showing them again: what it is about, and undoing
it."""

from __future__ import annotations

from datetime import datetime

import discord

from bot.domain.review import ReportReason
from bot.domain.sweeps import Outlook, Sweep
from bot.i18n import Texts
from cogs.ui.controls import button, view_of


def hiding_text(outlook: Outlook, who: str, t: Texts) -> str:
    """What hiding a member's posts would do."""
    text = t.plural(
        "This hides {n} post by {member}.",
        "This hides {n} posts by {member}.",
        outlook.posts,
        member=who,
    )
    return f"{text} {_where(outlook, t)}".rstrip() + _lost(outlook, t)


def _where(outlook: Outlook, t: Texts) -> str:
    if outlook.posts == 1:
        return ""
    return t.plural("They're in {n} question.", "They're in {n} questions.", outlook.questions)


def _lost(outlook: Outlook, t: Texts) -> str:
    if not outlook.below:
        return ""
    return "\n" + t.plural(
        "{n} answer or comment by someone else is below them and goes with them.",
        "{n} answers and comments by others are below them and go with them.",
        outlook.below,
    )


def hiding_view(
    member_id: int, since: datetime | None, reason: ReportReason, outlook: Outlook, t: Texts
) -> discord.ui.View:
    """The button that hides them."""
    at = 0 if since is None else int(since.timestamp())
    label = t.plural("Hide {n} post", "Hide {n} posts", outlook.posts)
    red = discord.ButtonStyle.danger
    return view_of(button(label, "hide.member", member_id, f"{at}.{reason.value}", style=red))


def hidden_text(done: int, who: str, t: Texts) -> str:
    """What was hidden."""
    return t.plural(
        "Hid {n} post by {member}, who reads why in the inbox.",
        "Hid {n} posts by {member}, who reads why in the inbox.",
        done,
        member=who,
    )


def undo_view(sweep: Sweep, t: Texts) -> discord.ui.View:
    """The button that undoes it, for a week."""
    return view_of(button(t("Undo"), "hide.undo", sweep.sweep_id))


def showing_text(outlook: Outlook, who: str, t: Texts) -> str:
    """What showing a member's posts again would do."""
    text = t.plural(
        "This shows {n} post by {member} again.",
        "This shows {n} posts by {member} again.",
        outlook.posts,
        member=who,
    )
    return f"{text} {_where(outlook, t)}".rstrip()


def showing_view(member_id: int, outlook: Outlook, t: Texts) -> discord.ui.View:
    """The button that shows them."""
    label = t.plural("Show {n} post", "Show {n} posts", outlook.posts)
    return view_of(button(label, "show.member", member_id))


def shown_text(done: int, who: str, t: Texts) -> str:
    """What is shown again."""
    return t.plural(
        "{n} post by {member} is shown again.",
        "{n} posts by {member} are shown again.",
        done,
        member=who,
    )
