"""Requests that must not be made twice, and that the library would repeat.

discord.py sends every request again that Discord answers with 500, 502, 504 or 524. Discord may
have done what was asked all the same, and a forum post or a channel has no nonce to tell that the
second is the first: there would be two. Such an answer ends the request here instead, as if the
connection had been lost; who made it looks for what came of it before trying again.
"""

from __future__ import annotations

import re
from types import SimpleNamespace

import aiohttp

_CREATES = re.compile(r"/(channels/\d+/threads|guilds/\d+/channels)$")


class Unconfirmed(OSError):
    """Discord failed while it made something, and may have made it."""


def not_twice() -> aiohttp.TraceConfig:
    """What has the library's HTTP client give up such requests: its `http_trace`."""
    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(_end)
    return trace


async def _end(
    _session: aiohttp.ClientSession,
    _context: SimpleNamespace,
    request: aiohttp.TraceRequestEndParams,
) -> None:
    failed = request.response.status >= 500
    if failed and request.method == "POST" and _CREATES.search(request.url.path):
        raise Unconfirmed(f"Discord answered {request.response.status}")
