"""Replies to people, checked as their readers would judge them."""

from __future__ import annotations

import re
from typing import Any

import discord
import simcord
from simcord.components import walk_components

from tests.support.server import BELL, told

_UPLOAD = 19
_OUR_FAULT = "Something went wrong on our side"
# Signs of a programming error in a sentence.
_MACHINERY = re.compile(
    r"Traceback|\b\w*(?:Error|Exception)\b|\{\w*\}|\bNone\b(?! yet\.)"
    r"|<object|sqlalchemy|discord\.py"
)


def reply_of(result: simcord.InteractionResult) -> simcord.ResponseMessage:
    """The private reply to what somebody did, to click on."""
    assert result.response is not None, "nothing was said"
    return result.response


def sentence(result: simcord.InteractionResult) -> str:
    """What a person is told privately: a sentence for people, and not that the bot has failed."""
    assert result.acknowledged, "nothing was answered"
    assert result.response is not None, "a form was opened, nothing was said"
    assert result.response.ephemeral, f"everybody can read: {told(result)}"
    text = told(result)
    assert text.strip(), "the answer is empty"
    assert _OUR_FAULT not in text
    assert not _MACHINERY.search(text), f"not a sentence for people: {text}"
    return text


def buttons(result: simcord.InteractionResult) -> dict[str, str]:
    """The buttons under a reply, without the bell: label → custom id, or the link they lead to."""
    assert result.response is not None
    return {
        part["label"]: part.get("custom_id") or part["url"]
        for part in walk_components(result.response.components)
        if part.get("type") == 2 and part.get("custom_id") != BELL
    }


def control_in(message: simcord.ResponseMessage, action: str) -> str:
    """The custom id of the only control of an action under a reply."""
    ids = [part.get("custom_id", "") for part in walk_components(message.components)]
    (found,) = [each for each in ids if each.startswith(f"qa:1:{action}:")]
    return found


def bell_of(result: simcord.InteractionResult) -> str:
    """What the bell under a reply says; nothing where it has none."""
    assert result.response is not None
    found = [
        f"{part['emoji']['name']} {part['label']}"
        for part in walk_components(result.response.components)
        if part.get("custom_id") == BELL
    ]
    return "".join(found)


def fields(shown: simcord.InteractionResult) -> dict[str, dict[str, Any]]:
    """The fields of the form that was opened, by their custom ids."""
    assert shown.modal is not None, f"no form was opened, but said: {told(shown)}"
    return {
        part["custom_id"]: part
        for part in walk_components(shown.modal["components"])
        if "custom_id" in part
    }


def filled(shown: simcord.InteractionResult) -> dict[str, str | list[str]]:
    """The values in the opened form, ready to be submitted."""
    values: dict[str, str | list[str]] = {}
    for name, field in fields(shown).items():
        if field["type"] == _UPLOAD:
            continue  # a form can't be filled with files
        if "options" in field:
            values[name] = [o["value"] for o in field["options"] if o.get("default")]
        else:
            values[name] = field.get("value") or ""
    return values


async def open_again(
    person: simcord.MemberActor, refused: simcord.InteractionResult
) -> simcord.InteractionResult:
    """A person clicks the button that brings their text back."""
    assert refused.response is not None
    return await person.click(refused.response, label="Open the form again")


async def post_mine(
    person: simcord.MemberActor, sent: simcord.InteractionResult
) -> simcord.InteractionResult:
    """A person has sent the form of a question, and posts it even if there are similar ones."""
    if sent.response is not None and "Post mine" in told(sent):
        return await person.click(sent.response, label="Post mine")
    return sent


def pings(message: discord.Message) -> list[str]:
    """The members and roles that a message pings."""
    called = [one.name for one in (*message.mentions, *message.role_mentions)]
    return ["everyone", *called] if message.mention_everyone else called
