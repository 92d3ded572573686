"""What stands in the moderators' channel, and the private replies to its buttons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import discord

from bot.domain.cards import PostCard
from bot.domain.posts import CloseReason, PostKind, PostStatus
from bot.domain.review import Decision, Fixture, Item, ItemKind, Report, ReportReason, ReviewItem
from bot.domain.text import excerpt, fitting, show_line
from bot.i18n import N_, Texts
from bot.usecases.alerting import ReportToShow
from bot.usecases.publishing import Failure
from bot.usecases.reporting import WaitingReports
from cogs.ui.cards import author_text, card_link
from cogs.ui.claims import claim_buttons, claim_line
from cogs.ui.controls import Control, button, custom_id, link_button, read_custom_id, view_of
from cogs.ui.people import person_to_judge
from cogs.ui.review import blocked_word_lines, failures_lines
from cogs.ui.verdicts import hide_select, reason_text, reject_select, reporter_text, verdict_text
from cogs.ui.worries import WORRIED_COLOUR, any_worry, moderators_lines

_OF_NEW_POSTS: Final = (Decision.APPROVED, Decision.REJECTED, Decision.WITHDRAWN)
_WAITING, _DECIDED = 0xFAA61A, 0x80848E
_QUOTE, _NOTE = 900, 120
_NOTES = 5  # of what members wrote with their reports, on a card
_LISTED, _OPTIONS = 5, 25  # reported posts in an inbox: shown, and offered in its select

KINDS: Final = {
    PostKind.QUESTION: N_("question"),
    PostKind.ANSWER: N_("answer"),
    PostKind.COMMENT: N_("comment"),
}
CLOSE_REASONS: Final = {
    CloseReason.DUPLICATE: N_("duplicate"),
    CloseReason.OFF_TOPIC: N_("off topic"),
    CloseReason.NOT_A_QUESTION: N_("not a question"),
    CloseReason.OTHER: N_("other"),
}


@dataclass(frozen=True, slots=True)
class Look:
    """What a message shows: an embed, and controls in their rows."""

    embed: discord.Embed
    controls: Sequence[discord.ui.Item[Any]] = ()

    def digest(self, digest: Callable[..., str]) -> str:
        """A digest of all of it."""
        shown = [control.to_component_dict() for control in self.controls]
        return digest(self.embed.to_dict(), shown)


def is_of_report(post_id: int, control: Control) -> bool:
    """Whether a message with this control is the card of a post's reports."""
    return control == Control("report.read", (str(post_id),))


def report_look(found: ReportToShow, t: Texts, *, quoted: bool) -> Look:
    """The card of a post's reports. It is `quoted` where everybody who reads the card may read the
    post; otherwise the card tells its number, its kind and the reasons."""
    card, verdict = found.card, found.report.verdict
    if not found.report.waiting:
        embed = _head(card, _DECIDED, t, new=_was_new(found))
        embed.description = verdict_text(verdict, t, hidden=_is_hidden(card))
        link = card_link(card)
        visible = card.status is PostStatus.VISIBLE and link
        return Look(embed, [link_button(t("Go to"), link)] if visible else [])
    held, worried = card.status is PostStatus.HELD, any_worry(found.reports)
    embed = _head(card, WORRIED_COLOUR if worried else _WAITING, t, new=held)
    embed.timestamp = found.report.reported_at
    count = len(found.reports)
    reported = f"**{t.plural('{n} report', '{n} reports', count)}** · {_reasons(found.reports, t)}"
    lines = [
        *([claim_line(found.claim, t)] if found.claim is not None else []),
        *(moderators_lines(found.rules, t, told=found.told) if worried else []),
        f"**{t('Waits for approval')}**" if held else reported,
        *([t("Hidden until a moderator decides.")] if _is_hidden(card) else []),
        *([t("This question is closed.")] if card.closing is not None else []),
    ]
    if quoted:
        lines += blocked_word_lines(found.word, t)
        lines += _quote(card, found.reports, t)
    else:
        lines.append(
            t("Not everyone here can see this post. If you can, *Read it* shows it to you alone.")
        )
    embed.description = fitting(lines, 4096)
    claims = claim_buttons(Item(ItemKind.POST, card.post_id), found.claim, t)
    return Look(embed, [*report_controls(card, t), *claims])


def _was_new(found: ReportToShow) -> bool:
    """Whether what was decided is whether to show a post at all."""
    verdict = found.report.verdict
    return verdict is not None and verdict.decision in _OF_NEW_POSTS


