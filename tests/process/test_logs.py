"""A secret never reaches a log, whichever way it takes."""

from __future__ import annotations

import io
import json
import logging
import warnings
from collections.abc import Iterator

import pytest

from bot.logs import REDACTED, Redaction, set_up_logging

TOKEN = "ODAxMjM0NTY3ODkwMTIzNDU2.GfAkEt.abcdefghijklmnopqrstuvwxyzABCDEFGHIJ_-"
OTHER_TOKEN = "MTAxMjM0NTY3ODkwMTIzNDU2Nw.Zyxwvu.0123456789abcdefghijklmnopqrstuvwxyz__"
LOGGERS = ("", "bot", "cogs", "data", "discord", "py.warnings")


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers = root.handlers[:]
    levels = {name: logging.getLogger(name).level for name in LOGGERS}
    yield
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture(params=[False, True], ids=["text", "json"])
def written(request: pytest.FixtureRequest) -> io.StringIO:
    stream = io.StringIO()
    secrets = (TOKEN, "p@ss word", "p%40ss%20word")
    set_up_logging(level="DEBUG", json_lines=request.param, secrets=secrets, stream=stream)
    return stream


def test_a_token_is_taken_out_of_messages_arguments_and_other_loggers(
    written: io.StringIO,
) -> None:
    logging.getLogger("bot").info("token %s", TOKEN)
    logging.getLogger("discord.http").warning("Bot %s", OTHER_TOKEN)
    logging.getLogger("aiohttp").error({"Authorization": f"Bot {TOKEN}"})
    logging.getLogger("bot").info("extra", extra={"header": TOKEN})
    text = written.getvalue()
    assert text.count("\n") == 4
    assert TOKEN not in text
    assert OTHER_TOKEN not in text
    assert REDACTED in text


def test_a_token_is_taken_out_of_tracebacks(written: io.StringIO) -> None:
    try:
        raise ValueError(f"401 for {TOKEN}")
    except ValueError:
        logging.getLogger("cogs.voting").exception("refused", stack_info=True)
    text = written.getvalue()
    assert "ValueError: 401 for" in text
    assert TOKEN not in text


def test_a_token_is_taken_out_of_a_record_that_can_not_be_formatted(
    written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def __str__(self) -> str:
            raise RuntimeError(f"no text, but {TOKEN}")

    # pytest's own handlers would show the failure in full.
    ours = [h for h in logging.getLogger().handlers if getattr(h, "stream", None) is written]
    monkeypatch.setattr(logging.getLogger(), "handlers", ours)
    logging.getLogger("bot").info("%s", Broken())
    assert "RuntimeError" in written.getvalue()
    assert TOKEN not in written.getvalue()


def test_a_token_is_taken_out_of_warnings(written: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn(f"deprecated: {TOKEN}", stacklevel=1)
    assert "deprecated" in written.getvalue()
    assert TOKEN not in written.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        "postgresql+asyncpg://askwell:p%40ss%20word@db:5432/forum",
        "connecting to 'postgresql://askwell:with/slash:and@sign@db/forum'".replace("/s", "%2Fs"),
        "the password is p@ss word.",
        "POST /webhooks/801234567890123456/aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEyMzQ1Njc4OTA returned",
        "POST /interactions/801234567890123456/aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEy/callback",
        "headers {'Authorization': 'Bearer abc.def'}",
        "the interaction aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEyMzQ1Njc4OTA was not answered",
        "{'id': '801234567890123456', 'token': 'secretsecretsecretsecret-1_a', 'type': 1}",
        '{"token": "secretsecretsecretsecret-1_a"}',
        "wss://gateway.example/?v=10&token=secretsecretsecretsecret-1_a",
    ],
)
def test_passwords_and_passing_tokens_are_taken_out(text: str) -> None:
    shown = Redaction(("p@ss word", "p%40ss%20word"))(text)
    assert REDACTED in shown
    for secret in ("p%40ss", "p@ss", "with%2Fslash", "aW50ZX", "abc.def", "secretsecret"):
        assert secret not in shown


@pytest.mark.parametrize(
    "text",
    [
        "discord.ext.commands.errors.ExtensionNotFound: cogs.help",
        "questions are at https://discord.com/channels/801234567890123456/80123456789012345",
        "https://example.org:8080/a@b",
        "the token: none of these is one",
        "2026-01-01T00:00:00.000Z INFO bot.app: ready",
        "very-long-name-of-a-host.eu-central-1.compute.internal.example.org",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert Redaction()(text) == text


def test_json_is_one_object_a_line() -> None:
    stream = io.StringIO()
    set_up_logging(json_lines=True, stream=stream)
    logging.getLogger("bot.app").warning("two\nlines, %s", "grün", extra={"guild": 5})
    line = json.loads(stream.getvalue())
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "WARNING",
        "logger": "bot.app",
        "message": "two\nlines, grün",
        "guild": "5",
    }


def test_what_members_typed_is_not_logged_even_at_debug(written: io.StringIO) -> None:
    logging.getLogger("discord.gateway").debug("WebSocket Event: %s", {"content": "private"})
    logging.getLogger("aiosqlite").debug("executing INSERT … 'private'")
    assert written.getvalue() == ""


FORGED = "2026-01-01T00:00:00.000Z CRITICAL bot: forged"
BREAKS = ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x1b[2K\r"]


@pytest.mark.parametrize("between", BREAKS)
@pytest.mark.parametrize("json_lines", [False, True])
def test_nobody_writes_a_line_of_the_log(between: str, json_lines: bool) -> None:
    stream = io.StringIO()
    handlers = logging.getLogger().handlers[:]
    try:
        set_up_logging(stream=stream, json_lines=json_lines)
        logging.getLogger("cogs").warning("%s", f"typed{between}{FORGED}")
        try:
            raise ValueError(f"typed{between}{FORGED}")
        except ValueError:
            logging.getLogger("cogs").exception("failed", stack_info=True)
    finally:
        logging.getLogger().handlers[:] = handlers
    lines = stream.getvalue().splitlines()
    assert not [line for line in lines if line.startswith(FORGED)]
    if json_lines:
        assert len(lines) == 2
        assert all(json.loads(line)["level"] in {"WARNING", "ERROR"} for line in lines)
    else:
        assert len([line for line in lines if not line.startswith("    ")]) == 2


def test_a_try_to_connect_that_fails_is_one_line(written: io.StringIO) -> None:
    for name in ("discord.client", "discord.shard"):
        log = logging.getLogger(name)
        try:
            raise ConnectionRefusedError("nobody is there")
        except ConnectionRefusedError:
            log.exception("Attempting a reconnect in %.2fs", 1.5)
    assert written.getvalue().count("nobody is there") == 2
    assert len(written.getvalue().splitlines()) == 2
    assert "Traceback" not in written.getvalue()
    assert "1.50s" in written.getvalue()
