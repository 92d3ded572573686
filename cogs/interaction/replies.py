"""Private replies: acknowledging in time, answering, and explaining refusals."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import discord
from discord import app_commands

from bot.domain.errors import Refusal
from bot.i18n import Texts
from bot.usecases import following
from cogs.failures import DISCORD_FAILED, is_trouble
from cogs.interaction.bell import add_bell
from cogs.interaction.closed import with_reason
from cogs.interaction.people import FROM_MESSAGES, entered, guild_of, is_anonymous, reader
from cogs.interaction.refused_votes import RefusedVotes
from cogs.ui.controls import Forged, of_server, read_custom_id
from cogs.ui.discord_refusals import discord_problem
from cogs.ui.help import clickable
from cogs.ui.texts import explain

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)
_NONE: Any = discord.utils.MISSING
# Seconds. Discord refuses a first response after three, so none is waited for longer, and an
# interaction without one is acknowledged in time.
IN_TIME, _SOON = 3.0, 2.0
# Pauses between attempts to fill in a reply. Repeating it does no harm, and without it a person
# waits for a quarter of an hour.
_PAUSES = (0.5, 2.0, 5.0)
_MESSAGE_MAX = 2_000  # Discord's limit of a message's text
_ANSWERING, _LOOK = "answering", "look"
# In an interaction's extras: the reply takes the place of the private message that was clicked.
_REPLACES: Final = "replaces"
_acknowledging: set[asyncio.Task[None]] = set()


@dataclass(frozen=True, slots=True)
class _Reply:
    """The content of a private reply."""

    content: str | None
    embeds: Sequence[discord.Embed]
    view: discord.ui.View | None
    files: Sequence[discord.File]


async def reply(
    interaction: discord.Interaction[Any],
    content: str | None = None,
    *,
    embed: discord.Embed | None = None,
    further: discord.Embed | None = None,
    view: discord.ui.View | None = None,
    files: Sequence[discord.File] = (),
    update: bool = False,
    bell: bool = True,
) -> bool:
    """Reply privately, whether or not the interaction was acknowledged before; returns whether the
    reply has reached Discord.

    With `update`, the private message that was clicked is changed, and no new one is sent. The
    reply carries the bell if there is news, except where it is the news itself (`bell` False). If a
    reply isn't confirmed, the original reply is edited to say the same: that works if Discord got
    the first one, and does no harm if not. If that fails too, it is logged, and the act stays done.
    """
    # More parameters than a function should have: they are what a message in Discord is made of.
    update = update or _REPLACES in interaction.extras
    refused: RefusedVotes = interaction.client.refused_votes
    told = None
    if not update and interaction.guild_id is not None:
        who = interaction.guild_id, interaction.user.id
        text, told = refused.add_to(content, *who, reader(interaction), _MESSAGE_MAX)
        content = text or None
    if bell:
        view = await add_bell(interaction, view, update=update)
    _stay_in_server(interaction, view)
    embeds = [each for each in (embed, further) if each is not None]
    reached = await _send(interaction, _Reply(content, embeds, view, files), update=update)
    if told is not None and reached:
        await refused.told(told)
    elif told is not None:
        refused.restore(told)
    return reached


async def _send(interaction: discord.Interaction[Any], said: _Reply, *, update: bool) -> bool:
    """Send a reply; returns whether it has reached Discord."""
    if not interaction.response.is_done():
        answering(interaction)
        try:
            await _answer_first(interaction, said, update=update)
            return True
        except DISCORD_FAILED as error:
            _log.info("a private reply was not confirmed: %s", error)
            for file in said.files:  # from the beginning: what was sent before has read them
                file.reset()
    return await _fill_in(interaction, said)


def _stay_in_server(interaction: discord.Interaction[Any], view: discord.ui.View | None) -> None:
    """In a direct message, let controls name the server in which the person acts."""
    guild_id = entered(interaction)
    if guild_id is None or view is None:
        return
    for item in view.children:
        named = getattr(item, "custom_id", None)
        wanted = read_custom_id(named) if named else None
        if isinstance(item, discord.ui.Button) and wanted and wanted.action in FROM_MESSAGES:
            item.custom_id = of_server(named or "", guild_id)


async def _answer_first(
    interaction: discord.Interaction[Any], said: _Reply, *, update: bool
) -> None:
    if update:
        await interaction.response.edit_message(
            content=said.content, embeds=said.embeds, view=said.view
        )
        return
    extra: dict[str, Any] = {} if said.view is None else {"view": said.view}
    if said.files:
        extra["files"] = list(said.files)
    await interaction.response.send_message(
        said.content, embeds=said.embeds or _NONE, ephemeral=True, **extra
    )


async def _fill_in(interaction: discord.Interaction[Any], said: _Reply) -> bool:
    """Edit the original reply, retrying after a pause if Discord is in trouble; returns whether
    that has reached it."""
    for pause in (*_PAUSES, None):
        try:
            await interaction.edit_original_response(
                content=said.content,
                embeds=said.embeds,
                view=said.view,
                attachments=list(said.files),
            )
            return True
        except DISCORD_FAILED as error:
            # After the bot has closed its session nothing can be sent any more.
            closed = interaction.client.is_closed()
            if pause is None or closed or not is_trouble(error):
                _log.warning("a private reply did not reach Discord: %s", error)
                return False
            _log.info("a private reply is tried again: %s", error)
        for file in said.files:
            file.reset()
        await asyncio.sleep(pause)
        if interaction.client.is_closed():
            _log.warning("a private reply did not reach Discord: the bot is closed")
            return False
    return False


def replace_clicked(interaction: discord.Interaction[Any]) -> None:
    """Have the reply to a click or choice take the place of the private message it is in."""
    interaction.extras[_REPLACES] = True


async def answer_with_card(
    interaction: discord.Interaction[Any], embeds: list[discord.Embed], view: discord.ui.View
) -> bool | None:
    """Answer a click on a card with the card as it is now; returns whether that was confirmed, or
    None if the person was told to wait before."""
    if is_answering(interaction):
        return None
    answering(interaction)
    quiet = discord.AllowedMentions.none()
    try:
        async with asyncio.timeout(IN_TIME):
            await interaction.response.edit_message(
                embeds=embeds, view=view, allowed_mentions=quiet
            )
    except DISCORD_FAILED as error:  # it is edited soon, as after any other vote
        _log.info("a card as the answer to a click was not confirmed: %s", error)
        return False
    return True


async def acknowledge_click(interaction: discord.Interaction[Any]) -> bool | None:
    """Answer a click on a card without changing it; the same results as `answer_with_card`."""
    if is_answering(interaction):
        return None
    answering(interaction)
    try:
        async with asyncio.timeout(IN_TIME):
            await interaction.response.defer()
    except DISCORD_FAILED as error:
        _log.info("a click was acknowledged, which was not confirmed: %s", error)
        return False
    return True


async def tell_done(
    interaction: discord.Interaction[Askwell],
    post_id: int,
    content: str,
    *,
    embed: discord.Embed | None = None,
    view: discord.ui.View | None = None,
    update: bool = False,
    guild_id: int | None = None,
) -> None:
    """Tell a member privately the outcome of their act on a post. If that doesn't arrive, they find
    it in their inbox. In a direct message, `guild_id` is the post's server."""
    # More parameters than a function should have: they are those of `reply`, and what it is about.
    told_it = await reply(interaction, content, embed=embed, view=view, update=update)
    if told_it and not is_anonymous(interaction):
        where = guild_of(interaction) if guild_id is None else guild_id
        told = following.told(interaction.client.db, where, interaction.user.id, post_id)
        await _drop_receipt(interaction, told)


