"""Rendering posts: their cards, and the lines that lists show of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import discord

from bot.domain.cards import Author, Closing, Display, PostCard, QuestionLine
from bot.domain.emoji import everywhere
from bot.domain.erasures import DELETED_MEMBER, is_erased
from bot.domain.markup import SPOILER
from bot.domain.names import avatar_address, plain_name, show_name
from bot.domain.posts import CloseReason, PostKind, PostStatus
from bot.domain.quoting import quoted, show_message
from bot.domain.reputation import compact
from bot.domain.splitting import split_shown
from bot.domain.text import (
    fitting,
    plain_excerpt,
    plain_line,
    segment,
    shorten,
    show_body,
    show_line,
    show_link,
)
from bot.domain.typed import one_line
from bot.i18n import N_, Texts
from bot.usecases.naming import thread_name_of
from cogs.ui.controls import link_button, view_of
from cogs.ui.people import person, profile_link, turned_back

TITLE_LIMIT, DESCRIPTION_LIMIT, FIELD_LIMIT, EMBEDS_LIMIT = 256, 4096, 1024, 6000
AUTHOR_LIMIT, FOOTER_LIMIT, MESSAGE_LIMIT = 256, 2048, 2000
_QUOTE, _QUOTE_LINES = 500, 10  # shown of the best answer: about a phone's screen
_OPEN, _SOLVED, _CLOSED = 0x5865F2, 0x3BA55D, 0x80848E
_SAME_TIME = timedelta(hours=1)  # from writing a post to sending its card
_PLAIN = Display()
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


def card_embeds(card: PostCard, t: Texts, display: Display = _PLAIN) -> list[discord.Embed]:
    """The embeds of a post's card: none for a comment, which is light, see `comment_text`.

    One holds at most 6,000 characters, as Discord allows; `further_embeds` have the rest.
    """
    if card.kind is PostKind.COMMENT:
        return []
    embed = _frame(card, t, display)
    picture = next((f for f in card.files if f.there and f.is_picture), None)
    if picture is not None:
        embed.set_image(url=f"attachment://{picture.name}")
    pieces = _pieces(card, _room(embed))
    embed.description = pieces[0] if pieces else None
    return [embed]


def comment_text(card: PostCard, t: Texts) -> str | None:
    """A comment's message, without a box: a small line about its author above the text. None for
    other posts. `further_embeds` have the rest of a text that is too long for a message."""
    if card.kind is not PostKind.COMMENT:
        return None
    head = _comment_head(card, t)
    pieces = _pieces(card, _comment_room(head))
    return "\n".join([head, *pieces[:1]])


def _comment_head(card: PostCard, t: Texts) -> str:
    author = card.author
    if author.id is None:
        who = [t("Deleted member")]
    elif author.is_anonymous:
        who = [person(author.id, author.name), *_anonymous(card, t)]
    else:
        who = [person(author.id, author.name), card_points(author, t)]
    return "-# " + " · ".join([*who, card.reference, *_by_others(card, t)])


def _comment_room(head: str) -> int:
    return MESSAGE_LIMIT - len(head) - 1


def further_embeds(card: PostCard, t: Texts, display: Display = _PLAIN) -> list[discord.Embed]:
    """The rest of a text that doesn't fit into its card: one embed for each further message.

    Their footers tell them apart, see `is_part`.
    """
    if card.kind is PostKind.COMMENT:
        room = _comment_room(_comment_head(card, t))
    else:
        room = _room(_frame(card, t, display))
    pieces = _pieces(card, room)
    embeds: list[discord.Embed] = []
    for number, piece in enumerate(pieces[1:], 2):
        embed = discord.Embed(colour=_CLOSED, description=piece)
        embed.set_footer(text=f"{_part_mark(card, number)}{len(pieces)}")
        embeds.append(embed)
    return embeds


def is_part(card: PostCard, position: int, embeds: Sequence[discord.Embed]) -> bool:
    """Whether a message with these embeds continues a post's text at a position, from 1."""
    mark = _part_mark(card, position + 1)
    return any((embed.footer.text or "").startswith(mark) for embed in embeds)