def _is_hidden(card: PostCard) -> bool:
    return card.status is PostStatus.HIDDEN


def _head(card: PostCard, colour: int, t: Texts, *, new: bool = False) -> discord.Embed:
    about = {"number": card.reference, "kind": t(KINDS[card.kind])}
    title = (
        t("New post: {number} · {kind}", **about)
        if new
        else t("Reported: {number} · {kind}", **about)
    )
    return discord.Embed(title=title, colour=colour)


def _reasons(reports: Sequence[Report], t: Texts) -> str:
    """The reasons of reports, the most frequent first."""
    counted = Counter(report.why for report in reports).most_common()
    return ", ".join(reason_text(why, t) + (f" ({n})" if n > 1 else "") for why, n in counted)


def _quote(card: PostCard, reports: Sequence[Report], t: Texts) -> list[str]:
    notes = [f"- {show_line(r.reason, _NOTE)}" for r in reports if r.reason][:_NOTES]
    # Apart from the notes, so that the author is not taken for who reported it.
    lines = [*notes, "", author_text(card.author, t, name=person_to_judge)]
    if card.kind is PostKind.QUESTION:
        lines.append(f"> **{show_line(card.title, hidden=True)}**")
    said = excerpt(card.body, _QUOTE, hidden=True)
    return [*lines, f"> {said}"] if said else lines


def report_controls(card: PostCard, t: Texts) -> list[discord.ui.Item[Any]]:
    """A moderator's buttons for a reported post."""
    post_id, link = card.post_id, card_link(card)
    items: list[discord.ui.Item[Any]] = []
    if card.status is PostStatus.HELD:
        success = discord.ButtonStyle.success
        items.append(button(t("Approve"), "report.approve", post_id, style=success))
        items.append(button(t("Don't approve…"), "report.reject", post_id))
    elif card.status is PostStatus.VISIBLE:
        danger = discord.ButtonStyle.danger
        items.append(button(t("Hide"), "report.hide", post_id, style=danger))
        items.append(button(t("Dismiss"), "report.dismiss", post_id))
        if card.kind is PostKind.QUESTION and card.closing is None:
            items.append(button(t("Close"), "report.close", post_id))
        items.append(button(t("Edit"), "edit", post_id))
        if card.kind is PostKind.QUESTION:
            items.append(button(t("Move…"), "move", post_id))
    else:
        success = discord.ButtonStyle.success
        items.append(button(t("Show"), "report.show", post_id, style=success))
        items.append(button(t("Keep hidden"), "report.dismiss", post_id))
    items.append(button(t("Read it"), "report.read", post_id))
    if card.author.member_id is not None or card.author.is_anonymous:
        items.append(button(t("Block author…"), "report.block", post_id))
    if link and card.status is PostStatus.VISIBLE:
        items.append(link_button(t("Go to"), link))
    return items


def queue_look(t: Texts) -> Look:
    """The message that stands pinned in the channel."""
    embed = discord.Embed(
        title=t("Reports come here"),
        description=t(
            "Each reported post gets a card in this channel. The queue lists everything that's "
            "still waiting."
        ),
        colour=0x5865F2,
    )
    return Look(embed, [open_queue(Fixture.QUEUE, t)])


def overdue_text(items: int, called: str, t: Texts) -> str:
    """The message to those who are `called` for what waits in the queue."""
    return t.plural(
        "{called} {n} post or appeal is still waiting in the queue. Can you look at it?",
        "{called} {n} posts or appeals are still waiting in the queue. Can you look at them?",
        items,
        called=called,
    )


def open_queue(fixture: str, t: Texts) -> discord.ui.Button[Any]:
    """A button to the queue, on a message that is recognised by `fixture`."""
    return button(t("Open the queue"), "queue.open", fixture, style=discord.ButtonStyle.primary)


def refusals_look(told: Sequence[Failure], others: int, t: Texts) -> Look:
    """What Discord refused for good. `others` are about posts that not everybody in the channel
    may know of."""
    lines = failures_lines(told, t)
    if others:
        lines.append(
            "- "
            + t.plural(
                "{n} post in a channel that not everyone here can see",
                "{n} posts in channels that not everyone here can see",
                others,
            )
        )
    lines.append(t("Once that's fixed, run `/setup` to try these again."))
    embed = discord.Embed(
        title="⚠️ " + t("Discord won't let me show:"),
        description=fitting(lines, 4096),
        colour=_WAITING,
    )
    return Look(embed, [open_queue(Fixture.REFUSALS, t)])


