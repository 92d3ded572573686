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


class Steps:
    """The same, step by step. Votes one after the other may change a card once or twice, whichever
    is faster, so each step ends when nothing is left to send. And a reply goes out beside the card,
    in either order: so what goes to the same address is compared in its order, and no more."""

    def __init__(self, env: simcord.Env, words: Mapping[str, str]) -> None:
        self._env, self._words, self._from = env, words, len(env.http_requests)
        self.requests: list[str] = []

    async def settle(self) -> None:
        """A step is over."""
        await self._env.advance_time(5)
        sent = masked_requests(self._env, self._from, self._words)
        self._from += len(sent)
        self.requests += ["A STEP", *sorted(sent, key=lambda each: each.split()[:2])]


def masked(entry: Any, words: Mapping[str, str]) -> str:
    """One request, masked."""
    sent = json.dumps(entry.json, ensure_ascii=False, sort_keys=True, default=str)
    text = f"{entry.method} {entry.path} {json.dumps(entry.params, default=str)} {sent}"
    for word, instead in words.items():
        text = text.replace(word, instead)
    text = re.sub(r"simcord_interaction_\w+", "TOKEN", text)
    return _NUMBER.sub("N", _TIME.sub("TIME", _ID.sub("ID", text)))
