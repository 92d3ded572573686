"""Why posts are reported, and what moderators decided."""

from __future__ import annotations

from typing import Any, Final

import discord

from bot.domain.review import (
    HIDE_REASONS,
    Decision,
    Report,
    ReportReason,
    Verdict,
)
from bot.i18n import N_, Texts
from cogs.ui.controls import Forged, custom_id, one_of
from cogs.ui.people import person_to_judge

REASONS: Final = {
    ReportReason.SPAM: N_("Spam or advertising"),
    ReportReason.UNKIND: N_("Unkind or insulting"),
    ReportReason.RULES: N_("Against the rules"),
    ReportReason.OTHER: N_("Something else"),
    ReportReason.WORRIED: N_("I'm worried about this person"),
}
_NAMES: Final = {
    **REASONS,
    ReportReason.WORDS: N_("Blocked words"),
    ReportReason.AUTOMOD: "AutoMod",  # Discord's name for it, in every language
}


def reason_text(reason: ReportReason, t: Texts) -> str:
    """Why a post is reported or hidden."""
    return t(_NAMES[reason])


def reporter_text(report: Report, t: Texts) -> str:
    """Who reported a post, for moderators."""
    if report.why is ReportReason.AUTOMOD:
        return t("The server's AutoMod")
    if report.why is ReportReason.WORDS:
        return t("The server's blocked words")
    if report.why is ReportReason.WORRIED:  # nobody learns who
        return t("Someone is worried")
    return person_to_judge(report.user_id, report.name)


def report_reason(text: str) -> ReportReason:
    """The reason of a report that an option names. Raises `Forged` if it is none."""
    reason = one_of(ReportReason, text)
    if reason not in REASONS:
        raise Forged(f"no reason to report a post: {reason}")
    return reason


TO_HIDE: Final = {reason: REASONS[reason] for reason in HIDE_REASONS}


def hide_reason(text: str) -> ReportReason:
    """The reason to hide a post that an option names. Raises `Forged` if it is none."""
    reason = one_of(ReportReason, text)
    if reason not in TO_HIDE:
        raise Forged(f"no reason to hide a post: {reason}")
    return reason


def hide_select(
    t: Texts, action: str, *arguments: object, row: int | None = None
) -> discord.ui.Select[Any]:
    """The reasons to hide a post. The chosen one hides it, and its author reads it."""
    options = [
        discord.SelectOption(label=t("Hide: {reason}", reason=t(name))[:100], value=reason.value)
        for reason, name in TO_HIDE.items()
    ]
    return discord.ui.Select(
        custom_id=custom_id(action, *arguments),
        placeholder=t("Hide because…")[:150],
        options=options,
        row=row,
    )


def reject_select(
    t: Texts, action: str, *arguments: object, row: int | None = None
) -> discord.ui.Select[Any]:
    """The reasons not to approve a post. Its author reads the chosen one."""
    options = [
        discord.SelectOption(label=t(name)[:100], value=reason.value)
        for reason, name in TO_HIDE.items()
    ]
    return discord.ui.Select(
        custom_id=custom_id(action, *arguments),
        placeholder=t("Don't approve because…")[:150],
        options=options,
        row=row,
    )


def verdict_text(verdict: Verdict | None, t: Texts, *, hidden: bool = False) -> str:
    """What was decided about a post's reports, and by whom; `hidden` tells whether the post is."""
    if verdict is None:
        return t("A moderator has already decided this.")
    if verdict.decision is Decision.DELETED and not verdict.by:
        return t("The post was deleted.")
    if verdict.decision is Decision.WITHDRAWN:
        return t("Its author took it back.")
    if verdict.decision is Decision.SETTLED:
        return t("It was undone before anyone decided.")
    if verdict.decision is Decision.OVER:
        return t("There's nothing left to decide.")
    by = person_to_judge(verdict.by, verdict.by_name)
    match verdict.decision:
        case Decision.HIDDEN if verdict.reason is not None:
            return t(
                "Hidden by {person}: {reason}", person=by, reason=reason_text(verdict.reason, t)
            )
        case Decision.HIDDEN:
            return t("Hidden by {person}.", person=by)
        case Decision.APPROVED:
            return t("Approved by {person}.", person=by)
        case Decision.REJECTED if verdict.reason is not None:
            reason = reason_text(verdict.reason, t)
            return t("Not approved by {person}: {reason}", person=by, reason=reason)
        case Decision.REJECTED:
            return t("Not approved by {person}.", person=by)
        case Decision.SHOWN:
            return t("Shown again by {person}.", person=by)
        case Decision.CLOSED:
            return t("Closed by {person}.", person=by)
        case Decision.DELETED:
            return t("Deleted by {person}.", person=by)
        case Decision.STANDS:
            return t("{person} decided: it stands.", person=by)
        case Decision.UNDONE:
            return t("Undone by {person}.", person=by)
        case Decision.DISMISSED if hidden:
            return t("Kept hidden by {person}.", person=by)
        case Decision.DISMISSED:
            return t("Dismissed by {person}.", person=by)
