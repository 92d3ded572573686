"""Rendering posts: embeds made from a card, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import discord

from bot.domain.cards import Author, Closing, PostCard, QuestionLine
from bot.domain.emoji import everywhere
from bot.domain.posts import CloseReason, PostKind, PostStatus
from bot.domain.reputation import compact
from bot.domain.splitting import split_shown
from bot.domain.text import (
    excerpt,
    fitting,
    plain_excerpt,
    plain_line,
    shorten,
    show_body,
    show_line,
    show_link,
)
from bot.domain.typed import calm, one_line
from bot.i18n import N_, Texts
from bot.usecases.naming import thread_name_of
from cogs.ui.controls import link_button, view_of
from cogs.ui.people import person

TITLE_LIMIT, DESCRIPTION_LIMIT, FIELD_LIMIT, EMBEDS_LIMIT = 256, 4096, 1024, 6000
_EXCERPT = 280
_OPEN, _SOLVED, _BEST, _GONE = 0x5865F2, 0x3BA55D, 0x3BA55D, 0x80848E
PIECES_MAX = 20  # messages for one text; Question2Answer's longest needs three


def message_link(guild_id: int, channel_id: int | None, message_id: int | None) -> str:
    """The link to a message, or an empty string if it isn't shown."""
    if channel_id is None or message_id is None:
        return ""
    return f"https://discord.com/channels/{guild_id}/{channel_id}/{message_id}"


def card_link(card: PostCard) -> str:
    """The link to a post's card, or an empty string if it isn't shown."""
    return message_link(card.guild_id, card.place.channel_id, card.place.message_id)


def way_button(link: str, number: str, t: Texts) -> discord.ui.Button[Any]:
    """A button that leads to a post."""
    return link_button(t("Go to {number}", number=number), link)


def way_to(link: str, number: str, t: Texts) -> discord.ui.View | None:
    """A button that leads to a post; None if its card isn't shown."""
    return view_of(way_button(link, number, t)) if link else None


def way_to_card(card: PostCard, t: Texts) -> discord.ui.View | None:
    """The same, for a given card."""
    return way_to(card_link(card), card.reference, t)


def votes_text(score: int, t: Texts) -> str:
    """A score as people read it: "+53 votes"."""
    sign = "+" if score > 0 else "−" if score < 0 else ""
    shown = sign + t.number(abs(score))
    return t.plural("{score} vote", "{score} votes", abs(score), score=shown)


def thread_name(card: PostCard) -> str:
    """The name of a question's thread: its title. State never goes into it."""
    return thread_name_of(card.title)


def plain_words(card: PostCard) -> str:
    """A post's words for places without markup: a question's title, or an answer's or comment's
    text."""
    if card.kind is PostKind.QUESTION:
        return plain_line(card.title)
    return plain_excerpt(card.body)


def card_embed(card: PostCard, t: Texts) -> discord.Embed:
    """A post's card. At most 6,000 characters, as Discord allows; `further_embeds` have the
    rest."""
    embed = _frame(card, t)
    picture = next((f for f in card.files if f.there and f.is_picture), None)
    if picture is not None:
        embed.set_image(url=f"attachment://{picture.name}")
    pieces = _pieces(card, embed)
    embed.description = pieces[0] if pieces else None
    return embed


def further_embeds(card: PostCard, t: Texts) -> list[discord.Embed]:
    """The rest of a text that doesn't fit into its card: one embed for each further message.

    Their footers tell them apart, see `is_part`.
    """
    pieces = _pieces(card, _frame(card, t))
    embeds: list[discord.Embed] = []
    for number, piece in enumerate(pieces[1:], 2):
        embed = discord.Embed(colour=_GONE, description=piece)
        embed.set_footer(text=f"{_part_mark(card, number)}{len(pieces)}")
        embeds.append(embed)
    return embeds


def is_part(card: PostCard, position: int, embeds: Sequence[discord.Embed]) -> bool:
    """Whether a message with these embeds continues a post's text at a position, from 1."""
    mark = _part_mark(card, position + 1)
    return any((embed.footer.text or "").startswith(mark) for embed in embeds)


def _part_mark(card: PostCard, number: int) -> str:
    return f"{card.reference} · {number}/"


def _pieces(card: PostCard, frame: discord.Embed) -> list[str]:
    first = min(DESCRIPTION_LIMIT, EMBEDS_LIMIT - len(frame))
    pieces = split_shown(show_body(card.body), first, DESCRIPTION_LIMIT)
    if len(pieces) > PIECES_MAX:
        room = DESCRIPTION_LIMIT - len(" …")
        pieces[PIECES_MAX - 1 :] = [split_shown(pieces[PIECES_MAX - 1], room, room)[0] + " …"]
    return pieces


