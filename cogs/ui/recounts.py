"""Rendering what a recount corrected."""

from __future__ import annotations

from bot.i18n import Texts
from bot.usecases.recounting import Correction, Figure, Recounted
from cogs.ui.people import person


def recount_text(recounted: Recounted, t: Texts) -> str:
    """What a recount corrected, figure by figure."""
    if not recounted.number:
        return t("All numbers were correct. Nothing was changed.")
    head = t.plural(
        "Corrected {n} number.",
        "Corrected {n} numbers.",
        recounted.number,
    )
    lines = [f"- {_correction(each, t)}" for each in recounted.first]
    if more := recounted.number - len(recounted.first):
        lines.append("- " + t("and {n} more", n=t.number(more)))
    return "\n".join([head, *lines])


def _correction(each: Correction, t: Texts) -> str:
    shown = {"post": each.post, "old": each.stored, "new": each.right}
    match each.figure:
        case Figure.UP_VOTES:
            return t("Upvotes on {post}: {old} → {new}", **shown)
        case Figure.DOWN_VOTES:
            return t("Downvotes on {post}: {old} → {new}", **shown)
        case Figure.ANSWERS:
            return t("Answers to {post}: {old} → {new}", **shown)
        case Figure.COMMENTS:
            return t("Comments on {post}: {old} → {new}", **shown)
        case Figure.REPLIERS:
            return t("People who replied to {post}: {old} → {new}", **shown)
        case Figure.POINTS:
            return t(
                "Points of {member}: {old} → {new}", member=person(each.of, each.name), **shown
            )
        case Figure.AUTHOR:
            return t("Question {post}: an anonymous author was missing.", post=each.post)
        case Figure.LEDGER if each.stored is None:
            return t("Added missing points for {post}: {new}", **shown)
        case Figure.LEDGER:
            return t("Removed points for {post} that had no reason: {old}", **shown)