# Private replies


def read_embed(item: ReviewItem, t: Texts, *, names: bool) -> discord.Embed:
    """A reported post with its text, for somebody who moderates it. With `names`, it tells who
    reported it."""
    card = item.card
    held = card.status is PostStatus.HELD
    embed = _head(card, _DECIDED if _is_hidden(card) else _WAITING, t, new=held)
    lines = [author_text(card.author, t, name=person_to_judge)]
    if card.kind is PostKind.QUESTION:
        lines.append(f"**{show_line(card.title)}**")
    said = excerpt(card.body, 3000)
    embed.description = "\n".join([*lines, f"> {said}"] if said else lines)
    if item.reports:
        name = t.plural("{n} report", "{n} reports", len(item.reports))
        shown = [_report(report, t, named=names) for report in item.reports]
        embed.add_field(name=name, value=fitting(shown, 1024), inline=False)
    return embed


def _report(report: Report, t: Texts, *, named: bool) -> str:
    said = [reason_text(report.why, t)]
    if report.reason:
        said.append(show_line(report.reason, _NOTE))
    line = ": ".join(said)
    who = reporter_text(report, t)
    told = named and report.why is not ReportReason.WORRIED
    return f"{who} · {line}" if told else f"- {line}"


def read_view(item: ReviewItem, t: Texts, *, blocks: bool) -> discord.ui.View:
    """The buttons under a post to decide on that is read privately; with `blocks`, its author can
    be blocked."""
    waits = item.reports or item.card.status is PostStatus.HELD
    items = report_controls(item.card, t) if waits else []
    left_out = ("report.read",) if blocks else ("report.read", "report.block")
    return view_of(*(each for each in items if _action(each) not in left_out))


def _action(item: discord.ui.Item[Any]) -> str:
    found = read_custom_id(getattr(item, "custom_id", None) or "")
    return found.action if found is not None else ""


def reject_view(post_id: int, t: Texts) -> discord.ui.View:
    """The select of reasons not to approve a post."""
    return view_of(reject_select(t, "report.reject.because", post_id))


def hide_view(post_id: int, t: Texts) -> discord.ui.View:
    """The select of reasons to hide a post."""
    return view_of(hide_select(t, "report.hide.because", post_id))


def close_view(post_id: int, t: Texts) -> discord.ui.View:
    """The select of reasons to close a question."""
    options = [
        discord.SelectOption(label=t(text)[:100], value=key) for key, text in CLOSE_REASONS.items()
    ]
    select: discord.ui.Select[Any] = discord.ui.Select(
        custom_id=custom_id("report.close.because", post_id),
        placeholder=t("Close it as…")[:150],
        options=options,
    )
    return view_of(select)


def waiting_text(reports: Sequence[WaitingReports], t: Texts) -> str:
    """The reported posts that wait for a moderator, at the top of their inbox."""
    count = len(reports)
    head = t.plural(
        "{n} reported post waits for a decision",
        "{n} reported posts wait for a decision",
        count,
    )
    if any(each.card.status is PostStatus.HELD for each in reports):
        head = t.plural("{n} post waits for a decision", "{n} posts wait for a decision", count)
    lines = [f"🚩 **{head}**", *(f"- {_waiting(each, t)}" for each in reports[:_LISTED])]
    if count > _LISTED:
        lines.append("- …")
    return "\n".join(lines)


def _waiting(each: WaitingReports, t: Texts) -> str:
    number = t.plural("{n} report", "{n} reports", each.count)
    if each.card.status is PostStatus.HELD:
        number = t("Waits for approval")
    return f"{each.card.reference} · {t(KINDS[each.card.kind])} · {number}"


def with_reports(
    view: discord.ui.View | None,
    reports: Sequence[WaitingReports],
    t: Texts,
    appeals: Sequence[discord.SelectOption] = (),
) -> discord.ui.View:
    """The controls of an inbox with a select of the reported posts and the appeals below."""
    options = [
        discord.SelectOption(label=_waiting(each, t)[:100], value=str(each.card.post_id))
        for each in reports[:_OPTIONS]
    ]
    select: discord.ui.Select[Any] = discord.ui.Select(
        custom_id=custom_id("report.look"),
        placeholder=t("Look at a report…") if reports else t("Look at an appeal…"),
        options=[*options, *appeals][:_OPTIONS],
        row=4,  # other controls of an inbox never reach the last row
    )
    return view_of(*(view.children if view is not None else ()), select)
