"""Rendering the audit log: who did what, to which post, and what changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import discord

from bot.domain.audit import AuditFilter, AuditKind, AuditLine
from bot.domain.review import ReportReason
from bot.domain.rules import SETTINGS
from bot.domain.text import fitting, show_line
from bot.i18n import N_, Texts
from bot.usecases.appealing import BY_SAME
from bot.usecases.auditing import AuditPage
from cogs.ui.cards import message_link
from cogs.ui.closing import REASONS as CLOSE_REASONS
from cogs.ui.controls import button, custom_id, view_of
from cogs.ui.lists import page_buttons
from cogs.ui.people import person_or_gone
from cogs.ui.setting_titles import setting_title, value_text
from cogs.ui.verdicts import REASONS

_COLOUR = 0x5865F2
_DESCRIPTION = 4096
_VALUE = 60  # characters of a state
ANY: Final = "any"
KINDS: Final = {
    AuditKind.HIDE: N_("Hid a post"),
    AuditKind.SHOW: N_("Showed a post again"),
    AuditKind.DISMISS: N_("Dismissed reports"),
    AuditKind.CLOSE: N_("Closed a question"),
    AuditKind.REOPEN: N_("Reopened a question"),
    AuditKind.BEST: N_("Chose the best answer"),
    AuditKind.EDIT: N_("Edited a post"),
    AuditKind.DELETE: N_("Deleted a post"),
    AuditKind.MOVE: N_("Moved a question"),
    AuditKind.TAGS: N_("Changed a tag everywhere"),
    AuditKind.LOCK: N_("Locked a thread"),
    AuditKind.UNLOCK: N_("Unlocked a thread"),
    AuditKind.APPROVE: N_("Approved a post"),
    AuditKind.REJECT: N_("Didn't approve a post"),
    AuditKind.HIDE_MEMBER: N_("Hid a member's posts"),
    AuditKind.SHOW_MEMBER: N_("Showed a member's posts again"),
    AuditKind.BLOCK: N_("Blocked a member"),
    AuditKind.UNBLOCK: N_("Unblocked a member"),
    AuditKind.APPEAL: N_("Decided an appeal"),
    AuditKind.DUTY: N_("Changed who's on duty"),
    AuditKind.BONUS: N_("Gave bonus points"),
    AuditKind.SETTING: N_("Changed a setting"),
    AuditKind.CATEGORY: N_("Changed a category"),
    AuditKind.RECOUNT: N_("Recounted points"),
    AuditKind.UNSEAL: N_("Unsealing a post"),
}
SINCE: Final = {"24h": N_("Last 24 hours"), "7d": N_("Last 7 days"), "30d": N_("Last 30 days")}
_REASONS: Final = {
    **{reason.value: name for reason, name in REASONS.items()},
    **{reason.value: name for reason, (name, _) in CLOSE_REASONS.items()},
    # Both say "other"; a report's reads well for either.
    ReportReason.OTHER.value: REASONS[ReportReason.OTHER],
    "reports": N_("Enough members reported it"),
    "message": N_("Its message was deleted in Discord"),
    BY_SAME: N_("The same person, as nobody else moderates"),
    "separated": N_("No longer a synonym"),
}
_NAMES: Final = {
    "appeal": N_("appeal"),
    "best": N_("best answer"),
    "category": N_("category"),
    "channel": N_("channel"),
    "corrections": N_("corrections"),
    "description": N_("description"),
    "emoji": N_("emoji"),
    "files": N_("files"),
    "original": N_("original"),
    "place": N_("place in the list"),
    "points": N_("points"),
    "posts": N_("posts"),
    "question": N_("question"),
    "reason": N_("reason"),
    "role": N_("role"),
    "status": N_("status"),
    "tags": N_("tags"),
    "thread": N_("thread"),
    "unseal": N_("request"),
    "until": N_("until"),
    "version": N_("version"),
}
_STATES: Final = {
    "another answer": N_("another answer"),
    "changed": N_("changed"),
    "closed": N_("closed"),
    "deleted": N_("deleted"),
    "for good": N_("for good"),
    "held": N_("waits for approval"),
    "hidden": N_("hidden"),
    "locked": N_("locked"),
    "none": N_("none"),
    "open": N_("open"),
    "removed": N_("removed"),
    "stands": N_("stands"),
    "there": N_("there"),
    "this answer": N_("this answer"),
    "undone": N_("undone"),
    "asked": N_("asked"),
    "agreed": N_("agreed"),
    "refused": N_("refused"),
    "ran out": N_("ran out"),
    "danger": N_("the author is told later"),
    "visible": N_("visible"),
    "waiting": N_("waits for a decision"),
}
_OF_OURS: Final = frozenset(
    {
        *("appeal", "best", "description", "files", "place", "question", "status", "thread"),
        *("unseal", "until"),
    }
)
_SELDOM: Final = (AuditKind.RECOUNT, AuditKind.DUTY)
_COUNTS: Final = frozenset({"corrections", "posts"})
_MENTIONS: Final = {"channel": "<#{}>", "role": "<@&{}>"}


def audit_embed(guild_id: int, page: AuditPage, t: Texts) -> discord.Embed:
    """A page of the log, a few lines for each act."""
    embed = discord.Embed(title=t("Audit log"), colour=_COLOUR)
    entries = [_entry(guild_id, line, t) for line in page.lines]
    embed.description = fitting(entries or [t("Nothing to show.")], _DESCRIPTION, "\n\n")
    embed.set_footer(text=t("Kept for a year. It never contains what people wrote."))
    return embed


def _entry(guild_id: int, line: AuditLine, t: Texts) -> str:
    entry = line.entry
    who = t("Members' reports") if entry.reason == "reports" else t("Someone in Discord")
    if entry.actor_id is not None:
        who = person_or_gone(entry.actor_id, line.actor, t)
    parts = [f"{discord.utils.format_dt(entry.at, 'f')} · {who}", f"**{t(KINDS[entry.kind])}**"]
    if line.number:
        link = message_link(guild_id, line.channel_id, line.message_id)
        parts[1] += f" [{line.number}]({link})" if link else f" {line.number}"
    if entry.subject_id is not None:
        parts[1] += f" · {person_or_gone(entry.subject_id, line.subject, t)}"
    if entry.reason:
        parts[1] += f" · {_reason(entry.reason, t)}"
    changed = _changed(entry.before, entry.after, t)
    return "\n".join([*parts, *([changed] if changed else [])])


def _reason(reason: str, t: Texts) -> str:
    return t(_REASONS[reason]) if reason in _REASONS else show_line(reason, _VALUE)


def _changed(before: Mapping[str, str], after: Mapping[str, str], t: Texts) -> str:
    """What differs, and the category that it is about."""
    named = sorted({*before, *after})
    shown = [name for name in named if before.get(name) != after.get(name) or name == "category"]
    states = (_state(name, before.get(name), after.get(name), t) for name in shown or named)
    return " · ".join(states)


def _state(name: str, old: str | None, new: str | None, t: Texts) -> str:
    title = (
        setting_title(name, t) if name in SETTINGS else t(_NAMES[name]) if name in _NAMES else name
    )
    values = [_value(name, value, t) for value in (old, new) if value is not None]
    if old == new:
        values = values[:1]
    elif old is None and new != "changed" and name not in _COUNTS:
        values.insert(0, "–")
    elif new is None:
        values.append("–")
    return f"{title}: {' → '.join(values)}"


def _value(name: str, value: str, t: Texts) -> str:
    if not value:
        return "–"
    if name in SETTINGS and value != "changed":
        return value_text(SETTINGS[name], value, t)
    if name in _MENTIONS:
        return _MENTIONS[name].format(value)
    if name == "reason":
        return _reason(value, t)
    if value in _STATES and (name in _OF_OURS or name in SETTINGS):
        return t(_STATES[value])
    if name == "until":
        return discord.utils.format_dt(datetime.fromisoformat(value), "f")
    return show_line(value, _VALUE)


def audit_view(wanted: AuditFilter, page: int, *, more: bool, t: Texts) -> discord.ui.View:
    """A select of the kind of act, buttons to other pages, and one for the table."""
    kind, *rest = filter_words(wanted)
    # Discord shows 25 options. `/audit` itself takes each kind.
    left_out = next(each for each in _SELDOM if each.value != kind)
    options = [discord.SelectOption(label=t("Everything"), value=ANY, default=kind == ANY)]
    options += [
        discord.SelectOption(label=t(name)[:100], value=each.value, default=each.value == kind)
        for each, name in KINDS.items()
        if each is not left_out
    ]
    select: discord.ui.Select[Any] = discord.ui.Select(
        custom_id=custom_id("audit.kind", *rest),
        placeholder=t("What was done"),
        options=options,
        row=1,
    )
    turns = page_buttons("audit", kind, *rest, page=page, more=more, t=t)
    return view_of(*turns, select, button("CSV", "audit.csv", kind, *rest, row=2))


def filter_words(wanted: AuditFilter) -> tuple[str, int, str]:
    """A filter in a custom id: its kind, its moderator, and its post with the time."""
    kind = ANY if wanted.kind is None else wanted.kind.value
    since = 0 if wanted.since is None else int(wanted.since.timestamp())
    return kind, wanted.actor_id or 0, f"{wanted.post_id or 0}.{since}"
