"""Rendering what members follow, with selects to follow more and to unfollow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.domain.cards import Category
from bot.domain.names import readable_name
from bot.domain.notices import FollowKind
from bot.domain.text import fitting, plain_line, shorten, show_line, show_link
from bot.domain.typed import one_line
from bot.i18n import Texts
from bot.usecases.following import Followed
from cogs.ui.cards import card_link
from cogs.ui.controls import custom_id, view_of
from cogs.ui.lists import page_buttons
from cogs.ui.modals import category_label
from cogs.ui.people import person
from cogs.ui.selects import category_options, select_of, turning_select

_COLOUR = 0x5865F2
_FOLLOWS = 15  # per page: fits into an embed even with titles full of escapes


def followed_text(followed: Followed, t: Texts) -> str:
    """The name of something that is followed."""
    if followed.question is not None:
        card = followed.question
        return f"{card.reference} {show_link(card.title, card_link(card))}"
    if followed.category is not None:
        name = show_line(followed.category.name)
        return t("the category {name}", name=f"{followed.category.emoji} {name}".strip())
    if followed.kind is FollowKind.TAG:
        return t("the tag {name}", name=f"`{followed.key.replace('`', '')}`")
    return person(int(followed.key), followed.name)


def follows_embed(found: Sequence[Followed], page: int, t: Texts) -> tuple[discord.Embed, bool]:
    """A page of what a member follows, and whether there is another."""
    rest = found[page * _FOLLOWS :]
    lines = [f"• {followed_text(each, t)}" for each in rest[:_FOLLOWS]]
    embed = discord.Embed(title=t("What you follow"), colour=_COLOUR)
    nothing = t("Nothing more to show.") if page else t("Nothing yet. Choose something below.")
    embed.description = fitting(lines, 4096) or nothing
    more = len(rest) > _FOLLOWS
    if page or more:
        embed.set_footer(text=t("Page {number}", number=page + 1))
    return embed, more


@dataclass(frozen=True, slots=True)
class FollowChoices:
    """What a member follows, and the categories and tags that they can follow. `offered` is the
    page of categories in their select, if one was asked for."""

    followed: Sequence[Followed]
    categories: Sequence[Category]
    tags: Sequence[str]
    offered: int | None = None


def follows_view(choices: FollowChoices, page: int, t: Texts, *, more: bool) -> discord.ui.View:
    """Selects to unfollow what is on the page, and to follow a category, a tag or a member."""
    items: list[discord.ui.Item[Any]] = [*page_buttons("follows", page=page, more=more, t=t)]
    shown = choices.followed[page * _FOLLOWS :][:_FOLLOWS]
    if shown:
        options = [
            discord.SelectOption(
                label=shorten(_label(each, t), 100), value=f"{each.kind.value}:{each.key}"
            )
            for each in shown
        ]
        items.append(
            select_of(custom_id("unfollow.chosen"), options, t("Unfollow something"), row=1)
        )
    if choices.categories:
        options = category_options(choices.categories)
        action, hint = custom_id("follow.category"), t("Follow a category")
        items.append(turning_select(action, options, choices.offered, hint, t, row=2))
    if choices.tags:
        options = [
            discord.SelectOption(label=shorten(one_line(tag), 100), value=tag)
            for tag in choices.tags
        ]
        items.append(select_of(custom_id("follow.tag"), options, t("Follow a tag"), row=3))
    people: discord.ui.UserSelect[Any] = discord.ui.UserSelect(
        custom_id=custom_id("follow.member"), placeholder=t("Follow a member"), row=4
    )
    return view_of(*items, people)


def _label(followed: Followed, t: Texts) -> str:
    """The name of something that is followed, for places without markup."""
    if followed.question is not None:
        return f"{followed.question.reference} {plain_line(followed.question.title)}"
    if followed.category is not None:
        return t("Category: {name}", name=category_label(followed.category))
    if followed.kind is FollowKind.TAG:
        return f"#{one_line(followed.key)}"
    return readable_name(followed.name) or t("A member")
