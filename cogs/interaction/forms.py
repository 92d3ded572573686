"""Forms: opening them, and giving back the input of one that was refused."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING, Any, Final

import discord

from bot.domain.errors import NotFound, Refusal
from bot.usecases import drafts
from bot.usecases.browsing import rules_of
from bot.usecases.drafts import Draft
from cogs.failures import DISCORD_FAILED
from cogs.interaction.closed import with_reason
from cogs.interaction.people import (
    entered,
    guild_of,
    is_anonymous,
    reader,
    seal_in,
)
from cogs.interaction.replies import answering, is_answering, refusal_text, reply, unreadable_text
from cogs.interaction.visible import may_be_own
from cogs.ui.carried import (
    NAME_FORM,
    Step,
    can_carry,
    carried_embed,
    carry,
    fits,
    is_carried,
    step_button,
)
from cogs.ui.controls import Forged, button, custom_id, of_server, read_custom_id, view_of
from cogs.ui.discord_refusals import discord_problem

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)

# In an interaction's extras: the draft with which the submitted form was opened.
OPENED_WITH: Final = "opened_with"
# What authors do to their own posts.
_OF_AUTHORS: Final = frozenset({"edit.form", "retag.form", "duplicate.form", "appeal.form"})


async def show_form(
    interaction: discord.Interaction[Askwell], form: discord.ui.Modal, typed: Draft | None = None
) -> None:
    """Open a form. It is routed by its custom id, so the library needn't remember it.

    Discord refuses a form with an emoji that was deleted in the server; then it is opened without
    emoji. If it doesn't open at all, the member is told, and gets its content (`typed`) back.
    """
    form.stop()
    guild_id = entered(interaction)
    if guild_id is not None:
        form.custom_id = of_server(form.custom_id, guild_id)
    if is_answering(interaction):
        text = reader(interaction)("That took too long just now. Please try it again.")
        if typed is None:
            await reply(interaction, text)
        else:
            await _give_form_back(interaction, text, typed)
        return
    answering(interaction)
    try:
        try:
            await interaction.response.send_modal(form)
        except discord.HTTPException as error:
            if error.status != 400 or not _take_emoji_off(form):
                raise
            _log.info("a form is opened without emoji: %s", error)
            await interaction.response.send_modal(form)
    except DISCORD_FAILED as error:
        _log.warning("a form did not reach Discord: %s", error)
        await _not_opened(interaction, error, typed)


async def _not_opened(
    interaction: discord.Interaction[Askwell], error: BaseException, typed: Draft | None
) -> None:
    """Say that a form didn't open. The member can retry, unless Discord would refuse it again: then
    they get everything they typed as a file.

    If the form did open and only its confirmation was lost, Discord refuses this second response.
    """
    t = reader(interaction)
    refused = isinstance(error, discord.HTTPException) and 400 <= error.status < 500
    if refused:
        text = t("Discord couldn't open the form. Please try again.")
    else:
        text = discord_problem(error, t)
    if typed is None:
        await reply(interaction, text)
    elif refused:
        await give_back(interaction, text, typed)
    else:
        await _give_form_back(interaction, text, typed)


def _take_emoji_off(form: discord.ui.Modal) -> bool:
    """Remove the emoji from a form's choices; False if there are none."""
    found = False
    for item in form.walk_children():
        options = item.options if isinstance(item, discord.ui.Select) else ()
        for option in options:
            found |= option.emoji is not None
            option.emoji = None
    return found


async def form_failed(
    interaction: discord.Interaction[Askwell], error: Exception, draft: Draft
) -> None:
    """Say why a form was refused, and give back everything that was typed.

    The text is kept, and a button reopens the form. If it can't be kept, or there is nothing left
    to send it to, it is given back as a file.
    """
    t = reader(interaction)
    error = await with_reason(interaction, error)
    nowhere = isinstance(error, NotFound | Forged)
    if interaction.guild_id is None and entered(interaction) is None:
        nowhere = True  # in a direct message, without a server to keep it in
    if isinstance(error, Refusal):
        text = refusal_text(interaction, error)
    elif isinstance(error, NotFound | Forged):
        text = unreadable_text(error, t)
    elif isinstance(error, discord.HTTPException):
        _log.warning("Discord failed in a form: %s", error)
        text = discord_problem(error, t)
    else:
        _log.exception("a form failed", exc_info=error)
        text = t("Something went wrong on our side. We've logged it.")
    if nowhere:
        await give_back(interaction, text, draft)
    else:
        await _give_form_back(interaction, text, draft)


async def _give_form_back(
    interaction: discord.Interaction[Askwell], why: str, draft: Draft
) -> None:
    """Say why a form was refused, with a button that reopens it with the text.

    What may become an anonymous post is kept in no row, but in this message itself: decision 37.
    """
    t = reader(interaction)
    if draft.form.startswith(custom_id(NAME_FORM)):  # the text is in the message that it is from
        await reply(interaction, why)
        return
    if is_carried(draft) or (can_carry(draft) and await _may_be_anonymous(interaction)):
        if fits(draft):
            await give_back_in_message(interaction, why, draft)
        else:
            await give_back(interaction, why, draft)
        return
    if _may_name_author(interaction, draft):
        await give_back(interaction, why, draft)
        return
    try:
        draft_id = await drafts.keep_draft(
            interaction.client.db,
            guild_of(interaction),
            interaction.user.id,
            draft,
            now=discord.utils.utcnow(),
            instead_of=interaction.extras.pop(OPENED_WITH, None),
        )
    except Exception:
        _log.exception("a draft could not be kept")
        await give_back(interaction, why, draft)
        return
    again = button(t("Open the form again"), "draft", draft_id, style=discord.ButtonStyle.primary)
    kept = t("Nothing you typed is lost.")
    await reply(interaction, f"{why} {kept}", view=view_of(again))


def _may_name_author(interaction: discord.Interaction[Askwell], draft: Draft) -> bool:
    """Whether a row of a draft could tell who wrote an anonymous post: it would have the post's
    number or words beside the member's id."""
    about = read_custom_id(draft.form)
    if about is None or about.action not in _OF_AUTHORS:
        return is_anonymous(interaction)
    return seal_in(interaction) is not None and may_be_own(interaction)


async def _may_be_anonymous(interaction: discord.Interaction[Askwell]) -> bool:
    """Whether a form may yet be posted anonymously; True where that can't be known."""
    try:
        return (await rules_of(interaction.client.db, guild_of(interaction))).on("anonymous")
    except Exception as error:
        _log.warning("whether a form may be posted anonymously could not be read: %s", error)
        return True


async def give_back_in_message(
    interaction: discord.Interaction[Askwell], why: str, draft: Draft
) -> bool:
    """Give back a draft in the message itself; returns whether that has reached Discord."""
    t = reader(interaction)
    carried = carry(draft, interaction.id)
    label, primary = t("Open the form again"), discord.ButtonStyle.primary
    again = step_button(label, Step.CHANGE, carried, primary)
    text = f"{why} {t('Nothing you typed is lost.')}"
    return await reply(interaction, text, embed=carried_embed(carried, t), view=view_of(again))


async def give_back(interaction: discord.Interaction[Any], why: str, draft: Draft) -> None:
    """Say why a form can't be used any more, with its text as a file."""
    t = reader(interaction)
    typed = [value for value in draft.values.values() if isinstance(value, str) and value.strip()]
    if not typed:
        await reply(interaction, why)
        return
    file = discord.File(io.BytesIO("\n\n".join(typed).encode(errors="replace")), "your-text.txt")
    await reply(interaction, why + " " + t("Here's what you typed."), files=[file])
