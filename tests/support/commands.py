"""The commands as Discord was told of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import simcord

SLASH, USER, MESSAGE = 1, 2, 3
_GROUPS = {1, 2}  # options that are subcommands


def synced(env: simcord.Env) -> list[dict[str, Any]]:
    """The commands as Discord was told of them."""
    told_of = [r for r in env.http_requests if r.method == "PUT" and r.path.endswith("/commands")]
    assert len(told_of) == 1
    body: Any = told_of[0].json
    return body


def leaves(command: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """The slash commands with their groups, as registered with Discord."""
    path = (*path, command["name"])
    below = [o for o in command.get("options") or () if o["type"] in _GROUPS]
    if command.get("type", SLASH) == SLASH and below:
        for option in below:
            yield from leaves(option, path)
    else:
        yield " ".join(path), command
