"""Rendering direct messages, the inbox, and what members follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import discord

from bot.domain.appeals import Appeal
from bot.domain.cards import PostCard
from bot.domain.erasures import is_erased
from bot.domain.names import show_name
from bot.domain.notices import (
    Mail,
    NoticeCard,
    NoticeKind,
)
from bot.domain.posts import HideReason, PostStatus
from bot.domain.review import ReportReason
from bot.domain.text import excerpt, fitting, show_body, show_line, show_link
from bot.i18n import N_, NP_, Texts
from bot.usecases.following import Inbox
from bot.usecases.reporting import WaitingReports
from bot.usecases.stopping import Stopped
from cogs.ui.appeals import appeal_buttons, own_line, waiting_lines
from cogs.ui.blocks import block_line
from cogs.ui.cards import card_link, closing_reason, votes_text
from cogs.ui.controls import button, link_button, view_of
from cogs.ui.delayed import delayed_buttons, delayed_lines
from cogs.ui.discord_refusals import refusal_in_words
from cogs.ui.help import command_mention
from cogs.ui.lists import page_buttons
from cogs.ui.people import person
from cogs.ui.reports import waiting_text
from cogs.ui.verdicts import reason_text
from cogs.ui.worries import author_text

_EXCERPT = 500
_ASKED = 3  # answers on a page: each is a row, and Discord has five
_COLOUR = 0x5865F2
_HEADS = {
    NoticeKind.ANSWERED: N_("New answer"),
    NoticeKind.CHOSEN: N_("Best answer chosen"),
    NoticeKind.COMMENTED: N_("New comment"),
    NoticeKind.ASKED: N_("New question"),
    NoticeKind.NUDGE: N_("Did an answer help?"),
    NoticeKind.HIDDEN: N_("Hidden"),
    NoticeKind.SHOWN: N_("Shown again"),
    NoticeKind.APPROVED: N_("Approved"),
    NoticeKind.REJECTED: N_("Not approved"),
    NoticeKind.CLOSED: N_("Closed"),
    NoticeKind.REOPENED: N_("Reopened"),
    NoticeKind.EDITED: N_("Edited"),
    NoticeKind.MOVED: N_("Moved"),
    NoticeKind.FILES_REMOVED: N_("Files removed by a moderator"),
    NoticeKind.WORRIED: N_("Someone is thinking of you"),
    NoticeKind.UNSEALED: N_("Two moderators saw who wrote this"),
    NoticeKind.SILENCED: N_("Blocked from posting anonymously"),
    NoticeKind.POSTED: N_("Posted"),
    NoticeKind.SAVED: N_("Saved"),
}
_WHY_HIDDEN = {
    HideReason.SPAM: N_("A moderator hid it as spam."),
    HideReason.UNKIND: N_("A moderator hid it because it's unkind."),
    HideReason.RULES: N_("A moderator hid it because it's against the rules."),
    HideReason.OTHER: N_("A moderator hid it."),
    HideReason.REPORTS: N_("Members reported it. It stays hidden until a moderator has looked."),
    HideReason.MESSAGE: N_("Its message was deleted in Discord."),
}

_SEALED = {
    NoticeKind.UNSEALED: N_("They gave a reason. Nobody else can see that it's you."),
    NoticeKind.SILENCED: N_("You can post with your name."),
}
_AT_ONCE = {
    NoticeKind.HIDDEN: NP_(
        "{n} more of your posts was hidden too.", "{n} more of your posts were hidden too."
    ),
    NoticeKind.SHOWN: NP_(
        "{n} more of your posts is shown again too.", "{n} more of your posts are shown again too."
    ),
}


def notice_line(notice: NoticeCard, t: Texts) -> str:
    """A notice on one line, with a link; on a second one, why it was, where there is more to
    say."""
    post = notice.post
    link = card_link(post) if post.status is PostStatus.VISIBLE else ""
    title = show_link(notice.question.title, link)
    if notice.kind is NoticeKind.VOTED:
        votes = t("{votes} on {post}", votes=votes_text(notice.votes, t), post=post.reference)
        line = f"**{votes}** · {title}"
    else:
        line = f"**{_head(notice, t, person)}** · {post.reference} {title}"
    more = _more(notice, t)
    return f"{line}\n{more}" if more else line


def _head(notice: NoticeCard, t: Texts, named: Callable[[int, str], str]) -> str:
    """What happened, in a few words. `named` writes a person's name."""
    post = notice.post
    match notice.kind:
        case NoticeKind.POSTED if not card_link(post):
            return t("Saved, but not shown yet")
        case NoticeKind.CHOSEN if notice.own:
            return _chosen_head(notice, t, named)
        case NoticeKind.EDITED if post.edited_by not in (None, post.author.id):
            editor = post.edited_by or 0
            gone = t("a deleted member") if is_erased(editor) else ""
            return t("Edited by {name}", name=gone or named(editor, post.editor_name))
        case NoticeKind.HIDDEN if post.status is PostStatus.DELETED:
            return t("Deleted by a moderator")
        case NoticeKind.MOVED if post.category:
            return t("Moved to {category}", category=show_line(post.category))
        case _:
            return t(_HEADS[notice.kind])


