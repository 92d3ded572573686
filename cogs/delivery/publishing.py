"""Publishing a card: finding its channel, sending it once, and finding it again where an earlier
attempt was not confirmed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import discord

from bot.domain.posts import PostKind
from bot.domain.text import show_line
from bot.i18n import N_
from bot.usecases import naming, publishing
from cogs.delivery.card import CardMessage
from cogs.delivery.continuing import SEARCHED, SKEW, nonce_of, reply_to
from cogs.failures import Unshowable
from cogs.ui.cards import thread_name
from cogs.ui.controls import carries, view_of

_SEARCHED_THREADS = 200  # archived ones, looked through for a card that may be there


class NotYet(Exception):
    """The card has to wait for another one: its question has no thread yet."""


def mark_of(tags: Iterable[discord.ForumTag]) -> str:
    """The digest of the tags of a forum post."""
    return " ".join(str(tag.id) for tag in tags)


async def publish(it: CardMessage) -> None:
    """Send a card to its channel, or adopt the one that is there. Raises `NotYet` and
    `Unshowable`."""
    if it.card.kind is PostKind.QUESTION:
        await _publish_question(it)
        return
    channel_id = it.question.place.thread_id or 0
    if not channel_id:
        raise NotYet
    target = it.bot.get_partial_messageable(channel_id, guild_id=it.card.guild_id)
    if it.uncertain and await _adopted_from(it, target, channel_id):
        return
    about = it.item.parent or it.question
    reply = reply_to(about, channel_id) if it.card.kind is PostKind.COMMENT else {}
    await _publish_message(it, target, channel_id, **reply)


async def _publish_question(it: CardMessage) -> None:
    channel, tried_id = await _question_channel(it), it.place.home_id
    if it.uncertain:
        # The channel may have been changed since it was sent: it is where it was sent.
        for home_id in dict.fromkeys((tried_id, channel.id)):
            tried = channel.guild.get_channel(home_id or 0)
            if isinstance(tried, discord.ForumChannel) and await _adopted_in(it, tried):
                return
            if isinstance(tried, discord.TextChannel) and await _adopted_from(
                it, tried, tried.id, home_id=tried.id
            ):
                return
    if tried_id != channel.id:
        await it.record(home_id=channel.id)  # first, because the response may get lost
    if isinstance(channel, discord.ForumChannel):
        await _publish_in_forum(it, channel)
    else:
        await _publish_message(it, channel, channel.id)


async def _publish_message(
    it: CardMessage, target: discord.abc.Messageable, channel_id: int, **reply: Any
) -> None:
    async def send(files: list[discord.File]) -> discord.Message:
        return await target.send(
            it.content,
            embeds=it.embeds,
            suppress_embeds=it.content is not None,
            view=view_of(*it.controls),
            files=files,
            nonce=nonce_of(it.card, it.shown("times")),
            allowed_mentions=discord.AllowedMentions.none(),
            **reply,
        )

    sent = await it.act(lambda: it.with_files(send))
    await published(it, sent, {}, channel_id=channel_id, message_id=sent.id)


async def _adopted_from(
    it: CardMessage, target: discord.abc.Messageable, channel_id: int, **place: int
) -> bool:
    """Adopt the card that an earlier attempt has sent into a channel, if it is there."""
    message = await _found_in(it, target)
    if message is not None:
        await _adopt(it, message, channel_id=channel_id, message_id=message.id, **place)
    return message is not None


async def _adopted_in(it: CardMessage, forum: discord.ForumChannel) -> bool:
    """The same for a forum, where the card is the first message of its thread."""
    found = await _found_thread(it, forum)
    if found is not None:
        place = dict.fromkeys(("channel_id", "message_id", "thread_id"), found.id)
        await _adopt(it, found, **place, home_id=forum.id)
        await _adopt_name(it, found.channel)
    return found is not None


async def _adopt_name(it: CardMessage, thread: object) -> None:
    """Record the name with which a thread was created; the title may have changed since."""
    if isinstance(thread, discord.Thread):
        await it.record({"name": thread.name})
        if thread.name != thread_name(it.card):
            where = (it.card.guild_id, it.card.post_id)
            await naming.name_thread(it.db, *where, discord.utils.utcnow())


async def _adopt(it: CardMessage, message: discord.Message, **place: Any) -> None:
    """Adopt a card that an earlier attempt has sent."""
    await it.record(**place)
    it.hold([attachment.filename for attachment in message.attachments])
    # Files that were removed from the post meanwhile don't stay.
    removed: dict[str, Any] = {} if it.card.files else {"attachments": []}
    await published(it, await it.draw(**removed), {})


async def published(
    it: CardMessage, message: discord.Message, marks: dict[str, str], **place: Any
) -> None:
    """Record a new card; from now on Discord keeps the content of its files.

    A message without its embeds exists but shows nothing, so it is edited again.
    """
    files = "/".join(file.name for file in it.card.files if file.there)
    look = it.look if it.embeds_are_there(message) else ""
    await it.record({"look": look, "files": files, **marks}, **place)
    if it.item.waiting:
        now = discord.utils.utcnow()
        await publishing.files_sent(it.db, it.card.guild_id, it.card.post_id, now)


async def _question_channel(it: CardMessage) -> discord.TextChannel | discord.ForumChannel:
    channel_id, category = it.item.home_id, it.item.category
    guild = it.bot.get_guild(it.card.guild_id)
    if channel_id is None or guild is None:
        raise Unshowable(N_("No question channel is set."))
    channel = guild.get_channel(channel_id)
    if isinstance(channel, discord.TextChannel | discord.ForumChannel):
        return channel
    if category is not None and category.channel_id is not None:
        name = show_line(category.name)
        raise Unshowable(N_("The channel of the category {name} is gone."), name=name)
    raise Unshowable(N_("The question channel is gone."))


async def _publish_in_forum(it: CardMessage, forum: discord.ForumChannel) -> None:
    ours, name = our_tags(it, forum), thread_name(it.card)
    it.new_name = name
    it.render()

    async def create(files: list[discord.File]) -> discord.channel.ThreadWithMessage:
        return await forum.create_thread(
            name=name,
            embeds=it.embeds,
            view=view_of(*it.controls),
            files=files,
            applied_tags=ours,
            allowed_mentions=discord.AllowedMentions.none(),
        )

    created = await it.with_files(create)
    await published(
        it,
        created.message,
        {"tags": mark_of(ours), "name": name},
        channel_id=created.thread.id,
        message_id=created.message.id,
        thread_id=created.thread.id,
    )


async def _found_in(it: CardMessage, channel: discord.abc.Messageable) -> discord.Message | None:
    """The card in a channel after an attempt that wasn't confirmed."""
    since = it.card.created_at - SKEW
    async for message in channel.history(limit=SEARCHED, after=since, oldest_first=True):
        if _is_mine(it, message):
            return message
    return None


