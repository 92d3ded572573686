"""Direct messages, as their readers see them."""

from __future__ import annotations

from typing import Any

import discord

from bot.domain.notices import NoticeCard, NoticeKind
from bot.domain.text import excerpt, shorten, show_line
from bot.i18n import Texts
from cogs.ui.cards import card_link
from cogs.ui.controls import button, link_button

_EXCERPT = 500


def notice_embed(notice: NoticeCard, t: Texts) -> discord.Embed:
    """What happened, to which question, and the beginning of the answer."""
    title = show_line(notice.question.title)
    if notice.kind is NoticeKind.ANSWERED:
        head = t("Your question has a new answer")
    else:
        head = t("Your answer was chosen as the best one")
    embed = discord.Embed(title=head, colour=0x5865F2)
    quote = excerpt(notice.post.body, _EXCERPT)
    embed.description = shorten(f"**{title}**\n\n> {quote}", 4096)
    embed.set_footer(text=t("You asked to be told. Stop it below at any time."))
    return embed


def notice_controls(notice: NoticeCard, t: Texts) -> list[discord.ui.Button[Any]]:
    """A link to the answer, and the *stop* button."""
    followed = notice.question if notice.kind is NoticeKind.ANSWERED else notice.post
    stop = button(t("Stop these messages"), "stop", followed.guild_id, followed.post_id)
    link = card_link(notice.post)
    return [link_button(t("Read the answer"), link), stop] if link else [stop]
