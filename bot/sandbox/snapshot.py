"""Parts of the simulated Discord as text, and back. Nothing but data comes out of a file."""

# JSON is of no type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false

import json
from dataclasses import fields, is_dataclass
from typing import Any

from simcord.backend import models
from simcord.backend.models import channel, message

_KINDS = {
    kind.__name__: kind
    for module in (models, channel, message)
    for kind in vars(module).values()
    if isinstance(kind, type) and is_dataclass(kind)
}
# What nobody looks at, and grows: simcord's record of who did what.
_LEFT_OUT = {"audit_log_entries"}


def to_text(value: Any) -> str:
    """A model of the simulator, or plain data, as JSON."""
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=False)


def from_text(text: str) -> Any:
    """What `to_text` was given."""
    return _made(json.loads(text))


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float):
        return value
    if is_dataclass(value):
        parts = ((one.name, getattr(value, one.name)) for one in fields(value))
        kept = {name: _plain(part) for name, part in parts if name not in _LEFT_OUT}
        return {"@": type(value).__name__, **kept}
    if isinstance(value, dict):
        if all(isinstance(key, str) and key != "@" for key in value):
            return {key: _plain(part) for key, part in value.items()}
        return {"@": "dict", "of": [[_plain(key), _plain(part)] for key, part in value.items()]}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, set | frozenset):
        return {"@": type(value).__name__, "of": sorted(value)}
    raise TypeError(f"the sandbox cannot keep a {type(value).__name__}")


def _made(value: Any) -> Any:
    if isinstance(value, list):
        return [_made(part) for part in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("@")
    if kind is None:
        return {key: _made(part) for key, part in value.items()}
    if kind == "dict":
        return {_made(key): _made(part) for key, part in value["of"]}
    if kind in ("set", "frozenset"):
        return (set if kind == "set" else frozenset)(value["of"])
    made = {name: _made(part) for name, part in value.items() if name != "@"}
    return _KINDS[kind](**made)
