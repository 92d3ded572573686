"""Rendering what edits changed, page by page."""

from __future__ import annotations

import re
from typing import Final

import discord

from bot.domain.cards import PostCard
from bot.domain.differences import Difference, Sign, differences
from bot.domain.review import Edit
from bot.domain.text import show_line
from bot.domain.typed import calm
from bot.i18n import Texts
from cogs.ui.controls import button, view_of
from cogs.ui.lists import page_buttons
from cogs.ui.people import person

_COLOUR = 0x5865F2
_BLOCK: Final = 3000  # characters of changes on a page
_FIELD: Final = 1024
_FENCE = "```"
_TICKS = re.compile("`(?=``)")  # backticks, which could end the block


def edit_embed(card: PostCard, edit: Edit, t: Texts) -> discord.Embed:
    """One edit of a post: who, when, why, and what was changed."""
    head = t(
        "{number}: edit {n} of {all}",
        number=card.reference,
        n=t.number(edit.pages - edit.page),
        all=t.number(edit.pages),
    )
    embed = discord.Embed(title=head, colour=_COLOUR)
    if edit.editor_id is None:
        who = t("a deleted member")
    else:
        who = person(edit.editor_id, edit.editor_name)
    lines = [t("by {name}, {when}", name=who, when=discord.utils.format_dt(edit.at, "f"))]
    if edit.reason:
        lines.append(f"> {show_line(edit.reason)}")
    changed = differences(edit.before.body, edit.after.body)
    if changed:
        lines.append(_block(changed, _BLOCK, t))
    embed.description = "\n".join(lines)
    title = differences(edit.before.title, edit.after.title)
    if title:
        embed.add_field(name=t("Title"), value=_block(title, _FIELD, t), inline=False)
    tags = _tags(edit)
    if tags:
        embed.add_field(name=t("Tags"), value=_block(tags, _FIELD, t), inline=False)
    return embed


def _tags(edit: Edit) -> list[Difference]:
    before, after = edit.before.tags, edit.after.tags
    if before == after:
        return []
    gone = [tag for tag in before if tag not in after]
    come = [tag for tag in after if tag not in before]
    if not gone and not come:  # only their order
        gone, come = list(before), list(after)
    found: list[Difference] = []
    if gone:
        found.append((Sign.GONE, ", ".join(gone)))
    if come:
        found.append((Sign.NEW, ", ".join(come)))
    return found


def _block(changes: list[Difference], limit: int, t: Texts) -> str:
    """Changes as Discord colours them: removals in red, additions in green."""
    lines: list[str] = []
    room = limit - 100
    for number, (sign, text) in enumerate(changes):
        line = _TICKS.sub("`\u200b", f"{sign} {calm(text)}".rstrip())
        if len(line) > room and not lines:  # one line that fills the page
            line = line[: room - 1] + "…"
        if len(line) + 1 > room:
            left = sum(1 for s, _ in changes[number:] if s in (Sign.GONE, Sign.NEW))
            more = t.plural("… and {n} more line", "… and {n} more lines", left)
            return _fenced(lines) + (f"\n{more}" if left else "")
        room -= len(line) + 1
        lines.append(line)
    return _fenced(lines)


def _fenced(lines: list[str]) -> str:
    return f"{_FENCE}diff\n" + "\n".join(lines) + f"\n{_FENCE}"


def edit_view(card: PostCard, edit: Edit, t: Texts, *, may_go_back: bool) -> discord.ui.View | None:
    """Buttons to other edits, and (for moderators) to revert this one."""
    items = page_buttons(
        "history", str(card.post_id), page=edit.page, more=edit.page + 1 < edit.pages, t=t
    )
    if may_go_back:
        label = t("Restore the version before this edit")
        items.append(button(label, "revert", card.post_id, edit.number, card.version, row=1))
    return view_of(*items) if items else None
