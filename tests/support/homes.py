"""Channels that categories have of their own."""

from __future__ import annotations

import simcord

from bot.usecases import browsing
from tests.support.server import Card, Server


def make(server: Server, name: str, kind: str = "") -> simcord.ChannelHandle:
    """Another channel, of the same kind as the server's channel for questions."""
    of_forum = (kind or server.kind) == "forum"
    return (server.guild.create_forum_channel if of_forum else server.guild.create_text_channel)(
        name
    )


async def row(server: Server, name: str) -> str:
    known = await browsing.categories_of(server.env.bot.db, server.guild.id)  # type: ignore[attr-defined]
    return next(str(c.category_id) for c in known if c.name == name)


def home(server: Server, card: Card) -> int:
    """The channel or forum that a question stands in."""
    parent = server.env.backend.get_channel(card.thread.id).parent_id
    assert parent is not None
    return parent


def applied(server: Server, card: Card) -> set[str]:
    """The names of the tags on a question's forum post."""
    thread = server.env.backend.get_channel(card.thread.id)
    parent = server.env.backend.get_channel(home(server, card))
    known = {int(tag["id"]): tag["name"] for tag in parent.available_tags}
    return {known[int(tag)] for tag in thread.applied_tags or ()}
