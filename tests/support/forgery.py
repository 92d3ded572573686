"""Forged clicks and forms, which no Discord client would send.

A click names a control that the message does not have; a form was never shown, or was shown in
another server. Also interactions that reach the bot twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import discord
import simcord
from simcord import interactions
from simcord.actors import _component_interaction, _dispatch_actor_interaction
from simcord.backend import serializers
from simcord.enums import AppCommandType, ComponentType, InteractionType

_TEXT, _CHOICES = 4, 22  # a text field, and a group of check boxes


async def press(
    person: simcord.MemberActor, message: discord.Message, custom_id: str
) -> simcord.InteractionResult:
    """A person's client claims that a button with this custom id was clicked at a message."""
    stored = person._env.backend.get_message(message.channel.id, message.id)
    data = {"custom_id": custom_id, "component_type": ComponentType.BUTTON}
    return await _component_interaction(person, stored, data)


async def send_form(
    person: simcord.MemberActor,
    channel: simcord.ChannelHandle,
    custom_id: str,
    values: Mapping[str, str | list[str]],
) -> simcord.InteractionResult:
    """A person's client claims that a form with this custom id was filled in."""
    data = form_data(custom_id, values)
    return await _dispatch_actor_interaction(person, InteractionType.MODAL_SUBMIT, channel, data)


def form_data(custom_id: str, values: Mapping[str, str | list[str]]) -> dict[str, Any]:
    """What a client sends for a form that was filled in."""
    fields = [
        {
            "type": 18,
            "id": number,
            "component": {"type": _TEXT, "custom_id": name, "value": value}
            if isinstance(value, str)
            else {"type": _CHOICES, "custom_id": name, "values": value},
        }
        for number, (name, value) in enumerate(values.items(), 1)
    ]
    return {"custom_id": custom_id, "components": fields}


@contextmanager
def told_twice(env: simcord.Env) -> Iterator[None]:
    """In the block, Discord sends each interaction twice, as it may on a bad connection."""
    subscribers = env.backend.subscribers
    before = subscribers[:]

    def repeating(subscriber: Callable[[str, Any], None]) -> Callable[[str, Any], None]:
        def repeated(event: str, payload: Any) -> None:
            subscriber(event, payload)
            if event == "INTERACTION_CREATE":
                subscriber(event, deepcopy(payload))

        return repeated

    subscribers[:] = [repeating(subscriber) for subscriber in before]
    try:
        yield
    finally:
        subscribers[:] = before


async def invoke(
    person: simcord.MemberActor,
    channel: simcord.ChannelHandle,
    name: str,
    target: discord.Message | simcord.MemberActor | None = None,
    /,
    **options: Any,
) -> simcord.InteractionResult:
    """A person's client sends a command, whether or not Discord shows it to them: `settings set`,
    or with a `target` what stands in the menu of that message or member."""
    backend, kind, data = person._env.backend, AppCommandType.CHAT_INPUT, dict[str, Any]()
    if target is not None:
        kind, data = _target(person, target)
    word = name if target is not None else name.split(maxsplit=1)[0]
    root = backend.find_command(word, person.guild.id, type=kind)
    assert root is not None, f"there is no {name}"
    if target is None:
        leaf, path = interactions.walk_to_subcommand(root, name.split()[1:])
        given, resolved = interactions.build_options(
            person, name, leaf, options, channel_id=channel.id
        )
        data["options"] = interactions.nest_options(root, path, given)
        if resolved:
            data["resolved"] = resolved
    data |= {"id": root["id"], "name": root["name"], "type": kind}
    return await send(person, InteractionType.APPLICATION_COMMAND, channel, data)


def _target(
    person: simcord.MemberActor, target: discord.Message | simcord.MemberActor
) -> tuple[AppCommandType, dict[str, Any]]:
    backend, key = person._env.backend, str(target.id)
    if isinstance(target, simcord.MemberActor):
        user = serializers.user_payload(backend.get_user(target.id))
        return AppCommandType.USER, {"target_id": key, "resolved": {"users": {key: dict(user)}}}
    stored = backend.get_message(target.channel.id, target.id)
    message = dict(serializers.message_payload(backend, stored))
    return AppCommandType.MESSAGE, {"target_id": key, "resolved": {"messages": {key: message}}}


async def send(
    person: simcord.MemberActor,
    kind: InteractionType,
    channel: simcord.ChannelHandle,
    data: dict[str, Any],
    at: discord.Message | None = None,
) -> simcord.InteractionResult:
    """A person's client sends an interaction from a channel, also from one that they can't see by
    now; with `at`, a click at that message."""
    backend = person._env.backend
    record, payload = interactions.base_payload(
        backend,
        type=kind,
        channel_id=channel.id,
        guild_id=person.guild.id,
        user_id=person.id,
        data=data,
    )
    if at is not None:
        stored = backend.get_message(at.channel.id, at.id)
        payload["message"] = dict(serializers.message_payload(backend, stored))
        record.source_message_id = at.id
    backend.emit("INTERACTION_CREATE", payload)
    await person._env._settle_internal(dispatch="INTERACTION_CREATE")
    return simcord.InteractionResult(person._env, record)