def _part_mark(card: PostCard, number: int) -> str:
    return f"{card.reference} · {number}/"


def _room(frame: discord.Embed) -> int:
    return min(DESCRIPTION_LIMIT, EMBEDS_LIMIT - len(frame))


def _pieces(card: PostCard, first: int) -> list[str]:
    light = card.kind is PostKind.COMMENT
    shown = show_message(card.body) if light else show_body(card.body)
    pieces = split_shown(shown, first, DESCRIPTION_LIMIT)
    if len(pieces) > PIECES_MAX:
        room = DESCRIPTION_LIMIT - len(" …")
        pieces[PIECES_MAX - 1 :] = [split_shown(pieces[PIECES_MAX - 1], room, room)[0] + " …"]
    return pieces


def _frame(card: PostCard, t: Texts, display: Display) -> discord.Embed:
    """A card without its text: the person first, the facts last."""
    embed = discord.Embed(colour=_colour(card))
    _author_line(embed, card, t)
    if card.kind is PostKind.QUESTION:
        _question_parts(embed, card, t, display)
    elif card.is_best:
        embed.title = "✅ " + t("Best answer")
    lost = [f"`{f.name}`" for f in card.files if not f.there]
    if lost:
        text = t("No longer available: {names}", names=", ".join(lost))
        embed.add_field(name="📎", value=text, inline=False)
    embed.set_footer(text=shorten(" · ".join(_small_line(card, t, display)), FOOTER_LIMIT))
    if display.sent_at is None or abs(card.created_at - display.sent_at) > _SAME_TIME:
        embed.timestamp = card.created_at  # else the message's own date is that of the post
    return embed


def _colour(card: PostCard) -> int | None:
    """The state of a question, or whether an answer is the best one."""
    if card.kind is PostKind.ANSWER:
        return _SOLVED if card.is_best else None
    if card.closing is not None:
        return _CLOSED
    return _SOLVED if card.solved else _OPEN


def _author_line(embed: discord.Embed, card: PostCard, t: Texts) -> None:
    """The author's name as last seen, points and title, with their avatar."""
    author = card.author
    if author.id is None:
        embed.set_author(name=t("Deleted member"))
        return
    name = plain_name(author.name) or t("A member")
    if author.is_anonymous:
        embed.set_author(name=shorten(name, AUTHOR_LIMIT))
        return
    parts = [name + turned_back(name), card_points(author, t), segment(author.title)]
    embed.set_author(
        name=shorten(" · ".join(part for part in parts if part), AUTHOR_LIMIT),
        url=profile_link(author.id),
        icon_url=avatar_address(card.guild_id, author.id, author.avatar) or None,
    )


def card_points(author: Author, t: Texts) -> str:
    """An author's points as cards show them: "6.3k points"."""
    points = t.number(compact(author.points))
    return t.plural("{points} point", "{points} points", author.points, points=points)


def _question_parts(embed: discord.Embed, card: PostCard, t: Texts, display: Display) -> None:
    if not says_title(display.post_name, card):
        embed.title = show_line(card.title, TITLE_LIMIT)
    if card.closing is not None:
        closed = closing_text(card.guild_id, card.closing, t)
        embed.add_field(name="🔒 " + t("Closed"), value=closed, inline=False)
    if card.duplicates:
        links = fitting((line_text(card.guild_id, d) for d in card.duplicates), FIELD_LIMIT)
        embed.add_field(name=t("Duplicates"), value=links, inline=False)
    if card.best is None:
        return
    link = message_link(card.guild_id, card.best.channel_id, card.best.message_id)
    quote = quoted(card.best.body, _QUOTE, _QUOTE_LINES)
    read = "\n" + t("[Read the answer]({link})", link=link) if link else ""
    embed.add_field(name="✅ " + t("Best answer"), value=quote + read, inline=False)


