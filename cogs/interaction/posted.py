"""After posting: a private reply with a link to the card."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import discord

from bot.domain.errors import NotFound
from bot.domain.posts import PostKind, post_number
from bot.i18n import Texts
from bot.usecases import browsing, seeing
from bot.usecases.asking import Posted
from cogs.failures import NO_PERMISSION, Meaning, Unshowable, code_of, meaning_of
from cogs.foundation.preflight import missing_permissions
from cogs.interaction.people import guild_of, reader
from cogs.interaction.replies import reply, tell_done
from cogs.ui.cards import card_link, way_button
from cogs.ui.controls import button, view_of
from cogs.ui.discord_refusals import discord_refusal

if TYPE_CHECKING:
    from bot.app import Askwell

PATIENCE = 4.0  # seconds a person waits for the card before they are told that it will come


async def reply_posted(
    interaction: discord.Interaction[Askwell],
    posted: Posted,
    done: str,
    later: str,
    *,
    further: Sequence[discord.ui.Button[Any]] = (),
    asked: str = "",
) -> None:
    """Wait a moment for a post's card, then reply `done` with a link, or `later`, or the problem
    that keeps it from being shown. Until it is shown, the inbox has it as well. Once it is shown,
    the `further` buttons stand beside the link.

    `asked` is a question about it that they answer. The post is on disk already; its card was asked
    for in the same transaction.
    """
    t = reader(interaction)
    if posted.held:
        await _reply_held(interaction, posted, t)
        return
    link, problem = await _link_in_time(interaction, posted.post_id)
    number = post_number(posted.number, posted.sub_number)
    named = {"number": number}
    if problem is not None:
        named["problem"] = await _problem_text(interaction, posted.post_id, problem, t)
    if link:
        text = done.format(number=number)
        if problem is not None:
            text += "\n" + t("Part of it is still missing. {problem}", **named)
        if asked:
            text += "\n" + asked
        view = view_of(way_button(link, number, t), *further)
        await tell_done(interaction, posted.post_id, text, view=view)
    elif problem is None:
        await reply(interaction, later.format(number=number))
    else:
        await reply(interaction, _not_shown_text(problem, named, t))


def _not_shown_text(problem: Exception, named: Mapping[str, str], t: Texts) -> str:
    """What keeps a post from being shown, and after what it will be."""
    if _passes(problem):
        return t(
            "It's saved as {number}, but I can't show it yet. {problem} It will appear as soon "
            "as that changes.",
            **named,
        )
    return t(
        "It's saved as {number}, but I can't show it yet. {problem} It will appear once "
        "someone who can manage the server fixes that with /setup.",
        **named,
    )


async def _reply_held(interaction: discord.Interaction[Askwell], posted: Posted, t: Texts) -> None:
    """Tell an author that their post waits, and let them change it meanwhile."""
    text = t(
        "Saved as {number}. A moderator looks at it first; you'll read it in your inbox.",
        number=post_number(posted.number, posted.sub_number),
    )
    view = view_of(
        button(t("Edit"), "edit", posted.post_id), button(t("Delete"), "delete", posted.post_id)
    )
    await tell_done(interaction, posted.post_id, text, view=view)


async def reply_answered(
    interaction: discord.Interaction[Askwell], posted: Posted, message: discord.Message
) -> None:
    """Tell a member that their message is an answer, and offer to remove the plain message, if the
    bot may do that."""
    t, guild = reader(interaction), interaction.guild
    if posted.already:
        done = t("This is already answer {number}.")
    else:
        done = t("Answer posted as {number}.")
    later = t("Answer saved as {number}. Discord is slow right now, but it will appear.")
    channel = guild.get_channel_or_thread(message.channel.id) if guild is not None else None
    may = guild is not None and channel is not None and channel.permissions_for(guild.me)
    if may and may.manage_messages:
        remove = button(t("Remove my message"), "offer.remove", message.id, message.channel.id)
        await reply_posted(interaction, posted, done, later, further=[remove])
    else:
        await reply_posted(interaction, posted, done, later)


async def _link_in_time(
    interaction: discord.Interaction[Askwell], post_id: int
) -> tuple[str, Exception | None]:
    """The link to a post's card, after waiting a moment for it, and the problem that keeps it from
    being shown completely."""
    # Listen before the first look, so that a card shown in between isn't missed.
    delivered = asyncio.create_task(_delivered(interaction.client, post_id))
    problem: Exception | None = None
    try:
        link, whole = await _link(interaction, post_id)
        if not whole:
            problem = await delivered
            link, _ = await _link(interaction, post_id)
    finally:
        delivered.cancel()
    return link, problem


def _passes(problem: Exception) -> bool:
    """Whether a problem may resolve itself, without anybody using `/setup`."""
    return meaning_of(problem) is Meaning.PASSING and code_of(problem) not in NO_PERMISSION


async def _delivered(bot: Askwell, post_id: int) -> Exception | None:
    """Wait until delivery has finished the post's card, or patience ends. Returns the problem that
    keeps it from being shown, if that won't resolve itself."""

    def is_it(delivered: int | None, _problem: Exception | None) -> bool:
        return delivered in (post_id, None)

    if bot.ending.begun:
        return None
    with suppress(TimeoutError):
        return (await bot.wait_for("post_delivered", check=is_it, timeout=PATIENCE))[1]
    return None


async def _problem_text(
    interaction: discord.Interaction[Askwell], post_id: int, problem: Exception, t: Texts
) -> str:
    if isinstance(problem, Unshowable):
        return t(problem.text, **problem.values)
    guild = interaction.client.get_guild(guild_of(interaction))
    home = await seeing.home_of(interaction.client.db, guild_of(interaction), post_id)
    channel = guild.get_channel(home.channel_id or 0) if guild is not None and home else None
    permission = code_of(problem) in NO_PERMISSION
    if (
        permission
        and guild is not None
        and isinstance(channel, discord.TextChannel | discord.ForumChannel)
    ):
        kind = "forum" if isinstance(channel, discord.ForumChannel) else "text"
        missing = missing_permissions(channel.permissions_for(guild.me), kind)
        if missing:
            # Without View Channel nothing else works: it is named alone.
            named = missing[:1] if missing[0].name == "view_channel" else missing
            labels = ", ".join(f"*{t(permission.label)}*" for permission in named)
            return t(
                "I'm missing permissions in {channel}: {labels}.",
                channel=channel.mention,
                labels=labels,
            )
    return discord_refusal(problem, t)


async def _link(interaction: discord.Interaction[Askwell], post_id: int) -> tuple[str, bool]:
    """The link to a post's card, if it is shown, and whether it is complete, including a question's
    thread."""
    try:
        card = await browsing.post_card(interaction.client.db, guild_of(interaction), post_id)
    except NotFound:  # deleted or hidden while its author waited
        return "", False
    link = card_link(card)
    thread = card.kind is not PostKind.QUESTION or card.place.thread_id is not None
    return link, bool(link) and thread
