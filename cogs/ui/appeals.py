"""Appeals as their authors and moderators read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import discord

from bot.domain.appeals import WORDS_MAX, About, Appeal, OwnAppeal
from bot.domain.posts import HideReason, PostKind, PostStatus
from bot.domain.review import Decision, Item, ItemKind
from bot.domain.text import excerpt, fitting, show_line
from bot.domain.typed import characters
from bot.i18n import N_, Texts
from bot.usecases.appealing import Appealable, AppealToShow
from bot.usecases.drafts import Values
from bot.usecases.queueing import QueuePage, Wanted
from cogs.ui.cards import author_text, card_link, closing_reason
from cogs.ui.claims import claim_buttons, claim_line, filter_select, page_lines
from cogs.ui.controls import Control, button, custom_id, link_button, view_of
from cogs.ui.people import person_to_judge
from cogs.ui.reports import Look
from cogs.ui.review import claims_and_more, turns
from cogs.ui.verdicts import TO_HIDE, verdict_text

_WAITING, _DECIDED = 0xFAA61A, 0x80848E
_POST, _WORDS = 800, 700  # characters that are quoted
_BUTTONS, _BESIDE = 5, 3  # in a row, and beside those that ask about an answer
_MARK: Final = "⚖️"

_HEADS: Final = {
    About.HIDDEN: N_("Appeal: {number} is hidden"),
    About.REJECTED: N_("Appeal: {number} wasn't approved"),
    About.CLOSED: N_("Appeal: {number} is closed"),
    About.BLOCKED: N_("Appeal against a block"),
}
_OUTCOMES: Final = {
    None: N_("Your appeal waits for a moderator."),
    Decision.STANDS: N_("A moderator looked at your appeal. The decision stands."),
    Decision.UNDONE: N_("Your appeal was right. The decision is undone."),
    Decision.SETTLED: N_("The decision was undone, so your appeal is settled."),
    Decision.OVER: N_("Your appeal is over. There was nothing left to decide."),
}
_WHY: Final = {
    **{HideReason(reason.value): name for reason, name in TO_HIDE.items()},
    HideReason.REPORTS: N_("Enough members reported it"),
    HideReason.MESSAGE: N_("Its message was deleted in Discord"),
}


# Authors


def appeal_form(
    about: About, post_id: int | None, number: str, values: Values, t: Texts
) -> discord.ui.Modal:
    """The form of an appeal."""
    title = t("Appeal {number}", number=number) if number else t("Appeal")
    if about is About.BLOCKED:
        title = t("Appeal your block")
    form = discord.ui.Modal(
        title=title[:45], custom_id=custom_id("appeal.form", about, post_id or 0)
    )
    words: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id="appeal",
        style=discord.TextStyle.paragraph,
        max_length=WORDS_MAX,
        default=characters(str(values.get("appeal", "")))[:WORDS_MAX] or None,
        placeholder=t("You can appeal once. Another moderator reads this.")[:100],
    )
    form.add_item(discord.ui.Label(text=t("Why should it be undone?")[:45], component=words))
    return form


def appeal_buttons(
    offered: Sequence[Appealable], t: Texts, *, turns: int
) -> list[discord.ui.Button[Any]]:
    """A button for each thing that a member may appeal against, beside the buttons that an inbox
    has: `turns` of them lead to other pages, and two in each further row ask about an answer."""
    room = _BUTTONS - turns
    found: list[discord.ui.Button[Any]] = []
    for n, each in enumerate(offered):
        label = t("Appeal {number}", number=each.number)
        if each.post_id is None:
            label = t("Appeal the block")
        row = 0 if n < room else 1 + (n - room) // _BESIDE
        what = (each.about, each.post_id or 0)
        found.append(button(label, "appeal", *what, emoji=_MARK, row=row))
    return found


def own_line(appeal: OwnAppeal, t: Texts) -> str:
    """What came of a member's appeal, in their inbox."""
    new = "🔵 " if appeal.outcome is not None and not appeal.read else ""
    about = appeal.number or t("your block")
    head = f"{new}{_MARK} **{t('Appeal')}** · {about}"
    when = discord.utils.format_dt(appeal.at, "R")
    return f"{head}\n{when} · {t(_OUTCOMES[appeal.outcome])}"


# Moderators


def is_of_appeal(appeal_id: int, control: Control) -> bool:
    """Whether a message with this control is the card of an appeal."""
    return control == Control("appeal.read", (str(appeal_id),))


def appeal_head(appeal: Appeal, t: Texts) -> str:
    """What an appeal is about, in a few words."""
    number = appeal.card.reference if appeal.card is not None else ""
    return t(_HEADS[appeal.about], number=number)


def appeal_look(found: AppealToShow, t: Texts, *, quoted: bool) -> Look:
    """The card of an appeal in the moderators' channel. It has its author's words where it is
    `quoted`: where everybody who reads the card may read the post's home."""
    appeal = found.appeal
    if not appeal.waits:
        embed = discord.Embed(title=appeal_head(appeal, t), colour=_DECIDED)
        embed.description = _verdict(appeal, t)
        return Look(embed, _way(appeal, t))
    embed = discord.Embed(title=appeal_head(appeal, t), colour=_WAITING, timestamp=appeal.at)
    lines = [claim_line(found.claim, t)] if found.claim is not None else []
    lines += _decision(appeal, t, named=quoted)
    if quoted:
        lines += ["", *_words(appeal, t, hidden=True)]
    elif appeal.post_id is None:
        lines.append(t("*Read it* shows it to moderators of the server alone."))
    else:
        lines.append(
            t("Not everyone here can see this post. If you can, *Read it* shows it to you alone.")
        )
    embed.description = fitting(lines, 4096)
    controls = [*decision_buttons(appeal, t), button(t("Read it"), "appeal.read", appeal.appeal_id)]
    item = Item(ItemKind.APPEAL, appeal.appeal_id)
    return Look(embed, [*controls, *claim_buttons(item, found.claim, t), *_way(appeal, t)])