def says_title(post_name: str | None, card: PostCard) -> bool:
    """Whether a forum post's name says all of a question's title: it wasn't cut or given by people,
    and nothing in it is hidden."""
    return SPOILER not in card.title and post_name == plain_line(card.title)


_WHY_CLOSED = {
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
    parts = [t(_WHY_CLOSED[closing.reason])]
    if closing.original is not None:
        original = line_text(guild_id, closing.original)
        parts.append(t("See {original}", original=original))
    parts.append(show_line(closing.note))
    return "\n".join(part for part in parts if part)


def line_text(guild_id: int, line: QuestionLine) -> str:
    """A question on one line: its number and its title, linked if it is shown."""
    link = message_link(guild_id, line.channel_id, line.message_id)
    return f"#{line.number} {show_link(line.title, link)}"


def _small_line(card: PostCard, t: Texts, display: Display) -> list[str]:
    """The facts about a post, for a place without markup."""
    parts = _anonymous(card, t)
    if display.by_reaction:
        parts.append(votes_text(card.score, t))
    if card.kind is PostKind.QUESTION:
        parts.append(t.plural("{n} answer", "{n} answers", card.answers))
    category = segment(f"{everywhere(card.category_emoji)} {card.category}")
    parts += [category] if category else []
    parts.append(card.reference)
    if card.tags:
        parts.append(" ".join("#" + one_line(tag).replace(" ", "") for tag in card.tags))
    return parts + _by_others(card, t)


def _anonymous(card: PostCard, t: Texts) -> list[str]:
    """That a post is anonymous, where nobody can type it: right behind the name of a comment's
    author, which has no dot in it, or first below a card. Who asked the question says so elsewhere
    in it, too."""
    if not card.author.is_anonymous:
        return []
    asker = card.kind is not PostKind.QUESTION and card.author.id == card.asker_id
    return [t("anonymous"), *([t("asker")] if asker else [])]


def _by_others(card: PostCard, t: Texts) -> list[str]:
    """Who else has had a hand in a post, and whether it was edited."""
    parts: list[str] = []
    if card.posted_by is not None:
        name = plain_name(card.poster_name) or t("a moderator")
        parts.append(t("posted by {name}", name=_plain(card, name)))
    if card.edited_by is None:
        return parts
    author_id = DELETED_MEMBER if card.author.id is None else card.author.id
    if card.edited_by == author_id:
        return [*parts, t("edited")]
    if is_erased(card.edited_by):
        name = t("a deleted member")
    else:
        name = plain_name(card.editor_name) or t("another member")
    return [*parts, t("edited by {name}", name=_plain(card, name))]


def _plain(card: PostCard, name: str) -> str:
    """A name in the small line: a comment's is drawn with markup, a footer isn't."""
    shown = show_name(name) if card.kind is PostKind.COMMENT else name
    return shown + turned_back(name)


def author_text(author: Author, t: Texts, *, name: Callable[[int, str], str] = person) -> str:
    """ "by NAME (6.3k points)"."""
    if author.id is None:
        return t("by a deleted member")
    if author.is_anonymous:
        return t("by {name}", name=name(author.id, author.name))
    return t.plural(
        "by {name} ({points} point)",
        "by {name} ({points} points)",
        author.points,
        name=name(author.id, author.name),
        points=t.number(compact(author.points)),
    )


def deleted_embed(card: PostCard, t: Texts) -> discord.Embed:
    """What is left of a deleted or hidden question that others have answered or commented on."""
    deleted = card.status is PostStatus.DELETED
    text = t("This question was deleted.") if deleted else t("This question is hidden.")
    embed = discord.Embed(colour=_CLOSED, description=text)
    embed.set_footer(text=card.reference)
    return embed
