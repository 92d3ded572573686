"""Rendering the bell under private replies."""

from __future__ import annotations

from typing import Final

import discord

from bot.i18n import Texts
from bot.usecases.news import News
from cogs.ui.controls import button, view_of

NEWS: Final = "news"
"""The action of the bell."""


def news_text(news: News, t: Texts) -> str:
    """How much is new: "2 new"."""
    shown = t.number(news.count) + ("+" if news.is_more else "")
    return t.plural("{shown} new", "{shown} new", news.count, shown=shown)


def with_bell(view: discord.ui.View | None, news: News, t: Texts) -> discord.ui.View:
    """Controls with the bell behind them; without it where Discord's five rows are full."""
    bell = button(news_text(news, t), NEWS, emoji="🔔")
    if view is None:
        return view_of(bell)
    rows = [item.row for item in view.children if item.row is not None]
    for row in [*range(max(rows), 5), None] if rows else [None]:
        bell.row = row
        try:
            view.add_item(bell)
        except ValueError:  # no room in that row
            continue
        break
    return view
