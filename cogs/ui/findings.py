"""Rendering search results."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import discord

from bot.domain.emoji import everywhere
from bot.domain.posts import PostKind
from bot.domain.queries import Piece, Sort
from bot.domain.text import fitting, shorten, show_line, show_link, unharmed
from bot.domain.typed import one_line
from bot.i18n import N_, Texts
from bot.usecases.searching import Finding, Found, Search
from cogs.ui.cards import message_link, votes_text
from cogs.ui.controls import button, view_of
from cogs.ui.lists import page_buttons

SORTS = {
    Sort.RELEVANCE: N_("best match"),
    Sort.NEWEST: N_("newest"),
    Sort.VOTES: N_("most votes"),
}
_COLOUR = 0x5865F2


def findings_embed(guild_id: int, wanted: Search, found: Found, t: Texts) -> discord.Embed:
    """A page of results."""
    entries = [_entry(guild_id, finding, t) for finding in found.findings]
    if not entries:
        entries.append(_nothing(wanted, t))
    elif not found.every:
        entries.insert(0, t("No results with all of these words. Results with some of them:"))
    if found.corrected is not None:
        meant = show_line(found.corrected, 200)
        entries.insert(0, t("Showing results for {query}", query=meant))
    embed = discord.Embed(
        title=t("Search: {query}", query=show_line(wanted.query, 200)),
        description=fitting(entries, 4096, "\n\n"),
        colour=_COLOUR,
    )
    parts = _narrowed(wanted, found, t)
    if wanted.page or found.more:
        parts.append(t("Page {number}", number=wanted.page + 1))
    if parts:
        embed.set_footer(text=shorten(" · ".join(parts), 2048))
    return embed


def _narrowed(wanted: Search, found: Found, t: Texts) -> list[str]:
    parts: list[str] = []
    if found.category is not None:
        parts.append(f"{everywhere(found.category.emoji)} {one_line(found.category.name)}".strip())
    if found.tag:
        parts.append(f"#{one_line(found.tag)}")
    if wanted.author_id is not None:
        parts.append(t("by one member"))
    if wanted.solved is not None:
        parts.append(t("solved") if wanted.solved else t("not solved"))
    if wanted.sort is not Sort.RELEVANCE:
        parts.append(t(SORTS[wanted.sort]))
    return parts


def _nothing(wanted: Search, t: Texts) -> str:
    if wanted.page:
        return t("Nothing more to show.")
    return t(
        "No results. Try fewer or different words, or the start of a word with a star, like "
        "`sleep*`. Or ask with /ask."
    )


def _entry(guild_id: int, finding: Finding, t: Texts) -> str:
    """A result: its link, its votes and state, and the part with the hits. Votes and state aren't
    shown for the reader's own post in a channel that they can't read any more."""
    link = message_link(guild_id, finding.channel_id, finding.message_id)
    head = f"{finding.reference} {show_link(finding.title, link)}"
    text = _shown(finding.text)
    if finding.closed:
        return head + (f"\n> {text}" if text else "")
    facts = [votes_text(finding.score, t)]
    if finding.kind is PostKind.ANSWER:
        facts.insert(0, t("An answer"))
        if finding.best:
            facts.append("✅ " + t("Best answer"))
    else:
        facts.append(t.plural("{n} answer", "{n} answers", finding.answers))
        if finding.solved:
            facts.append("✅ " + t("solved"))
    return f"{head}\n{' · '.join(facts)}" + (f"\n> {text}" if text else "")


def _shown(pieces: Sequence[Piece]) -> str:
    """A snippet with hits in bold and spoilers hidden, without other markup."""
    shown: list[str] = []
    for number, stretch in groupby(pieces, key=lambda piece: piece.hidden):
        text = "".join(map(_piece, stretch))
        shown.append(f"||{text}||" if number and text.strip() else text)
    return unharmed("".join(shown).strip())  # harmless pieces can form a link together


def _piece(piece: Piece) -> str:
    # Half a spoiler's mark would end it one character early.
    plain = show_line(piece.text.replace("||", "|\u200b|")).replace("\\|", "\\|\u200b")
    if piece.hit and plain:
        return f"**{plain}**"
    before = " " if piece.text[:1].isspace() else ""
    after = " " if piece.text[-1:].isspace() else ""
    return f"{before}{plain}{after}" if plain else before or after


def findings_pages(
    kept: Sequence[str], literal: Sequence[str], wanted: Search, found: Found, t: Texts
) -> discord.ui.View | None:
    """The buttons between pages, which carry the search. Where nothing has all the words, a button
    asks a question with them; where they were corrected, one searches for the `literal` ones. None
    if there is no button."""
    buttons = page_buttons("search", page=wanted.page, more=found.more, t=t, after=kept)
    if found.corrected is not None:
        buttons.append(button(t("Search for exactly what I typed"), "search", 0, *literal, row=0))
    if wanted.page == 0 and not (found.findings and found.every):
        primary = discord.ButtonStyle.primary
        buttons.append(button(t("Ask this"), "ask.search", *kept, style=primary, row=0))
    return view_of(*buttons) if buttons else None
