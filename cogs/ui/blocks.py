"""What blocked members and their moderators read, and the form that blocks a post's author."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import discord

from bot.domain.blocks import Block, BlockNotice, BlockSpan
from bot.domain.errors import Denied
from bot.domain.posts import REASON_MAX
from bot.domain.text import show_line
from bot.domain.typed import characters, one_line
from bot.i18n import N_, Texts
from bot.usecases.drafts import Values
from cogs.ui.controls import button, custom_id, view_of

SPANS: Final = {
    BlockSpan.HOUR: N_("1 hour"),
    BlockSpan.DAY: N_("1 day"),
    BlockSpan.WEEK: N_("7 days"),
    BlockSpan.MONTH: N_("30 days"),
    BlockSpan.FOR_GOOD: N_("for good"),
}


def blocked_text(refusal: Denied, t: Texts) -> str:
    """That the reader is blocked, until when and why."""
    return _said(refusal.data.get("end"), str(refusal.data.get("why") or ""), t)


def blocked_anonymous_text(refusal: Denied, t: Texts) -> str:
    """That the reader can't post anonymously, and until when. They can with their name."""
    end = refusal.data.get("end")
    named = t("You can post with your name.")
    if not isinstance(end, datetime):
        return t("You're blocked from posting anonymously here for good.") + f" {named}"
    when = discord.utils.format_dt(end, "f")
    blocked = t("You're blocked from posting anonymously here until {when}.", when=when)
    return f"{blocked} {named}"


def _said(end: object, why: str, t: Texts) -> str:
    reason = show_line(why)
    when = discord.utils.format_dt(end, "f") if isinstance(end, datetime) else ""
    if when and reason:
        text = t(
            "You're blocked from posting here until {when}: {reason}", when=when, reason=reason
        )
    elif when:
        text = t("You're blocked from posting here until {when}", when=when)
    elif reason:
        text = t("You're blocked from posting here for good: {reason}", reason=reason)
    else:
        text = t("You're blocked from posting here for good")
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def block_line(notice: BlockNotice, t: Texts) -> str:
    """That the reader is blocked, at the top of their inbox: until when, why, and what they can do
    all the same."""
    new, block = "" if notice.read else "🔵 ", notice.block
    still = t("You can still read along, delete your posts and take votes back.")
    when = discord.utils.format_dt(notice.at, "R")
    head, why = t("Blocked"), _said(block.until, block.reason, t)
    return f"{new}**{head}** · {why}\n{when} · {still}"


def done_text(member: str, block: Block, t: Texts) -> str:
    """What a moderator reads who has blocked a member."""
    inbox = t("They read why in their inbox.")
    if block.until is None:
        done = t("{member} is blocked for good.", member=member)
    else:
        when = discord.utils.format_dt(block.until, "f")
        done = t("{member} is blocked until {when}.", member=member, when=when)
    return f"{done} {inbox}"


def sealed_done_text(block: Block, t: Texts) -> str:
    """What a moderator reads who has blocked the author of an anonymous post."""
    told = t("Nobody learns who it is, not even you. They read it in their inbox.")
    if block.until is None:
        return t("The author can't post anonymously any more.") + f" {told}"
    when = discord.utils.format_dt(block.until, "f")
    return t("The author can't post anonymously until {when}.", when=when) + f" {told}"


def unblock_view(member_id: int, t: Texts) -> discord.ui.View:
    """The button that takes a block off."""
    return view_of(button(t("Unblock"), "unblock", member_id))


def block_form(post_id: int, values: Values, t: Texts) -> discord.ui.Modal:
    """The form that blocks a post's author."""
    form = discord.ui.Modal(
        title=t("Block the author")[:45], custom_id=custom_id("block.form", post_id)
    )
    chosen = values.get("span") or [BlockSpan.WEEK.value]
    options = [
        discord.SelectOption(label=t(text), value=span.value, default=span.value in chosen)
        for span, text in SPANS.items()
    ]
    select: discord.ui.Select[Any] = discord.ui.Select(custom_id="span", options=options)
    form.add_item(discord.ui.Label(text=t("For how long?")[:45], component=select))
    reason: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id="reason",
        required=False,
        max_length=REASON_MAX,
        default=characters(one_line(str(values.get("reason", ""))))[:REASON_MAX] or None,
        placeholder=t("Optional. They read this in their inbox.")[:100],
    )
    form.add_item(discord.ui.Label(text=t("Why are you blocking them?")[:45], component=reason))
    return form
