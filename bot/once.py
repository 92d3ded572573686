"""Requests that must not be made twice, and that the library would repeat.

discord.py repeats every request that Discord answers with 500, 502, 504 or 524. Discord may have
carried it out anyway, and forum posts and channels have no nonce by which the second request is
recognised: there would be two. So such an answer ends the request here, as if the connection had
been lost, and the caller looks for the result before trying again.
"""

from __future__ import annotations

import re
from types import SimpleNamespace

import aiohttp

_CREATES = re.compile(r"/(channels/\d+/threads|guilds/\d+/channels)$")


class Unconfirmed(OSError):
    """Discord failed while it created something, and may have created it."""


def not_twice() -> aiohttp.TraceConfig:
    """An `http_trace` that makes the library's HTTP client give up such requests."""
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
