"""Who is looking at what in the review queue, and the selects that narrow the queue down."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import discord

from bot.domain.review import Age, Claim, Item, ItemKind
from bot.i18n import N_, Texts
from bot.usecases.queueing import QueuePage, Wanted
from bot.usecases.reporting import Queue
from cogs.ui.controls import Forged, button, custom_id, number_in, one_of
from cogs.ui.people import person_to_judge

HEADS: Final = {
    Queue.ALL: N_("The queue"),
    Queue.WORRIES: N_("Worries"),
    Queue.REPORTED: N_("Reported posts"),
    Queue.WORDS: N_("Posts with blocked words"),
    Queue.HELD: N_("Posts that wait for approval"),
    Queue.APPEALS: N_("Appeals"),
    Queue.UNSEALING: N_("Requests to unseal"),
    Queue.HIDDEN: N_("Hidden posts"),
}
EMPTY: Final = {
    Queue.ALL: N_("Nothing waits."),
    Queue.WORRIES: N_("Nobody is worried about anyone."),
    Queue.REPORTED: N_("No reported posts."),
    Queue.WORDS: N_("No posts with blocked words."),
    Queue.HELD: N_("No posts wait for approval."),
    Queue.APPEALS: N_("No appeals wait."),
    Queue.UNSEALING: N_("No requests to unseal."),
    Queue.HIDDEN: N_("No hidden posts."),
}
KINDS: Final = {
    Queue.ALL: N_("Everything that waits"),
    Queue.WORRIES: N_("Worries"),
    Queue.REPORTED: N_("Reports"),
    Queue.WORDS: N_("Blocked words"),
    Queue.HELD: N_("Waiting for approval"),
    Queue.APPEALS: N_("Appeals"),
    Queue.UNSEALING: N_("Requests to unseal"),
    Queue.HIDDEN: N_("Hidden posts"),
}
AGES: Final = {
    Age.DAY: N_("Waiting for over a day"),
    Age.WEEK: N_("Waiting for over a week"),
}


def claim_line(claim: Claim, t: Texts) -> str:
    """That somebody is looking at an item, since when."""
    who = person_to_judge(claim.user_id, claim.name)
    since = discord.utils.format_dt(claim.at, "R")
    return "👀 " + t("{person} is looking at it ({since}).", person=who, since=since)


_LETTERS: Final = {ItemKind.POST: "p", ItemKind.APPEAL: "a", ItemKind.UNSEAL: "u"}


def item_word(item: Item) -> str:
    """An item in a custom id."""
    return f"{_LETTERS[item.kind]}{item.key}"


def item_in(word: str) -> Item:
    """The item that a custom id names. Raises `Forged`."""
    for kind, letter in _LETTERS.items():
        if word.startswith(letter):
            return Item(kind, number_in(word.removeprefix(letter)))
    raise Forged(f"no such item: {word}")


def claim_buttons(
    item: Item, claim: Claim | None, t: Texts, *where: object, row: int | None = None
) -> list[discord.ui.Button[Any]]:
    """*Take it* where nobody is looking, and *Pass*. `where` is the page of the queue, if it is
    there."""
    what = (item_word(item), *where)
    passing = button(t("Pass"), "item.pass", *what, row=row)
    return [passing] if claim else [button(t("Take it"), "item.take", *what, row=row), passing]


def page_lines(found: QueuePage, t: Texts) -> list[str]:
    """What is said above an item in the queue: who is looking at it, and whether the reader has
    passed it on."""
    lines = [claim_line(found.claim, t)] if found.claim is not None else []
    return [*lines, *([t("You've passed this on.")] if found.passed else [])]


def filter_select(wanted: Wanted, t: Texts) -> discord.ui.Select[Any]:
    """The select of what the queue shows: the kind of item, or how long it has waited. A choice
    changes one of the two."""
    names = {**KINDS, Age.ANY: N_("However long it waits"), **AGES}
    options = [
        discord.SelectOption(label=t(name)[:100], value=each.value) for each, name in names.items()
    ]
    shown = [t(KINDS[wanted.queue]), *([t(AGES[wanted.age])] if wanted.age in AGES else [])]
    return discord.ui.Select(
        custom_id=custom_id("queue.filter", wanted.queue, wanted.age),
        placeholder=t("Showing: {what}", what=" · ".join(shown))[:150],
        options=options,
        row=4,
    )


def narrowed(wanted: Wanted, chosen: str) -> Wanted:
    """What the queue shows after a choice in that select. Raises `Forged`."""
    if chosen in {each.value for each in Age}:
        return replace(wanted, age=Age(chosen))
    return replace(wanted, queue=one_of(Queue, chosen))
