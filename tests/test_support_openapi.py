"""The check of requests against Discord's specification finds what is wrong, and says where."""

from __future__ import annotations

from typing import Any

import pytest
from simcord.types import HttpLogEntry

from tests.support.openapi import Specification
from tests.support.payloads import button, command, form, message, row, text_input

CALLBACK = "/interactions/1/token/callback"
MESSAGES = "/channels/1/messages"


@pytest.fixture
def spec(specification: Specification | None) -> Specification:
    if specification is None:
        pytest.skip("Discord's specification is not at hand; DISCORD_OPENAPI can name it")
    return specification


def problems(
    spec: Specification,
    method: str,
    path: str,
    body: Any = None,
    *,
    reason: str | None = None,
    **params: Any,
) -> list[str]:
    return [str(v) for v in spec.check(HttpLogEntry(method, path, params, body, reason))]


ALLOWED = {
    "a message": ("POST", MESSAGES, message(), {}),
    "an edit with tts": ("PATCH", f"{MESSAGES}/2", {"content": "x", "tts": False}, {}),
    "a forum post as the library sends it": (
        "POST",
        "/channels/1/threads",
        {
            "name": "Why?",
            "type": 11,
            "applied_tags": [5],
            "message": {"content": "x", "tts": False},
        },
        {"use_nested_fields": 1},
    ),
    "a thread from a message": (
        "POST",
        f"{MESSAGES}/2/threads",
        {"name": "Why?", "type": 11, "auto_archive_duration": 10080},
        {},
    ),
    "a form": ("POST", CALLBACK, form(text_input()), {"with_response": "1"}),
    "an answer to an autocompletion": (
        "POST",
        CALLBACK,
        {"type": 8, "data": {"choices": [{"name": "#1 Why?", "value": "1"}]}},
        {},
    ),
    "a reaction": ("PUT", f"{MESSAGES}/2/reactions/%E2%AC%86%EF%B8%8F/@me", None, {}),
    "a pin": ("PUT", f"{MESSAGES}/pins/2", None, {}),
    "commands with nsfw": ("PUT", "/applications/1/commands", [command(nsfw=False)], {}),
    "permissions as a string": (
        "PUT",
        "/channels/1/permissions/2",
        {"type": 0, "allow": "1024", "deny": "0"},
        {},
    ),
    "history": ("GET", MESSAGES, None, {"limit": 50, "before": 7}),
    "a ban without a body": ("PUT", "/guilds/1/bans/2", None, {}),
    "an edit of the reply": (
        "PATCH",
        "/webhooks/1/token/messages/@original",
        {"content": "Saved.", "tts": False},
        {},
    ),
    "deferring": ("POST", CALLBACK, {"type": 5, "data": {"flags": 64}}, {}),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_what_discord_allows_passes(spec: Specification, name: str) -> None:
    method, path, body, params = ALLOWED[name]
    assert problems(spec, method, path, body, **params) == []


REFUSED = {
    "an unknown operation": ("GET", "/channels/1/questions", None, {}, "no such operation"),
    "an id that is none": ("POST", "/channels/None/messages", message(), {}, "channel_id in the"),
    "a missing body": ("POST", MESSAGES, None, {}, "the body is missing"),
    "a body where none belongs": ("PUT", f"{MESSAGES}/pins/2", {"a": 1}, {}, "takes no body"),
    "a field nobody knows": ("POST", MESSAGES, message(sticky=True), {}, "'sticky' was unexpected"),
    "a wrong type": ("POST", MESSAGES, message(content=5), {}, "at /content: 5 is not of type"),
    "an unknown query parameter": ("GET", MESSAGES, None, {"page": 2}, "no query parameter 'page'"),
    "too high a number": ("GET", MESSAGES, None, {"limit": 500}, "greater than the maximum"),
    "a long label": (
        "POST",
        MESSAGES,
        message(components=[row(button(label="x" * 81))]),
        {},
        "at /components/0/components/0/label",
    ),
    "a long custom id": (
        "POST",
        MESSAGES,
        message(components=[row(button(custom_id="x" * 101))]),
        {},
        "at /components/0/components/0/custom_id",
    ),
    "a form field in a message": (
        "POST",
        MESSAGES,
        message(components=[row(text_input())]),
        {},
        "at /components/0/components/0: type 4 can't stand here; it may be one of 2",
    ),
    "a long title in an embed": (
        "POST",
        MESSAGES,
        message(embeds=[{"title": "x" * 257}]),
        {},
        "(257) is too long [maxLength: 256]",
    ),
    "26 fields in an embed": (
        "POST",
        MESSAGES,
        message(embeds=[{"title": "x", "fields": [{"name": "a", "value": "b"}] * 26}]),
        {},
        "at /embeds/0/fields",
    ),
    "an address that is none": (
        "POST",
        MESSAGES,
        message(embeds=[{"title": "x", "url": "example"}]),
        {},
        "at /embeds/0/url: 'example' is not a 'uri'",
    ),
    "a long nonce": ("POST", MESSAGES, message(nonce="x" * 26), {}, "at /nonce"),
    "tts on a reply's thread": (
        "POST",
        f"{MESSAGES}/2/threads",
        {"name": "Why?", "tts": False},
        {},
        "'tts' was unexpected",
    ),
    "a thread's name of 101": ("POST", "/channels/1/threads", {"name": "x" * 101}, {}, "at /name"),
    "a form's long title": (
        "POST",
        CALLBACK,
        form(text_input(), title="x" * 46),
        {},
        "at /data/title",
    ),
    "a modal with a button": ("POST", CALLBACK, form(button()), {}, "type 2 can't stand here"),
    "text that is no text": (
        "POST",
        MESSAGES,
        message(content="\ud83d"),
        {},
        "can't be written as JSON",
    ),
    "six thousand and one": (
        "POST",
        MESSAGES,
        message(embeds=[{"description": "x" * 4000}, {"description": "x" * 2001}]),
        {},
        "at /embeds: 6001 characters in all embeds together; at most 6000",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_discord_refuses_is_named(spec: Specification, name: str) -> None:
    method, path, body, params, words = REFUSED[name]
    found = problems(spec, method, path, body, **params)
    assert any(words in problem for problem in found), found
    assert all(problem.startswith(f"{method} {path}") for problem in found)


def test_long_reason_for_the_audit_log(spec: Specification) -> None:
    assert problems(spec, "PUT", f"{MESSAGES}/pins/2", reason="x" * 512) == []
    assert "at most 512" in problems(spec, "PUT", f"{MESSAGES}/pins/2", reason="x" * 513)[0]


def test_the_same_request_is_judged_alike_every_time(spec: Specification) -> None:
    for _ in range(2):
        assert problems(spec, "POST", MESSAGES, message()) == []
        assert len(problems(spec, "POST", MESSAGES, message(sticky=True))) == 1
