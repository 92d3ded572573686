"""`.env.example` and the code name the same settings, with the same defaults."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from dotenv import dotenv_values

from bot import i18n
from bot.settings import DEFAULT_DATABASE_URL, LOCALES, Settings

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


def test_every_setting_is_documented_and_nothing_else(asked: set[str]) -> None:
    assert set(dotenv_values(EXAMPLE)) == asked


def test_each_setting_has_a_field(asked: set[str]) -> None:
    assert {name.lower() for name in asked} == set(Settings.__dataclass_fields__)


def test_the_example_as_it_stands_is_the_defaults() -> None:
    values = {name: value or "" for name, value in dotenv_values(EXAMPLE).items()}
    assert Settings.from_env(values) == Settings.from_env({}) == Settings()


def test_each_setting_says_what_it_is_and_its_default() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    blocks = re.findall(r"((?:^#.*\n)+)^([A-Z_]+)=$", text, re.MULTILINE)
    assert len(blocks) == len(dotenv_values(EXAMPLE))
    for comment, name in blocks:
        assert name == "DISCORD_TOKEN" or "Default: " in comment, name


def test_the_documented_defaults_are_the_real_ones() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    for default in (DEFAULT_DATABASE_URL, "INFO", "text", "127.0.0.1", "en"):
        assert f"Default: {default}" in text


def test_the_languages_are_those_there_are_texts_in() -> None:
    assert LOCALES == i18n.LOCALES
