"""Rendering digests, calls for help with waiting questions, and a server's figures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import discord

from bot.domain.text import fitting, show_line
from bot.i18n import Texts
from bot.usecases.digesting import DigestMail
from bot.usecases.figures import LOAD, Statistics
from bot.usecases.reminding import WaitingQuestion
from cogs.ui.controls import button
from cogs.ui.notices import notice_line
from cogs.ui.questions import question_entry

_COLOUR = 0x5865F2


def waiting_text(waiting: WaitingQuestion, called: str, t: Texts) -> str:
    """The message in the thread of a question that waits, to those who are `called`."""
    return t.plural(
        "{called} This question has been waiting for {n} hour. Can anyone help?",
        "{called} This question has been waiting for {n} hours. Can anyone help?",
        waiting.rules.number("unanswered_hours"),
        called=called,
    )


def digest_embed(mail: DigestMail, server: str, t: Texts) -> discord.Embed:
    """A digest: unread notices, and new questions."""
    embed = discord.Embed(title=t("News from {server}", server=show_line(server, 200)))
    embed.colour = discord.Colour(_COLOUR)
    if mail.notices:
        lines = fitting((notice_line(notice, t) for notice in mail.notices[:6]), 1024)
        name = t.plural("{n} unread in your inbox", "{n} unread in your inbox", mail.unread)
        embed.add_field(name=name, value=lines, inline=False)
    if mail.questions:
        asked = [question_entry(mail.guild_id, line, t) for line in mail.questions]
        embed.add_field(name=t("New questions"), value=fitting(asked, 1024), inline=False)
    embed.set_footer(text=t("Use /notifications in the server to change how often you get this."))
    return embed


def slot_of(mail: DigestMail) -> int:
    """The hour a digest is for, in seconds since 1970."""
    return int(mail.slot.timestamp())


def digest_controls(mail: DigestMail, t: Texts) -> list[discord.ui.Button[Any]]:
    """The *stop* button of a digest, which also identifies the digest."""
    return [button(t("Stop digests"), "undigest", mail.guild_id, slot_of(mail))]


def statistics_embed(statistics: Statistics, t: Texts) -> discord.Embed:
    """A server's figures."""
    figures = statistics.figures
    embed = discord.Embed(title=t("How this forum is doing"), colour=_COLOUR)
    asked = figures.questions
    solved = t.number(figures.solved) + (
        f" ({t.percent(100 * figures.solved // asked)})" if asked else ""
    )
    heard = "–" if figures.heard is None else t.percent(round(100 * figures.heard))
    for name, value in (
        (t("Questions"), t.number(asked)),
        (t("Solved"), solved),
        (t("Unanswered"), t.number(figures.unanswered)),
        (t("Answers"), t.number(figures.answers)),
        (t("Comments"), t.number(figures.comments)),
        (t("Votes"), t.number(figures.votes)),
        (t("Members who posted"), t.number(figures.authors)),
        (t("Answered before posting"), t.number(statistics.deflected)),
        (t("Decisions by moderators a week"), _load(statistics, t)),
        (t("Appeals"), _appeals(statistics, t)),
        (t("Time to first answer (median)"), duration_text(figures.first_answer, t)),
        (t("Heard by two within a day"), heard),
    ):
        embed.add_field(name=name, value=value)
    embed.set_footer(
        text=t("Decisions cover the last 4 weeks, the last three figures the last 90 days.")
    )
    return embed


def _load(statistics: Statistics, t: Texts) -> str:
    """How many decisions moderators take a week, and how many of them the reader."""
    weeks = LOAD / timedelta(weeks=1)
    everyone, own = round(statistics.reviews / weeks), round(statistics.own_reviews / weeks)
    if not statistics.own_reviews:
        return t.number(everyone)
    return t("{n} (you: {own})", n=t.number(everyone), own=t.number(own))


def _appeals(statistics: Statistics, t: Texts) -> str:
    """How many appeals there were, and how many were right."""
    if not statistics.appeals:
        return "–"
    right = t.number(statistics.appeals_right)
    return t("{n} (right: {right})", n=t.number(statistics.appeals), right=right)


def duration_text(seconds: float | None, t: Texts) -> str:
    """A length of time in its largest sensible unit."""
    if seconds is None:
        return "–"
    minutes = round(seconds / 60)
    if minutes < 120:
        return t.plural("{n} minute", "{n} minutes", max(minutes, 1))
    if minutes < 48 * 60:
        return t.plural("{n} hour", "{n} hours", round(minutes / 60))
    return t.plural("{n} day", "{n} days", round(minutes / 1440))
