"""Selecting tests, and their order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

# Each database and each kind of channel once: what is wrong with one of them shows all the same.
_RUN = (("sqlite", "forum"), ("postgresql", "text"))
_TESTS = Path(__file__).parents[1]
_LONG, _LONG_ARE_OVER = frozenset({"bench", "process", "sandbox"}), 0.9


def needless(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """The redundant two of four runs, of tests that run on both databases and in both kinds of
    channel."""
    kinds: defaultdict[str, dict[tuple[object, object], list[pytest.Item]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for item in items:
        if isinstance(item, pytest.Function) and hasattr(item, "callspec"):
            found = item.callspec.params
            if "database_kind" in found and "channel_kind" in found:
                function = item.nodeid.removesuffix(f"[{item.callspec.id}]")
                kinds[function][found["database_kind"], found["channel_kind"]].append(item)
    return [
        item
        for by_kind in kinds.values()
        if len(by_kind) == 4
        for kind, of_kind in by_kind.items()
        if kind not in _RUN
        for item in of_kind
    ]


def spread(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Mix the tests of all folders evenly: those of one folder mostly wait for other processes,
    those of another mostly compute, and in sequence the first would leave the processor idle for
    minutes. Long tests come early, so that nothing has to wait for a last one."""
    folders: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        folders[item.path.relative_to(_TESTS).parts[0]].append(item)
    placed = [
        (at / len(of) * (_LONG_ARE_OVER if folder in _LONG else 1), item)
        for folder, of in folders.items()
        for at, item in enumerate(of)
    ]
    return [item for _, item in sorted(placed, key=lambda one: one[0])]
