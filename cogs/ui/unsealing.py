"""Requests to see who wrote an anonymous post, as moderators read them."""

from __future__ import annotations

from typing import Any, Final

import discord

from bot.domain.cards import PostCard
from bot.domain.posts import PostKind, PostStatus
from bot.domain.review import Item, ItemKind
from bot.domain.text import excerpt, fitting, show_line
from bot.domain.unsealing import Outcome, UnsealRequest
from bot.i18n import N_, Texts
from bot.usecases.queueing import QueuePage, Wanted
from bot.usecases.unsealing import RequestToShow, Seen
from cogs.ui.cards import author_text, card_link
from cogs.ui.claims import claim_buttons, claim_line, filter_select, page_lines
from cogs.ui.controls import Control, button, link_button, view_of
from cogs.ui.people import judged_or_gone, person_to_judge
from cogs.ui.reports import Look
from cogs.ui.review import claims_and_more, turns

_WAITING, _ENDED = 0xFAA61A, 0x80848E
_POST = 800  # characters that are quoted

_ENDINGS: Final = {
    Outcome.AGREED: N_("{person} agreed. Both of them see once who wrote it, and nobody else."),
    Outcome.REFUSED: N_("{person} refused. Nobody saw who wrote it."),
    Outcome.RAN_OUT: N_("Nobody agreed in time. Nobody saw who wrote it."),
}


def is_of_request(post_id: int, control: Control) -> bool:
    """Whether a message with this control is the card of a request."""
    return control.action in ("unseal.agree", "unseal.look") and control.arguments == (
        str(post_id),
    )


def request_head(request: UnsealRequest, t: Texts) -> str:
    """What a request is about, in a few words."""
    number = request.card.reference if request.card is not None else ""
    return t("Who wrote {number}?", number=number)


def request_look(found: RequestToShow, t: Texts) -> Look:
    """The card of a request in the moderators' channel. It names who asks and why, never the
    post's words."""
    request = found.request
    embed = _embed(request, request_head(request, t))
    lines = [claim_line(found.claim, t)] if found.claim is not None else []
    embed.description = fitting([*lines, *_lines(request, t)], 4096)
    if request.outcome is not None:
        return Look(embed, [*_looking(request, t), *_way(request.card, t)])
    item = Item(ItemKind.UNSEAL, request.post_id)
    claims = claim_buttons(item, found.claim, t)
    return Look(embed, [*_decisions(request, t), *claims, *_way(request.card, t)])


def _embed(request: UnsealRequest, title: str) -> discord.Embed:
    colour = _WAITING if request.outcome is None else _ENDED
    return discord.Embed(title=title, colour=colour, timestamp=request.at)


def _lines(request: UnsealRequest, t: Texts) -> list[str]:
    who = judged_or_gone(request.asked_by, request.asked_name, t)
    lines = [
        t("{person} asks to see, together with another moderator, who wrote it.", person=who),
        t("Reason: {reason}", reason=show_line(request.reason)),
    ]
    if request.outcome is None:
        when = discord.utils.format_dt(request.expires, "R")
        lines.append(t("If another moderator agrees, both see it once. It ends {when}.", when=when))
        told = t("The author is told at once.")
        if request.danger_by is not None:
            told = t("The author is told three days later.")
        return [*lines, told]
    other = judged_or_gone(request.decided_by or 0, request.decided_name, t)
    return [*lines, t(_ENDINGS[request.outcome], person=other)]


def _decisions(request: UnsealRequest, t: Texts) -> list[discord.ui.Item[Any]]:
    post_id, danger = request.post_id, discord.ButtonStyle.danger
    found: list[discord.ui.Item[Any]] = [
        button(t("Agree"), "unseal.agree", post_id, style=danger),
        button(t("Refuse"), "unseal.refuse", post_id),
    ]
    if request.danger_by is None:
        found.append(button(t("Danger: tell the author later"), "unseal.danger", post_id))
    return found


def _looking(request: UnsealRequest, t: Texts) -> list[discord.ui.Item[Any]]:
    """The button with which whoever asked looks, until they have."""
    if request.outcome is not Outcome.AGREED or request.seen:
        return []
    return [button(t("See who wrote it"), "unseal.look", request.post_id)]


def _way(card: PostCard | None, t: Texts) -> list[discord.ui.Item[Any]]:
    link = card_link(card) if card is not None and card.status is PostStatus.VISIBLE else ""
    return [link_button(t("Go to"), link)] if link else []


def page_embed(found: QueuePage, request: UnsealRequest, t: Texts) -> discord.Embed:
    """A request in the queue, with its post."""
    embed = _embed(request, f"{request_head(request, t)} · {found.page + 1}/{found.pages}")
    embed.description = fitting([*page_lines(found, t), *_lines(request, t)], 4096)
    card = request.card
    if card is not None:
        title = [f"**{show_line(card.title)}**"] if card.kind is PostKind.QUESTION else []
        said = excerpt(card.body, _POST)
        post = [author_text(card.author, t, name=person_to_judge), *title]
        post += [f"> {said}"] if said else []
        embed.add_field(name=card.reference, value=fitting(post, 1024), inline=False)
    return embed


def page_view(
    found: QueuePage, request: UnsealRequest, wanted: Wanted, t: Texts
) -> discord.ui.View:
    """A moderator's controls for it, buttons to the rest of the queue, and what it shows."""
    decisions = [*_decisions(request, t), *_way(request.card, t)]
    for each in decisions:
        each.row = 1
    claims = claims_and_more(found, wanted, (), t)
    return view_of(*turns(found, wanted, t), *decisions, *claims, filter_select(wanted, t))


def asked_text(request: UnsealRequest, t: Texts) -> str:
    """What a moderator reads who has asked."""
    when = discord.utils.format_dt(request.expires, "f")
    number = request.card.reference if request.card is not None else ""
    return t(
        "Asked. Another moderator can agree until {when}, in /queue or in the moderators' "
        "channel. Then you can see once who wrote {number}.",
        when=when,
        number=number,
    )


def meaning_text(t: Texts) -> str:
    """What unsealing is, for members."""
    return t(
        "Two moderators can see together who wrote an anonymous post. They need a reason, both see "
        "it once, and the author is told. Posts from before stay sealed."
    )


def seen_text(seen: Seen, t: Texts) -> str:
    """Who wrote a post, for one of the two who may know."""
    number = seen.request.card.reference if seen.request.card is not None else ""
    if seen.member_id is None:
        return t(
            "Nobody can know who wrote {number}: their data was erased, or the key is lost.",
            number=number,
        )
    who = f"<@{seen.member_id}> (`{seen.member_id}`)"
    said = t("{person} wrote {number}.", person=who, number=number)
    once = t("You see this once, and it's kept nowhere. Please treat it as confidential.")
    told = t("The author is told that two moderators know.")
    if seen.request.danger_by is not None:
        told = t("The author is told in three days that two moderators know.")
    return f"{said}\n{once} {told}"