def _chosen_head(notice: NoticeCard, t: Texts, named: Callable[[int, str], str]) -> str:
    """What the author of the best answer reads: who chose it, and what that earned."""
    asker = notice.question.author
    if notice.by_asker and asker.id is not None:
        name = named(asker.id, asker.name)
        head = t("{name} marked your answer as best", name=name)
    else:
        head = t("Your answer was marked as best")
    return f"{head}: +{t.number(notice.points)}" if notice.points > 0 else head


def _more(notice: NoticeCard, t: Texts) -> str:
    """What there is to say of a notice in a further line or two."""
    post = notice.post
    parts = [refusal_in_words(notice.problem, t)] if notice.problem else []
    if notice.kind is NoticeKind.HIDDEN and notice.why is not None:
        parts.append(t(_WHY_HIDDEN[notice.why]))
    if notice.kind is NoticeKind.REJECTED and notice.why is not None:
        reason = reason_text(ReportReason(notice.why), t)
        parts.append(t("A moderator's reason: {reason}", reason=reason))
    if notice.kind in _AT_ONCE and notice.votes:
        one, many = _AT_ONCE[notice.kind]
        parts.append(t.plural(one, many, notice.votes))
    if notice.kind is NoticeKind.CLOSED and post.closing is not None:
        parts.append(closing_reason(post.guild_id, post.closing, t))
    if notice.reply:
        parts.append(show_body(notice.reply))
    if notice.kind in _SEALED:
        parts.append(t(_SEALED[notice.kind]))
    if notice.kind is NoticeKind.WORRIED:
        parts.append(author_text(notice.helplines, t))
    if notice.asks:
        parts.append(t("*Did this solve it?*"))
    return "\n".join(part for part in parts if part)


def _plainly(_user_id: int, name: str) -> str:
    """A person's name for a title, where Discord shows neither links nor mentions."""
    return show_name(name) or "—"


def mail_embed(mail: Mail, t: Texts) -> discord.Embed:
    """A direct message: one notice with the beginning of its text, or several with a line each."""
    embed = discord.Embed(colour=_COLOUR)
    if len(mail.notices) == 1:
        notice = mail.notices[0]
        embed.title = _head(notice, t, _plainly)
        title = show_line(notice.question.title)
        text = excerpt(notice.post.body, _EXCERPT)
        if notice.kind is NoticeKind.NUDGE:
            text = t(
                "Other people liked answers to your question. If one of them helped you, mark it "
                "as the best answer. It thanks the author and helps the next person who asks."
            )
        quote = f"\n\n> {text}" if text else ""
        if notice.kind is NoticeKind.WORRIED:
            quote = "\n\n" + author_text(notice.helplines, t)
        if notice.kind in _SEALED:
            quote = "\n\n" + t(_SEALED[notice.kind])
        asked = "\n\n" + t("*Did this solve it?*") if notice.asks else ""
        embed.description = f"**{notice.post.reference} {title}**{quote}{asked}"
    else:
        count = len(mail.notices) + mail.more
        embed.title = t.plural("{n} update", "{n} updates", count)
        rest = "\n" + t("… and {n} more in /inbox.", n=t.number(mail.more)) if mail.more else ""
        lines = (notice_line(notice, t) for notice in mail.notices)
        embed.description = fitting(lines, 4096 - len(rest)) + rest
    embed.set_footer(text=t("You asked for these messages. You can stop them below at any time."))
    return embed


