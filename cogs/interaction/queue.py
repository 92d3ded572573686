"""The review queue, as a private reply: one item a page."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import discord

from bot.domain.errors import Denial, Denied
from bot.domain.review import Age
from bot.i18n import Texts
from bot.usecases import publishing, queueing
from bot.usecases.queueing import QueuePage, Wanted
from bot.usecases.reporting import Queue
from cogs.interaction.people import reader, rules_and_actor
from cogs.interaction.replies import reply, tell_saved
from cogs.interaction.visible import closed_channels
from cogs.ui import unsealing
from cogs.ui.appeals import page_embed, page_view
from cogs.ui.claims import EMPTY, filter_select
from cogs.ui.controls import Control, view_of
from cogs.ui.review import failures_text, load_text, review_embed, review_view
from cogs.ui.texts import explain

if TYPE_CHECKING:
    from bot.app import Askwell

_REFUSALS = 6  # one more than shown
_of_queue = partial(reply, bell=False)  # what waits there is what the bell tells of


def wanted_in(control: Control, first: int) -> tuple[Wanted, int]:
    """What the queue shows and the page that a control names, from an argument on."""
    queue, page = control.one_of(first, Queue), control.page(first + 1)
    named = len(control.arguments) > first + 2
    return Wanted(queue, control.one_of(first + 2, Age) if named else Age.ANY), page


async def show_queue(
    interaction: discord.Interaction[Askwell],
    wanted: Wanted,
    page: int,
    *,
    update: bool = False,
    done: str | None = None,
) -> None:
    """Show a page of the queue, with what Discord refused above it. `done` is said first, after a
    decision; and as the queue is opened, how much was decided lately."""
    _, actor = await rules_and_actor(interaction)
    db, t, now = interaction.client.db, reader(interaction), discord.utils.utcnow()
    closed = closed_channels(interaction)
    found = await queueing.review(db, actor, wanted, closed=closed, page=page, now=now)
    failed = await publishing.failures_of(db, actor.guild_id, _REFUSALS, closed=closed)
    refused, tell = failures_text(failed, t), _of_queue if done is None else tell_saved
    load = "" if update else load_text(*await queueing.decided(db, actor, now), t)
    if found is None:
        empty = t(EMPTY[wanted.queue])
        said = f"{done} {empty}" if done else empty
        view = view_of(filter_select(wanted, t))
        text = "\n".join(filter(None, (said, load, refused)))
        await tell(interaction, text, view=view, update=update)
        return
    embed, view = _look(found, wanted, t)
    said = "\n".join(filter(None, (done, load, refused))) or None
    await tell(interaction, said, embed=embed, view=view, update=update)


async def tell_decided(
    interaction: discord.Interaction[Askwell], wanted: Wanted, page: int, done: str
) -> None:
    """Tell a moderator privately how a decision went, above the queue as it is now. If that doesn't
    arrive, they find it in their inbox."""
    await show_queue(interaction, wanted, page, update=True, done=done)


def _look(found: QueuePage, wanted: Wanted, t: Texts) -> tuple[discord.Embed, discord.ui.View]:
    if found.appeal is not None:
        return page_embed(found, found.appeal, t), page_view(found, found.appeal, wanted, t)
    if found.request is not None:
        embed = unsealing.page_embed(found, found.request, t)
        return embed, unsealing.page_view(found, found.request, wanted, t)
    if found.post is None:
        raise ValueError("a page of the queue has neither a post nor an appeal")
    embed = review_embed(found, found.post, wanted.queue, t)
    return embed, review_view(found, found.post, wanted, t)


def too_late(refusal: Denied, t: Texts) -> str:
    """What another moderator decided meanwhile, for the one who came second; other refusals are
    raised."""
    if Denial(refusal.reason) is not Denial.ALREADY_DECIDED:
        raise refusal
    return explain(refusal, t)
