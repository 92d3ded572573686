"""Request bodies as the bot sends them, for tests that change one thing."""

from __future__ import annotations

from typing import Any


def button(**changes: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "Answer", "custom_id": "qa:1:answer:1", **changes}


def row(*components: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(components)}


def select(**changes: Any) -> dict[str, Any]:
    options = [{"label": "Sleep", "value": "1"}, {"label": "Work", "value": "2"}]
    return {"type": 3, "custom_id": "category", "options": options, **changes}


def message(**changes: Any) -> dict[str, Any]:
    return {
        "content": "Hello",
        "tts": False,
        "embeds": [{"title": "A question", "type": "rich", "flags": 0, "description": "Why?"}],
        "components": [row(button(), button(label="More", custom_id="qa:1:more:1"))],
        "allowed_mentions": {"parse": []},
        "nonce": "q1",
        "enforce_nonce": True,
        **changes,
    }


def form(*fields: dict[str, Any], **changes: Any) -> dict[str, Any]:
    labels = [{"type": 18, "label": "Title", "component": field} for field in fields]
    data = {"title": "Ask", "custom_id": "qa:1:ask", "components": labels, **changes}
    return {"type": 9, "data": data}


def text_input(**changes: Any) -> dict[str, Any]:
    return {"type": 4, "custom_id": "title", "style": 1, "max_length": 150, **changes}


def command(**changes: Any) -> dict[str, Any]:
    return {"name": "ask", "type": 1, "description": "Ask a question", "options": [], **changes}


def option(name: str, **changes: Any) -> dict[str, Any]:
    return {"type": 3, "name": name, "description": "A title", "required": False, **changes}
