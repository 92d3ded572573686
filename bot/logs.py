"""Logging: one handler, as text or JSON, that never writes a secret.

Secrets are removed from the finished line, so that they can't slip through in an argument, a
traceback or a library's message.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TextIO

REDACTED = "[redacted]"

# A bot's token wherever it comes from: id, time and signature. The signature is at least 27
# characters long; shorter ends would take host names for tokens.
_TOKEN = re.compile(r"(?<![\w-])[A-Za-z0-9_-]{18,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{25,}(?![\w-])")
# The tokens of interactions and webhooks act for the bot for a quarter of an hour, or for ever.
_WEBHOOK = re.compile(r"(/(?:webhooks|interactions)/\d+/)[A-Za-z0-9_.%-]{20,}")
# An interaction's says what it is, in base64 ("interaction:"), wherever it stands; and a payload or
# an address has any token under its name.
_INTERACTION = re.compile(r"(?<![\w-])aW50ZXJhY3Rpb246[\w-]{20,}")
_NAMED = re.compile(r"(?i)(\btoken[\"']?\s?[:=]\s?[\"']?)[\w.%-]{20,}")
# The password in scheme://user:password@host, up to the last @ before the host ends. At most 30
# characters of a scheme are matched: otherwise a long word takes quadratic time.
_PASSWORD = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]{0,30}://[^\s:/@]*:)[^\s/]+(?=@)")
_AUTHORIZATION = re.compile(r"(?i)\b(authorization\b\W{1,4}(?:bot|bearer|basic)\s+)[^\s'\",}]+")

# The standard attributes of a record; all others came through `extra` and are added in JSON.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "moment",
    "taskName",
}


class Redaction:
    """Removes known and recognisable secrets from a text."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # The longest first: one secret may hold another.
        self._secrets = sorted({s for s in secrets if len(s) >= 4}, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """`text` without tokens, and without passwords in addresses."""
        for secret in self._secrets:
            text = text.replace(secret, REDACTED)
        text = _AUTHORIZATION.sub(rf"\1{REDACTED}", text)
        text = _WEBHOOK.sub(rf"\1{REDACTED}", text)
        text = _INTERACTION.sub(REDACTED, text)
        text = _NAMED.sub(rf"\1{REDACTED}", text)
        text = _PASSWORD.sub(rf"\1{REDACTED}", text)
        return _TOKEN.sub(REDACTED, text)


# Characters that begin a new line in a terminal, a file or a log viewer, or move the cursor.
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    known = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return known.get(character, f"\\u{ord(character):04x}")  # as JSON has it, too


def one_line(text: str) -> str:
    """`text` with every control character and line separator escaped, so that nobody can forge a
    line of the log by typing."""
    return _CONTROL.sub(_escaped, text)


class TextFormatter(logging.Formatter):
    """A line for people: time in UTC, level, logger, message; then the traceback, each line
    indented, so that none looks like a line of the log."""

    def __init__(self, redaction: Redaction) -> None:
        super().__init__("{moment} {levelname:<8} {name}: {message}", style="{")
        self._redaction = redaction

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        record.moment = _moment(record)
        return one_line(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        return _indented(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - logging's name
        return _indented(super().formatStack(stack_info))

    def format(self, record: logging.LogRecord) -> str:
        # A traceback that another handler left in the record is not indented.
        record.exc_text = None
        formatted = super().format(record)
        record.exc_text = None
        return self._redaction(formatted)


def _indented(text: str) -> str:
    return "\n".join("    " + one_line(line) for line in text.split("\n"))


class JsonFormatter(logging.Formatter):
    """An object a line for log collectors."""

    def __init__(self, redaction: Redaction) -> None:
        super().__init__()
        self._redaction = redaction

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": _moment(record),
            "level": record.levelname,
            "logger": record.name,
            "message": self._redaction(record.getMessage()),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = self._redaction(self.formatException(record.exc_info))
        if record.stack_info:
            line["stack"] = self._redaction(record.stack_info)
        for name, value in vars(record).items():
            if name not in _STANDARD:
                line[name] = self._redaction(str(value))
        # JSON escapes line breaks; the second step escapes U+2028 and the like.
        return one_line(json.dumps(line, ensure_ascii=False))


def _moment(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _RedactingHandler(logging.StreamHandler[TextIO]):
    """Writes to a stream, and reports its own failures without secrets."""

    def __init__(self, redaction: Redaction, stream: TextIO) -> None:
        super().__init__(stream)
        self._redaction = redaction

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        # The standard handler prints the record's raw arguments here, secrets and all.
        problem = one_line(self._redaction(repr(sys.exc_info()[1])))
        try:
            self.stream.write(f"A message of {record.name} could not be logged: {problem}\n")
        except (OSError, ValueError):
            return  # the stream is gone, and with it the place to report to


def one_line_a_try(record: logging.LogRecord) -> bool:
    """Log why the library couldn't connect on one line, without a traceback: it retries, for hours
    if need be, and the place in the code doesn't matter."""
    tries = ("Attempting a reconnect", "Failed to connect for shard_id")
    if record.exc_info and str(record.msg).startswith(tries):
        error = record.exc_info[1]
        record.msg = f"{record.getMessage()} ({type(error).__name__}: {error})"
        record.args, record.exc_info, record.exc_text = (), None, None
    return True


def set_up_logging(
    *,
    level: str = "INFO",
    json_lines: bool = False,
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> Redaction:
    """Send all logging to `stream` (standard error), in place of any handlers there are.

    `level` holds for Askwell; libraries log from INFO (discord.py) or WARNING (the rest) up, or
    from `level` if that is higher. Returns the redaction, for texts printed elsewhere.
    """
    redaction = Redaction(secrets)
    handler = _RedactingHandler(redaction, stream or sys.stderr)
    handler.setFormatter(JsonFormatter(redaction) if json_lines else TextFormatter(redaction))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    chosen = logging.getLevelNamesMapping()[level]
    root.setLevel(max(chosen, logging.WARNING))
    for ours in ("bot", "cogs", "data"):
        logging.getLogger(ours).setLevel(chosen)
    # At DEBUG discord.py logs whole payloads, and what members type doesn't belong in a log.
    logging.getLogger("discord").setLevel(max(chosen, logging.INFO))
    for connecting in ("discord.client", "discord.shard"):
        logger = logging.getLogger(connecting)
        if one_line_a_try not in logger.filters:
            logger.addFilter(one_line_a_try)
    logging.captureWarnings(True)
    return redaction
