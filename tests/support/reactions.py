"""Reactions in the simulated Discord, with simcord's differences from Discord corrected.

simcord says `me: false` of the bot's own reactions in lists of messages, names all who reacted on
one page, in the order they came, and knows no super reactions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import discord
import simcord
from simcord.backend import Backend, errors, serializers
from simcord.backend.models import Message, Reaction
from simcord.http import router
from simcord.http.routes import reactions as routes

_PAGE = 25, 100  # how many members are named where none says how many, and at most


def _supers(reaction: Reaction) -> list[int]:
    """Who gave a super reaction."""
    return reaction.__dict__.setdefault("super_ids", [])


@contextmanager
def reactions_like_discord() -> Iterator[None]:
    """While the block runs, reactions are told as Discord tells them."""
    original_payload, original_set = serializers.message_payload, Backend.set_reaction

    def message_payload(backend: Any, message: Message, *, for_user: int | None = None) -> Any:
        payload: Any = original_payload(backend, message, for_user=for_user)
        reader = backend.bot_user.id if for_user is None else for_user
        shown = [r for r in message.reactions if r.user_ids or _supers(r)]
        payload["reactions"] = [_payload(reaction, reader) for reaction in shown]
        return payload

    def set_reaction(
        self: Backend, channel_id: int, message_id: int, emoji: str, user_id: int, reacted: bool
    ) -> None:
        message = self.get_message(channel_id, message_id)
        before = message.reaction_for(emoji)
        original_set(self, channel_id, message_id, emoji, user_id, reacted)
        if before is not None and _supers(before) and before not in message.reactions:
            message.reactions.append(before)  # the super reactions stay

    serializers.message_payload = message_payload
    Backend.set_reaction = set_reaction
    try:
        with (
            _answered_by("GET", routes.get_reaction_users, _reaction_users),
            _answered_by("DELETE", routes.remove_user_reaction, _remove_user_reaction),
        ):
            yield
    finally:
        serializers.message_payload, Backend.set_reaction = original_payload, original_set


@contextmanager
def _answered_by(method: str, original: router.Handler, handler: router.Handler) -> Iterator[None]:
    handlers = router._ROUTES[method]
    place = next(i for i, (_, each) in enumerate(handlers) if each is original)
    template = handlers[place][0]
    handlers[place] = (template, handler)
    try:
        yield
    finally:
        handlers[place] = (template, original)


def _remove_user_reaction(ctx: router.RequestContext) -> None:
    """Takes both of a member's reactions off."""
    channel_id, message_id, user_id = map(ctx.int_arg, ("channel_id", "message_id", "user_id"))
    emoji = routes._emoji(ctx)
    needed = "read_message_history" if user_id == ctx.backend.bot_user.id else "manage_messages"
    reaction = ctx.require_message(channel_id, message_id, needed).reaction_for(emoji)
    if reaction is None or user_id not in (*reaction.user_ids, *_supers(reaction)):
        raise errors.unknown_message()
    ctx.backend.set_reaction(channel_id, message_id, emoji, user_id, False)
    set_super(ctx.backend, channel_id, message_id, emoji, user_id, given=False)


def _payload(reaction: Reaction, reader: int) -> dict[str, Any]:
    normal, supers = reaction.user_ids, _supers(reaction)
    return {
        "emoji": serializers.emoji_payload(reaction.emoji),
        "count": len(normal) + len(supers),
        "count_details": {"normal": len(normal), "burst": len(supers)},
        "me": reader in normal,
        "me_burst": reader in supers,
        "burst_colors": [],
    }


def _reaction_users(ctx: router.RequestContext) -> list[Any]:
    message = ctx.require_message(
        ctx.int_arg("channel_id"), ctx.int_arg("message_id"), "read_message_history"
    )
    reaction = message.reaction_for(routes._emoji(ctx))
    if reaction is None:
        return []
    people = _supers(reaction) if int(ctx.params.get("type") or 0) else reaction.user_ids
    after = int(ctx.params.get("after") or 0)
    limit = min(int(ctx.params.get("limit") or _PAGE[0]), _PAGE[1])
    page = sorted(person for person in people if person > after)[:limit]
    return [dict(serializers.user_payload(ctx.backend.get_user(person))) for person in page]


def set_super(
    backend: Backend, channel_id: int, message_id: int, emoji: str, user_id: int, *, given: bool
) -> None:
    """Somebody gives a super reaction, or takes it back."""
    message = backend.get_message(channel_id, message_id)
    reaction = message.reaction_for(emoji)
    if reaction is None:
        if not given:
            return
        reaction = Reaction(emoji=emoji)
        message.reactions.append(reaction)
    if (user_id in _supers(reaction)) == given:
        return
    (_supers(reaction).append if given else _supers(reaction).remove)(user_id)
    if not (reaction.user_ids or _supers(reaction)):
        message.reactions.remove(reaction)
    event: dict[str, Any] = {
        "user_id": str(user_id),
        "channel_id": str(channel_id),
        "message_id": str(message_id),
        "emoji": serializers.emoji_payload(emoji),
        "burst": True,
        "type": 1,
    }
    channel = backend.get_channel(channel_id)
    if channel.guild_id is not None:
        event["guild_id"] = str(channel.guild_id)
        guild = backend.guilds[channel.guild_id]
        if given and user_id in guild.members:
            member = guild.members[user_id]
            event["member"] = serializers.member_payload(backend, guild, member)
    backend.emit("MESSAGE_REACTION_ADD" if given else "MESSAGE_REACTION_REMOVE", event)


async def super_react(
    env: simcord.Env,
    person: simcord.MemberActor,
    message: discord.Message,
    emoji: str,
    *,
    given: bool = True,
) -> None:
    """A person gives a super reaction, or takes it back."""
    set_super(env.backend, message.channel.id, message.id, emoji, person.id, given=given)
    await env.settle()
