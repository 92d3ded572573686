"""Writing a new question or answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain.actors import Actor
from bot.domain.rules import Rules
from bot.usecases import flagging
from bot.usecases.attaching import attach
from data import posts, search_index
from data.database import Transaction
from data.search_index import Written


async def write_post(
    tx: Transaction,
    actor: Actor,
    post: posts.NewPost,
    files: Sequence[int],
    rules: Rules,
    now: datetime,
) -> int:
    """Write a question or an answer with its files and its words in the index, and return its row.
    `files` are rows of `attaching.keep_files`. Raises `Denied(BLOCKED_WORD)`."""
    guild_id = actor.guild_id
    blocked = flagging.check_words(actor, post.wording, rules)
    post_id = await posts.insert_post(tx, guild_id, post, now)
    written = Written(post_id, guild_id, post.kind, post.wording, rules.text("locale"))
    await search_index.index_written(tx, written)
    await attach(tx, actor, post_id, files)
    if blocked:
        await flagging.flag(tx, guild_id, post_id, now)
    return post_id
