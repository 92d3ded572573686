"""Checking every request of the bot against Discord's OpenAPI specification.

The specification describes what Discord accepts; here it is also closed: an unknown field is an
error, because Discord silently drops it. Harmless extra fields of discord.py are listed in
`_excuse`; all others are ours. Limits outside the specification are in `tests.support.limits`.
"""

from __future__ import annotations

import copy
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.support.limits import limit_problems

_ROOT = "urn:discord"
_SCHEMAS = "#/components/schemas/"
_PERMISSION_SETS = {"permissions", "allow", "deny", "default_member_permissions"}


class RecordedRequest(Protocol):
    """A request as simcord records it (`simcord.types.HttpLogEntry`)."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def params(self) -> dict[str, Any]: ...
    @property
    def json(self) -> Any: ...
    @property
    def reason(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong with a request, and where: `pointer` is a JSON pointer into its body."""

    method: str
    path: str
    pointer: str
    reason: str

    def __str__(self) -> str:
        where = f" at {self.pointer}" if self.pointer else ""
        return f"{self.method} {self.path}{where}: {self.reason}"


@dataclass(frozen=True, slots=True)
class _Operation:
    method: str
    template: str
    pattern: re.Pattern[str]
    literals: int
    path_parameters: dict[str, Any]
    query_parameters: dict[str, Any]
    body: Any
    body_required: bool


