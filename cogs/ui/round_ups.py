"""Rendering the weekly round-up."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import discord

from bot.domain.cards import Author, PostCard, QuestionLine
from bot.domain.round_ups import Chosen, RoundUp
from bot.domain.text import excerpt, fitting, show_line
from bot.i18n import Texts
from cogs.ui.cards import card_link, line_text, message_link
from cogs.ui.controls import Control, button, link_button, view_of
from cogs.ui.people import person
from cogs.ui.signs import unsealing_text

_COLOUR = 0x5865F2
_QUOTE, _PARTS = 200, (2000, 1200, 700)
_BODY = 600


def slot_of(due_at: datetime) -> int:
    """The hour a round-up is for, in seconds since 1970: its controls identify it."""
    return int(due_at.timestamp())


def is_of_round_up(due_at: datetime, control: Control) -> bool:
    """Whether a message with this control is the round-up of that hour."""
    return control == Control("roundup.out", (str(slot_of(due_at)),))


def round_up_embed(guild_id: int, server: str, found: RoundUp, t: Texts) -> discord.Embed:
    """The week in a server. It pings nobody: an embed's mentions don't."""
    embed = discord.Embed(title=t("This week in {server}", server=show_line(server, 200)))
    embed.colour = discord.Colour(_COLOUR)
    chosen = [_chosen(guild_id, each, t) for each in found.chosen]
    waiting = [_waiting(guild_id, line) for line in found.questions]
    more = found.waiting - len(found.questions)
    if more > 0:
        waiting.append(t.plural("…and {n} more", "…and {n} more", more))
    helpers = [_name(author) for author in found.helpers if author.id is not None]
    if found.more_helpers:
        helpers.append(t.plural("…and {n} more", "…and {n} more", found.more_helpers))
    parts = [
        ("✅ " + t("Best answers"), fitting(chosen, _PARTS[0], "\n\n")),
        ("🙋 " + t("Still waiting for an answer"), fitting(waiting, _PARTS[1], "\n")),
        ("🌱 " + t("Answered for the first time"), fitting(helpers, _PARTS[2], ", ")),
    ]
    if found.unsealing_from is not None:
        parts.append(("🔒 " + t("Anonymous posts"), unsealing_text(found.unsealing_from, t)))
    embed.description = "\n\n".join(f"**{name}**\n{text}" for name, text in parts if text)
    return embed


def _chosen(guild_id: int, chosen: Chosen, t: Texts) -> str:
    head = line_text(guild_id, chosen.question)
    if chosen.author.id is not None:
        head += " · " + t("by {name}", name=_name(chosen.author))
    return f"{head}\n> {excerpt(chosen.answer, _QUOTE)}"


def _waiting(guild_id: int, line: QuestionLine) -> str:
    age = f" · <t:{line.created_at.timestamp():.0f}:R>" if line.created_at is not None else ""
    return line_text(guild_id, line) + age


def _name(author: Author) -> str:
    return person(author.id or 0, author.name)


def round_up_view(due_at: datetime, found: RoundUp, t: Texts) -> discord.ui.View:
    """*I'll take one*, while there is one, and *Leave me out*."""
    items: list[discord.ui.Button[Any]] = []
    if found.questions:
        primary = discord.ButtonStyle.primary
        items.append(button(t("I'll take one"), "roundup.take", slot_of(due_at), style=primary))
    items.append(button(t("Leave me out"), "roundup.out", slot_of(due_at)))
    return view_of(*items)


def taken_embed(card: PostCard, t: Texts) -> discord.Embed:
    """The question that somebody could answer."""
    embed = discord.Embed(title=show_line(f"{card.reference} {card.title}", 256), colour=_COLOUR)
    embed.url = card_link(card) or None
    embed.description = excerpt(card.body, _BODY)
    embed.set_footer(text=t("This one has waited the longest."))
    embed.timestamp = card.created_at
    return embed


def taken_view(card: PostCard, t: Texts) -> discord.ui.View:
    """*Answer*, and the way to the question."""
    success = discord.ButtonStyle.success
    items: list[discord.ui.Button[Any]] = [
        button(t("Answer"), "answer", card.post_id, style=success)
    ]
    link = message_link(card.guild_id, card.place.channel_id, card.place.message_id)
    if link:
        items.append(link_button(t("Go to"), link))
    return view_of(*items)
