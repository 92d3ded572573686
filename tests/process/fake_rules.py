"""What Discord refuses in a request whatever it asks for: its form, and its pace."""

from __future__ import annotations

import asyncio
import json
import os
from collections import deque
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.support.limits import limit_problems, size_problems, template_of
from tests.support.openapi import Specification

ROOT = Path(__file__).resolve().parents[2]


@cache
def specification() -> Specification | None:
    """Discord's OpenAPI specification, where it is at hand; `DISCORD_OPENAPI` names the file."""
    path = Path(os.environ.get("DISCORD_OPENAPI", ROOT.parent / "shared" / "discord-openapi.json"))
    return Specification.load(path) if path.is_file() else None


@dataclass(slots=True)
class Request:
    """What the bot asked for."""

    method: str
    path: str
    body: Any
    query: dict[str, str]
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class _Recorded:
    method: str
    path: str
    params: dict[str, Any]
    json: Any
    reason: str | None


async def read(request: web.Request, path: str) -> tuple[Request, list[str]]:
    """A request, and what is wrong with its form."""
    problems: list[str] = []
    body: Any = None
    files: dict[str, bytes] = {}
    kind = request.content_type
    if kind.startswith("multipart/"):
        form = await request.post()
        for name, value in form.items():
            if isinstance(value, web.FileField):
                files[name] = value.file.read()
                if not files[name]:
                    problems.append(f"{name} is an empty file")
            elif name != "payload_json":
                problems.append(f"a form has no part {name!r}")
        body = json.loads(str(form.get("payload_json", "null")))
        problems += _file_problems(body, set(files))
    else:
        text = await request.text()
        if text:
            if kind != "application/json":
                problems.append(f"the content type is {kind}")
            if request.method == "GET":
                problems.append("a GET has a body")
            body = json.loads(text)
    asked = Request(request.method, path, body, dict(request.query), files)
    asked.at = asyncio.get_running_loop().time()
    known = specification()
    if known is None:
        problems += limits_exceeded(asked)
    else:
        reason = request.headers.get("X-Audit-Log-Reason")
        raw = request.rel_url.raw_path.removeprefix("/api/v10")
        recorded = _Recorded(request.method, raw, asked.query, body, reason)
        problems += [str(violation) for violation in known.check(recorded)]
    return asked, problems


def limits_exceeded(asked: Request) -> list[str]:
    """What is too long or too many in a request, where there is no specification to hold it
    against."""
    if asked.body is None:
        return []
    found = [*size_problems(asked.body)]
    found += () if found else limit_problems(asked.method, template_of(asked.path), asked.body)
    return [f"{asked.method} {asked.path} at {at}: {reason}" for at, reason in found]


def _file_problems(body: Any, names: set[str]) -> list[str]:
    message = (body or {}).get("data") or (body or {}).get("message") or body or {}
    named = message.get("attachments") or []
    ids = {f"files[{each['id']}]" for each in named if "filename" in each}
    return [] if ids == names else [f"files {sorted(names)} for attachments {sorted(ids)}"]


@dataclass(slots=True)
class Pace:
    """Discord's limits: so many requests in so many seconds, for each bucket and in all."""

    scale: float = 1.0
    exceeded: list[str] = field(default_factory=list[str])
    _times: dict[str, deque[float]] = field(default_factory=dict[str, deque[float]])

    def limit(self, bucket: str, most: int, seconds: float) -> tuple[int, float] | None:
        """Count a request: (how many are left, seconds until the bucket is full again); None if it
        is one too many."""
        now, seconds = asyncio.get_running_loop().time(), seconds * self.scale
        times = self._times.setdefault(bucket, deque())
        while times and times[0] <= now - seconds:
            times.popleft()
        if len(times) >= most:
            self.exceeded.append(bucket)
            return None
        times.append(now)
        return most - len(times), times[0] + seconds - now

    def wait(self, bucket: str, seconds: float) -> float:
        """Seconds until one more is allowed."""
        now = asyncio.get_running_loop().time()
        return max(0.01, self._times[bucket][0] + seconds * self.scale - now)
