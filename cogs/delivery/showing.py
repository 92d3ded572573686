"""Showing a card in Discord. Every step may be repeated, and is recorded at once.

Before a step is repeated that may have been done (the response was lost, the process was killed),
its result is searched for in Discord; messages also carry a nonce."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import discord

from bot.domain.outbox import CHANNEL_GONE
from bot.domain.posts import PostKind, PostStatus
from bot.domain.text import normal_emoji
from bot.usecases import publishing
from bot.usecases.publishing import files_shown
from cogs.delivery.card import CardMessage
from cogs.delivery.continuing import Continuing
from cogs.delivery.files import take_files_back
from cogs.delivery.pinning import take_notices_away
from cogs.delivery.publishing import mark_of, our_tags, publish, published
from cogs.delivery.reactions import as_reaction
from cogs.failures import Code, EmbedsLeftOut, Unshowable, code_of, gravest, is_trouble
from cogs.ui.cards import deleted_embed, further_embeds, thread_name

_log = logging.getLogger(__name__)
_FORUM_TAGS = 5  # how many a forum post can carry
_GONE = "deleted"  # the look of the rest of a question that has others' posts


Step = Callable[[], Awaitable[None]]


async def each_by_itself(steps: Sequence[Step]) -> None:
    """Take independent steps: a refused one doesn't prevent the others.

    Raises the deciding failure at the end. If Discord is out of reach, or the card itself is gone,
    no further step is tried.
    """
    failed: list[Exception] = []
    for step in steps:
        try:
            await step()
        except discord.DiscordException as error:
            if is_trouble(error) or code_of(error) == Code.UNKNOWN_MESSAGE:
                raise
            failed.append(error)
    if failed:
        raise gravest(failed)


async def show(it: CardMessage) -> bool:
    """Bring Discord up to date. Returns whether an existing message was edited."""
    away = it.card.status is not PostStatus.VISIBLE or it.card.orphaned
    if it.question.place.message_id is not None and await _home_is_gone(it):
        if not away:
            raise Unshowable(CHANNEL_GONE)
        if it.place.message_id is not None:
            await it.forget()  # it is gone with its channel
        return False
    if away:
        await _take_away(it)
        return False
    await _come_back(it)
    if it.place.message_id is None:
        await publish(it)
    # Reactions to the card before it was recorded are votes that weren't counted.
    if it.bot.publications.was_early(it.place.message_id) or it.uncertain:
        it.bot.dispatch("votes_missed", it.card.guild_id, it.card.question_id)
    return await _bring_up_to_date(it)


async def _bring_up_to_date(it: CardMessage) -> bool:
    """Take each step that is missing. Returns whether an existing message was edited."""
    edited: list[bool] = []

    async def text() -> None:
        publications, post_id = it.bot.publications, it.card.post_id
        look = publications.look_of(post_id, it.shown("look"))
        # A process that was killed may have answered a click with the card, unrecorded.
        unsure = it.uncertain and bool(it.display.buttons)
        if look != it.look or unsure or it.item.waiting or _holds_removed(it):
            await _edit_card(it)
            edited.append(True)
        elif look != it.shown("look"):
            await it.record({"look": look})
        publications.recorded(post_id)

    async def further() -> None:
        if it.card.kind is PostKind.QUESTION and it.place.thread_id is None:
            return  # it has no place yet
        more = further_embeds(it.card, it.t, it.display)
        if await _continuing(it).show(more, it.shown("times")):
            edited.append(True)

    thread, tag, pin, votes = (
        partial(step, it) for step in (_make_thread, _tag, _pin, _offer_votes)
    )
    steps: dict[PostKind, tuple[Step, ...]] = {
        PostKind.QUESTION: (text, thread, further, tag, votes),
        PostKind.ANSWER: (text, further, pin, votes),
        PostKind.COMMENT: (text, further),
    }
    await each_by_itself(steps[it.card.kind])
    return bool(edited)


async def _home_is_gone(it: CardMessage) -> bool:
    guild = it.bot.get_guild(it.card.guild_id)
    home_id = it.question.place.home_id
    return guild is not None and await it.bot.homes.is_gone(guild, home_id)


def _continuing(it: CardMessage) -> Continuing:
    place = it.place
    in_thread = place.thread_id if it.card.kind is PostKind.QUESTION else place.channel_id
    return Continuing(
        it.bot,
        replace(it.card, place=place),
        it.item.parts if place.message_id == it.card.place.message_id else (),
        in_thread,
        act=it.act,
        uncertain=it.uncertain,
    )


async def _make_thread(it: CardMessage) -> None:
    if it.place.thread_id is not None:
        return
    message = it.message()
    try:
        thread_id = (await message.create_thread(name=thread_name(it.card))).id
    except discord.HTTPException as error:
        if code_of(error) != Code.THREAD_EXISTS:
            raise
        thread_id = message.id  # a thread made from a message has the message's id
    await it.record({"name": thread_name(it.card)}, thread_id=thread_id)


# Keeping up to date


async def _edit_card(it: CardMessage) -> None:
    # Without attachments, the message keeps those it has.
    removed: dict[str, Any] = {"attachments": []} if _holds_removed(it) else {}

    async def edit(files: list[discord.File]) -> discord.Message:
        held: dict[str, Any] = {"attachments": files} if files else removed
        return await it.draw(**held)

    edited = await it.with_files(edit)
    await published(it, edited, {})
    if not it.embeds_are_there(edited):
        raise EmbedsLeftOut


def _holds_removed(it: CardMessage) -> bool:
    """Whether the message has files that were removed from the post, which is always all of
    them."""
    return not it.card.files and bool(files_shown(it.place))


async def _come_back(it: CardMessage) -> None:
    """Give up a place where the card can't be: a deleted thread. If the thread is only archived, it
    is opened again."""
    if it.place.message_id is None:
        return
    if it.card.kind is not PostKind.QUESTION:
        if it.question.place.thread_id not in (None, it.place.channel_id):
            await _leave_old_place(it)
    elif it.shown("look") == _GONE:
        thread = await it.thread()
        if thread is not None:
            await thread.edit(archived=False, locked=False)
            return
        left = it.message()
        await it.forget()  # first: deleting a recorded card hides its post
        with suppress(discord.NotFound):
            await left.delete()


async def _leave_old_place(it: CardMessage) -> None:
    """Delete the card from a thread that its question is no longer in: a post has one card."""
    left = it.message()
    await it.forget()  # first: deleting a recorded card hides its post
    await publishing.forget_parts(it.db, it.card.post_id)
    with suppress(discord.NotFound):  # it is gone with its thread
        await it.act(left.delete, thread_id=left.channel.id)


async def _pin(it: CardMessage) -> None:
    best = it.card.is_best
    if best == it.place.pinned:
        if best and it.uncertain:  # an attempt may have pinned it, and no more
            await it.act(partial(_take_notices_away, it))
        return
    message = it.message()

    async def pin() -> None:
        await message.pin()
        await _take_notices_away(it)

    publications = it.bot.publications
    try:
        with publications.pinning(message.id):
            await it.act(pin if best else message.unpin)
            await it.record(pinned=best)
    finally:
        if publications.was_doubted(message.id):
            it.bot.dispatch("pins_doubted", it.card.guild_id, message.channel.id)


async def _take_notices_away(it: CardMessage) -> None:
    """Delete what Discord says below about the bot's pin: the question's card says it, too."""
    await take_notices_away(it.bot, it.card.guild_id, it.place.channel_id or 0)


async def _tag(it: CardMessage) -> None:
    guild = it.bot.get_guild(it.card.guild_id)
    forum = guild.get_channel(it.place.home_id or 0) if guild is not None else None
    if not isinstance(forum, discord.ForumChannel):
        return
    ours = our_tags(it, forum)
    if it.shown("tags") == mark_of(ours):
        return
    thread = await it.thread()
    if thread is not None:
        # The tags that the bot set may be of a category that was removed since.
        given = {*it.forum_tags, *map(int, it.shown("tags").split())}
        theirs = [tag for tag in thread.applied_tags if tag.id not in given]
        tags = [*ours, *theirs][:_FORUM_TAGS]
        await it.act(lambda: thread.edit(applied_tags=tags))
    await it.record({"tags": mark_of(ours)})


async def _offer_votes(it: CardMessage) -> None:
    shown = it.shown("emoji").split()
    # Taking one's own reaction off would show whose an anonymous post is: it has buttons alone.
    wanted = () if it.card.author.is_anonymous else it.rules.vote_emoji
    kept = [normal_emoji(emoji) for emoji in wanted]
    if [normal_emoji(emoji) for emoji in shown] == kept:
        return
    for old in shown:
        if normal_emoji(old) not in kept:
            await _withdraw(it, old)
    message = it.message()
    # A refused one, for example a deleted one, doesn't prevent the other.
    await each_by_itself(
        [partial(it.act, partial(message.add_reaction, as_reaction(emoji))) for emoji in wanted]
    )
    await it.record({"emoji": " ".join(wanted)})


async def _withdraw(it: CardMessage, emoji: str) -> None:
    """Remove all reactions with an emoji that no longer votes: it must neither look like a vote nor
    show who voted. The votes given with it stay."""
    message, me = it.message(), it.bot.user
    try:
        await it.act(partial(message.clear_reaction, as_reaction(emoji)))
    except discord.Forbidden:  # without Manage Messages at least our own
        if me is not None:
            await it.act(partial(message.remove_reaction, as_reaction(emoji), me))
    except discord.HTTPException as error:  # a 400, not a 404
        if code_of(error) != Code.UNKNOWN_EMOJI:  # deleted in the server meanwhile
            raise


# Removing


async def _take_away(it: CardMessage) -> None:
    if it.place.message_id is None:
        return
    if it.card.kind is PostKind.QUESTION:
        await _take_question_away(it)
        return
    await _take_parts_away(it)
    with suppress(discord.NotFound):  # it is gone, as intended
        await it.act(it.message().delete)
    await it.forget()


async def _take_parts_away(it: CardMessage) -> None:
    await take_files_back(it.bot, it.card, it.message())
    await _continuing(it).take_away()


async def _take_question_away(it: CardMessage) -> None:
    """Delete a question's card with its thread; if others wrote there, only say that it is gone."""
    if it.shown("look") == _GONE:
        return
    await _take_parts_away(it)
    try:
        thread = await it.thread()
        if not await _others_wrote(it, thread):
            # Each on its own: one may be gone already and the other not.
            if thread is not None:
                with suppress(discord.NotFound):
                    await thread.delete()
            if it.place.channel_id != it.place.thread_id:
                with suppress(discord.NotFound):
                    await it.message().delete()
        elif await _says_gone(it):
            if thread is not None:
                await thread.edit(locked=True, archived=True)
            return
        elif thread is not None:  # others' messages stay without a card: the thread is closed
            await thread.edit(locked=True, archived=True)
    except discord.NotFound:
        pass  # it is gone, as intended
    await it.forget()


async def _says_gone(it: CardMessage) -> bool:
    """Replace a question's card by a note about it; False if the card was deleted."""
    try:
        await it.edit([deleted_embed(it.card, it.t)], None, attachments=[])
    except discord.NotFound as error:
        if code_of(error) != Code.UNKNOWN_MESSAGE:
            raise
        return False
    await it.record({"look": _GONE, "files": ""})
    return True


async def _others_wrote(it: CardMessage, thread: discord.Thread | None) -> bool:
    """Whether the thread has anything besides the question."""
    if it.card.answers or it.card.comments:
        return True
    if thread is None:
        return False
    # The library's count of messages dates from when it first saw the thread.
    me = it.bot.user
    newest = [message.author.id async for message in thread.history(limit=100)]
    return any(me is None or author != me.id for author in newest)