async def tell_saved(
    interaction: discord.Interaction[Askwell],
    content: str | None,
    *,
    embed: discord.Embed | None = None,
    view: discord.ui.View | None = None,
    update: bool = False,
) -> None:
    """The same, for other acts than those on a visible post."""
    told_it = await reply(interaction, content, embed=embed, view=view, update=update)
    if told_it and not is_anonymous(interaction):
        who = guild_of(interaction), interaction.user.id
        told = following.told_of(interaction.client.db, *who, interaction.id)
        await _drop_receipt(interaction, told)


async def _drop_receipt(
    interaction: discord.Interaction[Askwell], told: Coroutine[Any, Any, None]
) -> None:
    try:
        await told
    except Exception as error:  # it was told, and is told once more
        if interaction.client.db.is_failure(error):
            _log.warning("a receipt could not be dropped: the database is busy or away")
        else:
            _log.exception("a receipt could not be dropped")


async def defer(interaction: discord.Interaction[Any]) -> None:
    """Acknowledge privately that the reply takes a moment. A lost acknowledgement is no reason to
    stop.

    Everything that is read or requested comes before it, and the commit right after it: once
    Discord shows that the bot is thinking, the act is on disk, even if the process dies at that
    moment.
    """
    if is_answering(interaction):  # it was held up, and acknowledged then
        return
    answering(interaction)
    try:
        async with asyncio.timeout(IN_TIME):
            if _REPLACES in interaction.extras:
                await interaction.response.defer()
            else:
                await interaction.response.defer(ephemeral=True, thinking=True)
    except DISCORD_FAILED as error:
        _log.warning("an acknowledgement did not reach Discord: %s", error)


