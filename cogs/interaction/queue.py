"""The review queue, as a private reply: one item a page."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import discord

from bot.domain.actors import Actor
from bot.domain.errors import Denial, Denied
from bot.i18n import N_, Texts
from bot.usecases import appealing, publishing, reporting
from bot.usecases.reporting import Queue
from cogs.interaction.people import reader, rules_and_actor
from cogs.interaction.replies import reply, tell_saved
from cogs.interaction.visible import closed_channels
from cogs.ui.appeals import page_embed, page_view
from cogs.ui.review import failures_text, review_embed, review_view
from cogs.ui.texts import explain

if TYPE_CHECKING:
    from bot.app import Askwell

_EMPTY: Final = {
    Queue.REPORTED: N_("No reported posts."),
    Queue.HELD: N_("No posts wait for approval."),
    Queue.APPEALS: N_("No appeals wait."),
    Queue.HIDDEN: N_("No hidden posts."),
}
_REFUSALS = 6  # one more than shown
_of_queue = partial(reply, bell=False)  # what waits there is what the bell tells of


async def show_queue(
    interaction: discord.Interaction[Askwell],
    queue: Queue,
    page: int,
    *,
    update: bool = False,
    done: str | None = None,
) -> None:
    """Show a page of the queue, with what Discord refused above it. `done` is said first, after a
    decision."""
    _, actor = await rules_and_actor(interaction)
    db, t = interaction.client.db, reader(interaction)
    closed = closed_channels(interaction)
    item = await _item(interaction, actor, queue, page)
    failed = await publishing.failures_of(db, actor.guild_id, _REFUSALS, closed=closed)
    refused, tell = failures_text(failed, t), _of_queue if done is None else tell_saved
    if item is None:
        empty = t(_EMPTY[queue])
        said = f"{done} {empty}" if done else empty
        await tell(interaction, "\n".join(filter(None, (said, refused))), update=update)
        return
    embed, view = item
    said = "\n".join(filter(None, (done, refused))) or None
    await tell(interaction, said, embed=embed, view=view, update=update)


async def _item(
    interaction: discord.Interaction[Any], actor: Actor, queue: Queue, page: int
) -> tuple[discord.Embed, discord.ui.View] | None:
    db, t, closed = interaction.client.db, reader(interaction), closed_channels(interaction)
    if queue is Queue.APPEALS:
        found = await appealing.review(db, actor, closed, page)
        return None if found is None else (page_embed(found, t), page_view(found, queue, t))
    item = await reporting.review(db, actor, queue, closed=closed, page=page)
    return None if item is None else (review_embed(item, queue, t), review_view(item, queue, t))


def too_late(refusal: Denied, t: Texts) -> str:
    """What another moderator decided meanwhile, for the one who came second; other refusals are
    raised."""
    if Denial(refusal.reason) is not Denial.ALREADY_DECIDED:
        raise refusal
    return explain(refusal, t)
