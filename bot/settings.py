"""The settings of the process: read once from the environment, checked, and never changed.

What belongs to one server is in the database and edited by `/settings`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, urlsplit, urlunsplit

DEFAULT_DATABASE_URL = "sqlite+aiosqlite:///var/askwell.sqlite3"

MEGABYTE = 2**20
LogFormat = Literal["text", "json"]
_API_VERSION = "v10"
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
# id, time and signature of a bot's token; each in base64's URL alphabet.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{20,}")
# The same within a text. Its first part is a number in base64, which begins with M, N or O.
_TOKEN_IN_TEXT = re.compile(r"[MNO][A-Za-z0-9_-]{19,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{20,}")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TIME_OF_DAY = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_NEVER = "Never"
_CLEAN_AT = "Sunday 04:00"
# How similar a name is to a setting's, from 0 to 1, to be taken for a slip.
_SIMILAR = 0.8
# What other bots and hosting services call it.
_OTHER_NAMES = {
    "TOKEN": "DISCORD_TOKEN",
    "BOT_TOKEN": "DISCORD_TOKEN",
    "DISCORD_BOT_TOKEN": "DISCORD_TOKEN",
    "DATABASE": "DATABASE_URL",
    "DB_URL": "DATABASE_URL",
    "LOGLEVEL": "LOG_LEVEL",
}
_CONTACT_MAX = 200  # characters: a line on a phone's screen, or a few
# Valid values of the variables that are quoted aren't longer; a misplaced secret is.
_QUOTED = 20
# Spellings that people and hosting services use, and the driver that Askwell uses.
_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}


class SettingError(Exception):
    """A variable of the environment that can't be used, and what to do about it."""

    def __init__(self, variable: str, problem: str) -> None:
        super().__init__(f"{variable}: {problem}")
        self.variable = variable
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The process's settings. Secrets aren't in its repr."""

    discord_token: str = field(default="", repr=False)
    database_url: str = field(default=DEFAULT_DATABASE_URL, repr=False)
    discord_api_url: str | None = None
    log_level: str = "INFO"
    log_format: LogFormat = "text"
    health_host: str = "127.0.0.1"
    health_port: int = 0
    backup_dir: str = ""
    operator_contact: str = ""
    clean_at: str = _CLEAN_AT
    askwell_key_file: str = ""
    files_per_member_mb: int = 20
    files_per_server_mb: int = 500
    removed_servers_days: int = 30
    shard_count: int | None = None
    shard_ids: tuple[int, ...] = ()

    @classmethod
    def from_env(cls, mapping: Mapping[str, str]) -> Settings:
        """Read every setting; empty values count as unset.

        Raises `SettingError` for the first one that can't be used.
        """
        count = _shard_count(mapping)
        url = _database_url(mapping)
        return cls(
            discord_token=_token(mapping),
            database_url=url,
            discord_api_url=_api_url(mapping),
            log_level=_choice(mapping, "LOG_LEVEL", "INFO", _LOG_LEVELS, str.upper),
            log_format=_log_format(mapping),
            health_host=_value(mapping, "HEALTH_HOST") or "127.0.0.1",
            health_port=_number(mapping, "HEALTH_PORT", 0, 65535) or 0,
            backup_dir=_value(mapping, "BACKUP_DIR"),
            operator_contact=_contact(mapping),
            clean_at=_clean_at(mapping),
            askwell_key_file=_value(mapping, "ASKWELL_KEY_FILE"),
            # One post's files have at most 10 MB, and must fit.
            files_per_member_mb=_number(mapping, "FILES_PER_MEMBER_MB", 10, 100_000) or 20,
            files_per_server_mb=_number(mapping, "FILES_PER_SERVER_MB", 10, 100_000) or 500,
            removed_servers_days=_number(mapping, "REMOVED_SERVERS_DAYS", 1, 3650) or 30,
            shard_count=count,
            shard_ids=_shard_ids(mapping, count, url),
        )

    @property
    def database_path(self) -> Path | None:
        """The SQLite file; None for PostgreSQL."""
        driver, _, rest = self.database_url.partition(":///")
        path = rest.partition("?")[0]
        if not driver.startswith("sqlite") or path in {"", ":memory:"}:
            return None
        return Path(path)

    @property
    def backup_folder(self) -> Path:
        """Where backups are kept: beside the SQLite file, unless another folder is set."""
        if self.backup_dir:
            return Path(self.backup_dir)
        beside = Path("var") if self.database_path is None else self.database_path.parent
        return beside / "backups"

    @property
    def clean_weekly(self) -> tuple[int, int] | None:
        """When PostgreSQL's tables are rewritten: the weekday (0: Monday) and the minute of the day
        (UTC); None for never."""
        if self.clean_at == _NEVER:
            return None
        day, _, time = self.clean_at.partition(" ")
        hour, _, minute = time.partition(":")
        return _WEEKDAYS.index(day), int(hour) * 60 + int(minute)

    @property
    def shown_database_url(self) -> str:
        """The database's address for logs and messages, without its password."""
        parts = urlsplit(self.database_url)
        if parts.password is None:
            return self.database_url
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=f"{parts.username}:***@{host}"))


