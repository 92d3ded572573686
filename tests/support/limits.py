"""Discord's limits that its specification does not say, from its developer documentation.

Each check yields (JSON pointer into the body, what is wrong).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

Problem = tuple[str, str]

CONTENT_MAX = 2000
EMBEDS_TEXT_MAX = 6000
COMPONENTS_V2 = 1 << 15
V2_TEXT_MAX = 4000
V2_COMPONENTS_MAX = 40
ROWS_MAX = 5
MODAL_ROWS_MAX = 5
FORUM_TAGS_MAX, FORUM_TAG_MAX = 20, 20
COMMAND_TEXT_MAX = 8000
CHOICE_MAX = 100
COMMANDS_MAX = {1: 100, 2: 15, 3: 15}

_ROW, _BUTTON, _TEXT_INPUT, _TEXT_DISPLAY = 1, 2, 4, 10
_SELECTS = {3, 5, 6, 7, 8}
_V2_ONLY = {9, _TEXT_DISPLAY, 11, 12, 13, 14, 17}
_LINK, _PREMIUM = 5, 6
_NAME = re.compile(r"[-_'\w]{1,32}")


def limit_problems(method: str, template: str, body: Any) -> Iterator[Problem]:
    """What Discord would refuse in this body although its specification allows it."""
    if template == "/channels/{channel_id}/messages" and method == "POST":
        yield from _message(body, "", new=True)
    elif template == "/channels/{channel_id}/messages/{message_id}" and method == "PATCH":
        yield from _message(body, "", new=False)
    elif template == "/channels/{channel_id}/threads" and "message" in body:
        yield from _message(body["message"], "/message", new=True)
    elif template.startswith("/webhooks/{webhook_id}/{webhook_token}"):
        yield from _message(body, "", new=method == "POST")
    elif template.endswith("/callback"):
        yield from _callback(body)
    elif template.endswith("/commands") and method == "PUT":
        yield from _commands(body)
    elif template in {"/channels/{channel_id}", "/guilds/{guild_id}/channels"}:
        yield from _forum_tags(body)


def _callback(body: Any) -> Iterator[Problem]:
    data = body.get("data") or {}
    if body["type"] == 9:
        yield from _modal(data)
    elif body["type"] in {4, 7}:
        yield from _message(data, "/data", new=body["type"] == 4)
    elif body["type"] == 8:
        for number, choice in enumerate(data.get("choices") or ()):
            if len(str(choice["value"])) > CHOICE_MAX:
                yield f"/data/choices/{number}/value", f"longer than {CHOICE_MAX} characters"


def template_of(path: str) -> str:
    """A path as `limit_problems` knows it, for where the specification isn't at hand."""
    for pattern, template in _TEMPLATES:
        path = pattern.sub(template, path)
    return path


_TEMPLATES = [
    (re.compile(r"^/channels/\d+"), "/channels/{channel_id}"),
    (re.compile(r"^/guilds/\d+"), "/guilds/{guild_id}"),
    (re.compile(r"^/applications/\d+"), "/applications/{application_id}"),
    (re.compile(r"^/webhooks/\d+/[^/]+"), "/webhooks/{webhook_id}/{webhook_token}"),
    (re.compile(r"/messages/\d+$"), "/messages/{message_id}"),
]


# --- what the specification says, too ------------------------------------------------------------


def size_problems(body: Any) -> Iterator[Problem]:
    """What is too long or too many in a message, a form or a thread. The specification says it as
    well: this is for where it isn't at hand."""
    if not isinstance(body, dict):
        return
    yield from _too_long(body, "", _OF_BODIES)
    for part in ("data", "message"):
        if isinstance(body.get(part), dict):
            yield from _sizes_of(body[part], f"/{part}")
    yield from _sizes_of(body, "")


def _sizes_of(body: Any, at: str) -> Iterator[Problem]:
    yield from _too_long(body, at, {"title": 45, "nonce": 25, "embeds": 10, "choices": 25})
    for number, embed in enumerate(body.get("embeds") or []):
        here = f"{at}/embeds/{number}"
        yield from _too_long(embed, here, {"title": 256, "description": 4096, "fields": 25})
        yield from _too_long(embed.get("footer") or {}, f"{here}/footer", {"text": 2048})
        yield from _too_long(embed.get("author") or {}, f"{here}/author", {"name": 256})
        for position, field in enumerate(embed.get("fields") or []):
            yield from _too_long(field, f"{here}/fields/{position}", {"name": 256, "value": 1024})
    for here, part in _walk(body.get("components") or [], f"{at}/components"):
        yield from _too_long(part, here, _OF_PARTS | _OF_PARTS_BY_TYPE.get(part["type"], {}))
        for number, option in enumerate(part.get("options") or []):
            yield from _too_long(option, f"{here}/options/{number}", _OF_OPTIONS)


def _too_long(part: Any, at: str, limits: dict[str, int]) -> Iterator[Problem]:
    for name, most in limits.items():
        length = len(part.get(name) or "")
        if length > most:
            yield f"{at}/{name}", f"{length} where {most} are allowed"


