"""Writing a new post."""

from __future__ import annotations

from datetime import datetime

from bot.domain.actors import Actor
from bot.domain.posts import PostStatus
from bot.domain.rules import Rules
from bot.usecases import flagging
from bot.usecases.attaching import Files, attach
from data import posts, report_cards, search_index
from data.database import Transaction
from data.search_index import Written


async def write_post(
    tx: Transaction,
    actor: Actor,
    post: posts.NewPost,
    files: Files,
    rules: Rules,
    now: datetime,
) -> int:
    """Write a post with its files and, unless it is held, its words in the index; moderators get a
    card of it if they are to look at it. Returns its row."""
    guild_id = actor.guild_id
    post_id = await posts.insert_post(tx, guild_id, post, now)
    await attach(tx, actor, post_id, files)
    if post.status is PostStatus.HELD:
        await report_cards.reported(tx, guild_id, post_id, now)
        return post_id
    written = Written(post_id, guild_id, post.kind, post.wording, rules.text("locale"))
    await search_index.index_written(tx, written)
    if post.flagged is not None:
        await flagging.flag(tx, guild_id, post_id, post.flagged, now)
    return post_id
