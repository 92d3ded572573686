"""Rendering the choice of a post, for commands that named none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import discord

from bot.domain.cards import PostCard
from bot.domain.posts import PostKind
from bot.domain.text import plain_line, shorten
from bot.i18n import N_, Texts
from bot.usecases.pointing import Offered
from cogs.ui.cards import plain_words
from cogs.ui.controls import custom_id, view_of
from cogs.ui.lists import page_buttons

_LABEL = 100  # Discord's limit of an option
_WHICH: Final = {
    "edit": N_("Which post do you want to edit?"),
    "delete": N_("Which post do you want to delete?"),
    "history": N_("Which post's history do you want to see?"),
    "best": N_("Which answer helped most?"),
    "answer": N_("Which question do you want to answer?"),
    "comment": N_("Which question do you want to comment on?"),
    "vote": N_("Which question do you want to vote on?"),
    "close.as": N_("Which question do you want to close?"),
    "reopen": N_("Which question do you want to reopen?"),
    "move.to": N_("Which question do you want to move?"),
    "hide.as": N_("Which question do you want to hide?"),
    "lock": N_("Which question's thread do you want to lock?"),
    "unlock": N_("Which question's thread do you want to unlock?"),
    "retag": N_("Which question's tags do you want to change?"),
}


def which_text(action: str, t: Texts) -> str:
    """The sentence above the choice."""
    return t(_WHICH[action])


def which_view(
    found: Offered, action: str, page: int, rest: Sequence[object], t: Texts
) -> discord.ui.View:
    """A select of posts with their first words, and buttons between its pages. It carries the
    control that gets the chosen one."""
    items: list[discord.ui.Item[Any]] = []
    if found.cards:
        items.append(
            posts_select(custom_id("pick", action, *rest), found.cards, t("Choose a post"))
        )
    items += page_buttons("picks", action, page=page, more=found.more, t=t, after=rest)
    for item in items[1:]:
        item.row = 1
    return view_of(*items)


def posts_select(action_id: str, cards: Sequence[PostCard], hint: str) -> discord.ui.Select[Any]:
    """A select of posts, each with its number and first words; answers and comments with their
    question's title."""
    return discord.ui.Select(
        custom_id=action_id,
        placeholder=hint[:_LABEL],
        options=[
            discord.SelectOption(
                label=shorten(f"{card.reference} {plain_words(card)}", _LABEL),
                value=str(card.post_id),
                description=None
                if card.kind is PostKind.QUESTION
                else shorten(plain_line(card.title), _LABEL) or None,
            )
            for card in cards
        ],
    )