_OF_BODIES = {"name": 100, "topic": 4096}  # of channels and threads
_OF_PARTS = {"custom_id": 100, "options": 25}
_OF_PARTS_BY_TYPE = {
    _ROW: {"components": 5},
    _BUTTON: {"label": 80, "url": 512},
    _TEXT_INPUT: {"placeholder": 100, "value": 4000},
    **{kind: {"placeholder": 150} for kind in _SELECTS},
    18: {"label": 45, "description": 100},
}
_OF_OPTIONS = {"label": 100, "value": 100, "description": 100}


# --- messages ------------------------------------------------------------------------------------


def _message(body: Any, at: str, *, new: bool) -> Iterator[Problem]:
    content = body.get("content") or ""
    embeds = body.get("embeds") or []
    components = body.get("components") or []
    if len(content) > CONTENT_MAX:
        yield f"{at}/content", f"{len(content)} characters; at most {CONTENT_MAX}"
    kinds = ("attachments", "sticker_ids", "poll", "message_reference")
    if new and not (content.strip() or embeds or components or any(body.get(k) for k in kinds)):
        yield at, "the message is empty"
    yield from _embeds(embeds, f"{at}/embeds")
    v2 = bool((body.get("flags") or 0) & COMPONENTS_V2)
    if v2 and (content or embeds):
        yield at, "content and embeds can't go with components V2"
    yield from _components(components, f"{at}/components", v2=v2)
    if body.get("enforce_nonce") and body.get("nonce") in (None, ""):
        yield f"{at}/nonce", "enforced, but missing"


def _embeds(embeds: list[Any], at: str) -> Iterator[Problem]:
    total = 0
    for number, embed in enumerate(embeds):
        here = f"{at}/{number}"
        fields = embed.get("fields") or []
        texts = [
            embed.get("title"),
            embed.get("description"),
            (embed.get("footer") or {}).get("text"),
            (embed.get("author") or {}).get("name"),
            *(field["name"] for field in fields),
            *(field["value"] for field in fields),
        ]
        total += sum(len(text) for text in texts if text)
        shown = any(text and text.strip() for text in texts)
        if not shown and not any(embed.get(kind) for kind in ("image", "thumbnail", "url")):
            yield here, "the embed is empty"
        for position, field in enumerate(fields):
            for part in ("name", "value"):
                if not field[part].strip():
                    yield f"{here}/fields/{position}/{part}", "is blank"
        if embed.get("author") and not (embed["author"].get("name") or "").strip():
            yield f"{here}/author/name", "is blank"
    if total > EMBEDS_TEXT_MAX:
        yield at, f"{total} characters in all embeds together; at most {EMBEDS_TEXT_MAX}"


# --- components ----------------------------------------------------------------------------------


def _walk(components: list[Any], at: str) -> Iterator[tuple[str, Any]]:
    for number, component in enumerate(components):
        here = f"{at}/{number}"
        yield here, component
        yield from _walk(component.get("components") or [], f"{here}/components")
        for single in ("component", "accessory"):
            if isinstance(component.get(single), dict):
                yield f"{here}/{single}", component[single]


def _components(components: list[Any], at: str, *, v2: bool) -> Iterator[Problem]:
    everything = list(_walk(components, at))
    if v2 and len(everything) > V2_COMPONENTS_MAX:
        yield at, f"{len(everything)} components; at most {V2_COMPONENTS_MAX}"
    if not v2 and len(components) > ROWS_MAX:
        yield at, f"{len(components)} rows; at most {ROWS_MAX}"
    text = sum(len(c.get("content") or "") for _, c in everything if c["type"] == _TEXT_DISPLAY)
    if text > V2_TEXT_MAX:
        yield at, f"{text} characters of text; at most {V2_TEXT_MAX}"
    for here, component in everything:
        if not v2 and component["type"] in _V2_ONLY:
            yield here, "is a V2 component, but the message's flag for them is not set"
        if component["type"] == _ROW:
            kinds = {child["type"] for child in component["components"]}
            if kinds & _SELECTS and len(component["components"]) > 1:
                yield here, "a select fills its row"
        yield from _control(here, component)
    yield from _custom_ids(everything)


def _custom_ids(everything: list[tuple[str, Any]]) -> Iterator[Problem]:
    seen: set[str] = set()
    for here, component in everything:
        custom_id = component.get("custom_id")
        if custom_id is not None and custom_id in seen:
            yield f"{here}/custom_id", f"{custom_id!r} is there twice"
        seen.add(custom_id or "")


def _control(at: str, control: Any) -> Iterator[Problem]:
    if control["type"] == _BUTTON:
        yield from _button(at, control)
    elif control["type"] == _TEXT_INPUT:
        yield from _text_input(at, control)
    elif control.get("options") is not None:
        yield from _options(at, control)