def misspelt(names: Iterable[str]) -> dict[str, str]:
    """Each name that looks like a setting's and is none, with the setting that may be meant.

    Names that look like none are left alone: other programs may share the file.
    """
    known = {setting.name.upper() for setting in fields(Settings)}
    found: dict[str, str] = {}
    for name in names:
        if name in known:
            continue
        plain = re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_")
        near = get_close_matches(_OTHER_NAMES.get(plain, plain), sorted(known), 1, cutoff=_SIMILAR)
        # DATABASE_URL_OLD or DISCORD_TOKEN2 was put aside on purpose.
        if near and not plain.startswith((f"{near[0]}_", f"{near[0]}2")):
            found[name] = near[0]
    return found


def _value(mapping: Mapping[str, str], variable: str) -> str:
    return mapping.get(variable, "").strip()


def _it_is(value: str) -> str:
    """A wrong value in words, without quoting it if it may be a misplaced secret."""
    return f"it is {value!r}" if len(value) <= _QUOTED else f"it has {len(value)} characters"


def _address(variable: str, value: str) -> SplitResult:
    """The parts of a valid address. Raises `SettingError`."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError as error:  # never quoted: it may hold the password
        raise SettingError(
            variable,
            "is no address that can be read. In a user's name and password, each character but "
            "letters, digits and -._~ is written as %XX (@ as %40, # as %23, [ as %5B); a port is "
            "a number up to 65535.",
        ) from error
    return parts


def _choice(
    mapping: Mapping[str, str],
    variable: str,
    default: str,
    choices: tuple[str, ...],
    normal: Callable[[str], str],
) -> str:
    value = normal(_value(mapping, variable))
    if not value:
        return default
    if value not in choices:
        raise SettingError(variable, f"must be one of {', '.join(choices)}; {_it_is(value)}.")
    return value


def _number(mapping: Mapping[str, str], variable: str, low: int, high: int) -> int | None:
    value = _value(mapping, variable)
    if not value:
        return None
    short = len(value) <= _QUOTED
    if not (short and value.isascii() and value.isdigit() and low <= int(value) <= high):
        problem = f"must be a whole number from {low} to {high}; {_it_is(value)}."
        raise SettingError(variable, problem)
    return int(value)


def _token(mapping: Mapping[str, str]) -> str:
    token = _value(mapping, "DISCORD_TOKEN").removeprefix("Bot ").strip()
    if token and not _TOKEN.fullmatch(token):
        # Never quoted: it may be any other secret from the clipboard.
        raise SettingError(
            "DISCORD_TOKEN",
            "is not a bot's token: that has three parts with dots between them. Copy it from "
            "the page Bot of your application in Discord's developer portal (Reset Token); the "
            "application's id, its public key and its client secret are something else.",
        )
    return token


def _database_url(mapping: Mapping[str, str]) -> str:
    value = _value(mapping, "DATABASE_URL")
    if not value:
        return DEFAULT_DATABASE_URL
    scheme, separator, rest = value.partition("://")
    driver = _DRIVERS.get(scheme.lower())
    if not separator or driver is None:
        raise SettingError(
            "DATABASE_URL",
            f"must look like {DEFAULT_DATABASE_URL} "
            "or postgresql+asyncpg://user:password@host/database.",
        )
    if driver.startswith("sqlite"):
        path = rest.partition("?")[0]
        if not path.startswith("/") or path in {"/", "/:memory:"}:
            raise SettingError(
                "DATABASE_URL",
                "names no file: three slashes before a path relative to the working directory "
                f"({DEFAULT_DATABASE_URL}), four before an absolute one.",
            )
    elif not _address("DATABASE_URL", value).path.strip("/"):
        raise SettingError(
            "DATABASE_URL",
            "names no database: …@host/DATABASE. Where it does, its password holds a character "
            "that must be written as %XX (# as %23, / as %2F, ? as %3F).",
        )
    return f"{driver}://{rest}"


def _api_url(mapping: Mapping[str, str]) -> str | None:
    value = _value(mapping, "DISCORD_API_URL").rstrip("/")
    if not value:
        return None
    parts = _address("DISCORD_API_URL", value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query:
        raise SettingError(
            "DISCORD_API_URL",
            "must be the address of a REST proxy, such as http://127.0.0.1:8080/api/v10; "
            "leave it empty to speak with Discord itself.",
        )
    # Without a path or a version, it means Discord's default.
    if not parts.path:
        return f"{value}/api/{_API_VERSION}"
    return f"{value}/{_API_VERSION}" if parts.path == "/api" else value


def _contact(mapping: Mapping[str, str]) -> str:
    """How whoever runs the bot is reached. Members read it, so it is never quoted here: it may be a
    misplaced secret."""
    value = _value(mapping, "OPERATOR_CONTACT")
    if len(value) > _CONTACT_MAX or not value.isprintable():
        raise SettingError(
            "OPERATOR_CONTACT",
            f"must be one line of at most {_CONTACT_MAX} characters, none of them invisible: an "
            f"address, a link or a name. It has {len(value)} characters.",
        )
    if _TOKEN_IN_TEXT.search(value):
        raise SettingError("OPERATOR_CONTACT", "holds a bot's token, and every member reads it.")
    return value


def _clean_at(mapping: Mapping[str, str]) -> str:
    value = " ".join(_value(mapping, "CLEAN_AT").split()).capitalize()
    if not value:
        return _CLEAN_AT
    day, _, time = value.partition(" ")
    if value != _NEVER and not (day in _WEEKDAYS and _TIME_OF_DAY.fullmatch(time)):
        problem = f"must be a weekday and a time (UTC) like {_CLEAN_AT}, or never"
        raise SettingError("CLEAN_AT", f"{problem}; {_it_is(value)}.")
    return value


def _log_format(mapping: Mapping[str, str]) -> LogFormat:
    chosen = _choice(mapping, "LOG_FORMAT", "text", ("text", "json"), str.lower)
    return "json" if chosen == "json" else "text"


def _shard_count(mapping: Mapping[str, str]) -> int | None:
    return _number(mapping, "SHARD_COUNT", 1, 100_000)


def _shard_ids(mapping: Mapping[str, str], count: int | None, database_url: str) -> tuple[int, ...]:
    value = _value(mapping, "SHARD_IDS")
    if not value:
        return ()
    if count is None:
        raise SettingError("SHARD_IDS", "needs SHARD_COUNT, the number of shards in all.")
    ids: set[int] = set()
    for part in value.split(","):
        match = re.fullmatch(r"\s*([0-9]{1,6})\s*(?:-\s*([0-9]{1,6})\s*)?", part, re.ASCII)
        if match is None:
            raise SettingError("SHARD_IDS", f"must look like 0,1,2 or 0-3; {_it_is(value)}.")
        first, last = int(match[1]), int(match[2] or match[1])
        if first > last or last >= count:
            problem = f"{part.strip()} is outside 0-{count - 1}, the shards of SHARD_COUNT={count}."
            raise SettingError("SHARD_IDS", problem)
        ids.update(range(first, last + 1))
    if len(ids) < count and database_url.startswith("sqlite"):
        raise SettingError(
            "SHARD_IDS",
            "leaves shards to other processes, and several processes need PostgreSQL. "
            "Set DATABASE_URL, or leave SHARD_IDS empty.",
        )
    return tuple(sorted(ids))
