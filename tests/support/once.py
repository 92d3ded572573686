"""Work that is done once per process, however many bots and databases the tests create in it.

A real process loads its cogs once and compiles each statement once. The tests create a bot and a
database for each test, and repeating that work would take half of their time.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any
from unittest.mock import patch

from discord.app_commands import Command, ContextMenu, Group
from discord.ext.commands.bot import BotBase
from sqlalchemy import Engine
from sqlalchemy.util import LRUCache

from data import database, lookups

_STATEMENTS = 5_000  # more than there are


class _Loaded(Loader):
    """Hands out a module that was loaded before."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        """It ran when it was loaded."""


@contextmanager
def cogs_are_loaded_once() -> Iterator[None]:
    """The library runs a cog's module anew for each bot that loads it, and forgets it after; each
    bot still gets cogs of its own."""
    load = BotBase._load_from_module_spec
    loaded: dict[str, ModuleType] = {}

    @wraps(load)
    async def load_once(self: BotBase, spec: ModuleSpec, key: str) -> None:
        if key not in loaded and key in sys.modules:
            loaded[key] = sys.modules[key]
        if key in loaded:
            spec = ModuleSpec(key, _Loaded(loaded[key]), origin=spec.origin)
        await load(self, spec, key)
        loaded[key] = sys.modules[key]

    BotBase._load_from_module_spec = load_once
    try:
        yield
    finally:
        BotBase._load_from_module_spec = load


@contextmanager
def statements_are_compiled_once() -> Iterator[None]:
    """Engines of one kind share their dialect, by which SQLAlchemy tells compiled statements
    apart, and the compiled statements."""
    first: dict[str, Any] = {}
    statements: LRUCache[Any, Any] = LRUCache(_STATEMENTS)

    def share(engine: Engine) -> None:
        engine._compiled_cache = statements
        dialect = first.setdefault(f"{engine.dialect.name}+{engine.dialect.driver}", engine.dialect)
        # It learns about the server from the first connection.
        if getattr(dialect, "server_version_info", None) is not None or engine.dialect is dialect:
            engine.dialect = engine.pool._dialect = dialect

    def sharing(create: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(create)
        def create_sharing(*args: Any, **options: Any) -> Any:
            made = create(*args, **options)
            share(made if isinstance(made, Engine) else made.sync_engine)
            return made

        return create_sharing

    with (
        patch.object(database, "create_async_engine", sharing(database.create_async_engine)),
        patch.object(lookups, "create_engine", sharing(lookups.create_engine)),
    ):
        yield


@contextmanager
def commands_are_translated_once() -> Iterator[None]:
    """Each start translates every word of every command into each of Discord's thirty languages."""
    kinds = (Command, ContextMenu, Group)
    before = {kind: kind.get_translated_payload for kind in kinds}
    translated: dict[tuple[type, str], dict[str, Any]] = {}

    def once(kind: type, translate: Any) -> Any:
        @wraps(translate)
        async def payload(self: Any, *args: Any) -> dict[str, Any]:
            key = (kind, self.qualified_name)
            if key not in translated:
                translated[key] = await translate(self, *args)
            return translated[key]

        return payload

    for kind in kinds:
        kind.get_translated_payload = once(kind, before[kind])  # type: ignore[method-assign]
    try:
        yield
    finally:
        for kind in kinds:
            kind.get_translated_payload = before[kind]  # type: ignore[method-assign]


def look_for_garbage_seldom() -> None:
    """Python looks through new objects whenever 700 more have come, and through all of them
    whenever a quarter more have: imports and the collected tests stay, and a test leaves little."""
    gc.set_threshold(100_000, 20, 50)


@contextmanager
def what_was_imported_is_no_garbage() -> Iterator[None]:
    """Look no more at what is there before the first test."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
