"""The tests of the order of the tests."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.order import needless, spread

TESTS = Path(__file__).parent


@pytest.mark.xdist_group("mine")
def test_groups_stay_together(request: pytest.FixtureRequest) -> None:
    """xdist deals tests by the end of their ids, which not every version of pytest lets it set."""
    assert request.node.nodeid.endswith("@mine") or "PYTEST_XDIST_WORKER" not in os.environ


def test_the_tests_of_each_folder_lie_among_the_others() -> None:
    items: list[Any] = [
        SimpleNamespace(path=TESTS / folder / "test_it.py", number=number)
        for folder, count in (("cogs", 9), ("process", 3))
        for number in range(count)
    ]
    mixed: list[Any] = list(spread(items))
    order = [(item.path.parent.name[0], item.number) for item in mixed]
    assert order == [
        *[("c", 0), ("p", 0), ("c", 1), ("c", 2), ("p", 1)],
        *[("c", 3), ("c", 4), ("c", 5), ("p", 2)],
        *[("c", 6), ("c", 7), ("c", 8)],
    ]


def test_what_runs_on_both_databases_and_in_both_channels_runs_twice(
    request: pytest.FixtureRequest,
) -> None:
    kinds = [(db, channel) for db in ("sqlite", "postgresql") for channel in ("forum", "text")]

    def item(name: str, kind: tuple[str, str]) -> pytest.Function:
        made = pytest.Function.from_parent(
            request.node.parent, name=f"{name}[{kind}]", callobj=lambda: None
        )
        params = dict(zip(("database_kind", "channel_kind"), kind, strict=True))
        made.callspec = SimpleNamespace(id=str(kind), params=params)  # type: ignore[assignment]
        return made

    everywhere = [item("everywhere", kind) for kind in kinds]
    in_text_channels = [item("text", kind) for kind in kinds if kind[1] == "text"]
    assert needless([*everywhere, *in_text_channels]) == everywhere[1:3]