def acknowledge_soon(interaction: discord.Interaction[Any]) -> None:
    """Acknowledge an interaction in time if its handler is held up, for example by a database that
    is busy for seconds. The reply then replaces the acknowledgement."""
    if _ANSWERING in interaction.extras:
        return
    loop = asyncio.get_running_loop()

    def look() -> None:
        if not is_answering(interaction):
            task = loop.create_task(defer(interaction), name="acknowledging")
            _acknowledging.add(task)
            task.add_done_callback(_acknowledging.discard)

    interaction.extras[_LOOK] = loop.call_later(_SOON, look)


def is_answering(interaction: discord.Interaction[Any]) -> bool:
    """Whether the first response was sent, or is being sent."""
    return interaction.response.is_done() or _ANSWERING in interaction.extras


def answering(interaction: discord.Interaction[Any]) -> None:
    """Note that the first response is being sent, so that no other is sent meanwhile."""
    interaction.extras[_ANSWERING] = True
    look = interaction.extras.pop(_LOOK, None)
    if look is not None:
        look.cancel()


async def answer_failure(interaction: discord.Interaction[Any], error: BaseException) -> None:
    """Tell a person, privately and in one sentence, why their request was refused."""
    if not is_answering(interaction):
        interaction.extras.pop(_REPLACES, None)  # what was clicked stays, to choose something else
    t = reader(interaction)
    if isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    error = await with_reason(interaction, error)
    if isinstance(error, Refusal):
        text = refusal_text(interaction, error)
    # The library's command errors come first, since they are `DiscordException`s, too.
    elif isinstance(error, app_commands.CheckFailure):
        text = t("You can't use this command here.")
    elif isinstance(error, app_commands.AppCommandError | Forged):
        text = unreadable_text(error, t)
    elif isinstance(error, DISCORD_FAILED):
        _log.warning("Discord failed in an interaction: %s", error)
        text = discord_problem(error, t)
    else:
        _log.exception("an interaction failed", exc_info=error)
        text = t("Something went wrong on our side. We've logged it. Please try again.")
    await reply(interaction, text)


def refusal_text(interaction: discord.Interaction[Any], refusal: Refusal) -> str:
    """A refusal in the person's language, with clickable commands."""
    return clickable(explain(refusal, reader(interaction)), interaction.client.command_ids)


def unreadable_text(error: BaseException, t: Texts) -> str:
    """The reply to an invalid id or value, which is logged."""
    _log.info("an interaction could not be read: %s", error)
    return t("I couldn't read that. Please choose it again.")
