"""The review queue, one post a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import discord

from bot.domain.outbox import JobKind
from bot.domain.posts import PostKind, PostStatus
from bot.domain.review import Report, ReviewItem
from bot.domain.text import excerpt, fitting, show_line
from bot.i18n import N_, Texts
from bot.usecases.publishing import Failure
from bot.usecases.reporting import Queue
from cogs.ui.cards import author_text, card_link
from cogs.ui.controls import button, link_button, view_of
from cogs.ui.discord_refusals import recorded_refusal
from cogs.ui.lists import page_buttons
from cogs.ui.people import person_to_judge
from cogs.ui.verdicts import hide_select, reject_select, reporter_text

_COLOUR, _HIDDEN = 0xFAA61A, 0x80848E
_EXCERPT = 1500
_REPORTS = 10  # shown of one post
_FAILURES = 5  # refusals shown above the queue


_HEADS: Final = {
    Queue.REPORTED: N_("Reported posts"),
    Queue.HELD: N_("Posts that wait for approval"),
    Queue.HIDDEN: N_("Hidden posts"),
}


def review_embed(item: ReviewItem, queue: Queue, t: Texts) -> discord.Embed:
    """A post in the queue: its text, and why it is there."""
    card = item.card
    hidden = card.status is PostStatus.HIDDEN
    head = t(_HEADS[queue])
    embed = discord.Embed(
        title=f"{head} · {item.page + 1}/{item.pages}",
        colour=_HIDDEN if hidden else _COLOUR,
        timestamp=card.created_at,
    )
    state = t("hidden") if hidden else t("visible")
    if card.status is PostStatus.HELD:
        state = t("Waits for approval")
    about = f"**{card.reference}** {author_text(card.author, t, name=person_to_judge)}"
    lines = [f"{about} · {state}"]
    if card.kind is PostKind.QUESTION:
        lines.append(f"**{show_line(card.title)}**")
    said = excerpt(card.body, _EXCERPT)
    if said:
        lines.append(f"> {said}")
    embed.description = "\n".join(lines)
    if item.reports:
        count = len(item.reports)
        shown = [_report(report, t) for report in item.reports[:_REPORTS]]
        name = t.plural("{n} report", "{n} reports", count)
        embed.add_field(name=name, value=fitting(shown, 1024), inline=False)
    return embed


def _report(report: Report, t: Texts) -> str:
    who = reporter_text(report, t)
    reason = f": {show_line(report.reason, 60)}" if report.reason else ""
    return f"{who} {discord.utils.format_dt(report.at, 'R')}{reason}"


def failures_text(failures: Sequence[Failure], t: Texts) -> str:
    """What Discord doesn't let the bot show, and whether it is retried; empty if there is
    nothing."""
    if not failures:
        return ""
    lines = ["⚠️ " + t("Discord won't let me show:"), *failures_lines(failures, t)]
    if any(failure.final for failure in failures):
        lines.append(t("Once that's fixed, run `/setup` to try these again."))
    return "\n".join(lines)


def failures_lines(failures: Sequence[Failure], t: Texts) -> list[str]:
    """The first of the things that Discord doesn't let the bot show, a line each."""
    lines: list[str] = []
    for failure in failures[:_FAILURES]:
        what = failure.number or t("a message")
        if failure.kind is JobKind.REPORT:
            what = t("the report of {number}", number=failure.number)
        elif failure.kind is JobKind.MODERATORS:
            what = t("a message in the moderators' channel")
        elif failure.kind is JobKind.ROUND_UP:
            what = t("the weekly round-up")
        why = recorded_refusal(failure.error, t)
        state = t("gave up") if failure.final else t("trying again")
        lines.append(f"- {what}: {why} ({state})")
    if len(failures) > _FAILURES:
        lines.append("- …")
    return lines


def review_view(item: ReviewItem, queue: Queue, t: Texts) -> discord.ui.View:
    """A moderator's controls for a post, and buttons to the other posts in the queue."""
    card, place = item.card, (item.card.post_id, queue.value, item.page)
    more = item.page + 1 < item.pages
    items: list[discord.ui.Item[Any]] = []
    items += page_buttons("queue", queue.value, page=item.page, more=more, t=t)
    if card.status is PostStatus.HELD:
        success = discord.ButtonStyle.success
        items.append(reject_select(t, "review.reject.because", *place, row=1))
        items.append(button(t("Approve"), "review.approve", *place, style=success, row=2))
        return view_of(*items)
    if card.status is PostStatus.HIDDEN:
        success = discord.ButtonStyle.success
        items.append(button(t("Show"), "review.show", *place, style=success, row=2))
        dismiss = t("Keep hidden")
    else:
        items.append(hide_select(t, "review.hide.because", *place, row=1))
        dismiss = t("Dismiss")
    if item.reports:
        items.append(button(dismiss, "review.dismiss", *place, row=2))
    if card.author.user_id is not None:
        items.append(button(t("Block author…"), "report.block", card.post_id, row=2))
    link = card_link(card)
    if link:
        items.append(link_button(t("Link"), link, row=2))
    return view_of(*items)
