"""Selects that page: Discord takes 25 options in one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import discord

from bot.domain.cards import Category
from bot.domain.emoji import everywhere
from bot.domain.text import shorten
from bot.domain.typed import one_line
from bot.i18n import Texts
from cogs.ui.controls import number_in, view_of
from cogs.ui.lists import page_buttons
from cogs.ui.modals import NO_CATEGORY, category_label

OPTIONS: Final = 25  # Discord's limit of a select
_LABEL = 100  # and of an option


def category_options(
    categories: Sequence[Category], chosen: int | None = None
) -> list[discord.SelectOption]:
    """Categories with their parents and descriptions; `chosen` is selected."""
    return [
        discord.SelectOption(
            label=shorten(category_label(category), _LABEL),
            value=str(category.category_id),
            description=shorten(one_line(category.description), _LABEL) or None,
            # A custom emoji that was deleted would make Discord refuse the whole reply.
            emoji=everywhere(category.emoji) or None,
            default=category.category_id == chosen,
        )
        for category in categories
    ]


def no_category(t: Texts, *, chosen: bool = False) -> discord.SelectOption:
    """The option for no category."""
    return discord.SelectOption(label=t("No category"), value=NO_CATEGORY, default=chosen)


def part_of(
    options: Sequence[discord.SelectOption], page: int
) -> tuple[Sequence[discord.SelectOption], bool]:
    """The options of a page, counted from 0, and whether there are more."""
    rest = options[page * OPTIONS :]
    return rest[:OPTIONS], len(rest) > OPTIONS


def select_of(
    action_id: str, options: Sequence[discord.SelectOption], hint: str, *, row: int | None = None
) -> discord.ui.Select[Any]:
    """A select of at most 25 options, one of which is chosen."""
    return discord.ui.Select(
        custom_id=action_id, placeholder=hint[:150], options=list(options[:OPTIONS]), row=row
    )


_PAGE = "page:"
_PART = OPTIONS - 2  # leaves room for the two options that turn


def page_chosen(value: str) -> int | None:
    """The page that an option of a `turning_select` turns to; None for the others. Raises `Forged`
    for one that no select has."""
    return number_in(value.removeprefix(_PAGE)) if value.startswith(_PAGE) else None


def turning_select(
    action_id: str,
    options: Sequence[discord.SelectOption],
    page: int | None,
    hint: str,
    t: Texts,
    *,
    row: int | None = None,
) -> discord.ui.Select[Any]:
    """A select of any number of options that turns its pages by options of its own, for messages
    whose buttons turn something else. Without a page, it shows the one with the default option."""
    if len(options) <= OPTIONS:
        return select_of(action_id, options, hint, row=row)
    if page is None:
        page = next((at // _PART for at, each in enumerate(options) if each.default), 0)
    page = min(page, (len(options) - 1) // _PART)
    shown = list(options[page * _PART : (page + 1) * _PART])
    if page:
        shown.insert(0, discord.SelectOption(label=t("Back…"), value=f"{_PAGE}{page - 1}"))
    if len(options) > (page + 1) * _PART:
        shown.append(discord.SelectOption(label=t("More…"), value=f"{_PAGE}{page + 1}"))
    return select_of(action_id, shown, hint, row=row)


def paged_view(
    action_id: str,
    options: Sequence[discord.SelectOption],
    page: int,
    hint: str,
    t: Texts,
    *turning: object,
) -> discord.ui.View:
    """A select of any number of options. `turning` is the action of the buttons between its pages,
    with its arguments before the page."""
    shown, more = part_of(options, page)
    action, *arguments = turning
    buttons = page_buttons(str(action), *arguments, page=page, more=more, t=t)
    for each in buttons:
        each.row = 1
    return view_of(*([select_of(action_id, shown, hint, row=0)] if shown else []), *buttons)