def mail_controls(mail: Mail, t: Texts) -> list[discord.ui.Button[Any]]:
    """A link to what is new, the *stop* button, which also carries the last notice of the message,
    and what the reader is asked."""
    asked = solved_buttons(mail.notices, t, 0)
    row = len(asked) // 2
    if len(mail.notices) != 1:
        stop = button(t("Stop all messages"), "stop", mail.guild_id, 0, mail.up_to, row=row)
        return [*asked, stop]
    (notice,) = mail.notices
    about = (mail.guild_id, notice.about)
    stop = button(t("Stop these messages"), "stop", *about, mail.up_to, row=row)
    link = card_link(notice.post)
    read = [link_button(t("Read it"), link, row=row)] if link else []
    return [*asked, *read, stop]


def solved_buttons(
    notices: Sequence[NoticeCard], t: Texts, first_row: int
) -> list[discord.ui.Button[Any]]:
    """What an asker answers about new answers, a row for each of the latest ones: whether it solved
    their question. Where they are asked about several, the buttons name the answer."""
    asked = [notice for notice in notices if notice.asks][:_ASKED]
    found: list[discord.ui.Button[Any]] = []
    for row, notice in enumerate(asked, first_row):
        post = notice.post
        yes, no = t("Yes, best answer"), t("Not yet")
        if len(asked) > 1:
            yes, no = f"{post.reference} · {yes}", f"{post.reference} · {no}"
        where = (post.guild_id, post.post_id)
        good = discord.ButtonStyle.success
        found.append(button(yes, "solved", *where, style=good, row=row))
        found.append(button(no, "unsolved", *where, row=row))
    return found


def inbox_view(inbox: Inbox, page: int, t: Texts) -> discord.ui.View | None:
    """Buttons to other pages of the inbox, and what the reader is asked; None if there are none."""
    items = page_buttons("inbox", page=page, more=inbox.more, t=t)
    items += delayed_buttons(inbox.delayed, t, beside=len(items))
    items += appeal_buttons(inbox.appealable, t, turns=len(items))
    items += solved_buttons(inbox.notices, t, 1)
    return view_of(*items) if items else None


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


def _held(post: PostCard, commands: Mapping[str, int], t: Texts) -> str:
    """A post of the reader's that waits for approval, and what they can do with it."""
    title = show_line(post.title)
    can = t(
        "You can change it with {edit} or take it back with {delete}.",
        edit=command_mention("edit", commands),
        delete=command_mention("delete", commands),
    )
    return f"⏳ **{t('Waits for approval')}** · {post.reference} {title}\n{can}"


def inbox_embed(
    inbox: Inbox,
    page: int,
    t: Texts,
    commands: Mapping[str, int],
    reports: Sequence[WaitingReports] = (),
    appeals: Sequence[Appeal] = (),
) -> discord.Embed:
    """A page of the inbox, with unread notices marked. `commands` are the ids of commands.
    `reports` and `appeals`, which wait for the reader as a moderator, come first."""
    head = t(_HEADS[NoticeKind.SAVED])
    lines = [waiting_text(reports, t)] if reports else []
    lines += waiting_lines(appeals, t)
    lines += [block_line(inbox.block, t)] if inbox.block is not None else []
    lines += [own_line(appeal, t) for appeal in inbox.all_appeals]
    lines += delayed_lines(inbox.delayed, commands, t)
    lines += [_held(post, commands, t) for post in inbox.held]
    lines += [
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
