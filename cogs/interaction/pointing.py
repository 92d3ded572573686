"""Commands without a post: the only one they can mean, or a select of those they can.

What is chosen is carried on by the handler of the control that does the same: `edit` for `/edit`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import discord

from bot.domain.cards import PostCard
from bot.domain.errors import Missing, NotFound
from bot.usecases import pointing
from bot.usecases.pointing import Candidates, Offered
from cogs.interaction.people import reader, rules_and_actor
from cogs.interaction.replies import reply
from cogs.interaction.visible import actor_at, named_post, readable_channels
from cogs.ui.controls import Forged, number_in
from cogs.ui.pointing import which_text, which_view

if TYPE_CHECKING:
    from bot.app import Askwell

# What each control can mean where no post is named.
_CANDIDATES: Final = {
    "edit": Candidates.EDIT,
    "delete": Candidates.DELETE,
    "history": Candidates.HISTORY,
    "best": Candidates.ANSWERS,
    "answer": Candidates.OPEN,
    "comment": Candidates.QUESTIONS,
    "vote": Candidates.QUESTIONS,
    "retag": Candidates.QUESTIONS,
    "close.as": Candidates.OPEN,
    "reopen": Candidates.CLOSED,
    "move.to": Candidates.QUESTIONS,
    "hide.as": Candidates.QUESTIONS,
    "lock": Candidates.QUESTIONS,
    "unlock": Candidates.QUESTIONS,
}
_NONE: Final = {
    Candidates.EDIT: Missing.OWN_POSTS,
    Candidates.DELETE: Missing.OWN_POSTS,
    Candidates.HISTORY: Missing.OWN_POSTS,
    Candidates.ANSWERS: Missing.TO_CHOOSE,
    Candidates.QUESTIONS: Missing.QUESTIONS,
    Candidates.OPEN: Missing.OPEN_QUESTIONS,
    Candidates.CLOSED: Missing.CLOSED_QUESTIONS,
}


async def question_meant(
    interaction: discord.Interaction[Askwell],
    typed: str | None,
    action: str,
    *rest: object,
    beside: discord.Embed | None = None,
) -> PostCard | None:
    """The question that a command means: the one that was typed, that of the thread, or the only
    one it can mean. None once a select offers several, after which `action` gets the chosen one
    and `rest`; the select's message shows `beside`."""
    return await _meant(interaction, typed, action, rest, question=True, beside=beside)


async def post_meant(
    interaction: discord.Interaction[Askwell], typed: str | None, action: str, *rest: object
) -> PostCard | None:
    """As `question_meant`, for commands that also take an answer or a comment."""
    return await _meant(interaction, typed, action, rest, question=False)


async def _meant(
    interaction: discord.Interaction[Askwell],
    typed: str | None,
    action: str,
    rest: tuple[object, ...],
    *,
    question: bool,
    beside: discord.Embed | None = None,
) -> PostCard | None:
    try:
        return await named_post(interaction, typed, question=question)
    except NotFound as error:
        if Missing(error.reason) is not Missing.UNNAMED:
            raise
    return await own_or_offered(interaction, action, *rest, beside=beside)


async def own_meant(
    interaction: discord.Interaction[Askwell], typed: str | None, action: str
) -> PostCard | None:
    """As `post_meant`, for changes: without a name, in a thread, the person's own newest post."""
    if typed:
        return await named_post(interaction, typed, own=True)
    return await own_or_offered(interaction, action)


async def own_or_offered(
    interaction: discord.Interaction[Askwell],
    action: str,
    *rest: object,
    beside: discord.Embed | None = None,
) -> PostCard | None:
    """The only post that a command can mean; None once a select offers several. For `best`, `rest`
    may be a question, whose answers alone are meant then."""
    found = await _candidates(interaction, action, 0, rest)
    if not found.cards:
        asked = action == "best" and (rest or await question_here(interaction))
        raise NotFound(Missing.NO_ANSWERS if asked else _NONE[_CANDIDATES[action]])
    if len(found.cards) == 1 and not found.more:
        return found.cards[0]
    await _offer(interaction, found, action, rest, beside)
    return None


async def offer_candidates(
    interaction: discord.Interaction[Askwell], action: str, *rest: object
) -> None:
    """Offer what a command can mean, also where that is one post alone: for what isn't to happen to
    a post that nobody named."""
    found = await _candidates(interaction, action, 0, rest)
    if not found.cards:
        raise NotFound(_NONE[_CANDIDATES[action]])
    await _offer(interaction, found, action, rest)


async def turn_candidates(
    interaction: discord.Interaction[Askwell], action: str, page: int, *rest: object
) -> None:
    """Show another page of the select. Raises `Forged` if there is none for an action."""
    found = await _candidates(interaction, action, page, rest)
    shown = interaction.message.embeds if interaction.message is not None else ()
    beside = shown[0] if shown else None
    t = reader(interaction)
    view = which_view(found, action, page, rest, t)
    await reply(interaction, which_text(action, t), embed=beside, view=view, update=True)


async def _candidates(
    interaction: discord.Interaction[Askwell], action: str, page: int, rest: tuple[object, ...]
) -> Offered:
    if action not in _CANDIDATES:
        raise Forged(f"no choice for {action}")
    question_id = number_in(str(rest[0])) if action == "best" and rest else None
    question_id = question_id or await question_here(interaction)
    if question_id is not None:
        actor = await actor_at(interaction, question_id, by_name=True)
    else:
        _, actor = await rules_and_actor(interaction)
    return await pointing.candidates(
        interaction.client.db,
        actor,
        _CANDIDATES[action],
        question_id,
        channels=readable_channels(interaction),
        page=page,
    )


async def question_here(interaction: discord.Interaction[Askwell]) -> int | None:
    """The question whose thread the person is in, if they can see it."""
    try:
        return (await named_post(interaction, None, question=True)).post_id
    except NotFound:
        return None


async def _offer(
    interaction: discord.Interaction[Askwell],
    found: Offered,
    action: str,
    rest: tuple[object, ...],
    beside: discord.Embed | None = None,
) -> None:
    """Show the first page of the select."""
    t = reader(interaction)
    view = which_view(found, action, 0, rest, t)
    await reply(interaction, which_text(action, t), embed=beside, view=view)
