"""Rendering lists of questions, answers and tags."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.domain.cards import AnswerLine, PostCard, QuestionLine
from bot.domain.ranking import View
from bot.domain.text import excerpt, fitting, show_line
from bot.i18n import N_, Texts
from bot.usecases.asking import Similar
from bot.usecases.listing import Listed, Selection
from cogs.ui.cards import (
    DESCRIPTION_LIMIT,
    EMBEDS_LIMIT,
    author_text,
    card_link,
    line_text,
    message_link,
    votes_text,
)

VIEWS = {
    View.NEWEST: N_("newest"),
    View.ACTIVE: N_("active"),
    View.HOT: N_("hot"),
    View.VOTES: N_("most votes"),
    View.UNANSWERED: N_("unanswered"),
    View.UNSOLVED: N_("unsolved"),
    View.WAITING: N_("waiting"),
    View.MINE: N_("mine"),
}
_TITLES = {
    View.NEWEST: N_("Newest questions"),
    View.ACTIVE: N_("Active questions"),
    View.HOT: N_("Hot questions"),
    View.VOTES: N_("Questions with the most votes"),
    View.UNANSWERED: N_("Unanswered questions"),
    View.UNSOLVED: N_("Unsolved questions"),
    View.WAITING: N_("Waiting for more replies, longest first"),
    View.MINE: N_("Your questions"),
}
_WAITING = (View.UNANSWERED, View.UNSOLVED, View.WAITING)
_COLOUR = 0x5865F2
_EXCERPT = 300


def question_entry(guild_id: int, line: QuestionLine, t: Texts) -> str:
    """A question in a list: its title, and below it score, answers, state, category and age."""
    facts: list[str] = []
    if not line.closed:
        facts += [votes_text(line.score, t), t.plural("{n} answer", "{n} answers", line.answers)]
    if line.solved and not line.closed:
        facts.append("✅ " + t("solved"))
    if line.category:
        facts.append(f"{line.category_emoji} {show_line(line.category)}".strip())
    if line.created_at is not None:
        facts.append(f"<t:{line.created_at.timestamp():.0f}:R>")
    return f"{line_text(guild_id, line)}\n{' · '.join(facts)}"


def similar_embed(
    guild_id: int, found: Sequence[Similar], t: Texts, *, beside: int = 0
) -> discord.Embed:
    """Similar questions with the beginnings of their best answers, shown before a new one goes
    up. `beside` are the characters of what stands beside it in the message."""
    entries = [_similar_entry(guild_id, each, t) for each in found]
    embed = discord.Embed(title=t("Before it goes up: is it one of these?"), colour=_COLOUR)
    room = min(DESCRIPTION_LIMIT, EMBEDS_LIMIT - beside - len(embed))
    embed.description = fitting(entries, room, "\n\n")
    return embed


def _similar_entry(guild_id: int, similar: Similar, t: Texts) -> str:
    entry = question_entry(guild_id, similar.line, t)
    quote = excerpt(similar.best_answer, _EXCERPT)
    return f"{entry}\n> {quote}" if quote else entry


def questions_embed(guild_id: int, wanted: Selection, listed: Listed, t: Texts) -> discord.Embed:
    """A page of a list of questions."""
    title = t(_TITLES[wanted.view])
    if listed.category is not None:
        name = f"{listed.category.emoji} {show_line(listed.category.name)}".strip()
        title += f" · {name}"
    if wanted.tag:
        title += f" · #{show_line(wanted.tag)}"
    entries = [question_entry(guild_id, line, t) for line in listed.lines]
    if wanted.page:
        empty = t("Nothing more to show.")
    elif wanted.view in _WAITING:
        empty = t("None. Nothing here needs an answer right now.")
    else:
        empty = t("None yet. Ask the first one with /ask.")
    embed = discord.Embed(
        title=title[:256], description=fitting(entries, 4096, "\n\n") or empty, colour=_COLOUR
    )
    if wanted.page or listed.more:
        embed.set_footer(text=t("Page {number}", number=wanted.page + 1))
    return embed


def answers_embed(
    question: PostCard, found: Sequence[AnswerLine], page: int, t: Texts
) -> discord.Embed:
    """A page of a question's answers."""
    title = show_line(f"{question.reference} {question.title}", 256)
    embed = discord.Embed(title=title, url=card_link(question) or None)
    embed.colour = discord.Colour(_COLOUR)
    entries = [_answer_entry(question.guild_id, line, t) for line in found]
    embed.description = fitting(entries, 4096, "\n\n") or t("Nothing more to show.")
    embed.set_footer(text=t("Most votes first") + " · " + t("Page {number}", number=page + 1))
    return embed


def _answer_entry(guild_id: int, line: AnswerLine, t: Texts) -> str:
    link = message_link(guild_id, line.channel_id, line.message_id)
    head = f"[{line.reference}]({link})" if link else line.reference
    facts = [f"**{head}**", votes_text(line.score, t)]
    if line.best:
        facts.append("✅ " + t("Best answer"))
    facts.append(author_text(line.author, t))
    return f"{' · '.join(facts)}\n> {excerpt(line.body, _EXCERPT)}"


def tags_embed(
    found: Sequence[tuple[str, int]], page: int, t: Texts, *, more: bool
) -> discord.Embed:
    """A page of tags with their numbers of questions."""
    shown = fitting(
        (f"`{tag.replace('`', '')}` {t.number(count)}" for tag, count in found), 4096, " · "
    )
    empty = t("Nothing more to show.") if page else t("No tags yet.")
    embed = discord.Embed(title=t("Tags"), description=shown or empty, colour=_COLOUR)
    if page or more:
        embed.set_footer(text=t("Page {number}", number=page + 1))
    return embed