def decision_buttons(appeal: Appeal, t: Texts, *where: object) -> list[discord.ui.Item[Any]]:
    """What a moderator decides about an appeal; `where` is the page of the queue, if it is
    there."""
    undo, stands = (custom_id(f"appeal.{what}", appeal.appeal_id, *where) for what in _ACTS)
    return [
        discord.ui.Button(label=t("Undo it"), style=discord.ButtonStyle.success, custom_id=undo),
        discord.ui.Button(
            label=t("It stands"), style=discord.ButtonStyle.secondary, custom_id=stands
        ),
    ]


_ACTS: Final = ("undo", "stands")


def _way(appeal: Appeal, t: Texts) -> list[discord.ui.Item[Any]]:
    card = appeal.card
    link = card_link(card) if card is not None and card.status is PostStatus.VISIBLE else ""
    return [link_button(t("Go to"), link)] if link else []


def _verdict(appeal: Appeal, t: Texts) -> str:
    said = verdict_text(appeal.verdict, t)
    if appeal.alone:
        said += " " + t("The same person decided before, as nobody else moderates here.")
    return said


def _decision(appeal: Appeal, t: Texts, *, named: bool) -> list[str]:
    """Why it was decided so; if `named`, with the reasons that somebody typed."""
    lines: list[str] = []
    if appeal.why is not None:
        lines.append(t("Reason: {reason}", reason=t(_WHY[appeal.why])))
    card = appeal.card
    if appeal.about is About.CLOSED and card is not None and card.closing is not None and named:
        lines.append(closing_reason(appeal.guild_id, card.closing, t))
    if appeal.block is not None and named:
        end = appeal.block.until
        lasts = t("for good") if end is None else discord.utils.format_dt(end, "f")
        lines.append(t("Blocked until: {when}", when=lasts))
        if appeal.block.reason:
            lines.append(t("Reason: {reason}", reason=show_line(appeal.block.reason)))
    return lines


def _words(appeal: Appeal, t: Texts, *, hidden: bool = False) -> list[str]:
    who = person_to_judge(appeal.author_id or 0, appeal.author)
    words = excerpt(appeal.words, _WORDS, hidden=hidden) or t("*The words were erased.*")
    return [t("{person} writes:", person=who), f"> {words}"]


def read_embed(appeal: Appeal, t: Texts, *, pages: str = "") -> discord.Embed:
    """An appeal with its words and the post, for somebody who may decide it."""
    embed = discord.Embed(
        title=appeal_head(appeal, t) + (f" · {pages}" if pages else ""),
        colour=_WAITING if appeal.waits else _DECIDED,
        timestamp=appeal.at,
    )
    lines = _decision(appeal, t, named=True)
    lines += ["", *_words(appeal, t)]
    if not appeal.waits:
        lines += ["", _verdict(appeal, t)]
    embed.description = fitting(lines, 4096)
    card = appeal.card
    if card is not None:
        title = [f"**{show_line(card.title)}**"] if card.kind is PostKind.QUESTION else []
        said = excerpt(card.body, _POST)
        post = [author_text(card.author, t, name=person_to_judge), *title]
        post += [f"> {said}"] if said else []
        embed.add_field(name=card.reference, value=fitting(post, 1024), inline=False)
    return embed


def read_view(appeal: Appeal, t: Texts) -> discord.ui.View:
    """What somebody may decide who reads an appeal privately."""
    decisions = decision_buttons(appeal, t) if appeal.waits else []
    return view_of(*decisions, *_way(appeal, t))


def page_embed(found: QueuePage, appeal: Appeal, t: Texts) -> discord.Embed:
    """An appeal in the queue."""
    embed = read_embed(appeal, t, pages=f"{found.page + 1}/{found.pages}")
    embed.description = "\n".join([*page_lines(found, t), embed.description or ""])
    return embed


def page_view(found: QueuePage, appeal: Appeal, wanted: Wanted, t: Texts) -> discord.ui.View:
    """A moderator's controls for it, buttons to the rest of the queue, and what it shows."""
    decisions = decision_buttons(appeal, t, wanted.queue, found.page, wanted.age)
    for each in (*decisions, *(way := _way(appeal, t))):
        each.row = 1
    claims = claims_and_more(found, wanted, (), t)
    select = filter_select(wanted, t)
    return view_of(*turns(found, wanted, t), *decisions, *way, *claims, select)


APPEAL: Final = "appeal-"
"""What the value of an option begins with that is an appeal, in a select of reported posts."""


def waiting_options(appeals: Sequence[Appeal], t: Texts) -> list[discord.SelectOption]:
    """The appeals that wait, for a select."""
    return [
        discord.SelectOption(label=appeal_head(each, t)[:100], value=f"{APPEAL}{each.appeal_id}")
        for each in appeals
    ]


def waiting_lines(appeals: Sequence[Appeal], t: Texts) -> list[str]:
    """The appeals that wait for a moderator, at the top of their inbox."""
    head = t.plural(
        "{n} appeal waits for a decision", "{n} appeals wait for a decision", len(appeals)
    )
    return [f"{_MARK} **{head}**"] if appeals else []
