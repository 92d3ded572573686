"""Extracting a message's text to make a post from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import discord

from bot.domain.errors import Invalid, Problem


def words_of(message: discord.Message) -> str:
    """The text of a message: its own, or that of a forwarded message, a poll, or embeds.

    Mentions in its own text are replaced by names. "" if there is none, as with a picture. Raises
    `Invalid("message", …)` for a sticker or a voice message, which have no text at all.
    """
    told = message.clean_content.strip()
    if not told:
        told = "\n\n".join(part for part in _elsewhere(message) if part)
    if not told and any(_is_voice(part) for part in (message, *message.message_snapshots)):
        raise Invalid("message", Problem.VOICE_MESSAGE)
    if not told and message.stickers:
        raise Invalid("message", Problem.STICKER)
    return told


def _is_voice(part: discord.Message | discord.MessageSnapshot) -> bool:
    return part.flags.voice


def _elsewhere(message: discord.Message) -> Iterator[str]:
    for forwarded in message.message_snapshots:
        yield forwarded.content.strip() or "\n\n".join(_of_embeds(forwarded.embeds))
    if message.poll is not None:
        answers = "\n".join(f"- {answer.text}" for answer in message.poll.answers)
        yield f"{message.poll.question}\n{answers}"
    if message.guild is None or message.author != message.guild.me:  # not our own cards
        yield from _of_embeds(message.embeds)


def _of_embeds(embeds: Iterable[discord.Embed]) -> Iterator[str]:
    for embed in embeds:
        yield "\n".join(part for part in (embed.title, embed.description) if part)