class Specification:
    """Discord's specification, made ready to hold requests against it."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        contents = copy.deepcopy(dict(document))
        _excuse(contents)
        schemas = contents["components"]["schemas"]
        operations = list(_operations(contents))
        # No parameter has a slash in it: of those with as many slashes one has to look at few.
        self._by_length: defaultdict[tuple[str, int], list[_Operation]] = defaultdict(list)
        for operation in operations:
            self._by_length[operation.method, operation.template.count("/")].append(operation)
        for schema in [*schemas.values(), *(operation.body for operation in operations)]:
            _close(schema)
        for schema in [*schemas.values(), *(operation.body for operation in operations)]:
            _join(schema, schemas)
        self._registry = Registry().with_resource(
            _ROOT, Resource.from_contents(contents, default_specification=DRAFT202012)
        )
        self._validators: dict[int, Any] = {}
        self._known: dict[tuple[int, str], tuple[tuple[str, str], ...]] = {}

    @classmethod
    def load(cls, path: Path) -> Specification:
        """Read the specification from its JSON file."""
        return cls(json.loads(path.read_text(encoding="utf-8")))

    def violations(self, requests: Iterable[RecordedRequest]) -> list[Violation]:
        """What is wrong with these requests; nothing, if all is well."""
        return [violation for request in requests for violation in self.check(request)]

    def check(self, request: RecordedRequest) -> Iterator[Violation]:
        """What is wrong with one request."""
        for pointer, reason in self._problems(request):
            yield Violation(request.method, request.path, pointer, reason)

    def _problems(self, request: RecordedRequest) -> Iterator[tuple[str, str]]:
        operation = self._find(request.method, request.path)
        if operation is None:
            yield "", "Discord has no such operation"
            return
        yield from self._path_problems(operation, request.path)
        yield from self._query_problems(operation, request.params)
        if request.reason is not None and len(request.reason) > 512:
            yield "", f"the audit log reason has {len(request.reason)} characters; at most 512"
        if request.json is None:
            if operation.body_required:
                yield "", "the body is missing"
            return
        if operation.body is None:
            yield "", "this operation takes no body"
            return
        try:
            body = json.dumps(request.json, ensure_ascii=False)
            body.encode()
        except (TypeError, ValueError) as error:
            yield "", f"the body can't be written as JSON: {error}"
            return
        yield from self._body_problems(operation, body)

    def _body_problems(self, operation: _Operation, body: str) -> tuple[tuple[str, str], ...]:
        # Most requests of a test run are the same few over and over.
        key = (id(operation), body)
        if key not in self._known:
            value = json.loads(body)
            found = list(_errors(self._validator(operation.body), value))
            # The limits are written for bodies of the right shape.
            found += () if found else limit_problems(operation.method, operation.template, value)
            self._known[key] = tuple(found)
        return self._known[key]

    def _path_problems(self, operation: _Operation, path: str) -> Iterator[tuple[str, str]]:
        matched = operation.pattern.fullmatch(path)
        assert matched is not None
        for name, schema in operation.path_parameters.items():
            for _, reason in _errors(self._validator(schema), unquote(matched[name])):
                yield "", f"{name} in the path: {reason}"

    def _query_problems(
        self, operation: _Operation, params: Mapping[str, Any]
    ) -> Iterator[tuple[str, str]]:
        for name, value in params.items():
            if name not in operation.query_parameters:
                yield "", f"there is no query parameter {name!r}"
                continue
            schema = operation.query_parameters[name]
            for _, reason in _errors(self._validator(schema), _from_query(value, schema)):
                yield "", f"query parameter {name!r}: {reason}"

    def _find(self, method: str, path: str) -> _Operation | None:
        fitting = [
            operation
            for operation in self._by_length.get((method, path.count("/")), ())
            if operation.pattern.fullmatch(path)
        ]
        return max(fitting, key=lambda operation: operation.literals, default=None)

    def _validator(self, schema: Any) -> Any:
        if id(schema) not in self._validators:
            self._validators[id(schema)] = _Validator(
                schema,
                registry=self._registry,
                _resolver=self._resolver,
                format_checker=_FORMATS,
            )
        return self._validators[id(schema)]

    @cached_property
    def _resolver(self) -> Any:
        return self._registry.resolver(base_uri=_ROOT)


def _operations(document: Mapping[str, Any]) -> Iterator[_Operation]:
    for template, item in document["paths"].items():
        for method in ("get", "put", "post", "patch", "delete"):
            if method not in item:
                continue
            operation = item[method]
            parameters = [*item.get("parameters", ()), *operation.get("parameters", ())]
            request = operation.get("requestBody", {})
            content = request.get("content", {})
            bodies = [content.get("application/json"), *content.values(), {"schema": None}]
            yield _Operation(
                method=method.upper(),
                template=template,
                pattern=re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template)),
                literals=len(re.sub(r"\{\w+\}", "", template)),
                path_parameters={p["name"]: p["schema"] for p in parameters if p["in"] == "path"},
                query_parameters={p["name"]: p["schema"] for p in parameters if p["in"] == "query"},
                body=next(body for body in bodies if body is not None)["schema"],
                body_required=request.get("required", False),
            )


def _excuse(document: dict[str, Any]) -> None:
    """What discord.py 2.7.1 sends beyond the specification without harm, and nothing more."""
    schemas, paths = document["components"]["schemas"], document["paths"]
    edits = (
        "MessageEditRequestPartial",
        "IncomingWebhookUpdateRequestPartial",
        "IncomingWebhookUpdateForInteractionCallbackRequestPartial",
    )
    for name in (*edits, "BaseCreateMessageCreateRequest"):
        schemas[name]["properties"]["tts"] = {"type": "boolean"}
    for name in edits:  # an attachment kept on edit repeats what Discord said of it
        attachment = copy.deepcopy(schemas["MessageAttachmentRequest"])
        for kept in ("url", "size", "content_type", "spoiler"):
            attachment["properties"][kept] = {}
        schemas[name]["properties"]["attachments"]["items"] = attachment
    schemas["RichEmbed"]["properties"]["flags"] = {"type": "integer"}
    for name in ("RichEmbedImage", "RichEmbedThumbnail", "RichEmbedVideo"):
        schemas[name]["properties"]["proxy_url"] = {"type": "string"}
    for name in ("CreateForumThreadRequest", "CreateTextThreadWithMessageRequest"):
        schemas[name]["properties"]["type"] = {"type": "integer"}
    paths["/channels/{channel_id}/threads"]["post"]["parameters"] = [
        {"name": "use_nested_fields", "in": "query", "schema": {"const": 1}}
    ]
    for name, schema in schemas.items():
        if re.fullmatch(r"ApplicationCommand(Create|Update|Patch)Request(Partial)?", name):
            schema["properties"]["nsfw"] = {"type": "boolean"}
    paths["/guilds/{guild_id}/bans/{user_id}"]["put"]["requestBody"]["required"] = False
    snowflake = schemas["SnowflakeType"]
    schemas["SnowflakeType"] = {
        "if": {"type": "integer"},
        "then": {"minimum": 0},
        "else": snowflake,
    }
    _excuse_permission_strings(document)


def _excuse_permission_strings(node: Any) -> None:
    if isinstance(node, list):
        for value in node:
            _excuse_permission_strings(value)
    if not isinstance(node, dict):
        return
    properties = node.get("properties")
    if not isinstance(properties, dict):
        properties = {}
    for name in _PERMISSION_SETS & properties.keys():
        schema = properties[name]
        if "integer" in str(schema.get("type")):
            properties[name] = {
                "if": {"type": "string"},
                "then": {"pattern": "^[0-9]+$"},
                "else": schema,
            }
    for value in node.values():
        _excuse_permission_strings(value)


def _close(node: Any) -> None:
    """Refuse fields that are not named, in every object that names its fields."""
    if isinstance(node, list):
        for value in node:
            _close(value)
    elif isinstance(node, dict):
        if isinstance(node.get("properties"), dict):
            node.setdefault("additionalProperties", False)
        for value in node.values():
            _close(value)


def _join(node: Any, schemas: Mapping[str, Any]) -> None:
    """Turn `oneOf` and `anyOf` into a keyword of ours, which says what is wrong with the one meant
    instead of that none fits. A component names its `type`: that picks the one."""
    if isinstance(node, list):
        for value in node:
            _join(value, schemas)
        return
    if not isinstance(node, dict):
        return
    choices = node.pop("oneOf", None) or node.pop("anyOf", None)
    if isinstance(choices, list):
        if all("const" in choice for choice in choices):
            node["enum"] = [choice["const"] for choice in choices]
        else:
            others = [choice for choice in choices if choice != {"type": "null"}]
            node["joined"] = {
                "null": len(others) < len(choices),
                "choices": others,
                "by_type": _by_type(others, schemas),
            }
    for value in node.values():
        _join(value, schemas)


def _by_type(choices: list[Any], schemas: Mapping[str, Any]) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for choice in choices:
        target = choice
        if "$ref" in choice:
            target = schemas[choice["$ref"].removeprefix(_SCHEMAS)]
        for value in target.get("properties", {}).get("type", {}).get("enum", (None,)):
            if value is None or value in found:
                return {}
            found[value] = choice
    return found if len(choices) > 1 else {}


def _joined(
    validator: Any, value: Mapping[str, Any], instance: Any, _schema: Any
) -> Iterator[ValidationError]:
    if instance is None and value["null"]:
        return
    choices = value["choices"]
    if value["by_type"]:
        kind = instance.get("type") if isinstance(instance, dict) else None
        if kind not in value["by_type"]:
            known = ", ".join(str(one) for one in value["by_type"])
            yield ValidationError(f"type {kind!r} can't stand here; it may be one of {known}")
            return
        choices = [value["by_type"][kind]]
    best: list[ValidationError] | None = None
    for choice in choices:
        errors = list(validator.descend(instance, choice))
        if not errors:
            return
        if best is None or len(errors) < len(best):
            best = errors
    yield from best or ()


_Validator: Any = extend(Draft202012Validator, {"joined": _joined})
_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("uri")
def _is_uri(value: object) -> bool:
    if not isinstance(value, str):
        return True
    parts = urlsplit(value)
    return parts.scheme in {"http", "https", "attachment", "discord"} and bool(parts.netloc)


@_FORMATS.checks("date-time", raises=ValueError)
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value) is not None


@_FORMATS.checks("int32")
def _is_int32(value: object) -> bool:
    return not isinstance(value, int) or -(2**31) <= value < 2**31


def _errors(validator: Any, value: Any) -> Iterator[tuple[str, str]]:
    for error in validator.iter_errors(value):
        pointer = "".join(f"/{step}" for step in error.absolute_path)
        yield pointer, _worded(error)


def _worded(error: ValidationError) -> str:
    """jsonschema's sentence, without the whole value in front of it."""
    shown = repr(error.instance)
    if len(shown) > 80 and error.message.startswith(shown):
        counted = f" ({len(error.instance)})" if isinstance(error.instance, str | list) else ""
        limit = f" [{error.validator}: {error.validator_value}]"
        return f"{shown[:60]}…{counted}{error.message[len(shown) :]}{limit}"
    return error.message if len(error.message) < 400 else f"{error.message[:400]}…"


def _from_query(value: Any, schema: Any) -> Any:
    """A query parameter's value as the specification types it: in a URL everything is text."""
    types = schema.get("type", ()) if isinstance(schema, dict) else ()
    if "boolean" in types and str(value).lower() in {"1", "0", "true", "false"}:
        return str(value).lower() in {"1", "true"}
    if isinstance(value, str) and value.isdecimal() and "string" not in types:
        return int(value)
    return value
