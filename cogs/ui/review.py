"""The review queue, one post a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from bot.domain.outbox import JobKind
from bot.domain.posts import PostKind, PostStatus
from bot.domain.review import Report, ReportReason, ReviewItem
from bot.domain.text import excerpt, fitting, show_line
from bot.i18n import Texts
from bot.usecases.publishing import Failure
from bot.usecases.queueing import QueuePage, Wanted
from bot.usecases.reporting import Queue
from cogs.ui.cards import author_text, card_link
from cogs.ui.claims import HEADS, claim_buttons, filter_select, page_lines
from cogs.ui.controls import button, link_button, view_of
from cogs.ui.discord_refusals import recorded_refusal
from cogs.ui.lists import page_buttons
from cogs.ui.people import person_to_judge
from cogs.ui.verdicts import hide_select, reason_text, reject_select, reporter_text

_COLOUR, _HIDDEN = 0xFAA61A, 0x80848E
_EXCERPT = 1500
_REPORTS = 10  # shown of one post
_FAILURES = 5  # refusals shown above the queue


def kind_of(item: ReviewItem) -> Queue:
    """Why a post waits: the most urgent of its reasons."""
    if item.card.status is PostStatus.HELD:
        return Queue.HELD
    reasons = {report.why for report in item.reports}
    if ReportReason.WORRIED in reasons:
        return Queue.WORRIES
    return Queue.WORDS if reasons == {ReportReason.WORDS} else Queue.REPORTED


def review_embed(found: QueuePage, item: ReviewItem, queue: Queue, t: Texts) -> discord.Embed:
    """A post in the queue: its text, why it is there, and who is looking at it."""
    card = item.card
    hidden = card.status is PostStatus.HIDDEN
    head = t(HEADS[queue if queue is Queue.HIDDEN else kind_of(item)])
    embed = discord.Embed(
        title=f"{head} · {item.page + 1}/{item.pages}",
        colour=_HIDDEN if hidden else _COLOUR,
        timestamp=card.created_at,
    )
    state = t("hidden") if hidden else t("visible")
    if card.status is PostStatus.HELD:
        state = t("Waits for approval")
    about = f"**{card.reference}** {author_text(card.author, t, name=person_to_judge)}"
    lines = [*page_lines(found, t), f"{about} · {state}"]
    if card.kind is PostKind.QUESTION:
        lines.append(f"**{show_line(card.title)}**")
    said = excerpt(card.body, _EXCERPT)
    if said:
        lines.append(f"> {said}")
    lines += blocked_word_lines(item.word, t)
    embed.description = "\n".join(lines)
    if item.reports:
        count = len(item.reports)
        shown = [_report(report, t) for report in item.reports[:_REPORTS]]
        name = t.plural("{n} report", "{n} reports", count)
        embed.add_field(name=name, value=fitting(shown, 1024), inline=False)
    return embed


def blocked_word_lines(word: str, t: Texts) -> list[str]:
    """Which blocked word a post that waits for approval has; nothing without one."""
    return [f"{reason_text(ReportReason.WORDS, t)}: {show_line(word, 60)}"] if word else []


def _report(report: Report, t: Texts) -> str:
    who = reporter_text(report, t)
    reason = f": {show_line(report.reason, 60)}" if report.reason else ""
    return f"{who} {discord.utils.format_dt(report.at, 'R')}{reason}"


def load_text(everyone: int, own: int, t: Texts) -> str:
    """How many decisions moderators took in the last week, and how many of them the reader; empty
    if there were none."""
    if not everyone:
        return ""
    you = t.number(own)
    return t("Decisions in the last 7 days: {n} (you: {own})", n=t.number(everyone), own=you)


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
        elif failure.kind in (JobKind.MODERATORS, JobKind.OVERDUE):
            what = t("a message in the moderators' channel")
        elif failure.kind is JobKind.APPEAL:
            what = t("an appeal")
        elif failure.kind is JobKind.UNSEAL:
            what = t("a request to unseal")
        elif failure.kind is JobKind.ROUND_UP:
            what = t("the weekly round-up")
        why = recorded_refusal(failure.error, t)
        state = t("gave up") if failure.final else t("trying again")
        lines.append(f"- {what}: {why} ({state})")
    if len(failures) > _FAILURES:
        lines.append("- …")
    return lines


def review_view(found: QueuePage, item: ReviewItem, wanted: Wanted, t: Texts) -> discord.ui.View:
    """A moderator's controls for a post, buttons to the rest of the queue, and what it shows."""
    card, where = item.card, (wanted.queue, found.page, wanted.age)
    place = (card.post_id, *where)
    items: list[discord.ui.Item[Any]] = []
    items += turns(found, wanted, t)
    items += _decisions(item, place, t)
    items += claims_and_more(found, wanted, _more(item, t), t)
    return view_of(*items, filter_select(wanted, t))


def turns(found: QueuePage, wanted: Wanted, t: Texts) -> list[discord.ui.Button[Any]]:
    """Buttons to the other pages of the queue."""
    more = found.page + 1 < found.pages
    age = (wanted.age,)
    return page_buttons("queue", wanted.queue, page=found.page, more=more, t=t, after=age)


def claims_and_more(
    found: QueuePage, wanted: Wanted, more: Sequence[discord.ui.Item[Any]], t: Texts
) -> list[discord.ui.Item[Any]]:
    """A row with *Take it* and *Pass*, where something is to be decided, and more."""
    where = (wanted.queue, found.page, wanted.age)
    claims = claim_buttons(found.item, found.claim, t, *where)
    row: list[discord.ui.Item[Any]] = [*([] if wanted.queue is Queue.HIDDEN else claims), *more]
    for each in row:
        each.row = 3
    return row


def _more(item: ReviewItem, t: Texts) -> list[discord.ui.Item[Any]]:
    """What else a moderator can do to a post that is shown."""
    card = item.card
    if card.status is not PostStatus.VISIBLE:
        return []
    more: list[discord.ui.Item[Any]] = [button(t("Edit"), "edit", card.post_id)]
    if card.kind is PostKind.QUESTION:
        if card.closing is None and item.reports:
            more.append(button(t("Close"), "report.close", card.post_id))
        more.append(button(t("Move…"), "move", card.post_id))
    return more


def _decisions(item: ReviewItem, place: tuple[object, ...], t: Texts) -> list[discord.ui.Item[Any]]:
    card, items = item.card, list[discord.ui.Item[Any]]()
    success = discord.ButtonStyle.success
    if card.status is PostStatus.HELD:
        items.append(reject_select(t, "review.reject.because", *place, row=1))
        items.append(button(t("Approve"), "review.approve", *place, style=success, row=2))
        return items
    if card.status is PostStatus.HIDDEN:
        items.append(button(t("Show"), "review.show", *place, style=success, row=2))
        dismiss = t("Keep hidden")
    else:
        items.append(hide_select(t, "review.hide.because", *place, row=1))
        dismiss = t("Dismiss")
    if item.reports:
        items.append(button(dismiss, "review.dismiss", *place, row=2))
    if card.author.member_id is not None or card.author.is_anonymous:
        items.append(button(t("Block author…"), "report.block", card.post_id, row=2))
    link = card_link(card)
    return [*items, *([link_button(t("Link"), link, row=2)] if link else [])]
