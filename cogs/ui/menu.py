"""The *More* menu's rows for closing, moving, locking and hiding a post."""

from __future__ import annotations

from typing import Any

import discord

from bot.domain.cards import PostCard
from bot.domain.posts import PostKind
from bot.i18n import Texts
from bot.usecases.editing import PostRights
from cogs.ui.controls import button
from cogs.ui.verdicts import hide_select

_HIDE_ROW, _BUTTONS_ROW = 3, 4


def moderation_items(
    card: PostCard, rights: PostRights, t: Texts, *, locked: bool
) -> list[discord.ui.Item[Any]]:
    """A select to hide the post, and buttons for its question: close or reopen it, move it, lock
    its thread. `locked` tells whether that is locked now."""
    items: list[discord.ui.Item[Any]] = []
    if rights.moderates:
        items.append(hide_select(t, "hide.as", card.post_id, row=_HIDE_ROW))
    if card.kind is not PostKind.QUESTION:
        return items

    def add(label: str, action: str) -> None:
        items.append(button(label, action, card.post_id, row=_BUTTONS_ROW))

    if rights.close and card.closing is None:
        add(t("Close…"), "close")
        add(t("Duplicate of…"), "duplicate")
    elif rights.close:
        add(t("Reopen"), "reopen")
    if rights.move:
        add(t("Move…"), "move")
    if rights.moderates and card.place.thread_id is not None:
        add(t("Unlock") if locked else t("Lock"), "unlock" if locked else "lock")
    return items
