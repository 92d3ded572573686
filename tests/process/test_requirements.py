"""What is installed is what was meant: exact versions with hashes, from no host in particular."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = ("requirements/run.txt", "requirements/sandbox.txt", "requirements/dev.txt")
ALL_FILES = (*FILES, "requirements/similar.txt")
_PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)", re.MULTILINE)


def pins(file: str) -> dict[str, str]:
    return dict(_PIN.findall((ROOT / file).read_text(encoding="utf-8")))


def declared() -> dict[str, list[str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    run = project["project"]["dependencies"] + extras["postgres"]
    return {
        "requirements/run.txt": run,
        "requirements/similar.txt": run + extras["similar"],
        "requirements/sandbox.txt": run + extras["sandbox"],
        "requirements/dev.txt": run + extras["sandbox"] + project["dependency-groups"]["dev"],
    }


@pytest.mark.parametrize("file", ALL_FILES)
def test_what_the_project_declares_is_what_is_pinned(file: str) -> None:
    pinned = pins(file)
    for requirement in declared()[file]:
        name, version = requirement.split("==")
        name = re.sub(r"\[.*\]", "", name).lower().replace(".", "-")
        assert pinned[name] == version, f"run `make requirements`: {requirement}"


@pytest.mark.parametrize("file", ALL_FILES)
def test_every_pin_has_hashes(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    for block in re.split(r"\n(?=[a-z0-9])", text.split("make requirements\n", 1)[1]):
        assert "--hash=sha256:" in block, block.splitlines()[0]


@pytest.mark.parametrize("file", ALL_FILES)
def test_no_host_is_named(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index-url" not in text
    assert "--find-links" not in text


def test_the_larger_sets_hold_the_smaller_ones() -> None:
    run, sandbox, dev, similar = (pins(file) for file in ALL_FILES)
    assert run.items() <= sandbox.items() <= dev.items()
    assert run.items() <= similar.items()


def test_what_the_sandbox_and_the_tests_need_stays_out_of_production() -> None:
    assert {"simcord", "av", "pytest", "playwright"}.isdisjoint(pins(FILES[0]))
