"""`.env.example` and the code name the same settings, with the same defaults."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from dotenv import dotenv_values

from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / ".env.example"


class Asked(Mapping[str, str]):
    """An empty environment that remembers what it was asked for."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@pytest.fixture
def asked() -> set[str]:
    environment = Asked()
    Settings.from_env(environment)
    return environment.names


@pytest.fixture
def documented() -> dict[str, str]:
    """The settings of `.env.example` and the values it shows; only the token is not commented."""
    lines = re.findall(r"^#?([A-Z_]+)=(.*)$", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(lines) == len(dict(lines))
    return dict(lines)


def test_every_setting_is_documented_and_nothing_else(
    asked: set[str], documented: dict[str, str]
) -> None:
    assert set(documented) == asked


def test_each_setting_has_a_field(asked: set[str]) -> None:
    assert {name.lower() for name in asked} == set(Settings.__dataclass_fields__)


def test_the_values_shown_are_the_defaults(documented: dict[str, str]) -> None:
    assert Settings.from_env(documented) == Settings.from_env({}) == Settings()
    for name, value in documented.items():
        default = getattr(Settings(), name.lower())
        assert value == (str(default) if default else "0" if default == 0 else ""), name


def test_only_the_token_is_there_to_be_filled_in() -> None:
    # An empty value would hide one that a container or a service sets.
    assert dict(dotenv_values(EXAMPLE)) == {"DISCORD_TOKEN": ""}


def test_each_setting_says_what_it_is(documented: dict[str, str]) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    explained = re.findall(r"^# .+\n#?([A-Z_]+)=", text, re.MULTILINE)
    assert set(explained) == set(documented)