def _frame(card: PostCard, t: Texts) -> discord.Embed:
    """A card without its text."""
    embed = discord.Embed(colour=_OPEN, timestamp=card.created_at)
    if card.kind is PostKind.QUESTION:
        _question_head(embed, card, t)
    elif card.kind is PostKind.COMMENT:
        embed.colour = discord.Colour(_GONE)
    elif card.is_best:
        embed.colour = discord.Colour(_BEST)
        embed.set_author(name="✅ " + t("Best answer"))
    lost = [f"`{f.name}`" for f in card.files if not f.there]
    if lost:
        text = t("No longer available: {names}", names=", ".join(lost))
        embed.add_field(name="📎", value=text, inline=False)
    _small_line(embed, card, t)
    return embed


def _question_head(embed: discord.Embed, card: PostCard, t: Texts) -> None:
    if card.closing is not None:
        state = "🔒 " + t("Closed")
    else:
        state = "✅ " + t("Solved") if card.solved else "💬 " + t("Open")
    category = f"{everywhere(card.category_emoji)} {card.category}".strip()
    embed.set_author(name=shorten(one_line(f"{category} · {state}" if category else state), 256))
    embed.title = show_line(card.title, TITLE_LIMIT)
    if card.closing is not None:
        closed = closing_text(card.guild_id, card.closing, t)
        embed.add_field(name="🔒 " + t("Closed"), value=closed, inline=False)
    if card.duplicates:
        links = fitting((line_text(card.guild_id, d) for d in card.duplicates), FIELD_LIMIT)
        embed.add_field(name=t("Duplicates"), value=links, inline=False)
    if card.best is None:
        return
    embed.colour = discord.Colour(_SOLVED)
    link = message_link(card.guild_id, card.best.channel_id, card.best.message_id)
    quote = "> " + excerpt(card.best.body, _EXCERPT)
    read = "\n" + t("[Read the answer]({link})", link=link) if link else ""
    embed.add_field(name="✅ " + t("Best answer"), value=quote + read, inline=False)


_CLOSED = {
    CloseReason.DUPLICATE: N_("This was asked before."),
    CloseReason.OFF_TOPIC: N_("Off-topic here."),
    CloseReason.NOT_A_QUESTION: N_("This isn't a question that can be answered."),
    CloseReason.OTHER: "",
}


def closing_text(guild_id: int, closing: Closing, t: Texts) -> str:
    """Why a question is closed, in a line or two."""
    return closing_reason(guild_id, closing, t) or t("This question no longer accepts answers.")


def closing_reason(guild_id: int, closing: Closing, t: Texts) -> str:
    """The same, or nothing where no reason was given."""
    parts = [t(_CLOSED[closing.reason])]
    if closing.original is not None:
        original = line_text(guild_id, closing.original)
        parts.append(t("See {original}", original=original))
    parts.append(show_line(closing.note))
    return "\n".join(part for part in parts if part)


def line_text(guild_id: int, line: QuestionLine) -> str:
    """A question on one line: its number and its title, linked if it is shown."""
    link = message_link(guild_id, line.channel_id, line.message_id)
    return f"#{line.number} {show_link(line.title, link)}"


def _small_line(embed: discord.Embed, card: PostCard, t: Texts) -> None:
    head = t("A comment") if card.kind is PostKind.COMMENT else votes_text(card.score, t)
    if card.kind is PostKind.QUESTION:
        answers = t.plural("{n} answer", "{n} answers", card.answers)
        head = f"{head} · {answers}"
    parts = [author_text(card.author, t)]
    if card.posted_by is not None:
        parts.append(t("posted by {name}", name=person(card.posted_by, card.poster_name)))
    if card.edited_by is not None:
        parts.append(t("edited by {name}", name=person(card.edited_by, card.editor_name)))
    parts.append(card.reference)
    if card.tags:
        parts.append(" ".join(f"`{calm(tag).replace('`', '')}`" for tag in card.tags))
    embed.add_field(name=head, value=" · ".join(parts), inline=False)


def author_text(author: Author, t: Texts, *, name: Callable[[int, str], str] = person) -> str:
    """ "by NAME (6.3k points)"."""
    if author.user_id is None:
        return t("by a deleted member")
    return t.plural(
        "by {name} ({points} point)",
        "by {name} ({points} points)",
        author.points,
        name=name(author.user_id, author.name),
        points=t.number(compact(author.points)),
    )


def deleted_embed(card: PostCard, t: Texts) -> discord.Embed:
    """What is left of a deleted or hidden question that others have answered or commented on."""
    deleted = card.status is PostStatus.DELETED
    text = t("This question was deleted.") if deleted else t("This question is hidden.")
    embed = discord.Embed(colour=_GONE, description=text)
    embed.set_footer(text=card.reference)
    return embed
