"""The settings of the process: what they accept, and what they say of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import SettingError, Settings

TOKEN = "ODAxMjM0NTY3ODkwMTIzNDU2.GfAkEt." + "s" * 38


def test_what_is_given_is_read() -> None:
    settings = Settings.from_env(
        {
            "DISCORD_TOKEN": f" Bot {TOKEN}\n",
            "DATABASE_URL": "postgres://askwell:s3cret@db.example/forum",
            "DISCORD_API_URL": "http://127.0.0.1:8080/api/v10/",
            "LOG_LEVEL": "debug",
            "LOG_FORMAT": "JSON",
            "HEALTH_HOST": "0.0.0.0",
            "HEALTH_PORT": "8081",
            "OPERATOR_CONTACT": " privacy@harbour.example ",
            "SHARD_COUNT": "8",
            "SHARD_IDS": "6, 0-2",
        }
    )
    assert settings == Settings(
        discord_token=TOKEN,
        database_url="postgresql+asyncpg://askwell:s3cret@db.example/forum",
        discord_api_url="http://127.0.0.1:8080/api/v10",
        log_level="DEBUG",
        log_format="json",
        health_host="0.0.0.0",
        health_port=8081,
        operator_contact="privacy@harbour.example",
        shard_count=8,
        shard_ids=(0, 1, 2, 6),
    )


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("DISCORD_TOKEN", "801234567890123456", "developer portal"),
        ("DISCORD_TOKEN", "three. short.parts", "developer portal"),
        ("DATABASE_URL", "mysql://localhost/forum", "must look like"),
        ("DATABASE_URL", "var/askwell.sqlite3", "must look like"),
        ("DATABASE_URL", "sqlite+aiosqlite://", "names no file"),
        ("DATABASE_URL", "sqlite:///:memory:", "names no file"),
        ("DATABASE_URL", "sqlite://askwell.sqlite3", "three slashes"),
        ("DATABASE_URL", "postgresql://user:password@host", "names no database"),
        ("DATABASE_URL", "postgresql://user:pass[word@host/db", "%XX"),
        ("DATABASE_URL", "postgresql://user:pass#word@host/db", "%XX"),
        ("DATABASE_URL", "postgresql://user:password@host:port/db", "a port is a number"),
        ("DISCORD_API_URL", "127.0.0.1:8080", "address of a REST proxy"),
        ("DISCORD_API_URL", "http://[proxy", "no address"),
        ("DISCORD_API_URL", "http://proxy:80808", "a port is a number"),
        ("LOG_LEVEL", "loud", "DEBUG, INFO"),
        ("LOG_FORMAT", "xml", "text, json"),
        ("HEALTH_PORT", "65536", "0 to 65535"),
        ("HEALTH_PORT", "-1", "0 to 65535"),
        ("HEALTH_PORT", "٣", "0 to 65535"),
        ("HEALTH_PORT", "9" * 5000, "0 to 65535"),
        ("OPERATOR_CONTACT", "a" * 201, "at most 200 characters"),
        ("OPERATOR_CONTACT", "privacy@harbour.example\nThe Harbour", "one line"),
        ("OPERATOR_CONTACT", "privacy\u202e@harbour.example", "none of them invisible"),
        ("OPERATOR_CONTACT", f"me {TOKEN}", "every member reads it"),
        ("SHARD_COUNT", "0", "1 to"),
        ("SHARD_IDS", "0", "needs SHARD_COUNT"),
    ],
)
def test_what_cannot_be_used_is_named(variable: str, value: str, says: str) -> None:
    with pytest.raises(SettingError, match=rf"^{variable}: ") as error:
        Settings.from_env({variable: value})
    assert error.value.variable == variable
    assert says in error.value.problem


@pytest.mark.parametrize("ids", ["8", "3-1", "0-8", "a", "0,,1", "1;2"])
def test_shards_outside_the_count_are_refused(ids: str) -> None:
    with pytest.raises(SettingError, match=r"^SHARD_IDS: "):
        Settings.from_env({"SHARD_COUNT": "8", "SHARD_IDS": ids})


def test_a_part_of_the_shards_needs_postgresql() -> None:
    with pytest.raises(SettingError, match="several processes need PostgreSQL"):
        Settings.from_env({"SHARD_COUNT": "2", "SHARD_IDS": "0"})
    assert Settings.from_env({"SHARD_COUNT": "2", "SHARD_IDS": "0-1"}).shard_ids == (0, 1)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/api/v10"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/api/v10"),
        ("https://proxy.example/api/", "https://proxy.example/api/v10"),
        ("https://proxy.example/api/v9", "https://proxy.example/api/v9"),
        ("https://proxy.example/discord", "https://proxy.example/discord"),
    ],
)
def test_the_path_of_the_api_need_not_be_given(given: str, meant: str) -> None:
    assert Settings.from_env({"DISCORD_API_URL": given}).discord_api_url == meant


def test_a_long_address_is_no_token() -> None:
    address = "privacy-team.harbour.association-of-mutual-support@example.org"
    assert Settings.from_env({"OPERATOR_CONTACT": address}).operator_contact == address


def test_a_refused_token_is_not_repeated() -> None:
    with pytest.raises(SettingError) as error:
        Settings.from_env({"DISCORD_TOKEN": "hunter2-my-other-password"})
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(
    "variable",
    ["LOG_LEVEL", "LOG_FORMAT", "HEALTH_PORT", "OPERATOR_CONTACT", "SHARD_COUNT", "SHARD_IDS"],
)
def test_a_token_in_the_wrong_place_is_not_repeated(variable: str) -> None:
    with pytest.raises(SettingError) as error:
        Settings.from_env({"SHARD_COUNT": "8", variable: TOKEN})
    assert error.value.variable == variable
    assert TOKEN[-12:].lower() not in str(error.value).lower()


def test_no_secret_is_in_the_repr() -> None:
    settings = Settings(discord_token=TOKEN, database_url="postgresql+asyncpg://a:pass@h/d")
    assert TOKEN not in repr(settings)
    assert "pass" not in repr(settings).replace("password", "")
    assert settings.shown_database_url == "postgresql+asyncpg://a:***@h/d"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///var/askwell.sqlite3", Path("var/askwell.sqlite3")),
        ("sqlite+aiosqlite:////srv/forum.db?timeout=5", Path("/srv/forum.db")),
        ("postgresql://localhost/forum", None),
    ],
)
def test_the_sqlite_file_is_known(url: str, path: Path | None) -> None:
    assert Settings.from_env({"DATABASE_URL": url}).database_path == path