def _button(at: str, button: Any) -> Iterator[Problem]:
    style = button["style"]
    if style == _PREMIUM:
        return
    if not (button.get("label") or "").strip() and not button.get("emoji"):
        yield at, "the button has neither label nor emoji"
    if style == _LINK and (button.get("custom_id") or not button.get("url")):
        yield at, "a link button has a url and no custom_id"
    if style != _LINK and (button.get("url") or not button.get("custom_id")):
        yield at, "a button has a custom_id and no url"


def _text_input(at: str, field: Any) -> Iterator[Problem]:
    lowest, highest = field.get("min_length") or 0, field.get("max_length") or 4000
    length = len(field.get("value") or "")
    if lowest > highest:
        yield at, f"min_length {lowest} is above max_length {highest}"
    if length > highest:
        yield f"{at}/value", f"{length} characters, where {highest} may be typed"


def _options(at: str, select: Any) -> Iterator[Problem]:
    options = select["options"]
    values = [option["value"] for option in options]
    if len(set(values)) < len(values):
        yield f"{at}/options", "two options have the same value"
    for number, option in enumerate(options):
        if not option["label"].strip():
            yield f"{at}/options/{number}/label", "is blank"
    lowest = select.get("min_values")
    highest = select.get("max_values")
    if highest is not None and highest > len(options):
        yield f"{at}/max_values", f"{highest} of {len(options)} options"
    if lowest is not None and lowest > (1 if highest is None else highest):
        yield f"{at}/min_values", f"{lowest} is above max_values"
    chosen = sum(bool(option.get("default")) for option in options)
    if chosen > (len(options) if highest is None and select["type"] == 22 else highest or 1):
        yield f"{at}/options", f"{chosen} options are chosen beforehand"


def _modal(data: Any) -> Iterator[Problem]:
    rows = data.get("components") or []
    if len(rows) > MODAL_ROWS_MAX:
        yield "/data/components", f"{len(rows)} parts; at most {MODAL_ROWS_MAX}"
    if not data["title"].strip():
        yield "/data/title", "is blank"
    everything = list(_walk(rows, "/data/components"))
    for here, component in everything:
        yield from _control(here, component)
    yield from _custom_ids(everything)


# --- channels and commands -----------------------------------------------------------------------


def _forum_tags(body: Any) -> Iterator[Problem]:
    tags = body.get("available_tags") or []
    if len(tags) > FORUM_TAGS_MAX:
        yield "/available_tags", f"{len(tags)} tags; at most {FORUM_TAGS_MAX}"
    for number, tag in enumerate(tags):
        if not 1 <= len(tag["name"]) <= FORUM_TAG_MAX:
            yield f"/available_tags/{number}/name", f"{tag['name']!r} is not of 1-20 characters"
    names = [tag["name"].casefold() for tag in tags]
    if len(set(names)) < len(names):
        yield "/available_tags", "two tags have the same name"


def _commands(commands: list[Any]) -> Iterator[Problem]:
    counts: dict[int, int] = {}
    names: set[tuple[int, str]] = set()
    for number, command in enumerate(commands):
        kind = command.get("type") or 1
        counts[kind] = counts.get(kind, 0) + 1
        if (kind, command["name"]) in names:
            yield f"/{number}/name", f"{command['name']!r} is there twice"
        names.add((kind, command["name"]))
        if kind == 1:
            yield from _slash_command(f"/{number}", command)
            yield from _command_size(f"/{number}", command)
    for kind, count in counts.items():
        if count > COMMANDS_MAX.get(kind, 100):
            yield "", f"{count} commands of type {kind}; at most {COMMANDS_MAX[kind]}"


def _slash_command(at: str, node: Any) -> Iterator[Problem]:
    localized = (node.get("name_localizations") or {}).values()
    for name in (node["name"], *localized):
        if not _NAME.fullmatch(name) or name != name.lower():
            yield f"{at}/name", f"{name!r} is not a command's or option's name"
    if not (node.get("description") or "").strip():
        yield f"{at}/description", "is blank"
    options = node.get("options") or []
    required = [bool(option.get("required")) for option in options]
    if required != sorted(required, reverse=True):
        yield f"{at}/options", "required options come first"
    names = [option["name"] for option in options]
    if len(set(names)) < len(names):
        yield f"{at}/options", "two options have the same name"
    for number, option in enumerate(options):
        yield from _slash_command(f"{at}/options/{number}", option)


def _command_size(at: str, command: Any) -> Iterator[Problem]:
    longest: Callable[[Any, str], int] = lambda node, part: max(  # noqa: E731
        len(node.get(part) or ""),
        *(len(text) for text in (node.get(f"{part}_localizations") or {"": ""}).values()),
    )

    def size(node: Any) -> int:
        own = longest(node, "name") + longest(node, "description")
        choices = node.get("choices") or ()
        own += sum(longest(choice, "name") + len(str(choice["value"])) for choice in choices)
        return own + sum(size(option) for option in node.get("options") or ())

    if size(command) > COMMAND_TEXT_MAX:
        yield at, f"{size(command)} characters in all; at most {COMMAND_TEXT_MAX}"
