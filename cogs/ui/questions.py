"""Lists of questions, categories and tags, as their readers see them."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.domain.cards import Category, QuestionLine
from bot.domain.ranking import View
from bot.domain.text import show_line
from bot.i18n import N_, Texts
from bot.usecases.listing import TAGS_PAGE, Listed, Wanted
from cogs.ui.cards import line_text, votes_text

VIEWS = {
    View.NEWEST: N_("newest"),
    View.ACTIVE: N_("active"),
    View.HOT: N_("hot"),
    View.VOTES: N_("most votes"),
    View.UNANSWERED: N_("unanswered"),
    View.UNSOLVED: N_("unsolved"),
    View.MINE: N_("mine"),
}
_TITLES = {
    View.NEWEST: N_("Newest questions"),
    View.ACTIVE: N_("Active questions"),
    View.HOT: N_("Hot questions"),
    View.VOTES: N_("Questions with most votes"),
    View.UNANSWERED: N_("Unanswered questions"),
    View.UNSOLVED: N_("Unsolved questions"),
    View.MINE: N_("Your questions"),
}
_COLOUR = 0x5865F2


def question_entry(guild_id: int, line: QuestionLine, t: Texts) -> str:
    """A question in a list: its title, and below it score, answers and whether it is solved."""
    answers = t.plural("{n} answer", "{n} answers", line.answers)
    facts = [votes_text(line.score, t), answers]
    if line.solved:
        facts.append("✅ " + t("solved"))
    return f"{line_text(guild_id, line)}\n{' · '.join(facts)}"


def questions_embed(guild_id: int, wanted: Wanted, listed: Listed, t: Texts) -> discord.Embed:
    """A page of a list of questions."""
    title = t(_TITLES[wanted.view])
    if listed.category is not None:
        title += f" · {listed.category.emoji} {show_line(listed.category.name)}"
    if wanted.tag:
        title += f" · #{show_line(wanted.tag)}"
    entries = [question_entry(guild_id, line, t) for line in listed.lines]
    empty = t("None yet. Ask the first one with /ask.")
    embed = discord.Embed(
        title=title[:256], description="\n\n".join(entries)[:4096] or empty, colour=_COLOUR
    )
    if wanted.page or listed.more:
        embed.set_footer(text=t("Page {number}", number=wanted.page + 1))
    return embed


def categories_embed(found: Sequence[Category], t: Texts) -> discord.Embed:
    """The server's categories as a tree, with how many questions each has."""
    lines: list[str] = []
    for category in found:
        indent = "\u2003" * len(category.path)
        name = f"{category.emoji} **{show_line(category.name)}**".strip()
        count = t.plural("{n} question", "{n} questions", category.questions)
        about = f"\n{indent}{show_line(category.description)}" if category.description else ""
        lines.append(f"{indent}{name} · {count}{about}")
    return discord.Embed(
        title=t("Categories"),
        description="\n".join(lines)[:4096] or t("This server has no categories."),
        colour=_COLOUR,
    )


def tags_embed(found: Sequence[tuple[str, int]], page: int, t: Texts) -> discord.Embed:
    """A page of tags with how many questions carry each."""
    shown = " · ".join(f"`{tag.replace('`', '')}` {count}" for tag, count in found)
    embed = discord.Embed(
        title=t("Tags"), description=shown[:4096] or t("No tags yet."), colour=_COLOUR
    )
    if page or len(found) == TAGS_PAGE:
        embed.set_footer(text=t("Page {number}", number=page + 1))
    return embed
