"""`askwell health`: asks a running process for its health. Standard library only, so that a
container can ask every few seconds at no cost."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

_EVERYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - compared, never bound


def ask_health(host: str, port: int, timeout: float = 5.0) -> tuple[bool, str]:
    """Whether the process is well, and its report or the problem. `timeout` in seconds."""
    # The address a server listens on everywhere is not one to ask.
    asked = "127.0.0.1" if host in _EVERYWHERE else host
    url = f"http://{f'[{asked}]' if ':' in asked else asked}:{port}/health"
    # No proxy stands between a process and itself.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=timeout) as answer:
            return True, _shown(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return False, _shown(error.read())
    except (OSError, ValueError) as error:
        return False, f"{url} does not answer: {getattr(error, 'reason', error)}"


def _shown(body: bytes) -> str:
    try:
        return json.dumps(json.loads(body))
    except ValueError:
        return body[:200].decode("utf-8", "replace")
