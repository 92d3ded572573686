"""Lists and figures: profiles, leaderboards, where points came from, categories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import discord

from bot.domain.badges import Badge, BadgeKind, Level, badges_of
from bot.domain.cards import Category, PointsLine, Profile, Standing
from bot.domain.names import readable_name
from bot.domain.reputation import Reason
from bot.domain.text import fitting, show_line
from bot.i18n import N_, NP_, Texts
from bot.usecases.browsing import Board, PointsPage
from cogs.ui.cards import message_link
from cogs.ui.controls import button, view_of
from cogs.ui.people import person, profile_link

_COLOUR = 0x5865F2
_DESCRIPTION = 4096
CATEGORIES_PAGE = 15  # per page: as many as fit into a message with the longest descriptions
_MEDALS: Final = {1: "🥇", 2: "🥈", 3: "🥉"}
_LEVELS: Final = {Level.BRONZE: "🥉", Level.SILVER: "🥈", Level.GOLD: "🥇"}
_BADGES: Final = {
    BadgeKind.QUESTIONS: N_("Curious"),
    BadgeKind.ANSWERS: N_("Helpful"),
    BadgeKind.BEST_ANSWERS: N_("Insightful"),
    BadgeKind.VOTES_RECEIVED: N_("Appreciated"),
    BadgeKind.VOTES_GIVEN: N_("Engaged"),
}
_COUNTED: Final = {
    BadgeKind.QUESTIONS: NP_("{n} question", "{n} questions"),
    BadgeKind.ANSWERS: NP_("{n} answer", "{n} answers"),
    BadgeKind.BEST_ANSWERS: NP_("{n} best answer", "{n} best answers"),
    BadgeKind.VOTES_RECEIVED: NP_("{n} vote received", "{n} votes received"),
    BadgeKind.VOTES_GIVEN: NP_("{n} vote given", "{n} votes given"),
}
PERIODS: Final = {"all": N_("All time"), "month": N_("Last 30 days"), "week": N_("Last 7 days")}


def signed(points: int, t: Texts) -> str:
    """Points with their sign: "+1,200", "−30"."""
    return ("−" if points < 0 else "+") + t.number(abs(points))


def points_text(points: int, t: Texts) -> str:
    """Points as a quantity: "1 point", "1,200 points"."""
    return t.plural("{points} point", "{points} points", points, points=t.number(points))


def profile_embed(
    profile: Profile, name: str, avatar: str, *, own: bool, private_voting: bool, t: Texts
) -> discord.Embed:
    """A member's standing. With private votes, it doesn't show how often they voted: a count that
    grows right after a vote would reveal whose it was."""
    embed = discord.Embed(colour=_COLOUR)
    link = profile_link(profile.user_id)
    embed.set_author(name=readable_name(name) or "—", url=link, icon_url=avatar)
    rank = t("not ranked yet") if profile.rank is None else t("rank {n}", n=t.number(profile.rank))
    points = f"**{t.number(profile.points)}** · {rank}"
    if profile.title:
        points += f" · {show_line(profile.title)}"
    embed.add_field(name=t("Points"), value=points, inline=False)
    embed.add_field(name=t("Questions"), value=t.number(profile.questions))
    embed.add_field(name=t("Answers"), value=t.number(profile.answers))
    embed.add_field(name=t("Best answers"), value=t.number(profile.best_answers))
    embed.add_field(name=t("Votes received"), value=t.number(profile.votes_received))
    tells_votes = own or not private_voting
    if tells_votes:
        embed.add_field(name=t("Votes given"), value=t.number(profile.votes_given))
    badges = badges_of(profile, with_votes_given=tells_votes)
    if badges:
        lines = "\n".join(_badge_line(badge, t) for badge in badges)
        embed.add_field(name=t("Badges"), value=lines, inline=False)
    return embed


def _badge_line(badge: Badge, t: Texts) -> str:
    one, many = _COUNTED[badge.kind]
    needed = t.plural(one, many, badge.needed)
    return f"{_LEVELS[badge.level]} **{t(_BADGES[badge.kind])}** · {needed}"


def _line_of(standing: Standing, t: Texts) -> str:
    place = _MEDALS.get(standing.rank, f"**{t.number(standing.rank)}.**")
    line = f"{place} {person(standing.user_id, standing.name)}"
    line += f" · {points_text(standing.points, t)}"
    return f"{line} · {show_line(standing.title)}" if standing.title else line


def board_embed(board: Board, period: str, page: int, reader_id: int, t: Texts) -> discord.Embed:
    """A page of a leaderboard, with the reader's own rank."""
    embed = discord.Embed(title=f"{t('Leaderboard')} · {t(PERIODS[period])}", colour=_COLOUR)
    lines = [_line_of(standing, t) for standing in board.lines]
    if not lines:
        lines.append(
            t("Nothing more to show.")
            if page
            else t("Nobody has earned points here yet. Ask or answer, and be the first.")
        )
    if board.mine is not None and all(s.user_id != reader_id for s in board.lines):
        lines += ["", t("You: {line}", line=_line_of(board.mine, t))]
    embed.description = "\n".join(lines)
    return embed


def board_view(board: Board, period: str, page: int, t: Texts) -> discord.ui.View:
    """Other pages of a leaderboard, and other periods."""
    items = page_buttons("board", period, page=page, more=board.more, t=t)
    for other, label in PERIODS.items():
        # Without a page, because Discord requires unique ids and the first page may have a button
        # already.
        items.append(button(t(label), "board", other, disabled=other == period, row=1))
    return view_of(*items)


