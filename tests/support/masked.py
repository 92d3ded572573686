"""What the bot asks of Discord, with whatever differs between two people masked: is it the same,
whoever did something?"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import simcord

_ID = re.compile(r"\d{17,20}")
_NUMBER = re.compile(r"(?<=#)\d+|(?<=:)\d+(?=[:\"\\]|$)|nonce\": \"[^\"]*\"")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.+]+|<t:\d+:\w>")


def masked_requests(
    env: simcord.Env, start: int, words: Mapping[str, str] | None = None
) -> list[str]:
    """The bot's requests from a position in `env.http_requests` on, each with all that it sends.
    Ids, numbers of posts, times and nonces are masked, and each of the given `words` is replaced by
    its own."""
    return [masked(entry, words or {}) for entry in env.http_requests[start:]]


def masked(entry: Any, words: Mapping[str, str]) -> str:
    """One request, masked."""
    sent = json.dumps(entry.json, ensure_ascii=False, sort_keys=True, default=str)
    text = f"{entry.method} {entry.path} {json.dumps(entry.params, default=str)} {sent}"
    for word, instead in words.items():
        text = text.replace(word, instead)
    text = re.sub(r"simcord_interaction_\w+", "TOKEN", text)
    return _NUMBER.sub("N", _TIME.sub("TIME", _ID.sub("ID", text)))
