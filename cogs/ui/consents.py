"""The request for a writer's consent."""

from __future__ import annotations

import discord

from bot.i18n import Texts
from bot.usecases.consenting import Request
from cogs.ui.controls import button, view_of
from cogs.ui.people import person


def request_text(request: Request, t: Texts) -> str:
    """The text of the request to a message's writer. The bot's messages ping nobody."""
    return t(
        "{writer}, {asker} would like to post your message as an answer to this question, under "
        "your name.",
        writer=person(request.writer_id, request.said.writer_name),
        asker=person(request.asker_id, request.said.asker_name),
    )


def request_buttons(request: Request, t: Texts) -> discord.ui.View:
    """*Post it* and *No*."""
    ids = (request.writer_id, request.message_id)
    yes = button(t("Post it"), "consent.yes", *ids, style=discord.ButtonStyle.success)
    return view_of(yes, button(t("No"), "consent.no", *ids))