async def _found_thread(it: CardMessage, forum: discord.ForumChannel) -> discord.Message | None:
    """The card's post in a forum after an attempt that wasn't confirmed."""
    asked = it.card.created_at - SKEW
    threads = list(await forum.guild.active_threads())
    # A thread without messages is archived after a while; the newest archived ones come first.
    threads += [thread async for thread in forum.archived_threads(limit=_SEARCHED_THREADS)]
    mine = [t for t in threads if t.parent_id == forum.id and _may_be_it(it, t, asked)]
    known = await publishing.known_threads(it.db, it.card.guild_id, [thread.id for thread in mine])
    # The title may have been edited meanwhile, so the card's controls decide. The likeliest come
    # first.
    mine.sort(key=lambda thread: thread.name != thread_name(it.card))
    for thread in mine:
        if thread.id in known:
            continue
        try:
            message = await thread.fetch_message(thread.id)
        except discord.NotFound:  # its first message was deleted: not a card to adopt
            continue
        if _is_mine(it, message):
            return message
    return None


def _may_be_it(it: CardMessage, thread: discord.Thread, asked: datetime) -> bool:
    me = it.bot.user
    ours = me is not None and thread.owner_id == me.id
    return ours and discord.utils.snowflake_time(thread.id) >= asked


def _is_mine(it: CardMessage, message: discord.Message) -> bool:
    me = it.bot.user
    if me is None or message.author.id != me.id:
        return False
    return carries(message.components, it.card.post_id)


def our_tags(it: CardMessage, forum: discord.ForumChannel) -> list[discord.ForumTag]:
    """The tags of state and category that the forum has; people may put others there."""
    solved = it.rules.solved_tags if it.card.solved else ()
    wanted = (*solved, it.card.category_tag_id or 0)
    return [tag for tag in map(forum.get_tag, wanted) if tag is not None]
