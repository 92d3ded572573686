"""The controls under lists of questions, categories and tags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from bot.domain.cards import Category
from bot.domain.text import shorten
from bot.domain.typed import one_line
from bot.i18n import Texts
from bot.usecases.listing import Selection
from cogs.ui.controls import custom_id, view_of
from cogs.ui.lists import CATEGORIES_PAGE, page_buttons
from cogs.ui.questions import VIEWS
from cogs.ui.selects import category_options, select_of, turning_select


def questions_view(
    wanted: Selection,
    categories: Sequence[Category],
    offered: int | None,
    t: Texts,
    *,
    more: bool,
) -> discord.ui.View:
    """A select of the view, one of the category, and the buttons between pages. They carry all
    parameters of the list. `offered` is the page of categories in the select, if one was asked
    for."""
    tag = [wanted.tag] if wanted.tag else []
    category_id = wanted.category_id or 0
    views = [
        discord.SelectOption(label=_begun(t(name)), value=view.value, default=view is wanted.view)
        for view, name in VIEWS.items()
    ]
    action = custom_id("list.view", category_id, *tag)
    items: list[discord.ui.Item[Any]] = [select_of(action, views, t("Choose a list"), row=1)]
    if categories:
        every = discord.SelectOption(label=t("All categories"), value="0", default=not category_id)
        options = [every, *category_options(categories, category_id)]
        action = custom_id("list.category", wanted.view.value, category_id, *tag)
        items.append(turning_select(action, options, offered, t("Choose a category"), t, row=2))
    turns = page_buttons(
        "list", wanted.view.value, category_id, page=wanted.page, more=more, t=t, after=tag
    )
    return view_of(*turns, *items)


def _begun(name: str) -> str:
    return name[:1].upper() + name[1:]


def categories_view(known: Sequence[Category], page: int, t: Texts) -> discord.ui.View | None:
    """A select that opens a category of the page, and the buttons between pages."""
    shown = known[page * CATEGORIES_PAGE :][:CATEGORIES_PAGE]
    more = len(known) > (page + 1) * CATEGORIES_PAGE
    items: list[discord.ui.Item[Any]] = [*page_buttons("categories", page=page, more=more, t=t)]
    if shown:
        options = category_options(shown)
        action = custom_id("categories.open")
        items.append(select_of(action, options, t("See a category's questions"), row=1))
    return view_of(*items) if items else None


def tags_view(
    found: Sequence[tuple[str, int]], page: int, t: Texts, *, more: bool
) -> discord.ui.View | None:
    """A select that opens a tag of the page, and the buttons between pages."""
    items: list[discord.ui.Item[Any]] = [*page_buttons("tags", page=page, more=more, t=t)]
    if found:
        options = [
            discord.SelectOption(
                label=shorten(one_line(tag), 100),
                value=tag,
                description=t.plural("{n} question", "{n} questions", count),
            )
            for tag, count in found
        ]
        action = custom_id("tags.open")
        items.append(select_of(action, options, t("See a tag's questions"), row=1))
    return view_of(*items) if items else None
