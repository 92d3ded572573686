"""Rendering direct messages, the inbox, and what members follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import discord

from bot.domain.notices import Mail, NoticeCard, NoticeKind
from bot.domain.text import excerpt, fitting, show_line, show_link
from bot.i18n import N_, Texts
from bot.usecases.following import Inbox, Stopped
from cogs.ui.cards import card_link
from cogs.ui.controls import button, link_button
from cogs.ui.discord_refusals import refusal_in_words
from cogs.ui.help import command_mention

_EXCERPT = 500
_COLOUR = 0x5865F2
_HEADS = {
    NoticeKind.ANSWERED: N_("New answer"),
    NoticeKind.CHOSEN: N_("Best answer chosen"),
    NoticeKind.COMMENTED: N_("New comment"),
    NoticeKind.ASKED: N_("New question"),
    NoticeKind.NUDGE: N_("Did an answer help?"),
    NoticeKind.POSTED: N_("Posted"),
    NoticeKind.SAVED: N_("Saved"),
}


def notice_line(notice: NoticeCard, t: Texts) -> str:
    """A notice on one line, with a link."""
    link = card_link(notice.post)
    head = t(_HEADS[notice.kind])
    if notice.kind is NoticeKind.POSTED and not link:
        head = t("Saved, but not shown yet")
    line = f"**{head}** · {notice.post.reference} {show_link(notice.question.title, link)}"
    return f"{line}\n{refusal_in_words(notice.problem, t)}" if notice.problem else line


def mail_embed(mail: Mail, t: Texts) -> discord.Embed:
    """A direct message: one notice with the beginning of its text, or several with a line each."""
    embed = discord.Embed(colour=_COLOUR)
    if len(mail.notices) == 1:
        notice = mail.notices[0]
        embed.title = t(_HEADS[notice.kind])
        title = show_line(notice.question.title)
        text = excerpt(notice.post.body, _EXCERPT)
        if notice.kind is NoticeKind.NUDGE:
            text = t(
                "Other people liked answers to your question. If one of them helped you, mark it "
                "as the best answer. It thanks the author and helps the next person who asks."
            )
        quote = f"\n\n> {text}" if text else ""
        embed.description = f"**{notice.post.reference} {title}**{quote}"
    else:
        count = len(mail.notices) + mail.more
        embed.title = t.plural("{n} update", "{n} updates", count)
        rest = "\n" + t("… and {n} more in /inbox.", n=t.number(mail.more)) if mail.more else ""
        lines = (notice_line(notice, t) for notice in mail.notices)
        embed.description = fitting(lines, 4096 - len(rest)) + rest
    embed.set_footer(text=t("You asked for these messages. You can stop them below at any time."))
    return embed


def mail_controls(mail: Mail, t: Texts) -> list[discord.ui.Button[Any]]:
    """A link to what is new, and the *stop* button, which also carries the last notice of the
    message."""
    if len(mail.notices) != 1:
        return [button(t("Stop all messages"), "stop", mail.guild_id, 0, mail.up_to)]
    (notice,) = mail.notices
    own = notice.kind in (NoticeKind.CHOSEN, NoticeKind.NUDGE)
    about = notice.post.post_id if own else (notice.post.parent_id or notice.question.post_id)
    stop = button(t("Stop these messages"), "stop", mail.guild_id, about, mail.up_to)
    link = card_link(notice.post)
    return [link_button(t("Read it"), link), stop] if link else [stop]


def stopped_text(stopped: Stopped, t: Texts) -> str:
    """What a member reads after stopping direct messages: which ones end, and which go on."""
    match stopped:
        case Stopped.POST:
            return t(
                "Stopped. You won't get more messages about this. Find the rest in the "
                "server's /inbox."
            )
        case Stopped.FOLLOWED:
            return t(
                "Stopped. You won't get more messages about what you follow in this server. "
                "Messages you ticked in a form and digests still come. "
                "Find the rest in its /inbox."
            )
        case Stopped.ALL:
            return t(
                "Stopped. You won't get more messages or digests from this server. Find the "
                "rest in its /inbox."
            )


def inbox_embed(inbox: Inbox, page: int, t: Texts, commands: Mapping[str, int]) -> discord.Embed:
    """A page of the inbox, with unread notices marked. `commands` are the ids of commands."""
    head = t(_HEADS[NoticeKind.SAVED])
    lines = [
        f"🔵 **{head}** · {command_mention(receipt.act, commands)} {receipt.about}".rstrip()
        + f"\n{discord.utils.format_dt(receipt.at, 'R')}"
        for receipt in inbox.saved
    ]
    lines += [
        f"{'' if notice.read else '🔵 '}{notice_line(notice, t)}\n"
        f"{discord.utils.format_dt(notice.at, 'R')} · {excerpt(notice.post.body, 120)}"
        for notice in inbox.notices
    ]
    embed = discord.Embed(title=t("Your inbox"), colour=_COLOUR)
    embed.description = fitting(lines, 4096, "\n\n") or (
        t("Nothing more to show.")
        if page
        else t("Nothing yet. You'll see news about your posts and everything you follow here.")
    )
    if page or inbox.more:
        embed.set_footer(text=t("Page {number}", number=page + 1))
    return embed
