"""Rendering the choices of closing a question: why, and which one it duplicates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import discord

from bot.domain.cards import PostCard
from bot.domain.posts import REASON_MAX, CloseReason
from bot.i18n import N_, Texts
from cogs.ui.controls import button, custom_id, view_of
from cogs.ui.modals import Values
from cogs.ui.pointing import posts_select

REASONS: Final = {
    CloseReason.DUPLICATE: (N_("Duplicate"), N_("It was asked before. You choose the original.")),
    CloseReason.OFF_TOPIC: (N_("Off-topic"), N_("It doesn't belong in this server.")),
    CloseReason.NOT_A_QUESTION: (N_("Not a question"), N_("It can't be answered.")),
    CloseReason.OTHER: (N_("Another reason"), N_("Say why with /close and a note.")),
}


def reasons_view(question_id: int, t: Texts) -> discord.ui.View:
    """A select of the reasons for closing a question."""
    select: discord.ui.Select[Any] = discord.ui.Select(
        custom_id=custom_id("close.as", question_id),
        placeholder=t("Choose a reason"),
        options=[
            discord.SelectOption(label=t(name)[:100], value=reason, description=t(about)[:100])
            for reason, (name, about) in REASONS.items()
        ],
    )
    return view_of(select)


def originals_text(card: PostCard, found: Sequence[PostCard], t: Texts) -> str:
    """The sentence above the likely originals."""
    if found:
        return t("Which question does {number} duplicate?", number=card.reference)
    return t(
        "I found no question like {number}. Choose *Another question* and enter its number or "
        "link.",
        number=card.reference,
    )


def originals_view(
    question_id: int, found: Sequence[PostCard], kept: Sequence[int], t: Texts
) -> discord.ui.View:
    """A select of likely originals, and a button for any other; `kept` is the mark of a note that
    the message carries."""
    items: list[discord.ui.Item[Any]] = []
    if found:
        choose = custom_id("duplicate.of", question_id, *kept)
        items.append(posts_select(choose, found, t("Choose the original")))
    items.append(button(t("Another question"), "duplicate.other", question_id, *kept, row=1))
    return view_of(*items)


def original_form(question_id: int, values: Values, t: Texts) -> discord.ui.Modal:
    """The form that takes the original's number or link."""
    form = discord.ui.Modal(
        title=t("Close as a duplicate")[:45], custom_id=custom_id("duplicate.form", question_id)
    )
    original: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id="original",
        placeholder=t("Its number or link: #12")[:100],
        default=str(values.get("original", ""))[:200] or None,
        max_length=200,
    )
    note: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id="note",
        placeholder=t("Optional: a short note to the member who asked")[:100],
        default=str(values.get("note", ""))[:REASON_MAX] or None,
        required=False,
        max_length=REASON_MAX,
    )
    form.add_item(discord.ui.Label(text=t("The original question")[:45], component=original))
    form.add_item(discord.ui.Label(text=t("Note")[:45], component=note))
    return form
