"""Clicks and forms that no Discord client would send: made by hand, or by a client that lies.

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
from simcord.actors import _component_interaction, _dispatch_actor_interaction
from simcord.enums import ComponentType, InteractionType

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
    data: dict[str, Any] = {"custom_id": custom_id, "components": fields}
    return await _dispatch_actor_interaction(person, InteractionType.MODAL_SUBMIT, channel, data)


@contextmanager
def told_twice(env: simcord.Env) -> Iterator[None]:
    """In the block, Discord tells the bot of each interaction twice, as it may on a bad line."""
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
