"""The limits that Discord's specification does not say are known, each with its words."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.support.limits import limit_problems, size_problems, template_of
from tests.support.payloads import button, command, form, message, option, row, select, text_input

SEND = ("POST", "/channels/{channel_id}/messages")
EDIT = ("PATCH", "/channels/{channel_id}/messages/{message_id}")
REPLY = ("POST", "/interactions/{interaction_id}/{interaction_token}/callback")
COMMANDS = ("PUT", "/applications/{application_id}/commands")
CHANNEL = ("PATCH", "/channels/{channel_id}")
V2 = 1 << 15

LIMITS = {
    "content of 2001": (SEND, message(content="x" * 2001), "at most 2000"),
    "an empty message": (SEND, {"content": " "}, "the message is empty"),
    "an empty embed": (SEND, message(embeds=[{"title": ""}]), "the embed is empty"),
    "a blank field": (
        SEND,
        message(embeds=[{"title": "x", "fields": [{"name": " ", "value": "x"}]}]),
        "is blank",
    ),
    "a blank author": (SEND, message(embeds=[{"title": "x", "author": {"name": ""}}]), "is blank"),
    "six rows": (
        SEND,
        message(components=[row(button(custom_id=f"qa:1:a:{n}")) for n in range(6)]),
        "6 rows; at most 5",
    ),
    "a custom id twice": (SEND, message(components=[row(button(), button())]), "is there twice"),
    "a button without a label": (
        SEND,
        message(components=[row(button(label=""))]),
        "neither label nor emoji",
    ),
    "a button that leads nowhere": (
        SEND,
        message(components=[row(button(custom_id=None))]),
        "a button has a custom_id",
    ),
    "a link with a custom id": (
        SEND,
        message(components=[row(button(style=5, url="https://example.org"))]),
        "a link button has a url",
    ),
    "a select beside a button": (
        SEND,
        message(components=[row(select(), button())]),
        "a select fills its row",
    ),
    "equal options": (
        SEND,
        message(components=[row(select(options=[{"label": "a", "value": "1"}] * 2))]),
        "two options have the same value",
    ),
    "more values than options": (
        SEND,
        message(components=[row(select(max_values=3))]),
        "3 of 2 options",
    ),
    "too many chosen": (
        SEND,
        message(
            components=[
                row(select(options=[{"label": v, "value": v, "default": True} for v in "ab"]))
            ]
        ),
        "2 options are chosen beforehand",
    ),
    "V2 parts without the flag": (
        SEND,
        {"components": [{"type": 10, "content": "x"}]},
        "flag for them is not set",
    ),
    "V2 with content": (
        SEND,
        {"content": "x", "flags": V2, "components": [{"type": 10, "content": "x"}]},
        "can't go with components V2",
    ),
    "too much V2 text": (
        SEND,
        {"flags": V2, "components": [{"type": 10, "content": "x" * 4001}]},
        "at most 4000",
    ),
    "41 V2 parts": (
        SEND,
        {"flags": V2, "components": [{"type": 10, "content": "x"}] * 41},
        "41 components; at most 40",
    ),
    "an edit too long": (EDIT, {"content": "x" * 2001}, "at most 2000"),
    "six parts in a form": (
        REPLY,
        form(*(text_input(custom_id=str(n)) for n in range(6))),
        "6 parts; at most 5",
    ),
    "a prefilled text longer than allowed": (
        REPLY,
        form(text_input(value="x" * 151)),
        "151 characters, where 150 may be typed",
    ),
    "contrary lengths": (REPLY, form(text_input(min_length=200)), "is above max_length"),
    "a field twice": (REPLY, form(text_input(), text_input()), "is there twice"),
    "a choice too long": (
        REPLY,
        {"type": 8, "data": {"choices": [{"name": "x", "value": "x" * 101}]}},
        "longer than 100",
    ),
    "21 forum tags": (
        CHANNEL,
        {"available_tags": [{"name": f"tag {n}"} for n in range(21)]},
        "at most 20",
    ),
    "a long forum tag": (CHANNEL, {"available_tags": [{"name": "x" * 21}]}, "1-20 characters"),
    "a forum tag twice": (
        CHANNEL,
        {"available_tags": [{"name": "Sleep"}, {"name": "sleep"}]},
        "two tags have the same name",
    ),
    "a command in capitals": (COMMANDS, [command(name="Ask")], "is not a command's"),
    "a command twice": (COMMANDS, [command(), command()], "is there twice"),
    "no description": (COMMANDS, [command(description="")], "is blank"),
    "required last": (
        COMMANDS,
        [command(options=[option("title"), option("category", required=True)])],
        "required options come first",
    ),
    "an option twice": (
        COMMANDS,
        [command(options=[option("title"), option("title")])],
        "two options have the same name",
    ),
    "a command too big": (
        COMMANDS,
        [
            command(
                options=[
                    option(f"o{n}", choices=[{"name": "x" * 100, "value": "x" * 100}] * 25)
                    for n in range(2)
                ]
            )
        ],
        "at most 8000",
    ),
    "sixteen menus": (
        COMMANDS,
        [command(type=3, name=f"Menu {n}", description="") for n in range(16)],
        "16 commands of type 3; at most 15",
    ),
}


SIZES = {
    "six buttons": (
        message(components=[row(*(button(custom_id=f"qa:1:a:{n}") for n in range(6)))]),
        "/components/0/components",
    ),
    "26 options": (
        message(
            components=[row(select(options=[{"label": "a", "value": str(n)} for n in range(26)]))]
        ),
        "/components/0/components/0/options",
    ),
    "a long custom id": (
        message(components=[row(button(custom_id="x" * 101))]),
        "/components/0/components/0/custom_id",
    ),
    "a long label": (
        message(components=[row(button(label="x" * 81))]),
        "/components/0/components/0/label",
    ),
    "a long option": (
        message(components=[row(select(options=[{"label": "x" * 101, "value": "a"}]))]),
        "/components/0/components/0/options/0/label",
    ),
    "a long title": (message(embeds=[{"title": "x" * 257}]), "/embeds/0/title"),
    "26 fields": (
        message(embeds=[{"title": "x", "fields": [{"name": "a", "value": "b"}] * 26}]),
        "/embeds/0/fields",
    ),
    "a form's long title": (form(text_input(), title="x" * 46), "/data/title"),
    "a post's long name": ({"name": "x" * 101, "message": message()}, "/name"),
    "a post's long embed": (
        {"name": "x", "message": message(embeds=[{"description": "x" * 4097}])},
        "/message/embeds/0/description",
    ),
}


@pytest.mark.parametrize("name", SIZES)
def test_sizes_are_known_without_the_specification(name: str) -> None:
    body, where = SIZES[name]
    assert [at for at, _ in size_problems(body)] == [where]


@pytest.mark.parametrize(
    "body", [message(), form(text_input()), message(components=[row(select())])]
)
def test_within_the_sizes(body: Any) -> None:
    assert list(size_problems(body)) == []


@pytest.mark.parametrize(
    ("path", "operation"),
    [
        ("/channels/1/messages", SEND),
        ("/channels/1/messages/2", EDIT),
        ("/applications/1/commands", COMMANDS),
        ("/channels/1", CHANNEL),
    ],
)
def test_paths_are_known_without_the_specification(path: str, operation: tuple[str, str]) -> None:
    assert template_of(path) == operation[1]


@pytest.mark.parametrize("name", LIMITS)
def test_limits(name: str) -> None:
    (method, template), body, words = LIMITS[name]
    before = copy.deepcopy(body)
    found = [problem for _, problem in limit_problems(method, template, body)]
    assert any(words in problem for problem in found), found
    assert body == before


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        (SEND, message()),
        (SEND, message(components=[row(select(max_values=2))])),
        (EDIT, {"content": None}),
        (REPLY, form(text_input(value="x" * 150))),
        (REPLY, form({"type": 22, "custom_id": "how", "options": select()["options"]})),
        (COMMANDS, [command(options=[option("a", required=True), option("b")])]),
        (COMMANDS, [command(name="frage", name_localizations={"de": "frage"})]),
        (CHANNEL, {"available_tags": [{"name": "x" * 20}]}),
        (CHANNEL, {"archived": False}),
    ],
)
def test_within_the_limits(operation: tuple[str, str], body: Any) -> None:
    assert list(limit_problems(*operation, body)) == []