def page_buttons(
    action: str, *arguments: object, page: int, more: bool, t: Texts, after: Sequence[object] = ()
) -> list[discord.ui.Button[Any]]:
    """Buttons to the previous and next page; none if there is only one page. Their ids have the
    action, its arguments, the page, and further arguments."""
    if page == 0 and not more:
        return []

    def turn(label: str, to: int, emoji: str, *, disabled: bool) -> discord.ui.Button[Any]:
        place = (*arguments, to, *after)
        return button(label, action, *place, emoji=emoji, disabled=disabled, row=0)

    return [
        turn(t("Previous"), page - 1, "◀️", disabled=page == 0),
        turn(t("Next"), page + 1, "▶️", disabled=not more),
    ]


def pages_view(
    action: str, *arguments: object, page: int, more: bool, t: Texts, after: Sequence[object] = ()
) -> discord.ui.View | None:
    """A view with only those buttons; None if there are none."""
    buttons = page_buttons(action, *arguments, page=page, more=more, t=t, after=after)
    return view_of(*buttons) if buttons else None


def points_embed(guild_id: int, page: PointsPage, number: int, t: Texts) -> discord.Embed:
    """Where a member's points came from; `number` is the page, from 0."""
    head = t(
        "**You have {points}.** Everyone starts with {start}. Here's where the rest came from.",
        points=points_text(page.points, t),
        start=t.number(page.start),
    )
    if page.start + page.earned < 0:
        head += " " + t("Points never fall below 0.")
    lines = [_points_line(guild_id, line, t) for line in page.lines]
    if not lines:
        lines.append(
            t("Nothing yet. Ask a question or answer one.")
            if number == 0
            else t("Nothing more to show.")
        )
    if not page.more:
        lines.append(f"`{signed(page.start, t):>6}` " + t("to start with"))
    embed = discord.Embed(title=t("Your points"), colour=_COLOUR)
    embed.description = fitting([head, "", *lines], _DESCRIPTION)
    return embed


def points_view(page: PointsPage, number: int, t: Texts) -> discord.ui.View | None:
    """Buttons to other pages of a member's points; None if there is only one."""
    buttons = page_buttons("points", page=number, more=page.more, t=t)
    return view_of(*buttons) if buttons else None


def _points_line(guild_id: int, line: PointsLine, t: Texts) -> str:
    link = message_link(guild_id, line.channel_id, line.message_id)
    post = f"[{line.post}]({link})" if link else line.post
    text = f"`{signed(line.points, t):>6}` {_reason(line, post, t)}"
    if line.title:
        text += f" · {show_line(line.title, 60)}"
    if line.capped < 0:
        kept = t(
            "The votes add up to {points} more, but this is the most one post can earn from votes.",
            points=t.number(-line.capped),
        )
        text += f"\n*{kept}*"
    elif line.capped > 0:
        kept = t(
            "The votes add up to {points} less, but this is the most one post can lose from votes.",
            points=t.number(line.capped),
        )
        text += f"\n*{kept}*"
    return text


def _reason(line: PointsLine, post: str, t: Texts) -> str:
    match line.reason:
        case Reason.QUESTION:
            return t("for your question {post}", post=post)
        case Reason.ANSWER:
            return t("for your answer {post}", post=post)
        case Reason.CHOOSING_BEST:
            return t("for choosing the best answer to {post}", post=post)
        case Reason.BEST_ANSWER:
            return t("because {post} is the best answer", post=post)
        case Reason.VOTE | Reason.VOTE_LIMIT:
            return t.plural("{n} vote on {post}", "{n} votes on {post}", line.times, post=post)
        case Reason.BONUS:
            return t("as a bonus")


def categories_embed(known: Sequence[Category], page: int, t: Texts) -> discord.Embed:
    """A page (from 0) of a server's categories as a tree, each with its number of questions, and
    its own channel and role, which its descendants inherit."""
    lines: list[str] = []
    shown = known[page * CATEGORIES_PAGE : (page + 1) * CATEGORIES_PAGE]
    if shown and shown[0].path:  # the last one on the page before
        lines.append(" ".join(f"{show_line(name)} ›" for name in shown[0].path))
    for category in shown:
        indent = "\u2003" * len(category.path)
        facts = [
            f"{category.emoji} **{show_line(category.name)}**".strip(),
            t.plural("{n} question", "{n} questions", category.questions),
        ]
        if category.own_channel_id is not None:
            facts.append(f"<#{category.own_channel_id}>")
        if category.own_role_id is not None and category.role_id is None:
            facts.append(t("everyone can ask"))
        elif category.own_role_id is not None:
            facts.append(t("only {role} can ask", role=f"<@&{category.own_role_id}>"))
        about = f"\n{indent}\u2003*{show_line(category.description)}*"
        lines.append(indent + " · ".join(facts) + (about if category.description else ""))
    embed = discord.Embed(title=t("Categories"), colour=_COLOUR)
    nothing = t("Nothing more to show.") if page else t("No categories yet.")
    embed.description = fitting(lines, _DESCRIPTION) or nothing
    return embed


def categories_pages(
    action: str, known: Sequence[Category], page: int, t: Texts
) -> discord.ui.View | None:
    """The buttons between pages of categories; None if there is only one."""
    more = len(known) > (page + 1) * CATEGORIES_PAGE
    return pages_view(action, page=page, more=more, t=t)


def removal_view(category_id: int, t: Texts) -> discord.ui.View:
    """The button that removes a category for good."""
    danger = discord.ButtonStyle.danger
    return view_of(button(t("Remove"), "category.remove", category_id, style=danger))
